//! What a person reads about a human check that does not count (ADR 11).

use jiff::Timestamp;
use store::human_check::{HumanCheck, HumanCheckFault, Proof};

use crate::http::{FieldProblem, Problem, ProblemKind};

/// The field of each form that holds the human check.
const HUMAN_CHECK_FIELD: &str = "human_check";

/// Stable code of a fault.
pub const fn code(fault: HumanCheckFault) -> &'static str {
    match fault {
        HumanCheckFault::Wrong => "verifica-errata",
        HumanCheckFault::Over => "verifica-scaduta",
        HumanCheckFault::Exhausted => "tentativi-esauriti",
        HumanCheckFault::Missing => "verifica-richiesta",
    }
}

/// What to do about a fault, in Italian.
pub const fn message(fault: HumanCheckFault) -> &'static str {
    match fault {
        HumanCheckFault::Wrong => {
            "La verifica automatica non è riuscita o il codice è errato: ripetila, oppure chiedi un codice per e-mail."
        }
        HumanCheckFault::Over => {
            "La verifica è scaduta o è già stata usata: ripetila, oppure chiedi un nuovo codice per e-mail."
        }
        HumanCheckFault::Exhausted => "Troppi codici errati: chiedi un nuovo codice per e-mail.",
        HumanCheckFault::Missing => {
            "Dopo più tentativi serve la verifica automatica, oppure un codice per e-mail."
        }
    }
}

impl From<HumanCheckFault> for Problem {
    /// The refusal of a form whose only mistake this is.
    fn from(fault: HumanCheckFault) -> Self {
        Self::new(ProblemKind::InvalidFields).fields(vec![FieldProblem {
            field: HUMAN_CHECK_FIELD.to_owned(),
            code: code(fault).to_owned(),
            message: message(fault).to_owned(),
        }])
    }
}

/// Uses a human check up, or refuses it as its field would be.
pub async fn require_unused(
    check: &HumanCheck,
    proof: &Proof,
    now: Timestamp,
) -> Result<(), Problem> {
    if check.use_up(proof, now).await? { Ok(()) } else { Err(HumanCheckFault::Over.into()) }
}
