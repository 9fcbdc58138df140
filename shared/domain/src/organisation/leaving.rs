//! An operator or a contact leaves an organisation: when access ends, and which sessions end with it (ORG-4).

use jiff::{SignedDuration, Timestamp};

use crate::permission::Role;

/// How long after a leaving a request may still open a session as an operator: longer than any request takes.
const LATE_SIGN_IN: SignedDuration = SignedDuration::from_mins(1);

/// When a person works for an organisation: the first instant is included, the end is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first instant.
    pub from: Timestamp,
    /// The end, excluded; none while no end is known.
    pub until: Option<Timestamp>,
}

impl Period {
    /// Whether the person works for the organisation at an instant.
    pub fn contains(self, now: Timestamp) -> bool {
        self.from <= now && self.until.is_none_or(|until| now < until)
    }
}

/// Whether a caller in this role may report that a person in that role leaves: the leaving of a contact is reported by
/// an administrator, so that no list is left without one by mistake (ORG-4).
pub const fn may_report_leaving(caller: Role, leaver: Role) -> bool {
    matches!(caller, Role::Administrator) || !matches!(leaver, Role::OrganisationContact)
}

/// What a report that a person leaves brings about (ORG-4).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Leaving {
    /// The first instant without access: the reported one, or the end of the organisation's basis where that is earlier.
    pub until: Timestamp,
    /// Sessions that began before this instant end at it.
    pub sessions_end: Timestamp,
    /// Whether the list says so already: the report is a repetition, or the person has left before.
    pub is_recorded: bool,
}

impl Leaving {
    /// Judges a report at `now` that a person leaves at `reported`, which is `now` or later.
    ///
    /// A person who has left already may work for another organisation by now: only sessions from the time of that
    /// leaving end.
    pub fn of(
        period: Period,
        basis_until: Option<Timestamp>,
        reported: Timestamp,
        now: Timestamp,
    ) -> Self {
        let until = basis_until.map_or(reported, |end| end.min(reported));
        let has_left = period.from <= now && !period.contains(now);
        let left = period.until.filter(|_| has_left);
        Self {
            until,
            sessions_end: left.map_or(until, |left| now.min(left + LATE_SIGN_IN)),
            is_recorded: has_left || period.until == Some(until),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Bruno works for a patronato from 12 January 2026 on.
    fn bruno(until: Option<Timestamp>) -> Period {
        Period { from: at("2026-01-12T08:00:00Z"), until }
    }

    /// ORG-4: an organisation that Bruno left ends no session of his at the next one.
    #[test]
    fn a_leaving_reported_again_ends_only_sessions_from_then() {
        let (left, now) = (at("2026-11-03T09:00:00Z"), at("2026-11-22T08:00:00Z"));
        let again = Leaving::of(bruno(Some(left)), None, now, now);
        assert_eq!(again.sessions_end, at("2026-11-03T09:01:00Z"));
        assert!(again.is_recorded);
        // The answer was lost: a session that Bruno opened meanwhile ends, too.
        let soon = at("2026-11-03T09:00:10Z");
        assert_eq!(Leaving::of(bruno(Some(left)), None, soon, soon).sessions_end, soon);
    }

    #[test]
    fn access_ends_at_once_or_at_the_announced_instant() {
        let now = at("2026-11-22T08:00:00Z");
        let at_once = Leaving::of(bruno(None), None, now, now);
        let expected = Leaving { until: now, sessions_end: now, is_recorded: false };
        assert_eq!(at_once, expected);
        let announced = at("2026-12-31T17:00:00Z");
        let later = Leaving::of(bruno(None), None, announced, now);
        assert_eq!((later.until, later.sessions_end), (announced, announced));
        assert!(!later.is_recorded);
        assert!(Leaving::of(bruno(Some(announced)), None, announced, now).is_recorded);
        // Bruno leaves earlier than first announced.
        assert!(!Leaving::of(bruno(Some(announced)), None, now, now).is_recorded);
    }

    /// ORG-2: the end of the basis stays the end, whatever is announced after it.
    #[test]
    fn nobody_stays_longer_than_the_basis() {
        let (now, end) = (at("2026-11-22T08:00:00Z"), at("2026-11-30T23:00:00Z"));
        let leaving = Leaving::of(bruno(Some(end)), Some(end), at("2026-12-31T17:00:00Z"), now);
        assert_eq!((leaving.until, leaving.is_recorded), (end, true));
        let earlier = Leaving::of(bruno(Some(end)), Some(end), now, now);
        assert_eq!((earlier.until, earlier.is_recorded), (now, false));
    }

    #[test]
    fn an_administrator_alone_reports_the_leaving_of_a_contact() {
        assert!(may_report_leaving(Role::OrganisationContact, Role::Operator));
        assert!(may_report_leaving(Role::Administrator, Role::Operator));
        assert!(may_report_leaving(Role::Administrator, Role::OrganisationContact));
        assert!(!may_report_leaving(Role::OrganisationContact, Role::OrganisationContact));
    }
}
