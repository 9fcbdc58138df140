//! The way in from storage: a stage is rebuilt from what was stored, or the attribute that does not fit is named.

use jiff::Timestamp;

use super::{ArmedSend, Attention, Ready, Stage, Submission};
use crate::{
    ids::AccountId,
    lifecycle::State,
    procedure::{Misfit, Procedure, StoredProcedure},
    receipt::ReceiptCode,
};

/// What the store keeps of a stage, not checked yet. Each field has the name of its attribute.
#[derive(Clone, Debug)]
pub struct StoredStage {
    /// The state in the lifecycle table, which decides what else there must be.
    pub state: State,
    /// See [`Stage::ToComplete`].
    pub attention: Option<Attention>,
    /// See [`Ready::digest`].
    pub digest: Option<[u8; 32]>,
    /// See [`Ready::worker`].
    pub worker: Option<String>,
    /// See [`Ready::province`], [`Stage::Blocked`].
    pub province: Option<String>,
    /// See [`Ready::since`].
    pub ready_since: Option<Timestamp>,
    /// See [`ArmedSend::armed`], [`Submission::armed`].
    pub armed: Option<Timestamp>,
    /// See [`Submission::arrival`].
    pub arrival: Option<Timestamp>,
    /// See [`Submission::code`].
    pub receipt_code: Option<ReceiptCode>,
    /// See [`ArmedSend::submitted_by`], [`Submission::submitted_by`].
    pub submitted_by: Option<AccountId>,
    /// See [`Submission::campaign_version`].
    pub submitted_under: Option<u32>,
    /// What runs since the submission.
    pub procedure: StoredProcedure,
}

/// The only way in from storage: a row that fits no state becomes no application.
impl TryFrom<StoredStage> for Stage {
    type Error = Misfit;

    fn try_from(stored: StoredStage) -> Result<Self, Misfit> {
        let state = stored.state;
        match state {
            State::ToValidate => stored.unsent(Self::ToValidate),
            State::ToComplete => {
                let attention = stored.attention;
                stored.unsent(Self::ToComplete { attention })
            }
            State::ToSend => {
                let ready = stored.ready()?;
                stored.unsent(Self::ToSend(ready))
            }
            State::Armed => {
                let send = stored.armed_send()?;
                stored.unsent(Self::Armed(send))
            }
            State::Blocked => {
                let province = stored.province.clone();
                stored.unsent(Self::Blocked { province })
            }
            State::Deleted => stored.unsent(Self::Deleted),
            State::Submitted
            | State::BlockedAfterSending
            | State::InReview
            | State::IntegrationRequested
            | State::RefusalAnnounced
            | State::Refused
            | State::Granted
            | State::AwaitingConfirmation
            | State::Renouncing
            | State::Renounced
            | State::ExpiredToVerify
            | State::Revoked
            | State::Confirmed
            | State::VisaIssued
            | State::EntryReported
            | State::ContractToSign
            | State::ContractUploaded
            | State::ContractSent
            | State::ContractRejected
            | State::ContractOverdue
            | State::ContractValidated
            | State::ModulesIssued
            | State::Archived => Ok(Self::Sent {
                submission: stored.submission()?,
                procedure: Procedure::restore(state, stored.procedure)?,
            }),
        }
    }
}

impl StoredStage {
    const fn misfit(&self, attribute: &'static str) -> Misfit {
        Misfit { state: self.state, attribute, term: None }
    }

    /// What was never sent has no arrival and no terms: nothing unsends an application (SUB-6).
    fn unsent(&self, stage: Stage) -> Result<Stage, Misfit> {
        if self.arrival.is_some() {
            return Err(self.misfit("arrival"));
        }
        if self.armed.is_some() && self.state != State::Armed {
            return Err(self.misfit("armed"));
        }
        if let Some(term) = self.procedure.terms.keys().next() {
            return Err(Misfit { term: Some(*term), ..self.misfit("terms") });
        }
        if self.procedure.agreement.is_some() {
            return Err(self.misfit("agreement"));
        }
        Ok(stage)
    }

    fn ready(&self) -> Result<Ready, Misfit> {
        Ok(Ready {
            digest: self.digest.ok_or_else(|| self.misfit("digest"))?,
            worker: self.worker.clone(),
            province: self.province.clone().ok_or_else(|| self.misfit("province"))?,
            since: self.ready_since.ok_or_else(|| self.misfit("ready_since"))?,
        })
    }

    fn armed_send(&self) -> Result<ArmedSend, Misfit> {
        Ok(ArmedSend {
            ready: self.ready()?,
            armed: self.armed.ok_or_else(|| self.misfit("armed"))?,
            submitted_by: self.submitted_by.clone().ok_or_else(|| self.misfit("submitted_by"))?,
        })
    }

    fn submission(&self) -> Result<Submission, Misfit> {
        Ok(Submission {
            ready: self.ready()?,
            arrival: self.arrival.ok_or_else(|| self.misfit("arrival"))?,
            code: self.receipt_code.clone().ok_or_else(|| self.misfit("receipt_code"))?,
            submitted_by: self.submitted_by.clone().ok_or_else(|| self.misfit("submitted_by"))?,
            campaign_version: self.submitted_under.ok_or_else(|| self.misfit("submitted_under"))?,
            armed: self.armed,
        })
    }
}
