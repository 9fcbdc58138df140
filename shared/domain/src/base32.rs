//! Crockford's base32 alphabet, which has no letter that a reader takes for another sign.

/// The 32 symbols in lower case: digits and letters without i, l, o, u.
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// The symbol of the lowest five bits of `value`, in lower case.
pub(crate) fn symbol(value: u128) -> char {
    let index = usize::try_from(value & 31).unwrap_or_default();
    ALPHABET.get(index).copied().map_or('0', char::from)
}

/// The value (0 to 31) of a lower-case symbol; anything else is none.
pub(crate) fn value(symbol: char) -> Option<u8> {
    let byte = u8::try_from(symbol).ok()?;
    ALPHABET.iter().zip(0..32).find_map(|(candidate, value)| (*candidate == byte).then_some(value))
}

/// The value of a symbol that a person typed: upper case counts, i and l are read as 1, o as 0.
pub(crate) fn typed_value(symbol: char) -> Option<u8> {
    match symbol.to_ascii_lowercase() {
        'i' | 'l' => Some(1),
        'o' => Some(0),
        other => value(other),
    }
}

/// The lowest `5 × length` bits of `number` as `length` symbols, most significant first.
pub(crate) fn encode(number: u128, length: u32) -> String {
    (0..length)
        .rev()
        .map(|place| symbol(number.checked_shr(place * 5).unwrap_or_default()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_symbol_leads_back_to_its_value() {
        for number in 0..32_u8 {
            assert_eq!(value(symbol(u128::from(number))), Some(number));
            assert_eq!(typed_value(symbol(u128::from(number)).to_ascii_uppercase()), Some(number));
        }
        for absent in ['i', 'l', 'o', 'u', 'A', '-', ' ', 'è'] {
            assert_eq!(value(absent), None);
        }
    }

    #[test]
    fn look_alikes_are_read_as_the_digit_they_resemble() {
        assert_eq!(typed_value('I'), Some(1));
        assert_eq!(typed_value('l'), Some(1));
        assert_eq!(typed_value('O'), Some(0));
        assert_eq!(typed_value('U'), None);
    }

    #[test]
    fn numbers_are_written_most_significant_first() {
        assert_eq!(encode(0, 3), "000");
        assert_eq!(encode(33, 3), "011");
        assert_eq!(encode(u128::MAX, 26), "7zzzzzzzzzzzzzzzzzzzzzzzzz");
    }
}
