//! The documents that the portal makes of an application (CTR-2, AGR-1, MOD-1, CNF-4).

use crate::coded::coded;

coded! {
    /// A document; its code is also the name of its file.
    pub enum DocumentKind as "document" {
        /// *Contratto di soggiorno* (art. 5-bis and 22 c. 6 D.Lgs. 286/1998).
        Contract = "contract", "Contratto di soggiorno";
        /// *Accordo di integrazione* (DPR 179/2011).
        Agreement = "agreement", "Accordo di integrazione";
        /// Module 1 of mod. 209.
        Module1 = "module-1", "Modulo 1 (mod. 209)";
        /// Module 2 of mod. 209.
        Module2 = "module-2", "Modulo 2 (mod. 209)";
        /// Checklist of the first-entry kit, and the layout of its envelope.
        Kit = "kit", "Kit di primo ingresso e busta";
        /// The worker's definitive fiscal code.
        FiscalCode = "fiscal-code", "Codice fiscale del lavoratore";
        /// That an outage of the portal suspended a term, from when to when (CNF-4).
        SuspensionAct = "suspension-act", "Atto di sospensione del termine";
        /// The receipt of a submission as PDF (SUB-4).
        Receipt = "receipt", "Ricevuta di invio";
    }
}

coded! {
    /// What a file that a person uploads is meant to be.
    pub enum UploadPurpose as "upload" {
        /// The signed *contratto di soggiorno* (CTR-1).
        Contract = "contract", "Contratto di soggiorno firmato";
        /// The signed integration agreement (AGR-1).
        Agreement = "agreement", "Accordo di integrazione firmato";
        /// A document that the office asked for (DEC-1).
        Integration = "integration", "Documento richiesto dallo Sportello Unico";
        /// A document beside the observations after a notice of reasons against (art. 10-bis L. 241/1990).
        Objection = "objection", "Documento allegato alle osservazioni";
        /// A document that the form asks for: it becomes a value of the draft (FRM-6).
        Field = "field", "Documento allegato alla domanda";
    }
}

coded! {
    /// How an upload stands.
    pub enum UploadState as "upload state" {
        /// Permission was given; nothing has arrived.
        Awaited = "awaited", "In attesa del file";
        /// The file passed the checks.
        Accepted = "accepted", "File accettato";
        /// The file did not pass; the employer reads the reasons.
        Refused = "refused", "File non accettato";
    }
}

coded! {
    /// How the worker signed (CTR-2; art. 22 c. 6 D.Lgs. 286/1998).
    pub enum WorkerSignature as "worker signature" {
        /// By a digital signature, as the employer.
        Digital = "digital", "Firma digitale del lavoratore";
        /// By hand, on paper: the employer's digital signature over the scan is the statement of art. 47 DPR 445/2000.
        ByHand = "by-hand", "Firma autografa del lavoratore, dichiarata dal datore di lavoro";
    }
}

/// What an uploaded file is (CTR-1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum FileFormat {
    /// A PDF, which may hold signatures (PAdES).
    Pdf,
    /// A file inside a signature (CAdES, `.p7m`).
    Envelope,
    /// A photograph, as telephones take them (FRM-6).
    Jpeg,
    /// A picture without loss, as screens and scanners give it (FRM-6).
    Png,
}

impl FileFormat {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Pdf, Self::Envelope, Self::Jpeg, Self::Png];

    /// What is taken where the office reads it: a PDF, signed or not.
    pub const DOCUMENTS: [Self; 2] = [Self::Pdf, Self::Envelope];

    /// Its media type, as registered.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Envelope => "application/pkcs7-mime",
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
        }
    }

    /// The format that a form names by the ending of its files; none for what the portal cannot look into.
    pub fn of_ending(ending: &str) -> Option<Self> {
        match ending {
            "pdf" => Some(Self::Pdf),
            "p7m" => Some(Self::Envelope),
            "jpg" => Some(Self::Jpeg),
            "png" => Some(Self::Png),
            _ => None,
        }
    }

    /// The format of that registered media type.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.media_type() == media_type)
    }

    /// What people call it.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Pdf => "PDF",
            Self::Envelope => "P7M",
            Self::Jpeg => "JPG",
            Self::Png => "PNG",
        }
    }

    /// What a file's name ends with, without the first dot; the document inside an envelope is a PDF.
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Pdf => "pdf",
            Self::Envelope => "pdf.p7m",
            Self::Jpeg => "jpg",
            Self::Png => "png",
        }
    }
}

/// Media types that can be declared for a file. The third is what browsers and mail programs called envelopes before RFC
/// 2311; the fourth is what a browser says of an ending that its computer does not know, `.p7m` on most. Pictures are for
/// fields of a form that take them.
pub const DECLARABLE: [&str; 6] = [
    "application/pdf",
    "application/pkcs7-mime",
    "application/x-pkcs7-mime",
    "application/octet-stream",
    "image/jpeg",
    "image/png",
];

/// What a declared media type says: some of [`DECLARABLE`], however it is written and whatever parameters it has. Nothing
/// at all says as little as `application/octet-stream`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum DeclaredFormat {
    /// This format, and no other.
    Is(FileFormat),
    /// Nothing: the content tells.
    Open,
}

impl DeclaredFormat {
    /// None if no file of such a type is taken.
    pub fn of(media_type: &str) -> Option<Self> {
        let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/pdf" => Some(Self::Is(FileFormat::Pdf)),
            "application/pkcs7-mime" | "application/x-pkcs7-mime" => {
                Some(Self::Is(FileFormat::Envelope))
            }
            "image/jpeg" => Some(Self::Is(FileFormat::Jpeg)),
            "image/png" => Some(Self::Is(FileFormat::Png)),
            "application/octet-stream" | "" => Some(Self::Open),
            _ => None,
        }
    }

    /// Whether a file of this format may be declared so.
    pub fn allows(self, found: FileFormat) -> bool {
        self == Self::Open || self == Self::Is(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::check::codes_lead_back;

    /// CTR-1: what can be declared for a permission is what the check takes.
    #[test]
    fn a_declared_type_says_a_format_however_it_is_written() {
        use DeclaredFormat::{Is, Open};
        for media_type in DECLARABLE {
            assert!(DeclaredFormat::of(media_type).is_some(), "{media_type}");
        }
        for (media_type, said) in [
            ("application/pdf", Some(Is(FileFormat::Pdf))),
            (" Application/PDF ; version=1.7", Some(Is(FileFormat::Pdf))),
            ("application/x-pkcs7-mime; smime-type=signed-data", Some(Is(FileFormat::Envelope))),
            ("", Some(Open)),
            ("application/octet-stream", Some(Open)),
            ("application/zip", None),
            ("text/html; application/pdf", None),
        ] {
            assert_eq!(DeclaredFormat::of(media_type), said, "{media_type}");
        }
        assert!(Open.allows(FileFormat::Pdf) && Open.allows(FileFormat::Envelope));
        assert!(Is(FileFormat::Pdf).allows(FileFormat::Pdf));
        assert!(!Is(FileFormat::Pdf).allows(FileFormat::Envelope));
        for format in FileFormat::ALL {
            assert_eq!(DeclaredFormat::of(format.media_type()), Some(Is(format)));
            assert_eq!(FileFormat::of_media_type(format.media_type()), Some(format));
        }
    }

    #[test]
    fn codes_lead_back_to_their_values() {
        codes_lead_back(DocumentKind::ALL, DocumentKind::label);
        codes_lead_back(UploadPurpose::ALL, UploadPurpose::label);
        codes_lead_back(UploadState::ALL, UploadState::label);
        codes_lead_back(WorkerSignature::ALL, WorkerSignature::label);
    }
}
