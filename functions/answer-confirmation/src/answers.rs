//! The answers that an employer gives after sending, and how each is read from a request (CNF-1, DEC-1, RNK-2).

use domain::{
    lifecycle::{Event, State},
    permission::Action,
};
use edge::http::{Exchange, Fields, Problem};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The shortest text that says something to the office, in characters.
const SHORTEST_TEXT: usize = 10;
/// The longest text, in characters; whatever is longer is a document.
const LONGEST_TEXT: usize = 4_000;

/// What an employer can answer.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// *Conferma*.
    Confirm,
    /// *Rinuncia*.
    Renounce,
    /// *Annulla rinuncia*.
    UndoRenunciation,
    /// *Ritira domanda*.
    Withdraw,
    /// *Trasmetti integrazione*.
    ProvideIntegration,
    /// *Presenta osservazioni*.
    Object,
}

/// What an answer means in the tables; see [`Answer`].
#[derive(Debug)]
pub(crate) struct Row {
    code: &'static str,
    /// In the permission table.
    pub(crate) action: Action,
    /// In the lifecycle.
    pub(crate) event: Event,
    /// Whether it counts only when it is given twice (CNF-1).
    pub(crate) asks_twice: bool,
    /// Whether it carries a text for the office.
    has_text: bool,
    /// Where it has been given: pressing again is no error there. An answer with a text must say the same again.
    pub(crate) is_given_in: fn(State) -> bool,
}

#[rustfmt::skip]
const ANSWERS: [Row; 6] = {
    use {Action as A, Event as E, State as S};
    [
    //  code                   action                   event                  twice  text   given in
    row("confirm",             A::Confirm,              E::Confirm,            false, false, |state| state == S::Confirmed || state.step().is_some()),
    row("renounce",            A::Renounce,             E::Renounce,           true,  false, |state| matches!(state, S::Renouncing | S::Renounced)),
    row("undo-renunciation",   A::UndoRenunciation,     E::UndoRenunciation,   false, false, |state| state == S::AwaitingConfirmation),
    row("withdraw",            A::Withdraw,             E::Withdraw,           false, false, |state| state == S::Renounced),
    row("provide-integration", A::ProvideIntegration,   E::ProvideIntegration, false, true,  |state| state != S::IntegrationRequested),
    row("object",              A::Object,               E::Object,             false, true,  |state| state != S::RefusalAnnounced),
    ]
};

const fn row(
    code: &'static str,
    action: Action,
    event: Event,
    asks_twice: bool,
    has_text: bool,
    is_given_in: fn(State) -> bool,
) -> Row {
    Row { code, action, event, asks_twice, has_text, is_given_in }
}

/// The body of an answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnswerRequest {
    /// The answer.
    pub answer: Answer,
    /// That a *rinuncia* is meant: without it nothing is stored, and the answer says until when it could be undone.
    pub confirmed: Option<bool>,
    /// The text to the office with an integration or with observations, 10 to 4,000 characters; not with the others.
    #[schema(min_length = 10, max_length = 4_000)]
    pub text: Option<String>,
}

/// An answer as it was read.
pub(crate) struct Given {
    pub(crate) row: &'static Row,
    /// Whether it was given for the second time.
    pub(crate) is_confirmed: bool,
    /// In the employer's words.
    pub(crate) text: Option<String>,
}

impl std::fmt::Debug for Given {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Given({})", self.row.code)
    }
}

impl Given {
    /// Reads a body; the problem names all mistakes at once.
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        let mut fields = exchange.fields()?;
        let code = fields.text("answer");
        let row = code.and_then(|code| {
            let row = ANSWERS.iter().find(|row| row.code == code);
            row.or_else(|| {
                let codes: Vec<_> = ANSWERS.iter().map(|row| row.code).collect();
                let message = format!("Deve essere una di queste risposte: {}.", codes.join(", "));
                fields.refuse("answer", "non-valido", message)
            })
        });
        let is_confirmed =
            match (fields.optional_value("confirmed"), row.is_none_or(|row| row.asks_twice)) {
                (None, _) => Some(false),
                (Some(Value::Bool(is_confirmed)), true) => Some(is_confirmed),
                (Some(Value::Bool(_)), false) => fields.refuse(
                    "confirmed",
                    "non-previsto",
                    "Vale solo per la rinuncia: toglilo.",
                ),
                (Some(_), _) => {
                    let message = "Deve essere vero o falso (true o false).";
                    fields.refuse("confirmed", "tipo-errato", message)
                }
            };
        let text = match row {
            Some(row) if row.has_text => read_text(&mut fields).map(Some),
            Some(_) if fields.optional_value("text").is_some() => {
                let message = "Vale solo per integrazione e osservazioni: toglilo.";
                fields.refuse("text", "non-previsto", message)
            }
            Some(_) => Some(None),
            None => {
                fields.optional_value("text");
                None
            }
        };
        let given = match (row, is_confirmed, text) {
            (Some(row), Some(is_confirmed), Some(text)) => Some(Self { row, is_confirmed, text }),
            _ => None,
        };
        fields.complete(given)
    }
}

fn read_text(fields: &mut Fields) -> Option<String> {
    let text = fields.long_text("text", LONGEST_TEXT)?.trim().to_owned();
    if text.chars().count() < SHORTEST_TEXT {
        let message = "Scrivi che cosa comunichi allo Sportello Unico, in almeno 10 caratteri.";
        return fields.refuse("text", "troppo-corto", message);
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use domain::lifecycle::{Actor, TRANSITIONS};

    use super::*;

    /// Every answer is an event that an applicant may cause somewhere, and nowhere counts as given where it still can be.
    #[test]
    fn an_answer_is_an_event_of_the_applicant_and_not_given_where_it_is_asked_for() {
        for row in &ANSWERS {
            let from: Vec<_> = TRANSITIONS.iter().filter(|one| one.event == row.event).collect();
            assert!(!from.is_empty(), "{row:?}");
            for transition in from {
                assert!(transition.by.contains(&Actor::Representative), "{row:?}");
                assert!(!(row.is_given_in)(transition.from), "{row:?} at {}", transition.from);
                assert!((row.is_given_in)(transition.to), "{row:?} at {}", transition.to);
            }
        }
        let codes: Vec<_> = ANSWERS.iter().map(|row| row.code).collect();
        let published = [
            Answer::Confirm,
            Answer::Renounce,
            Answer::UndoRenunciation,
            Answer::Withdraw,
            Answer::ProvideIntegration,
            Answer::Object,
        ];
        assert_eq!(serde_json::to_value(published).unwrap(), serde_json::to_value(codes).unwrap());
    }

    /// CNF-1: only what archives the case is asked for twice.
    #[test]
    fn only_the_renunciation_is_asked_for_twice() {
        let twice: Vec<_> =
            ANSWERS.iter().filter(|row| row.asks_twice).map(|row| row.event).collect();
        assert_eq!(twice, [Event::Renounce]);
    }
}
