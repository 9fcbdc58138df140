//! An application: who it belongs to, and a stage that carries exactly what exists in it.

use jiff::Timestamp;

use crate::{
    ids::{AccountId, ApplicationId, CampaignId, ModelId, OrganisationId, OwnerId},
    lifecycle::{Event, Phase, Review, State, agreement::AgreementEvent, consequence::Cause},
    permission::{self, Action, Relation, Role},
    procedure::Procedure,
    receipt::{Receipt, ReceiptCode, ReceiptKey},
};

mod stored;

pub use self::stored::StoredStage;

/// The people and organisation of an application (OWN-1). All identifiers are keyed hashes or random: none is personal.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Parties {
    /// The natural person who asks, or who represents the company (known before the first sign-in).
    pub representative: AccountId,
    /// The represented employer: the company or body, else the person.
    pub owner: OwnerId,
    /// The account that filled it in.
    pub filer: AccountId,
    /// The organisation that the filer worked for then.
    pub organisation: Option<OrganisationId>,
}

impl Parties {
    /// How an account stands to the application; the representative comes before the filer.
    ///
    /// An operator who has left the organisation is no longer the filer: the files stay with the organisation (ORG-4).
    pub fn relation(&self, account: &AccountId, organisation: Option<&OrganisationId>) -> Relation {
        let same_organisation = self.organisation.as_ref() == organisation;
        if *account == self.representative {
            Relation::Representative
        } else if *account == self.filer && same_organisation {
            Relation::Filer
        } else if self.organisation.is_some() && same_organisation {
            Relation::SameOrganisation
        } else {
            Relation::None
        }
    }
}

impl Parties {
    /// Whether the employer, or who represents it, filled it in: nobody in their place.
    pub fn is_filed_in_person(&self) -> bool {
        self.filer == self.representative
    }

    /// The filer's role, in words that name no person: a whole office may read the messages and pages that hold them
    /// (NEW-5).
    pub fn filed_by(&self) -> &'static str {
        if self.is_filed_in_person() {
            "dal datore di lavoro o dal suo rappresentante legale, entrato con la propria identità digitale"
        } else if self.organisation.is_some() {
            "da un operatore di un'organizzazione abilitata al portale"
        } else {
            "da un'altra persona che ha un'utenza nel portale"
        }
    }
}

/// What a ready application has: its content cannot change any more without leaving the state (SUB-1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Ready {
    /// SHA-256 of the canonical content.
    pub digest: [u8; 32],
    /// Keyed hash of owner and worker: the claim that forbids a second live application (LIM-1); none where the form
    /// asks for no worker, because the applicant is the worker (CNV-1).
    pub worker: Option<String>,
    /// Province of the workplace, which decides the *Sportello Unico* (RNK-1).
    pub province: String,
    /// Since when this very content has been ready, by the clock of gateway and wall: an arrival ticket from before
    /// does not send it (SUB-5).
    pub since: Timestamp,
}

impl Ready {
    /// Whether the other has the same content, worker and province, whenever it became ready.
    pub fn is_the_same_as(&self, other: &Self) -> bool {
        *self == Self { since: self.since, ..other.clone() }
    }
}

/// What is armed: the portal sends it at the opening as if its people pressed then (NEW-1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ArmedSend {
    /// What is sent.
    pub ready: Ready,
    /// The gateway's instant of the request that armed it, by the campaign's clock as an arrival is (SUB-3): it says for
    /// which opening, and nothing of the order.
    pub armed: Timestamp,
    /// Who armed it, and so pressed the button beforehand. It holds when they leave their organisation: they were entitled
    /// when they pressed.
    pub submitted_by: AccountId,
}

impl ArmedSend {
    /// Its arrival by an opening: the opening, whenever it was armed before. Who was let in after it, by a copy of the version
    /// before, arrives when they pressed.
    pub fn arrival(&self, opening: Timestamp) -> Timestamp {
        self.armed.max(opening)
    }
}

/// What a submitted application has, from the first durable write on.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Submission {
    /// What was sent.
    pub ready: Ready,
    /// The gateway's instant of the request that was accepted (SUB-3); of what was armed, the opening (NEW-1).
    pub arrival: Timestamp,
    /// *Codice ricevuta* (SUB-4).
    pub code: ReceiptCode,
    /// Who pressed the button.
    pub submitted_by: AccountId,
    /// The campaign version that judged the window.
    pub campaign_version: u32,
    /// See [`ArmedSend::armed`]; none where a person sent it.
    pub armed: Option<Timestamp>,
}

/// Why a person has to look at an application that is not moving (ENR-2, NEW-2).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Attention {
    /// It is complete, but the employer has another live application for the same worker (LIM-1).
    WorkerTaken,
    /// A registry has not answered within its days; the values can be asked for again.
    RegistrySilent,
    /// A registry does not know the employer, or answered about another subject.
    RegistryRefused,
}

impl Attention {
    /// All reasons.
    pub const ALL: [Self; 3] = [Self::WorkerTaken, Self::RegistrySilent, Self::RegistryRefused];

    /// As stored.
    pub const fn code(self) -> &'static str {
        match self {
            Self::WorkerTaken => "worker-taken",
            Self::RegistrySilent => "registry-silent",
            Self::RegistryRefused => "registry-refused",
        }
    }

    /// As people read it: what happened and what to do.
    pub const fn text(self) -> &'static str {
        match self {
            Self::WorkerTaken => {
                "Le risposte ci sono tutte, ma la domanda non si può inviare: lo stesso datore di lavoro ha già una domanda attiva per questo lavoratore. Elimina una delle due o correggi i dati del lavoratore."
            }
            Self::RegistrySilent => {
                "Un registro non ha risposto nei giorni previsti: la richiesta verrà ripetuta dall'Help Desk, non serve compilare a mano."
            }
            Self::RegistryRefused => {
                "Un registro non ha trovato i dati del datore di lavoro: verifica la posizione presso l'ente indicato e chiedi una correzione."
            }
        }
    }

    /// Reads a stored code.
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|attention| attention.code() == code)
    }
}

/// Where an application stands, with what exists there.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Stage {
    /// The activation code has not been typed yet, or the check is still queued (CHK-2, ACT-1).
    ToValidate,
    /// The form is open.
    ToComplete {
        /// Why a person should look at it.
        attention: Option<Attention>,
    },
    /// Complete, frozen and waiting for the click day.
    ToSend(Ready),
    /// The same, and at the opening the portal sends it (NEW-1).
    Armed(ArmedSend),
    /// Sent, and everything that comes after sending.
    Sent {
        /// What was sent, when, by whom.
        submission: Submission,
        /// The procedure since then: phase, terms, the sweeper's next look.
        procedure: Procedure,
    },
    /// Stopped before sending: the employer did not know of it (NEW-5).
    Blocked {
        /// Province of the office that looks at it; none while the draft does not say where the work is.
        province: Option<String>,
    },
    /// Deleted before sending.
    Deleted,
}

impl Stage {
    /// The state in the lifecycle table.
    pub const fn state(&self) -> State {
        match self {
            Self::ToValidate => State::ToValidate,
            Self::ToComplete { .. } => State::ToComplete,
            Self::ToSend(_) => State::ToSend,
            Self::Armed(_) => State::Armed,
            Self::Sent { procedure, .. } => procedure.state(),
            Self::Blocked { .. } => State::Blocked,
            Self::Deleted => State::Deleted,
        }
    }

    /// The content that is frozen; none while it may change, and none of a draft that was stopped.
    pub const fn frozen(&self) -> Option<&Ready> {
        match self {
            Self::ToSend(ready)
            | Self::Armed(ArmedSend { ready, .. })
            | Self::Sent { submission: Submission { ready, .. }, .. } => Some(ready),
            Self::ToValidate | Self::ToComplete { .. } | Self::Blocked { .. } | Self::Deleted => {
                None
            }
        }
    }

    /// What was sent, when, by whom; none before sending.
    pub const fn submission(&self) -> Option<&Submission> {
        match self {
            Self::Sent { submission, .. } => Some(submission),
            Self::ToValidate
            | Self::ToComplete { .. }
            | Self::ToSend(_)
            | Self::Armed(_)
            | Self::Blocked { .. }
            | Self::Deleted => None,
        }
    }

    /// When it was armed; none of what was not, or is disarmed (NEW-1).
    pub const fn armed(&self) -> Option<Timestamp> {
        match self {
            Self::Armed(send) => Some(send.armed),
            Self::Sent { submission, .. } => submission.armed,
            Self::ToValidate
            | Self::ToComplete { .. }
            | Self::ToSend(_)
            | Self::Blocked { .. }
            | Self::Deleted => None,
        }
    }

    /// Who pressed the button, beforehand or then; none before.
    pub const fn submitted_by(&self) -> Option<&AccountId> {
        match self {
            Self::Armed(ArmedSend { submitted_by, .. })
            | Self::Sent { submission: Submission { submitted_by, .. }, .. } => Some(submitted_by),
            Self::ToValidate
            | Self::ToComplete { .. }
            | Self::ToSend(_)
            | Self::Blocked { .. }
            | Self::Deleted => None,
        }
    }

    /// Why a person should look at it, if there is a reason.
    pub const fn attention(&self) -> Option<Attention> {
        match self {
            Self::ToComplete { attention } => *attention,
            Self::ToValidate
            | Self::ToSend(_)
            | Self::Armed(_)
            | Self::Sent { .. }
            | Self::Blocked { .. }
            | Self::Deleted => None,
        }
    }
}

/// An application, without its form's content, which lives in sections of its own.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Application {
    /// Opaque and random; never ordered by time.
    pub id: ApplicationId,
    /// The decree.
    pub campaign: CampaignId,
    /// The campaign version that admitted it.
    pub campaign_version: u32,
    /// The model of the decree.
    pub model: ModelId,
    /// The form schema with its version, as in `c-stag-agricoltura@1`.
    pub schema: String,
    /// Who has to do with it.
    pub parties: Parties,
    /// Counts the changes of the head, from 1.
    pub version: u64,
    /// When it was started.
    pub created: Timestamp,
    /// When its head last changed.
    pub changed: Timestamp,
    /// Where it stands.
    pub stage: Stage,
}

impl Application {
    /// The state in the lifecycle table.
    pub const fn state(&self) -> State {
        self.stage.state()
    }

    /// Where it is flagged while it is blocked (NEW-5): with the office of a province, or with the ministry where none
    /// is known.
    pub fn flagged(&self) -> Option<Flagged<'_>> {
        let province = match &self.stage {
            Stage::Blocked { province } => province.as_deref(),
            Stage::Sent { submission, procedure }
                if procedure.phase() == Phase::Review(Review::Blocked) =>
            {
                Some(submission.ready.province.as_str())
            }
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Armed(_)
            | Stage::Sent { .. }
            | Stage::Deleted => return None,
        };
        Some(Flagged { province })
    }

    /// Province of the competent office: of the workplace once the application is ready (RNK-1), of the flag while a
    /// draft is blocked (NEW-5).
    pub fn province(&self) -> Option<&str> {
        match &self.stage {
            Stage::ToSend(ready)
            | Stage::Armed(ArmedSend { ready, .. })
            | Stage::Sent { submission: Submission { ready, .. }, .. } => {
                Some(ready.province.as_str())
            }
            Stage::Blocked { province } => province.as_deref(),
            Stage::ToValidate | Stage::ToComplete { .. } | Stage::Deleted => None,
        }
    }

    /// The claim on a worker that a ready application holds.
    pub fn worker(&self) -> Option<&str> {
        match &self.stage {
            Stage::ToSend(ready) | Stage::Armed(ArmedSend { ready, .. }) => ready.worker.as_deref(),
            // Every final state releases the worker.
            Stage::Sent { submission, procedure } => {
                let worker = submission.ready.worker.as_deref();
                worker.filter(|_| procedure.state().holds_worker())
            }
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::Blocked { .. }
            | Stage::Deleted => None,
        }
    }

    /// What this press finds here, as the one write of a submission judges it (SUB-1, SUB-2).
    pub fn pressed(&self, press: &Press<'_>) -> Pressed {
        if !press.may_as(self.parties.relation(press.account, press.organisation)) {
            return Pressed::NotTheirs;
        }
        let is_same = self.campaign == *press.campaign && self.model == *press.model;
        match &self.stage {
            Stage::Deleted => Pressed::NotTheirs,
            Stage::Sent { .. } if is_same => Pressed::SentBefore,
            Stage::ToSend(_) if is_same => Pressed::Ready,
            Stage::Armed(_) if is_same => Pressed::Armed,
            Stage::ToValidate
            | Stage::ToComplete { .. }
            | Stage::ToSend(_)
            | Stage::Armed(_)
            | Stage::Sent { .. }
            | Stage::Blocked { .. } => Pressed::NotReady,
        }
    }

    /// The receipt: a pure function of what is stored, so that every repetition gives the same (SUB-2).
    pub fn receipt(&self, key: &ReceiptKey) -> Option<Receipt> {
        let submission = self.stage.submission()?;
        Some(Receipt {
            code: submission.code.clone(),
            application: self.id.clone(),
            campaign: self.campaign.clone(),
            campaign_version: submission.campaign_version,
            model: self.model.clone(),
            digest: submission.ready.digest,
            arrival: submission.arrival,
            key_id: key.key_id().to_owned(),
        })
    }
}

/// A press of *Invia*: who presses, and for what. The one write of a submission checks all of it beside the state
/// (SUB-1).
#[derive(Clone, Copy, Debug)]
pub struct Press<'a> {
    /// Who presses the button.
    pub account: &'a AccountId,
    /// The role of their session.
    pub role: Role,
    /// The organisation that they work for now: a filer who has left it may not send (ORG-4).
    pub organisation: Option<&'a OrganisationId>,
    /// The decree that the client named.
    pub campaign: &'a CampaignId,
    /// The model that the client named.
    pub model: &'a ModelId,
}

impl Press<'_> {
    /// Whether the permission table lets this role send an application with this relation.
    pub fn may_as(&self, relation: Relation) -> bool {
        permission::may(self.role, relation, State::ToSend, Action::Submit)
    }
}

/// What a press finds at an application.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Pressed {
    /// It is deleted, or not this person's to send: to them it is not there.
    NotTheirs,
    /// It can be sent.
    Ready,
    /// It was sent: the press is a repetition and gets the same receipt (SUB-2).
    SentBefore,
    /// It is armed: it goes by itself, and cannot be pressed besides (NEW-1).
    Armed,
    /// It is theirs, but not ready, or of another decree or model.
    NotReady,
}

/// With whom a blocked application is flagged (NEW-5).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Flagged<'a> {
    /// The province whose officers see it; without one the administrators see it.
    pub province: Option<&'a str>,
}

/// Who did something.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Who {
    /// A person with an account.
    Account(AccountId),
    /// The reader of the employer's certified mailbox, by the link in the message to it (NEW-5).
    CertifiedMailbox,
    /// The consular system (CNF-1).
    ConsularSystem,
    /// The portal itself: a registry's answer, a term.
    System,
}

/// One change of an application, never altered later (AUD-1).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Occurrence {
    /// The version of the head after it.
    pub version: u64,
    /// What happened; none when only a remark or the content changed.
    pub event: Option<Event>,
    /// What happened to the integration agreement (AGR-1).
    pub agreement: Option<AgreementEvent>,
    /// The action, where it is no event of the lifecycle (ORG-4, IDP-2, SWP-1).
    pub action: Option<Action>,
    /// The state before; none for the start.
    pub from: Option<State>,
    /// The state after.
    pub to: State,
    /// When.
    pub at: Timestamp,
    /// Who did it.
    pub who: Who,
    /// On whose behalf.
    pub on_behalf_of: OwnerId,
    /// Digest of the content, when it is frozen.
    pub digest: Option<[u8; 32]>,
}

impl Occurrence {
    /// What happened between two heads.
    pub(crate) fn of(
        cause: Cause,
        before: Option<&Application>,
        after: &Application,
        who: Who,
    ) -> Self {
        let (event, agreement) = match cause {
            Cause::Event(event) => (Some(event), None),
            Cause::Agreement(event) => (None, Some(event)),
            Cause::Act(_) => (None, None),
        };
        Self {
            version: after.version,
            event,
            agreement,
            action: cause.consequences().shown_as,
            from: before.map(Application::state),
            to: after.state(),
            at: after.changed,
            who,
            on_behalf_of: after.parties.owner.clone(),
            digest: after.stage.frozen().map(|ready| ready.digest),
        }
    }
}

#[cfg(test)]
mod tests;
