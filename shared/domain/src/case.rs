//! What runs while an office, the consular system and the employer take turns: terms, the integration agreement, and the
//! instant at which the sweeper looks next (TRM-1, CNF-1 to CNF-4, SWP-1).
//!
//! Nothing here reads a clock: every instant is the campaign's now ([`crate::campaign::Campaign::effective_now`]).

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::{
    application::{Application, Stage, Submission},
    campaign::Campaign,
    ids::ModelId,
    lifecycle::{
        Event, Position, Refused, State,
        agreement::{AgreementEvent, AgreementRefused, AgreementStep},
    },
    notice::NoticeKind,
    term::{Outage, Term, TermError, TermKind},
};

/// What an application has beside its submission from the first work of the office on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Case {
    /// The terms that matter in this state, one of a kind.
    pub terms: BTreeMap<TermKind, Term>,
    /// How far the integration agreement is; none where it does not apply (AGR-1).
    pub agreement: Option<AgreementStep>,
    /// How many of the running term's reminders have gone out or been passed over (CNF-3).
    pub reminded: u8,
    /// When the sweeper looks at it next; none when nothing comes by itself.
    pub due: Option<Timestamp>,
}

/// What ends by itself in a state, and what happens then.
#[derive(Clone, Copy, Debug)]
pub struct Deadline {
    /// In which state.
    pub state: State,
    /// Which term; none means at once.
    pub kind: Option<TermKind>,
    /// What its end does; none where a person has to act.
    pub at_end: Option<Event>,
    /// Whether the employer is reminded before the end (CNF-3).
    pub reminds: bool,
    /// The requirement or the paragraph of law.
    pub source: &'static str,
}

const fn ends(
    state: State,
    kind: TermKind,
    at_end: Option<Event>,
    reminds: bool,
    source: &'static str,
) -> Deadline {
    Deadline { state, kind: Some(kind), at_end, reminds, source }
}

/// Which term runs in which state. A term that stands in no row of a state waits there without running.
#[rustfmt::skip]
pub const DEADLINES: &[Deadline] = {
    use {Event as E, State as S, TermKind as T};
    &[
    //   state                    term                       at its end                       reminds  source
    // Silence of the office is told by the age of the case; no permit is issued without a person (art. 22 c. 5.0.1).
    ends(S::InReview,             T::NullaOsta,              None,                            false,   "DEC-1; art. 22 c. 5 D.Lgs. 286/1998"),
    ends(S::InReview,             T::NullaOstaSeasonal,      None,                            false,   "DEC-1; art. 24 D.Lgs. 286/1998"),
    ends(S::InReview,             T::NullaOstaTrainedAbroad, None,                            false,   "DEC-1; art. 23 D.Lgs. 286/1998"),
    ends(S::IntegrationRequested, T::Integration,            Some(E::ResumeReview),           true,    "DEC-1, SWP-1"),
    ends(S::RefusalAnnounced,     T::Preavviso,              None,                            true,    "art. 10-bis L. 241/1990"),
    ends(S::Granted,              T::NullaOstaValidity,      Some(E::Lapse),                  false,   "SWP-1; art. 22 c. 5 D.Lgs. 286/1998"),
    ends(S::AwaitingConfirmation, T::Confirmation,           Some(E::Expire),                 true,    "CNF-1, CNF-2, CNF-3; art. 22 c. 5-quinquies D.Lgs. 286/1998"),
    ends(S::Renouncing,           T::RenounceUndo,           Some(E::CompleteRenunciation),   false,   "CNF-1, SWP-1"),
    ends(S::ExpiredToVerify,      T::Verification,           Some(E::ConfirmExpiry),          false,   "CNF-1, CNF-4"),
    ends(S::Confirmed,            T::NullaOstaValidity,      Some(E::Lapse),                  false,   "SWP-1; art. 22 c. 5 D.Lgs. 286/1998"),
    ends(S::ContractToSign,       T::Contract,               Some(E::ExpireContract),         true,    "CTR-1, SWP-1; art. 22 c. 6 D.Lgs. 286/1998"),
    ends(S::ContractRejected,     T::Contract,               Some(E::ExpireContract),         true,    "CTR-1, SWP-1"),
    ends(S::Refused,              T::Archiving,              Some(E::Archive),                false,   "SWP-1"),
    ends(S::Revoked,              T::Archiving,              Some(E::Archive),                false,   "CNF-1, SWP-1"),
    ends(S::ModulesIssued,        T::Archiving,              Some(E::Archive),                false,   "SWP-1"),
    Deadline { state: S::Renounced, kind: None, at_end: Some(E::Archive), reminds: false, source: "CNF-1, SWP-1" },
]};

/// The term that an event begins by itself; those that begin with the sending of a PEC are in
/// [`crate::notice::NoticeKind::begins`] (COM-2).
pub const fn begun_by(event: Event) -> Option<TermKind> {
    match event {
        Event::TakeCharge => Some(TermKind::NullaOsta),
        Event::Grant => Some(TermKind::NullaOstaValidity),
        Event::Renounce => Some(TermKind::RenounceUndo),
        Event::Expire => Some(TermKind::Verification),
        // A contract that is sent back can be replaced (CTR-1), however late the office looked at it.
        Event::SendContract | Event::ReopenContract | Event::RejectContract => {
            Some(TermKind::Contract)
        }
        Event::Refuse | Event::Revoke | Event::ConfirmExpiry | Event::IssueModules => {
            Some(TermKind::Archiving)
        }
        Event::Start
        | Event::StartConversion
        | Event::VerifyCode
        | Event::Complete
        | Event::Reopen
        | Event::Delete
        | Event::Block
        | Event::Release
        | Event::Submit
        | Event::RequestIntegration
        | Event::ProvideIntegration
        | Event::ResumeReview
        | Event::AnnounceRefusal
        | Event::Object
        | Event::Withdraw
        | Event::ReportChecks
        | Event::Confirm
        | Event::UndoRenunciation
        | Event::CompleteRenunciation
        | Event::ReopenCase
        | Event::Lapse
        | Event::IssueVisa
        | Event::RefuseVisa
        | Event::ReportEntry
        | Event::UploadContract
        | Event::AcceptContractFile
        | Event::RefuseContractFile
        | Event::ValidateContract
        | Event::ExpireContract
        | Event::Archive => None,
    }
}

/// Whether a term is still of interest in a state: it runs there, or waits for a way back.
fn lasts(kind: TermKind, state: State) -> bool {
    use State as S;
    let states: &[State] = match kind {
        TermKind::NullaOsta | TermKind::NullaOstaSeasonal | TermKind::NullaOstaTrainedAbroad => {
            &[S::InReview, S::IntegrationRequested, S::RefusalAnnounced, S::BlockedAfterSending]
        }
        TermKind::Integration => &[S::IntegrationRequested],
        TermKind::Preavviso => &[S::RefusalAnnounced],
        TermKind::NullaOstaValidity => {
            &[
                S::Granted,
                S::AwaitingConfirmation,
                S::Renouncing,
                S::ExpiredToVerify,
                S::Confirmed,
                // An office may reopen what was revoked (CNF-4): the permit is no longer valid by that.
                S::Revoked,
            ]
        }
        // An expired case shows until when the answer would have counted.
        TermKind::Confirmation => &[S::AwaitingConfirmation, S::Renouncing, S::ExpiredToVerify],
        TermKind::RenounceUndo => &[S::Renouncing],
        TermKind::Verification => &[S::ExpiredToVerify],
        TermKind::Contract => &[
            S::ContractToSign,
            S::ContractUploaded,
            S::ContractSent,
            S::ContractRejected,
            S::ContractOverdue,
        ],
        TermKind::Archiving => &[S::Refused, S::Revoked, S::ModulesIssued],
        TermKind::Cpi | TermKind::QuotaRedistribution => &[],
    };
    states.contains(&state)
}

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
    /// It was not sent: there is no case.
    #[error("the application was not sent")]
    NotSent,
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

/// One step of the procedure.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// The campaign that judges it.
    pub campaign: &'a Campaign,
    /// The campaign's now: for a person's answer the arrival of the request, never the instant of the write (CNF-2).
    pub now: Timestamp,
    /// All outages that are known: they stop every term that they touch (CNF-4).
    pub outages: &'a [Outage],
    /// When the term that this step begins has begun, where it is not now: the entry in Italy (CTR-1), the place in the
    /// quota (DEC-1).
    pub since: Option<Timestamp>,
    /// Whether the integration agreement applies; asked for by [`Event::SendContract`] alone (AGR-1).
    pub with_agreement: bool,
}

impl<'a> Step<'a> {
    /// A step now, with no outage known, whose term begins now.
    pub const fn new(campaign: &'a Campaign, now: Timestamp) -> Self {
        Self { campaign, now, outages: &[], since: None, with_agreement: false }
    }
}

/// What the sweeper finds at an application whose instant has come (SWP-1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Sweep {
    /// The instant has not come: nothing to do.
    NotYet,
    /// An outage lengthened the term: its new end is written, nothing else (CNF-4).
    Extended(Box<Application>),
    /// A reminder goes out (CNF-3).
    Reminded(Box<Application>),
    /// The term is over: this event takes effect.
    Ended(Event, Box<Application>),
}

impl Case {
    /// The row of the state that applies, with its term; none where nothing runs.
    pub fn running(&self, state: State) -> Option<(&'static Deadline, Option<&Term>)> {
        DEADLINES.iter().filter(|row| row.state == state).find_map(|row| match row.kind {
            None => Some((row, None)),
            Some(kind) => self.terms.get(&kind).map(|term| (row, Some(term))),
        })
    }

    /// The term that runs in a state.
    pub fn running_term(&self, state: State) -> Option<&Term> {
        self.running(state)?.1
    }

    /// The same case with the instant at which something comes by itself next.
    fn scheduled(mut self, state: State, step: &Step<'_>) -> Self {
        self.due = self.running(state).and_then(|(row, term)| {
            let Some(term) = term else { return Some(step.now) };
            let reminder = row.reminds.then(|| {
                let days = &step.campaign.policies().reminder_days_left;
                term.reminders(days).into_iter().nth(self.reminded.into())
            });
            let end =
                row.at_end.map(|_| term.expiry_writable_from(step.campaign.policies().grace()));
            reminder.flatten().or(end)
        });
        self
    }

    /// The case after an event that led to a state.
    fn after(
        &self,
        event: Event,
        to: State,
        model: &ModelId,
        step: &Step<'_>,
    ) -> Result<Self, StepError> {
        let mut case = self.clone();
        case.terms.retain(|kind, _| lasts(*kind, to));
        // A case that is reopened is asked about anew: its term begins with the new PEC.
        if event == Event::ReopenCase {
            case.terms.remove(&TermKind::Confirmation);
        }
        if let Some(term) = self.begun(event, model, step)? {
            // What is sent back shortens no term that runs, lengthened by outages as it may be.
            let runs_longer =
                |running: &Term| event == Event::RejectContract && term.end() <= running.end();
            if !case.terms.get(&term.kind()).is_some_and(runs_longer) {
                case.terms.insert(term.kind(), term);
            }
        }
        if event == Event::SendContract {
            case.agreement = step.with_agreement.then_some(AgreementStep::OPENING);
        }
        // Coming back to a term that went on running (a renunciation taken back) repeats no reminder.
        case.reminded = case.passed(to, step);
        Ok(case.scheduled(to, step))
    }

    fn begun(
        &self,
        event: Event,
        model: &ModelId,
        step: &Step<'_>,
    ) -> Result<Option<Term>, StepError> {
        let Some(kind) = begun_by(event) else { return Ok(None) };
        // How long the office has depends on the work (art. 22 c. 5, art. 23, art. 24).
        let kind = match event {
            Event::TakeCharge => step.campaign.decision_term(model),
            _ => kind,
        };
        let begun = step.campaign.term(kind, step.since.unwrap_or(step.now))?;
        // A renunciation can be undone until the end of the term to confirm at the latest (CNF-1).
        let limit = self.terms.get(&TermKind::Confirmation).map(Term::end);
        let limit = limit.filter(|_| kind == TermKind::RenounceUndo);
        Ok(Some(limit.map_or(begun, |limit| begun.ending_by(limit))))
    }

    /// The case of an application that stops, or goes on after it was stopped: nothing comes by itself there (NEW-5).
    pub(crate) fn standing(&self, state: State) -> Self {
        let mut case = Self { due: None, ..self.clone() };
        case.terms.retain(|kind, _| lasts(*kind, state));
        case
    }

    /// Why the table does not have an event: most often the end of its term has come before (CNF-2, CNF-4).
    fn refused(&self, event: Event, refused: Refused, now: Timestamp) -> StepError {
        let took_effect = |kind| {
            DEADLINES.iter().filter(|row| row.kind == Some(kind)).any(|row| {
                row.at_end.is_some_and(|end| {
                    row.state.on(end).is_ok_and(|transition| transition.to == refused.from)
                })
            })
        };
        match bound_of(event)
            .filter(|kind| took_effect(*kind))
            .and_then(|kind| self.terms.get(&kind))
        {
            Some(term) if now < term.end() => StepError::Overtaken(term.end()),
            Some(term) => StepError::Late(term.end()),
            None => StepError::Refused(refused),
        }
    }

    /// How many reminders of the running term are past.
    fn passed(&self, state: State, step: &Step<'_>) -> u8 {
        let Some((row, Some(term))) = self.running(state) else { return 0 };
        if !row.reminds {
            return 0;
        }
        let reminders = term.reminders(&step.campaign.policies().reminder_days_left);
        let passed = reminders.iter().filter(|instant| **instant <= step.now).count();
        u8::try_from(passed).unwrap_or(u8::MAX)
    }

    /// The same case with its terms lengthened by the outages that touched them.
    fn extended(&self, step: &Step<'_>) -> Result<Self, StepError> {
        let mut case = self.clone();
        for term in case.terms.values_mut() {
            *term = step.campaign.extended(term, step.outages)?;
        }
        if let (Some(undo), Some(confirmation)) =
            (case.terms.get(&TermKind::RenounceUndo), case.terms.get(&TermKind::Confirmation))
        {
            let undo = undo.ending_by(confirmation.end());
            case.terms.insert(TermKind::RenounceUndo, undo);
        }
        Ok(case)
    }
}

/// By when a person's event must arrive to count.
const fn bound_of(event: Event) -> Option<TermKind> {
    match event {
        Event::Confirm | Event::Renounce => Some(TermKind::Confirmation),
        Event::UndoRenunciation => Some(TermKind::RenounceUndo),
        Event::ProvideIntegration => Some(TermKind::Integration),
        Event::UploadContract => Some(TermKind::Contract),
        _ => None,
    }
}

impl Application {
    /// The case; none before sending.
    pub const fn case(&self) -> Option<&Case> {
        match &self.stage {
            Stage::Sent { case, .. } => Some(case),
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        }
    }

    /// The term that runs now, lengthened by the outages that are known.
    pub fn running_term(&self, step: &Step<'_>) -> Result<Option<Term>, StepError> {
        let Some(case) = self.case() else { return Ok(None) };
        Ok(case.extended(step)?.running_term(self.state()).copied())
    }

    /// One step of the procedure by an event of the table. What a person does is judged by its arrival against the term,
    /// outages included: one millisecond before the end counts, the end does not (CNF-2).
    pub fn step(&self, event: Event, step: &Step<'_>) -> Result<Self, StepError> {
        let Stage::Sent { state, submission, case } = &self.stage else {
            return Err(StepError::NotSent);
        };
        let position = Position { state: *state, agreement: case.agreement };
        let case = case.extended(step)?;
        let transition = match position.on(event) {
            Ok(transition) => transition,
            Err(refused) => return Err(case.refused(event, refused, step.now)),
        };
        if let Some(term) = bound_of(event).and_then(|kind| case.terms.get(&kind))
            && step.now >= term.end()
        {
            return Err(StepError::Late(term.end()));
        }
        // The employer may answer the notice of reasons against for as long as the law gives.
        if *state == State::RefusalAnnounced && event == Event::Refuse {
            let term = case.terms.get(&TermKind::Preavviso).ok_or(StepError::NotTold)?;
            if step.now < term.end() {
                return Err(StepError::Early(term.end()));
            }
        }
        let case = case.after(event, transition.to, &self.model, step)?;
        Ok(self.with(transition.to, submission.clone(), case, step.now))
    }

    /// One step of the integration agreement (AGR-1); the state of the application stays.
    pub fn agreement_step(
        &self,
        event: AgreementEvent,
        step: &Step<'_>,
    ) -> Result<Self, StepError> {
        let Stage::Sent { state, submission, case } = &self.stage else {
            return Err(StepError::NotSent);
        };
        if !state.admits_agreement() {
            return Err(StepError::NoAgreement);
        }
        let at = case.agreement.ok_or(StepError::NoAgreement)?;
        let case = Case { agreement: Some(at.on(event)?.to), ..case.clone() };
        Ok(self.with(*state, submission.clone(), case, step.now))
    }

    /// The PEC that starts a term was sent (or accepted, or delivered: policy of the campaign): the term runs from `since`.
    ///
    /// Where the state has moved on meanwhile, nothing begins: none is given.
    pub fn begin(
        &self,
        kind: TermKind,
        since: Timestamp,
        step: &Step<'_>,
    ) -> Result<Option<Self>, StepError> {
        let Stage::Sent { state, submission, case } = &self.stage else { return Ok(None) };
        if !lasts(kind, *state) || case.terms.contains_key(&kind) {
            return Ok(None);
        }
        let mut case = case.clone();
        case.terms.insert(kind, step.campaign.term(kind, since)?);
        case.reminded = case.passed(*state, step);
        let case = case.extended(step)?.scheduled(*state, step);
        Ok(Some(self.with(*state, submission.clone(), case, step.now)))
    }

    /// The PEC that tells of a term was not delivered: the term is void until another is sent (COM-2). None where it does
    /// not run any more, since the employer has answered and so was told; an answer that can be taken back is none yet.
    pub fn void(&self, kind: TermKind, step: &Step<'_>) -> Option<Self> {
        let Stage::Sent { state, submission, case } = &self.stage else { return None };
        let runs = case.running_term(*state).is_some_and(|term| term.kind() == kind);
        if !runs && kind != TermKind::Confirmation {
            return None;
        }
        let mut case = case.clone();
        case.terms.remove(&kind)?;
        // What expired without having been told is for a person to decide, not for the passing of days (CNF-4).
        if kind == TermKind::Confirmation {
            case.terms.remove(&TermKind::Verification);
        }
        case.reminded = 0;
        let case = case.scheduled(*state, step);
        Some(self.with(*state, submission.clone(), case, step.now))
    }

    /// Whether a notice that waits to be sent has nothing left to say: the case has left the state in which its term runs,
    /// or the term that it reminds of is over (CNF-3).
    pub fn is_beyond(&self, notice: NoticeKind, step: &Step<'_>) -> Result<bool, StepError> {
        if notice == NoticeKind::TermReminder {
            let reminds = DEADLINES.iter().any(|row| row.state == self.state() && row.reminds);
            let runs = self.running_term(step)?.is_some_and(|term| step.now < term.end());
            return Ok(!reminds || !runs);
        }
        let runs = |kind| DEADLINES.iter().any(|row| row.state == self.state() && row.kind == kind);
        // A renunciation can be taken back, and then the employer must have been asked (CNF-1).
        let may_come_back =
            |kind| kind == TermKind::Confirmation && self.state() == State::Renouncing;
        Ok(notice.begins().is_some_and(|kind| !runs(Some(kind)) && !may_come_back(kind)))
    }

    /// What the sweeper has to do now: at most one thing, which moves `due` on, so that each is done once however often
    /// and from however many places it is asked (SWP-1).
    pub fn sweep(&self, step: &Step<'_>) -> Result<Sweep, StepError> {
        let Stage::Sent { state, submission, case } = &self.stage else { return Ok(Sweep::NotYet) };
        if case.due.is_none_or(|due| step.now < due) {
            return Ok(Sweep::NotYet);
        }
        let extended = case.extended(step)?;
        if extended.terms != case.terms {
            let extended = extended.scheduled(*state, step);
            let after = self.with(*state, submission.clone(), extended, step.now);
            return Ok(Sweep::Extended(Box::new(after)));
        }
        let Some((row, term)) = case.running(*state) else {
            let settled = case.clone().scheduled(*state, step);
            let after = self.with(*state, submission.clone(), settled, step.now);
            return Ok(Sweep::Extended(Box::new(after)));
        };
        let writable = term.is_none_or(|term| {
            term.expiry_writable_from(step.campaign.policies().grace()) <= step.now
        });
        if let Some(event) = row.at_end.filter(|_| writable) {
            return Ok(Sweep::Ended(event, Box::new(self.step(event, step)?)));
        }
        // After the end there is nothing left to be reminded of; several that were missed are one.
        let is_over = term.is_some_and(|term| term.end() <= step.now);
        let passed = case.passed(*state, step);
        let reminds = row.reminds && !is_over && passed > case.reminded;
        let case = Case { reminded: passed.max(case.reminded), ..case.clone() };
        let case = case.scheduled(*state, step);
        let after = Box::new(self.with(*state, submission.clone(), case, step.now));
        Ok(if reminds { Sweep::Reminded(after) } else { Sweep::Extended(after) })
    }

    fn with(&self, state: State, submission: Submission, case: Case, now: Timestamp) -> Self {
        Self {
            stage: Stage::Sent { state, submission, case },
            version: self.version + 1,
            changed: now,
            ..self.clone()
        }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
