//! The value of a field that asks for a document: which upload it is and what the checks found, never what a person types.
//! (FRM-6)

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::document::FileFormat;
use crate::ids::UploadId;

/// A file that passed the checks, as the content holds it and the receipt freezes it: the digest says which one it was.
///
/// It has no name: what people call their files often names a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileReference {
    // In the order of the alphabet: the canonical content has sorted keys, whatever features the JSON library has been given.
    /// Length in bytes.
    pub bytes: u64,
    /// Media type of the content, as registered.
    pub media_type: String,
    /// SHA-256 of the content, in hex with small letters.
    pub sha256: String,
    /// The upload by which it came.
    pub upload: UploadId,
}

impl FileReference {
    /// Reads a stored value; none for anything else.
    pub fn read(value: &Value) -> Option<Self> {
        serde_json::from_value(value.clone()).ok()
    }

    /// The value as it is stored.
    pub fn value(&self) -> Value {
        // A struct of texts and a number always has a JSON value.
        serde_json::to_value(self).unwrap_or_default()
    }

    fn is_well_formed(&self) -> bool {
        let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
        self.sha256.len() == 64 && self.sha256.bytes().all(is_hex)
    }
}

/// What a field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileRule {
    /// Most bytes.
    pub max_bytes: u64,
    /// The formats, in the order in which the form names them.
    pub formats: Vec<FileFormat>,
}

impl FileRule {
    pub(super) fn of(max_bytes: u64, endings: &[String]) -> Self {
        let formats = endings.iter().filter_map(|ending| FileFormat::of_ending(ending)).collect();
        Self { max_bytes, formats }
    }

    /// The stored form of a value that fits; none for anything else.
    pub(super) fn normal(&self, value: &Value) -> Option<Value> {
        let file = FileReference::read(value)?;
        let format = FileFormat::of_media_type(&file.media_type)?;
        let fits = (1..=self.max_bytes).contains(&file.bytes) && self.formats.contains(&format);
        (fits && file.is_well_formed()).then(|| file.value())
    }

    /// The formats as people name them: `PDF o P7M`.
    pub fn in_words(&self) -> String {
        let names: Vec<_> = self.formats.iter().map(|format| format.label()).collect();
        match names.split_last() {
            Some((last, [])) => (*last).to_owned(),
            Some((last, first)) => format!("{} o {last}", first.join(", ")),
            None => String::new(),
        }
    }
}
