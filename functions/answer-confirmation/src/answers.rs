//! The answers that an employer gives after sending, and how each is read from a request (CNF-1, DEC-1, RNK-2).

use domain::{
    lifecycle::{Event, State},
    permission::Action,
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, Mistake, boolean, text},
    },
};

/// The shortest text that says something to the office, in characters.
const SHORTEST_TEXT: usize = 10;
/// The longest text, in characters; whatever is longer is a document.
const LONGEST_TEXT: usize = 4_000;

/// An answer, as the tables have it.
#[derive(Debug)]
pub(crate) struct AnswerKind {
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
const ANSWERS: [AnswerKind; 6] = {
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
) -> AnswerKind {
    AnswerKind { code, action, event, asks_twice, has_text, is_given_in }
}

form! {
    /// The body of an answer.
    pub(crate) struct AnswerRequest {
        /// What is answered: *Conferma*, *Rinuncia*, *Annulla rinuncia*, *Ritira domanda*, *Trasmetti integrazione*, *Presenta
        /// osservazioni*.
        answer: &'static AnswerKind = text().codes(codes).checked(row_of),
        /// That a *rinuncia* is meant: without it nothing is stored, and the answer says until when it could be undone.
        confirmed: bool = boolean().optional(),
        /// The text to the office with an integration or with observations, 10 to 4,000 characters; not with the others.
        text: String = text().shortest(SHORTEST_TEXT).longest(LONGEST_TEXT).checked(told).sometimes(),
    }
}

fn codes() -> Vec<&'static str> {
    ANSWERS.iter().map(|kind| kind.code).collect()
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn row_of(code: String) -> Result<&'static AnswerKind, Mistake> {
    ANSWERS.iter().find(|kind| kind.code == code).ok_or_else(|| {
        Mistake::invalid(format!("Deve essere una di queste risposte: {}.", codes().join(", ")))
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn told(text: String) -> Result<String, Mistake> {
    let text = text.trim();
    if text.chars().count() < SHORTEST_TEXT {
        let message = "Scrivi che cosa comunichi allo Sportello Unico, in almeno 10 caratteri.";
        return Err(Mistake::new("troppo-corto", message));
    }
    Ok(text.to_owned())
}

/// An answer as it was read.
pub(crate) struct ParsedAnswer {
    pub(crate) kind: &'static AnswerKind,
    /// Whether it was given for the second time.
    pub(crate) is_confirmed: bool,
    /// In the employer's words.
    pub(crate) text: Option<String>,
}

impl std::fmt::Debug for ParsedAnswer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "ParsedAnswer({})", self.kind.code)
    }
}

impl ParsedAnswer {
    /// Reads a body; the problem names all mistakes at once.
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: AnswerRequest = request.form()?;
        let kind = body.answer();
        let is_confirmed = body.confirmed();
        if is_confirmed.is_some() && kind.is_some_and(|kind| !kind.asks_twice) {
            let message = "Vale solo per la rinuncia: toglilo.";
            body.refuse::<()>("confirmed", "non-previsto", message);
        }
        let text = match kind {
            Some(kind) if kind.has_text => body.text(),
            Some(_) if body.peek("text").is_some_and(|text| !text.is_null()) => {
                body.drop("text");
                let message = "Vale solo per integrazione e osservazioni: toglilo.";
                body.refuse("text", "non-previsto", message)
            }
            // Of an unknown answer nobody knows whether a text belongs to it.
            _ => {
                body.drop("text");
                None
            }
        };
        let is_confirmed = is_confirmed.unwrap_or_default();
        body.complete(kind.map(|kind| Self { kind, is_confirmed, text }))
    }
}

#[cfg(test)]
mod tests {
    use domain::lifecycle::{Actor, TRANSITIONS};

    use super::*;

    /// Every answer is an event that an applicant may cause somewhere, and nowhere counts as given where it still can be.
    #[test]
    fn an_answer_is_an_event_of_the_applicant_and_not_given_where_it_is_asked_for() {
        for kind in &ANSWERS {
            let from: Vec<_> = TRANSITIONS.iter().filter(|one| one.event == kind.event).collect();
            assert!(!from.is_empty(), "{kind:?}");
            for transition in from {
                assert!(transition.by.contains(&Actor::Representative), "{kind:?}");
                assert!(!(kind.is_given_in)(transition.from), "{kind:?} at {}", transition.from);
                assert!((kind.is_given_in)(transition.to), "{kind:?} at {}", transition.to);
            }
        }
    }

    /// CNF-1: only what archives the case is asked for twice.
    #[test]
    fn only_the_renunciation_is_asked_for_twice() {
        let twice: Vec<_> =
            ANSWERS.iter().filter(|kind| kind.asks_twice).map(|kind| kind.event).collect();
        assert_eq!(twice, [Event::Renounce]);
    }
}
