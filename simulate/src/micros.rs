//! Instants and lengths of time in whole microseconds, so that a run is exact and the same on every machine.

use std::{
    iter::Sum,
    ops::{Add, AddAssign, Sub},
};

/// Microseconds: as an instant those since the opening (negative before it), as a length their number.
#[derive(Clone, Copy, Debug, Default, Eq, Ord, PartialEq, PartialOrd)]
pub struct Micros(pub i64);

impl Micros {
    /// Whole milliseconds.
    pub const fn millis(count: i64) -> Self {
        Self(count * 1_000)
    }

    /// Whole seconds.
    pub const fn seconds(count: i64) -> Self {
        Self(count * 1_000_000)
    }

    /// The nearest microsecond to a number of milliseconds; what is no number counts as none.
    #[expect(
        clippy::as_conversions,
        clippy::cast_possible_truncation,
        reason = "a float too large for an i64 becomes its largest value, which is far beyond any horizon"
    )]
    pub fn of_millis(millis: f64) -> Self {
        Self((millis * 1_000.0).round() as i64)
    }

    /// For people: seconds with their fraction.
    #[expect(
        clippy::as_conversions,
        clippy::cast_precision_loss,
        reason = "exact up to 285 years, and only ever printed, drawn or added up to a price"
    )]
    pub const fn as_seconds(self) -> f64 {
        self.0 as f64 / 1_000_000.0
    }

    /// The millisecond in which an instant lies, as API Gateway's `timeEpoch` has it.
    pub const fn whole_millis(self) -> i64 {
        self.0.div_euclid(1_000)
    }

    /// The second in which an instant after the opening lies; the opening's for those before it.
    pub fn whole_seconds(self) -> usize {
        usize::try_from(self.0.div_euclid(1_000_000)).unwrap_or(0)
    }
}

impl Add for Micros {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Micros {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl AddAssign for Micros {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Micros {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), Add::add)
    }
}

/// A count as a number for shares, means and prices.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts of a click day stay far below 2^53"
)]
pub const fn count(number: usize) -> f64 {
    number as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instant_before_the_opening_lies_in_the_millisecond_that_began_before_it() {
        assert_eq!(Micros(-1).whole_millis(), -1);
        assert_eq!(Micros(999).whole_millis(), 0);
        assert_eq!(Micros::millis(7).whole_millis(), 7);
    }

    #[test]
    fn milliseconds_are_rounded_to_the_nearest_microsecond() {
        assert_eq!(Micros::of_millis(1.2344), Micros(1_234));
        assert_eq!(Micros::of_millis(f64::NAN), Micros(0));
    }
}
