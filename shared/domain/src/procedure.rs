//! What an application has from the submission on beside what was sent: its phase, its terms, and the instant of the
//! sweeper's next look (TRM-1, CNF-1 to CNF-4, SWP-1).

use std::collections::{BTreeMap, BTreeSet, btree_map};

use jiff::Timestamp;

use crate::{
    campaign::Campaign,
    ids::ModelId,
    lifecycle::{
        Event, Phase, Refused, Review, State,
        agreement::{AgreementRefused, AgreementStep},
        consequence::{Begins, Bound},
        deadline::Deadline,
    },
    term::{Outage, Term, TermError, TermKind},
};

mod hold;

pub use self::hold::Hold;

/// Why a step of the procedure was not taken.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum StepError {
    /// The table does not have it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The agreement's table does not have it.
    #[error(transparent)]
    Agreement(#[from] AgreementRefused),
    /// No agreement runs beside this application (AGR-1).
    #[error("no integration agreement applies")]
    NoAgreement,
    /// The campaign has no rule for a term that begins here.
    #[error(transparent)]
    Term(#[from] TermError),
    /// It was not sent: there is no procedure.
    #[error("the application was not sent")]
    NotSent,
    /// The entry in Italy is not given, from which the term of the contract runs ([`crate::decision`]).
    #[error("the entry is not given from which the term runs")]
    NoEntry,
    /// It arrived when the term was over; the end is excluded (CNF-2).
    #[error("the term ended at {0}")]
    Late(Timestamp),
    /// It arrived before the end of the term, which had taken effect when it was judged: the way of the request took longer
    /// than the grace, or an outage was recorded only then. An office can reopen the case (CNF-4).
    #[error("the end of the term, at {0}, had taken effect")]
    Overtaken(Timestamp),
    /// A person may do it only when the term is over (art. 10-bis L. 241/1990).
    #[error("the term ends at {0}")]
    Early(Timestamp),
    /// The notice with which the term to answer begins was not sent, or did not arrive (art. 10-bis L. 241/1990, COM-2).
    #[error("the term to answer has not begun")]
    NotTold,
}

/// By what a step is judged. There is no default: a ledger of outages that is left out shortens terms.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The campaign in force.
    pub campaign: &'a Campaign,
    /// The campaign's now: for a person's answer the arrival of the request, never the instant of the write (CNF-2).
    pub now: Timestamp,
    /// All outages that are known: they stop every term that they touch (CNF-4).
    pub outages: &'a [Outage],
}

/// What was stored does not fit its state. The store adds table and key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Misfit {
    /// The state that was stored.
    pub state: State,
    /// The attribute that is missing, or that the state does not have.
    pub attribute: &'static str,
    /// Which of the terms, where it is one.
    pub term: Option<TermKind>,
}

impl std::error::Error for Misfit {}

impl std::fmt::Display for Misfit {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "the attribute {}", self.attribute)?;
        if let Some(term) = self.term {
            write!(formatter, ".{term}")?;
        }
        write!(formatter, " does not fit the state {}", self.state)
    }
}

/// The procedure of an application that was sent.
///
/// Only a phase after sending can be in it, and only terms that its state keeps: it begins with the submission, moves by
/// [`crate::decision`], and comes back from the store by [`Self::restore`].
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Procedure {
    phase: Phase,
    terms: BTreeMap<TermKind, Term>,
    /// Those of the terms whose PEC was delivered, by a receipt on record.
    delivered: BTreeSet<TermKind>,
    reminded: u8,
    due: Option<Timestamp>,
}

/// What the store keeps of a procedure beside its state, not checked yet.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct StoredProcedure {
    /// The terms, one of a kind.
    pub terms: BTreeMap<TermKind, Term>,
    /// Those of the terms whose PEC was delivered, by a receipt on record (COM-2).
    pub delivered: BTreeSet<TermKind>,
    /// How far the integration agreement is (AGR-1).
    pub agreement: Option<AgreementStep>,
    /// How many of the running term's reminders have gone out or been passed over.
    pub reminded: u8,
    /// When the sweeper looks at it next.
    pub due: Option<Timestamp>,
}

impl Procedure {
    /// The procedure of what is sent now: nothing runs until an office takes it in charge.
    pub const fn begun() -> Self {
        Self {
            phase: Phase::Review(Review::Submitted),
            terms: BTreeMap::new(),
            delivered: BTreeSet::new(),
            reminded: 0,
            due: None,
        }
    }

    /// A procedure as it was stored.
    ///
    /// # Errors
    /// The state is one before sending, or keeps no such term, or knows no agreement: the misfit names the attribute.
    pub fn restore(state: State, stored: StoredProcedure) -> Result<Self, Misfit> {
        let StoredProcedure { terms, delivered, agreement, reminded, due } = stored;
        let misfit = |attribute| Misfit { state, attribute, term: None };
        let phase = Phase::of(state, agreement).ok_or_else(|| misfit("state"))?;
        match phase {
            Phase::Review(_) if agreement.is_some() => return Err(misfit("agreement")),
            // One from before the case was revoked and reopened is left behind (CNF-4).
            Phase::Review(_)
            | Phase::Answer(_)
            | Phase::Entry(_)
            | Phase::Contract(..)
            | Phase::Closed(..) => {}
        }
        for (kind, term) in &terms {
            if !state.terms().keeps(*kind) || term.kind() != *kind {
                return Err(Misfit { state, attribute: "terms", term: Some(*kind) });
            }
        }
        if let Some(kind) = delivered.iter().find(|kind| !terms.contains_key(kind)) {
            return Err(Misfit { state, attribute: "delivered", term: Some(*kind) });
        }
        Ok(Self { phase, terms, delivered, reminded, due })
    }

    /// What the store keeps of it beside its state; [`Self::restore`] reads it back.
    pub fn stored(&self) -> StoredProcedure {
        StoredProcedure {
            terms: self.terms.clone(),
            delivered: self.delivered.clone(),
            agreement: self.agreement(),
            reminded: self.reminded,
            due: self.due,
        }
    }

    /// The phase, with what exists only in it.
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// The state in the lifecycle table.
    pub const fn state(&self) -> State {
        self.phase.state()
    }

    /// How far the integration agreement is; none where none applies (AGR-1).
    pub const fn agreement(&self) -> Option<AgreementStep> {
        self.phase.agreement()
    }

    /// The term of a kind, running or waiting.
    pub fn term(&self, kind: TermKind) -> Option<&Term> {
        self.terms.get(&kind)
    }

    /// All terms that the state keeps, in the order of [`TermKind`].
    pub fn terms(&self) -> btree_map::Values<'_, TermKind, Term> {
        self.terms.values()
    }

    /// Whether the PEC of a term that it has was delivered, by a receipt on record (COM-2).
    pub fn is_delivered(&self, kind: TermKind) -> bool {
        self.delivered.contains(&kind)
    }

    /// Whether the end of a row may take effect by itself: what the PEC told counts only where it was delivered (CNF-1).
    pub(crate) fn may_end(&self, row: &Deadline) -> bool {
        row.asks_delivery_of.is_none_or(|kind| self.is_delivered(kind))
    }

    /// Whether the end of a term cuts an answer off. Where it takes effect only after a delivery, it cuts nothing off before.
    pub(crate) fn is_bound_by(&self, kind: TermKind) -> bool {
        let row = self.state().terms().run.iter().find(|row| row.kind == Some(kind));
        row.is_none_or(|row| self.may_end(row))
    }

    /// How many of the running term's reminders have gone out or been passed over (CNF-3).
    pub const fn reminded(&self) -> u8 {
        self.reminded
    }

    /// When the sweeper looks at it next; none when nothing comes by itself.
    pub const fn due(&self) -> Option<Timestamp> {
        self.due
    }

    /// The row of the state that applies, with its term; none where nothing runs.
    pub fn running(&self) -> Option<(&'static Deadline, Option<&Term>)> {
        self.state().terms().run.iter().find_map(|row| match row.kind {
            None => Some((row, None)),
            Some(kind) => self.terms.get(&kind).map(|term| (row, Some(term))),
        })
    }

    /// The term that runs.
    pub fn running_term(&self) -> Option<&Term> {
        self.running()?.1
    }

    /// The same procedure with the instant at which something comes by itself next.
    pub(crate) fn scheduled(mut self, context: &Context<'_>) -> Self {
        self.due = self.running().and_then(|(row, term)| {
            let Some(term) = term else { return Some(context.now) };
            let reminder = row.reminds.then(|| {
                let days = &context.campaign.policies().reminder_days_left;
                term.reminders(days).into_iter().nth(self.reminded.into())
            });
            let end = row.at_end.filter(|_| self.may_end(row));
            let end = end.map(|_| term.expiry_writable_from(context.campaign.policies().grace()));
            reminder.flatten().or(end)
        });
        self
    }

    /// The procedure in another phase: the terms that its state keeps go on, the others end.
    pub(crate) fn moved(&self, phase: Phase) -> Self {
        let mut moved = Self { phase, ..self.clone() };
        moved.terms.retain(|kind, _| phase.state().terms().keeps(*kind));
        moved.delivered.retain(|kind| moved.terms.contains_key(kind));
        moved
    }

    /// Puts a term in the place of the one of its kind: nothing is known yet of the delivery of its PEC.
    fn put(&mut self, term: Term) {
        self.terms.insert(term.kind(), term);
        self.delivered.remove(&term.kind());
    }

    /// Takes a term out; none where there is none.
    fn take(&mut self, kind: TermKind) -> Option<Term> {
        self.delivered.remove(&kind);
        self.terms.remove(&kind)
    }

    /// The procedure of an application that stops, or goes on after it was stopped: nothing comes by itself there (NEW-5).
    pub(crate) fn standing(&self, phase: Phase) -> Self {
        Self { due: None, ..self.moved(phase) }
    }

    /// The procedure after an event that led to this phase. A term that begins from elsewhere than now does so from
    /// `since`: the entry in Italy (CTR-1), the place in quota (DEC-1).
    ///
    /// # Errors
    /// The campaign has no rule for the term that begins.
    pub(crate) fn after(
        &self,
        event: Event,
        phase: Phase,
        model: &ModelId,
        since: Option<Timestamp>,
        context: &Context<'_>,
    ) -> Result<Self, StepError> {
        let consequences = event.consequences();
        let mut after = self.moved(phase);
        for kind in consequences.ends {
            after.take(*kind);
        }
        if let Some(term) = self.beginning_with(consequences.begins, model, since, context)? {
            after.put(term);
        }
        // Coming back to a term that went on running (a renunciation taken back) repeats no reminder.
        after.reminded = after.passed(context);
        Ok(after.scheduled(context))
    }

    /// The term that an event begins; none where it begins none, or leaves one that runs longer.
    fn beginning_with(
        &self,
        begins: Begins,
        model: &ModelId,
        since: Option<Timestamp>,
        context: &Context<'_>,
    ) -> Result<Option<Term>, TermError> {
        let campaign = context.campaign;
        Ok(match begins {
            Begins::Nothing => None,
            Begins::Term(kind) => Some(campaign.term(kind, context.now)?),
            Begins::AtLeast(kind) => {
                let begun = campaign.term(kind, context.now)?;
                let runs_longer = |running: &Term| begun.end() <= running.end();
                (!self.term(kind).is_some_and(runs_longer)).then_some(begun)
            }
            Begins::DecisionTerm => {
                let kind = campaign.decision_term(model);
                Some(campaign.term(kind, since.unwrap_or(context.now))?)
            }
            Begins::FromEntry(kind) => Some(campaign.term(kind, since.unwrap_or(context.now))?),
            Begins::Within(kind, limit) => {
                let begun = campaign.term(kind, context.now)?;
                Some(self.term(limit).map_or(begun, |limit| begun.ending_by(limit.end())))
            }
            Begins::IfDelivered(kind, told_by) => {
                let begun = campaign.term(kind, context.now)?;
                self.is_delivered(told_by).then_some(begun)
            }
        })
    }

    /// The same procedure with a term that begins with the sending of its PEC; none where the state keeps no such term,
    /// or has it already.
    pub(crate) fn beginning(
        &self,
        kind: TermKind,
        since: Timestamp,
        context: &Context<'_>,
    ) -> Result<Option<Self>, StepError> {
        if !self.state().terms().keeps(kind) || self.terms.contains_key(&kind) {
            return Ok(None);
        }
        let mut begun = self.clone();
        begun.put(context.campaign.term(kind, since)?);
        begun.reminded = begun.passed(context);
        Ok(Some(begun.extended(context)?.scheduled(context)))
    }

    /// The same procedure where the application got its place in quota only now: the office's days, if they run, begin with
    /// the place (DEC-1).
    pub(crate) fn with_place(
        &self,
        model: &ModelId,
        since: Timestamp,
        context: &Context<'_>,
    ) -> Result<Self, StepError> {
        let kind = context.campaign.decision_term(model);
        let mut after = self.clone();
        if !after.terms.contains_key(&kind) {
            return Ok(after);
        }
        after.put(context.campaign.term(kind, since)?);
        after.reminded = after.passed(context);
        Ok(after.extended(context)?.scheduled(context))
    }

    /// The same procedure with the receipt that the PEC of a term was delivered; none where it has no such term, or the
    /// receipt already.
    ///
    /// What waited for the receipt alone goes on: of an expired case the days begin in which an office looks at it (CNF-1).
    pub(crate) fn delivered(
        &self,
        kind: TermKind,
        context: &Context<'_>,
    ) -> Result<Option<Self>, StepError> {
        if !self.terms.contains_key(&kind) || self.is_delivered(kind) {
            return Ok(None);
        }
        let mut told = self.clone();
        told.delivered.insert(kind);
        let waited = self.state().terms().run.iter();
        let waited = waited.filter(|row| row.asks_delivery_of == Some(kind));
        for waiting in waited.filter_map(|row| row.kind).filter(|waiting| *waiting != kind) {
            told.put(context.campaign.term(waiting, context.now)?);
        }
        Ok(Some(told.scheduled(context)))
    }

    /// The same procedure without a term that was never told; none where it is not told of any more.
    pub(crate) fn without(&self, kind: TermKind, context: &Context<'_>) -> Option<Self> {
        let runs = self.running_term().is_some_and(|term| term.kind() == kind);
        if !runs && kind != TermKind::Confirmation {
            return None;
        }
        let mut void = self.clone();
        void.take(kind)?;
        // What expired without having been told is for a person to decide, not for the passing of days (CNF-4).
        if kind == TermKind::Confirmation {
            void.take(TermKind::Verification);
        }
        void.reminded = 0;
        Some(void.scheduled(context))
    }

    /// The same procedure with the agreement at another step.
    pub(crate) fn with_agreement(&self, step: AgreementStep) -> Option<Self> {
        let phase = Phase::of(self.state(), Some(step))?;
        Some(Self { phase, ..self.clone() })
    }

    /// The same procedure, with so many reminders gone out or passed over.
    pub(crate) fn having_reminded(&self, reminded: u8, context: &Context<'_>) -> Self {
        Self { reminded, ..self.clone() }.scheduled(context)
    }

    /// Why the table does not have an event: most often the end of its term has come before (CNF-2, CNF-4).
    pub(crate) fn refused(&self, event: Event, refused: Refused, now: Timestamp) -> StepError {
        let took_effect = |kind| {
            State::ALL.iter().any(|state| {
                state.terms().run.iter().filter(|row| row.kind == Some(kind)).any(|row| {
                    row.at_end.is_some_and(|end| {
                        state.on(end).is_ok_and(|transition| transition.to == refused.from)
                    })
                })
            })
        };
        let bound = match event.consequences().bound {
            Bound::Before(kind) if took_effect(kind) => self.term(kind),
            Bound::Before(_) | Bound::NotBefore(_) | Bound::None => None,
        };
        match bound {
            Some(term) if now < term.end() => StepError::Overtaken(term.end()),
            Some(term) => StepError::Late(term.end()),
            None => StepError::Refused(refused),
        }
    }

    /// How many reminders of the running term are past.
    pub(crate) fn passed(&self, context: &Context<'_>) -> u8 {
        let Some((row, Some(term))) = self.running() else { return 0 };
        if !row.reminds {
            return 0;
        }
        let reminders = term.reminders(&context.campaign.policies().reminder_days_left);
        let passed = reminders.iter().filter(|instant| **instant <= context.now).count();
        u8::try_from(passed).unwrap_or(u8::MAX)
    }

    /// The same procedure with its terms lengthened by the outages that touched them (CNF-4).
    pub(crate) fn extended(&self, context: &Context<'_>) -> Result<Self, StepError> {
        let mut extended = self.clone();
        for term in extended.terms.values_mut() {
            *term = context.campaign.extended(term, context.outages)?;
        }
        if let (Some(undo), Some(confirmation)) =
            (extended.term(TermKind::RenounceUndo), extended.term(TermKind::Confirmation))
        {
            let undo = undo.ending_by(confirmation.end());
            extended.terms.insert(TermKind::RenounceUndo, undo);
        }
        Ok(extended)
    }

    /// Whether the same terms end at the same instants.
    pub(crate) fn has_terms_of(&self, other: &Self) -> bool {
        self.terms == other.terms
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::calendar::RomeTime;

    fn term(kind: TermKind) -> Term {
        let day: Timestamp = "2026-05-04T07:00:00Z".parse().unwrap();
        Term::restore(kind, 1, day, day).unwrap()
    }

    /// TRM-1: every term comes back in every state that keeps it, and in no other.
    #[test]
    fn a_stored_term_that_cannot_run_in_the_state_is_a_misfit() {
        for state in State::ALL {
            for kind in TermKind::ALL {
                let terms = BTreeMap::from([(*kind, term(*kind))]);
                let stored = StoredProcedure { terms, ..StoredProcedure::default() };
                let restored = Procedure::restore(*state, stored);
                let wanted = Misfit { state: *state, attribute: "terms", term: Some(*kind) };
                if !state.is_sent() {
                    assert_eq!(restored.unwrap_err().attribute, "state");
                } else if state.terms().keeps(*kind) {
                    assert_eq!(restored.unwrap().term(*kind), Some(&term(*kind)));
                } else {
                    assert_eq!(restored.unwrap_err(), wanted);
                }
            }
        }
        let terms = BTreeMap::from([(TermKind::Contract, term(TermKind::Archiving))]);
        let stored = StoredProcedure { terms, ..StoredProcedure::default() };
        let misfit = Procedure::restore(State::ContractToSign, stored).unwrap_err();
        assert_eq!(
            misfit.to_string(),
            "the attribute terms.contract does not fit the state contract-to-sign"
        );
    }

    /// COM-2: nothing can have been delivered of a term that is not there.
    #[test]
    fn a_delivery_comes_back_with_its_term_and_not_without() {
        let kind = TermKind::Confirmation;
        let stored = StoredProcedure {
            terms: BTreeMap::from([(kind, term(kind))]),
            delivered: BTreeSet::from([kind]),
            ..StoredProcedure::default()
        };
        let restored = Procedure::restore(State::AwaitingConfirmation, stored.clone()).unwrap();
        assert!(restored.is_delivered(kind) && !restored.is_delivered(TermKind::Contract));
        assert_eq!(restored.stored(), stored);
        let without = StoredProcedure { terms: BTreeMap::new(), ..stored };
        let misfit = Procedure::restore(State::AwaitingConfirmation, without).unwrap_err();
        assert_eq!((misfit.attribute, misfit.term), ("delivered", Some(kind)));
    }

    /// AGR-1, CNF-4: an agreement of a revoked case that was reopened is left behind; before the permit there is none.
    #[test]
    fn an_agreement_comes_back_where_it_can_be() {
        for state in State::ALL.iter().filter(|state| state.is_sent()) {
            let agreement = Some(AgreementStep::Sent);
            let stored = StoredProcedure { agreement, ..StoredProcedure::default() };
            match Procedure::restore(*state, stored) {
                Ok(procedure) => {
                    let keeps =
                        matches!(procedure.phase(), Phase::Contract(..) | Phase::Closed(..));
                    assert_eq!(procedure.agreement(), agreement.filter(|_| keeps), "{state}");
                }
                Err(misfit) => {
                    assert!(Phase::of(*state, None).is_some_and(|phase| phase.name() == "review"));
                    assert_eq!(misfit.attribute, "agreement");
                }
            }
        }
    }

    /// CNF-3: what was stored is what is read.
    #[test]
    fn reminders_that_went_out_and_terms_that_run_come_back() {
        let kind = TermKind::Confirmation;
        let terms = BTreeMap::from([(kind, term(kind))]);
        let stored = StoredProcedure { terms, reminded: 2, ..StoredProcedure::default() };
        let restored = Procedure::restore(State::AwaitingConfirmation, stored).unwrap();
        assert_eq!(restored.reminded(), 2);
        assert_eq!(restored.terms().collect::<Vec<_>>(), [&term(kind)]);
        let agreement = Some(AgreementStep::ToSign);
        let early = StoredProcedure { agreement, ..StoredProcedure::default() };
        assert_eq!(Procedure::restore(State::InReview, early).unwrap_err().attribute, "agreement");
    }

    fn rome(text: &str) -> Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    fn demo() -> Campaign {
        Campaign::parse(include_str!("../../../campaigns/demo.toml")).unwrap()
    }

    const fn judged(campaign: &Campaign, now: Timestamp) -> Context<'_> {
        Context { campaign, now, outages: &[] }
    }

    /// A case in a state, with these terms by the rules of the demo, from 4 May 2026 at 9 on.
    fn case(state: State, kinds: &[TermKind]) -> Procedure {
        let campaign = demo();
        let begun = |kind| campaign.term(kind, rome("2026-05-04 09:00")).unwrap();
        let terms = kinds.iter().map(|kind| (*kind, begun(*kind))).collect();
        let stored = StoredProcedure { terms, ..StoredProcedure::default() };
        Procedure::restore(state, stored).unwrap()
    }

    /// COM-2: who was not told of a term is not cut off by its end; who was told is, and so is who needs no telling.
    #[test]
    fn an_answer_is_bound_by_a_term_only_once_its_pec_was_delivered() {
        let kind = TermKind::Integration;
        let asked = case(State::IntegrationRequested, &[kind]);
        assert!(!asked.is_bound_by(kind), "no receipt yet");
        assert!(asked.is_bound_by(TermKind::Contract), "no row of the state is about it");
        let campaign = demo();
        let read = judged(&campaign, rome("2026-05-04 09:01"));
        let told = asked.delivered(kind, &read).unwrap().unwrap();
        assert!(told.is_bound_by(kind));
        assert_eq!(told.term(kind), asked.term(kind), "the receipt begins nothing anew");
        let waiting = case(State::AwaitingConfirmation, &[TermKind::Confirmation]);
        assert!(waiting.is_bound_by(TermKind::Confirmation), "a person looks at what expired");
    }

    /// NEW-5: of a case that is stopped the office's days stay on record, and nothing comes by itself.
    #[test]
    fn a_case_that_is_stopped_keeps_what_its_state_keeps_and_expects_nothing() {
        let campaign = demo();
        let now = judged(&campaign, rome("2026-05-05 09:00"));
        let kinds = [TermKind::NullaOstaSeasonal, TermKind::Integration];
        let asked = case(State::IntegrationRequested, &kinds);
        let asked = asked.delivered(TermKind::Integration, &now).unwrap().unwrap();
        assert_eq!(asked.due(), Some(rome("2026-05-25 00:00")), "ten days are left");
        let stopped = asked.standing(Phase::Review(Review::Blocked));
        assert_eq!((stopped.state(), stopped.due()), (State::BlockedAfterSending, None));
        assert_eq!(stopped.terms().map(Term::kind).collect::<Vec<_>>(), kinds[..1]);
        assert!(!stopped.is_delivered(TermKind::Integration), "a receipt goes with its term");
        let moved = asked.moved(Phase::Review(Review::IntegrationRequested));
        assert!(moved.is_delivered(TermKind::Integration));
        assert_eq!(moved.due(), asked.due());
    }

    /// AGR-1: the agreement goes its way while the contract stays where it is, its term included.
    #[test]
    fn a_step_of_the_agreement_leaves_contract_and_term() {
        let case = case(State::ContractToSign, &[TermKind::Contract]);
        let sent = case.with_agreement(AgreementStep::Sent).unwrap();
        assert_eq!((sent.state(), sent.agreement()), (case.state(), Some(AgreementStep::Sent)));
        assert!(sent.has_terms_of(&case));
        let other = Procedure::restore(State::ContractToSign, StoredProcedure::default()).unwrap();
        assert!(!sent.has_terms_of(&other));
    }

    /// CNF-3: a reminder is past from its own instant on; where the portal reminds nobody none is.
    #[test]
    fn reminders_are_counted_from_their_instant_on() {
        let campaign = demo();
        let asked = case(State::AwaitingConfirmation, &[TermKind::Confirmation]);
        for (now, passed) in [
            ("2026-05-09 23:59:59.999", 0),
            ("2026-05-10 00:00", 1),
            ("2026-05-15 00:00", 2),
            ("2026-05-19 12:00", 4),
        ] {
            assert_eq!(asked.passed(&judged(&campaign, rome(now))), passed, "{now}");
        }
        let now = judged(&campaign, rome("2026-05-15 00:00"));
        let reminded = asked.having_reminded(2, &now);
        assert_eq!((reminded.reminded(), reminded.due()), (2, Some(rome("2026-05-18 00:00"))));
        let granted = case(State::Granted, &[TermKind::NullaOstaValidity]);
        let end = granted.running_term().unwrap().end();
        assert_eq!(granted.passed(&judged(&campaign, end)), 0, "the state reminds of nothing");
        let nothing_runs = case(State::AwaitingConfirmation, &[]);
        assert_eq!(nothing_runs.passed(&now), 0);
    }

    /// TRM-1: a PEC begins the term that its state keeps, once.
    #[test]
    fn a_pec_begins_a_term_where_the_state_keeps_it_and_has_none() {
        let campaign = demo();
        let kind = TermKind::Confirmation;
        let now = judged(&campaign, rome("2026-05-16 09:00"));
        let since = rome("2026-05-04 09:00");
        let begun = case(State::AwaitingConfirmation, &[]).beginning(kind, since, &now).unwrap();
        let begun = begun.unwrap();
        assert_eq!(begun.term(kind).unwrap().start(), since);
        assert_eq!((begun.reminded(), begun.due()), (2, Some(rome("2026-05-18 00:00"))));
        assert_eq!(begun.beginning(kind, now.now, &now), Ok(None), "it has one");
        assert_eq!(case(State::Confirmed, &[]).beginning(kind, since, &now), Ok(None));
    }

    /// DEC-1: the office's days begin with the place in quota, of a case that an office has already.
    #[test]
    fn a_place_begins_the_days_of_an_office_that_has_the_case() {
        let campaign = demo();
        let model: ModelId = "c-stag-agricoltura".parse().unwrap();
        let now = judged(&campaign, rome("2026-05-11 09:00"));
        let submitted = case(State::Submitted, &[]);
        assert_eq!(submitted.with_place(&model, now.now, &now), Ok(submitted));
        let kind = TermKind::NullaOstaSeasonal;
        let reviewed = case(State::InReview, &[kind]).with_place(&model, now.now, &now).unwrap();
        let term = reviewed.term(kind).unwrap();
        assert_eq!((term.start(), term.end()), (now.now, rome("2026-06-01 00:00")));
    }

    /// CNF-1, COM-2: a receipt counts once, and only of a term that is there.
    #[test]
    fn a_receipt_begins_only_what_waited_for_it() {
        let campaign = demo();
        let now = judged(&campaign, rome("2026-05-21 09:00"));
        let confirmation = TermKind::Confirmation;
        let expired = case(State::ExpiredToVerify, &[confirmation]);
        let told = expired.delivered(confirmation, &now).unwrap().unwrap();
        assert_eq!(told.term(confirmation), expired.term(confirmation));
        assert_eq!(told.term(TermKind::Verification).unwrap().start(), now.now);
        assert_eq!(told.delivered(confirmation, &now), Ok(None), "once");
        let none = case(State::ExpiredToVerify, &[]);
        assert_eq!(none.delivered(confirmation, &now), Ok(None), "nothing to deliver");
        let waiting = case(State::AwaitingConfirmation, &[confirmation]);
        let told = waiting.delivered(confirmation, &now).unwrap().unwrap();
        assert!(told.has_terms_of(&waiting), "nothing waited for it");
    }

    /// COM-2, CNF-4: a term of which nobody was told is void where it runs; the one to confirm also where it waits, with
    /// the days of an office to look at it.
    #[test]
    fn a_term_that_was_not_told_is_taken_out_where_it_would_count() {
        use TermKind as T;
        let campaign = demo();
        let now = judged(&campaign, rome("2026-05-16 09:00"));
        let asked = case(State::AwaitingConfirmation, &[T::Confirmation, T::NullaOstaValidity]);
        let asked = asked.having_reminded(2, &now);
        let void = asked.without(T::Confirmation, &now).unwrap();
        assert_eq!((void.reminded(), void.due()), (0, None));
        assert_eq!(void.terms().map(Term::kind).collect::<Vec<_>>(), [T::NullaOstaValidity]);
        assert_eq!(asked.without(T::NullaOstaValidity, &now), None, "it only waits there");
        let expired = case(State::ExpiredToVerify, &[T::Confirmation, T::Verification]);
        let void = expired.without(T::Confirmation, &now).unwrap();
        assert_eq!(void.terms().next(), None, "a person decides");
        let announced = case(State::RefusalAnnounced, &[T::Preavviso, T::NullaOsta]);
        let void = announced.without(T::Preavviso, &now).unwrap();
        assert_eq!(void.terms().map(Term::kind).collect::<Vec<_>>(), [T::NullaOsta]);
    }

    /// CNF-1, CNF-2: who has renounced and confirms after all is refused by the state; late is who answers a case that the
    /// end of the term has led to an officer.
    #[test]
    fn an_answer_is_late_only_where_the_end_of_its_term_took_effect() {
        let (kind, event) = (TermKind::Confirmation, Event::Confirm);
        let end = rome("2026-05-20 00:00");
        let just_before = end - jiff::SignedDuration::from_millis(1);
        let renouncing = case(State::Renouncing, &[kind, TermKind::RenounceUndo]);
        let refused = State::Renouncing.on(event).unwrap_err();
        for now in [just_before, end] {
            assert_eq!(renouncing.refused(event, refused, now), StepError::Refused(refused));
        }
        let expired = case(State::ExpiredToVerify, &[kind]);
        let refused = State::ExpiredToVerify.on(event).unwrap_err();
        assert_eq!(expired.refused(event, refused, just_before), StepError::Overtaken(end));
        assert_eq!(expired.refused(event, refused, end), StepError::Late(end));
        let void = case(State::ExpiredToVerify, &[]);
        assert_eq!(void.refused(event, refused, end), StepError::Refused(refused));
    }

    /// CNF-1, CNF-4: an outage lengthens both terms of a renunciation, which is undone by the end of the longer one at the
    /// latest.
    #[test]
    fn an_outage_lengthens_a_renunciation_no_further_than_the_term_to_confirm() {
        let campaign = demo();
        let renounced_at = rome("2026-05-19 23:30");
        let limit = campaign.term(TermKind::Confirmation, rome("2026-05-04 09:00")).unwrap();
        let undo = campaign.term(TermKind::RenounceUndo, renounced_at).unwrap();
        let terms = [limit, undo.ending_by(limit.end())].map(|term| (term.kind(), term));
        let stored = StoredProcedure { terms: terms.into(), ..StoredProcedure::default() };
        let renouncing = Procedure::restore(State::Renouncing, stored).unwrap();
        let outages = [Outage::new(rome("2026-05-19 23:40"), rome("2026-05-19 23:50")).unwrap()];
        let known = Context { outages: &outages, ..judged(&campaign, renounced_at) };
        let extended = renouncing.extended(&known).unwrap();
        let end = |kind| extended.term(kind).unwrap().end();
        assert_eq!(end(TermKind::Confirmation), rome("2026-05-21 00:00"));
        assert_eq!(end(TermKind::RenounceUndo), rome("2026-05-20 00:40"));
    }
}
