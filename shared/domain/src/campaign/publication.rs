//! When a published version of a campaign takes effect.

use jiff::{SignedDuration, Timestamp};

/// Between the publication of a later version and its effect.
pub const SHORTEST_NOTICE: SignedDuration = SignedDuration::from_mins(5);

/// The oldest copy in memory by which a function decides.
pub const LONGEST_COPY_AGE: SignedDuration = SignedDuration::from_secs(60);

/// The publication of one immutable version. Its times are the machine's: no campaign offset moves them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Publication {
    pub version: u32,
    pub published_at: Timestamp,
    /// The version must count at once, though environments with an older copy decide by it for a while.
    pub emergency: bool,
}

/// When a version counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Effect {
    /// From this instant on the version decides.
    pub at: Timestamp,
    /// Until this instant some environments may still decide by the version before; the person who publishes reads it.
    pub mixed_until: Option<Timestamp>,
}

impl Publication {
    /// The first version takes effect at once, a later one after the notice, so that no warm environment lives by an
    /// old opening; an emergency at once, with a spread.
    pub fn effect(&self) -> Effect {
        if self.version <= 1 {
            Effect { at: self.published_at, mixed_until: None }
        } else if self.emergency {
            Effect {
                at: self.published_at,
                mixed_until: Some(later(self.published_at, LONGEST_COPY_AGE)),
            }
        } else {
            Effect { at: later(self.published_at, SHORTEST_NOTICE), mixed_until: None }
        }
    }

    /// Of these publications the one that decides at `now`: the highest version that has taken effect.
    pub fn in_force(publications: &[Self], now: Timestamp) -> Option<&Self> {
        publications
            .iter()
            .filter(|publication| publication.effect().at <= now)
            .max_by_key(|publication| publication.version)
    }
}

fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

    fn published(version: u32, emergency: bool) -> Publication {
        Publication { version, published_at: Timestamp::UNIX_EPOCH, emergency }
    }

    #[test]
    fn the_first_version_takes_effect_at_once() {
        let effect = Effect { at: Timestamp::UNIX_EPOCH, mixed_until: None };
        assert_eq!(published(1, false).effect(), effect);
        assert_eq!(published(1, true).effect(), effect);
    }

    #[test]
    fn a_later_version_takes_effect_five_minutes_after_its_publication() {
        let versions = [published(1, false), published(2, false)];
        let effect = versions[1].effect();
        assert_eq!(
            effect,
            Effect { at: Timestamp::UNIX_EPOCH + SHORTEST_NOTICE, mixed_until: None }
        );
        assert_eq!(Publication::in_force(&versions, effect.at - ONE_MS), Some(&versions[0]));
        assert_eq!(Publication::in_force(&versions, effect.at), Some(&versions[1]));
        assert_eq!(Publication::in_force(&versions, Timestamp::UNIX_EPOCH - ONE_MS), None);
    }

    /// A copy in memory is younger than the notice, so that no function decides by an old opening.
    #[test]
    fn the_notice_is_longer_than_the_age_of_any_copy() {
        assert!(SHORTEST_NOTICE > LONGEST_COPY_AGE);
    }

    #[test]
    fn an_emergency_takes_effect_at_once_and_tells_how_long_versions_are_mixed() {
        let effect = published(3, true).effect();
        assert_eq!(effect.at, Timestamp::UNIX_EPOCH);
        assert_eq!(effect.mixed_until, Some(Timestamp::UNIX_EPOCH + LONGEST_COPY_AGE));
    }
}
