//! What each event brings about beside the new state: one table, with an answer in every column of every row.
//!
//! [`crate::decision`] makes a decision of a row, and the store writes the decision whole. No other code knows what an
//! event brings about. A new event, or a new column, does not compile until the table answers for it; a test adds one.

use super::{Event, agreement::AgreementEvent};
use crate::{
    coded::coded, consular::ConsularDecision, document::DocumentKind, notice::NoticeKind,
    permission::Action, term::TermKind,
};

/// Everything that an event brings about beside the new state.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Consequences {
    /// The term that begins (TRM-1). Those that begin with the sending of a PEC are in
    /// [`NoticeKind::begins`] (COM-2).
    pub begins: Begins,
    /// Terms that end although the new state would keep them; all that it does not keep end anyway
    /// ([`super::State::terms`]).
    pub ends: &'static [TermKind],
    /// When the event has to come to count (CNF-2).
    pub bound: Bound,
    /// The notices that leave at once (PEC-1, COM-1). What goes with documents follows when they are made
    /// ([`NoticeKind::with_document`]); a new activation code always goes with its own notice (ACT-1).
    pub tells: Tells,
    /// The documents that the portal makes (CTR-2, AGR-1, MOD-1, CNF-4).
    pub documents: &'static [DocumentKind],
    /// The message to the consular system (CNF-1).
    pub consulate: Consulate,
    /// What happens to the place in quota (RNK-1, RNK-2).
    pub place: QuotaPlace,
    /// What happens to the place in the filer's yearly limit (LIM-1).
    pub limit: YearlyLimit,
    /// Whether an office is asked to look at it (NEW-5).
    pub flag: OfficeFlag,
    /// Whether the store keeps words of the person who acts, for the people concerned (DEC-1).
    pub remark: RemarkKept,
    /// Under which action the history shows it, where it is no event of the lifecycle (AUD-1).
    pub shown_as: Option<Action>,
}

/// The term that an event begins by itself.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Begins {
    /// None.
    Nothing,
    /// This one, from now on.
    Term(TermKind),
    /// This one, unless it runs and ends later: what is sent back shortens no term, lengthened by outages as it may be.
    AtLeast(TermKind),
    /// How long the office has: by the kind of work (art. 22 c. 5, art. 23, art. 24 D.Lgs. 286/1998), from the place in
    /// quota on where there is one (DEC-1).
    DecisionTerm,
    /// This one, from the entry in Italy on (art. 22 c. 6 D.Lgs. 286/1998).
    FromEntry(TermKind),
    /// This one, which ends with that one at the latest.
    Within(TermKind, TermKind),
    /// This one, from now on, where the PEC of that one was delivered, by a receipt on record; without it nothing runs, and a
    /// person decides (CNF-1, COM-2).
    IfDelivered(TermKind, TermKind),
}

/// When an event has to come to count.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Bound {
    /// At any time.
    None,
    /// Before the end of this term, which is excluded (CNF-2).
    Before(TermKind),
    /// Not before the end of this term, in the state in which it runs (art. 10-bis L. 241/1990).
    NotBefore(TermKind),
}

/// The notices to the parties.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Tells {
    /// Nothing.
    Nothing,
    /// This, always.
    Always(NoticeKind),
    /// This, where the portal did it by itself: a person who does it sees it on the page (ENR-2, NEW-2).
    WhenPortalActs(NoticeKind),
    /// Where the portal did it by itself: the first of what was armed, whose people count on its sending (NEW-1), the second
    /// of anything else.
    WhenPortalActsOnArmed(NoticeKind, NoticeKind),
    /// What the cause of the event names: which PEC is sent again, which check failed, which documents are complete.
    Named,
}

/// The message to the consular system.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Consulate {
    /// Nothing.
    Nothing,
    /// This, always.
    Told(ConsularDecision),
    /// This, where the permit was issued: before, the consular system does not know of the application.
    ToldIfGranted(ConsularDecision),
}

/// What happens to the place in quota.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum QuotaPlace {
    /// Nothing.
    Kept,
    /// The application waits for a place in its line, in order of arrival (RNK-1).
    Awaited,
    /// The application must have a place in a line at the very moment of the write (DEC-1).
    Required,
    /// It is given up, unless it was given up before: the next in order moves up (RNK-2).
    GivenUp,
    /// The same, unless the procedure was completed: a worker who came keeps the place (RNK-2).
    GivenUpUnlessCompleted,
}

/// What happens to the place in the yearly limit.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum YearlyLimit {
    /// Nothing.
    Kept,
    /// One more application counts, as long as the limit of the profile allows.
    Taken,
    /// One application less counts.
    GivenBack,
    /// It counts for the account under which the filer goes on, without a limit (IDP-2).
    FollowsFiler,
}

/// Whether an office is asked to look at a blocked application.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum OfficeFlag {
    /// As before.
    Kept,
    /// From now on.
    Raised,
    /// Not any more, if it was.
    Lowered,
}

/// Whether words of the person who causes the event are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum RemarkKept {
    /// There are none.
    None,
    /// If they are given.
    Allowed,
    /// A person must give them, for the reader who must learn why, or what the office asks for. The portal gives none.
    Required,
}

coded! {
    /// What is done to an application that is no event of its lifecycle: the portal's own acts on a term, and what its
    /// history shows although the state stays.
    pub enum Act as "act" {
        /// The PEC with which a term begins left, or arrived (COM-2).
        BeginTerm = "begin-term", "Decorrenza del termine";
        /// The PEC that announces a term was not delivered: the term is void until another is sent (COM-2).
        VoidTerm = "void-term", "Termine privo di effetto";
        /// The PEC with which a term begins is in the mailbox, by its provider's receipt (COM-2).
        RecordDelivery = "record-delivery", "Consegna della PEC registrata";
        /// An outage lengthened a term (CNF-4).
        ExtendTerm = "extend-term", "Termine sospeso e prolungato";
        /// A term runs out soon (CNF-3).
        Remind = "remind", "Promemoria";
        /// Only the instant of the sweeper's next look is another (SWP-1).
        Reschedule = "reschedule", "Nuovo controllo programmato";
        /// An officer sends a PEC again that was not delivered (COM-2).
        SendAgain = "send-again", "Nuovo invio della PEC";
        /// An application that waited for a place in quota has one now: the office's days begin (RNK-2, DEC-1).
        EnterQuota = "enter-quota", "Posto in quota assegnato";
        /// A contract that lies before the office is replaced by another file (CTR-1).
        ReplaceContract = "replace-contract", "Contratto sostituito";
        /// The Agenzia delle Entrate gave the worker's fiscal code (ENT-1).
        RecordWorkerCode = "record-worker-code", "Codice fiscale del lavoratore acquisito";
        /// It gave none: what holds the contract up, and what to do (ENT-1, COM-2).
        ReportMissingCode = "report-missing-code", "Codice fiscale del lavoratore mancante";
        /// A document is made (CTR-2, AGR-1, MOD-1, CNF-4).
        MakeDocument = "make-document", "Documento prodotto";
        /// The registries confirm representation and certified address of a queued check (CHK-2).
        ConfirmCheck = "confirm-check", "Verifiche preliminari confermate";
        /// The content changed, or its reason to be looked at went; the state stays (FRM-3).
        ChangeContent = "change-content", "Dati modificati";
        /// A person must look at a draft from now on (ENR-2, LIM-1).
        RaiseAttention = "raise-attention", "Attenzione richiesta";
        /// A registry did not answer in all the days in which the portal asks (ENR-2).
        GiveUpQuestion = "give-up-question", "Registro senza risposta";
        /// After the freeze a registry gave values that would break readiness: a remark for the officer (ENR-3).
        KeepLateValues = "keep-late-values", "Valori tardivi annotati";
        /// A person asks for the correction of a registry value (ENR-1).
        AskCorrection = "ask-correction", "Correzione richiesta";
        /// A colleague goes on with it (ORG-4).
        HandOver = "hand-over", "Riassegnazione a un collega";
        /// It follows its former e-mail account into the account of SPID or CIE (IDP-2).
        Link = "link", "Associazione della pratica";
        /// An administrator undoes the link: it goes back to its former e-mail account (IDP-2).
        Unlink = "unlink", "Associazione annullata";
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one for each column: a row that lacks one does not compile"
)]
const fn row(
    begins: Begins,
    ends: &'static [TermKind],
    bound: Bound,
    tells: Tells,
    documents: &'static [DocumentKind],
    consulate: Consulate,
    place: QuotaPlace,
    limit: YearlyLimit,
    flag: OfficeFlag,
    remark: RemarkKept,
    shown_as: Option<Action>,
) -> Consequences {
    Consequences {
        begins,
        ends,
        bound,
        tells,
        documents,
        consulate,
        place,
        limit,
        flag,
        remark,
        shown_as,
    }
}

/// Short names for the columns of the tables below.
mod columns {
    use super::{
        Begins, Bound, Consulate, DocumentKind, NoticeKind, OfficeFlag, QuotaPlace, RemarkKept,
        Tells, TermKind, YearlyLimit,
    };

    pub(super) const NO_TERM: Begins = Begins::Nothing;
    pub(super) const NO_ENDS: &[TermKind] = &[];
    pub(super) const ANYTIME: Bound = Bound::None;
    pub(super) const NO_NOTICE: Tells = Tells::Nothing;
    pub(super) const NAMED: Tells = Tells::Named;
    pub(super) const REOPENED: Tells =
        Tells::WhenPortalActsOnArmed(NoticeKind::Disarmed, NoticeKind::NeedsAttention);
    pub(super) const NO_DOC: &[DocumentKind] = &[];
    pub(super) const SILENT: Consulate = Consulate::Nothing;
    pub(super) const PLACE: QuotaPlace = QuotaPlace::Kept;
    pub(super) const LIMIT: YearlyLimit = YearlyLimit::Kept;
    pub(super) const FLAG: OfficeFlag = OfficeFlag::Kept;
    pub(super) const NO_WORDS: RemarkKept = RemarkKept::None;
    pub(super) const MAY_SAY: RemarkKept = RemarkKept::Allowed;
    pub(super) const MUST_SAY: RemarkKept = RemarkKept::Required;

    pub(super) const fn begins(kind: TermKind) -> Begins {
        Begins::Term(kind)
    }

    pub(super) const fn before(kind: TermKind) -> Bound {
        Bound::Before(kind)
    }

    pub(super) const fn tells(kind: NoticeKind) -> Tells {
        Tells::Always(kind)
    }

    pub(super) const fn alone(kind: NoticeKind) -> Tells {
        Tells::WhenPortalActs(kind)
    }
}

impl Event {
    /// What the event brings about beside the new state.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a row for each")]
    pub const fn consequences(self) -> Consequences {
        use columns::{ANYTIME, FLAG, LIMIT, MAY_SAY, MUST_SAY, NAMED, NO_DOC, NO_ENDS, NO_NOTICE, NO_TERM, NO_WORDS, PLACE, REOPENED, SILENT, alone, before, begins, tells};
        use {Begins as B, Bound, ConsularDecision as C, Consulate, DocumentKind as D, NoticeKind as N, OfficeFlag as F, QuotaPlace as P, TermKind as T, YearlyLimit as L};
        match self {
            //                                begins                                       ends                counts                          tells                           documents                          consulate                               place                      limit         flag        remark    shown as
            Self::Start                => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     L::Taken,     FLAG,       NO_WORDS, None),
            Self::StartConversion      => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     L::Taken,     FLAG,       NO_WORDS, None),
            Self::VerifyCode           => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::Complete             => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        alone(N::BecameReady),          NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::Reopen               => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        REOPENED,                       NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            // A queued check that ends negative tells which one it was (CHK-2).
            Self::Delete               => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NAMED,                          NO_DOC,                            SILENT,                                 PLACE,                     L::GivenBack, F::Lowered, NO_WORDS, None),
            Self::Block                => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::Blocked),              NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        F::Raised,  NO_WORDS, None),
            Self::Release              => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::Released),             NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        F::Lowered, MUST_SAY, None),
            // The page and the history say it: no notice, no document.
            Self::Arm                  => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::Disarm               => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::Submit               => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::Receipt),              &[D::Receipt],                     SILENT,                                 P::Awaited,                LIMIT,        FLAG,       NO_WORDS, None),

            Self::TakeCharge           => row(B::DecisionTerm,                             NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MAY_SAY,  None),
            Self::RequestIntegration   => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::IntegrationRequested), NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MUST_SAY, None),
            Self::ProvideIntegration   => row(NO_TERM,                                     NO_ENDS,            before(T::Integration),         NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MUST_SAY, None),
            Self::ResumeReview         => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MAY_SAY,  None),
            Self::AnnounceRefusal      => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::RefusalAnnounced),     NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MUST_SAY, None),
            Self::Object               => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MUST_SAY, None),
            Self::Grant                => row(begins(T::NullaOstaValidity),                NO_ENDS,            ANYTIME,                        tells(N::Granted),              NO_DOC,                            SILENT,                                 P::Required,               LIMIT,        FLAG,       MAY_SAY,  None),
            // The employer may answer the notice of reasons against for as long as the law gives.
            Self::Refuse               => row(begins(T::Archiving),                        NO_ENDS,            Bound::NotBefore(T::Preavviso), tells(N::Refused),              NO_DOC,                            SILENT,                                 P::GivenUp,                LIMIT,        FLAG,       MUST_SAY, None),
            Self::Withdraw             => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::Withdrawn),            NO_DOC,                            Consulate::ToldIfGranted(C::Renounced), P::GivenUp,                LIMIT,        FLAG,       NO_WORDS, None),
            Self::Revoke               => row(begins(T::Archiving),                        NO_ENDS,            ANYTIME,                        tells(N::Revoked),              NO_DOC,                            Consulate::Told(C::Revoked),            P::GivenUp,                LIMIT,        FLAG,       MUST_SAY, None),

            Self::ReportChecks         => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::ConfirmationRequest),  NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MAY_SAY,  None),
            Self::Confirm              => row(NO_TERM,                                     NO_ENDS,            before(T::Confirmation),        tells(N::Confirmed),            NO_DOC,                            Consulate::Told(C::Confirmed),          PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            // A renunciation can be undone until the end of the term to confirm at the latest (CNF-1).
            Self::Renounce             => row(B::Within(T::RenounceUndo, T::Confirmation), NO_ENDS,            before(T::Confirmation),        tells(N::Renouncing),           NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::UndoRenunciation     => row(NO_TERM,                                     NO_ENDS,            before(T::RenounceUndo),        tells(N::RenunciationUndone),   NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::CompleteRenunciation => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::Renounced),            NO_DOC,                            Consulate::Told(C::Renounced),          P::GivenUp,                LIMIT,        FLAG,       NO_WORDS, None),
            Self::Expire               => row(B::IfDelivered(T::Verification, T::Confirmation), NO_ENDS,            ANYTIME,                        tells(N::Expired),              NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            // The employer of a reopened case is asked anew: the term begins with the new PEC.
            Self::ReopenCase           => row(NO_TERM,                                     &[T::Confirmation], ANYTIME,                        tells(N::ConfirmationRequest),  NO_DOC,                            Consulate::Told(C::Reopened),           PLACE,                     LIMIT,        FLAG,       MUST_SAY, None),
            Self::ConfirmExpiry        => row(begins(T::Archiving),                        NO_ENDS,            ANYTIME,                        tells(N::ExpiryConfirmed),      NO_DOC,                            Consulate::Told(C::NotConfirmed),       P::GivenUp,                LIMIT,        FLAG,       MAY_SAY,  None),
            Self::Lapse                => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::Lapsed),               NO_DOC,                            Consulate::Told(C::Lapsed),             P::GivenUp,                LIMIT,        FLAG,       NO_WORDS, None),
            Self::IssueVisa            => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::VisaIssued),           NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MAY_SAY,  None),
            Self::RefuseVisa           => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::VisaRefused),          NO_DOC,                            SILENT,                                 P::GivenUp,                LIMIT,        FLAG,       MAY_SAY,  None),

            Self::ReportEntry          => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::SendContract         => row(B::FromEntry(T::Contract),                   NO_ENDS,            ANYTIME,                        tells(N::ContractToSign),       NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::UploadContract       => row(NO_TERM,                                     NO_ENDS,            before(T::Contract),            NO_NOTICE,                      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::AcceptContractFile   => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::ContractReceived),     NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::RefuseContractFile   => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::ContractFileRefused),  NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::ValidateContract     => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::ContractValidated),    NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MAY_SAY,  None),
            // A contract that is sent back can be replaced (CTR-1), however late the office looked at it.
            Self::RejectContract       => row(B::AtLeast(T::Contract),                     NO_ENDS,            ANYTIME,                        tells(N::ContractRejected),     NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MUST_SAY, None),
            Self::ExpireContract       => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        tells(N::ContractOverdue),      NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       NO_WORDS, None),
            Self::ReopenContract       => row(begins(T::Contract),                         NO_ENDS,            ANYTIME,                        tells(N::ContractReopened),     NO_DOC,                            SILENT,                                 PLACE,                     LIMIT,        FLAG,       MUST_SAY, None),
            Self::IssueModules         => row(begins(T::Archiving),                        NO_ENDS,            ANYTIME,                        NO_NOTICE,                      &[D::Module1, D::Module2, D::Kit], SILENT,                                 PLACE,                     LIMIT,        FLAG,       MAY_SAY,  None),
            Self::Archive              => row(NO_TERM,                                     NO_ENDS,            ANYTIME,                        NO_NOTICE,                      NO_DOC,                            SILENT,                                 P::GivenUpUnlessCompleted, LIMIT,        F::Lowered, MUST_SAY, None),
        }
    }
}

impl AgreementEvent {
    /// What the event brings about beside the new step of the agreement (AGR-1).
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a row for each")]
    pub const fn consequences(self) -> Consequences {
        use columns::{ANYTIME, FLAG, LIMIT, MAY_SAY, MUST_SAY, NO_DOC, NO_ENDS, NO_NOTICE, NO_TERM, NO_WORDS, PLACE, SILENT, tells};
        use {DocumentKind as D, NoticeKind as N};
        match self {
            //                      begins   ends     counts   tells                           documents        consulate place  limit  flag  remark    shown as
            Self::EnterData  => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                      NO_DOC,          SILENT,   PLACE, LIMIT, FLAG, NO_WORDS, None),
            Self::Generate   => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                      &[D::Agreement], SILENT,   PLACE, LIMIT, FLAG, MAY_SAY,  None),
            Self::Upload     => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                      NO_DOC,          SILENT,   PLACE, LIMIT, FLAG, NO_WORDS, None),
            Self::AcceptFile => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                      NO_DOC,          SILENT,   PLACE, LIMIT, FLAG, NO_WORDS, None),
            Self::RefuseFile => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::AgreementFileRefused), NO_DOC,          SILENT,   PLACE, LIMIT, FLAG, NO_WORDS, None),
            Self::Validate   => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::AgreementValidated),   NO_DOC,          SILENT,   PLACE, LIMIT, FLAG, MAY_SAY,  None),
            Self::Reject     => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::AgreementRejected),    NO_DOC,          SILENT,   PLACE, LIMIT, FLAG, MUST_SAY, None),
        }
    }
}

impl Act {
    /// What the act brings about; the state stays, and the term, where it is about one, is that of the act.
    #[rustfmt::skip]
    #[expect(clippy::match_same_arms, reason = "a row for each")]
    pub const fn consequences(self) -> Consequences {
        use columns::{ANYTIME, FLAG, LIMIT, MAY_SAY, MUST_SAY, NAMED, NO_DOC, NO_ENDS, NO_NOTICE, NO_TERM, NO_WORDS, PLACE, SILENT, alone, tells};
        use {Action as A, DocumentKind as D, NoticeKind as N, YearlyLimit as L};
        match self {
            //                             begins   ends     counts   tells                        documents                      consulate place  limit            flag  remark    shown as
            Self::BeginTerm         => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::ApplyTerm)),
            Self::VoidTerm          => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::ApplyTerm)),
            Self::RecordDelivery    => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::ApplyTerm)),
            // The notice goes out with the act, once it is made.
            Self::ExtendTerm        => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   &[D::SuspensionAct],           SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::ApplyTerm)),
            Self::Remind            => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::TermReminder),      NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::ApplyTerm)),
            Self::Reschedule        => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::ApplyTerm)),
            Self::SendAgain         => row(NO_TERM, NO_ENDS, ANYTIME, NAMED,                       NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, MAY_SAY,  Some(A::SendAgain)),
            // The decision's term begins anew with the place.
            Self::EnterQuota        => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::MovedUp),           NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, None),
            Self::ReplaceContract   => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::ContractReceived),  NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::UploadContract)),
            Self::RecordWorkerCode  => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   &[D::FiscalCode, D::Contract], SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::RecordValue)),
            Self::ReportMissingCode => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::WorkerCodeMissing), NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, None),
            Self::MakeDocument      => row(NO_TERM, NO_ENDS, ANYTIME, NAMED,                       NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, None),
            Self::ConfirmCheck      => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, None),
            Self::ChangeContent     => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, None),
            Self::RaiseAttention    => row(NO_TERM, NO_ENDS, ANYTIME, alone(N::NeedsAttention),    NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, None),
            Self::GiveUpQuestion    => row(NO_TERM, NO_ENDS, ANYTIME, tells(N::NeedsAttention),    NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, None),
            Self::KeepLateValues    => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, MUST_SAY, None),
            Self::AskCorrection     => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, MUST_SAY, None),
            Self::HandOver          => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, LIMIT,           FLAG, NO_WORDS, Some(A::HandOver)),
            Self::Link              => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, L::FollowsFiler, FLAG, NO_WORDS, Some(A::Link)),
            Self::Unlink            => row(NO_TERM, NO_ENDS, ANYTIME, NO_NOTICE,                   NO_DOC,                        SILENT,   PLACE, L::GivenBack,    FLAG, NO_WORDS, Some(A::Unlink)),
        }
    }
}

/// What makes the portal change an application.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Cause {
    /// An event of the lifecycle.
    Event(Event),
    /// A step of the integration agreement (AGR-1).
    Agreement(AgreementEvent),
    /// Something that moves neither.
    Act(Act),
}

impl Cause {
    /// What it brings about.
    pub const fn consequences(self) -> Consequences {
        match self {
            Self::Event(event) => event.consequences(),
            Self::Agreement(event) => event.consequences(),
            Self::Act(act) => act.consequences(),
        }
    }
}

#[cfg(test)]
mod tests;
