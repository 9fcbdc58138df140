//! Which applications go from an operator to a colleague (ORG-4).

use std::collections::BTreeSet;

use domain::{
    ids::{AccountId, ApplicationId},
    organisation::MOST_HANDED_OVER,
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, list, text},
    },
};
use serde_json::Value;

form! {
    /// Body of `POST /api/organisations/{id}/hand-overs`.
    pub(crate) struct HandOverBody {
        /// The account that filed them.
        from: AccountId = text().parsed(ACCOUNT),
        /// The colleague who goes on.
        to: AccountId = text().parsed(ACCOUNT),
        /// Which applications, at most 100; all live ones, when it is absent.
        applications: Value = list(text(), 1, MOST_HANDED_OVER).optional(),
        /// Where the request before ended (`next`).
        cursor: String = text().optional(),
    }
}

/// What an operator's identifier must be.
const ACCOUNT: &str = "L'identificativo dell'operatore, come nell'elenco.";

/// Which applications go from which account to which (ORG-4).
#[derive(Debug)]
pub(crate) struct HandOver {
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
    pub(crate) applications: Option<Vec<ApplicationId>>,
    pub(crate) cursor: Option<String>,
}

impl HandOver {
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: HandOverBody = request.form()?;
        let (from, to) = (body.from(), body.to());
        if from.is_some() && from == to {
            body.refuse::<()>("to", "non-valido", "Scegli un collega diverso.");
        }
        let applications = match body.applications() {
            None => Some(None),
            Some(ids) => applications(&mut body, &ids).map(Some),
        };
        let cursor = body.cursor();
        let read = (|| Some(Self { from: from?, to: to?, applications: applications?, cursor }))();
        body.complete(read)
    }
}

fn applications(body: &mut HandOverBody, ids: &Value) -> Option<Vec<ApplicationId>> {
    const LIST: &str = "applications";
    let ids = match ids {
        Value::Array(ids) if (1..=MOST_HANDED_OVER).contains(&ids.len()) => ids,
        _ => {
            return body.refuse(
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
        body.refuse(LIST, "non-valido", "Un identificativo non è valido o è ripetuto.")
    }
}
