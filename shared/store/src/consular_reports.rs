//! What the consular system reported, each once by its own identifier, written with what it changed (CNF-1, ENT-1).

use aws_sdk_dynamodb::Client;
use data_encoding::HEXLOWER;
use domain::{
    application::Application, consular::ConsularReport, ids::ApplicationId, lifecycle::State,
};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    keys::{self, Key},
    rows::{SaveError, StoreError, millis},
    table,
    transaction::{all_or_nothing, put_new},
};

/// A report as recorded; never altered.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct ReportRow {
    pk: String,
    sk: String,
    v: u8,
    /// The application that it is about.
    pub application: ApplicationId,
    /// What it says.
    pub report: ConsularReport,
    /// Keyed hash of all that it says, to tell a repetition from another report under the same identifier. Keyed, since
    /// the number of a visa could be guessed from a plain one.
    pub content: String,
    /// Whether it changed something, or was true already or overtaken.
    pub had_effect: bool,
    /// The state after it.
    pub state: State,
    /// When it arrived, in milliseconds of the gateway.
    pub at: i64,
}

impl ReportRow {
    /// A report that was heard at `arrival` and left the application so.
    pub fn new(
        key: &Key,
        report: ConsularReport,
        content: String,
        had_effect: bool,
        head: &Application,
        arrival: Timestamp,
    ) -> Self {
        Self {
            pk: key.pk.clone(),
            sk: key.sk.clone(),
            v: 1,
            application: head.id.clone(),
            report,
            content,
            had_effect,
            state: head.state(),
            at: millis(arrival),
        }
    }
}

/// The reports in a table.
#[derive(Clone, Debug)]
pub struct ConsularReports {
    client: Client,
    table: String,
}

impl ConsularReports {
    /// The reports in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Where a client's report is kept: by a hash, since the identifier is the client's own text.
    pub fn key(client: &str, event: &str) -> Key {
        let mut hash = Sha256::new();
        hash.update(client.as_bytes());
        hash.update([0]);
        hash.update(event.as_bytes());
        keys::consular_report(&HEXLOWER.encode(&hash.finalize()))
    }

    /// A report that was recorded before.
    pub async fn find(&self, key: &Key) -> Result<Option<ReportRow>, StoreError> {
        table::row(&self.client, &self.table, key, "report of the consular system").await
    }

    /// Records a report that changes nothing; conflict when it was recorded before.
    pub async fn record(&self, row: &ReportRow) -> Result<(), SaveError> {
        all_or_nothing(
            &self.client,
            vec![put_new(&self.table, row)?],
            "report of the consular system",
        )
        .await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_clients_may_give_the_same_identifier_to_different_reports() {
        let key = ConsularReports::key("maeci", "evento-0001");
        assert_eq!(key, ConsularReports::key("maeci", "evento-0001"));
        assert_ne!(key, ConsularReports::key("maeci", "evento-0002"));
        assert_ne!(key, ConsularReports::key("maecie", "vento-0001"));
        assert!(!key.pk.contains("evento"), "the client's own text stands in no key");
    }
}
