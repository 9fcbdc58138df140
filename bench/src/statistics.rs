//! Counts as numbers, medians and quantiles.

use std::time::Duration;

/// A count as a number.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts of a click day stay far below 2^53"
)]
pub const fn number(count: usize) -> f64 {
    count as f64
}

/// A count of 64 bits as a number.
#[expect(
    clippy::as_conversions,
    clippy::cast_precision_loss,
    reason = "counts of a click day stay far below 2^53"
)]
pub const fn number_of(count: u64) -> f64 {
    count as f64
}

/// Milliseconds of a duration.
pub fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

/// The smallest of some values that `share` (0 to 1) of them do not exceed; none of no values.
pub fn quantile(values: &mut [f64], share: f64) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    let rank = (number(values.len()) * share.clamp(0.0, 1.0)).ceil();
    let nearest = (0..values.len()).find(|index| number(index + 1) >= rank);
    nearest.and_then(|index| values.get(index).copied())
}

/// The middle of some values; none of no values.
pub fn median(values: &mut [f64]) -> Option<f64> {
    quantile(values, 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_hundred_values_the_ninety_ninth_is_p99() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(quantile(&mut values, 0.99), Some(99.0));
        assert_eq!(quantile(&mut values, 0.5), Some(50.0));
        assert_eq!(median(&mut [7.0]), Some(7.0));
        assert_eq!(median(&mut []), None);
    }
}
