//! The whole world the typesetter sees: the templates, one `data.json`, the compiled-in fonts. There is nothing else to read.

use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt as _, World};

/// The families that are used, in order of fallback; the rest of `typst-assets` is for mathematics.
const FAMILIES: [&str; 2] = ["Libertinus Serif", "DejaVu Sans Mono"];

/// Kept for the life of the process: parsing fonts and building the library is most of a first document's time.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));

static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let fonts: Vec<Font> = typst_assets::fonts()
        .filter_map(|data| Font::new(Bytes::new(data), 0))
        .filter(|font| FAMILIES.contains(&font.info().family.as_str()))
        .collect();
    Fonts { book: LazyHash::new(FontBook::from_fonts(&fonts)), fonts }
});

static TEMPLATES: LazyLock<Vec<Source>> = LazyLock::new(|| {
    [
        ("base.typ", include_str!("../../templates/base.typ")),
        ("contract.typ", include_str!("../../templates/contract.typ")),
        ("agreement.typ", include_str!("../../templates/agreement.typ")),
        ("module.typ", include_str!("../../templates/module.typ")),
        ("kit.typ", include_str!("../../templates/kit.typ")),
        ("suspension-act.typ", include_str!("../../templates/suspension-act.typ")),
        ("fiscal-code.typ", include_str!("../../templates/fiscal-code.typ")),
        ("receipt.typ", include_str!("../../templates/receipt.typ")),
    ]
    .into_iter()
    .filter_map(|(name, text)| Some(Source::new(file_id(name)?, text.to_owned())))
    .collect()
});

struct Fonts {
    book: LazyHash<FontBook>,
    fonts: Vec<Font>,
}

/// Which fonts a character may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coverage {
    /// Any compiled-in font.
    Any,
    /// The text font alone, whose glyphs always combine with each other.
    TextFont,
}

/// Whether a character can be shown. A character of the text font has to be there in each of its styles.
pub(crate) fn has_glyph(c: char, coverage: Coverage) -> bool {
    let covered = |font: &&Font| font.info().coverage.contains(u32::from(c));
    match coverage {
        Coverage::Any => FONTS.fonts.iter().any(|font| covered(&font)),
        Coverage::TextFont => FONTS
            .fonts
            .iter()
            .filter(|font| font.info().family == FAMILIES[0])
            .all(|font| covered(&font)),
    }
}

fn file_id(name: &str) -> Option<FileId> {
    Some(RootedPath::new(VirtualRoot::Project, VirtualPath::new(name).ok()?).intern())
}

/// One document's world.
pub(crate) struct DocumentWorld {
    main: FileId,
    data_file: FileId,
    data: Bytes,
}

impl DocumentWorld {
    /// The world of a template (`contract.typ`) and its data; `None` if there is no such path.
    pub(crate) fn new(template: &str, data: Vec<u8>) -> Option<Self> {
        Some(Self {
            main: file_id(template)?,
            data_file: file_id("data.json")?,
            data: Bytes::new(data),
        })
    }
}

fn not_found(id: FileId) -> FileError {
    FileError::NotFound(id.vpath().get_without_slash().into())
}

impl World for DocumentWorld {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &FONTS.book
    }

    fn main(&self) -> FileId {
        self.main
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        TEMPLATES.iter().find(|source| source.id() == id).cloned().ok_or_else(|| not_found(id))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        if id == self.data_file { Ok(self.data.clone()) } else { Err(not_found(id)) }
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.fonts.get(index).cloned()
    }

    /// There is no clock: a template that asks for today's date fails.
    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Latin, Greek, Cyrillic, Hebrew, Arabic, Armenian, Georgian; not Bengali, Devanagari, Gurmukhi, Sinhala, Tamil, Amharic, Chinese.
    #[test]
    fn the_scripts_that_have_a_font_are_known() {
        for c in ['è', 'ș', 'ő', 'ё', 'Ї', 'ñ', 'ạ', 'ع', 'پ', 'א', 'Ω', 'ա', 'ა', '€', '–', 'º']
        {
            assert!(has_glyph(c, Coverage::Any), "{c} has no glyph");
        }
        for c in ['ক', 'अ', 'ਅ', 'අ', 'த', 'አ', '中', '👩'] {
            assert!(!has_glyph(c, Coverage::Any), "{c} has a glyph: say so above");
        }
        assert!(has_glyph('\u{fffd}', Coverage::TextFont), "the replacement itself");
    }
}
