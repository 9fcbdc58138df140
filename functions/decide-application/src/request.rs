//! What a decision's request says, read strictly.

use adapters::http::{Exchange, Fields, Problem};
use domain::notice::{Channel, NoticeKind};
use serde_json::Value;

use crate::decision::{DECISIONS, Decision, Effect};

/// The shortest reason that tells somebody something, and the longest, in characters.
const SHORTEST_REASON: usize = 10;
/// See [`SHORTEST_REASON`].
const LONGEST_REASON: usize = 4_000;

/// A decision as an officer orders it.
pub(crate) struct Ordered {
    /// Which.
    pub(crate) decision: &'static Decision,
    /// In the officer's words: why, or what is asked for.
    pub(crate) reason: Option<String>,
    /// The version that the officer saw.
    pub(crate) version: Option<u64>,
    /// The notice that is sent anew.
    pub(crate) notice: Option<NoticeKind>,
}

impl Ordered {
    /// Reads a body; all mistakes are told together.
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        let mut fields = exchange.fields()?;
        for name in ["reason", "version", "notice"] {
            // What is null is not there.
            if fields.peek(name).is_some_and(Value::is_null) {
                fields.value(name);
            }
        }
        let code = fields.text("decision");
        let decision = match &code {
            None => None,
            Some(code) => Decision::of(code).or_else(|| {
                let known: Vec<_> = DECISIONS.iter().map(Decision::code).collect();
                fields.refuse(
                    "decision",
                    "non-valido",
                    format!("Decisione sconosciuta. Sono ammesse: {}.", known.join(", ")),
                )
            }),
        };
        let needs_reason = decision.is_some_and(|decision| decision.needs_reason);
        let mut reason = None;
        if needs_reason || fields.has("reason") {
            reason = fields.long_text("reason", LONGEST_REASON).map(|text| text.trim().to_owned());
            if reason.as_ref().is_some_and(|text| text.chars().count() < SHORTEST_REASON) {
                reason = fields.refuse(
                    "reason",
                    "troppo-corto",
                    "Scrivi la motivazione, o ciò che chiedi, in almeno 10 caratteri: la legge chi ha presentato la domanda.",
                );
            }
        }
        let version = if fields.has("version") { fields.whole_number("version") } else { None };
        let notice = match decision.map(|decision| decision.effect) {
            Some(Effect::Again) => notice(&mut fields),
            Some(Effect::Case(_) | Effect::Agreement(_)) if fields.has("notice") => {
                fields.value("notice");
                fields.refuse(
                    "notice",
                    "non-ammesso",
                    "Il tipo della PEC si indica solo per inviarla di nuovo: toglilo dalla richiesta.",
                )
            }
            // Of an unknown decision nobody knows what belongs to it.
            Some(Effect::Case(_) | Effect::Agreement(_)) | None => {
                if fields.has("notice") {
                    fields.value("notice");
                }
                None
            }
        };
        let ordered = decision.map(|decision| Self { decision, reason, version, notice });
        fields.complete(ordered)
    }
}

/// The kind of the notice that is sent anew; what goes by ordinary mail is no PEC.
fn notice(fields: &mut Fields) -> Option<NoticeKind> {
    let message = "Indica il tipo della PEC non consegnata, come nelle comunicazioni.";
    match fields.parsed::<NoticeKind>("notice", message) {
        Some(kind) if kind.channel() == Channel::MailToFiler => {
            fields.refuse("notice", "non-valido", message)
        }
        kind => kind,
    }
}
