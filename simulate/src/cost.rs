//! What a click day costs, by AWS list prices.

use crate::{
    figures::Figures,
    micros::count,
    outcome::{Fate, Outcome},
    resource::partitions::NEW_TABLE,
    scenario::Limits,
};

/// USD of one campaign's click day, without free tiers and taxes.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From the press to the receipt: edge, gateway, function, store, logs.
    pub accepting: f64,
    /// What follows each accepted application, but for mail.
    pub following: f64,
    /// Once: warm throughput of table and index.
    pub warming: f64,
}

impl Cost {
    /// Prices what a run used.
    pub fn of(outcome: &Outcome, limits: &Limits, figures: &Figures) -> Self {
        let million = |number: usize, usd: f64| count(number) / 1e6 * usd;
        let units = usize::try_from(outcome.write_units).unwrap_or(usize::MAX);
        let accepting = million(outcome.tries, figures.usd_cloudfront.value)
            + million(outcome.passed, figures.usd_gateway.value)
            + million(outcome.answered, figures.usd_lambda_requests.value)
            + outcome.busy.as_seconds()
                * figures.memory_gb.value
                * figures.usd_lambda_gb_second.value
            + million(units, figures.usd_write_units.value)
            + million(
                outcome.session_reads,
                figures.usd_read_units.value * figures.read_units_session.value,
            )
            + count(outcome.answered) * figures.log_kb.value / 1e6 * figures.usd_logs_gb.value;
        let accepted = outcome.ended(|fate| fate == Fate::Accepted);
        let warmed =
            [limits.table_ready, limits.index_ready].map(|ready| ready.saturating_sub(NEW_TABLE));
        Self {
            accepting,
            following: million(accepted, figures.usd_followup.value),
            warming: warmed.map(f64::from).iter().sum::<f64>() * figures.usd_warm_unit.value,
        }
    }

    /// All of it.
    pub fn total(&self) -> f64 {
        self.accepting + self.following + self.warming
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::micros::Micros;

    /// By hand, with the list prices of the file.
    #[test]
    fn a_million_of_everything_costs_what_the_price_list_says() {
        let outcome = Outcome {
            tries: 1_000_000,
            passed: 1_000_000,
            answered: 1_000_000,
            busy: Micros::seconds(10_000),
            write_units: 2_000_000,
            ..Outcome::default()
        };
        let cost = Cost::of(&outcome, &Limits::none(), &Figures::built_in().unwrap());
        let by_hand = 1.20 + 1.11 + 0.20 + 10_000.0 * 0.000_016_666_7 + 1.41 + 1.2 * 0.57;
        assert!((cost.accepting - by_hand).abs() < 1e-9, "{cost:?} instead of {by_hand}");
        assert!((cost.total() - by_hand).abs() < 1e-9);
    }

    #[test]
    fn warming_is_paid_for_what_is_above_a_new_table() {
        let limits = Limits { table_ready: 14_000, index_ready: 4_000, ..Limits::none() };
        let cost = Cost::of(&Outcome::default(), &limits, &Figures::built_in().unwrap());
        assert!((cost.warming - 7.35).abs() < 1e-9, "{cost:?}");
    }
}
