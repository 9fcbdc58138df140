//! The token bucket by which API Gateway throttles, Lambda starts environments and a partition serves units.

use crate::micros::Micros;

/// Parts of a token: one part a microsecond is one token a second, so that refilling is exact.
const PARTS: i64 = 1_000_000;

/// A bucket that refills continuously up to its burst; without a limit it always holds enough.
#[derive(Clone, Debug)]
pub struct TokenBucket(Option<Limited>);

#[derive(Clone, Debug)]
struct Limited {
    /// Tokens a second, which are parts a microsecond.
    rate: i64,
    /// Parts that the bucket holds at most.
    burst: i64,
    parts: i64,
    /// Until when it was refilled.
    seen: Micros,
}

impl TokenBucket {
    /// A full bucket: `rate` tokens a second, at most `burst` at once.
    pub fn new(rate: u32, burst: u32) -> Self {
        let burst = i64::from(burst) * PARTS;
        let seen = Micros(i64::MIN / 2);
        Self(Some(Limited { rate: i64::from(rate), burst, parts: burst, seen }))
    }

    /// A bucket that never runs out.
    pub const fn unlimited() -> Self {
        Self(None)
    }

    /// A bucket of one second's tokens; unlimited where there is no rate.
    pub fn of_second(rate: Option<u32>) -> Self {
        rate.map_or_else(Self::unlimited, |rate| Self::new(rate, rate))
    }

    /// Whether `count` tokens are there. Instants must not go back.
    pub fn holds(&mut self, now: Micros, count: u32) -> bool {
        let Some(limited) = &mut self.0 else { return true };
        limited.refill(now);
        limited.parts >= i64::from(count) * PARTS
    }

    /// Takes tokens that [`Self::holds`] found.
    pub fn take(&mut self, count: u32) {
        if let Some(limited) = &mut self.0 {
            limited.parts -= i64::from(count) * PARTS;
        }
    }

    /// Takes `count` tokens if they are there.
    pub fn try_take(&mut self, now: Micros, count: u32) -> bool {
        let holds = self.holds(now, count);
        if holds {
            self.take(count);
        }
        holds
    }
}

impl Limited {
    fn refill(&mut self, now: Micros) {
        let passed = (now - self.seen).0.max(0);
        self.parts = passed.saturating_mul(self.rate).saturating_add(self.parts).min(self.burst);
        self.seen = self.seen.max(now);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// How many of `asked` requests, one each `every`, a bucket lets pass.
    fn passed(mut bucket: TokenBucket, asked: i64, every: Micros) -> usize {
        (0..asked).filter(|turn| bucket.try_take(Micros(turn * every.0), 1)).count()
    }

    #[test]
    fn a_full_bucket_lets_its_burst_pass_at_once_and_not_one_more() {
        assert_eq!(passed(TokenBucket::new(2_500, 1_250), 5_000, Micros(0)), 1_250);
    }

    #[test]
    fn an_empty_bucket_has_a_token_when_its_time_is_full_and_not_a_microsecond_before() {
        let mut bucket = TokenBucket::new(4, 1);
        assert!(bucket.try_take(Micros(0), 1));
        assert!(!bucket.try_take(Micros(249_999), 1));
        assert!(bucket.try_take(Micros(250_000), 1));
    }

    #[test]
    fn a_bucket_never_holds_more_than_its_burst_however_long_it_rested() {
        let mut bucket = TokenBucket::new(10, 3);
        assert!(bucket.holds(Micros::seconds(1_000), 3));
        assert!(!bucket.holds(Micros::seconds(1_000), 4));
    }

    /// By hand: at 0 s five of five; 2 tokens a second, so at 1 s two of three, at 1.5 s one of one.
    #[test]
    fn a_worked_example_comes_out() {
        let mut bucket = TokenBucket::new(2, 5);
        let mut at = |millis: i64, asked: usize| {
            (0..asked).filter(|_| bucket.try_take(Micros::millis(millis), 1)).count()
        };
        assert_eq!([at(0, 6), at(1_000, 3), at(1_500, 1), at(1_500, 1)], [5, 2, 1, 0]);
    }

    /// The closed form: N requests over rate r with burst b take (N - b) / r.
    #[test]
    fn a_saturated_bucket_takes_what_the_formula_says() {
        let mut bucket = TokenBucket::new(2_500, 1_250);
        let (mut now, mut left) = (Micros(0), 10_000);
        while left > 0 {
            if bucket.try_take(now, 1) {
                left -= 1;
            } else {
                now += Micros(1);
            }
        }
        assert_eq!(now, Micros::millis((10_000 - 1_250) * 1_000 / 2_500));
    }

    proptest! {
        #[test]
        fn more_rate_or_burst_never_lets_fewer_pass(
            rate in 1_u32..50, burst in 1_u32..50, more in 0_u32..50, every in 0_i64..200_000,
        ) {
            let few = passed(TokenBucket::new(rate, burst), 100, Micros(every));
            prop_assert!(few <= passed(TokenBucket::new(rate + more, burst), 100, Micros(every)));
            prop_assert!(few <= passed(TokenBucket::new(rate, burst + more), 100, Micros(every)));
            prop_assert_eq!(passed(TokenBucket::unlimited(), 100, Micros(every)), 100);
        }
    }
}
