//! The content of a campaign file before it is checked.

use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
};

use serde::{Deserialize, Deserializer, Serialize, de::Error as _};

use super::policy::{Enrichment, Limits, Policies, Shards};
use super::privacy::PrivacyPoint;
use super::retention::Retention;
use crate::activation::ActivationRules;
use crate::calendar::RomeTime;
use crate::coded::coded;
use crate::ids::{CampaignId, ModelId};
use crate::term::{TermKind, TermRule};

/// A campaign as it is written; unknown keys are refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignFile {
    pub id: CampaignId,
    /// 1 and up; a published version is never changed.
    pub version: u32,
    /// The year that the quotas are for.
    pub year: i16,
    /// The name that people read.
    pub title: String,
    /// The acts that set the campaign.
    pub law: String,
    /// Whether it is a rehearsal or a test: it works as any other, and the public pages do not show it (NOT-2).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rehearsal: bool,
    /// The version of the privacy notice that applicants acknowledge (CHK-1).
    pub privacy_notice: String,
    /// Added to the clock, in milliseconds, to move a deployed stack in time; refused in production.
    #[serde(default)]
    pub clock_offset_ms: i64,
    #[serde(default)]
    pub limits: Limits,
    pub activation: ActivationRules,
    pub policies: Policies,
    pub enrichment: Enrichment,
    pub shards: Shards,
    /// When sign-in with a password opens the whole account (ACC-7); without it, never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_sign_in: Option<WindowFile>,
    pub models: Vec<ModelFile>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub quotas: Vec<QuotaLine>,
    #[serde(default, deserialize_with = "terms", skip_serializing_if = "BTreeMap::is_empty")]
    pub terms: BTreeMap<TermKind, Vec<TermRule>>,
    /// For how long drafts and closed cases are kept (PRV-1).
    #[serde(default, skip_serializing_if = "is_unstated")]
    pub retention: Retention,
    /// The notice's text by point, paragraphs between empty lines. A changed text needs a version of its own. Files published
    /// before 28 November 2026 have none.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub privacy: BTreeMap<PrivacyPoint, String>,
}

/// Terms that earlier published versions name although nothing ever ran them: such a version stays readable without them.
const RETIRED_TERMS: [&str; 2] = ["cpi", "quota-redistribution"];

/// The name of a term in a file; none for a retired one.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct TermName(Option<TermKind>);

impl<'de> Deserialize<'de> for TermName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let code = Cow::<'de, str>::deserialize(deserializer)?;
        if RETIRED_TERMS.contains(&code.as_ref()) {
            return Ok(Self(None));
        }
        code.parse().map(|kind| Self(Some(kind))).map_err(D::Error::custom)
    }
}

fn terms<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<TermKind, Vec<TermRule>>, D::Error> {
    let named = BTreeMap::<TermName, Vec<TermRule>>::deserialize(deserializer)?;
    Ok(named.into_iter().filter_map(|(name, rules)| Some((name.0?, rules))).collect())
}

/// A model as it is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelFile {
    pub id: ModelId,
    /// The name that people read.
    pub label: String,
    /// The form, `id@version`; without it the model is announced and cannot be filled in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// The act that sets the model.
    pub source: String,
    /// The menu entries that lead to it, outermost first.
    pub menu: Vec<String>,
    /// Within which term the office decides: seasonal work has a shorter one.
    #[serde(default = "ordinary_decision", skip_serializing_if = "is_ordinary_decision")]
    pub decision_term: TermKind,
    /// When the model has neither windows nor quota (CAL-4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub off_quota: Option<WindowFile>,
    /// New applications.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub start: Vec<WindowFile>,
    /// Completing and changing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub edit: Vec<WindowFile>,
    /// Sending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub submit: Vec<WindowFile>,
    /// When the section cannot even be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub read_closed: Vec<WindowFile>,
}

fn is_unstated(retention: &Retention) -> bool {
    *retention == Retention::default()
}

const fn ordinary_decision() -> TermKind {
    TermKind::NullaOsta
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_ordinary_decision(kind: &TermKind) -> bool {
    *kind == TermKind::NullaOsta
}

/// A window as it is written: see [`crate::calendar::RomeTime`] for the two forms.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct WindowFile {
    /// The first instant inside.
    pub from: String,
    /// The first instant outside; without it the window has no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
}

impl WindowFile {
    pub fn new(from: impl Into<String>, until: impl Into<String>) -> Self {
        Self { from: from.into(), until: Some(until.into()) }
    }
}

/// Places that applications of some models compete for (RNK-1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QuotaLine {
    /// Unique within the campaign; the ranking is kept under it.
    pub id: String,
    /// The name that people read.
    pub label: String,
    pub models: Vec<ModelId>,
    pub places: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_for: Option<Reservation>,
    /// From when on what is left of a reserved line serves every application of its models; none while no act says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reserved_until: Option<RomeTime>,
    /// The provinces of the workplaces that the line serves; all where none is named.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub provinces: BTreeSet<String>,
    /// The article that sets the number.
    pub source: String,
}

coded! {
    /// Whom a quota line is reserved for.
    pub enum Reservation as "reservation" {
        AgriculturalAssociations = "agricultural-associations", "Organizzazioni professionali agricole";
        TourismAssociations = "tourism-associations", "Organizzazioni professionali del turismo";
        /// Requests for several years, and workers already employed before.
        MultiYear = "multi-year", "Nulla osta pluriennali";
        CooperationCountries = "cooperation-countries", "Cittadini di Paesi con accordi di cooperazione in vigore";
        AgreementCountries = "agreement-countries", "Cittadini di Paesi con nuovi accordi di cooperazione";
        Refugees = "refugees", "Apolidi e rifugiati riconosciuti dall'UNHCR";
        TrainedAbroad = "trained-abroad", "Lavoratori formati all'estero";
        ItalianOrigin = "italian-origin", "Lavoratori di origine italiana";
    }
}
