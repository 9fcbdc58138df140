//! Which applications go from an operator to a colleague (ORG-4).

use std::collections::BTreeSet;

use domain::{
    ids::{AccountId, ApplicationId},
    organisation::MOST_HANDED_OVER,
};
use edge::http::{Exchange, Fields, Problem};
use serde_json::Value;

/// Body of `POST /api/organisations/{id}/hand-overs`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct HandOverBody {
    /// The account that filed them.
    from: String,
    /// The colleague who goes on.
    to: String,
    /// Which applications, at most 100; all live ones, when it is absent.
    applications: Option<Vec<String>>,
    /// Where the request before ended (`next`).
    cursor: Option<String>,
}

/// Which applications go from which account to which (ORG-4).
#[derive(Debug)]
pub(crate) struct HandOver {
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
    pub(crate) applications: Option<Vec<ApplicationId>>,
    pub(crate) cursor: Option<String>,
}

impl HandOver {
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        const ACCOUNT: &str = "L'identificativo dell'operatore, come nell'elenco.";
        let mut fields = exchange.fields()?;
        let from: Option<AccountId> = fields.parsed("from", ACCOUNT);
        let to: Option<AccountId> = fields.parsed("to", ACCOUNT);
        if from.is_some() && from == to {
            fields.refuse::<()>("to", "non-valido", "Scegli un collega diverso.");
        }
        let applications = match fields.peek("applications") {
            None | Some(Value::Null) => {
                fields.optional_text("applications");
                Some(None)
            }
            Some(_) => applications(&mut fields).map(Some),
        };
        let cursor = fields.optional_text("cursor");
        let read = (|| Some(Self { from: from?, to: to?, applications: applications?, cursor }))();
        fields.complete(read)
    }
}

fn applications(fields: &mut Fields) -> Option<Vec<ApplicationId>> {
    const LIST: &str = "applications";
    let ids = match fields.value(LIST)? {
        Value::Array(ids) if (1..=MOST_HANDED_OVER).contains(&ids.len()) => ids,
        _ => {
            return fields.refuse(
                LIST,
                "non-valido",
                format!("Un elenco da 1 a {MOST_HANDED_OVER} domande."),
            );
        }
    };
    let read: BTreeSet<ApplicationId> =
        ids.iter().filter_map(|id| id.as_str()?.parse().ok()).collect();
    if read.len() == ids.len() {
        Some(read.into_iter().collect())
    } else {
        fields.refuse(LIST, "non-valido", "Un identificativo non è valido o è ripetuto.")
    }
}
