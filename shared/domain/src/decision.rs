//! What the portal decides about an application: one step of its procedure with everything that it brings about, for the
//! store to write in one transaction.
//!
//! Nothing here reads a clock. The instants of the procedure, from the sending on, are the campaign's now
//! ([`crate::campaign::Campaign::effective_now`]); those of a draft are the gateway's. Only rehearsals move a campaign's clock:
//! elsewhere both are the same.

use jiff::Timestamp;

use crate::{
    application::{Application, Occurrence, Stage, Submission, Who},
    campaign::Campaign,
    consular::ConsularDecision,
    document::DocumentKind,
    ids::AccountId,
    lifecycle::{
        Event, Phase, Position, State,
        agreement::{AgreementEvent, AgreementStep},
        consequence::{
            Act, Bound, Cause, Consequences, Consulate, OfficeFlag, QuotaPlace, RemarkKept, Tells,
            YearlyLimit,
        },
    },
    notice::NoticeKind,
    procedure::Procedure,
    quota,
    term::{Term, TermKind},
};

mod draft;
mod scene;

pub use self::draft::Deletion;
pub use crate::procedure::{Context, Hold, StepError};

/// What some events need to know that neither head nor context tells.
#[derive(Clone, Copy, Debug)]
enum Facts {
    /// Nothing.
    None,
    /// Since when the application has had its place in quota; none where its model has no quota (DEC-1).
    Place(Option<Timestamp>),
    /// When the worker entered Italy, and whether the integration agreement applies (CTR-1, AGR-1).
    Entry { at: Timestamp, agreement_applies: bool },
}

impl Facts {
    const fn since(self) -> Option<Timestamp> {
        match self {
            Self::None => None,
            Self::Place(since) => since,
            Self::Entry { at, .. } => Some(at),
        }
    }
}

/// What a decision does to the place in quota.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// Nothing; or the model has no quota.
    Kept,
    /// The application waits for a place in its line from now on (RNK-1).
    Awaited,
    /// There must be a place at the moment of the write (DEC-1; a permit without a place cost a worker the work: TAR FVG
    /// 85/2025).
    Required,
    /// It is given up, for the first time (RNK-2).
    GivenUp,
}

/// What a decision does to the place in the filer's yearly limit (LIM-1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Limit {
    /// Nothing.
    Kept,
    /// One application more, as long as the limit allows; no limit where none is given.
    Taken(Option<u32>),
    /// One application less.
    GivenBack,
}

/// What of an application followed a former account into another, so that exactly this can go back (IDP-2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Followed {
    /// The account was the representative.
    pub representative: bool,
    /// The account had filed it.
    pub filer: bool,
    /// Its place in the yearly limit followed, too (LIM-1).
    pub counted: bool,
}

/// How a term differs after a decision.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TermChange {
    /// It runs, or waits, from now on.
    Begins(Term),
    /// It has another end.
    Moves(Term),
    /// It is there no more.
    Ends(TermKind),
}

/// A change of an application with everything that it brings about: the store writes all of it, or nothing.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Decision {
    cause: Cause,
    before: Option<Application>,
    after: Application,
    occurrence: Occurrence,
    notices: Vec<NoticeKind>,
    consulate: Option<ConsularDecision>,
    place: Place,
    limit: Limit,
    is_told: bool,
}

impl Decision {
    /// What `cause` brings about, read from the table. `named` is what the cause names to be told, where the table leaves
    /// that to it.
    pub(crate) fn new(
        cause: Cause,
        before: Option<&Application>,
        after: Application,
        who: Who,
        named: Option<NoticeKind>,
    ) -> Self {
        let consequences = cause.consequences();
        let from = before.map(Application::state);
        let notice = match consequences.tells {
            Tells::Nothing => None,
            Tells::Always(notice) => Some(notice),
            Tells::WhenPortalActs(notice) => Some(notice).filter(|_| who == Who::System),
            Tells::WhenPortalActsOnArmed(armed, other) => {
                let notice = if from == Some(State::Armed) { armed } else { other };
                Some(notice).filter(|_| who == Who::System)
            }
            Tells::Named => named,
        };
        let consulate = match consequences.consulate {
            Consulate::Nothing => None,
            Consulate::Told(decision) => Some(decision),
            Consulate::ToldIfGranted(decision) => {
                Some(decision).filter(|_| from == Some(State::Granted))
            }
        };
        let place = match consequences.place {
            QuotaPlace::Kept => Place::Kept,
            QuotaPlace::Awaited => Place::Awaited,
            QuotaPlace::Required => Place::Required,
            QuotaPlace::GivenUpUnlessCompleted if from == Some(State::ModulesIssued) => Place::Kept,
            // Revoked first and archived then: a place makes room once.
            QuotaPlace::GivenUp | QuotaPlace::GivenUpUnlessCompleted
                if from.is_some_and(quota::has_given_up) =>
            {
                Place::Kept
            }
            QuotaPlace::GivenUp | QuotaPlace::GivenUpUnlessCompleted => Place::GivenUp,
        };
        // An application filed for an organisation takes no place in a yearly limit: it stays behind when its filer
        // leaves (LIM-1, ORG-4).
        let is_personal = after.parties.organisation.is_none();
        let limit = match consequences.limit {
            YearlyLimit::Taken | YearlyLimit::FollowsFiler if is_personal => Limit::Taken(None),
            YearlyLimit::GivenBack if is_personal => Limit::GivenBack,
            YearlyLimit::Kept
            | YearlyLimit::Taken
            | YearlyLimit::FollowsFiler
            | YearlyLimit::GivenBack => Limit::Kept,
        };
        let occurrence = Occurrence::of(cause, before, &after, who);
        let (before, notices) = (before.cloned(), notice.into_iter().collect());
        Self { cause, before, after, occurrence, notices, consulate, place, limit, is_told: true }
    }

    /// The same decision under a quota line or none: an application without one has no place to give up.
    fn in_line(mut self, campaign: &Campaign) -> Self {
        let has_line = match self.place {
            Place::Kept => true,
            Place::Awaited | Place::Required | Place::GivenUp => {
                quota::needs_place(campaign, &self.after)
            }
        };
        if !has_line {
            self.place = Place::Kept;
        }
        self
    }

    /// What made the portal decide.
    pub const fn cause(&self) -> Cause {
        self.cause
    }

    /// The head that was judged; none when the application is new. The store writes only over this one.
    pub const fn before(&self) -> Option<&Application> {
        self.before.as_ref()
    }

    /// The head to be stored.
    pub const fn after(&self) -> &Application {
        &self.after
    }

    /// The head to be stored.
    pub fn into_after(self) -> Application {
        self.after
    }

    /// The line of the history (AUD-1).
    pub const fn occurrence(&self) -> &Occurrence {
        &self.occurrence
    }

    /// The notices that leave at once.
    pub fn notices(&self) -> &[NoticeKind] {
        &self.notices
    }

    /// Whether the parties learn of it at all, of a new activation code as of everything else.
    pub const fn is_told(&self) -> bool {
        self.is_told
    }

    /// The documents that the portal makes.
    pub const fn documents(&self) -> &'static [DocumentKind] {
        if self.is_told { self.cause.consequences().documents } else { &[] }
    }

    /// The message to the consular system (CNF-1).
    pub const fn consulate(&self) -> Option<ConsularDecision> {
        self.consulate
    }

    /// What happens to the place in quota (RNK-1, RNK-2).
    pub const fn place(&self) -> Place {
        self.place
    }

    /// What happens to the place in the yearly limit (LIM-1).
    pub const fn limit(&self) -> Limit {
        self.limit
    }

    /// Whether an office is asked to look at it (NEW-5).
    pub const fn flag(&self) -> OfficeFlag {
        self.cause.consequences().flag
    }

    /// Whether words of the person who does it are kept.
    pub const fn remark(&self) -> RemarkKept {
        self.cause.consequences().remark
    }

    /// How the terms differ after it, in the order of their kinds.
    pub fn terms(&self) -> Vec<TermChange> {
        let term = |head: Option<&Application>, kind| head?.procedure()?.term(kind).copied();
        let changes = TermKind::ALL.iter().filter_map(|kind| {
            match (term(self.before.as_ref(), *kind), term(Some(&self.after), *kind)) {
                (None, None) => None,
                (Some(before), Some(after)) if before == after => None,
                (Some(before), Some(after)) if before.start() == after.start() => {
                    Some(TermChange::Moves(after))
                }
                (None | Some(_), Some(after)) => Some(TermChange::Begins(after)),
                (Some(_), None) => Some(TermChange::Ends(*kind)),
            }
        });
        changes.collect()
    }
}

/// The procedure after sending.
impl Application {
    /// The procedure; none before sending.
    pub const fn procedure(&self) -> Option<&Procedure> {
        match &self.stage {
            Stage::Sent { procedure, .. } => Some(procedure),
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Armed(_)
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        }
    }

    /// How far the integration agreement is; none where none applies (AGR-1).
    pub const fn agreement(&self) -> Option<AgreementStep> {
        match self.procedure() {
            Some(procedure) => procedure.agreement(),
            None => None,
        }
    }

    /// The term that runs now, lengthened by the outages that are known.
    pub fn running_term(&self, context: &Context<'_>) -> Result<Option<Term>, StepError> {
        let Some(procedure) = self.procedure() else { return Ok(None) };
        Ok(procedure.extended(context)?.running_term().copied())
    }

    /// One step of the procedure by an event of the table. What a person does is judged by its arrival against the term,
    /// outages included: one millisecond before the end counts, the end does not (CNF-2).
    ///
    /// # Errors
    /// The table or the term does not let it count; [`StepError::NoEntry`] for [`Event::SendContract`], which has a
    /// method of its own.
    pub fn step(
        &self,
        event: Event,
        who: Who,
        context: &Context<'_>,
    ) -> Result<Decision, StepError> {
        self.step_with(event, Facts::None, who, context)
    }

    /// An officer takes it in charge: the office's term runs from the place in quota, or from now where the model has
    /// none (DEC-1).
    pub fn take_charge(
        &self,
        in_quota_since: Option<Timestamp>,
        who: Who,
        context: &Context<'_>,
    ) -> Result<Decision, StepError> {
        self.step_with(Event::TakeCharge, Facts::Place(in_quota_since), who, context)
    }

    /// The contract goes to the employer: its term runs from the entry in Italy (art. 22 c. 6 D.Lgs. 286/1998), and the
    /// integration agreement opens in the same write where it applies (AGR-1).
    pub fn send_contract(
        &self,
        entered: Timestamp,
        agreement_applies: bool,
        context: &Context<'_>,
    ) -> Result<Decision, StepError> {
        let facts = Facts::Entry { at: entered, agreement_applies };
        self.step_with(Event::SendContract, facts, Who::System, context)
    }

    fn step_with(
        &self,
        event: Event,
        facts: Facts,
        who: Who,
        context: &Context<'_>,
    ) -> Result<Decision, StepError> {
        let Stage::Sent { submission, procedure } = &self.stage else {
            return Err(StepError::NotSent);
        };
        let (state, agreement) = (procedure.state(), procedure.agreement());
        let procedure = procedure.extended(context)?;
        let transition = match (Position { state, agreement }).on(event) {
            Ok(transition) => transition,
            Err(refused) => return Err(procedure.refused(event, refused, context.now)),
        };
        require_timely(event, &procedure, context.now)?;
        let agreement = match (event, facts) {
            (Event::SendContract, Facts::Entry { agreement_applies, .. }) => {
                agreement_applies.then_some(AgreementStep::OPENING)
            }
            (Event::SendContract, Facts::None | Facts::Place(_)) => return Err(StepError::NoEntry),
            (_, Facts::None | Facts::Place(_) | Facts::Entry { .. }) => agreement,
        };
        let phase = Phase::of(transition.to, agreement).ok_or(StepError::NotSent)?;
        let procedure = procedure.after(event, phase, &self.model, facts.since(), context)?;
        let after = self.sent(submission, procedure, context.now);
        Ok(Decision::new(Cause::Event(event), Some(self), after, who, None)
            .in_line(context.campaign))
    }

    /// One step of the integration agreement (AGR-1); the state of the application stays.
    pub fn agreement_step(
        &self,
        event: AgreementEvent,
        who: Who,
        context: &Context<'_>,
    ) -> Result<Decision, StepError> {
        let Stage::Sent { submission, procedure } = &self.stage else {
            return Err(StepError::NotSent);
        };
        if !procedure.state().admits_agreement() {
            return Err(StepError::NoAgreement);
        }
        let at = procedure.agreement().ok_or(StepError::NoAgreement)?;
        let moved = procedure.with_agreement(at.on(event)?.to).ok_or(StepError::NoAgreement)?;
        let after = self.sent(submission, moved, context.now);
        Ok(Decision::new(Cause::Agreement(event), Some(self), after, who, None))
    }

    /// The PEC that starts a term was sent (or accepted, or delivered: policy of the campaign): the term runs from `since`.
    ///
    /// Where the state has moved on meanwhile, nothing begins: none is given.
    pub fn begin(
        &self,
        kind: TermKind,
        since: Timestamp,
        context: &Context<'_>,
    ) -> Result<Option<Decision>, StepError> {
        let Some(procedure) = self.procedure() else { return Ok(None) };
        let begun = procedure.beginning(kind, since, context)?;
        Ok(begun.and_then(|begun| self.act_on_term(Act::BeginTerm, begun, context)))
    }

    /// The PEC of a term is in the mailbox, by its provider's receipt: from now on what it told may take effect by itself
    /// (CNF-1, COM-2). The term begins at `since`, where the receipt is what begins it, unless it runs already.
    ///
    /// None where the case has left the term behind, or the receipt is on record.
    pub fn delivered(
        &self,
        kind: TermKind,
        since: Option<Timestamp>,
        context: &Context<'_>,
    ) -> Result<Option<Decision>, StepError> {
        let Some(procedure) = self.procedure() else { return Ok(None) };
        let begun = match since {
            Some(since) => procedure.beginning(kind, since, context)?,
            None => None,
        };
        let act = if begun.is_some() { Act::BeginTerm } else { Act::RecordDelivery };
        let told = begun.as_ref().unwrap_or(procedure).delivered(kind, context)?;
        Ok(told.and_then(|told| self.act_on_term(act, told, context)))
    }

    /// Why the case waits for a person although its term is over, outages included; none where it does not (CNF-1).
    pub fn hold(&self, context: &Context<'_>) -> Result<Option<Hold>, StepError> {
        let Some(procedure) = self.procedure() else { return Ok(None) };
        Ok(procedure.extended(context)?.hold(context.now))
    }

    /// The PEC that announces a term was not delivered: the term is void until another is sent (COM-2). None where it
    /// does not run any more, since the employer has answered and so was told; an answer that can be taken back is none
    /// yet.
    pub fn void(&self, kind: TermKind, context: &Context<'_>) -> Option<Decision> {
        let void = self.procedure()?.without(kind, context)?;
        self.act_on_term(Act::VoidTerm, void, context)
    }

    /// Whether a notice that waits to be sent has nothing left to say: the case has left the state in which its term runs,
    /// or the term that it reminds of is over (CNF-3).
    pub fn is_beyond(&self, notice: NoticeKind, context: &Context<'_>) -> Result<bool, StepError> {
        let terms = self.state().terms();
        if notice == NoticeKind::TermReminder {
            let reminds = terms.run.iter().any(|row| row.reminds);
            let runs = self.running_term(context)?.is_some_and(|term| context.now < term.end());
            return Ok(!reminds || !runs);
        }
        // A renunciation can be taken back, and then the employer must have been asked (CNF-1).
        let may_come_back =
            |kind| kind == TermKind::Confirmation && self.state() == State::Renouncing;
        Ok(notice.begins().is_some_and(|kind| !terms.runs(kind) && !may_come_back(kind)))
    }

    /// What the sweeper has to do now: at most one thing, which moves the instant of its next look on, so that each is done
    /// once however often and from however many places it is asked (SWP-1). The cause says what: the event of a term that
    /// is over, or [`Act::ExtendTerm`] (CNF-4), [`Act::Remind`] (CNF-3), [`Act::Reschedule`]. None while nothing is due.
    pub fn sweep(&self, context: &Context<'_>) -> Result<Option<Decision>, StepError> {
        let Some(procedure) = self.procedure() else { return Ok(None) };
        if procedure.due().is_none_or(|due| context.now < due) {
            return Ok(None);
        }
        let extended = procedure.extended(context)?;
        if !extended.has_terms_of(procedure) {
            let extended = extended.scheduled(context);
            return Ok(self.act_on_term(Act::ExtendTerm, extended, context));
        }
        let Some((row, term)) = procedure.running() else {
            let settled = procedure.clone().scheduled(context);
            return Ok(self.act_on_term(Act::Reschedule, settled, context));
        };
        let writable = term.is_none_or(|term| {
            term.expiry_writable_from(context.campaign.policies().grace()) <= context.now
        });
        // Without the receipt of a delivery nothing ends by itself: a person decides, whatever was scheduled before.
        if let Some(event) = row.at_end.filter(|_| writable && procedure.may_end(row)) {
            return Ok(Some(self.step(event, Who::System, context)?));
        }
        // After the end there is nothing left to be reminded of; several that were missed are one.
        let is_over = term.is_some_and(|term| term.end() <= context.now);
        let passed = procedure.passed(context);
        let reminds = row.reminds && !is_over && passed > procedure.reminded();
        let act = if reminds { Act::Remind } else { Act::Reschedule };
        let moved = procedure.having_reminded(passed.max(procedure.reminded()), context);
        Ok(self.act_on_term(act, moved, context))
    }

    /// The application waited for a place in quota and has had one since this instant: its people are told, and the days of
    /// the office begin with it (RNK-2, DEC-1). None where it was given up meanwhile, or was not sent.
    pub fn enter_quota(
        &self,
        since: Timestamp,
        context: &Context<'_>,
    ) -> Result<Option<Decision>, StepError> {
        let Some(procedure) = self.procedure() else { return Ok(None) };
        if quota::has_given_up(self.state()) {
            return Ok(None);
        }
        let with_place = procedure.with_place(&self.model, since, context)?;
        Ok(self.act_on_term(Act::EnterQuota, with_place, context))
    }

    /// The portal's own act on a term.
    fn act_on_term(
        &self,
        act: Act,
        procedure: Procedure,
        context: &Context<'_>,
    ) -> Option<Decision> {
        let Stage::Sent { submission, .. } = &self.stage else { return None };
        let after = self.sent(submission, procedure, context.now);
        Some(Decision::new(Cause::Act(act), Some(self), after, Who::System, None))
    }

    pub(crate) fn sent(
        &self,
        submission: &Submission,
        procedure: Procedure,
        now: Timestamp,
    ) -> Self {
        Self {
            stage: Stage::Sent { submission: submission.clone(), procedure },
            version: self.version + 1,
            changed: now,
            ..self.clone()
        }
    }
}

/// Refuses an event that comes after the end that bounds it, or before the end that it has to wait for.
fn require_timely(event: Event, procedure: &Procedure, now: Timestamp) -> Result<(), StepError> {
    match event.consequences().bound {
        Bound::None => {}
        Bound::Before(kind) => {
            if let Some(term) = procedure.term(kind)
                && now >= term.end()
                && procedure.is_bound_by(kind)
            {
                return Err(StepError::Late(term.end()));
            }
        }
        Bound::NotBefore(kind) => {
            if procedure.state().terms().runs(kind) {
                let term = procedure.term(kind).ok_or(StepError::NotTold)?;
                if now < term.end() {
                    return Err(StepError::Early(term.end()));
                }
            }
        }
    }
    Ok(())
}

impl NoticeKind {
    /// Whether the event of the lifecycle, or the step of the agreement, with this code brings the notice about: at once, or
    /// with a document that it asks for.
    pub fn tells_of(self, code: &str) -> bool {
        let brings = |Consequences { tells, documents, .. }: Consequences| {
            let at_once = match tells {
                Tells::Nothing | Tells::Named => false,
                Tells::Always(kind) | Tells::WhenPortalActs(kind) => kind == self,
                Tells::WhenPortalActsOnArmed(armed, other) => armed == self || other == self,
            };
            at_once || documents.iter().any(|kind| Self::with_document(*kind) == Some(self))
        };
        code.parse().is_ok_and(|event: Event| brings(event.consequences()))
            || code.parse().is_ok_and(|event: AgreementEvent| brings(event.consequences()))
    }
}

/// Changes of the head that are no event of the lifecycle.
impl Application {
    /// An officer sends a PEC again that was not delivered (COM-2).
    pub fn send_again(&self, notice: NoticeKind, who: Who, now: Timestamp) -> Decision {
        self.noting(Act::SendAgain, Some(notice), who, now)
    }

    /// A document is made. `completes` is the notice that goes out with it, where it is the last of a set (COM-2).
    ///
    /// Each document of a set changes the head, so that the last one, and no other, sees the set complete.
    pub fn document_made(&self, completes: Option<NoticeKind>, now: Timestamp) -> Decision {
        self.noting(Act::MakeDocument, completes, Who::System, now)
    }

    /// Something that the history shows although nothing of the head moves (AUD-1). Acts that are about a term, or that
    /// name what is told, have methods of their own.
    pub fn note(&self, act: Act, who: Who, now: Timestamp) -> Decision {
        self.noting(act, None, who, now)
    }

    fn noting(&self, act: Act, named: Option<NoticeKind>, who: Who, now: Timestamp) -> Decision {
        Decision::new(Cause::Act(act), Some(self), self.touched(now), who, named)
    }

    /// The same application in the hands of a colleague: the former filer keeps no access to it (ORG-4).
    pub fn handed_over(&self, to: &AccountId, who: Who, now: Timestamp) -> Decision {
        let mut after = self.touched(now);
        after.parties.filer = to.clone();
        Decision::new(Cause::Act(Act::HandOver), Some(self), after, who, None)
    }

    /// The same application under the account that proved the former one: what that filed or represents follows (IDP-2).
    ///
    /// The place in the yearly limit follows the filer (LIM-1), except of a blocked draft; that of a closed account
    /// counts for no account.
    pub fn linked(&self, former: &AccountId, to: &AccountId, now: Timestamp) -> Decision {
        let follows = |party: &AccountId| if party == former { to.clone() } else { party.clone() };
        let mut after = self.touched(now);
        after.parties.representative = follows(&self.parties.representative);
        after.parties.filer = follows(&self.parties.filer);
        let who = Who::Account(to.clone());
        let mut decision = Decision::new(Cause::Act(Act::Link), Some(self), after, who, None);
        if !self.followed(former).counted {
            decision.limit = Limit::Kept;
        }
        decision
    }

    /// What of this application follows a former account into another (IDP-2).
    pub fn followed(&self, former: &AccountId) -> Followed {
        let is_filer = self.parties.filer == *former;
        Followed {
            representative: self.parties.representative == *former,
            filer: is_filer,
            counted: is_filer
                && self.parties.organisation.is_none()
                && !matches!(self.stage, Stage::Blocked { .. }),
        }
    }

    /// The same application back with its former account: an administrator undoes the link (IDP-2). Only what followed
    /// goes back, and only where the account that linked it still has it.
    ///
    /// The yearly limit of the former account was never lowered by the link: only the other's place is given back.
    pub fn unlinked(
        &self,
        followed: Followed,
        from: &AccountId,
        former: &AccountId,
        who: Who,
        now: Timestamp,
    ) -> Decision {
        let back = |party: &AccountId, did_follow: bool| {
            if did_follow && party == from { former.clone() } else { party.clone() }
        };
        let mut after = self.touched(now);
        after.parties.representative = back(&self.parties.representative, followed.representative);
        after.parties.filer = back(&self.parties.filer, followed.filer);
        let has_moved = after.parties.filer != self.parties.filer;
        let mut decision = Decision::new(Cause::Act(Act::Unlink), Some(self), after, who, None);
        if !(has_moved && followed.counted) {
            decision.limit = Limit::Kept;
        }
        decision
    }

    pub(crate) fn touched(&self, now: Timestamp) -> Self {
        Self { version: self.version + 1, changed: now, ..self.clone() }
    }
}

#[cfg(test)]
mod model;
#[cfg(test)]
mod tests;
