//! The openings at which what was armed goes, and which of them takes what (NEW-1).
//!
//! What has begun is carried to its end: an opening is fixed before its first send, and a version that is published meanwhile
//! parts no two that were armed for it.

use jiff::{SignedDuration, Timestamp};

use super::{Activity, Campaign, CampaignModel, Effect, Window};
use crate::ids::ModelId;

/// After an opening, before the first send. An arm or a disarm that arrived before it may be on its way for the 29 s of its
/// function, and wins; 31 s are left for clocks that are ahead.
pub const ARMED_SENDS_BEGIN: SignedDuration = SignedDuration::from_secs(60);

/// After an opening, when no arm for it is on its way any more: 60 s that a copy of the version before lets people arm, 29 s of
/// the last request, 31 s for clocks that are behind.
pub const LAST_ARM_IS_WRITTEN: SignedDuration = SignedDuration::from_secs(120);

/// An opening of a model at which what was armed goes. Its instants are of the campaign's clock.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct ArmedOpening {
    /// The first instant of the window, by which it is found again.
    pub from: Timestamp,
    /// When anybody could press: not before the version that opened the window took effect.
    pub opening: Timestamp,
}

impl ArmedOpening {
    /// Whether its sends may go at `now`.
    pub fn has_begun(&self, now: Timestamp) -> bool {
        self.opening.saturating_add(ARMED_SENDS_BEGIN).is_ok_and(|begins| begins <= now)
    }

    /// Whether at `now` all that was armed for it is written.
    pub fn is_complete(&self, now: Timestamp) -> bool {
        self.opening.saturating_add(LAST_ARM_IS_WRITTEN).is_ok_and(|complete| complete <= now)
    }

    /// The arrival that it gives to what was armed at an instant: the opening itself to all that was armed before. What was
    /// armed later, by a copy of the version before, arrives when it was armed, and only where the version in force has this
    /// window open then; none where it waits for the next opening.
    pub fn arrival(
        &self,
        in_force: &Campaign,
        model: &ModelId,
        armed: Timestamp,
    ) -> Option<Timestamp> {
        if armed < self.opening {
            return Some(self.opening);
        }
        let mut windows = in_force.model(model).into_iter().flat_map(sending_windows);
        let is_open = windows.any(|window| window.from() == self.from && window.contains(armed));
        is_open.then_some(armed)
    }
}

impl Campaign {
    /// The first instants of all windows for sending of a model that lie at or before `now`, in order: its openings, with the
    /// one at which it went off quota (CAL-4).
    pub fn past_openings(&self, model: &ModelId, now: Timestamp) -> Vec<Timestamp> {
        let windows = self.model(model).into_iter().flat_map(sending_windows);
        let mut openings: Vec<_> = windows.map(Window::from).filter(|from| *from <= now).collect();
        openings.sort_unstable();
        openings.dedup();
        openings
    }
}

/// The opening of the window that begins at `from`, by the versions of a campaign, the newest first and the one in force at
/// their head: the oldest of those that have had this window ever since opened it. One that a newer version was ahead of was
/// never in force.
pub fn armed_opening<'a>(
    versions: impl IntoIterator<Item = (Effect, &'a Campaign)>,
    model: &ModelId,
    from: Timestamp,
) -> ArmedOpening {
    let mut newer: Option<Timestamp> = None;
    let mut opening = None;
    for (effect, campaign) in versions {
        if newer.is_some_and(|newer| newer <= effect.at) {
            continue;
        }
        let mut windows = campaign.model(model).into_iter().flat_map(sending_windows);
        if !windows.any(|window| window.from() == from) {
            break;
        }
        newer = Some(effect.at);
        opening = Some(campaign.opening_under(effect, from));
    }
    ArmedOpening { from, opening: opening.unwrap_or(from) }
}

fn sending_windows(model: &CampaignModel) -> impl Iterator<Item = &Window> {
    model.off_quota.iter().chain(model.windows(Activity::Submit))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calendar::RomeTime,
        campaign::{CampaignFile, Order, Publication, WindowFile},
    };

    const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

    fn rome(text: &str) -> Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    fn agriculture() -> ModelId {
        "c-stag-agricoltura".parse().unwrap()
    }

    /// The decree of 2026, in which people arm and agriculture opens at this hour of 12 January.
    fn opens(hour: &str) -> Campaign {
        changed(|file| {
            file.models[0].submit =
                vec![WindowFile::new(format!("2026-01-12 {hour}"), "2026-01-12 18:00")];
        })
    }

    fn changed(change: impl FnOnce(&mut CampaignFile)) -> Campaign {
        let decree = include_str!("../../../../campaigns/df-2026.toml");
        let mut file = Campaign::parse(decree).unwrap().into_file();
        file.policies.order = Order::Armed;
        change(&mut file);
        Campaign::try_from(file).unwrap()
    }

    fn effect(version: u32, published: &str, emergency: bool) -> Effect {
        Publication { version, published_at: rome(published), emergency }.effect()
    }

    /// NEW-1: whoever armed weeks before and whoever armed in the last millisecond arrive together; who was let in by a copy of
    /// before, when they pressed; and who armed for the afternoon, then.
    #[test]
    fn an_opening_gives_all_that_was_armed_before_it_the_same_arrival() {
        let decree = changed(|file| {
            file.models[0].submit = vec![
                WindowFile::new("2026-01-12 09:00", "2026-01-12 10:00"),
                WindowFile::new("2026-01-12 15:00", "2026-01-12 18:00"),
            ];
        });
        let opening = rome("2026-01-12 09:00");
        let of = ArmedOpening { from: opening, opening };
        let arrival = |armed| of.arrival(&decree, &agriculture(), armed);
        for armed in [rome("2025-11-02 08:00"), opening - ONE_MS] {
            assert_eq!(arrival(armed), Some(opening));
        }
        let late = opening + SignedDuration::from_secs(9);
        assert_eq!(arrival(late), Some(late));
        assert_eq!(arrival(rome("2026-01-12 10:00")), None, "it waits for three o'clock");
        assert_eq!(arrival(rome("2026-01-12 15:00:01")), None, "that is another opening's");
    }

    /// NEW-1: what has begun is carried to its end. A version that moves the opening to eleven parts no two that were armed
    /// before nine; who arms under it goes at eleven.
    #[test]
    fn a_later_opening_parts_no_two_equals() {
        let opening = rome("2026-01-12 09:00");
        let begun = ArmedOpening { from: opening, opening };
        let arrival = |armed| begun.arrival(&opens("11:00"), &agriculture(), rome(armed));
        assert_eq!(arrival("2026-01-11 20:00"), Some(opening));
        assert_eq!(arrival("2026-01-12 08:59:59.999"), Some(opening));
        assert_eq!(arrival("2026-01-12 09:30"), None);
    }

    #[test]
    fn nothing_goes_in_the_first_minute_after_an_opening() {
        let opening = rome("2026-01-12 09:00");
        let of = ArmedOpening { from: opening, opening };
        let after = |seconds| opening + SignedDuration::from_secs(seconds);
        assert!(!of.has_begun(opening - ONE_MS) && !of.has_begun(after(60) - ONE_MS));
        assert!(of.has_begun(after(60)) && !of.is_complete(after(120) - ONE_MS));
        assert!(of.is_complete(after(120)));
    }

    /// NEW-1: nobody arrives before anybody could press, and a version that only ends the window later opens nothing anew.
    #[test]
    fn a_window_opens_with_the_first_version_that_had_it_ever_since() {
        let from = rome("2026-01-12 09:00");
        let (nine, eleven) = (opens("09:00"), opens("11:00"));
        let first = effect(1, "2025-10-01 09:00", false);
        let at = |versions: &[(Effect, &Campaign)]| {
            let found = armed_opening(versions.iter().copied(), &agriculture(), from);
            assert_eq!(found.from, from);
            found.opening
        };
        assert_eq!(at(&[(first, &nine)]), from);
        // Published at noon of the day itself: it changes something else.
        let noon = effect(2, "2026-01-12 12:00", false);
        assert_eq!(at(&[(noon, &nine), (first, &nine)]), from);
        // An emergency of 9:07 puts the opening of eleven to nine.
        let emergency = effect(2, "2026-01-12 09:07", true);
        assert_eq!(at(&[(emergency, &nine), (first, &eleven)]), rome("2026-01-12 09:07"));
        let again = effect(3, "2026-01-12 09:30", false);
        let all = [(again, &nine), (emergency, &nine), (first, &eleven)];
        assert_eq!(at(&all), rome("2026-01-12 09:07"));
    }

    /// A version whose five minutes were not over when an emergency counted was never in force: it opens and closes nothing.
    #[test]
    fn a_version_that_was_never_in_force_opens_nothing() {
        let from = rome("2026-01-12 09:00");
        let (nine, eleven) = (opens("09:00"), opens("11:00"));
        let first = effect(1, "2025-10-01 09:00", false);
        let noticed = effect(2, "2026-01-12 09:01", false);
        let emergency = effect(3, "2026-01-12 09:02", true);
        let versions = [(emergency, &nine), (noticed, &eleven), (first, &nine)];
        assert_eq!(armed_opening(versions, &agriculture(), from).opening, from);
        let versions = [(emergency, &nine), (noticed, &nine), (first, &eleven)];
        let opening = armed_opening(versions, &agriculture(), from).opening;
        assert_eq!(opening, rome("2026-01-12 09:02"));
    }

    /// A campaign's clock that jumps over its opening opened at it: the version before the jump had the window to come.
    #[test]
    fn a_clock_that_jumps_over_the_opening_does_not_move_it() {
        let from = rome("2026-01-12 09:00");
        let still = opens("09:00");
        let ahead = changed(|file| {
            file.models[0].submit = vec![WindowFile::new("2026-01-12 09:00", "2026-01-12 18:00")];
            file.clock_offset_ms = 3_600_000;
        });
        let before = effect(1, "2026-01-12 08:30", false);
        let jump = effect(2, "2026-01-12 08:31", true);
        let opening = armed_opening([(jump, &ahead), (before, &still)], &agriculture(), from);
        assert_eq!(opening.opening, from);
    }

    #[test]
    fn openings_are_those_of_windows_and_of_the_quotas_end() {
        let decree = changed(|file| {
            file.models[0].submit = vec![
                WindowFile::new("2026-01-12 09:00", "2026-01-12 10:00"),
                WindowFile::new("2026-01-12 15:00", "2026-01-12 18:00"),
            ];
        });
        let (nine, three) = (rome("2026-01-12 09:00"), rome("2026-01-12 15:00"));
        assert_eq!(decree.past_openings(&agriculture(), nine - ONE_MS), []);
        assert_eq!(decree.past_openings(&agriculture(), nine), [nine]);
        assert_eq!(decree.past_openings(&agriculture(), three), [nine, three]);
        let off_quota: ModelId = "vb".parse().unwrap();
        assert_eq!(decree.past_openings(&off_quota, nine), [rome("2025-01-01 00:00")]);
        assert_eq!(decree.past_openings(&"no-such-model".parse().unwrap(), nine), []);
    }

    /// NEW-1: nobody arms at the opening, so that what arrived in its millisecond is armed for a later one.
    #[test]
    fn what_was_armed_in_the_millisecond_of_the_opening_goes_by_the_window_in_force() {
        let opening = rome("2026-01-12 09:00");
        let of = ArmedOpening { from: opening, opening };
        let arrival = |decree| of.arrival(decree, &agriculture(), opening);
        let (nine, eleven) = (opens("09:00"), opens("11:00"));
        assert_eq!(arrival(&nine), Some(opening));
        assert_eq!(arrival(&eleven), None);
    }
}
