//! Values on their way into a document: only characters that can be shown, and none that change the direction of a
//! line.

use std::collections::BTreeSet;

use serde_json::Value;

/// Stands for a character that no compiled-in font can show.
const REPLACEMENT: char = '\u{fffd}';

/// Makes every string of a value showable and collects the characters that had to be replaced.
///
/// PDF/A forbids a missing glyph, so without this a single Bengali letter would fail the whole document.
pub(crate) fn make_showable(
    value: &mut Value,
    has_glyph: &dyn Fn(char) -> bool,
    unshown: &mut BTreeSet<char>,
) {
    match value {
        Value::String(text) => *text = showable(text, has_glyph, unshown),
        Value::Array(items) => {
            for item in items {
                make_showable(item, has_glyph, unshown);
            }
        }
        Value::Object(members) => {
            for (_, member) in members.iter_mut() {
                make_showable(member, has_glyph, unshown);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn showable(text: &str, has_glyph: &dyn Fn(char) -> bool, unshown: &mut BTreeSet<char>) -> String {
    text.chars()
        .filter(|&c| !is_invisible(c))
        .map(|c| {
            if c.is_whitespace() || c.is_control() {
                ' '
            } else if has_glyph(c) && !is_private(c) {
                c
            } else {
                unshown.insert(c);
                REPLACEMENT
            }
        })
        .collect()
}

/// Default ignorable characters of Unicode. Overrides of direction would let a name rewrite the line it stands on.
const fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}'
        | '\u{fff0}'..='\u{fff8}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Private use has no meaning for the reader, and PDF/A-2a refuses it.
const fn is_private(c: char) -> bool {
    matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{ffffd}' | '\u{100000}'..='\u{10fffd}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn control_direction_and_private_characters_never_reach_a_document() {
        let mut value = json!({ "name": ["A\u{202e}B\n\tC\u{0}", "\u{e000}", "ক"], "n": 3 });
        let mut unshown = BTreeSet::new();
        make_showable(&mut value, &|c| c != 'ক', &mut unshown);
        assert_eq!(value, json!({ "name": ["AB  C ", "\u{fffd}", "\u{fffd}"], "n": 3 }));
        assert_eq!(unshown, BTreeSet::from(['\u{e000}', 'ক']));
    }
}
