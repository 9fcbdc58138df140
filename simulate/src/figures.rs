//! Figures that were measured, priced or assumed: `data/figures.toml`, with those of a bench in their place.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// What stands in the file for one figure.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Figure<T> {
    /// Its value, in the unit below.
    #[serde(alias = "values")]
    pub value: T,
    /// What is counted.
    pub unit: String,
    /// Where it is from; "Assumption" where nobody measured it.
    pub source: String,
}

macro_rules! figures {
    ($($name:ident: $kind:ty),+ $(,)?) => {
        /// Every figure of a run. Units and sources stand beside the values in `data/figures.toml`.
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        #[expect(missing_docs, reason = "the file has the unit and source of each")]
        pub struct Figures { $(pub $name: Figure<$kind>),+ }

        impl Figures {
            /// Name, unit and source of each, in the order of the file.
            pub fn sources(&self) -> Vec<(&'static str, &str, &str)> {
                vec![$((stringify!($name), self.$name.unit.as_str(), self.$name.source.as_str())),+]
            }
        }
    };
}

figures! {
    cpu_ms: f64,
    vcpu_share: f64,
    memory_gb: f64,
    cold_start_ms: f64,
    gateway_ms: f64,
    store_ms: f64,
    store_spread: f64,
    store_pauses_ms: [i64; 3],
    write_units_table: u32,
    write_units_index: u32,
    write_units_armed_row: u32,
    read_units_session: f64,
    history_ms: f64,
    history_units_table: u32,
    history_units_index: u32,
    log_kb: f64,
    usd_cloudfront: f64,
    usd_gateway: f64,
    usd_lambda_requests: f64,
    usd_lambda_gb_second: f64,
    usd_write_units: f64,
    usd_read_units: f64,
    usd_logs_gb: f64,
    usd_followup: f64,
    usd_warm_unit: f64,
    eur_per_usd: f64,
}

/// Why figures could not be read.
#[derive(Debug, thiserror::Error)]
pub enum FigureError {
    /// The built-in file is wrong.
    #[error("data/figures.toml: {0}")]
    File(#[from] toml::de::Error),
    /// The bench's file is no flat JSON object.
    #[error("the bench's file: {0}")]
    Bench(#[from] serde_json::Error),
    /// A figure of the bench cannot be.
    #[error("the bench's file: {0} cannot be {1}")]
    Impossible(String, Value),
}

impl Figures {
    /// The figures that come with the program.
    pub fn built_in() -> Result<Self, FigureError> {
        Ok(toml::from_str(include_str!("../data/figures.toml"))?)
    }

    /// Puts what a bench measured in the place of the defaults: `cpu_ms`, `write_units`, and the difference of
    /// `usd_all_but_mail` and `usd_accepting`. Its other keys are not what a simulation needs. Gives the names replaced.
    pub fn calibrate(&mut self, bench: &str) -> Result<Vec<&'static str>, FigureError> {
        let bench: BTreeMap<String, Value> = serde_json::from_str(bench)?;
        let number = |key: &str| match bench.get(key) {
            None => Ok(None),
            Some(value) => match value.as_f64() {
                Some(number) if number.is_finite() && number >= 0.0 => Ok(Some(number)),
                _ => Err(FigureError::Impossible(key.to_owned(), value.clone())),
            },
        };
        let mut replaced = Vec::new();
        if let Some(cpu) = number("cpu_ms")? {
            self.cpu_ms = measured(cpu, &self.cpu_ms.unit);
            replaced.push("cpu_ms");
        }
        if let Some(units) = number("write_units")? {
            // The table's unit is one as long as a head is under 1 KB; the indexes have the rest.
            let whole =
                (1..=100_u32).find(|whole| f64::from(*whole) >= units).ok_or_else(|| {
                    FigureError::Impossible("write_units".to_owned(), Value::from(units))
                })?;
            let index = whole.saturating_sub(self.write_units_table.value);
            self.write_units_index = measured(index, &self.write_units_index.unit);
            replaced.push("write_units");
        }
        if let (Some(all), Some(accepting)) =
            (number("usd_all_but_mail")?, number("usd_accepting")?)
        {
            self.usd_followup = measured((all - accepting).max(0.0), &self.usd_followup.unit);
            replaced.push("usd_followup");
        }
        Ok(replaced)
    }
}

fn measured<T>(value: T, unit: &str) -> Figure<T> {
    Figure { value, unit: unit.to_owned(), source: "measured by the bench".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_figure_says_its_unit_and_where_it_is_from() {
        for (name, unit, source) in Figures::built_in().unwrap().sources() {
            assert!(unit.len() > 2 && source.len() > 8, "{name}: {unit}, {source}");
        }
    }

    #[test]
    fn what_a_bench_measured_takes_the_place_of_the_default_and_the_rest_stays() {
        let mut figures = Figures::built_in().unwrap();
        let bench = r#"{"cpu_ms": 0.19, "write_units": 3, "usd_accepting": 4, "usd_all_but_mail": 9.5, "lost": 0}"#;
        assert_eq!(figures.calibrate(bench).unwrap(), ["cpu_ms", "write_units", "usd_followup"]);
        assert_eq!((figures.cpu_ms.value, figures.write_units_index.value), (0.19, 2));
        assert_eq!((figures.usd_followup.value, figures.store_ms.value), (5.5, 4.0));
        assert_eq!(figures.calibrate(r#"{"lost": 0}"#).unwrap(), [""; 0]);
    }

    #[test]
    fn a_figure_that_cannot_be_is_named() {
        for bench in [r#"{"cpu_ms": -1}"#, r#"{"cpu_ms": "fast"}"#, r#"{"write_units": 1000}"#] {
            let error = Figures::built_in().unwrap().calibrate(bench).unwrap_err().to_string();
            assert!(error.contains("cpu_ms") || error.contains("write_units"), "{error}");
        }
        assert!(Figures::built_in().unwrap().calibrate("[1]").is_err());
    }

    /// What the code says about itself, beside which a copy would grow old.
    #[test]
    fn pauses_and_memory_are_those_of_the_code() {
        let figures = Figures::built_in().unwrap();
        let retry = include_str!("../../shared/store/src/retry.rs");
        for pause in figures.store_pauses_ms.value {
            assert!(retry.contains(&format!("Duration::from_millis({pause})")), "{pause}");
        }
        let template = include_str!("../../template.yaml");
        let submit = template.split("  SubmitApplicationFunction:").nth(1).unwrap();
        assert!(submit.split("MemorySize: ").nth(1).unwrap().starts_with("1024\n"));
    }
}
