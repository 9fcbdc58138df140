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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::check::codes_lead_back;

    #[test]
    fn codes_lead_back_to_their_values() {
        codes_lead_back(DocumentKind::ALL, DocumentKind::label);
        codes_lead_back(UploadPurpose::ALL, UploadPurpose::label);
        codes_lead_back(UploadState::ALL, UploadState::label);
        codes_lead_back(WorkerSignature::ALL, WorkerSignature::label);
    }
}
