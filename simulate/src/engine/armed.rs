//! The pace at which the portal sends what is armed (ADR 42). A scheduled function does it: one run each minute, the first
//! a minute after the opening.

use crate::micros::Micros;

/// A run begins each minute, none before one has passed since the opening.
const EVERY: Micros = Micros::seconds(60);
/// A run sends for so long of its minute.
const SENDS_FOR: Micros = Micros::seconds(40);
/// Sends a second.
const MOST: i64 = 500;
const LEAST: i64 = 50;
/// What a second without a refusal of the store gives back.
const GAIN: i64 = 50;

/// How many may be sent now.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The present second, counted from the opening.
    second: i64,
    per_second: i64,
    sent: i64,
    was_throttled: bool,
}

impl Pace {
    /// Before the first run.
    pub(super) const fn new() -> Self {
        Self { second: -1, per_second: MOST, sent: 0, was_throttled: false }
    }

    /// Whether one more may be sent. Within a second they go evenly.
    pub(super) fn allows(&mut self, now: Micros) -> bool {
        let into_run = now.0.rem_euclid(EVERY.0);
        if now < EVERY || into_run >= SENDS_FOR.0 {
            return false;
        }
        let second = now.0.div_euclid(Micros::seconds(1).0);
        if second != self.second {
            self.next_second(into_run < Micros::seconds(1).0);
            self.second = second;
        }
        let passed = now.0.rem_euclid(Micros::seconds(1).0) + super::TURN.0;
        self.sent < (self.per_second * passed / Micros::seconds(1).0).min(self.per_second)
    }

    /// Each run begins anew: it knows nothing of the one before.
    fn next_second(&mut self, begins_run: bool) {
        self.per_second = if begins_run {
            MOST
        } else if self.was_throttled {
            (self.per_second / 2).max(LEAST)
        } else {
            (self.per_second + GAIN).min(MOST)
        };
        (self.sent, self.was_throttled) = (0, false);
    }

    /// One was sent, or tried: either takes its turn.
    pub(super) const fn takes(&mut self) {
        self.sent += 1;
    }

    /// The store refused one.
    pub(super) const fn slows(&mut self) {
        self.was_throttled = true;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How many a pace sends in one second, tried each ten milliseconds.
    fn sent(pace: &mut Pace, second: i64) -> i64 {
        let mut count = 0;
        for turn in 0..100 {
            while pace.allows(Micros::seconds(second) + Micros::millis(turn * 10)) {
                pace.takes();
                count += 1;
            }
        }
        count
    }

    #[test]
    fn the_pace_is_that_of_send_armed() {
        let pace = include_str!("../../../functions/send-armed/src/pace.rs");
        let run = include_str!("../../../functions/send-armed/src/lib.rs");
        for (code, said) in [
            (pace, format!("MOST: u32 = {MOST};")),
            (pace, format!("LEAST: u32 = {LEAST};")),
            (pace, format!("STEP: u32 = {GAIN};")),
            (pace, "(self.per_second / 2).max(LEAST)".to_owned()),
            (run, format!("from_secs({});", SENDS_FOR.0 / Micros::seconds(1).0)),
        ] {
            assert!(code.contains(&said), "send-armed does not say {said}");
        }
    }

    #[test]
    fn nothing_is_sent_in_the_first_minute_and_twenty_thousand_in_each_run() {
        let mut pace = Pace::new();
        let minutes: Vec<i64> = (0..3)
            .map(|minute| (0..60).map(|second| sent(&mut pace, minute * 60 + second)).sum())
            .collect();
        assert_eq!(minutes, [0, 20_000, 20_000]);
    }

    #[test]
    fn a_second_that_was_throttled_halves_the_next_and_each_calm_one_gives_fifty_back() {
        let mut pace = Pace::new();
        assert_eq!(sent(&mut pace, 60), 500);
        pace.slows();
        assert_eq!([61, 62, 63].map(|second| sent(&mut pace, second)), [250, 300, 350]);
    }

    #[test]
    fn a_store_that_refuses_for_long_is_still_asked_fifty_times_a_second_and_the_next_run_begins_anew()
     {
        let mut pace = Pace::new();
        for second in 60..100 {
            sent(&mut pace, second);
            pace.slows();
        }
        assert_eq!(pace.per_second, LEAST);
        assert_eq!(sent(&mut pace, 120), 500);
    }
}
