//! From data to PDF.

use std::collections::BTreeSet;

use serde::Serialize;
use serde_json::Value;
use typst::foundations::Smart;
use typst_layout::PagedDocument;
use typst_pdf::{PdfOptions, PdfStandard, PdfStandards};

use super::data::{
    AgreementData, ContractData, FiscalCodeData, Heading, KitData, ReceiptData, SuspensionActData,
};
use super::module_209::{Module1Data, Module2Data, Section};
use super::text::make_showable;
use super::world::{Coverage, DocumentWorld, has_glyph};
use domain::document::DocumentKind;

/// How many documents a cached step of layout outlives its last use. It is people's data: it goes as soon as it is of no use.
const CACHED_DOCUMENTS: usize = 0;

/// A document with all that it shows.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::large_enum_variant, reason = "one lives at a time, and it is never moved about")]
pub enum Document {
    /// *Contratto di soggiorno*.
    Contract(ContractData),
    /// *Accordo di integrazione*.
    Agreement(AgreementData),
    /// Module 1 of mod. 209.
    Module1(Module1Data),
    /// Module 2 of mod. 209.
    Module2(Module2Data),
    /// List and envelope of the first-entry kit.
    Kit(KitData),
    /// Act of an outage that suspended a term.
    SuspensionAct(SuspensionActData),
    /// Sheet with the definitive fiscal code.
    FiscalCode(FiscalCodeData),
    /// Receipt of a submission.
    Receipt(ReceiptData),
}

impl Document {
    /// Its kind.
    pub const fn kind(&self) -> DocumentKind {
        match self {
            Self::Contract(_) => DocumentKind::Contract,
            Self::Agreement(_) => DocumentKind::Agreement,
            Self::Module1(_) => DocumentKind::Module1,
            Self::Module2(_) => DocumentKind::Module2,
            Self::Kit(_) => DocumentKind::Kit,
            Self::SuspensionAct(_) => DocumentKind::SuspensionAct,
            Self::FiscalCode(_) => DocumentKind::FiscalCode,
            Self::Receipt(_) => DocumentKind::Receipt,
        }
    }

    /// What stands on every page.
    pub const fn heading(&self) -> &Heading {
        match self {
            Self::Contract(data) => &data.heading,
            Self::Agreement(data) => &data.heading,
            Self::Module1(data) => &data.heading,
            Self::Module2(data) => &data.heading,
            Self::Kit(data) => &data.heading,
            Self::SuspensionAct(data) => &data.heading,
            Self::FiscalCode(data) => &data.heading,
            Self::Receipt(data) => &data.heading,
        }
    }

    fn template(&self) -> &'static str {
        match self {
            Self::Contract(_) => "contract.typ",
            Self::Agreement(_) => "agreement.typ",
            Self::Module1(_) | Self::Module2(_) => "module.typ",
            Self::Kit(_) => "kit.typ",
            Self::SuspensionAct(_) => "suspension-act.typ",
            Self::FiscalCode(_) => "fiscal-code.typ",
            Self::Receipt(_) => "receipt.typ",
        }
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        match self {
            Self::Contract(data) => serde_json::to_value(data),
            Self::Agreement(data) => serde_json::to_value(data),
            Self::Module1(data) => serde_json::to_value(data),
            Self::Module2(data) => serde_json::to_value(data),
            Self::Kit(data) => serde_json::to_value(data),
            Self::SuspensionAct(data) => serde_json::to_value(data),
            Self::FiscalCode(data) => serde_json::to_value(data),
            Self::Receipt(data) => serde_json::to_value(data),
        }
    }

    fn sections(&self) -> Vec<Section> {
        match self {
            Self::Module1(data) => data.sections(),
            Self::Module2(data) => data.sections(),
            _ => Vec::new(),
        }
    }

    fn digest(&self) -> Result<Option<String>, serde_json::Error> {
        match self {
            Self::Agreement(data) => data.digest().map(Some),
            _ => Ok(None),
        }
    }
}

/// Why a document could not be made. Always a bug of ours: no data may cause it. It never holds what the document shows.
#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    /// The data cannot be written as JSON.
    #[error("the data cannot be written as JSON")]
    Data(#[from] serde_json::Error),
    /// A template does not compile; the messages are the typesetter's, about the template.
    #[error("the template {template} does not compile: {messages}")]
    Template {
        /// File name of the template.
        template: &'static str,
        /// What the typesetter said.
        messages: String,
    },
    /// The pages cannot be written as PDF/A.
    #[error("{template} cannot be written as PDF/A")]
    Export {
        /// File name of the template.
        template: &'static str,
    },
}

/// What a template reads as `data.json`.
#[derive(Serialize)]
struct TemplateData {
    title: &'static str,
    document: Value,
    /// Fields of a module; else empty.
    sections: Value,
    digest: Option<String>,
    /// `U+0995`: the characters that are replaced.
    unshown: Vec<String>,
}

/// The document as tagged PDF/A-2a. The same document always gives the same bytes.
pub fn render(document: &Document) -> Result<Vec<u8>, RenderError> {
    let rendered = match render_with(document, Coverage::Any) {
        // Marks of one font on a letter of another have no common glyphs: then only the text font's letters are kept.
        Err(RenderError::Export { .. }) => render_with(document, Coverage::TextFont),
        rendered => rendered,
    };
    typst::comemo::evict(CACHED_DOCUMENTS);
    rendered
}

fn render_with(document: &Document, coverage: Coverage) -> Result<Vec<u8>, RenderError> {
    let template = document.template();
    let world = DocumentWorld::new(template, template_data(document, coverage)?)
        .ok_or(RenderError::Export { template })?;
    let pages: PagedDocument = typst::compile(&world).output.map_err(|errors| {
        let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        RenderError::Template { template, messages: messages.join("; ") }
    })?;
    let standards =
        PdfStandards::new(&[PdfStandard::A_2a]).map_err(|_| RenderError::Export { template })?;
    let heading = document.heading();
    let options = PdfOptions {
        // The identifier of the file: without it two contracts of one title would share it.
        ident: Smart::Custom(format!(
            "{}/{}/{}",
            document.kind().code(),
            heading.application,
            heading.number
        )),
        creator: Smart::Custom(Some("Portale Servizi".to_owned())),
        standards,
        ..PdfOptions::default()
    };
    let mut pdf = typst_pdf::pdf(&pages, &options).map_err(|_| RenderError::Export { template })?;
    // Programs that sign append to the file as it is, and some do so without an end of line.
    pdf.push(b'\n');
    Ok(pdf)
}

fn template_data(document: &Document, coverage: Coverage) -> Result<Vec<u8>, serde_json::Error> {
    let mut unshown = BTreeSet::new();
    let shown = |c| has_glyph(c, coverage);
    let mut value = document.to_value()?;
    make_showable(&mut value, &shown, &mut unshown);
    let mut sections = serde_json::to_value(document.sections())?;
    make_showable(&mut sections, &shown, &mut unshown);
    serde_json::to_vec(&TemplateData {
        title: document.kind().label(),
        document: value,
        sections,
        digest: document.digest()?,
        unshown: unshown.into_iter().map(|c| format!("U+{:04X}", u32::from(c))).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use jiff::civil::date;

    /// Each alone and after a Latin letter. What has no glyph is replaced before it gets here.
    #[test]
    #[ignore = "four thousand glyphs take a minute; run it when fonts or typesetter change"]
    fn every_character_that_has_a_glyph_fits_into_pdf_a() {
        let shown: Vec<char> =
            ('\u{0}'..=char::MAX).filter(|&c| has_glyph(c, Coverage::Any)).collect();
        assert!(shown.len() > 3_000);
        for part in shown.chunks(1_000) {
            let document = Document::Receipt(ReceiptData {
                heading: Heading {
                    application: String::new(),
                    number: String::new(),
                    date: date(2026, 1, 12),
                    office: String::new(),
                },
                code: String::new(),
                campaign: String::new(),
                campaign_version: 1,
                model: part.iter().flat_map(|&c| [c, ' ', 'a', c, ' ']).collect(),
                arrival: Timestamp::UNIX_EPOCH,
                digest: String::new(),
                key_id: String::new(),
                signature: String::new(),
                verification_address: String::new(),
            });
            if let Err(error) = render_with(&document, Coverage::Any) {
                panic!("from {:?} on: {error}", part.first());
            }
        }
    }

    #[test]
    fn no_file_outside_the_templates_is_a_template() {
        for id in ["/etc/passwd", "../Cargo.toml"] {
            assert!(
                DocumentWorld::new(id, Vec::new()).is_none_or(|world| {
                    typst::compile::<PagedDocument>(&world).output.is_err()
                })
            );
        }
    }
}
