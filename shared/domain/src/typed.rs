//! Text that people type or paste, one rule for all of it: what cannot be seen is dropped, what cannot be printed is refused.
//!
//! Zero-width characters, tags, and characters that turn the direction of reading come along when a code is copied from a
//! message, and let two texts look alike that are not. No name or address of an Italian form needs them.

use std::borrow::Cow;

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory},
};
use thiserror::Error;

/// The text holds a character that can be neither seen nor left out.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("a control character")]
pub struct ControlCharacter;

impl ControlCharacter {
    /// What the person reads beside the field.
    pub const fn message(self) -> &'static str {
        "Il testo contiene caratteri di controllo, che non si possono stampare: cancellalo e riscrivilo a mano, senza incollarlo."
    }
}

/// The text without what nobody sees: zero-width characters, marks of direction, tags, variation selectors.
pub fn visible(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || !text.contains(is_invisible) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(text.chars().filter(|symbol| !is_invisible(*symbol)).collect())
}

/// Text of one line or several: invisible characters are dropped, each kind of line break becomes `\n`, a tabulator a space.
///
/// # Errors
///
/// Any other control character.
pub fn text(typed: &str) -> Result<String, ControlCharacter> {
    let mut text = String::with_capacity(typed.len());
    for symbol in visible(typed).replace("\r\n", "\n").chars() {
        match symbol {
            '\t' => text.push(' '),
            _ if is_line_break(symbol) => text.push('\n'),
            _ if symbol.is_control() => return Err(ControlCharacter),
            _ => text.push(symbol),
        }
    }
    Ok(text)
}

/// Text that comes from elsewhere and cannot be given back to be corrected, such as a name that an identity provider tells:
/// one line, without anything that cannot be seen or printed.
pub fn one_line(told: &str) -> String {
    let printable: String = visible(told)
        .chars()
        .map(|symbol| if symbol.is_control() || is_line_break(symbol) { ' ' } else { symbol })
        .collect();
    printable.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An identifier as people paste it: without invisible characters and white space anywhere.
pub(crate) fn compact(text: &str) -> String {
    visible(text).chars().filter(|symbol| !symbol.is_whitespace()).collect()
}

/// Line feed, form feed and their kin, and the two separators of Unicode.
const fn is_line_break(symbol: char) -> bool {
    matches!(symbol, '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn is_invisible(symbol: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(symbol)
        || CodePointMapData::<GeneralCategory>::new().get(symbol) == GeneralCategory::Format
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_sees_is_dropped_wherever_it_stands() {
        for hidden in [
            '\u{ad}',
            '\u{34f}',
            '\u{61c}',
            '\u{115f}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{202a}',
            '\u{202e}',
            '\u{2060}',
            '\u{2066}',
            '\u{2069}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0041}',
            '\u{e0001}',
            '\u{e01ef}',
        ] {
            let typed = format!("{hidden}An{hidden}na{hidden}");
            assert_eq!(visible(&typed), "Anna", "{:04x}", u32::from(hidden));
            assert_eq!(text(&typed).unwrap(), "Anna");
            assert_eq!(one_line(&typed), "Anna");
            assert_eq!(compact(&typed), "Anna");
        }
    }

    #[test]
    fn what_people_write_stays_as_it_is() {
        for written in [
            "Niccolò D'Ambrosio-Łukasz",
            "via dell’Unità 3/B – 2° piano",
            "كريم",
            "Nguyễn Thị Ánh",
            "Nguye\u{302}\u{303}n",
            "李小龍",
            "costa 12 €",
            "«sì»",
            "",
        ] {
            assert_eq!(visible(written), written);
            assert_eq!(text(written).as_deref(), Ok(written));
            assert_eq!(one_line(written), written);
        }
    }

    #[test]
    fn line_breaks_are_one_and_other_controls_are_refused() {
        assert_eq!(text("a\r\nb\rc\nd\u{2028}e\tf").unwrap(), "a\nb\nc\nd\ne f");
        for control in ['\0', '\u{1}', '\u{7}', '\u{8}', '\u{1b}', '\u{7f}', '\u{80}', '\u{9f}'] {
            assert_eq!(text(&format!("An{control}na")), Err(ControlCharacter));
        }
    }

    /// A name with line breaks would begin new lines in letters that quote it.
    #[test]
    fn a_name_from_elsewhere_is_one_line() {
        let told = " ANNA\r\nBcc: altri@example.it\n\nMARIA\u{202e}\0 ";
        assert_eq!(one_line(told), "ANNA Bcc: altri@example.it MARIA");
        assert_eq!(one_line("\u{200b}\n\t"), "");
    }
}
