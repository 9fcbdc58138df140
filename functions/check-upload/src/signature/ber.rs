//! Reads ASN.1 as signing programs write it: lengths left open and texts in pieces (BER), not only DER.
//!
//! Everything is a view of the bytes, because signatures and digests are over them as they came.

use std::borrow::Cow;

/// Values inside values; a signed file needs about fifteen.
const DEEPEST: u8 = 40;
/// Values in one; a long content in pieces has some ten thousand.
const MOST_VALUES: usize = 100_000;

pub(crate) const INTEGER: u8 = 0x02;
pub(crate) const OCTETS: u8 = 0x04;
pub(crate) const OID: u8 = 0x06;
pub(crate) const SEQUENCE: u8 = 0x30;
pub(crate) const SET: u8 = 0x31;
/// `[0]` with values inside, and with bytes inside.
pub(crate) const FIELD_0: u8 = 0xA0;
pub(crate) const BYTES_0: u8 = 0x80;

/// Whether the tag is of something that has values inside.
const CONSTRUCTED: u8 = 0x20;
const END_OF_CONTENTS: u8 = 0x00;
/// Types of strings that BER may write in pieces: octets, UTF-8, numeric, printable, teletex, video, IA5, times, graphic,
/// visible, general, universal, BMP. Bit strings are left out.
const STRINGS: [u8; 13] =
    [OCTETS, 0x0C, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18, 0x19, 0x1A, 0x1C, 0x1E];

/// One value: its tag, what is in it, and both with the length as they stood in the file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Value<'a> {
    pub(crate) tag: u8,
    pub(crate) body: &'a [u8],
    pub(crate) raw: &'a [u8],
}

/// The first value of `bytes`, and what comes after it.
pub(crate) fn read(bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    read_within(bytes, DEEPEST)
}

fn read_within(bytes: &[u8], depth: u8) -> Option<(Value<'_>, &[u8])> {
    let (&[tag, first], after) = bytes.split_first_chunk::<2>()?;
    // A tag of several bytes occurs nowhere in signed data.
    if tag & 0x1F == 0x1F {
        return None;
    }
    if first == 0x80 {
        return read_open(tag, bytes, after, depth);
    }
    let (length, after) = if first < 0x80 {
        (usize::from(first), after)
    } else {
        let (digits, after) = after.split_at_checked(usize::from(first & 0x7F))?;
        let length = digits.iter().try_fold(0_usize, |length, digit| {
            length.checked_mul(256)?.checked_add(usize::from(*digit))
        })?;
        (length, after)
    };
    let (body, rest) = after.split_at_checked(length)?;
    Some((Value { tag, body, raw: before(bytes, rest)? }, rest))
}

/// A value without length, which ends where an end mark stands instead of a further value.
fn read_open<'a>(
    tag: u8,
    bytes: &'a [u8],
    contents: &'a [u8],
    depth: u8,
) -> Option<(Value<'a>, &'a [u8])> {
    let depth = depth.checked_sub(1)?;
    if tag & CONSTRUCTED == 0 {
        return None;
    }
    let mut rest = contents;
    loop {
        let (inner, after) = read_within(rest, depth)?;
        if inner.tag == END_OF_CONTENTS {
            let value = Value { tag, body: before(contents, rest)?, raw: before(bytes, after)? };
            return inner.body.is_empty().then_some((value, after));
        }
        rest = after;
    }
}

/// What stands in `all` before its end `rest`.
fn before<'a>(all: &'a [u8], rest: &[u8]) -> Option<&'a [u8]> {
    all.get(..all.len().checked_sub(rest.len())?)
}

impl<'a> Value<'a> {
    /// The values inside.
    pub(crate) fn values(&self) -> Option<Vec<Value<'a>>> {
        let mut values = Vec::new();
        let mut rest = self.body;
        while !rest.is_empty() {
            let (value, after) = read(rest)?;
            values.push(value);
            rest = after;
            if values.len() > MOST_VALUES {
                return None;
            }
        }
        (self.tag & CONSTRUCTED != 0).then_some(values)
    }

    /// The first value inside.
    pub(crate) fn first(&self) -> Option<Value<'a>> {
        Some(read(self.body)?.0)
    }

    /// The value if it has this tag.
    pub(crate) fn tagged(self, tag: u8) -> Option<Self> {
        (self.tag == tag).then_some(self)
    }

    /// The bytes of an octet string, put together if it came in pieces, which may be in pieces again (X.690 8.7.3).
    pub(crate) fn octets(&self) -> Option<Cow<'a, [u8]>> {
        if self.tag == OCTETS {
            return Some(Cow::Borrowed(self.body));
        }
        let mut whole = Vec::new();
        self.join(OCTETS, &mut whole, DEEPEST)?;
        Some(Cow::Owned(whole))
    }

    /// Appends the text of a string in pieces of the type `tag`.
    fn join(&self, tag: u8, whole: &mut Vec<u8>, depth: u8) -> Option<()> {
        if self.tag == tag {
            whole.extend_from_slice(self.body);
            return Some(());
        }
        self.tagged(tag | CONSTRUCTED)?;
        let depth = depth.checked_sub(1)?;
        self.values()?.iter().try_for_each(|piece| piece.join(tag, whole, depth))
    }

    /// The value in DER (X.690 10 and 11) under another tag, as an implicitly tagged field is signed (RFC 5652 5.4):
    /// shortest lengths, strings in one piece, sets in order. What is primitive stays as it is. None if it is nested too
    /// deep or a bit string comes in pieces, which no attribute does.
    pub(crate) fn der_tagged(&self, tag: u8) -> Option<Vec<u8>> {
        self.der_within(tag, DEEPEST)
    }

    fn der_within(&self, tag: u8, depth: u8) -> Option<Vec<u8>> {
        let depth = depth.checked_sub(1)?;
        if tag & CONSTRUCTED == 0 {
            return with_length(tag, self.body);
        }
        let simple = tag & !CONSTRUCTED;
        if STRINGS.contains(&simple) {
            let mut whole = Vec::new();
            self.join_string(simple, &mut whole, depth)?;
            return with_length(simple, &whole);
        }
        let mut inner: Vec<Vec<u8>> = self
            .values()?
            .iter()
            .map(|value| value.der_within(value.tag, depth))
            .collect::<Option<_>>()?;
        if tag == SET {
            // The order of DER for the values of a set, the shorter first where one begins the other.
            inner.sort_unstable();
        }
        with_length(tag, &inner.concat())
    }

    /// Pieces of any string may be written as octet strings (X.690 8.23).
    fn join_string(&self, tag: u8, whole: &mut Vec<u8>, depth: u8) -> Option<()> {
        self.values()?.iter().try_for_each(|piece| {
            piece.join(if piece.tag & !CONSTRUCTED == tag { tag } else { OCTETS }, whole, depth)
        })
    }
}

/// Tag, shortest length, and what is inside.
fn with_length(tag: u8, body: &[u8]) -> Option<Vec<u8>> {
    let length = body.len();
    let mut value = vec![tag];
    if length < 0x80 {
        value.push(u8::try_from(length).ok()?);
    } else {
        let digits = length.to_be_bytes();
        let digits = digits.get(digits.iter().take_while(|digit| **digit == 0).count()..)?;
        value.push(0x80 | u8::try_from(digits.len()).ok()?);
        value.extend_from_slice(digits);
    }
    value.extend_from_slice(body);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_are_short_long_or_open() {
        for bytes in
            [&[0x30, 3, 4, 1, 7][..], &[0x30, 0x81, 3, 4, 1, 7], &[0x30, 0x80, 4, 1, 7, 0, 0]]
        {
            let mut with_more = bytes.to_vec();
            with_more.push(9);
            let (value, rest) = read(&with_more).unwrap();
            assert_eq!((value.raw, value.body, rest), (bytes, &[4, 1, 7][..], &[9][..]));
        }
    }

    #[test]
    fn what_is_cut_or_claims_too_much_is_no_value() {
        for bytes in [
            &[][..],
            &[0x30],
            &[0x30, 3, 4, 1],
            &[0x30, 0x80, 4, 1, 7, 0],
            &[0x04, 0x80, 4, 1, 7, 0, 0],
            &[0x1F, 1, 0],
            &[0x04, 0x89, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0],
        ] {
            assert!(read(bytes).is_none(), "{bytes:?}");
        }
    }

    #[test]
    fn a_text_in_pieces_is_put_together() {
        let (value, _) = read(&[0x24, 0x80, 4, 1, 7, 4, 2, 8, 9, 0, 0]).unwrap();
        assert_eq!(value.octets().unwrap(), vec![7, 8, 9]);
    }

    #[test]
    fn pieces_in_pieces_are_put_together() {
        let nested = [0x24, 0x80, 0x24, 6, 4, 1, 7, 4, 1, 8, 0x24, 0x80, 4, 1, 9, 0, 0, 0, 0];
        assert_eq!(read(&nested).unwrap().0.octets().unwrap(), vec![7, 8, 9]);
        // A piece of another kind, and pieces without end.
        assert!(read(&[0x24, 3, 2, 1, 7]).unwrap().0.octets().is_none());
        let deep = [[0x24, 0x80].repeat(60), vec![4, 1, 7], [0, 0].repeat(60)].concat();
        assert!(read(&deep).is_none_or(|(value, _)| value.octets().is_none()));
    }

    #[test]
    fn der_is_the_one_way_to_write_a_value() {
        let der = |bytes: &[u8]| {
            let (value, _) = read(bytes).unwrap();
            value.der_tagged(value.tag)
        };
        let in_order = [0x31, 7, 4, 1, 7, 4, 2, 1, 1];
        for same in [
            &in_order[..],
            &[0x31, 7, 4, 2, 1, 1, 4, 1, 7],
            &[0x31, 0x81, 7, 4, 2, 1, 1, 4, 1, 7],
            &[0x31, 0x80, 0x24, 0x80, 4, 1, 1, 4, 1, 1, 0, 0, 4, 0x81, 1, 7, 0, 0],
        ] {
            assert_eq!(der(same).unwrap(), in_order, "{same:?}");
        }
        // The order of a sequence means something.
        let sequence = [0x30, 7, 4, 2, 1, 1, 4, 1, 7];
        assert_eq!(der(&sequence).unwrap(), sequence);
        let long = [&[0x30, 0x82, 0, 0x82, 4, 0x80 | 1, 0x7F][..], &[5; 0x7F]].concat();
        let shortest = [&[0x30, 0x81, 0x81, 4, 0x7F][..], &[5; 0x7F]].concat();
        assert_eq!(der(&long).unwrap(), shortest);
        assert_eq!(read(&in_order).unwrap().0.der_tagged(0x30).unwrap()[0], 0x30);
    }

    #[test]
    fn endless_nesting_is_refused_instead_of_filling_the_stack() {
        assert!(read(&[0x30, 0x80].repeat(100_000)).is_none());
    }
}
