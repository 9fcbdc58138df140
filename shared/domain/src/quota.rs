//! Who gets a place: which lines an application may take one in, and how places are given in order of arrival, given up,
//! added and passed on (RNK-1, RNK-2, RNK-5, DEC-1).

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::{
    application::Application,
    campaign::{Campaign, QuotaLine, Reservation},
    form::Values,
    ids::ModelId,
    lifecycle::State,
    order::Rank,
    organisation::BasisKind,
};

pub mod figures;
pub mod recount;
#[cfg(test)]
mod tests;

/// Whether an application needs a place to be granted: its model has quota lines, and was not off quota when the
/// application was sent (CAL-4).
pub fn needs_place(campaign: &Campaign, application: &Application) -> bool {
    let Some(submission) = application.stage.submission() else { return false };
    let is_off_quota = campaign
        .model(&application.model)
        .is_some_and(|model| model.is_off_quota(submission.arrival));
    !is_off_quota && campaign.has_places(&application.model)
}

/// Whether an application in this state has given up its place, or its wait for one (RNK-2). A revoked case that is
/// opened again does not get the place back: the next in order has it.
pub const fn has_given_up(state: State) -> bool {
    match state {
        State::Refused | State::Revoked | State::Renounced | State::Archived => true,
        State::ToValidate
        | State::ToComplete
        | State::ToSend
        | State::Armed
        | State::Blocked
        | State::Submitted
        | State::BlockedAfterSending
        | State::InReview
        | State::IntegrationRequested
        | State::RefusalAnnounced
        | State::Granted
        | State::AwaitingConfirmation
        | State::Renouncing
        | State::ExpiredToVerify
        | State::Confirmed
        | State::VisaIssued
        | State::EntryReported
        | State::ContractToSign
        | State::ContractUploaded
        | State::ContractSent
        | State::ContractRejected
        | State::ContractOverdue
        | State::ContractValidated
        | State::ModulesIssued
        | State::Deleted => false,
    }
}

/// The protocol number that a submission gets with its final position (SUB-4), such as
/// `FG/C-STAG-AGRICOLTURA/2026/000123`: office, model, year, ordinal.
pub fn protocol_number(
    campaign: &Campaign,
    model: &ModelId,
    province: &str,
    ordinal: u64,
) -> String {
    let model = model.as_str().to_uppercase();
    format!("{province}/{model}/{}/{ordinal:06}", campaign.year())
}

/// What a reservation goes by.
enum Ground {
    /// What the form answers: a field and its values.
    Answer(&'static str, &'static [&'static str]),
    /// The basis of the organisation that filed.
    Basis(BasisKind),
    /// No form asks for it: such places serve nobody until the reservation ends.
    Unasked,
}

impl Reservation {
    const fn ground(self) -> Ground {
        const GROUP: &str = "request_country_group";
        match self {
            Self::AgriculturalAssociations => Ground::Basis(BasisKind::ReservedQuota),
            Self::TourismAssociations => Ground::Basis(BasisKind::ReservedTourismQuota),
            Self::MultiYear => {
                Ground::Answer("request_kind", &["multi-year", "joint", "previous-relationship"])
            }
            Self::CooperationCountries => Ground::Answer(GROUP, &["cooperation"]),
            Self::AgreementCountries => Ground::Answer(GROUP, &["agreement"]),
            Self::Refugees => Ground::Answer(GROUP, &["refugee"]),
            Self::TrainedAbroad | Self::ItalianOrigin => Ground::Unasked,
        }
    }
}

/// What of an application decides which lines it may take a place in; it never changes once the application was sent.
#[derive(Clone, Debug, Default, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub struct Claims {
    /// The reservations that it falls under.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub reservations: BTreeSet<Reservation>,
    /// Province of the workplace.
    pub province: String,
}

impl Claims {
    /// The claims of an application with this content, filed by an organisation on this basis or by the employer.
    pub fn of(values: &Values, basis: Option<BasisKind>, province: &str) -> Self {
        let falls_under = |reservation: &Reservation| match reservation.ground() {
            Ground::Basis(kind) => basis == Some(kind),
            Ground::Unasked => false,
            Ground::Answer(field, answers) => values
                .iter()
                .filter(|(key, _)| key.as_str() == field)
                .filter_map(|(_, value)| value.value.as_str())
                .any(|value| answers.contains(&value)),
        };
        let reservations = Reservation::ALL.iter().copied().filter(falls_under).collect();
        Self { reservations, province: province.to_owned() }
    }
}

impl QuotaLine {
    /// Whether an application may take a place of this line at an instant of the campaign: it is of one of its models
    /// and provinces, and falls under its reservation, as long as that lasts.
    pub fn admits(&self, model: &ModelId, claims: &Claims, now: Timestamp) -> bool {
        self.models.contains(model)
            && (self.provinces.is_empty() || self.provinces.contains(&claims.province))
            && self.reservation_at(now).is_none_or(|kind| claims.reservations.contains(&kind))
    }

    /// For whom the line is reserved at an instant; none once what is left serves everybody (art. 9 c. 3 DPCM 2 ottobre
    /// 2025).
    pub fn reservation_at(&self, now: Timestamp) -> Option<Reservation> {
        self.reserved_for.filter(|_| self.reserved_until.is_none_or(|until| now < until.instant()))
    }

    /// Whom the line admits, as a text that changes when that does.
    fn rule(&self, now: Timestamp) -> String {
        let models: Vec<&str> = self.models.iter().map(ModelId::as_str).collect();
        let provinces: Vec<&str> = self.provinces.iter().map(String::as_str).collect();
        let reservation = self.reservation_at(now).map_or("", Reservation::code);
        format!("{}|{reservation}|{}", models.join(","), provinces.join(","))
    }
}

/// How far one line is.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct LineStanding {
    /// Places that are taken: given and not given up.
    pub taken: u64,
    /// No application before this rank waits for a place of the line; none while nobody at all waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waits_from: Option<Rank>,
    /// The latest arrival that was ever given a place of the line, in milliseconds of the campaign's clock (NEW-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
    /// Whom the line admitted when it was last looked at.
    rule: String,
}

/// What was sent from one province (NEW-7).
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Sent {
    /// Submissions that have an ordinal.
    pub sent: u64,
    /// The latest arrival among them that was ever given a place, in milliseconds of the campaign's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<i64>,
}

/// How far the places of a campaign are given: what one writer keeps and moves on.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Standings {
    /// Submissions that have an ordinal, by model.
    #[serde(default)]
    pub ordinals: BTreeMap<ModelId, u64>,
    /// Lines by identifier.
    #[serde(default)]
    pub lines: BTreeMap<String, LineStanding>,
    /// What was sent, by model and province of the workplace: a hundred or so of each model that has places.
    #[serde(default)]
    pub sent: BTreeMap<ModelId, BTreeMap<String, Sent>>,
}

/// What a submission gets in the order of arrival.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Seat {
    /// Counts the submissions of the model in their order, from 1; never changed.
    pub ordinal: u64,
    /// The line in which it has a place; none while it waits for one.
    pub line: Option<String>,
}

/// A submission that has its ordinal, as it is looked at for a place that is free.
#[derive(Clone, Debug)]
pub struct Ranked<'a> {
    /// Where it stands.
    pub rank: &'a Rank,
    /// Its model.
    pub model: &'a ModelId,
    /// Its claims.
    pub claims: &'a Claims,
    /// Whether it has no place and still stands.
    pub waits: bool,
}

impl Standings {
    /// Takes notice of the lines as the campaign has them at an instant: a line that is new, or admits others than
    /// before, is looked through from the first submission on.
    pub fn follow<'a>(&mut self, lines: impl IntoIterator<Item = &'a QuotaLine>, now: Timestamp) {
        let any = self.ordinals.values().any(|given| *given > 0);
        for line in lines {
            let standing = self.lines.entry(line.id.clone()).or_default();
            let rule = line.rule(now);
            if standing.rule != rule {
                standing.rule = rule;
                standing.waits_from = any.then(Rank::first);
            }
        }
    }

    /// Free places of a line.
    pub fn room(&self, line: &QuotaLine) -> u64 {
        let taken = self.lines.get(&line.id).map_or(0, |standing| standing.taken);
        u64::from(line.places).saturating_sub(taken)
    }

    /// Gives the next submission in the order of arrival its ordinal, and a place in the first line that admits it and
    /// has room; without one it waits in every line that admits it. `lines` are in the order of the campaign.
    pub fn seat(
        &mut self,
        lines: &[&QuotaLine],
        rank: &Rank,
        model: &ModelId,
        claims: &Claims,
        now: Timestamp,
    ) -> Seat {
        let ordinal = self.ordinals.entry(model.clone()).or_default();
        *ordinal += 1;
        let ordinal = *ordinal;
        let admitting: Vec<&&QuotaLine> =
            lines.iter().filter(|line| line.admits(model, claims, now)).collect();
        // Who waits in a line came earlier: its next place is theirs.
        let free = admitting.iter().find(|line| {
            self.room(line) > 0
                && self.lines.get(&line.id).is_none_or(|line| line.waits_from.is_none())
        });
        let line = free.map(|line| line.id.clone());
        self.of_province(model, claims).sent += 1;
        if let Some(line) = &line {
            self.lines.entry(line.clone()).or_default().taken += 1;
            self.gives(line, rank, model, claims);
        } else {
            for line in admitting {
                let standing = self.lines.entry(line.id.clone()).or_default();
                standing.waits_from.get_or_insert_with(|| rank.clone());
            }
        }
        Seat { ordinal, line }
    }

    fn of_province(&mut self, model: &ModelId, claims: &Claims) -> &mut Sent {
        let provinces = self.sent.entry(model.clone()).or_default();
        provinces.entry(claims.province.clone()).or_default()
    }

    /// Takes notice of whom a place is given to.
    fn gives(&mut self, line: &str, rank: &Rank, model: &ModelId, claims: &Claims) {
        let arrival = rank.arrival();
        let standing = self.lines.entry(line.to_owned()).or_default();
        standing.last = standing.last.max(arrival);
        let sent = self.of_province(model, claims);
        sent.last = sent.last.max(arrival);
    }

    /// A place of a line is given up (RNK-2).
    pub fn free(&mut self, line: &str) {
        if let Some(standing) = self.lines.get_mut(line) {
            standing.taken = standing.taken.saturating_sub(1);
        }
    }

    /// From which rank on the applications of a line are to be looked at; none where it has no room or nobody waits.
    pub fn looks_from(&self, line: &QuotaLine) -> Option<&Rank> {
        if self.room(line) == 0 {
            return None;
        }
        self.lines.get(&line.id)?.waits_from.as_ref()
    }

    /// Gives the free places of a line to those who wait for them, in the order of `page`, which begins where
    /// [`Standings::looks_from`] says; gives the ranks of those who move up. `is_last` says that no ranked application
    /// comes after the page.
    pub fn move_up(
        &mut self,
        line: &QuotaLine,
        page: &[Ranked<'_>],
        is_last: bool,
        now: Timestamp,
    ) -> Vec<Rank> {
        let mut room = self.room(line);
        let mut moved = Vec::new();
        for ranked in page {
            let standing = self.lines.entry(line.id.clone()).or_default();
            if !ranked.waits || !line.admits(ranked.model, ranked.claims, now) {
                continue;
            }
            if room == 0 {
                standing.waits_from = Some(ranked.rank.clone());
                return moved;
            }
            room -= 1;
            standing.taken += 1;
            self.gives(&line.id, ranked.rank, ranked.model, ranked.claims);
            moved.push(ranked.rank.clone());
        }
        let standing = self.lines.entry(line.id.clone()).or_default();
        let after = page.last().map(|ranked| ranked.rank.after());
        standing.waits_from = if is_last { None } else { after.or(standing.waits_from.take()) };
        moved
    }
}
