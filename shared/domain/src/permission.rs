//! The second table: who may do what, by role, relation to the application, and where the application stands.

use crate::coded::coded;
use crate::lifecycle::agreement::AgreementEvent;
use crate::lifecycle::{Actor, Event, Position, State};

coded! {
    /// The role in which a person is signed in (IDP-3).
    pub enum Role as "role" {
        /// A private user: an employer, a legal representative, or a permit holder (IDP-4).
        Employer = "employer", "Privato";
        /// An operator of an organisation, agency or municipality, or a professional (ORG-1 to ORG-5).
        Operator = "operator", "Operatore";
        /// The contact, who keeps an organisation's list of operators (ORG-4).
        OrganisationContact = "organisation-contact", "Referente dell'organizzazione";
        /// An officer of one province's *Sportello Unico* (DEC-1).
        Officer = "officer", "Funzionario SUI";
        /// A prefecture officer; approves organisations, sees no applications (ORG-1).
        PrefectureOfficer = "prefecture-officer", "Funzionario di prefettura";
        /// The central directorate; approves organisations, sees no applications (ORG-1).
        Directorate = "directorate", "Direzione centrale";
        /// A ministry administrator.
        Administrator = "administrator", "Amministratore";
        /// The consular system, a machine client.
        ConsularSystem = "consular-system", "Sistema consolare";
        /// The portal itself.
        System = "system", "Portale";
    }
}

coded! {
    /// The relation of a caller to one application (OWN-1). A person who is both representative and filer is the
    /// representative.
    pub enum Relation as "relation" {
        /// The employer, or the legal representative of the represented company or body.
        Representative = "representative", "Datore di lavoro o rappresentante legale";
        /// Filed it for an organisation to which the account still belongs; a leaver has no relation left (ORG-4).
        Filer = "filer", "Ha compilato la domanda";
        /// Belongs to the organisation for which it was filed.
        SameOrganisation = "same-organisation", "Stessa organizzazione";
        /// Works in the competent province (DEC-1).
        SameProvince = "same-province", "Provincia competente";
        /// None: for such a caller the application does not exist (404).
        None = "none", "Nessuna";
    }
}

impl Role {
    /// Whether people sign in as it; machines are authenticated by their own means and never hold a session.
    pub const fn is_person(self) -> bool {
        !matches!(self, Self::ConsularSystem | Self::System)
    }

    /// In which capacity this role acts on an application to which it stands in `relation`; none means 404.
    ///
    /// A private user acts only as representative: what a former operator filed stays with the organisation (ORG-4).
    pub const fn acting_as(self, relation: Relation) -> Option<Actor> {
        match (self, relation) {
            (
                Self::Employer | Self::Operator | Self::OrganisationContact,
                Relation::Representative,
            ) => Some(Actor::Representative),
            (Self::Operator, Relation::Filer) => Some(Actor::Filer),
            (Self::Operator, Relation::SameOrganisation) => Some(Actor::Colleague),
            (Self::OrganisationContact, Relation::SameOrganisation | Relation::Filer) => {
                Some(Actor::OrganisationContact)
            }
            (Self::Officer, Relation::SameProvince) => Some(Actor::Officer),
            // An officer or administrator who is the representative of an application is not its office: it is not
            // there for them in that role (NEW-5).
            (
                Self::Administrator,
                Relation::Filer
                | Relation::SameOrganisation
                | Relation::SameProvince
                | Relation::None,
            ) => Some(Actor::Administrator),
            (Self::ConsularSystem, _) => Some(Actor::ConsularSystem),
            (Self::System, _) => Some(Actor::System),
            (
                Self::Employer | Self::Operator | Self::OrganisationContact | Self::Officer,
                Relation::Representative
                | Relation::Filer
                | Relation::SameOrganisation
                | Relation::SameProvince
                | Relation::None,
            )
            | (Self::Administrator, Relation::Representative)
            | (Self::PrefectureOfficer | Self::Directorate, _) => None,
        }
    }
}

coded! {
    /// How surely a person was identified, in rising order (IDP-1, ACC-7).
    pub enum IdentityLevel as "identity level" {
        /// The holder of the link that the portal sent to the employer's certified address (NEW-5).
        Link = "link", "Collegamento ricevuto per PEC";
        /// An e-mail account with its password: personal area, communications, help.
        Password = "password", "Utenza e-mail";
        /// SPID level 2, or CIE at the same level.
        Two = "level-2", "SPID di livello 2 o CIE";
        /// SPID level 3, or CIE at the same level.
        Three = "level-3", "SPID di livello 3 o CIE";
    }
}

coded! {
    /// What a caller can do with an application, under the portal's own names where it has one.
    pub enum Action as "action" {
        /// Begin a new application (CHK-1); see [`may_start`].
        Start = "start", "Compila domande";
        /// Type the activation code (ACT-1).
        VerifyCode = "verify-code", "Verifica codice";
        /// Ask for another activation code (ACT-1).
        AskNewCode = "ask-new-code", "Richiedi un nuovo codice";
        /// See that it exists, its state and its progress (SRC-1).
        Read = "read", "Visualizza";
        /// See the content of the form (FRM-2).
        ReadForm = "read-form", "Visualizza i dati";
        /// Save the form (FRM-2, FRM-3).
        Save = "save", "Salva";
        /// Ask for the correction of a registry value (ENR-1).
        RequestCorrection = "request-correction", "Richiedi correzione";
        /// Store a registry value (ENR-3).
        RecordValue = "record-value", "Acquisisci valore da registro";
        /// Delete it before it is sent (LIM-1).
        Delete = "delete", "Elimina";
        /// Say that it is not one's own (NEW-5).
        Block = "block", "Non sono stato io";
        /// Let a blocked application go on (NEW-5).
        Release = "release", "Sblocca";
        /// Hand it over to another operator of the organisation (ORG-4).
        HandOver = "hand-over", "Riassegna a un collega";
        /// Let it follow its former e-mail account into the account of SPID or CIE (IDP-2).
        Link = "link", "Associa pratica";
        /// Give it back to the former e-mail account, because the link was not its owner's (IDP-2).
        Unlink = "unlink", "Annulla associazione";
        /// Arm it for the opening (NEW-1).
        Arm = "arm", "Prenota invio";
        /// Disarm it (NEW-1).
        Disarm = "disarm", "Annulla invio prenotato";
        /// Send it (SUB-1, FRM-4).
        Submit = "submit", "Invia";
        /// Download the receipt (SUB-6).
        DownloadReceipt = "download-receipt", "Scarica ricevuta";
        /// Read what happened (AUD-1).
        ReadHistory = "read-history", "Storico";
        /// Read what was sent about it (COM-1).
        ReadCommunications = "read-communications", "Comunicazioni";
        /// Book, move or cancel an appointment (APT-1).
        BookAppointment = "book-appointment", "Prenota appuntamento";
        /// Give it up before being asked to confirm (RNK-2).
        Withdraw = "withdraw", "Ritira domanda";
        /// Take it in charge (DEC-1).
        TakeCharge = "take-charge", "Prendi in carico";
        /// Ask for documents (DEC-1).
        RequestIntegration = "request-integration", "Richiedi integrazione";
        /// Hand documents in (DEC-1).
        ProvideIntegration = "provide-integration", "Trasmetti integrazione";
        /// Go on without the documents (DEC-1).
        ResumeReview = "resume-review", "Riprendi istruttoria";
        /// Send the notice of reasons against (art. 10-bis L. 241/1990).
        AnnounceRefusal = "announce-refusal", "Invia preavviso di rigetto";
        /// Answer that notice (art. 10-bis L. 241/1990).
        Object = "object", "Presenta osservazioni";
        /// Issue the permit (DEC-1).
        Grant = "grant", "Rilascia nulla osta";
        /// Refuse with a reason (DEC-1).
        Refuse = "refuse", "Rigetta";
        /// Revoke the permit with a reason.
        Revoke = "revoke", "Revoca nulla osta";
        /// Report that the consular checks are concluded (CNF-1).
        ReportChecks = "report-checks", "Comunica accertamenti conclusi";
        /// Confirm (CNF-1).
        Confirm = "confirm", "Conferma";
        /// Renounce (CNF-1).
        Renounce = "renounce", "Rinuncia";
        /// Undo the renunciation within 60 minutes (CNF-1).
        UndoRenunciation = "undo-renunciation", "Annulla rinuncia";
        /// Reopen an expired case or a contract's term (CNF-4).
        ReopenCase = "reopen-case", "Riapri pratica";
        /// Confirm that no answer came (CNF-4).
        ConfirmExpiry = "confirm-expiry", "Accerta mancata conferma";
        /// Report the visa, issued or denied (ENT-1).
        ReportVisa = "report-visa", "Comunica esito del visto";
        /// Report the entry (ENT-1).
        EnterEntryData = "enter-entry-data", "Inserisci dati frontiera";
        /// Send the contract to be signed (CTR-1).
        SendContract = "send-contract", "Invia contratto da firmare";
        /// Ask for an upload permission and send the signed contract (CTR-1).
        UploadContract = "upload-contract", "Upload contratto di soggiorno firmato digitalmente";
        /// Validate or reject the contract (CTR-1).
        ExamineContract = "examine-contract", "Valida o respingi contratto";
        /// Enter the data of the integration agreement (AGR-1).
        EnterAgreementData = "enter-agreement-data", "Inserisci dati Accordo";
        /// Generate the integration agreement (AGR-1).
        GenerateAgreement = "generate-agreement", "Genera Accordo";
        /// Ask for an upload permission and send the signed agreement (AGR-1).
        UploadAgreement = "upload-agreement", "Upload Accordo di Integrazione firmato";
        /// Validate or reject the agreement (AGR-1).
        ExamineAgreement = "examine-agreement", "Valida o respingi Accordo";
        /// Record what the checks of an uploaded file found (CTR-1).
        RecordFileVerdict = "record-file-verdict", "Registra esito della verifica del file";
        /// Issue modules 1 and 2 (MOD-1).
        IssueModules = "issue-modules", "Emetti moduli 1 e 2";
        /// Send a PEC again that was not delivered (COM-2).
        SendAgain = "send-again", "Invia di nuovo la PEC";
        /// Let a term take effect (SWP-1).
        ApplyTerm = "apply-term", "Applica scadenza";
        /// Close the case (SWP-1).
        Archive = "archive", "Archivia";
    }
}

impl Action {
    /// How surely a person must be identified for it: level 2 for whatever starts, changes or sends.
    ///
    /// Machine clients are authenticated by their own means and not asked for a level.
    pub const fn minimum_level(self) -> IdentityLevel {
        match self {
            Self::Block => IdentityLevel::Link,
            Self::Read | Self::ReadHistory | Self::ReadCommunications | Self::DownloadReceipt => {
                IdentityLevel::Password
            }
            Self::Start
            | Self::VerifyCode
            | Self::AskNewCode
            | Self::ReadForm
            | Self::Save
            | Self::RequestCorrection
            | Self::RecordValue
            | Self::Delete
            | Self::Release
            | Self::HandOver
            | Self::Link
            | Self::Unlink
            | Self::Arm
            | Self::Disarm
            | Self::Submit
            | Self::BookAppointment
            | Self::Withdraw
            | Self::TakeCharge
            | Self::RequestIntegration
            | Self::ProvideIntegration
            | Self::ResumeReview
            | Self::AnnounceRefusal
            | Self::Object
            | Self::Grant
            | Self::Refuse
            | Self::Revoke
            | Self::ReportChecks
            | Self::Confirm
            | Self::Renounce
            | Self::UndoRenunciation
            | Self::ReopenCase
            | Self::ConfirmExpiry
            | Self::ReportVisa
            | Self::EnterEntryData
            | Self::SendContract
            | Self::UploadContract
            | Self::ExamineContract
            | Self::EnterAgreementData
            | Self::GenerateAgreement
            | Self::UploadAgreement
            | Self::ExamineAgreement
            | Self::RecordFileVerdict
            | Self::IssueModules
            | Self::SendAgain
            | Self::ApplyTerm
            | Self::Archive => IdentityLevel::Two,
        }
    }

    /// The operation of the API that does it; none for what a machine or the portal itself does, and for what the portal
    /// does not have yet. A test holds them against the routes.
    pub const fn operation(self) -> Option<&'static str> {
        match self {
            Self::Start => Some("startApplication"),
            Self::VerifyCode => Some("verifyCode"),
            Self::AskNewCode => Some("askNewCode"),
            Self::Read => Some("readApplication"),
            Self::ReadForm => Some("readDraft"),
            Self::Save => Some("saveDraft"),
            Self::RequestCorrection => Some("askCorrection"),
            Self::Delete => Some("deleteDraft"),
            Self::Block => Some("blockApplication"),
            Self::Release => Some("releaseApplication"),
            Self::HandOver => Some("handOver"),
            Self::Link => Some("linkAccount"),
            Self::Unlink => Some("undoLink"),
            Self::Arm => Some("armApplications"),
            Self::Disarm => Some("disarmApplications"),
            Self::Submit => Some("submitApplication"),
            Self::DownloadReceipt => Some("downloadReceipt"),
            Self::ReadHistory => Some("readHistory"),
            Self::ReadCommunications => Some("readCommunications"),
            Self::Withdraw
            | Self::ProvideIntegration
            | Self::Object
            | Self::Confirm
            | Self::Renounce
            | Self::UndoRenunciation => Some("answerApplication"),
            Self::TakeCharge
            | Self::RequestIntegration
            | Self::ResumeReview
            | Self::AnnounceRefusal
            | Self::Grant
            | Self::Refuse
            | Self::Revoke
            | Self::ReopenCase
            | Self::ConfirmExpiry
            | Self::ExamineContract
            | Self::GenerateAgreement
            | Self::ExamineAgreement
            | Self::IssueModules
            | Self::SendAgain
            | Self::Archive => Some("decideOfficeCase"),
            Self::EnterEntryData => Some("reportEntry"),
            Self::EnterAgreementData => Some("enterAgreement"),
            Self::UploadContract | Self::UploadAgreement => Some("askUpload"),
            Self::BookAppointment
            | Self::RecordValue
            | Self::ReportChecks
            | Self::ReportVisa
            | Self::SendContract
            | Self::RecordFileVerdict
            | Self::ApplyTerm => None,
        }
    }

    /// Whether it is done by pressing a button on one application, rather than by a machine or on a page of its own, and
    /// the portal has it.
    pub const fn is_offered(self) -> bool {
        self.operation().is_some()
            && !matches!(self, Self::Start | Self::Read | Self::Link | Self::Unlink)
    }
}

/// Where a right holds.
#[derive(Debug, Clone, Copy)]
pub enum RightScope {
    /// Wherever the lifecycle lets this actor cause one of these events.
    Moves(&'static [Event]),
    /// Wherever the agreement's table lets this actor cause one of these events, while the contract is under way.
    MovesAgreement(&'static [AgreementEvent]),
    /// In these states; nothing moves.
    In(&'static [State]),
    /// In the states for which this holds; nothing moves.
    While(fn(State) -> bool),
}

/// One row of the permission table.
#[derive(Debug, Clone, Copy)]
pub struct Right {
    /// What may be done.
    pub action: Action,
    /// By whom.
    pub by: &'static [Actor],
    /// Where.
    pub holds: RightScope,
    /// The requirement or the paragraph of law.
    pub source: &'static str,
}

impl Right {
    fn covers(&self, actor: Actor, position: Position) -> bool {
        self.by.contains(&actor)
            && match self.holds {
                RightScope::Moves(events) => events
                    .iter()
                    .any(|event| position.on(*event).is_ok_and(|row| row.by.contains(&actor))),
                RightScope::MovesAgreement(events) => {
                    position.state.admits_agreement()
                        && position.agreement.is_some_and(|step| {
                            events.iter().any(|event| {
                                step.on(*event).is_ok_and(|row| row.by.contains(&actor))
                            })
                        })
                }
                RightScope::In(states) => states.contains(&position.state),
                RightScope::While(holds) => holds(position.state),
            }
    }
}

/// Whether a caller with this role and relation may do `action` where the application stands.
///
/// `position` is a [`State`], or a [`Position`] where an integration agreement runs beside the contract.
/// Windows of the calendar, limits and the identity level ([`Action::minimum_level`]) are judged apart.
pub fn may(role: Role, relation: Relation, position: impl Into<Position>, action: Action) -> bool {
    let position = position.into();
    role.acting_as(relation).is_some_and(|actor| {
        RIGHTS.iter().any(|right| right.action == action && right.covers(actor, position))
    })
}

/// All that a caller with this role and relation may do where the application stands, in the order of [`Action::ALL`].
pub fn allowed(role: Role, relation: Relation, position: impl Into<Position>) -> Vec<Action> {
    let position = position.into();
    Action::ALL.iter().copied().filter(|action| may(role, relation, position, *action)).collect()
}

/// Whether this role may begin an application: a private user for themselves, an operator for others (CHK-1).
pub const fn may_start(role: Role) -> bool {
    matches!(role, Role::Employer | Role::Operator)
}

/// Whether this role sees the list of blocked applications: an officer those of the own province, an administrator all
/// (NEW-5).
pub const fn sees_flags(role: Role) -> bool {
    matches!(role, Role::Officer | Role::Administrator)
}

/// Whether this role works on the cases of a province (DEC-1).
pub const fn works_on_cases(role: Role) -> bool {
    matches!(role, Role::Officer)
}

/// Whether this role undoes the link of a former account (IDP-2).
pub const fn undoes_links(role: Role) -> bool {
    matches!(role, Role::Administrator)
}

/// Whether this role records outages of the portal (CNF-4, OPS-1).
pub const fn records_outages(role: Role) -> bool {
    matches!(role, Role::Administrator)
}

/// Whether this role reads the ledger of outages: the roles that record outages, and those that reopen cases (CNF-4).
pub const fn reads_outages(role: Role) -> bool {
    matches!(role, Role::Officer | Role::Administrator)
}

const REPRESENTATIVE: &[Actor] = &[Actor::Representative];
/// The employer or the authorised intermediary that filed; never a colleague (FRM-4, OWN-1).
const APPLICANT: &[Actor] = &[Actor::Representative, Actor::Filer];
/// Roles that may read and not change are among them (SRC-1).
const APPLICANT_OR_COLLEAGUE: &[Actor] = &[Actor::Representative, Actor::Filer, Actor::Colleague];
const CONTACT: &[Actor] = &[Actor::OrganisationContact];
const OFFICER: &[Actor] = &[Actor::Officer];
const ADMINISTRATOR: &[Actor] = &[Actor::Administrator];
const CONSULAR_SYSTEM: &[Actor] = &[Actor::ConsularSystem];
const SYSTEM: &[Actor] = &[Actor::System];
const APPLICANT_OR_SYSTEM: &[Actor] = &[Actor::Representative, Actor::Filer, Actor::System];
const OFFICER_OR_ADMINISTRATOR: &[Actor] = &[Actor::Officer, Actor::Administrator];
const OFFICER_OR_SYSTEM: &[Actor] = &[Actor::Officer, Actor::System];
const DELETERS: &[Actor] =
    &[Actor::Representative, Actor::Filer, Actor::Officer, Actor::Administrator, Actor::System];

fn exists(state: State) -> bool {
    state != State::Deleted
}

fn has_form(state: State) -> bool {
    exists(state) && !matches!(state, State::ToValidate | State::Blocked)
}

/// The office does not see drafts; a blocked one is flagged to it (NEW-5).
fn concerns_the_office(state: State) -> bool {
    state.is_sent() || state == State::Blocked
}

fn is_sent_and_live(state: State) -> bool {
    state.is_sent() && state.is_live()
}

const fn right(
    action: Action,
    by: &'static [Actor],
    holds: RightScope,
    source: &'static str,
) -> Right {
    Right { action, by, holds, source }
}

/// Everything that a caller may do with an application. An action without a row is refused.
#[rustfmt::skip]
pub const RIGHTS: &[Right] = {
    use Action as A;
    use RightScope::{In, Moves, MovesAgreement, While};
    &[
    right(A::VerifyCode,         APPLICANT,                Moves(&[Event::VerifyCode]),                        "ACT-1"),
    right(A::AskNewCode,         APPLICANT,                In(&[State::ToValidate]),                           "ACT-1"),

    right(A::Read,               APPLICANT_OR_COLLEAGUE,   While(exists),                                      "SRC-1, OWN-1"),
    right(A::Read,               CONTACT,                  While(exists),                                      "ORG-4"),
    right(A::Read,               OFFICER,                  While(concerns_the_office),                         "DEC-1, NEW-5"),
    right(A::Read,               ADMINISTRATOR,            While(exists),                                      "HLP-1"),
    right(A::ReadForm,           APPLICANT_OR_COLLEAGUE,   While(has_form),                                    "FRM-2, OWN-1"),
    right(A::ReadForm,           REPRESENTATIVE,           In(&[State::Blocked]),                              "NEW-5"),
    right(A::ReadForm,           OFFICER,                  While(concerns_the_office),                         "DEC-1, NEW-5"),
    right(A::ReadHistory,        APPLICANT_OR_COLLEAGUE,   While(exists),                                      "AUD-1, OWN-1"),
    right(A::ReadHistory,        OFFICER,                  While(concerns_the_office),                         "AUD-1, DEC-1"),
    right(A::ReadHistory,        ADMINISTRATOR,            While(exists),                                      "AUD-1, HLP-1"),
    right(A::ReadCommunications, APPLICANT_OR_COLLEAGUE,   While(exists),                                      "COM-1, OWN-1"),
    right(A::ReadCommunications, OFFICER,                  While(concerns_the_office),                         "COM-2"),
    right(A::DownloadReceipt,    APPLICANT_OR_COLLEAGUE,   While(State::is_sent),                              "SUB-6"),
    right(A::DownloadReceipt,    OFFICER,                  While(State::is_sent),                              "SUB-6"),

    right(A::Save,               APPLICANT,                Moves(&[Event::Complete, Event::Reopen]),           "FRM-2, FRM-3"),
    right(A::RequestCorrection,  APPLICANT,                In(&[State::ToComplete, State::ToSend]),            "ENR-1"),
    right(A::RecordValue,        SYSTEM,                   Moves(&[Event::Complete, Event::Reopen]),           "ENR-3, NEW-2"),
    right(A::Delete,             DELETERS,                 Moves(&[Event::Delete]),                            "LIM-1, ACC-6, NEW-5"),
    right(A::Block,              REPRESENTATIVE,           Moves(&[Event::Block]),                             "NEW-5"),
    right(A::Release,            OFFICER_OR_ADMINISTRATOR, Moves(&[Event::Release]),                           "NEW-5"),
    right(A::HandOver,           CONTACT,                  While(State::is_live),                              "ORG-4"),
    // The person proves the former account; the portal then lets its applications follow, final ones, too.
    right(A::Link,               SYSTEM,                   While(|state| !matches!(state, State::Deleted)),    "IDP-2"),
    right(A::Unlink,             ADMINISTRATOR,            While(|state| !matches!(state, State::Deleted)),    "IDP-2"),

    right(A::Arm,                APPLICANT,                Moves(&[Event::Arm]),                               "NEW-1"),
    right(A::Disarm,             APPLICANT,                Moves(&[Event::Disarm]),                            "NEW-1"),
    right(A::Submit,             APPLICANT_OR_SYSTEM,      Moves(&[Event::Submit]),                            "SUB-1, FRM-4, NEW-1"),

    right(A::BookAppointment,    APPLICANT,                While(is_sent_and_live),                            "APT-1"),
    right(A::Withdraw,           APPLICANT,                Moves(&[Event::Withdraw]),                          "RNK-2"),
    right(A::TakeCharge,         OFFICER,                  Moves(&[Event::TakeCharge]),                        "DEC-1"),
    right(A::RequestIntegration, OFFICER,                  Moves(&[Event::RequestIntegration]),                "DEC-1"),
    right(A::ProvideIntegration, APPLICANT,                Moves(&[Event::ProvideIntegration]),                "DEC-1"),
    right(A::ResumeReview,       OFFICER,                  Moves(&[Event::ResumeReview]),                      "DEC-1"),
    right(A::AnnounceRefusal,    OFFICER,                  Moves(&[Event::AnnounceRefusal]),                   "art. 10-bis L. 241/1990"),
    right(A::Object,             APPLICANT,                Moves(&[Event::Object]),                            "art. 10-bis L. 241/1990"),
    right(A::Grant,              OFFICER,                  Moves(&[Event::Grant]),                             "DEC-1"),
    right(A::Refuse,             OFFICER,                  Moves(&[Event::Refuse]),                            "DEC-1"),
    right(A::Revoke,             OFFICER,                  Moves(&[Event::Revoke]),                            "art. 22 D.Lgs. 286/1998"),

    right(A::ReportChecks,       CONSULAR_SYSTEM,          Moves(&[Event::ReportChecks]),                      "CNF-1"),
    right(A::Confirm,            APPLICANT,                Moves(&[Event::Confirm]),                           "CNF-1, OWN-1"),
    right(A::Renounce,           APPLICANT,                Moves(&[Event::Renounce]),                          "CNF-1, OWN-1"),
    right(A::UndoRenunciation,   APPLICANT,                Moves(&[Event::UndoRenunciation]),                  "CNF-1"),
    right(A::ReopenCase,         OFFICER,                  Moves(&[Event::ReopenCase, Event::ReopenContract]), "CNF-4"),
    right(A::ConfirmExpiry,      OFFICER,                  Moves(&[Event::ConfirmExpiry]),                     "CNF-1, CNF-4"),
    right(A::ReportVisa,         CONSULAR_SYSTEM,          Moves(&[Event::IssueVisa, Event::RefuseVisa]),      "CNF-1, ENT-1"),

    right(A::EnterEntryData,     APPLICANT,                Moves(&[Event::ReportEntry]),                       "ENT-1"),
    right(A::SendContract,       OFFICER_OR_SYSTEM,        Moves(&[Event::SendContract]),                      "CTR-1, CTR-2"),
    right(A::UploadContract,     APPLICANT,                Moves(&[Event::UploadContract]),                    "CTR-1, OWN-1"),
    // The employer can replace what the office has not validated; the file before it counts until the new one has
    // passed the checks.
    right(A::UploadContract,     APPLICANT,                In(&[State::ContractSent]),                         "CTR-1"),
    right(A::RecordFileVerdict,  SYSTEM,                   Moves(&[Event::AcceptContractFile, Event::RefuseContractFile]), "CTR-1"),
    right(A::RecordFileVerdict,  SYSTEM,                   MovesAgreement(&[AgreementEvent::AcceptFile, AgreementEvent::RefuseFile]), "AGR-1"),
    right(A::ExamineContract,    OFFICER,                  Moves(&[Event::ValidateContract, Event::RejectContract]), "CTR-1"),
    right(A::EnterAgreementData, APPLICANT,                MovesAgreement(&[AgreementEvent::EnterData]),       "AGR-1"),
    right(A::GenerateAgreement,  OFFICER,                  MovesAgreement(&[AgreementEvent::Generate]),        "AGR-1"),
    right(A::UploadAgreement,    APPLICANT,                MovesAgreement(&[AgreementEvent::Upload]),          "AGR-1, OWN-1"),
    right(A::ExamineAgreement,   OFFICER,                  MovesAgreement(&[AgreementEvent::Validate, AgreementEvent::Reject]), "AGR-1"),
    right(A::IssueModules,       OFFICER,                  Moves(&[Event::IssueModules]),                      "MOD-1"),

    right(A::SendAgain,          OFFICER,                  While(State::is_sent),                              "COM-2"),

    right(A::ApplyTerm,          SYSTEM,                   Moves(&[Event::ResumeReview, Event::Grant, Event::Expire, Event::ConfirmExpiry, Event::CompleteRenunciation, Event::Lapse, Event::ExpireContract]), "SWP-1"),
    right(A::Archive,            OFFICER_OR_SYSTEM,        Moves(&[Event::Archive]),                           "SWP-1, NEW-5"),
]};

#[cfg(test)]
mod tests;
