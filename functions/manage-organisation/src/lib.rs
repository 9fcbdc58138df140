//! Enables operators and keeps the lists of organisations: requests, lists, leavings, hand-overs (ORG-1 to ORG-5, IDP-3).

mod asked;
mod enable;
pub mod hand_over;
mod letters;
pub mod members;
pub mod requests;
mod view;

use std::convert::Infallible;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use edge::{
    admission::Door,
    cursor::CursorKey,
    http::{self, Exchange, Problem, ProblemKind},
};
use lambda_http::{Body, Request, Response};
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};
use store::{
    accounts::Accounts,
    applications::Applications,
    attempts::Attempts,
    enabling::Enablings,
    letters::Letters,
    organisations::Organisations,
    sessions::{Caller, Sessions},
};

pub use self::{
    asked::{
        DecisionBody, EnablingBody, HandOverBody, LeavingBody, NamedOperatorBody, OperatorBody,
        OperatorsBody, OrganisationBody, WithdrawalBody,
    },
    view::{
        ChoiceView, EnablingList, EnablingSummary, EnablingView, HandOverOutcome, LeftView,
        NamedOperatorView, OperatorList, OperatorView, OperatorsOutcome, OrganisationView,
        RepresentativeView, RowView, StepView,
    },
};
use self::{
    hand_over::hand_over,
    members::{add_operators, list_operators, read_organisation, record, report_leaving},
    requests::{decide, list_requests, read_request, submit_request, withdraw},
};

/// What managing organisations needs.
#[derive(Debug)]
pub struct Needs {
    door: Door,
    accounts: Accounts,
    applications: Applications,
    attempts: Attempts,
    cursors: CursorKey,
    enablings: Enablings,
    keying: Keying,
    letters: Letters,
    organisations: Organisations,
    sessions: Sessions,
}

impl Needs {
    /// Reads the configuration and the secrets.
    pub async fn from_environment(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        let client = Client::new(sdk);
        let table = config::required("PORTAL_TABLE")?;
        let sessions_table = config::required("SESSIONS_TABLE")?;
        let keying = Keying::new(config::secret(sdk, "KEYING_SECRET_ID").await?);
        let sessions = Sessions::new(client.clone(), sessions_table.clone());
        Ok(Self {
            door: Door::from_environment(sdk, &client).await?,
            accounts: Accounts::new(client.clone(), table.clone()),
            applications: Applications::new(client.clone(), table.clone()),
            attempts: Attempts::new(client.clone(), sessions_table),
            cursors: CursorKey::new(keying.derived("cursor")),
            enablings: Enablings::new(client.clone(), table.clone()),
            keying,
            letters: Letters::new(client.clone(), table.clone()),
            organisations: Organisations::new(client, table),
            sessions,
        })
    }
}

/// One request.
pub async fn handle(needs: &Needs, request: Request) -> Result<Response<Body>, Infallible> {
    http::answer(request, |exchange| async move {
        let (method, path) = exchange.route();
        match (method, path.as_slice()) {
            ("POST", ["enabling-requests"]) => submit_request(needs, &exchange).await,
            ("GET", ["enabling-requests"]) => list_requests(needs, &exchange).await,
            ("GET", ["enabling-requests", id]) => read_request(needs, &exchange, id).await,
            ("POST", ["enabling-requests", id, "decisions"]) => decide(needs, &exchange, id).await,
            ("POST", ["enabling-requests", id, "withdrawal"]) => {
                withdraw(needs, &exchange, id).await
            }
            ("POST", ["organisations"]) => record(needs, &exchange).await,
            ("GET", ["organisations", id]) => read_organisation(needs, &exchange, id).await,
            ("GET", ["organisations", id, "operators"]) => {
                list_operators(needs, &exchange, id).await
            }
            ("POST", ["organisations", id, "operators"]) => {
                add_operators(needs, &exchange, id).await
            }
            ("POST", ["organisations", id, "operators", account, "leaving"]) => {
                report_leaving(needs, &exchange, id, account).await
            }
            ("POST", ["organisations", id, "hand-overs"]) => hand_over(needs, &exchange, id).await,
            (
                _,
                ["enabling-requests" | "organisations"]
                | ["enabling-requests" | "organisations", _]
                | ["enabling-requests", _, "decisions" | "withdrawal"]
                | ["organisations", _, "operators" | "hand-overs"]
                | ["organisations", _, "operators", _, "leaving"],
            ) => Err(Problem::new(ProblemKind::MethodNotAllowed)),
            _ => Err(Problem::new(ProblemKind::NotFound)),
        }
    })
    .await
}

/// Whoever reads lists of people: identified like whoever changes them.
async fn reader(needs: &Needs, exchange: &Exchange) -> Result<Caller, Problem> {
    let caller = needs.door.reader(exchange).await?;
    caller.require_level_2()?;
    Ok(caller)
}
