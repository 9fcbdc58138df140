//! The policies of a campaign that are numbers or switches.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};

use crate::coded::coded;
use crate::order::DrawRule;

/// How many applications a user may have in the campaign, by profile (LIM-1).
///
/// Only private users can be limited: a file that limits another profile is not read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Without it private users have no limit either.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private: Option<u32>,
}

coded! {
    /// How submissions are ordered (RNK-1).
    pub enum Order as "order" {
        /// By arrival; equal arrivals by the published draw.
        Chronological = "chronological", "Ordine cronologico";
        /// The same, and what was armed before an opening arrives at it, to the millisecond (NEW-1).
        Armed = "armed", "Cronologico con invio prenotato";
    }
}

impl Order {
    /// What equal arrivals draw with. Where many are equal, who could foresee a draw could look for a good one: the code is
    /// made by the write that sends, and nobody has it before.
    pub const fn draw_rule(self) -> DrawRule {
        match self {
            Self::Chronological => DrawRule::SeedApplication,
            Self::Armed => DrawRule::SeedApplicationCode,
        }
    }
}

coded! {
    /// What happened to a PEC, where a term may start from.
    pub enum PecEvent as "PEC event" {
        /// We handed it over: the reading of the portal's notices (CNF-1).
        Sent = "sent", "Invio";
        /// The sender's provider took it in charge.
        Accepted = "accepted", "Accettazione";
        /// It reached the mailbox.
        Delivered = "delivered", "Avvenuta consegna";
    }
}

/// The longest that a campaign may let an access token submit past its expiry: a stolen one lives no longer, and the
/// cookie lives for as long (ADR 0006).
pub const LONGEST_LATE_TOKEN: SignedDuration = SignedDuration::from_mins(30);

/// Between the end of an arrival ticket and the first final position of a later arrival: longer than submit may run,
/// and than an index takes to follow.
pub const TICKET_RESERVE: SignedDuration = SignedDuration::from_secs(60);

/// Policies of order, time and rush.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Policies {
    /// The same in every version of a campaign.
    pub order: Order,
    /// The event of a PEC that starts the terms that a PEC announces.
    pub terms_start_at_pec: PecEvent,
    /// After a submission's arrival, before its position counts as final, in seconds; arrival tickets end earlier
    /// ([`Policies::ticket_lasts`]).
    pub closing_delay_seconds: u32,
    /// After a closing or expiry, before it is written, so that a timely answer in flight wins; in seconds.
    pub grace_seconds: u32,
    /// Before an opening, when registry values stop breaking readiness, in hours (ENR-3).
    pub freeze_hours: u16,
    /// How long past its expiry submit accepts an access token inside an opening window, in minutes.
    pub late_submit_token_minutes: u16,
    /// An offset for armed applications, in milliseconds, that files published before 29 November 2026 name: nothing ever
    /// read it, and what is armed arrives at the opening itself (NEW-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub armed_spread_ms: Option<u32>,
    /// Days left at which reminders of a term go out (CNF-3).
    pub reminder_days_left: Vec<u16>,
}

impl Policies {
    pub fn closing_delay(&self) -> SignedDuration {
        SignedDuration::from_secs(self.closing_delay_seconds.into())
    }

    /// How long after the arrival its ticket may be used: the store must have what is sent with it before a later
    /// arrival gets a final position, [`TICKET_RESERVE`] before the closing delay ends (SUB-3). Zero where the delay is
    /// too short.
    pub fn ticket_lasts(&self) -> SignedDuration {
        (self.closing_delay() - TICKET_RESERVE).max(SignedDuration::ZERO)
    }

    /// See [`crate::term::Term::expiry_writable_from`].
    pub fn grace(&self) -> SignedDuration {
        SignedDuration::from_secs(self.grace_seconds.into())
    }

    /// At most [`LONGEST_LATE_TOKEN`].
    pub fn late_submit_token_grace(&self) -> SignedDuration {
        SignedDuration::from_mins(self.late_submit_token_minutes.into())
    }
}

/// How patiently registries are asked again (ENR-2).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Enrichment {
    /// Multiplies every pause: 1 in production, less where days must pass in seconds.
    pub scale: f64,
    /// Before the second, third, … attempt, in seconds; the last one repeats.
    pub pauses_seconds: Vec<u32>,
    /// No attempt is made later than this after the first one, in seconds before scaling.
    pub give_up_after_seconds: u32,
}

impl Enrichment {
    /// How long to wait after that many failed attempts; none when it is time to give up.
    pub fn pause_after(&self, failed_attempts: u32) -> Option<SignedDuration> {
        let last_pause = *self.pauses_seconds.last()?;
        let mut waited = 0_u64;
        let mut pause = 0;
        let mut listed = self.pauses_seconds.iter();
        for attempt in 0..failed_attempts {
            match listed.next() {
                Some(seconds) => {
                    pause = *seconds;
                    waited = waited.saturating_add(pause.into());
                }
                None => {
                    pause = last_pause;
                    let repeated = u64::from(failed_attempts - attempt);
                    waited = waited.saturating_add(repeated.saturating_mul(pause.into()));
                    break;
                }
            }
        }
        if waited > u64::from(self.give_up_after_seconds) {
            return None;
        }
        SignedDuration::try_from_secs_f64(f64::from(pause) * self.scale).ok()
    }

    /// A day of waiting for a registry.
    pub fn a_day(&self) -> SignedDuration {
        let day = SignedDuration::from_hours(24);
        SignedDuration::try_from_secs_f64(day.as_secs_f64() * self.scale).unwrap_or(day)
    }
}

/// Over how many keys writes that many share are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shards {
    /// Items that wait for a queue.
    pub pending: u16,
    /// The applications of one owner or organisation.
    pub owner: u16,
    /// The applications of one province.
    pub province: u16,
    /// The submissions of one quota line.
    pub ranking: u16,
    /// The terms that end on one day.
    pub deadline: u16,
}
