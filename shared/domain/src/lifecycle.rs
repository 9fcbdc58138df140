//! The lifecycle of an application as one table: what may happen, to what it leads, who may cause it, by what right.

use crate::coded::coded;

/// Refuses at compile time a table in which one state answers one event twice.
macro_rules! deterministic {
    ($table:expr) => {
        #[expect(
            clippy::as_conversions,
            clippy::indexing_slicing,
            reason = "const evaluation has no iterators"
        )]
        const _: () = {
            let table = $table;
            let mut first = 0;
            while first < table.len() {
                let mut second = first + 1;
                while second < table.len() {
                    assert!(
                        table[first].from as u8 != table[second].from as u8
                            || table[first].event as u8 != table[second].event as u8,
                        "one state answers one event twice"
                    );
                    second += 1;
                }
                first += 1;
            }
        };
    };
}
pub(crate) use deterministic;

pub mod agreement;
pub mod consequence;
pub mod deadline;
mod phase;

use agreement::AgreementStep;

pub use self::phase::{Answer, Closed, Contract, Entry, Phase, Review};

coded! {
    /// Where an application stands (STA-1).
    ///
    /// The order of declaration is the order of the procedure.
    pub enum State as "state" {
        /// Created after positive preliminary checks; the activation code is on its way by PEC (CHK-2).
        ToValidate = "to-validate", "Da validare";
        /// The form is open and something is missing (ACT-1, FRM-2).
        ToComplete = "to-complete", "Da completare";
        /// Complete, ready for its click day (FRM-3).
        ToSend = "to-send", "Da inviare";
        /// The same, armed: the portal sends it at the opening, and until then it can be disarmed (NEW-1).
        Armed = "armed", "Da inviare (invio prenotato)";
        /// Stopped before sending: the employer did not know of it (NEW-5).
        Blocked = "blocked", "Bloccata dal datore di lavoro";
        /// Sent: it has an arrival and a receipt (SUB-4). Whether it lies in quota is a fact of the ranking, not a state.
        Submitted = "submitted", "Inviata";
        /// Stopped after sending: the employer did not know of it (NEW-5).
        BlockedAfterSending = "blocked-after-sending", "Bloccata dopo l'invio, da verificare";
        /// An officer of the competent province has taken it in charge (DEC-1).
        InReview = "in-review", "In istruttoria";
        /// The officer waits for documents (DEC-1).
        IntegrationRequested = "integration-requested", "Integrazione richiesta";
        /// The notice of reasons against was sent; the employer may answer it (art. 10-bis L. 241/1990).
        RefusalAnnounced = "refusal-announced", "Preavviso di rigetto";
        /// Refused with a reason (DEC-1).
        Refused = "refused", "Rigettata";
        /// The permit is issued; the consular system checks the visa application (DEC-1).
        Granted = "granted", "Nulla osta rilasciato";
        /// The consular checks are concluded and the employer is asked to confirm (CNF-1).
        AwaitingConfirmation = "awaiting-confirmation", "In attesa di conferma";
        /// Renounced; it can be undone for 60 minutes (CNF-1).
        Renouncing = "renouncing", "Rinuncia annullabile";
        /// Renounced or withdrawn for good.
        Renounced = "renounced", "Rinunciata";
        /// No answer came in time; an officer looks before the permit is revoked (CNF-1, CNF-4).
        ExpiredToVerify = "expired-to-verify", "Scaduta, da verificare";
        /// Counts as refused; the permit is revoked (art. 22 c. 5-quinquies D.Lgs. 286/1998).
        Revoked = "revoked", "Nulla osta revocato";
        /// Confirmed in time; the consular system may issue the visa (CNF-1).
        Confirmed = "confirmed", "Confermata";
        /// The visa is issued; the worker may enter (ENT-1).
        VisaIssued = "visa-issued", REGISTRATION;
        /// The employer has entered the border data (ENT-1).
        EntryReported = "entry-reported", REGISTRATION;
        /// The contract is with the employer, to be signed and uploaded (CTR-1).
        ContractToSign = "contract-to-sign", REGISTRATION;
        /// A file has arrived and is being looked into; it does not count as sent yet (CTR-1).
        ContractUploaded = "contract-uploaded", REGISTRATION;
        /// The file passed the checks and lies before the officer (CTR-1).
        ContractSent = "contract-sent", REGISTRATION;
        /// The officer rejected the file, which can be replaced (CTR-1).
        ContractRejected = "contract-rejected", REGISTRATION;
        /// The term for the contract has passed; a person decides (CTR-1, CNF-4).
        ContractOverdue = "contract-overdue", REGISTRATION;
        /// The officer validated the contract; the modules follow when the agreement is settled, too (MOD-1).
        ContractValidated = "contract-validated", REGISTRATION;
        /// Modules 1 and 2 are issued (MOD-1).
        ModulesIssued = "modules-issued", REGISTRATION;
        /// Closed and kept.
        Archived = "archived", "Archiviata";
        /// A draft that was deleted before sending; its content is gone, its history stays (LIM-1, ACC-6).
        Deleted = "deleted", "Eliminata";
    }
}

/// The one name under which users read everything from the visa to the modules (STA-1).
const REGISTRATION: &str = "Registrazione dello straniero";

impl State {
    /// The step within *Registrazione dello straniero*, in Italian; none in the other states.
    pub const fn step(self) -> Option<&'static str> {
        match self {
            Self::VisaIssued => Some("Visto rilasciato"),
            Self::EntryReported => Some("Ingresso comunicato"),
            Self::ContractToSign => Some("Contratto da firmare"),
            Self::ContractUploaded => Some("Contratto in verifica automatica"),
            Self::ContractSent => Some("Contratto trasmesso al SUI"),
            Self::ContractRejected => Some("Contratto da sostituire"),
            Self::ContractOverdue => Some("Termine del contratto scaduto, da verificare"),
            Self::ContractValidated => Some("Contratto validato"),
            Self::ModulesIssued => Some("Moduli 1 e 2 emessi"),
            Self::ToValidate
            | Self::ToComplete
            | Self::ToSend
            | Self::Armed
            | Self::Blocked
            | Self::Submitted
            | Self::BlockedAfterSending
            | Self::InReview
            | Self::IntegrationRequested
            | Self::RefusalAnnounced
            | Self::Refused
            | Self::Granted
            | Self::AwaitingConfirmation
            | Self::Renouncing
            | Self::Renounced
            | Self::ExpiredToVerify
            | Self::Revoked
            | Self::Confirmed
            | Self::Archived
            | Self::Deleted => None,
        }
    }

    /// Whether nothing can happen any more.
    pub fn is_final(self) -> bool {
        events_from(self).next().is_none()
    }

    /// Whether the procedure is still under way: not refused, renounced, revoked, completed, archived or deleted.
    ///
    /// The same employer cannot have two live applications for the same worker (LIM-1).
    pub const fn is_live(self) -> bool {
        match self {
            Self::ToValidate
            | Self::ToComplete
            | Self::ToSend
            | Self::Armed
            | Self::Blocked
            | Self::Submitted
            | Self::BlockedAfterSending
            | Self::InReview
            | Self::IntegrationRequested
            | Self::RefusalAnnounced
            | Self::Granted
            | Self::AwaitingConfirmation
            | Self::Renouncing
            | Self::ExpiredToVerify
            | Self::Confirmed
            | Self::VisaIssued
            | Self::EntryReported
            | Self::ContractToSign
            | Self::ContractUploaded
            | Self::ContractSent
            | Self::ContractRejected
            | Self::ContractOverdue
            | Self::ContractValidated => true,
            Self::Refused
            | Self::Renounced
            | Self::Revoked
            | Self::ModulesIssued
            | Self::Archived
            | Self::Deleted => false,
        }
    }

    /// Whether it is an unsent draft that its people can still work on; what is armed, once it is disarmed.
    pub const fn is_draft(self) -> bool {
        match self {
            Self::ToValidate | Self::ToComplete | Self::ToSend | Self::Armed => true,
            Self::Blocked
            | Self::Submitted
            | Self::BlockedAfterSending
            | Self::InReview
            | Self::IntegrationRequested
            | Self::RefusalAnnounced
            | Self::Refused
            | Self::Granted
            | Self::AwaitingConfirmation
            | Self::Renouncing
            | Self::Renounced
            | Self::ExpiredToVerify
            | Self::Revoked
            | Self::Confirmed
            | Self::VisaIssued
            | Self::EntryReported
            | Self::ContractToSign
            | Self::ContractUploaded
            | Self::ContractSent
            | Self::ContractRejected
            | Self::ContractOverdue
            | Self::ContractValidated
            | Self::ModulesIssued
            | Self::Archived
            | Self::Deleted => false,
        }
    }

    /// Whether it was sent, now or earlier: it has an arrival, a receipt and a frozen content, for good (SUB-6).
    pub const fn is_sent(self) -> bool {
        Phase::of(self, None).is_some()
    }

    /// Whether the worker is claimed, so that no second application of this employer becomes ready (LIM-1).
    ///
    /// The worker is known only when the application is ready; a blocked draft gives the claim back, so that the
    /// employer in whose name another person wrote can file the true one.
    pub const fn holds_worker(self) -> bool {
        matches!(self, Self::ToSend | Self::Armed) || (self.is_sent() && self.is_live())
    }

    /// Whether it counts towards the yearly limit of its applicant: all but deleted drafts do (LIM-1).
    pub const fn counts_towards_limit(self) -> bool {
        !matches!(self, Self::Deleted)
    }

    /// Whether the integration agreement can be worked on: from the contract's sending to its validation (AGR-1).
    pub const fn admits_agreement(self) -> bool {
        match Phase::of(self, None) {
            Some(Phase::Contract(..)) => true,
            Some(Phase::Review(_) | Phase::Answer(_) | Phase::Entry(_) | Phase::Closed(..))
            | None => false,
        }
    }

    /// What `event` does to an application in this state; refuses an event that is not in the table.
    pub fn on(self, event: Event) -> Result<&'static Transition, Refused> {
        TRANSITIONS
            .iter()
            .find(|transition| transition.from == self && transition.event == event)
            .ok_or(Refused { from: self, event })
    }
}

coded! {
    /// What can happen to an application, under the portal's own names where it has one.
    pub enum Event as "event" {
        /// The preliminary checks are positive and the activation code is sent (CHK-2).
        Start = "start", "Verifica utenza e invia PEC";
        /// A conversion is begun, which needs neither registry check nor code (CNV-1).
        StartConversion = "start-conversion", "Compila domanda";
        /// The right activation code was typed (ACT-1).
        VerifyCode = "verify-code", "Verifica codice";
        /// The last missing value is there, by *Salva* or from a registry (FRM-3).
        Complete = "complete", "Salva";
        /// A change broke completeness (FRM-3).
        Reopen = "reopen", "Salva";
        /// An unsent application is deleted (LIM-1).
        Delete = "delete", "Elimina";
        /// The employer says that the application is not theirs (NEW-5).
        Block = "block", "Non sono stato io";
        /// An officer lets a blocked application go on, with a reason (NEW-5).
        Release = "release", "Sblocca";
        /// It is ready and shall be sent at the opening by itself (NEW-1).
        Arm = "arm", "Prenota invio";
        /// It shall not, after all (NEW-1).
        Disarm = "disarm", "Annulla invio prenotato";
        /// It is sent, by its people or, if armed, by the portal at the opening (SUB-1, NEW-1).
        Submit = "submit", "Invia";
        /// An officer takes it in charge (DEC-1).
        TakeCharge = "take-charge", "Prendi in carico";
        /// The officer asks for documents (DEC-1).
        RequestIntegration = "request-integration", "Richiedi integrazione";
        /// The employer hands the documents in (DEC-1).
        ProvideIntegration = "provide-integration", "Trasmetti integrazione";
        /// The review goes on without the documents (DEC-1).
        ResumeReview = "resume-review", "Riprendi istruttoria";
        /// The notice of reasons against is sent (art. 10-bis L. 241/1990).
        AnnounceRefusal = "announce-refusal", "Invia preavviso di rigetto";
        /// The employer answers the notice (art. 10-bis L. 241/1990).
        Object = "object", "Presenta osservazioni";
        /// The permit is issued, by the officer or at the term of law (DEC-1).
        Grant = "grant", "Rilascia nulla osta";
        /// The application is refused with a reason (DEC-1).
        Refuse = "refuse", "Rigetta";
        /// The employer gives up before being asked to confirm (RNK-2).
        Withdraw = "withdraw", "Ritira domanda";
        /// An officer revokes the permit, with a reason (art. 22 D.Lgs. 286/1998).
        Revoke = "revoke", "Revoca nulla osta";
        /// The consular system reports that its checks are concluded (CNF-1).
        ReportChecks = "report-checks", "Accertamenti consolari conclusi";
        /// The employer confirms (CNF-1).
        Confirm = "confirm", "Conferma";
        /// The employer renounces (CNF-1).
        Renounce = "renounce", "Rinuncia";
        /// The employer takes the renunciation back within 60 minutes (CNF-1).
        UndoRenunciation = "undo-renunciation", "Annulla rinuncia";
        /// The 60 minutes are over (CNF-1).
        CompleteRenunciation = "complete-renunciation", "Rinuncia definitiva";
        /// The term to confirm ends without an answer (CNF-1).
        Expire = "expire", "Scadenza del termine di conferma";
        /// An officer reopens an expired case, with a reason (CNF-4).
        ReopenCase = "reopen-case", "Riapri pratica";
        /// An officer, or the end of the days that an officer has for it, confirms that no answer came (CNF-1, CNF-4).
        ConfirmExpiry = "confirm-expiry", "Accerta mancata conferma";
        /// The permit ends unused (art. 22 c. 5 D.Lgs. 286/1998).
        Lapse = "lapse", "Scadenza del nulla osta";
        /// The visa is issued (ENT-1).
        IssueVisa = "issue-visa", "Visto rilasciato";
        /// The visa is denied.
        RefuseVisa = "refuse-visa", "Visto negato";
        /// The employer reports the entry (ENT-1).
        ReportEntry = "report-entry", "Inserisci dati frontiera";
        /// The contract goes to the employer by PEC (CTR-1).
        SendContract = "send-contract", "Invia contratto da firmare";
        /// The employer uploads the signed contract (CTR-1).
        UploadContract = "upload-contract", "Upload contratto di soggiorno firmato digitalmente";
        /// The uploaded file passes the checks and counts as sent (CTR-1).
        AcceptContractFile = "accept-contract-file", "Verifica del contratto superata";
        /// The uploaded file does not pass the checks (CTR-1).
        RefuseContractFile = "refuse-contract-file", "Verifica del contratto non superata";
        /// The officer validates the contract (CTR-1).
        ValidateContract = "validate-contract", "Valida contratto";
        /// The officer rejects the contract, with a reason (CTR-1).
        RejectContract = "reject-contract", "Respingi contratto";
        /// The term for the contract ends (CTR-1).
        ExpireContract = "expire-contract", "Scadenza del termine del contratto";
        /// An officer gives the contract a new term, with a reason (CNF-4).
        ReopenContract = "reopen-contract", "Riapri termine del contratto";
        /// Modules 1 and 2 are issued (MOD-1).
        IssueModules = "issue-modules", "Emetti moduli 1 e 2";
        /// The case is closed (SWP-1).
        Archive = "archive", "Archivia";
    }
}

impl Event {
    /// The line that the history of an application shows, in Italian (AUD-1).
    pub const fn history_text(self) -> &'static str {
        match self {
            Self::Start => {
                "Domanda iniziata: verifiche preliminari superate, codice di attivazione inviato per PEC al datore di lavoro."
            }
            Self::StartConversion => "Domanda di conversione creata: la compilazione è aperta.",
            Self::VerifyCode => "Codice di attivazione verificato: la compilazione è aperta.",
            Self::Complete => {
                "Tutti i dati necessari sono presenti: la domanda è pronta per l'invio."
            }
            Self::Reopen => {
                "Una modifica ha reso incompleta la domanda: ci sono di nuovo dati da completare."
            }
            Self::Delete => "Domanda eliminata prima dell'invio.",
            Self::Block => {
                "Il datore di lavoro ha dichiarato di non aver richiesto questa domanda: la domanda è bloccata."
            }
            Self::Release => "Domanda sbloccata dopo la verifica.",
            Self::Arm => "Invio prenotato: la domanda parte da sola all'apertura.",
            Self::Disarm => "Invio prenotato annullato: la domanda non parte da sola.",
            Self::Submit => "Domanda inviata: la ricevuta è disponibile.",
            Self::TakeCharge => "Domanda presa in carico dallo Sportello Unico.",
            Self::RequestIntegration => {
                "Lo Sportello Unico ha richiesto un'integrazione dei documenti."
            }
            Self::ProvideIntegration => "Integrazione trasmessa allo Sportello Unico.",
            Self::ResumeReview => "Istruttoria ripresa senza l'integrazione richiesta.",
            Self::AnnounceRefusal => {
                "Preavviso di rigetto inviato: il datore di lavoro può presentare osservazioni."
            }
            Self::Object => "Osservazioni al preavviso di rigetto presentate.",
            Self::Grant => "Nulla osta rilasciato.",
            Self::Refuse => "Domanda rigettata: la motivazione è nelle comunicazioni.",
            Self::Withdraw => "Domanda ritirata prima della richiesta di conferma.",
            Self::Revoke => "Nulla osta revocato: la motivazione è nelle comunicazioni.",
            Self::ReportChecks => {
                "Accertamenti consolari conclusi: al datore di lavoro è chiesto di confermare la richiesta."
            }
            Self::Confirm => "Richiesta di nulla osta confermata.",
            Self::Renounce => "Rinuncia comunicata: può essere annullata entro 60 minuti.",
            Self::UndoRenunciation => {
                "Rinuncia annullata: la richiesta attende di nuovo la conferma."
            }
            Self::CompleteRenunciation => "Rinuncia divenuta definitiva.",
            Self::Expire => {
                "Termine di conferma scaduto senza risposta: la pratica è da verificare."
            }
            Self::ReopenCase => {
                "Pratica riaperta dallo Sportello Unico: la motivazione è nelle comunicazioni."
            }
            Self::ConfirmExpiry => {
                "Mancata conferma accertata: la richiesta si intende rifiutata e il nulla osta è revocato."
            }
            Self::Lapse => "Nulla osta scaduto senza essere utilizzato.",
            Self::IssueVisa => {
                "Visto rilasciato: dopo l'ingresso del lavoratore vanno inseriti i dati di frontiera."
            }
            Self::RefuseVisa => "Visto negato dalla rappresentanza consolare.",
            Self::ReportEntry => "Dati di ingresso in Italia trasmessi allo Sportello Unico.",
            Self::SendContract => {
                "Contratto di soggiorno inviato al datore di lavoro per la firma."
            }
            Self::UploadContract => {
                "Contratto firmato caricato: è in corso la verifica automatica del file."
            }
            Self::AcceptContractFile => {
                "File del contratto verificato e trasmesso allo Sportello Unico."
            }
            Self::RefuseContractFile => {
                "Il file del contratto non ha superato la verifica: va caricato di nuovo."
            }
            Self::ValidateContract => "Contratto di soggiorno validato dallo Sportello Unico.",
            Self::RejectContract => {
                "Contratto di soggiorno respinto dallo Sportello Unico: il file va sostituito."
            }
            Self::ExpireContract => "Termine per il contratto scaduto: la pratica è da verificare.",
            Self::ReopenContract => "Termine per il contratto riaperto dallo Sportello Unico.",
            Self::IssueModules => "Moduli 1 e 2 emessi e inviati per PEC al datore di lavoro.",
            Self::Archive => "Pratica archiviata.",
        }
    }

    /// How an application begins by this event; none for all others.
    pub fn opening(self) -> Option<&'static Opening> {
        OPENINGS.iter().find(|opening| opening.event == self)
    }
}

coded! {
    /// In which capacity a caller acts on an application; see [`crate::permission::Role::acting_as`].
    pub enum Actor as "actor" {
        /// The employer, or the legal representative of the represented company or body.
        Representative = "representative", "Datore di lavoro";
        /// The operator who filed the application on behalf of the employer.
        Filer = "filer", "Intermediario che ha compilato la domanda";
        /// Another operator of the filer's organisation.
        Colleague = "colleague", "Collega dell'intermediario";
        /// The contact of the filer's organisation.
        OrganisationContact = "organisation-contact", "Referente dell'organizzazione";
        /// An officer of the competent province.
        Officer = "officer", "Funzionario SUI";
        /// A ministry administrator.
        Administrator = "administrator", "Amministratore";
        /// The consular system.
        ConsularSystem = "consular-system", "Sistema consolare";
        /// The portal itself: registry values, terms, armed sends, file checks.
        System = "system", "Portale";
    }
}

impl Event {
    /// Whether of all people only those of an office may cause it.
    pub fn is_of_office(self) -> bool {
        let mut rows = TRANSITIONS.iter().filter(|row| row.event == self).peekable();
        rows.peek().is_some()
            && rows.all(|row| {
                row.by
                    .iter()
                    .all(|by| matches!(by, Actor::Officer | Actor::Administrator | Actor::System))
            })
    }
}

/// One row of the lifecycle.
#[derive(Debug, PartialEq, Eq)]
pub struct Transition {
    /// The state before.
    pub from: State,
    /// What happens.
    pub event: Event,
    /// The state after.
    pub to: State,
    /// Who may cause it.
    pub by: &'static [Actor],
    /// The requirement or the paragraph of law.
    pub source: &'static str,
}

/// One way in which an application comes to be.
#[derive(Debug, PartialEq, Eq)]
pub struct Opening {
    /// What happens.
    pub event: Event,
    /// The first state.
    pub to: State,
    /// Who may cause it.
    pub by: &'static [Actor],
    /// The requirement or the paragraph of law.
    pub source: &'static str,
}

/// The event is not possible in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{event} is not possible from {from}")]
pub struct Refused {
    /// Where the application stands.
    pub from: State,
    /// What was attempted.
    pub event: Event,
}

/// The events do not tell the story of an application (AUD-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BrokenHistory {
    /// There is no event.
    #[error("no events")]
    Empty,
    /// The first event does not create an application.
    #[error("{0} creates no application")]
    NotAnOpening(Event),
    /// An event is not possible where it stands; the position counts from 0.
    #[error("event {position}: {refused}")]
    Refused {
        /// Its place in the sequence.
        position: usize,
        /// Why.
        refused: Refused,
    },
}

/// The state to which a whole history leads: the present state can be rebuilt from the events (AUD-1).
pub fn rebuild(events: impl IntoIterator<Item = Event>) -> Result<State, BrokenHistory> {
    let mut events = events.into_iter();
    let first = events.next().ok_or(BrokenHistory::Empty)?;
    let opening = first.opening().ok_or(BrokenHistory::NotAnOpening(first))?;
    events.zip(1..).try_fold(opening.to, |state, (event, position)| {
        let transition =
            state.on(event).map_err(|refused| BrokenHistory::Refused { position, refused })?;
        Ok(transition.to)
    })
}

/// Everything that can happen in `state`.
pub fn events_from(state: State) -> impl Iterator<Item = &'static Transition> {
    TRANSITIONS.iter().filter(move |transition| transition.from == state)
}

/// Where an application stands, with the integration agreement that runs beside the contract (AGR-1).
///
/// Contract and agreement may be sent together and are validated in any order, so the agreement has a small table of
/// its own; only the modules wait for both (MOD-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The state of the application.
    pub state: State,
    /// The step of the agreement; none where it does not apply.
    pub agreement: Option<AgreementStep>,
}

impl Position {
    /// What `event` does here: the table, and that the modules wait for a settled agreement (MOD-1).
    pub fn on(self, event: Event) -> Result<&'static Transition, Refused> {
        let unsettled = self.agreement.is_some_and(|step| !step.is_settled());
        if event == Event::IssueModules && unsettled {
            return Err(Refused { from: self.state, event });
        }
        self.state.on(event)
    }
}

impl From<State> for Position {
    fn from(state: State) -> Self {
        Self { state, agreement: None }
    }
}

/// The employer or the authorised intermediary that filed (OWN-1; art. 24-bis c. 2-bis D.Lgs. 286/1998).
const APPLICANT: &[Actor] = &[Actor::Representative, Actor::Filer];
/// The same, or the portal on their behalf or at a term.
const APPLICANT_OR_SYSTEM: &[Actor] = &[Actor::Representative, Actor::Filer, Actor::System];
const REPRESENTATIVE: &[Actor] = &[Actor::Representative];
const OFFICER: &[Actor] = &[Actor::Officer];
const OFFICER_OR_SYSTEM: &[Actor] = &[Actor::Officer, Actor::System];
/// A blocked draft may not have a province yet, so an administrator can act, too.
const OFFICER_OR_ADMINISTRATOR: &[Actor] = &[Actor::Officer, Actor::Administrator];
const CONSULAR_SYSTEM: &[Actor] = &[Actor::ConsularSystem];
const SYSTEM: &[Actor] = &[Actor::System];

const fn row(
    from: State,
    event: Event,
    to: State,
    by: &'static [Actor],
    source: &'static str,
) -> Transition {
    Transition { from, event, to, by, source }
}

/// How an application begins.
pub const OPENINGS: &[Opening] = &[
    Opening { event: Event::Start, to: State::ToValidate, by: APPLICANT, source: "CHK-2" },
    Opening {
        event: Event::StartConversion,
        to: State::ToComplete,
        by: APPLICANT,
        source: "CNV-1",
    },
];

/// Everything that may happen to an application. An event without a row is refused.
///
/// A state that is stored is looked up here by the guard, the condition of the write, the permission table, the
/// buttons and `docs/lifecycle.md`.
#[rustfmt::skip]
pub const TRANSITIONS: &[Transition] = {
    use {Event as E, State as S};
    &[
    //  from                     event                    to                       by                        source
    row(S::ToValidate,           E::VerifyCode,           S::ToComplete,           APPLICANT,                "ACT-1"),
    row(S::ToValidate,           E::Delete,               S::Deleted,              APPLICANT_OR_SYSTEM,      "LIM-1, ACC-6, PRV-1; CHK-2: a queued check that ends negative"),
    row(S::ToValidate,           E::Block,                S::Blocked,              REPRESENTATIVE,           "NEW-5"),

    row(S::ToComplete,           E::Complete,             S::ToSend,               APPLICANT_OR_SYSTEM,      "FRM-3, ENR-3, NEW-2"),
    row(S::ToComplete,           E::Delete,               S::Deleted,              APPLICANT_OR_SYSTEM,      "LIM-1, ACC-6, PRV-1"),
    row(S::ToComplete,           E::Block,                S::Blocked,              REPRESENTATIVE,           "NEW-5"),

    row(S::ToSend,               E::Arm,                  S::Armed,                APPLICANT,                "NEW-1"),
    row(S::ToSend,               E::Submit,               S::Submitted,            APPLICANT,                "SUB-1, FRM-4"),
    row(S::ToSend,               E::Reopen,               S::ToComplete,           APPLICANT_OR_SYSTEM,      "FRM-3, ENR-3"),
    row(S::ToSend,               E::Delete,               S::Deleted,              APPLICANT_OR_SYSTEM,      "LIM-1, ACC-6, PRV-1"),
    row(S::ToSend,               E::Block,                S::Blocked,              REPRESENTATIVE,           "NEW-5"),

    // A person who could press it, too, would draw twice with one application.
    row(S::Armed,                E::Disarm,               S::ToSend,               APPLICANT,                "NEW-1"),
    row(S::Armed,                E::Submit,               S::Submitted,            SYSTEM,                   "NEW-1, SUB-1"),
    row(S::Armed,                E::Reopen,               S::ToComplete,           SYSTEM,                   "ENR-3: before the freeze a registry value breaks it"),
    row(S::Armed,                E::Delete,               S::Deleted,              APPLICANT_OR_SYSTEM,      "LIM-1, ACC-6, PRV-1"),
    row(S::Armed,                E::Block,                S::Blocked,              REPRESENTATIVE,           "NEW-5"),

    // The representative proves the PEC again: the person who typed the first code may be the one who was reported.
    row(S::Blocked,              E::Release,              S::ToValidate,           OFFICER_OR_ADMINISTRATOR, "NEW-5"),
    row(S::Blocked,              E::Delete,               S::Deleted,              OFFICER_OR_ADMINISTRATOR, "NEW-5"),

    row(S::Submitted,            E::TakeCharge,           S::InReview,             OFFICER,                  "DEC-1"),
    row(S::Submitted,            E::Withdraw,             S::Renounced,            APPLICANT,                "RNK-2"),
    row(S::Submitted,            E::Block,                S::BlockedAfterSending,  REPRESENTATIVE,           "NEW-5"),
    row(S::Submitted,            E::Archive,              S::Archived,             SYSTEM,                   "CAL-2, SWP-1: no place by the campaign's end"),

    row(S::BlockedAfterSending,  E::Release,              S::InReview,             OFFICER,                  "NEW-5"),
    row(S::BlockedAfterSending,  E::Archive,              S::Archived,             OFFICER,                  "NEW-5"),

    row(S::InReview,             E::RequestIntegration,   S::IntegrationRequested, OFFICER,                  "DEC-1"),
    row(S::InReview,             E::AnnounceRefusal,      S::RefusalAnnounced,     OFFICER,                  "DEC-1; art. 10-bis L. 241/1990"),
    row(S::InReview,             E::Grant,                S::Granted,              OFFICER_OR_SYSTEM,        "DEC-1; art. 22 c. 5 and 5.0.1 D.Lgs. 286/1998"),
    row(S::InReview,             E::Refuse,               S::Refused,              OFFICER,                  "DEC-1"),
    row(S::InReview,             E::Withdraw,             S::Renounced,            APPLICANT,                "RNK-2"),
    row(S::InReview,             E::Block,                S::BlockedAfterSending,  REPRESENTATIVE,           "NEW-5"),

    row(S::IntegrationRequested, E::ProvideIntegration,   S::InReview,             APPLICANT,                "DEC-1"),
    row(S::IntegrationRequested, E::ResumeReview,         S::InReview,             OFFICER_OR_SYSTEM,        "DEC-1, SWP-1"),
    row(S::IntegrationRequested, E::Withdraw,             S::Renounced,            APPLICANT,                "RNK-2"),
    row(S::IntegrationRequested, E::Block,                S::BlockedAfterSending,  REPRESENTATIVE,           "NEW-5"),

    row(S::RefusalAnnounced,     E::Object,               S::InReview,             APPLICANT,                "art. 10-bis L. 241/1990"),
    row(S::RefusalAnnounced,     E::Refuse,               S::Refused,              OFFICER,                  "DEC-1; art. 10-bis L. 241/1990"),
    row(S::RefusalAnnounced,     E::Withdraw,             S::Renounced,            APPLICANT,                "RNK-2"),
    row(S::RefusalAnnounced,     E::Block,                S::BlockedAfterSending,  REPRESENTATIVE,           "NEW-5"),

    row(S::Refused,              E::Archive,              S::Archived,             SYSTEM,                   "SWP-1"),

    row(S::Granted,              E::ReportChecks,         S::AwaitingConfirmation, CONSULAR_SYSTEM,          "CNF-1; art. 22 c. 5-quinquies D.Lgs. 286/1998"),
    row(S::Granted,              E::RefuseVisa,           S::Archived,             CONSULAR_SYSTEM,          "CNF-1"),
    row(S::Granted,              E::Withdraw,             S::Renounced,            APPLICANT,                "RNK-2"),
    row(S::Granted,              E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),
    row(S::Granted,              E::Lapse,                S::Archived,             SYSTEM,                   "SWP-1; validity of the permit, art. 22 c. 5 D.Lgs. 286/1998"),

    row(S::AwaitingConfirmation, E::Confirm,              S::Confirmed,            APPLICANT,                "CNF-1; art. 24-bis c. 2-bis D.Lgs. 286/1998"),
    row(S::AwaitingConfirmation, E::Renounce,             S::Renouncing,           APPLICANT,                "CNF-1"),
    row(S::AwaitingConfirmation, E::Expire,               S::ExpiredToVerify,      SYSTEM,                   "CNF-1, CNF-2; art. 22 c. 5-quinquies D.Lgs. 286/1998"),
    row(S::AwaitingConfirmation, E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),

    row(S::Renouncing,           E::UndoRenunciation,     S::AwaitingConfirmation, APPLICANT,                "CNF-1"),
    row(S::Renouncing,           E::CompleteRenunciation, S::Renounced,            SYSTEM,                   "CNF-1, SWP-1"),

    row(S::Renounced,            E::Archive,              S::Archived,             SYSTEM,                   "CNF-1, SWP-1"),

    row(S::ExpiredToVerify,      E::ReopenCase,           S::AwaitingConfirmation, OFFICER,                  "CNF-4"),
    row(S::ExpiredToVerify,      E::ConfirmExpiry,        S::Revoked,              OFFICER_OR_SYSTEM,        "CNF-1, CNF-4; art. 22 c. 5-quinquies D.Lgs. 286/1998"),

    // A court may annul the revocation later, so the case can be reopened until it is archived.
    row(S::Revoked,              E::ReopenCase,           S::AwaitingConfirmation, OFFICER,                  "CNF-4"),
    row(S::Revoked,              E::Archive,              S::Archived,             SYSTEM,                   "CNF-1, SWP-1"),

    row(S::Confirmed,            E::IssueVisa,            S::VisaIssued,           CONSULAR_SYSTEM,          "CNF-1, ENT-1"),
    row(S::Confirmed,            E::RefuseVisa,           S::Archived,             CONSULAR_SYSTEM,          "CNF-1"),
    row(S::Confirmed,            E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),
    row(S::Confirmed,            E::Lapse,                S::Archived,             SYSTEM,                   "SWP-1; validity of the permit, art. 22 c. 5 D.Lgs. 286/1998"),

    row(S::VisaIssued,           E::ReportEntry,          S::EntryReported,        APPLICANT,                "ENT-1"),
    row(S::VisaIssued,           E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),
    row(S::VisaIssued,           E::Archive,              S::Archived,             OFFICER,                  "SWP-1: the worker never entered"),

    row(S::EntryReported,        E::SendContract,         S::ContractToSign,       OFFICER_OR_SYSTEM,        "CTR-1, CTR-2"),
    row(S::EntryReported,        E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),

    row(S::ContractToSign,       E::UploadContract,       S::ContractUploaded,     APPLICANT,                "CTR-1, OWN-1; art. 22 c. 6 D.Lgs. 286/1998"),
    row(S::ContractToSign,       E::ExpireContract,       S::ContractOverdue,      SYSTEM,                   "CTR-1, SWP-1; art. 22 c. 6 D.Lgs. 286/1998"),
    row(S::ContractToSign,       E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),

    row(S::ContractUploaded,     E::AcceptContractFile,   S::ContractSent,         SYSTEM,                   "CTR-1"),
    row(S::ContractUploaded,     E::RefuseContractFile,   S::ContractToSign,       SYSTEM,                   "CTR-1"),

    row(S::ContractSent,         E::ValidateContract,     S::ContractValidated,    OFFICER,                  "CTR-1"),
    row(S::ContractSent,         E::RejectContract,       S::ContractRejected,     OFFICER,                  "CTR-1"),
    row(S::ContractSent,         E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),

    row(S::ContractRejected,     E::UploadContract,       S::ContractUploaded,     APPLICANT,                "CTR-1"),
    row(S::ContractRejected,     E::ExpireContract,       S::ContractOverdue,      SYSTEM,                   "CTR-1, SWP-1"),
    row(S::ContractRejected,     E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),

    row(S::ContractOverdue,      E::ReopenContract,       S::ContractToSign,       OFFICER,                  "CTR-1, CNF-4"),
    row(S::ContractOverdue,      E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),

    row(S::ContractValidated,    E::IssueModules,         S::ModulesIssued,        OFFICER,                  "MOD-1, AGR-1"),
    row(S::ContractValidated,    E::Revoke,               S::Revoked,              OFFICER,                  "art. 22 D.Lgs. 286/1998"),

    row(S::ModulesIssued,        E::Archive,              S::Archived,             SYSTEM,                   "SWP-1"),
]};

deterministic!(TRANSITIONS);

#[cfg(test)]
mod tests;
