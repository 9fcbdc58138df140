//! Half-open windows of time, and what the portal answers inside and outside of them (CAL-1, CAL-3).

use jiff::Timestamp;

use crate::calendar;
use crate::coded::coded;

/// From an instant, included, to another, excluded, or without end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    from: Timestamp,
    until: Option<Timestamp>,
}

impl Window {
    /// None if the window would end before or when it begins.
    pub fn new(from: Timestamp, until: Option<Timestamp>) -> Option<Self> {
        until.is_none_or(|until| from < until).then_some(Self { from, until })
    }

    /// The first instant inside.
    pub fn from(&self) -> Timestamp {
        self.from
    }

    /// The first instant outside; none for a window without end.
    pub fn until(&self) -> Option<Timestamp> {
        self.until
    }

    pub fn contains(&self, instant: Timestamp) -> bool {
        self.from <= instant && self.until.is_none_or(|until| instant < until)
    }

    /// Whether all of `other` lies inside.
    pub(super) fn holds(&self, other: &Self) -> bool {
        self.from <= other.from
            && self
                .until
                .is_none_or(|until| other.until.is_some_and(|other_until| other_until <= until))
    }

    pub(super) fn overlaps(&self, other: &Self) -> bool {
        self.until.is_none_or(|until| other.from < until)
            && other.until.is_none_or(|until| self.from < until)
    }
}

coded! {
    /// What a person wants to do with applications of a model; the label completes "è possibile …".
    pub enum Activity as "access" {
        /// See the section and one's applications in it.
        Read = "read", "consultare le domande";
        /// Begin a new application.
        Start = "start", "compilare nuove domande";
        /// Complete or change one that was begun.
        Edit = "edit", "modificare le domande";
        /// Send one that is ready.
        Submit = "submit", "inviare le domande";
    }
}

coded! {
    /// Why an access is closed (CAL-3).
    pub enum ClosedReason as "reason" {
        NotYetOpen = "not-yet-open", "Non ancora aperto";
        /// Applications that were begun may be completed, new ones not.
        CompletionOnly = "completion-only", "Solo completamento";
        /// Between two windows.
        Paused = "paused", "Sospeso";
        /// The section cannot even be read.
        SectionClosed = "section-closed", "Sezione chiusa";
        Ended = "ended", "Terminato";
        /// The campaign does not have the model.
        ModelNotOffered = "model-not-offered", "Modello non previsto";
    }
}

/// The answer of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Opening {
    Open {
        /// The first instant at which it no longer is; none if it stays open.
        closes_at: Option<Timestamp>,
    },
    Closed {
        reason: ClosedReason,
        /// When it opens next; none if it never does.
        opens_at: Option<Timestamp>,
    },
}

impl Opening {
    pub fn is_open(self) -> bool {
        match self {
            Self::Open { .. } => true,
            Self::Closed { .. } => false,
        }
    }

    /// What a person reads who is refused `access`, with the next opening; none where it is open (CAL-3).
    pub fn explanation(self, access: Activity) -> Option<String> {
        let (reason, opens_at) = match self {
            Self::Open { .. } => return None,
            Self::Closed { reason, opens_at } => (reason, opens_at),
        };
        let what = access.label();
        if reason == ClosedReason::SectionClosed && access == Activity::Read {
            let closed = "La sezione è chiusa: le risposte non si possono consultare";
            return Some(match opens_at {
                // It opens where the closure ends.
                Some(end) => format!("{closed} fino a {}.", calendar::until_in_words(end)),
                None => format!("{closed}."),
            });
        }
        let what_happened = match reason {
            ClosedReason::NotYetOpen => format!("Non è ancora possibile {what}"),
            ClosedReason::CompletionOnly => {
                "In questo periodo si possono solo completare le domande già inserite".to_owned()
            }
            // That the section is closed is said where it cannot be read, and only there.
            ClosedReason::Paused | ClosedReason::SectionClosed => {
                format!("In questo momento non è possibile {what}")
            }
            ClosedReason::Ended => {
                format!("Non è più possibile {what}: il periodo previsto è terminato")
            }
            ClosedReason::ModelNotOffered => {
                "Questo modello di domanda non è previsto. Scegli uno dei modelli in elenco"
                    .to_owned()
            }
        };
        Some(match (reason, opens_at.map(calendar::in_words)) {
            (_, None) => format!("{what_happened}."),
            (
                ClosedReason::NotYetOpen | ClosedReason::Paused | ClosedReason::SectionClosed,
                Some(opening),
            ) => format!("{what_happened}: si potrà da {opening}."),
            (_, Some(opening)) => {
                format!("{what_happened}. Sarà possibile {what} da {opening}.")
            }
        })
    }
}
