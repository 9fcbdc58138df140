//! Steps of the procedure at the edges: what a refused step means to whoever asked, and how a step is tried again when
//! somebody else was faster (CNF-2).

use std::time::Duration;

use domain::{calendar, case::StepError};

use crate::{
    applications::SaveError,
    http::{Problem, ProblemKind},
};

/// Somebody else was faster this often, then the caller is asked to try again. Of several at once one comes through in each
/// round: five registries answer a form at about the same time.
pub const ROUNDS: u32 = 8;
/// The same for each application of a request that moves many.
pub const ROUNDS_OF_EACH: u32 = 4;
/// Pause before another round, times the rounds before, in all 1.4 s: the event of a submission is recorded within a second.
const ROUND_PAUSE: Duration = Duration::from_millis(50);

/// Waits before another round; not before the first.
pub async fn pause(round: u32) {
    if round > 0 {
        tokio::time::sleep(ROUND_PAUSE * round).await;
    }
}

/// When all rounds were lost: nothing was changed, and a moment later it may work.
pub fn contended() -> Problem {
    Problem::new(ProblemKind::Unavailable).retry_after_s(1)
}

/// What a change that was not stored means to whoever asked.
pub fn not_saved(error: SaveError) -> Problem {
    match error {
        SaveError::LimitReached => Problem::new(ProblemKind::LimitReached),
        SaveError::WorkerTaken => Problem::new(ProblemKind::WorkerTaken),
        SaveError::Conflict => contended(),
        SaveError::Store(error) => error.into(),
    }
}

impl From<StepError> for Problem {
    fn from(error: StepError) -> Self {
        match error {
            StepError::Late(end) => Self::new(ProblemKind::TermOver)
                .detail(format!(
                    "Il termine è scaduto {}: la risposta non può più essere registrata. Il tentativo è conservato: se un malfunzionamento ti ha impedito di rispondere, scrivi per PEC allo Sportello Unico, che può riaprire la pratica.",
                    calendar::in_words(end)
                ))
                .with("ended_at", calendar::rfc3339(end)),
            StepError::Overtaken(end) => Self::new(ProblemKind::TermOver)
                .detail(format!(
                    "La risposta è arrivata prima della fine del termine ({}), ma la scadenza era già registrata. Il tentativo è conservato: scrivi per PEC allo Sportello Unico, che può riaprire la pratica.",
                    calendar::in_words(end)
                ))
                .with("ended_at", calendar::rfc3339(end)),
            StepError::Early(end) => Self::new(ProblemKind::TermRunning)
                .detail(format!(
                    "Il datore di lavoro può presentare osservazioni fino a {}: il rigetto è possibile da quel momento, oppure dopo le osservazioni.",
                    calendar::in_words(end)
                ))
                .with("ends_at", calendar::rfc3339(end)),
            StepError::NotTold => Self::new(ProblemKind::TermRunning).detail(
                "Il preavviso di rigetto non risulta ancora inviato, oppure non è stato consegnato: il termine per le osservazioni non decorre. Se la PEC non è arrivata, inviala di nuovo.",
            ),
            StepError::Refused(_)
            | StepError::Agreement(_)
            | StepError::NoAgreement
            | StepError::NotSent => Self::new(ProblemKind::WrongState),
            StepError::Term(ref source) => Self::internal(source),
        }
    }
}
