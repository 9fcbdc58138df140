//! What people read of an application that they may block, of the outcome, and of the flags of an office (NEW-5).

use domain::{application::Application, calendar, lifecycle::State, permission::Action};
use edge::access::{ActionView, ApplicationAccess};
use outside::queue::Queue;
use serde::Serialize;
use store::{flags::Flag, rows::instant};
use utoipa::ToSchema;

/// Whether the employer can still say that an application is not theirs.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Blockable {
    /// One press blocks it.
    Now,
    /// It is blocked.
    Already,
    /// The procedure has gone too far.
    NoLonger,
}

impl Blockable {
    pub(crate) fn of(access: &ApplicationAccess) -> Self {
        if is_blocked(&access.head) {
            Self::Already
        } else if access.may_in_state(access.head.state(), Action::Block) {
            Self::Now
        } else {
            Self::NoLonger
        }
    }

    /// The same words in the view and in a refusal.
    pub(crate) const fn message(self) -> &'static str {
        match self {
            Self::Now => {
                "Se non hai chiesto tu questa domanda, e nessuno l'ha chiesta per tuo incarico, bloccala: nessuno potrà più compilarla né inviarla e lo Sportello Unico verrà avvisato. Se invece è tua non devi fare nulla: chiudi questa pagina."
            }
            Self::Already => {
                "La domanda è bloccata: nessuno può compilarla, inviarla o mandarla avanti. Lo Sportello Unico è avvisato e la esamina: non devi fare altro. Se l'hai bloccata per errore, rivolgiti allo Sportello Unico o all'Help Desk."
            }
            Self::NoLonger => {
                "La domanda è in uno stato in cui non si può più bloccare da qui. Se non l'hai chiesta tu, scrivi per PEC allo Sportello Unico della provincia del lavoro e indica il numero della domanda."
            }
        }
    }
}

/// Whether it is blocked by the employer.
pub(crate) fn is_blocked(head: &Application) -> bool {
    matches!(head.state(), State::Blocked | State::BlockedAfterSending)
}

/// An application as the link shows it: nothing personal, since a certified mailbox is read by whole offices.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockView {
    /// Opaque identifier.
    pub application: String,
    /// The model.
    pub model: String,
    /// The model's name.
    pub model_label: String,
    /// When it was begun, RFC 3339.
    pub started: String,
    #[serde(skip)]
    pub(crate) started_in_words: String,
    /// The filer's role, in words that name no person.
    pub filed_by: &'static str,
    /// State code.
    pub state: &'static str,
    /// State as people read it.
    pub state_label: &'static str,
    /// Whether it can be blocked now.
    pub blockable: Blockable,
    /// What this means and what to do, in Italian.
    pub message: &'static str,
}

impl BlockView {
    pub(crate) fn of(access: &ApplicationAccess, model_label: Option<String>) -> Self {
        let head = &access.head;
        let blockable = Blockable::of(access);
        Self {
            application: head.id.to_string(),
            model: head.model.to_string(),
            model_label: model_label.unwrap_or_else(|| head.model.to_string()),
            started: calendar::rfc3339(head.created),
            started_in_words: calendar::in_words(head.created),
            filed_by: head.parties.filed_by(),
            state: head.state().code(),
            state_label: head.state().label(),
            blockable,
            message: blockable.message(),
        }
    }
}

/// A released application.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReleasedView {
    /// Opaque identifier.
    pub application: String,
    /// State code.
    pub state: &'static str,
    /// State as people read it.
    pub state_label: &'static str,
    /// What happens next, in Italian.
    pub message: &'static str,
}

impl ReleasedView {
    pub(crate) fn of(head: &Application) -> Self {
        Self {
            application: head.id.to_string(),
            state: head.state().code(),
            state_label: head.state().label(),
            message: if head.state() == State::ToValidate {
                "La domanda è sbloccata. Un nuovo codice di attivazione parte per la PEC del datore di lavoro: la compilazione riprende quando viene inserito."
            } else {
                "La domanda è sbloccata ed è in istruttoria."
            },
        }
    }
}

/// A page of flags.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlagList {
    /// Blocked applications, and those of which something was given up, in the order of province and application.
    pub flags: Vec<FlagView>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
}

/// An application that the office has to look at.
#[derive(Debug, Serialize, ToSchema)]
pub struct FlagView {
    /// Opaque identifier.
    pub application: String,
    /// The decree.
    pub campaign: String,
    /// The model.
    pub model: String,
    /// State code.
    pub state: &'static str,
    /// State as people read it.
    pub state_label: &'static str,
    /// Province of the workplace, or of the employer's seat; absent while the draft does not say where the work is.
    pub province: Option<String>,
    /// When it was blocked or given up, RFC 3339.
    pub blocked_at: String,
    /// `certified-mailbox` (by the link), `representative` (signed in), or `portal` where something was given up.
    pub blocked_by: &'static str,
    /// What could not be done for days and is not tried any more, in Italian; absent where the application is blocked.
    pub given_up: Option<&'static str>,
    /// The account that filed it: opaque, and the same in every application of that account.
    pub filer: String,
    /// For whom the filer worked then.
    pub organisation: Option<String>,
    /// What the caller may do now.
    pub allowed: Vec<ActionView>,
}

impl FlagView {
    pub(crate) fn of(flag: &Flag, access: &ApplicationAccess) -> Self {
        let head = &access.head;
        Self {
            application: head.id.to_string(),
            campaign: head.campaign.to_string(),
            model: head.model.to_string(),
            state: head.state().code(),
            state_label: head.state().label(),
            province: flag.province.clone(),
            blocked_at: instant(flag.at).map(calendar::rfc3339).unwrap_or_default(),
            blocked_by: match &flag.stuck {
                Some(_) => "portal",
                None if flag.is_by_mailbox() => "certified-mailbox",
                None => "representative",
            },
            given_up: flag.stuck.as_ref().map(|stuck| given_up(stuck.queue)),
            filer: flag.filer.to_string(),
            organisation: flag.organisation.as_ref().map(ToString::to_string),
            allowed: access.actions(),
        }
    }
}

/// What was given up, and what the office does about it.
const fn given_up(queue: Queue) -> &'static str {
    match queue {
        Queue::Documents => {
            "Un documento della pratica non è stato prodotto in quattro giorni: mancano dati o non si possono usare. Controlla i dati della pratica e chiedi all'assistenza del portale di riprovare."
        }
        Queue::Urgent | Queue::Bulk => {
            "Una comunicazione della pratica non è partita in quattro giorni. Avvisa il datore di lavoro con altri mezzi e chiedi all'assistenza del portale di riprovare."
        }
        Queue::Enrich => {
            "Una domanda a un registro non è stata fatta in quattro giorni. Chiedi all'assistenza del portale di riprovare."
        }
        Queue::History | Queue::Consulate | Queue::Facts => {
            "Un passaggio della pratica non è stato completato. Chiedi all'assistenza del portale di riprovare."
        }
    }
}
