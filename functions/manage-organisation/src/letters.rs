//! What people are told by mail, written in the transaction of what it tells (ORG-1, ORG-3, ORG-4).

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::TransactWriteItem;
use domain::{
    email_address::EmailAddress, ids::LetterId, letter::LetterKind, organisation::RowOutcome,
};
use edge::http::Problem;
use jiff::Timestamp;
use outside::aws;
use store::{
    enabling::{EnablingRequest, NamedOperator},
    letters::Letter,
    organisations::Organisation,
};

use crate::Needs;

/// A letter to an address that an identity provider gave may not be deliverable: then there is none.
pub(crate) fn letter(
    needs: &Needs,
    kind: LetterKind,
    to: &str,
    facts: &[(&str, &str)],
    now: Timestamp,
) -> Result<Option<TransactWriteItem>, Problem> {
    let Ok(to) = to.parse::<EmailAddress>() else { return Ok(None) };
    let id = LetterId::from_random(aws::random().map_err(|error| Problem::internal(&error))?);
    let facts: BTreeMap<String, String> =
        facts.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Ok(Some(needs.letters.item(&Letter { id, kind, to, facts }, now)?))
}

/// To whoever asked: the request is there.
pub(crate) fn received(
    needs: &Needs,
    request: &EnablingRequest,
) -> Result<Option<TransactWriteItem>, Problem> {
    letter(
        needs,
        LetterKind::EnablingReceived,
        &request.form.contact_email,
        &[("request", request.id.as_str()), ("subject", &subject(request))],
        request.submitted,
    )
}

/// To whoever asked: the request has come to its end.
pub(crate) fn decided(
    needs: &Needs,
    request: &EnablingRequest,
    reason: Option<&str>,
) -> Result<Option<TransactWriteItem>, Problem> {
    let reason = reason.map(|reason| format!("\nMotivo: {reason}")).unwrap_or_default();
    letter(
        needs,
        LetterKind::EnablingDecided,
        &request.form.contact_email,
        &[
            ("request", request.id.as_str()),
            ("subject", &subject(request)),
            ("outcome", request.case.stage.label()),
            ("reason", &reason),
        ],
        request.changed,
    )
}

/// To an operator: enabled.
pub(crate) fn enabled(
    needs: &Needs,
    organisation: &Organisation,
    to: &str,
    now: Timestamp,
) -> Result<Option<TransactWriteItem>, Problem> {
    letter(needs, LetterKind::OperatorEnabled, to, &[("organisation", &organisation.name)], now)
}

/// To the contact: who is enabled, and who is not and why (ORG-3).
pub(crate) fn list(
    needs: &Needs,
    organisation: &Organisation,
    to: &str,
    operators: &[NamedOperator],
    now: Timestamp,
) -> Result<Option<TransactWriteItem>, Problem> {
    let (right, wrong): (Vec<_>, Vec<_>) = operators
        .iter()
        .partition(|operator| operator.outcome.is_some_and(RowOutcome::is_operator));
    let mut lines: Vec<String> =
        right.iter().map(|one| format!("- {} {}", one.surname, one.name)).collect();
    if lines.is_empty() {
        lines.push("Nessun operatore ancora: trasmetti l'elenco nel portale.".to_owned());
    }
    if !wrong.is_empty() {
        lines.push(String::new());
        lines.push("Non abilitati:".to_owned());
        lines.extend(wrong.iter().map(|one| {
            let why = one.outcome.map(RowOutcome::label).unwrap_or_default();
            format!("- {} {}: {why}", one.surname, one.name)
        }));
    }
    letter(
        needs,
        LetterKind::OperatorsEnabledList,
        to,
        &[("organisation", &organisation.name), ("operators", &lines.join("\n"))],
        now,
    )
}

fn subject(request: &EnablingRequest) -> String {
    format!("{} – {}", request.case.kind.label(), request.form.name)
}
