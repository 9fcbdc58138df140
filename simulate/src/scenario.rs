//! What is simulated: who comes with how much (`data/record.toml`), and what AWS allows (`data/limits.toml`).

use std::collections::BTreeMap;

use serde::Deserialize;

/// A click day before anybody presses.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Load {
    /// For the report.
    pub name: String,
    /// Applications that are ready when the day begins.
    pub applications: u32,
    /// Share of them that the portal has to refuse whenever they come.
    pub invalid: f64,
    /// Seconds after the opening within which all press.
    pub press_within_seconds: i64,
    /// Seconds after the opening at which the simulation ends, and with it the patience of all.
    pub horizon_seconds: i64,
    /// Where they press.
    pub regions: Vec<Region>,
    /// Kinds of user.
    pub kinds: Vec<Kind>,
    /// Quota lines in the order in which an applicant tries them.
    pub lines: Vec<Line>,
}

/// A part of the country.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Region {
    /// For the report.
    pub name: String,
    /// Share of the people there.
    pub share: f64,
    /// Milliseconds one way from the provider there to Milan.
    pub latency_ms: f64,
}

/// People who behave alike.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kind {
    /// For the report and the lines.
    pub name: String,
    /// Share of the applications.
    pub share: f64,
    /// Fewest and most applications of one person; small numbers are the likelier ones.
    pub applications: [u32; 2],
    /// The operation that they call.
    pub route: Route,
    /// Milliseconds one way of the line at home: median.
    pub line_ms: f64,
    /// Log-normal spread of that line.
    pub line_spread: f64,
    /// Standard deviation in milliseconds of the clock by which a held press leaves.
    pub clock_error_ms: f64,
    /// Share of those whose press waits for the opening.
    pub at_opening: f64,
    /// Milliseconds before the opening at which those begin to call; the page waits.
    #[serde(default)]
    pub early_ms: i64,
    /// Mean seconds after which the others press.
    pub later_seconds: f64,
    /// Share of those who arm their applications where that is offered.
    pub armed: f64,
    /// What happens after a refusal.
    pub retry: Retry,
}

/// The operations of `submit-application`.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "lowercase")]
pub enum Route {
    /// `POST /api/submissions`: one application.
    Single,
    /// `POST /api/submissions/batch`: up to a hundred; the pages call no other.
    Batch,
}

/// When a client comes again after a refusal that gave no arrival.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Retry {
    /// As our page does (`web/src/sending/machine.ts`): after 200 ms, doubled up to 3 s, each drawn between half and one and
    /// a half of that.
    Page,
    /// The same pauses, but not drawn: for comparison.
    PageInStep,
    /// Always after the same pause.
    #[serde(untagged)]
    Every {
        /// Milliseconds.
        every_ms: i64,
    },
}

/// A quota line.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// For the report.
    pub name: String,
    /// Places.
    pub places: u32,
    /// By kind, the share of its applications that may have one; none for kinds that are not named.
    pub eligible: BTreeMap<String, f64>,
}

/// A token bucket.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Throttle {
    /// Requests a second.
    pub rate: u32,
    /// Requests at once.
    pub burst: u32,
}

/// What AWS and `template.yaml` allow. What is none does not bind.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// For the report.
    pub name: String,
    /// API Gateway: all requests of the account in the region.
    pub gateway: Option<Throttle>,
    /// API Gateway: the route that sends one.
    pub route_single: Option<Throttle>,
    /// API Gateway: the route that sends many.
    pub route_batch: Option<Throttle>,
    /// Requests a second of everything else, which the account's throttle counts too.
    pub other_requests_per_second: u32,
    /// Lambda: environments of submit-application at once.
    pub concurrency: Option<u32>,
    /// Lambda: environments that are started in ten seconds.
    pub starts_in_ten_seconds: Option<u32>,
    /// Lambda: requests a second for each environment of `concurrency`.
    pub requests_per_environment: u32,
    /// DynamoDB: write units a second for which the table is ready.
    pub table_ready: u32,
    /// DynamoDB: the same of the index `pending`.
    pub index_ready: u32,
    /// DynamoDB: write units a second of one partition.
    pub partition: Option<u32>,
    /// DynamoDB: write units a second of one table or index.
    pub table_quota: Option<u32>,
    /// Keys over which the index is spread (`shared/store/src/keys.rs`).
    pub index_shards: u32,
    /// Environments of record-history, which write to the same table.
    pub history_environments: u32,
}

impl Limits {
    /// Nothing binds but time itself.
    pub fn none() -> Self {
        Self {
            name: "none".to_owned(),
            gateway: None,
            route_single: None,
            route_batch: None,
            other_requests_per_second: 0,
            concurrency: None,
            starts_in_ten_seconds: None,
            requests_per_environment: 10,
            table_ready: 1_000,
            index_ready: 1_000,
            partition: None,
            table_quota: None,
            index_shards: 16,
            history_environments: 0,
        }
    }
}

/// How places are given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Policy {
    /// In order of arrival; those of one millisecond are drawn. The decree's order.
    Chronological,
    /// The same, but what was armed before the opening arrives at the opening (ADR 42).
    Armed,
    /// All that arrive in the first seconds are drawn; who comes later follows in order of arrival.
    Lottery {
        /// Length of that stretch in seconds.
        seconds: u32,
    },
}

impl Load {
    /// The record of 12 December 2023.
    pub fn record() -> Result<Self, toml::de::Error> {
        toml::from_str(include_str!("../data/record.toml"))
    }

    /// Ten times as many people of the same kinds, for the same places.
    #[must_use]
    pub fn ten_times(self) -> Self {
        let applications = self.applications.saturating_mul(10);
        Self { name: "ten-times".to_owned(), applications, ..self }
    }

    /// The same, but the page's pauses are not drawn: those who were refused together come again together.
    #[must_use]
    pub fn in_step(mut self) -> Self {
        for kind in &mut self.kinds {
            if matches!(kind.retry, Retry::Page) {
                kind.retry = Retry::PageInStep;
            }
        }
        self
    }
}

/// The sets of limits that come with the program.
pub fn built_in_limits() -> Result<Vec<Limits>, toml::de::Error> {
    limits_of(include_str!("../data/limits.toml"))
}

/// Reads sets of limits.
pub fn limits_of(text: &str) -> Result<Vec<Limits>, toml::de::Error> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        sets: Vec<Limits>,
    }
    Ok(toml::from_str::<File>(text)?.sets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_make_a_whole_and_lines_name_kinds_that_there_are() {
        let load = Load::record().unwrap();
        let kinds: f64 = load.kinds.iter().map(|kind| kind.share).sum();
        let regions: f64 = load.regions.iter().map(|region| region.share).sum();
        assert!((kinds - 1.0).abs() < 1e-9 && (regions - 1.0).abs() < 1e-9, "{kinds}, {regions}");
        for line in &load.lines {
            for name in line.eligible.keys() {
                assert!(load.kinds.iter().any(|kind| kind.name == *name), "{name}");
            }
        }
    }

    #[test]
    fn more_than_half_comes_from_one_region() {
        assert!(Load::record().unwrap().regions.iter().any(|region| region.share > 0.5));
    }

    fn template() -> Limits {
        built_in_limits().unwrap().into_iter().find(|limits| limits.name == "template").unwrap()
    }

    /// A copy of what stands elsewhere would grow old unseen.
    #[test]
    fn the_template_set_is_what_the_template_says() {
        let limits = template();
        let template = include_str!("../../template.yaml");
        for (route, throttle) in
            [("", limits.route_single.unwrap()), ("/batch", limits.route_batch.unwrap())]
        {
            let said = format!(
                "'POST /api/submissions{route}': {{ ThrottlingRateLimit: {}, ThrottlingBurstLimit: {}",
                throttle.rate, throttle.burst
            );
            assert!(template.contains(&said), "template.yaml does not say {said}");
        }
        let history = template.split("  RecordHistoryFunction:").nth(1).unwrap();
        let environments = history.split("MaximumConcurrency: ").nth(1).unwrap();
        assert!(environments.starts_with(&format!("{} ", limits.history_environments)));
    }

    #[test]
    fn the_lines_have_the_places_of_the_decree() {
        let decree = include_str!("../../campaigns/df-2026.toml");
        for (line, id) in Load::record().unwrap().lines.iter().zip([
            "stagionale-agricoltura-associazioni",
            "stagionale-pluriennale",
            "stagionale-ordinaria",
        ]) {
            let quota = decree.split(&format!("id = \"{id}\"")).nth(1).unwrap();
            let places = quota.split("places = ").nth(1).unwrap();
            assert!(places.starts_with(&format!("{}\n", line.places)), "{}", line.name);
        }
    }

    #[test]
    fn shards_and_the_pages_pauses_are_those_of_the_code() {
        let shards = template().index_shards;
        let keys = include_str!("../../shared/store/src/keys.rs");
        assert!(keys.contains(&format!("PENDING_SHARDS: u8 = {shards};")));
        let page = include_str!("../../web/src/sending/machine.ts");
        for said in [
            "FIRST_PAUSE = 200;",
            "LONGEST_PAUSE = 3000;",
            "{ shortest: 250, longest: 5000 }",
            "* (0.5 + this.random)",
        ] {
            assert!(page.contains(said), "machine.ts does not say {said}");
        }
    }
}
