//! The decisions about a draft: its code, its content, its deletion, a block, the arm and the submission.

use jiff::Timestamp;

use super::{Decision, Limit};
use crate::{
    application::{Application, ArmedSend, Attention, Ready, Stage, Submission, Who},
    ids::AccountId,
    lifecycle::{
        Event, Phase, Refused, Review,
        consequence::{Act, Cause},
    },
    notice::NoticeKind,
    procedure::Procedure,
};

/// Why a draft is deleted.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Deletion {
    /// Its people, or the closure of their account, ask for it (LIM-1, ACC-6).
    Requested,
    /// The registries do not confirm that the person represents the company or body (CHK-2).
    NotRepresentative,
    /// There is no certified address to which the activation code could go (CHK-2).
    NoCertifiedAddress,
}

impl Deletion {
    /// The notice to the filer.
    const fn notice(self) -> Option<NoticeKind> {
        match self {
            Self::Requested => None,
            Self::NotRepresentative => Some(NoticeKind::CheckFailed),
            Self::NoCertifiedAddress => Some(NoticeKind::AddressMissing),
        }
    }
}

impl Application {
    /// A new application as it begins; `limit` is how many the filer's profile may have (LIM-1).
    pub fn start(self, limit: Option<u32>, who: Who) -> Decision {
        let mut decision = Decision::new(Cause::Event(Event::Start), None, self, who, None);
        if decision.limit == Limit::Taken(None) {
            decision.limit = Limit::Taken(limit);
        }
        decision
    }

    /// One event of a draft, which leads to this stage if the table has it.
    pub(crate) fn draft_step(
        &self,
        event: Event,
        stage: Stage,
        named: Option<NoticeKind>,
        who: Who,
        now: Timestamp,
    ) -> Result<Decision, Refused> {
        let transition = self.state().on(event)?;
        debug_assert_eq!(transition.to, stage.state(), "the table and the stage agree");
        let after = Self { stage, ..self.touched(now) };
        Ok(Decision::new(Cause::Event(event), Some(self), after, who, named))
    }

    /// The code was right: the form opens (ACT-1).
    pub fn verify_code(&self, who: Who, now: Timestamp) -> Result<Decision, Refused> {
        let stage = Stage::ToComplete { attention: None };
        self.draft_step(Event::VerifyCode, stage, None, who, now)
    }

    /// Everything is there: ready for the click day (FRM-3).
    pub fn complete(&self, ready: Ready, who: Who, now: Timestamp) -> Result<Decision, Refused> {
        self.draft_step(Event::Complete, Stage::ToSend(ready), None, who, now)
    }

    /// A change broke completeness, or the worker is taken: back to *da completare* (FRM-3, LIM-1).
    pub fn reopen(
        &self,
        attention: Option<Attention>,
        who: Who,
        now: Timestamp,
    ) -> Result<Decision, Refused> {
        self.draft_step(Event::Reopen, Stage::ToComplete { attention }, None, who, now)
    }

    /// Deleted before sending; frees the place in the limit and the worker (LIM-1).
    pub fn delete(&self, reason: Deletion, who: Who, now: Timestamp) -> Result<Decision, Refused> {
        self.draft_step(Event::Delete, Stage::Deleted, reason.notice(), who, now)
    }

    /// The employer says that it is not theirs: nothing goes on until an office has looked at it (NEW-5).
    ///
    /// `province` is that of the office as far as the content of the draft tells; what was frozen goes before it.
    pub fn block(
        &self,
        province: Option<String>,
        who: Who,
        now: Timestamp,
    ) -> Result<Decision, Refused> {
        let stage = match &self.stage {
            Stage::ToSend(ready) | Stage::Armed(ArmedSend { ready, .. }) => {
                Stage::Blocked { province: Some(ready.province.clone()) }
            }
            Stage::Sent { submission, procedure } => {
                let procedure = procedure.standing(Phase::Review(Review::Blocked));
                Stage::Sent { submission: submission.clone(), procedure }
            }
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => Stage::Blocked { province },
        };
        self.draft_step(Event::Block, stage, None, who, now)
    }

    /// An office lets it go on (NEW-5): a draft from the activation code on, what was sent from the review on.
    pub fn release(&self, who: Who, now: Timestamp) -> Result<Decision, Refused> {
        let stage = match &self.stage {
            Stage::Sent { submission, procedure } => {
                let procedure = procedure.standing(Phase::Review(Review::UnderWay));
                Stage::Sent { submission: submission.clone(), procedure }
            }
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Armed(_)
            | Stage::Blocked { .. }
            | Stage::Deleted => Stage::ToValidate,
        };
        self.draft_step(Event::Release, stage, None, who, now)
    }

    /// Its people press beforehand: the portal sends it at the opening, with what it is frozen with (NEW-1). Whether there is
    /// an opening to come is the campaign's to say ([`crate::campaign::Campaign::arming`]).
    ///
    /// # Errors
    /// Refused where it is not ready, or armed already.
    pub fn arm(&self, by: &AccountId, now: Timestamp) -> Result<Decision, Refused> {
        let Stage::ToSend(ready) = &self.stage else {
            return Err(Refused { from: self.state(), event: Event::Arm });
        };
        let send = ArmedSend { ready: ready.clone(), armed: now, submitted_by: by.clone() };
        let who = Who::Account(by.clone());
        self.draft_step(Event::Arm, Stage::Armed(send), None, who, now)
    }

    /// It is only ready again, as before it was armed (NEW-1). Whether its opening has not come yet is the campaign's to say
    /// ([`crate::campaign::Campaign::opening_of`]).
    ///
    /// # Errors
    /// Refused where it is not armed.
    pub fn disarm(&self, who: Who, now: Timestamp) -> Result<Decision, Refused> {
        let Stage::Armed(send) = &self.stage else {
            return Err(Refused { from: self.state(), event: Event::Disarm });
        };
        self.draft_step(Event::Disarm, Stage::ToSend(send.ready.clone()), None, who, now)
    }

    /// It is sent (SUB-1), by the person who presses, or by the portal where they had armed it (NEW-1). The one write of a
    /// submission does the same in the store; this is what follows from it ([`Self::as_submitted`]).
    pub fn submit(&self, submission: Submission) -> Result<Decision, Refused> {
        let who = match submission.armed {
            Some(_) => Who::System,
            None => Who::Account(submission.submitted_by.clone()),
        };
        let at = submission.arrival;
        let stage = Stage::Sent { submission, procedure: Procedure::begun() };
        self.draft_step(Event::Submit, stage, None, who, at)
    }

    /// The decision that a submission was, from the head as the one write left it: its event, its receipt and its wait for
    /// a place are recorded later. None of an application that was not sent.
    pub fn as_submitted(&self) -> Option<Decision> {
        let submission = self.stage.submission()?.clone();
        let (ready, submitted_by) = (submission.ready.clone(), submission.submitted_by.clone());
        let stage = match submission.armed {
            Some(armed) => Stage::Armed(ArmedSend { ready, armed, submitted_by }),
            None => Stage::ToSend(ready),
        };
        let before = Self { stage, version: self.version.saturating_sub(1), ..self.clone() };
        before.submit(submission).ok()
    }

    /// Still complete, with other content: the claim and the digest follow (FRM-3). What is armed stays armed (NEW-1).
    pub fn ready_again(&self, ready: Ready, who: Who, now: Timestamp) -> Decision {
        let stage = match &self.stage {
            Stage::Armed(send) => Stage::Armed(ArmedSend { ready, ..send.clone() }),
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Sent { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => Stage::ToSend(ready),
        };
        let after = Self { stage, ..self.touched(now) };
        Decision::new(Cause::Act(Act::ChangeContent), Some(self), after, who, None)
    }

    /// Another reason, or none, for a person to look at an open draft; nothing of any other stage changes.
    pub fn with_attention(
        &self,
        attention: Option<Attention>,
        act: Act,
        who: Who,
        now: Timestamp,
    ) -> Decision {
        let stage = match &self.stage {
            Stage::ToComplete { .. } => Stage::ToComplete { attention },
            Stage::ToValidate
            | Stage::ToSend(_)
            | Stage::Armed(_)
            | Stage::Sent { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => self.stage.clone(),
        };
        let after = Self { stage, ..self.touched(now) };
        Decision::new(Cause::Act(act), Some(self), after, who, None)
    }
}
