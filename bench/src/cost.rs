//! What a million submissions cost by AWS list prices: units and requests as counted here, prices of `simulate`.

use simulate::figures::Figures;

use crate::Broken;

/// SQS requests for each submission on its way to history and mail, and Lambda's price of a million of all that follows
/// but record-history: `usd_followup` in `simulate/data/figures.toml` names the same.
const QUEUE_REQUESTS: f64 = 6.0;
const USD_QUEUE_REQUESTS: f64 = 0.40;
/// Memory of record-history, in GB: the template's default.
const HISTORY_GB: f64 = 0.5;
/// Environments of Lambda bill the time that they wait for the store, too: reads, one after the other, and one transaction.
const HISTORY_ROUND_TRIPS: f64 = 4.0;
/// A mail through SES.
const USD_MAIL: f64 = 0.10 / 1_000.0;
/// Mails for each submission: the receipt to the employer; the copy to who filed.
const MAILS: f64 = 2.0;

/// What one submission takes.
#[derive(Clone, Copy, Debug)]
pub struct Taken {
    /// Write units of accepting it, indexes included.
    pub write_units: f64,
    /// CPU of accepting it, in milliseconds.
    pub cpu_ms: f64,
    /// Write units of recording and ranking it.
    pub follow_up_write_units: f64,
    /// Read units of recording and ranking it.
    pub follow_up_read_units: f64,
    /// CPU of recording it, in milliseconds.
    pub follow_up_cpu_ms: f64,
}

/// USD of a million submissions.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// From the press to the receipt.
    pub accepting: f64,
    /// That, and all that follows but mail.
    pub all_but_mail: f64,
    /// Mail.
    pub mail: f64,
}

impl Cost {
    /// Prices what was counted, without free tiers and taxes.
    ///
    /// # Errors
    /// The price list cannot be read.
    pub fn of(taken: &Taken) -> Result<Self, Broken> {
        let list = Figures::built_in()?;
        // What was not measured on AWS: how long its store takes. CPU is stretched by the share of a processor.
        let seconds = |cpu_ms: f64, trips: f64| {
            (cpu_ms / list.vcpu_share.value + trips * list.store_ms.value) / 1000.0
        };
        let accepting = list.usd_cloudfront.value
            + list.usd_gateway.value
            + list.usd_lambda_requests.value
            + 1e6
                * seconds(taken.cpu_ms, 1.0)
                * list.memory_gb.value
                * list.usd_lambda_gb_second.value
            + taken.write_units * list.usd_write_units.value
            // A million kB are a GB.
            + list.log_kb.value * list.usd_logs_gb.value;
        let following = taken.follow_up_write_units * list.usd_write_units.value
            + taken.follow_up_read_units * list.usd_read_units.value
            + QUEUE_REQUESTS * USD_QUEUE_REQUESTS
            + 1e6
                * seconds(taken.follow_up_cpu_ms, HISTORY_ROUND_TRIPS)
                * HISTORY_GB
                * list.usd_lambda_gb_second.value;
        let mail = 1e6 * MAILS * USD_MAIL;
        Ok(Self { accepting, all_but_mail: accepting + following, mail })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By hand, with the list prices of `simulate/data/figures.toml`.
    #[test]
    fn a_million_submissions_cost_what_the_price_list_says() {
        let taken = Taken {
            write_units: 2.0,
            cpu_ms: 0.579,
            follow_up_write_units: 10.0,
            follow_up_read_units: 4.0,
            follow_up_cpu_ms: 0.0,
        };
        let cost = Cost::of(&taken).unwrap();
        let accepting = 1.20 + 1.11 + 0.20 + 5_000.0 * 0.000_016_666_7 + 2.0 * 0.705 + 1.2 * 0.57;
        assert!((cost.accepting - accepting).abs() < 1e-6, "{cost:?} instead of {accepting}");
        let following = 7.05 + 4.0 * 0.1415 + 2.4 + 16_000.0 * 0.5 * 0.000_016_666_7;
        assert!((cost.all_but_mail - accepting - following).abs() < 1e-6, "{cost:?}");
        assert!((cost.mail - 200.0).abs() < 1e-6);
    }
}
