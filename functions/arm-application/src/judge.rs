//! What arming and disarming mean for one application, by the tables, by the calendar and by the request's arrival.

use domain::{
    application::{Application, Stage, Who},
    calendar,
    campaign::NoArming,
    decision::Decision,
    ids::ApplicationId,
    lifecycle::State,
    permission::{self, Action, Relation},
};
use edge::{
    access::ApplicationAccess,
    http::{Problem, ProblemKind},
};
use store::sessions::Caller;

use crate::{
    Decree,
    view::{ArmedOutcome, ArmedOutcomeView},
};

const NOT_READY: &str = "La domanda non è pronta: guarda nel riepilogo che cosa manca.";
const BLOCKED: &str = "Il datore di lavoro ha bloccato la domanda: decide lo Sportello Unico per l'Immigrazione. Fino ad allora non si può prenotare.";
const OTHER_MODEL: &str =
    "La domanda è di un altro decreto o modello: indica quello che leggi nel riepilogo domande.";
const SENT_NOTHING_TO_ARM: &str =
    "La domanda è già stata inviata: non serve prenotare. La ricevuta è nel riepilogo domande.";
const SENT_NOTHING_TO_UNDO: &str = "La domanda è già stata inviata: non si può più annullare. La ricevuta è nel riepilogo domande; da lì puoi ritirarla.";
const NO_OPENING: &str =
    "Per questo modello non è prevista un'altra apertura: non c'è un invio da prenotare.";
const ALWAYS_OPEN: &str = "Questo modello non ha un'apertura da attendere: premi Invia.";

/// What a request does to each of its applications.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Change {
    /// *Prenota invio*.
    Arm,
    /// *Annulla invio prenotato*.
    Disarm,
}

impl Change {
    const fn action(self) -> Action {
        match self {
            Self::Arm => Action::Arm,
            Self::Disarm => Action::Disarm,
        }
    }

    /// The state that it leads out of.
    pub(crate) const fn from(self) -> State {
        match self {
            Self::Arm => State::ToSend,
            Self::Disarm => State::Armed,
        }
    }

    /// The state in which a request for all shows that it was done before. What is not armed says nothing: most never was.
    pub(crate) const fn shown_as_done(self) -> Option<State> {
        match self {
            Self::Arm => Some(State::Armed),
            Self::Disarm => None,
        }
    }

    /// What people read who asked for all and have none.
    pub(crate) const fn nothing_to_do(self) -> &'static str {
        match self {
            Self::Arm => {
                "Non hai domande pronte di questo modello: apri il riepilogo per vedere che cosa manca a ciascuna."
            }
            Self::Disarm => {
                "Non hai invii prenotati di questo modello: non c'è nulla da annullare."
            }
        }
    }

    /// What people read of those that a withdrawal held back.
    pub(crate) const fn withdrawn(self) -> &'static str {
        match self {
            Self::Arm => {
                "La tua sessione o la tua abilitazione è terminata mentre prenotavi: questa domanda non è stata prenotata. Quelle già prenotate partono all'apertura."
            }
            Self::Disarm => {
                "La tua sessione o la tua abilitazione è terminata mentre annullavi: questa prenotazione resta. Il datore di lavoro può annullarla fino all'apertura."
            }
        }
    }
}

/// Who asks for what, by which decree.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judge<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) decree: &'a Decree,
    pub(crate) change: Change,
}

impl Judge<'_> {
    /// Whether the permission table lets the caller's role do it with this relation.
    pub(crate) fn may_as(&self, relation: Relation) -> bool {
        permission::may(self.caller.role, relation, self.change.from(), self.change.action())
    }

    /// What the tables and the calendar say to it at the request's arrival: the decision, or why nothing changes.
    pub(crate) fn judged(
        &self,
        id: &ApplicationId,
        head: Option<Application>,
    ) -> Result<Decision, Box<ArmedOutcomeView>> {
        let refused = |outcome, problem: Problem| {
            Err(Box::new(ArmedOutcomeView::refused(id, outcome, &problem)))
        };
        let not_found = || refused(ArmedOutcome::NotFound, Problem::new(ProblemKind::NotFound));
        let Some(Ok(access)) = head.map(|head| ApplicationAccess::of(head, self.caller)) else {
            return not_found();
        };
        let head = &access.head;
        if !access.may_in_state(head.state(), Action::Read) {
            return not_found();
        }
        if !access.may_in_state(self.change.from(), self.change.action()) {
            return refused(ArmedOutcome::NotAllowed, Problem::new(ProblemKind::NotAllowed));
        }
        if !self.decree.has(head) {
            let problem = Problem::new(ProblemKind::WrongState).detail(OTHER_MODEL);
            return refused(ArmedOutcome::OtherModel, problem);
        }
        match self.change {
            Change::Arm => self.arm(head),
            Change::Disarm => self.disarm(head),
        }
        .map_err(Box::new)
    }

    fn arm(&self, head: &Application) -> Result<Decision, ArmedOutcomeView> {
        let wrong_state = |outcome, text: &str| {
            let problem = Problem::new(ProblemKind::WrongState).detail(text);
            Err(ArmedOutcomeView::refused(&head.id, outcome, &problem))
        };
        match &head.stage {
            Stage::ToSend(_) => {}
            Stage::Armed(_) => {
                return Err(ArmedOutcomeView::armed(ArmedOutcome::AlreadyArmed, head));
            }
            Stage::Sent { .. } => {
                return wrong_state(ArmedOutcome::AlreadySent, SENT_NOTHING_TO_ARM);
            }
            Stage::Blocked { .. } => return wrong_state(ArmedOutcome::NotReady, BLOCKED),
            Stage::ToValidate | Stage::ToComplete { .. } | Stage::Deleted => {
                return wrong_state(ArmedOutcome::NotReady, NOT_READY);
            }
        }
        if let Some(closed) = self.closed() {
            return Err(ArmedOutcomeView::refused(&head.id, ArmedOutcome::Closed, &closed));
        }
        head.arm(&self.caller.account, self.decree.now)
            .or_else(|_| wrong_state(ArmedOutcome::NotReady, NOT_READY))
    }

    fn disarm(&self, head: &Application) -> Result<Decision, ArmedOutcomeView> {
        let not_armed = || Err(ArmedOutcomeView::of(&head.id, ArmedOutcome::NotArmed));
        match &head.stage {
            Stage::Armed(_) => {}
            Stage::Sent { .. } => {
                let problem = Problem::new(ProblemKind::OpeningPassed).detail(SENT_NOTHING_TO_UNDO);
                return Err(ArmedOutcomeView::refused(
                    &head.id,
                    ArmedOutcome::AlreadySent,
                    &problem,
                ));
            }
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Blocked { .. }
            | Stage::Deleted => return not_armed(),
        }
        if self.decree.has_taken(head) {
            let problem = Problem::new(ProblemKind::OpeningPassed);
            return Err(ArmedOutcomeView::refused(&head.id, ArmedOutcome::Arrived, &problem));
        }
        let who = Who::Account(self.caller.account.clone());
        head.disarm(who, self.decree.now).or_else(|_| not_armed())
    }

    /// Why nobody can arm at the request's arrival; none where everybody can.
    fn closed(&self) -> Option<Problem> {
        let problem = match self.decree.opening().err()? {
            NoArming::Chronological => Problem::new(ProblemKind::ArmingNotOffered),
            NoArming::Open { since } => Problem::new(ProblemKind::OpeningPassed)
                .detail(format!(
                    "La finestra è aperta da {}: non serve prenotare, premi Invia.",
                    calendar::in_words_to_the_millisecond(since)
                ))
                .with("opened_at", calendar::rfc3339(since)),
            NoArming::OffQuota => Problem::new(ProblemKind::OpeningPassed).detail(ALWAYS_OPEN),
            NoArming::NoOpening => Problem::new(ProblemKind::WindowClosed).detail(NO_OPENING),
        };
        Some(problem)
    }

    /// Where the calendar refuses, and nothing was done before or now, the whole request is refused as one for a single
    /// application would be (ADR 13).
    pub(crate) fn refusal_of_all(&self, outcomes: &[ArmedOutcomeView]) -> Option<Problem> {
        let found = |kinds: &[ArmedOutcome]| {
            outcomes.iter().any(|outcome| kinds.contains(&outcome.outcome))
        };
        match self.change {
            Change::Arm => self
                .closed()
                .filter(|_| !found(&[ArmedOutcome::AlreadyArmed, ArmedOutcome::AlreadySent])),
            Change::Disarm => {
                let is_over = found(&[ArmedOutcome::Arrived])
                    && !found(&[
                        ArmedOutcome::Disarmed,
                        ArmedOutcome::NotArmed,
                        ArmedOutcome::AlreadySent,
                    ]);
                is_over.then(|| Problem::new(ProblemKind::OpeningPassed))
            }
        }
    }
}
