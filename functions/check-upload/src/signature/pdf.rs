//! Just enough of PDF (ISO 32000) to find signatures, what changed since, and what must not be in a contract.
//!
//! Reads the file from front to back instead of following its tables, because a hostile table can leave things out.

use std::borrow::Cow;
use std::ops::Range;

use jiff::Timestamp;

mod date;

/// A contract has some hundreds of tokens, a long scan some ten thousand.
const MOST_TOKENS: usize = 1_000_000;
/// Entries of one dictionary; keeps hostile ones from being compared for ever.
const MOST_ENTRIES: usize = 1_000;
/// Bytes at the end among which the end mark stands.
const END: usize = 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Name,
    Number,
    /// In parentheses.
    Text,
    /// In angle brackets.
    Hex,
    DictOpen,
    DictClose,
    ArrayOpen,
    ArrayClose,
    Word,
    End,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Token {
    pub(crate) kind: Kind,
    start: usize,
    end: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Object {
        number: usize,
        generation: usize,
    },
    Table,
    Trailer,
    /// Where the last table begins.
    Start,
}

/// A part of the file on its top level, with its tokens.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) part: Part,
    pub(crate) start: usize,
    /// Where its word stands, such as `obj`.
    word: usize,
    pub(crate) tokens: Vec<Token>,
    pub(crate) stream: Option<Range<usize>>,
}

type Entries<'a, 't> = Vec<(Cow<'a, [u8]>, &'t [Token])>;

/// A PDF, or the unpacked objects of one.
pub(crate) struct Pdf<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) sections: Vec<Section>,
    /// What stands in no section; in a packed stream, everything.
    pub(crate) loose: Vec<Token>,
}

/// A signature as it stands in the file.
pub(crate) struct SignatureField {
    /// Where its object stands.
    pub(crate) start: usize,
    pub(crate) sub_filter: Vec<u8>,
    /// What it covers; None if the rest is more than the signature itself, or the end is no end of a PDF.
    pub(crate) covered: Option<[Range<usize>; 2]>,
    /// The envelope, filled up with zeros.
    pub(crate) contents: Vec<u8>,
    /// When it was made, as the signer's program says (`/M`).
    pub(crate) claimed: Option<Timestamp>,
}

impl SignatureField {
    /// Whether it is a time stamp over the document, and nobody's signature.
    pub(crate) fn is_stamp(&self) -> bool {
        self.sub_filter == b"ETSI.RFC3161"
    }
}

/// Longest beginning of a file in which readers look for a PDF, in bytes.
const BEGINNING: usize = 1024;

/// Whether the bytes begin as a PDF. Only a byte-order mark and white space may stand before, which make the file nothing
/// else at once: some scanners and mail programs write them.
pub(crate) fn looks_like_pdf(bytes: &[u8]) -> bool {
    bytes.get(header(bytes)..).is_some_and(|rest| rest.starts_with(b"%PDF-"))
}

/// Where the header stands, if it is one.
fn header(bytes: &[u8]) -> usize {
    let start = bytes.get(..BEGINNING).unwrap_or(bytes);
    let start = start.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(start);
    let mark = bytes.len().min(BEGINNING) - start.len();
    mark + start.iter().take_while(|byte| is_white(**byte)).count()
}

/// Whether readers that look for a PDF find one behind something else.
pub(crate) fn begins_later(bytes: &[u8]) -> bool {
    find(bytes.get(..BEGINNING).unwrap_or(bytes), b"%PDF-").is_some()
}

impl<'a> Pdf<'a> {
    /// None if the file has no end or cannot be taken apart.
    pub(crate) fn read(bytes: &'a [u8]) -> Option<Self> {
        let end = bytes.get(bytes.len().saturating_sub(END)..)?;
        find(end, b"%%EOF")?;
        Self::take_apart(bytes)
    }

    /// Bytes of which nothing was read yet.
    pub(crate) const fn bare(bytes: &'a [u8]) -> Self {
        Self { bytes, sections: Vec::new(), loose: Vec::new() }
    }

    pub(crate) fn take_apart(bytes: &'a [u8]) -> Option<Self> {
        let mut pdf = Self::bare(bytes);
        let mut loose = Vec::new();
        let mut current: Option<Section> = None;
        let (mut at, mut count) = (0, 0_usize);
        loop {
            let token = pdf.token(at)?;
            if token.kind == Kind::End {
                break;
            }
            at = token.end;
            count += 1;
            if count > MOST_TOKENS {
                return None;
            }
            let word = if token.kind == Kind::Word { pdf.raw(token) } else { b"" };
            let tokens = current.as_mut().map_or(&mut loose, |section| &mut section.tokens);
            let part = match word {
                b"obj" => {
                    let generation = tokens.pop()?;
                    let number = tokens.pop()?;
                    let part = Part::Object {
                        number: pdf.number(number)?,
                        generation: pdf.number(generation)?,
                    };
                    Some((part, number.start))
                }
                b"xref" => Some((Part::Table, token.start)),
                b"trailer" => Some((Part::Trailer, token.start)),
                b"startxref" => Some((Part::Start, token.start)),
                b"endobj" => {
                    pdf.sections.extend(current.take());
                    continue;
                }
                b"stream" => {
                    if let Some(section) = current.as_mut() {
                        let stream = pdf.stream(token.end, section)?;
                        at = stream.end;
                        section.stream = Some(stream);
                    }
                    continue;
                }
                _ => None,
            };
            match part {
                Some((part, start)) => {
                    let (word, tokens) = (token.start, Vec::new());
                    let new = Section { part, start, word, tokens, stream: None };
                    pdf.sections.extend(current.replace(new));
                }
                None => tokens.push(token),
            }
        }
        pdf.sections.extend(current);
        pdf.loose = loose;
        Some(pdf)
    }

    /// The token at or after `at`; None if it never closes.
    fn token(&self, mut at: usize) -> Option<Token> {
        let byte = |at: usize| self.bytes.get(at).copied();
        loop {
            match byte(at) {
                None => return Some(Token { kind: Kind::End, start: at, end: at }),
                // Where a file ends without an end of line, programs append their object right behind.
                Some(b'%')
                    if self.bytes.get(at..).is_some_and(|rest| rest.starts_with(b"%%EOF")) =>
                {
                    at += b"%%EOF".len();
                }
                Some(b'%') => at = self.until(at, |byte| matches!(byte, b'\r' | b'\n')),
                Some(white) if is_white(white) => at += 1,
                Some(_) => break,
            }
        }
        let regular = |from| self.until(from, |byte| is_white(byte) || is_delimiter(byte));
        let (kind, end) = match (byte(at)?, byte(at + 1)) {
            (b'<', Some(b'<')) => (Kind::DictOpen, at + 2),
            (b'>', Some(b'>')) => (Kind::DictClose, at + 2),
            (b'<', _) => {
                let end = self.until(at, |byte| byte == b'>');
                (Kind::Hex, byte(end).map(|_| end + 1)?)
            }
            (b'[', _) => (Kind::ArrayOpen, at + 1),
            (b']', _) => (Kind::ArrayClose, at + 1),
            (b'(', _) => (Kind::Text, self.end_of_text(at)?),
            (b'/', _) => (Kind::Name, regular(at + 1)),
            (b')' | b'>' | b'{' | b'}', _) => (Kind::Word, at + 1),
            (b'0'..=b'9' | b'+' | b'-' | b'.', _) => (Kind::Number, regular(at)),
            _ => (Kind::Word, regular(at)),
        };
        Some(Token { kind, start: at, end })
    }

    fn until(&self, from: usize, stop: impl Fn(u8) -> bool) -> usize {
        let rest = self.bytes.get(from..).unwrap_or_default();
        from + rest.iter().position(|byte| stop(*byte)).unwrap_or(rest.len())
    }

    fn end_of_text(&self, start: usize) -> Option<usize> {
        let (mut depth, mut at) = (0_usize, start);
        loop {
            match self.bytes.get(at)? {
                b'\\' => at += 1,
                b'(' => depth += 1,
                b')' => depth -= 1,
                _ => {}
            }
            at += 1;
            if depth == 0 {
                return Some(at);
            }
        }
    }

    /// What stands between `stream` and `endstream`; the length of the dictionary counts if it fits.
    fn stream(&self, after_word: usize, section: &Section) -> Option<Range<usize>> {
        let rest = self.bytes.get(after_word..)?;
        let line_end = if rest.starts_with(b"\r\n") { 2 } else { 1 };
        let start = after_word + line_end;
        let claimed = self
            .entries(&section.tokens)
            .and_then(|entries| match get(&entries, b"Length")? {
                [length] => start.checked_add(self.number(*length)?),
                _ => None,
            })
            .filter(|end| {
                let after = self.bytes.get(*end..).unwrap_or_default();
                let ends = [&b"endstream"[..], b"\nendstream", b"\rendstream", b"\r\nendstream"];
                ends.iter().any(|end| after.starts_with(end))
            });
        let end = match claimed {
            Some(end) => end,
            None => start + find(self.bytes.get(start..)?, b"endstream")?,
        };
        Some(start..end)
    }

    fn raw(&self, token: Token) -> &'a [u8] {
        self.bytes.get(token.start..token.end).unwrap_or_default()
    }

    /// A whole number that is not negative.
    pub(crate) fn number(&self, token: Token) -> Option<usize> {
        std::str::from_utf8(self.raw(token)).ok()?.parse().ok()
    }

    pub(crate) fn name(&self, token: Token) -> Option<Cow<'a, [u8]>> {
        let raw = self.raw(token);
        (token.kind == Kind::Name).then(|| unescape(raw.get(1..).unwrap_or_default()))
    }

    /// The entries of the dictionary that the tokens begin with.
    fn entries<'t>(&self, tokens: &'t [Token]) -> Option<Entries<'a, 't>> {
        let (open, mut rest) = tokens.split_first()?;
        let mut entries = Vec::new();
        if open.kind != Kind::DictOpen {
            return None;
        }
        loop {
            let (key, values) = rest.split_first()?;
            if key.kind == Kind::DictClose {
                return (entries.len() <= MOST_ENTRIES).then_some(entries);
            }
            let (value, after) = values.split_at_checked(self.value_length(values)?)?;
            entries.push((self.name(*key)?, value));
            rest = after;
        }
    }

    /// How many tokens the first value has.
    fn value_length(&self, tokens: &[Token]) -> Option<usize> {
        if self.reference(tokens.get(..3).unwrap_or_default()).is_some() {
            return Some(3);
        }
        let mut depth = 0_usize;
        for (index, token) in tokens.iter().enumerate() {
            match token.kind {
                Kind::DictOpen | Kind::ArrayOpen => depth += 1,
                Kind::DictClose | Kind::ArrayClose => depth = depth.checked_sub(1)?,
                _ => {}
            }
            if depth == 0 {
                return Some(index + 1);
            }
        }
        None
    }

    /// The part that a reader finds at this place; some programs point at the end of the line before it.
    pub(crate) fn section_at(&self, place: usize) -> Option<usize> {
        let index = self.sections.partition_point(|section| section.start < place);
        let section = self.sections.get(index)?;
        let between = self.bytes.get(place..section.start)?;
        between.iter().all(|byte| is_white(*byte)).then_some(index)
    }

    /// Whether an object may begin where none was read, such as in the data of a stream or in a text.
    pub(crate) fn may_hide_objects(&self) -> bool {
        let word = b"obj";
        // Of the line so far, and of the last one that was not empty: a comment may stand before the word.
        let (mut is_empty, mut has_comment, mut comment_before) = (true, false, false);
        for (at, byte) in self.bytes.iter().enumerate() {
            match byte {
                b'\r' | b'\n' => {
                    if !is_empty {
                        comment_before = has_comment;
                    }
                    (is_empty, has_comment) = (true, false);
                    continue;
                }
                b'o' if self.bytes.get(at..).is_some_and(|rest| rest.starts_with(word)) => {
                    let is_read = self.sections.binary_search_by_key(&at, |part| part.word).is_ok();
                    let before = self.bytes.get(..at).unwrap_or_default();
                    let number_ends = before
                        .iter()
                        .rev()
                        .find(|byte| !is_white(**byte))
                        .is_some_and(u8::is_ascii_digit);
                    if !is_read && (number_ends || (is_empty && comment_before)) {
                        return true;
                    }
                }
                b'%' => has_comment = true,
                _ => {}
            }
            is_empty = is_empty && is_white(*byte);
        }
        false
    }

    /// The tokens of the value at a place, its length taken off what is `left` of bytes.
    pub(crate) fn value_at(&self, mut at: usize, left: &mut usize) -> Option<Vec<Token>> {
        let mut tokens = Vec::new();
        let mut depth = 0_usize;
        loop {
            let token = self.token(at)?;
            *left = left.checked_sub((token.end - at).max(1))?;
            at = token.end;
            match token.kind {
                Kind::DictOpen | Kind::ArrayOpen => depth += 1,
                Kind::DictClose | Kind::ArrayClose => depth = depth.checked_sub(1)?,
                Kind::End => return None,
                Kind::Name | Kind::Number | Kind::Text | Kind::Hex | Kind::Word => {}
            }
            tokens.push(token);
            if depth == 0 {
                break;
            }
        }
        // A value may be a reference, whatever the norm says.
        if let [first] = *tokens.as_slice()
            && first.kind == Kind::Number
            && let (Some(second), Some(third)) = self.two_tokens(at)
            && self.reference(&[first, second, third]).is_some()
        {
            tokens.extend([second, third]);
        }
        Some(tokens)
    }

    fn two_tokens(&self, at: usize) -> (Option<Token>, Option<Token>) {
        let first = self.token(at);
        (first, first.and_then(|first| self.token(first.end)))
    }

    pub(crate) fn is_word(&self, token: Token, word: &[u8]) -> bool {
        token.kind == Kind::Word && self.raw(token) == word
    }

    /// The number of the object that the value points to.
    fn reference(&self, value: &[Token]) -> Option<usize> {
        match value {
            [number, _generation, word] if word.kind == Kind::Word && self.raw(*word) == b"R" => {
                self.number(*number)
            }
            _ => None,
        }
    }

    /// What the token says, however it is written.
    pub(crate) fn meaning(&self, token: Token) -> Cow<'a, [u8]> {
        let raw = self.raw(token);
        let inner = raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default();
        match token.kind {
            Kind::Name => unescape(raw),
            Kind::Text => Cow::Owned(text(inner)),
            Kind::Hex => hex(inner).map_or(Cow::Borrowed(raw), Cow::Owned),
            Kind::Number if raw.contains(&b'.') => {
                let end = raw.iter().rposition(|byte| *byte != b'0').map_or(0, |last| last + 1);
                let short = raw.get(..end).unwrap_or_default();
                Cow::Borrowed(short.strip_suffix(b".").unwrap_or(short))
            }
            _ => Cow::Borrowed(raw),
        }
    }

    /// The signatures in the order of the file.
    pub(crate) fn signatures(&self) -> Vec<SignatureField> {
        self.sections
            .iter()
            .filter_map(|section| {
                let entries = self.entries(&section.tokens)?;
                let range = get(&entries, b"ByteRange")?;
                let contents = match get(&entries, b"Contents") {
                    Some([contents]) if contents.kind == Kind::Hex => Some(*contents),
                    _ => None,
                };
                let sub_filter = match get(&entries, b"SubFilter") {
                    Some([name]) => self.name(*name),
                    _ => None,
                };
                Some(SignatureField {
                    start: section.start,
                    sub_filter: sub_filter.unwrap_or_default().into_owned(),
                    covered: contents.and_then(|contents| self.covered(range, contents)),
                    contents: contents
                        .map(|contents| self.meaning(contents).into_owned())
                        .unwrap_or_default(),
                    claimed: match get(&entries, b"M") {
                        Some([date]) => date::instant(&self.meaning(*date)),
                        _ => None,
                    },
                })
            })
            .collect()
    }

    fn covered(&self, range: &[Token], hole: Token) -> Option<[Range<usize>; 2]> {
        let [_, first, length, second, length_2, _] = *range else { return None };
        let (first, length) = (self.number(first)?, self.number(length)?);
        let (second, length_2) = (self.number(second)?, self.number(length_2)?);
        let end = second.checked_add(length_2)?;
        let before_end = self.bytes.get(..end)?;
        (first == 0
            && length == hole.start
            && second == hole.end
            && before_end.trim_ascii_end().ends_with(b"%%EOF"))
        .then_some([0..length, second..end])
    }
}

/// The value of an entry; a key that occurs twice has none, because readers differ in which one counts.
fn get<'t>(entries: &Entries<'_, 't>, key: &[u8]) -> Option<&'t [Token]> {
    let mut values = entries.iter().filter(|(own, _)| **own == *key).map(|(_, value)| *value);
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

fn is_white(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | 0x0C | b'\r' | b' ')
}

fn is_delimiter(byte: u8) -> bool {
    matches!(byte, b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%')
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

fn hex_digit(byte: u8) -> Option<u8> {
    u8::try_from(char::from(byte).to_digit(16)?).ok()
}

/// Digits in pairs, white space left out, a last single one as if 0 followed.
fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let digits: Option<Vec<u8>> =
        digits.iter().filter(|byte| !is_white(**byte)).map(|byte| hex_digit(*byte)).collect();
    let pair = |pair: &[u8]| match *pair {
        [high, low] => high * 16 + low,
        [high] => high * 16,
        _ => 0,
    };
    Some(digits?.chunks(2).map(pair).collect())
}

/// A name with `#41` for A.
fn unescape(name: &[u8]) -> Cow<'_, [u8]> {
    if !name.contains(&b'#') {
        return Cow::Borrowed(name);
    }
    let mut plain = Vec::new();
    let mut rest = name;
    while let Some((byte, after)) = rest.split_first() {
        let escaped = after.split_first_chunk::<2>().filter(|_| *byte == b'#');
        match escaped.and_then(|(&[high, low], after)| {
            Some((hex_digit(high)? * 16 + hex_digit(low)?, after))
        }) {
            Some((byte, after)) => {
                plain.push(byte);
                rest = after;
            }
            None => {
                plain.push(*byte);
                rest = after;
            }
        }
    }
    Cow::Owned(plain)
}

/// A text with `\101` for A; other marks stay, it is only compared.
fn text(inner: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    let mut rest = inner;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        let octal = match (byte, after) {
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', after @ ..]) => {
                rest = after;
                (a - b'0') * 64 + (b - b'0') * 8 + (c - b'0')
            }
            _ => *byte,
        };
        plain.push(octal);
    }
    plain
}
