//! The privacy notice of a campaign: what articles 13 and 14 of Regulation (EU) 2016/679 ask to be told (CHK-1, ADM-2).

use serde::Serialize;

use super::Campaign;
use crate::coded::coded;
use crate::ids::CampaignId;

coded! {
    /// What a notice must say, with the title under which people read it.
    pub enum PrivacyPoint as "point of a privacy notice" {
        /// Art. 13 par. 1 (a).
        Controller = "controller", "Chi tratta i tuoi dati";
        /// Art. 13 par. 1 (b).
        DataProtectionOfficer = "data-protection-officer", "Responsabile della protezione dei dati";
        /// Art. 13 par. 1 (c).
        Purposes = "purposes", "Perché li trattiamo e su quale base";
        /// Art. 14 par. 1 (d).
        Data = "data", "Quali dati trattiamo";
        /// Art. 14 par. 2 (f).
        Origin = "origin", "Da dove arrivano i dati che non ci dai tu";
        /// Art. 13 par. 2 (e).
        Duty = "duty", "Che cosa succede se non li dai";
        /// Art. 13 par. 1 (e).
        Recipients = "recipients", "A chi li comunichiamo";
        /// Art. 13 par. 1 (f).
        Transfers = "transfers", "Se escono dall'Unione europea";
        /// Art. 13 par. 2 (a).
        Retention = "retention", "Per quanto tempo li conserviamo";
        /// Art. 13 par. 2 (f).
        AutomatedDecisions = "automated-decisions", "Decisioni automatizzate";
        /// Art. 13 par. 2 (b) and (c).
        Rights = "rights", "I tuoi diritti";
        /// Art. 13 par. 2 (d).
        Complaint = "complaint", "A chi puoi rivolgerti se qualcosa non va";
    }
}

/// A notice as the public reads it: a file of its own, never changed once it is out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicPrivacyNotice {
    /// Version of this shape.
    pub v: u8,
    pub campaign: CampaignId,
    /// What `privacy_version` names.
    pub version: String,
    pub title: String,
    /// The acts on which it rests.
    pub law: &'static str,
    pub language: &'static str,
    pub sections: Vec<PublicPrivacySection>,
}

/// One point of a notice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicPrivacySection {
    pub point: PrivacyPoint,
    pub title: &'static str,
    /// Paragraphs, as plain text.
    pub paragraphs: Vec<String>,
}

/// Where people find a notice: a link for pages, letters and forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PrivacyLink {
    pub version: String,
    /// A path on the portal's own origin.
    pub url: String,
}

impl Campaign {
    /// The notice as a public file; none in a campaign that was published before notices were part of it.
    pub fn public_privacy_notice(&self) -> Option<PublicPrivacyNotice> {
        let texts = &self.file.privacy;
        if texts.is_empty() {
            return None;
        }
        let sections = PrivacyPoint::ALL
            .iter()
            .filter_map(|point| {
                let text = texts.get(point)?;
                let paragraphs = text
                    .split("\n\n")
                    .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
                    .filter(|paragraph| !paragraph.is_empty())
                    .collect();
                Some(PublicPrivacySection { point: *point, title: point.label(), paragraphs })
            })
            .collect();
        Some(PublicPrivacyNotice {
            v: 1,
            campaign: self.id().clone(),
            version: self.privacy_notice().to_owned(),
            title: format!("Informativa sul trattamento dei dati personali – {}", self.title()),
            law: "Artt. 13 e 14 del Regolamento (UE) 2016/679",
            language: "it",
            sections,
        })
    }

    /// The object that holds the notice: one for each version, so that what people consented to stays readable.
    pub fn privacy_file(&self) -> String {
        format!("facts/privacy/{}/{}.json", self.id(), self.privacy_notice())
    }

    /// Where the notice is; none where no text was published.
    pub fn privacy_link(&self) -> Option<PrivacyLink> {
        (!self.file.privacy.is_empty()).then(|| PrivacyLink {
            version: self.privacy_notice().to_owned(),
            url: format!("/{}", self.privacy_file()),
        })
    }
}
