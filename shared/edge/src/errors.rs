//! Steps of the procedure at the edges: what a refused step, or one that was not stored, means to the caller (CNF-2).

use domain::{calendar, decision::StepError};

use crate::http::{Problem, ProblemKind};
use store::{
    contention::Contended,
    rows::{SaveError, StoreError},
    sessions::AccessError,
};

/// Nothing was changed, and a moment later it may work.
impl From<Contended> for Problem {
    fn from(_: Contended) -> Self {
        Self::new(ProblemKind::Unavailable).retry_after_s(1)
    }
}

/// What a change that was not stored means to the caller.
impl From<SaveError> for Problem {
    fn from(error: SaveError) -> Self {
        match error {
            SaveError::LimitReached => Self::new(ProblemKind::LimitReached),
            SaveError::WorkerTaken => Self::new(ProblemKind::WorkerTaken),
            SaveError::Conflict => Contended.into(),
            SaveError::Store(error) => error.into(),
        }
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        if error.retryable() { Self::unavailable(&error) } else { Self::internal(&error) }
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::SessionOver => Self::new(ProblemKind::SessionOver),
            AccessError::LevelTooLow => Self::new(ProblemKind::LevelTooLow),
            AccessError::PasswordsOff => Self::new(ProblemKind::LevelTooLow).detail(
                "L'accesso con la sola password non è più attivo: con questa utenza restano l'Help Desk e, entrando con SPID o CIE, «Associa pratica».",
            ),
            AccessError::Store(error) => error.into(),
        }
    }
}

impl From<StepError> for Problem {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Late(end) => Self::new(ProblemKind::TermOver)
                .detail(format!(
                    "Il termine è scaduto {}: la risposta non può più essere registrata. Il tentativo è conservato: se un malfunzionamento ti ha impedito di rispondere, scrivi per PEC allo Sportello Unico, che può riaprire la pratica.",
                    calendar::until_in_words(end)
                ))
                .with("ended_at", calendar::rfc3339(end)),
            StepError::Overtaken(end) => Self::new(ProblemKind::TermOver)
                .detail(format!(
                    "La risposta è arrivata prima della fine del termine ({}), ma la scadenza era già registrata. Il tentativo è conservato: scrivi per PEC allo Sportello Unico, che può riaprire la pratica.",
                    calendar::until_in_words(end)
                ))
                .with("ended_at", calendar::rfc3339(end)),
            StepError::Early(end) => Self::new(ProblemKind::TermRunning)
                .detail(format!(
                    "Il datore di lavoro può presentare osservazioni fino a {}: il rigetto è possibile da quel momento, oppure dopo le osservazioni.",
                    calendar::until_in_words(end)
                ))
                .with("ends_at", calendar::rfc3339(end)),
            StepError::NotTold => Self::new(ProblemKind::TermRunning).detail(
                "Il preavviso di rigetto non risulta ancora inviato, oppure non è stato consegnato: il termine per le osservazioni non decorre. Se la PEC non è arrivata, inviala di nuovo.",
            ),
            StepError::Refused(_)
            | StepError::Agreement(_)
            | StepError::NoAgreement
            | StepError::NotSent => Self::new(ProblemKind::WrongState),
            StepError::Term(_) | StepError::NoEntry => Self::internal(&error),
        }
    }
}

#[cfg(test)]
mod tests {
    use store::retry::Failure;

    use super::*;

    /// SUB-5: for a write that the store will never take, a ticket or an endless 503 would only mislead.
    #[test]
    fn what_the_store_refuses_is_an_error_of_ours_and_not_tried_again() {
        for (failure, kind) in [
            (Failure::Refused, ProblemKind::Internal),
            (Failure::Condition, ProblemKind::Internal),
            (Failure::Throttled, ProblemKind::Unavailable),
            (Failure::Conflict, ProblemKind::Unavailable),
            (Failure::Server, ProblemKind::Unavailable),
            (Failure::Cut, ProblemKind::Unavailable),
        ] {
            let error = StoreError::Unavailable { what: "head", failure, source: "said so".into() };
            assert_eq!(error.retryable(), kind == ProblemKind::Unavailable, "{failure:?}");
            assert_eq!(Problem::from(error).kind(), kind, "{failure:?}");
        }
    }

    /// TRM-1: a term that ends at midnight is told by the day that it closes, also to who comes too late or too early.
    #[test]
    fn a_refused_step_tells_the_end_of_a_term_by_the_day_that_it_closes() {
        let end = "2026-05-20 00:00".parse::<calendar::RomeTime>().unwrap().instant();
        for error in [StepError::Late(end), StepError::Overtaken(end), StepError::Early(end)] {
            let problem = Problem::from(error);
            let told = problem.text();
            assert!(told.contains("martedì 19 maggio 2026, ore 24:00:00"), "{told}");
        }
    }
}
