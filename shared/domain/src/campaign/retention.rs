//! For how long what belongs to a campaign's applications is kept (PRV-1; art. 5 par. 1 (e) of Regulation (EU) 2016/679).

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Campaign;
use crate::lifecycle::State;

/// A time of keeping and what sets it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// In days of 24 hours: nobody waits for the minute.
    pub days: u32,
    /// The act that sets it, or that it is our assumption.
    pub source: String,
}

/// The times of keeping of a campaign.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Retention {
    /// Drafts that were never sent, from their last change.
    pub drafts: Kept,
    /// Content and documents of cases that are closed, from their closing. Their history stays.
    pub cases: Kept,
}

impl Default for Retention {
    /// Of campaigns that were published before they stated it.
    fn default() -> Self {
        let source = "Ipotesi: la campagna non lo indica";
        Self {
            drafts: Kept { days: 365, source: source.to_owned() },
            cases: Kept { days: 3650, source: source.to_owned() },
        }
    }
}

/// What becomes of an application whose time is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Forgotten {
    /// The draft is deleted with all its content; that it was there stays in its history.
    Draft,
    /// Content and documents go; head, history, receipt and place stay.
    Content,
}

impl Campaign {
    /// For how long things are kept.
    pub const fn retention(&self) -> &Retention {
        &self.file.retention
    }

    /// What is to be forgotten at `now` of an application in this state that last changed then; none while it is kept.
    pub fn forgets(&self, state: State, changed: Timestamp, now: Timestamp) -> Option<Forgotten> {
        let retention = self.retention();
        let (what, kept) = if state.is_draft() {
            (Forgotten::Draft, &retention.drafts)
        } else if state.is_sent() && !state.is_live() {
            (Forgotten::Content, &retention.cases)
        } else {
            return None;
        };
        is_over(changed, kept.days, now).then_some(what)
    }
}

/// Whether what was last touched at `since` has been kept for so many days.
pub fn is_over(since: Timestamp, days: u32, now: Timestamp) -> bool {
    let kept = SignedDuration::from_hours(24 * i64::from(days));
    since.saturating_add(kept).is_ok_and(|end| end <= now)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::RomeTime;

    fn rome(text: &str) -> Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    /// PRV-1: a draft goes a year after its last change, the content of a case ten years after its closing; what is under
    /// way, blocked or deleted never does.
    #[test]
    fn each_kind_is_kept_until_its_day_and_no_longer() {
        let demo = Campaign::parse(include_str!("../../../../campaigns/demo.toml")).unwrap();
        let changed = rome("2026-01-12 09:00");
        let day = SignedDuration::from_hours(24);
        let ms = SignedDuration::from_millis(1);
        for state in State::ALL {
            let (days, what) = match state {
                state if state.is_draft() => (365, Some(Forgotten::Draft)),
                State::Refused
                | State::Renounced
                | State::Revoked
                | State::ModulesIssued
                | State::Archived => (3650, Some(Forgotten::Content)),
                _ => (36500, None),
            };
            let end = changed + day * days;
            assert_eq!(demo.forgets(*state, changed, end - ms), None, "{state}");
            assert_eq!(demo.forgets(*state, changed, end), what, "{state}");
        }
    }

    /// The default of a parameter of the stack.
    fn parameter(name: &str) -> u32 {
        let template = include_str!("../../../../template.yaml");
        let (_, after) = template.split_once(&format!("\n  {name}:\n")).unwrap();
        let default = after.lines().find_map(|line| line.strip_prefix("    Default: ")).unwrap();
        default.parse().unwrap()
    }

    /// PRV-1: the notice tells people the times that are applied, those of the campaign and those of the stack.
    #[test]
    fn the_privacy_notice_tells_the_times_that_are_applied() {
        let (letters, accounts) = (parameter("LetterDays"), parameter("AccountDays"));
        for toml in [
            include_str!("../../../../campaigns/demo.toml"),
            include_str!("../../../../campaigns/df-2026.toml"),
            include_str!("../../../../campaigns/df-2022.toml"),
        ] {
            let campaign = Campaign::parse(toml).unwrap();
            let Retention { drafts, cases } = campaign.retention();
            let whole_years = [drafts.days, cases.days, accounts].map(|days| days % 365);
            assert_eq!(whole_years, [0; 3], "{}", campaign.id());
            let notice = campaign.public_privacy_notice().unwrap();
            let section = notice
                .sections
                .iter()
                .find(|section| section.point == crate::campaign::PrivacyPoint::Retention)
                .unwrap();
            let told = section.paragraphs.join(" ");
            for time in [
                format!("{} mesi dall'ultima modifica", drafts.days / 365 * 12),
                format!("{} anni", cases.days / 365),
                format!("{} mesi dall'ultimo accesso", accounts / 365 * 12),
                format!("Lettere inviate per e-mail: {letters} giorni"),
            ] {
                assert!(told.contains(&time), "{}: {time}", campaign.id());
            }
        }
    }
}
