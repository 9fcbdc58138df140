//! The calendar as the public pages and the static file show it (NOT-2).

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::Serialize;

use super::{
    Activity, Campaign, CampaignModel, Order, PrivacyLink, QuotaLine, Reservation, Window,
};
use crate::calendar::{self, RomeTime};
use crate::ids::{CampaignId, ModelId};

/// A campaign as the public sees it. Instants are RFC 3339 with Rome's offset.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicCalendar {
    /// Version of this shape.
    pub v: u8,
    pub campaign: CampaignId,
    pub version: u32,
    pub year: i16,
    pub title: String,
    /// Whether public pages show it; a rehearsal is not shown.
    pub current: bool,
    pub law: String,
    pub time_zone: &'static str,
    /// How submissions are ordered: whether people can arm (NEW-1).
    pub order: Order,
    /// What to add to the clock to get the campaign's, in milliseconds; 0 in production.
    pub clock_offset_ms: i64,
    /// Applications that a private user may have; null without limit.
    pub private_limit: Option<u32>,
    /// The privacy notice that a start and a registration name (CHK-1, ACC-1).
    pub privacy: Option<PrivacyLink>,
    /// When an address and a password open an account; null where they never do (ACC-7).
    pub password_sign_in: Option<PublicWindow>,
    pub models: Vec<PublicModel>,
    pub quotas: Vec<PublicQuota>,
}

/// A model and its windows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicModel {
    pub id: ModelId,
    pub label: String,
    pub source: String,
    pub menu: Vec<String>,
    /// Whether the portal has a form for it.
    pub can_be_filled_in: bool,
    /// The form's version, `c-stag-agricoltura@1`; null while there is none.
    pub schema: Option<String>,
    /// Where the form stands as a public file that never changes.
    pub form_url: Option<String>,
    /// The opening of the click day and the same in words.
    pub click_day: Option<String>,
    pub click_day_in_words: Option<String>,
    pub off_quota: Option<PublicWindow>,
    pub start: Vec<PublicWindow>,
    pub edit: Vec<PublicWindow>,
    pub submit: Vec<PublicWindow>,
    pub read_closed: Vec<PublicWindow>,
}

/// A window; `until` is the first instant outside, null without end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicWindow {
    pub from: String,
    pub until: Option<String>,
}

/// A quota line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PublicQuota {
    pub id: String,
    pub label: String,
    pub models: Vec<ModelId>,
    pub places: u32,
    pub reserved_for: Option<Reservation>,
    /// From when on what is left of a reserved line serves everybody; null while no act says so.
    pub reserved_until: Option<RomeTime>,
    /// Provinces of the workplaces that it serves; empty for all.
    pub provinces: BTreeSet<String>,
    pub source: String,
}

impl PublicCalendar {
    pub(super) fn of(campaign: &Campaign) -> Self {
        let file = &campaign.file;
        Self {
            v: 1,
            campaign: file.id.clone(),
            version: file.version,
            year: file.year,
            title: file.title.clone(),
            current: !file.rehearsal,
            law: file.law.clone(),
            time_zone: "Europe/Rome",
            order: file.policies.order,
            clock_offset_ms: file.clock_offset_ms,
            private_limit: file.limits.private,
            privacy: campaign.privacy_link(),
            password_sign_in: campaign.password_sign_in.as_ref().map(public_window),
            models: campaign.models().iter().map(public_model).collect(),
            quotas: file.quotas.iter().map(public_quota).collect(),
        }
    }
}

/// The key of the public file of a form: `facts/forms/c-stag-agricoltura-1.json`.
pub fn form_file(schema: &str) -> String {
    format!("facts/forms/{}.json", schema.replace('@', "-"))
}

fn public_model(model: &CampaignModel) -> PublicModel {
    let windows = |access| model.windows(access).iter().map(public_window).collect();
    PublicModel {
        id: model.id().clone(),
        label: model.label().to_owned(),
        source: model.source().to_owned(),
        menu: model.menu().to_vec(),
        can_be_filled_in: model.schema().is_some(),
        schema: model.schema().map(str::to_owned),
        form_url: model.schema().map(|schema| format!("/{}", form_file(schema))),
        click_day: model.click_day().map(calendar::rfc3339),
        click_day_in_words: model.click_day().map(calendar::in_words),
        off_quota: model.off_quota().as_ref().map(public_window),
        start: windows(Activity::Start),
        edit: windows(Activity::Edit),
        submit: windows(Activity::Submit),
        read_closed: model.read_closures().iter().map(public_window).collect(),
    }
}

fn public_window(window: &Window) -> PublicWindow {
    let written = |instant: Timestamp| calendar::rfc3339(instant);
    PublicWindow { from: written(window.from()), until: window.until().map(written) }
}

fn public_quota(line: &QuotaLine) -> PublicQuota {
    PublicQuota {
        id: line.id.clone(),
        label: line.label.clone(),
        models: line.models.clone(),
        places: line.places,
        reserved_for: line.reserved_for,
        reserved_until: line.reserved_until,
        provinces: line.provinces.clone(),
        source: line.source.clone(),
    }
}
