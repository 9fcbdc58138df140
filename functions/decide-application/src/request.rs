//! What a decision's request says, read strictly.

use domain::{
    lifecycle::{Event, agreement::AgreementEvent, consequence::Cause},
    notice::{Channel, NoticeKind},
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, Mistake, text, whole_number},
    },
};

use crate::decision::{DECISIONS, Decision};

/// The shortest reason that tells the applicant something, and the longest, in characters.
const SHORTEST_REASON: usize = 10;
/// See [`SHORTEST_REASON`].
const LONGEST_REASON: usize = 4_000;

form! {
    /// The body of a decision.
    pub(crate) struct DecisionRequest {
        /// The code of the decision, as the case's row offers it.
        decision: &'static Decision = text().codes(codes).checked(decision_of),
        /// Why, or what is asked for, in 10 to 4,000 characters; the row says where it is needed. The employer reads it.
        reason: String =
            text().shortest(SHORTEST_REASON).longest(LONGEST_REASON).checked(reason).sometimes(),
        /// The version that the officer saw: when the case has another one by now, nothing is decided. The row says where it is
        /// needed, because the file that is judged may have been replaced meanwhile.
        version: u64 = whole_number(0, None).sometimes(),
        /// For `send-again` alone: the kind of the notice that did not arrive.
        notice: NoticeKind = text().parsed(NOTICE).checked(certified).sometimes(),
    }
}

fn codes() -> Vec<&'static str> {
    DECISIONS.iter().map(Decision::code).collect()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn decision_of(code: String) -> Result<&'static Decision, Mistake> {
    Decision::of(&code).ok_or_else(|| {
        let known = codes().join(", ");
        Mistake::invalid(format!("Decisione sconosciuta. Sono ammesse: {known}."))
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn reason(text: String) -> Result<String, Mistake> {
    let text = text.trim();
    if text.chars().count() < SHORTEST_REASON {
        return Err(Mistake::new(
            "troppo-corto",
            "Scrivi la motivazione, o ciò che chiedi, in almeno 10 caratteri: la legge chi ha presentato la domanda.",
        ));
    }
    Ok(text.to_owned())
}

/// What the kind of a notice that is sent anew must be.
const NOTICE: &str = "Indica il tipo della PEC non consegnata, come nelle comunicazioni.";

/// What goes by ordinary mail is no PEC.
fn certified(kind: NoticeKind) -> Result<NoticeKind, Mistake> {
    match kind.channel() {
        Channel::MailToFiler => Err(Mistake::invalid(NOTICE)),
        _ => Ok(kind),
    }
}

/// A decision as an officer orders it.
pub(crate) struct ParsedDecision {
    /// Which.
    pub(crate) decision: &'static Decision,
    /// In the officer's words: why, or what is asked for.
    pub(crate) reason: Option<String>,
    /// The version that the officer saw; never none where [`needs_version`].
    pub(crate) version: Option<u64>,
    /// The notice that is sent anew.
    pub(crate) notice: Option<NoticeKind>,
}

impl ParsedDecision {
    /// Reads a body; the problem names all mistakes together.
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: DecisionRequest = request.form()?;
        for name in ["reason", "version", "notice"] {
            body.drop_null(name);
        }
        let decision = body.decision();
        let needs_reason = decision.is_some_and(Decision::needs_reason);
        let reason = if needs_reason || body.has("reason") { body.reason() } else { None };
        let version = if body.has("version") {
            body.version()
        } else if decision.is_some_and(needs_version) {
            body.refuse(
                "version",
                "obbligatorio",
                "Indica la versione della pratica che hai esaminato: il file può essere sostituito nel frattempo. Apri di nuovo la pratica, controlla il file e decidi.",
            )
        } else {
            None
        };
        let notice = match decision.map(|decision| decision.cause) {
            Some(Cause::Act(_)) => body.notice(),
            Some(Cause::Event(_) | Cause::Agreement(_)) if body.has("notice") => {
                body.drop("notice");
                body.refuse(
                    "notice",
                    "non-ammesso",
                    "Il tipo della PEC si indica solo per inviarla di nuovo: toglilo dalla richiesta.",
                )
            }
            // The fields of an unknown decision are unknown, too.
            Some(Cause::Event(_) | Cause::Agreement(_)) | None => {
                body.drop("notice");
                None
            }
        };
        let parsed = decision.map(|decision| Self { decision, reason, version, notice });
        body.complete(parsed)
    }
}

/// Whether a decision is about a file that the employer may replace meanwhile: it counts only for what the officer saw
/// (CTR-1, AGR-1).
pub(crate) const fn needs_version(decision: &Decision) -> bool {
    matches!(
        decision.cause,
        Cause::Event(Event::ValidateContract | Event::RejectContract)
            | Cause::Agreement(AgreementEvent::Validate | AgreementEvent::Reject)
    )
}

#[cfg(test)]
mod tests {
    use edge::http;
    use serde_json::{Value, json};

    use super::*;

    const DECIDE: &str = include_str!("../../../events/decide-application/decide.json");

    /// The mistakes that the problem names for a body.
    async fn mistakes(body: Value) -> Vec<Value> {
        let mut event: Value = serde_json::from_str(DECIDE).unwrap();
        event["body"] = body.to_string().into();
        let request = lambda_http::request::from_str(&event.to_string()).unwrap();
        let response = http::answer(request, |request| async move {
            ParsedDecision::read(&request)?;
            http::empty(204)
        });
        let response = response.await.unwrap();
        let answer: Value = serde_json::from_slice(response.body()).unwrap_or_default();
        answer["errors"].as_array().cloned().unwrap_or_default()
    }

    /// CTR-1, AGR-1: an officer who examines a file says which version of the case they saw.
    #[tokio::test]
    async fn a_file_is_judged_with_the_version_that_was_seen() {
        let about_files =
            ["validate-contract", "reject-contract", "validate-agreement", "reject-agreement"];
        let needing: Vec<_> =
            DECISIONS.iter().filter(|row| needs_version(row)).map(Decision::code).collect();
        assert_eq!(needing, about_files);
        for code in about_files {
            let reason = "La firma del lavoratore manca.";
            let body = json!({ "decision": code, "reason": reason, "version": 12 });
            assert_eq!(mistakes(body.clone()).await, Vec::<Value>::new(), "{code}");
            for version in [None, Some(Value::Null)] {
                let mut body = body.clone();
                body.as_object_mut().unwrap().remove("version");
                if let Some(version) = version {
                    body["version"] = version;
                }
                let told = mistakes(body).await;
                assert_eq!(told.len(), 1, "{code}: {told:?}");
                assert_eq!(told[0]["field"], "version", "{code}");
                assert_eq!(told[0]["code"], "obbligatorio", "{code}");
                let message = told[0]["message"].as_str().unwrap();
                assert!(message.contains("Apri di nuovo la pratica"), "{message}");
            }
        }
        // Together with what else is wrong.
        let told = mistakes(json!({ "decision": "reject-contract" })).await;
        let fields: Vec<_> = told.iter().map(|one| one["field"].clone()).collect();
        assert_eq!(fields, ["reason", "version"]);
    }
}
