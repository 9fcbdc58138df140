//! A campaign: the calendar, quotas, limits, terms and policies of one decree, all of them data (CAL-1).
//!
//! A campaign file is TOML. [`Campaign::parse`] reads it strictly and lists everything wrong with it at once;
//! [`CampaignFile`] is the same content before it was checked, for those who build a campaign by program:
//!
//! ```
//! use domain::campaign::{Campaign, WindowFile};
//!
//! # let demo = include_str!("../../../campaigns/demo.toml");
//! let mut file = Campaign::parse(demo)?.into_file();
//! file.id = "viaggio-1".parse()?;
//! for model in &mut file.models {
//!     model.submit = vec![WindowFile::new("2026-11-22T08:00:40.125Z", "2026-11-22T09:00:00Z")];
//! }
//! let journey = Campaign::try_from(file)?;
//! assert_eq!(Campaign::parse(&journey.to_toml()?)?, journey);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod armed_run;
mod arming;
mod change;
mod check;
mod file;
mod policy;
mod privacy;
mod profile;
mod public_calendar;
mod publication;
mod retention;
#[cfg(test)]
mod tests;
mod window;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::activation::ActivationRules;
use crate::ids::{CampaignId, ModelId};
use crate::term::{Outage, RuleSet, Term, TermError, TermKind};

pub use armed_run::{ARMED_SENDS_BEGIN, ArmedOpening, LAST_ARM_IS_WRITTEN, armed_opening};
pub use arming::NoArming;
pub use change::{Difference, differences, may_follow};
pub use check::{CampaignError, Problem};
pub use file::{CampaignFile, ModelFile, QuotaLine, Reservation, WindowFile};
pub use policy::{
    Enrichment, LONGEST_LATE_TOKEN, Limits, Order, PecEvent, Policies, Shards, TICKET_RESERVE,
};
pub use privacy::{PrivacyLink, PrivacyPoint, PublicPrivacyNotice, PublicPrivacySection};
pub use profile::Profile;
pub use public_calendar::{PublicCalendar, PublicModel, PublicQuota, PublicWindow, form_file};
pub use publication::{Effect, LONGEST_COPY_AGE, Publication, SHORTEST_NOTICE};
pub use retention::{Forgotten, Kept, Retention, is_over};
pub use window::{Activity, ClosedReason, Opening, Window};

/// A checked campaign. Every `now` it is asked about is [`Campaign::effective_now`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "CampaignFile", into = "CampaignFile")]
pub struct Campaign {
    file: CampaignFile,
    models: Vec<CampaignModel>,
    terms: BTreeMap<TermKind, RuleSet>,
    password_sign_in: Option<Window>,
}

/// A model of application within a campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct CampaignModel {
    file: ModelFile,
    off_quota: Option<Window>,
    start: Vec<Window>,
    edit: Vec<Window>,
    submit: Vec<Window>,
    read_closed: Vec<Window>,
}

impl Campaign {
    /// Reads a campaign file; the error lists every problem with the path of its key.
    pub fn parse(toml: &str) -> Result<Self, CampaignError> {
        let file: CampaignFile =
            toml::from_str(toml).map_err(|error| CampaignError::Unreadable(error.to_string()))?;
        Self::try_from(file)
    }

    /// The campaign as a file that [`Campaign::parse`] reads back to the same campaign.
    pub fn to_toml(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(&self.file)
    }

    /// What the file said, to make another campaign of it.
    pub fn into_file(self) -> CampaignFile {
        self.file
    }

    pub fn id(&self) -> &CampaignId {
        &self.file.id
    }

    /// Items, receipts and events record the version they were decided by.
    pub fn version(&self) -> u32 {
        self.file.version
    }

    /// The name that people read.
    pub fn title(&self) -> &str {
        &self.file.title
    }

    /// The year that the quotas are for.
    pub fn year(&self) -> i16 {
        self.file.year
    }

    /// The acts that set the campaign.
    pub fn law(&self) -> &str {
        &self.file.law
    }

    /// The version of the privacy notice that CHK-1 records.
    pub fn privacy_notice(&self) -> &str {
        &self.file.privacy_notice
    }

    /// The instant that the campaign's calendar is asked about: `now` moved by the campaign's offset.
    ///
    /// Account and session times are never moved.
    pub fn effective_now(&self, now: Timestamp) -> Timestamp {
        let offset = SignedDuration::from_millis(self.file.clock_offset_ms);
        now.saturating_add(offset).unwrap_or(now)
    }

    /// The other way round: the instant of gateway and wall that this one of the campaign's calendar was.
    pub fn gateway_instant(&self, effective: Timestamp) -> Timestamp {
        let offset = SignedDuration::from_millis(self.file.clock_offset_ms);
        effective.saturating_sub(offset).unwrap_or(effective)
    }

    /// Whether the campaign moves the clock, which production refuses.
    pub fn moves_the_clock(&self) -> bool {
        self.file.clock_offset_ms != 0
    }

    /// All models, in the order of the file.
    pub fn models(&self) -> &[CampaignModel] {
        &self.models
    }

    pub fn model(&self, id: &ModelId) -> Option<&CampaignModel> {
        self.models.iter().find(|model| model.id() == id)
    }

    /// Whether `access` to applications of a model is open at `now`, and until or from when (CAL-3).
    pub fn window(&self, model: &ModelId, access: Activity, now: Timestamp) -> Opening {
        self.model(model).map_or(
            Opening::Closed { reason: ClosedReason::ModelNotOffered, opens_at: None },
            |model| model.opening(access, now),
        )
    }

    /// How many undeleted applications a user of this profile may have in the campaign (LIM-1); none means no limit.
    pub fn limit(&self, profile: Profile) -> Option<u32> {
        match profile {
            Profile::Private => self.file.limits.private,
            // The law limits private users alone; campaign data cannot change that.
            Profile::Organisation
            | Profile::Agency
            | Profile::Professional
            | Profile::MunicipalOperator => None,
        }
    }

    /// From when a registry value may no longer break readiness (ENR-3): the freeze before the opening that is
    /// current or next at `now`. None when no opening is left or the model has none.
    pub fn freeze_starts(&self, model: &ModelId, now: Timestamp) -> Option<Timestamp> {
        let opening = self.model(model)?.current_or_next_submit(now)?.from();
        Some(self.freeze_before(opening))
    }

    /// Whether a registry value that would break readiness becomes a remark for the officer instead (ENR-3).
    pub fn is_frozen(&self, model: &ModelId, now: Timestamp) -> bool {
        self.freeze_starts(model, now).is_some_and(|freeze| freeze <= now)
    }

    /// The quota lines that applications of a model compete for (RNK-1), in the order of the file.
    pub fn quota_lines(&self, model: &ModelId) -> impl Iterator<Item = &QuotaLine> {
        self.file.quotas.iter().filter(move |line| line.models.contains(model))
    }

    /// The rules of a term, where the campaign has it.
    pub fn term_rules(&self, kind: TermKind) -> Option<&RuleSet> {
        self.terms.get(&kind)
    }

    /// The term of this kind that starts at `start` (TRM-1).
    pub fn term(&self, kind: TermKind, start: Timestamp) -> Result<Term, TermError> {
        self.terms.get(&kind).ok_or(TermError::NotSet { kind })?.begin(start)
    }

    /// A term of this campaign lengthened by the outages that touched it (CNF-4); see [`RuleSet::extend`].
    pub fn extended(&self, term: &Term, outages: &[Outage]) -> Result<Term, TermError> {
        if outages.is_empty() {
            return Ok(*term);
        }
        let kind = term.kind();
        let extended =
            self.terms.get(&kind).ok_or(TermError::NotSet { kind })?.extend(term, outages)?;
        // An entry of the ledger may be corrected: what people were told once is never shortened (CNF-4).
        Ok(if extended.end() < term.end() { *term } else { extended })
    }

    /// Within which term the office decides on applications of a model (art. 22, 23 and 24 D.Lgs. 286/1998).
    pub fn decision_term(&self, model: &ModelId) -> TermKind {
        self.model(model).map_or(TermKind::NullaOsta, |model| model.file.decision_term)
    }

    /// All quota lines, in the order of the file: an application takes its place in the first that admits it (RNK-1).
    pub fn lines(&self) -> &[QuotaLine] {
        &self.file.quotas
    }

    /// Whether applications of a model compete for places at all.
    pub fn has_places(&self, model: &ModelId) -> bool {
        self.quota_lines(model).next().is_some()
    }

    /// The models whose applications compete for the same places, together: where two share a line, or each shares one
    /// with a third. A model without places is in none.
    pub fn competitions(&self) -> Vec<BTreeSet<ModelId>> {
        let mut found: Vec<BTreeSet<ModelId>> = Vec::new();
        for line in &self.file.quotas {
            let mut together: BTreeSet<ModelId> = line.models.iter().cloned().collect();
            found.retain(|other| {
                let is_apart = together.is_disjoint(other);
                if !is_apart {
                    together.extend(other.iter().cloned());
                }
                is_apart
            });
            found.push(together);
        }
        found
    }

    /// How activation codes are issued and tried (ACT-1).
    pub fn activation(&self) -> &ActivationRules {
        &self.file.activation
    }

    pub fn policies(&self) -> &Policies {
        &self.file.policies
    }

    pub fn enrichment(&self) -> &Enrichment {
        &self.file.enrichment
    }

    pub fn shards(&self) -> &Shards {
        &self.file.shards
    }

    /// Whether sign-in with a password gives more than help desk and *Associa pratica* at `now` (ACC-7).
    pub fn password_sign_in(&self, now: Timestamp) -> bool {
        self.password_sign_in.is_some_and(|window| window.contains(now))
    }

    /// What the static calendar page shows (NOT-2).
    pub fn public_calendar(&self) -> PublicCalendar {
        PublicCalendar::of(self)
    }
}

impl TryFrom<CampaignFile> for Campaign {
    type Error = CampaignError;

    fn try_from(file: CampaignFile) -> Result<Self, CampaignError> {
        check::checked(file)
    }
}

impl From<Campaign> for CampaignFile {
    fn from(campaign: Campaign) -> Self {
        campaign.into_file()
    }
}

impl CampaignModel {
    pub fn id(&self) -> &ModelId {
        &self.file.id
    }

    /// The name that people read.
    pub fn label(&self) -> &str {
        &self.file.label
    }

    /// The form's id and version, `c-stag-agricoltura@1`; none while the portal has no form for the model yet.
    pub fn schema(&self) -> Option<&str> {
        self.file.schema.as_deref()
    }

    /// The act that sets the model.
    pub fn source(&self) -> &str {
        &self.file.source
    }

    /// The menu entries that lead to the model, outermost first (PER-1, CAL-4).
    pub fn menu(&self) -> &[String] {
        &self.file.menu
    }

    /// Whether applications of this model need no place at `now` and are open all the time (CAL-4).
    pub fn is_off_quota(&self, now: Timestamp) -> bool {
        self.off_quota.is_some_and(|window| window.contains(now))
    }

    /// When the model is off quota at all.
    pub fn off_quota(&self) -> Option<Window> {
        self.off_quota
    }

    /// The windows for one access in order of time; reading is open but for its closures, and has none.
    pub fn windows(&self, access: Activity) -> &[Window] {
        match access {
            Activity::Read => &[],
            Activity::Start => &self.start,
            Activity::Edit => &self.edit,
            Activity::Submit => &self.submit,
        }
    }

    /// When applications of this model cannot even be read.
    pub fn read_closures(&self) -> &[Window] {
        &self.read_closed
    }

    /// The instant of the click day: the first opening for sending.
    pub fn click_day(&self) -> Option<Timestamp> {
        self.submit.first().map(Window::from)
    }

    fn current_or_next_submit(&self, now: Timestamp) -> Option<&Window> {
        self.submit.iter().find(|window| window.until().is_none_or(|until| now < until))
    }

    fn opening(&self, access: Activity, now: Timestamp) -> Opening {
        if let Some(window) = self.off_quota.filter(|window| window.contains(now)) {
            return Opening::Open { closes_at: window.until() };
        }
        if let Some(closure) = self.read_closed.iter().find(|closure| closure.contains(now)) {
            let opens_at = match access {
                Activity::Read => closure.until(),
                Activity::Start | Activity::Edit | Activity::Submit => {
                    self.next_opening(access, now)
                }
            };
            return Opening::Closed { reason: ClosedReason::SectionClosed, opens_at };
        }
        if access == Activity::Read {
            let closes_at = self.read_closed.iter().map(Window::from).find(|from| now < *from);
            return Opening::Open { closes_at };
        }
        match self.windows(access).iter().find(|window| window.contains(now)) {
            Some(window) => Opening::Open { closes_at: window.until() },
            None => Opening::Closed {
                reason: self.closed_reason(access, now),
                opens_at: self.next_opening(access, now),
            },
        }
    }

    fn closed_reason(&self, access: Activity, now: Timestamp) -> ClosedReason {
        let may_complete = self.edit.iter().any(|window| window.contains(now));
        if access == Activity::Start && may_complete {
            ClosedReason::CompletionOnly
        } else if self.next_opening(access, now).is_none() {
            ClosedReason::Ended
        } else if self
            .windows(access)
            .iter()
            .chain(&self.off_quota)
            .any(|window| window.from() <= now)
        {
            ClosedReason::Paused
        } else {
            ClosedReason::NotYetOpen
        }
    }

    fn next_opening(&self, access: Activity, now: Timestamp) -> Option<Timestamp> {
        self.windows(access)
            .iter()
            .chain(&self.off_quota)
            .map(Window::from)
            .filter(|from| now < *from)
            .min()
    }
}
