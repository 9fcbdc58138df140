//! How many sends a second: as many as a table takes that nobody warmed, and fewer as long as it throttles.

use jiff::{SignedDuration, Timestamp};

/// Sends a second at most. A table that nobody warmed takes 4,000 units; so many sends take 1,000 of it, and 500 of its index.
pub(crate) const MOST: u32 = 500;
/// Sends a second at least.
pub(crate) const LEAST: u32 = 50;
/// What a calm second gives back.
const STEP: u32 = 50;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

/// The pace of a run, for all campaigns together.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    per_second: u32,
    /// When the second began that is judged next.
    second: Timestamp,
    /// Whether the store throttled in it.
    is_throttled: bool,
}

impl Pace {
    /// That of a run that begins.
    pub(crate) const fn begun(now: Timestamp) -> Self {
        Self { per_second: MOST, second: now, is_throttled: false }
    }

    /// Sends a second.
    pub(crate) const fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Takes notice of some sends that are over by `now`: a second in which the store throttles halves the pace, a calm one
    /// gives a little back.
    pub(crate) fn after(&mut self, is_throttled: bool, now: Timestamp) {
        self.is_throttled |= is_throttled;
        if now.duration_since(self.second) < SECOND {
            return;
        }
        self.per_second = if self.is_throttled {
            (self.per_second / 2).max(LEAST)
        } else {
            (self.per_second + STEP).min(MOST)
        };
        self.second = now;
        self.is_throttled = false;
    }

    /// What is left of the time that so many sends are to take, of which `taken` is over.
    pub(crate) fn rest(&self, sends: usize, taken: SignedDuration) -> SignedDuration {
        let millis = u64::try_from(sends).unwrap_or(u64::MAX).saturating_mul(1_000);
        let whole = millis.div_ceil(u64::from(self.per_second));
        let whole = SignedDuration::from_millis(i64::try_from(whole).unwrap_or(i64::MAX));
        whole.saturating_sub(taken).max(SignedDuration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(seconds).unwrap()
    }

    #[test]
    fn a_throttled_second_halves_the_pace_and_calm_ones_give_it_back() {
        let mut pace = Pace::begun(at(0));
        let mut seen = Vec::new();
        for second in 1..=8 {
            pace.after(second <= 4, at(second));
            seen.push(pace.per_second());
        }
        assert_eq!(seen, [250, 125, 62, 50, 100, 150, 200, 250]);
        for second in 9..=20 {
            pace.after(false, at(second));
        }
        assert_eq!(pace.per_second(), MOST);
    }

    /// Many throttled sends of one second are one throttled second.
    #[test]
    fn a_second_halves_once() {
        let mut pace = Pace::begun(at(0));
        for millis in [100, 300, 900] {
            pace.after(true, at(0) + SignedDuration::from_millis(millis));
        }
        assert_eq!(pace.per_second(), MOST);
        pace.after(false, at(1));
        assert_eq!(pace.per_second(), 250);
    }

    #[test]
    fn so_many_sends_take_their_time() {
        let pace = Pace::begun(at(0));
        assert_eq!(
            pace.rest(500, SignedDuration::from_millis(300)),
            SignedDuration::from_millis(700)
        );
        assert_eq!(pace.rest(500, SignedDuration::from_secs(3)), SignedDuration::ZERO);
        assert_eq!(pace.rest(1, SignedDuration::ZERO), SignedDuration::from_millis(2));
        assert_eq!(pace.rest(0, SignedDuration::ZERO), SignedDuration::ZERO);
    }
}
