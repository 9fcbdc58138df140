//! Arming: when people can, and at which opening what they armed arrives (NEW-1).

use jiff::{SignedDuration, Timestamp};

use super::{Activity, Campaign, CampaignModel, Effect, Order, Window};
use crate::ids::ModelId;

/// Why nobody can arm an application at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoArming {
    /// The order of the campaign knows no armed sends.
    #[error("the order of the campaign is chronological")]
    Chronological,
    /// The window is open: the opening counts already.
    #[error("the window is open since {since}")]
    Open {
        /// The first instant inside.
        since: Timestamp,
    },
    /// The model needs no place and is open all the time (CAL-4).
    #[error("the model is off quota and awaits no opening")]
    OffQuota,
    /// The version in force has no opening to come, or not the model.
    #[error("no opening is to come")]
    NoOpening,
}

impl Campaign {
    /// The opening for which an application of a model is armed at `now`: one millisecond before it everybody may, at the
    /// opening nobody.
    ///
    /// # Errors
    /// Nobody can arm it: see [`NoArming`].
    pub fn arming(&self, model: &ModelId, now: Timestamp) -> Result<Timestamp, NoArming> {
        match self.policies().order {
            Order::Chronological => return Err(NoArming::Chronological),
            Order::Armed => {}
        }
        let model = self.model(model).ok_or(NoArming::NoOpening)?;
        if model.is_off_quota(now) {
            return Err(NoArming::OffQuota);
        }
        match model.sending_window(now) {
            Some(window) => Err(NoArming::Open { since: window.from() }),
            None => model.next_opening(Activity::Submit, now).ok_or(NoArming::NoOpening),
        }
    }

    /// The opening at which what was armed then arrives, by this version: the next one, or that of the window in which it
    /// was armed, which a copy of the version before allows for a minute. None where no opening is to come: it stays armed.
    ///
    /// Until that instant it can be disarmed, and where there is none at any time.
    pub fn opening_of(&self, model: &ModelId, armed: Timestamp) -> Option<Timestamp> {
        let model = self.model(model)?;
        let window = model.sending_window(armed);
        window.map(Window::from).or_else(|| model.next_opening(Activity::Submit, armed))
    }

    /// Whether the content of what was armed then is that of the freeze (ENR-3): from the freeze before its opening on, for
    /// good, however soon the window closes again.
    pub fn is_frozen_armed(&self, model: &ModelId, armed: Timestamp, now: Timestamp) -> bool {
        self.opening_of(model, armed).is_some_and(|opening| self.freeze_before(opening) <= now)
    }

    /// When a window that begins at `from` opens: not before the version that has it took effect, since nobody could press
    /// before. An effect is of the machine's clock, windows are of the campaign's.
    pub fn opening_under(&self, effect: Effect, from: Timestamp) -> Timestamp {
        from.max(self.effective_now(effect.at))
    }

    pub(super) fn freeze_before(&self, opening: Timestamp) -> Timestamp {
        let freeze = SignedDuration::from_hours(self.policies().freeze_hours.into());
        opening.saturating_sub(freeze).unwrap_or(Timestamp::MIN)
    }
}

impl CampaignModel {
    /// The window in which applications of the model can be sent at `now`.
    fn sending_window(&self, now: Timestamp) -> Option<&Window> {
        self.off_quota.iter().chain(&self.submit).find(|window| window.contains(now))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        calendar::RomeTime,
        campaign::{CampaignFile, Publication, SHORTEST_NOTICE, WindowFile},
    };

    const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

    fn rome(text: &str) -> Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    fn model(id: &str) -> ModelId {
        id.parse().unwrap()
    }

    /// The decree of 2026, in which people arm.
    fn armed(change: impl FnOnce(&mut CampaignFile)) -> Campaign {
        let decree = include_str!("../../../../campaigns/df-2026.toml");
        let mut file = Campaign::parse(decree).unwrap().into_file();
        file.policies.order = Order::Armed;
        change(&mut file);
        Campaign::try_from(file).unwrap()
    }

    /// NEW-1: arming is judged by its arrival to the millisecond, as a press is, so that each instant belongs to one of them.
    #[test]
    fn nobody_arms_at_the_opening_and_one_millisecond_before_it_everybody_may() {
        let decree = armed(|_| {});
        for (id, opening) in [
            ("c-stag-agricoltura", "2026-01-12 09:00"),
            ("c-stag-turismo", "2026-02-09 09:00"),
            ("b2020", "2026-02-16 09:00"),
            ("a-bis", "2026-02-18 09:00"),
        ] {
            let (id, opening) = (model(id), rome(opening));
            assert_eq!(decree.arming(&id, opening - ONE_MS), Ok(opening), "{id}");
            assert_eq!(decree.arming(&id, rome("2025-11-01 12:00")), Ok(opening), "{id}");
            let open = Err(NoArming::Open { since: opening });
            assert_eq!(decree.arming(&id, opening), open, "{id}");
            assert_eq!(decree.arming(&id, opening + ONE_MS), open, "{id}");
            for now in [opening - ONE_MS, opening, opening + ONE_MS] {
                let presses = decree.window(&id, Activity::Submit, now).is_open();
                assert!(presses != decree.arming(&id, now).is_ok(), "{id} {now}");
            }
        }
    }

    /// NEW-1: where there is nothing to wait for, nothing is armed: no such order, no opening to come, no such model, no
    /// quota.
    #[test]
    fn without_an_opening_to_come_nobody_arms() {
        let decree = armed(|_| {});
        let agriculture = model("c-stag-agricoltura");
        let eve = rome("2026-01-11 20:00");
        assert_eq!(decree.arming(&agriculture, rome("2027-01-01 00:00")), Err(NoArming::NoOpening));
        assert_eq!(decree.arming(&model("em"), eve), Err(NoArming::NoOpening));
        assert_eq!(decree.arming(&model("vb"), eve), Err(NoArming::OffQuota));
        let chronological = armed(|file| file.policies.order = Order::Chronological);
        assert_eq!(chronological.arming(&agriculture, eve), Err(NoArming::Chronological));
    }

    /// NEW-1: who arms first and who arms last arrive together, at the opening; who was let in by a copy of the version
    /// before, when it was armed. A model that goes off quota opens, too.
    #[test]
    fn all_that_is_armed_before_an_opening_arrives_at_it() {
        let decree = armed(|_| {});
        let agriculture = model("c-stag-agricoltura");
        let opening = rome("2026-01-12 09:00");
        for at in
            [rome("2025-10-23 09:00"), opening - ONE_MS, opening + SignedDuration::from_secs(9)]
        {
            assert_eq!(decree.opening_of(&agriculture, at), Some(opening), "{at}");
        }
        assert_eq!(decree.opening_of(&agriculture, rome("2027-01-01 00:00")), None);
        let since_2025 = rome("2025-01-01 00:00");
        assert_eq!(decree.opening_of(&model("vb"), since_2025 - ONE_MS), Some(since_2025));
    }

    /// NEW-1: no arm names an opening: a version that moves it moves all, and one that takes it away lets all wait.
    #[test]
    fn what_is_armed_goes_with_an_opening_that_moves() {
        let agriculture = model("c-stag-agricoltura");
        let at = rome("2025-12-01 10:00");
        let submit = |windows: Vec<WindowFile>| armed(move |file| file.models[0].submit = windows);
        let moved = submit(vec![WindowFile::new("2026-01-20 09:00", "2027-01-01 00:00")]);
        assert_eq!(moved.opening_of(&agriculture, at), Some(rome("2026-01-20 09:00")));
        let past = submit(vec![WindowFile::new("2025-11-01 09:00", "2025-11-02 09:00")]);
        assert_eq!(past.opening_of(&agriculture, at), None);
    }

    /// ENR-3: from a day before its opening on, what is armed keeps its content, also after a window of ten minutes.
    #[test]
    fn what_is_armed_is_frozen_from_the_freeze_before_its_opening_on() {
        let short = vec![
            WindowFile::new("2026-01-12 09:00", "2026-01-12 09:10"),
            WindowFile::new("2026-03-12 09:00", "2026-03-12 09:10"),
        ];
        let decree = armed(move |file| file.models[0].submit = short);
        let agriculture = model("c-stag-agricoltura");
        let at = rome("2025-12-01 10:00");
        let frozen = |now| decree.is_frozen_armed(&agriculture, at, rome(now));
        assert!(!frozen("2026-01-11 08:59:59.999"));
        assert!(frozen("2026-01-11 09:00"));
        assert!(frozen("2026-01-12 09:30"), "it has arrived and waits for its sending");
        assert!(!decree.is_frozen(&agriculture, rome("2026-01-12 09:30")));
    }

    /// NEW-1: an emergency version of 09:07 that opens at 09:00 lets nobody arrive before anybody could press.
    #[test]
    fn the_opening_is_never_before_its_version() {
        let from = rome("2026-01-12 09:00");
        let published_at = rome("2026-01-12 09:07");
        let emergency = Publication { version: 2, published_at, emergency: true };
        let decree = armed(|_| {});
        assert_eq!(decree.opening_under(emergency.effect(), from), published_at);
        let noticed = Publication { emergency: false, ..emergency };
        assert_eq!(decree.opening_under(noticed.effect(), from), published_at + SHORTEST_NOTICE);
        let before = Publication { published_at: rome("2025-10-01 09:00"), ..noticed };
        assert_eq!(decree.opening_under(before.effect(), from), from);
        // The campaign's clock is an hour ahead: its version took effect at 10:07 there.
        let moved = armed(|file| file.clock_offset_ms = 3_600_000);
        assert_eq!(
            moved.opening_under(emergency.effect(), from),
            published_at + SignedDuration::from_hours(1)
        );
    }
}
