//! Letters: mail that is about no application. What each kind is called, and which kinds carry a link or a code.

mod content;

use jiff::SignedDuration;

pub use self::content::LetterContent;
use crate::coded::coded;

coded! {
    /// What a letter is about.
    pub enum LetterKind as "letter kind" {
        /// Link and code that make a registration an account (ACC-2).
        ActivateAccount = "activate-account", "Attivazione dell'utenza";
        /// A person tried to register an address that has an account (ACC-2).
        AccountExists = "account-exists", "Utenza già esistente";
        /// Link to choose a new password (ACC-5).
        RecoverPassword = "recover-password", "Recupero della password";
        /// Link that confirms a new e-mail address (ACC-4).
        ConfirmAddress = "confirm-address", "Conferma del nuovo indirizzo e-mail";
        /// To the old address: it is about to be replaced (ACC-4).
        AddressChanging = "address-changing", "Richiesta di cambio dell'indirizzo e-mail";
        /// Code of the human check by mail (ACC-1).
        HumanCheckCode = "human-check-code", "Codice di verifica";
        /// The account is closed (ACC-6).
        AccountClosed = "account-closed", "Utenza chiusa";
        /// The password was changed (ACC-4, ACC-5).
        PasswordChanged = "password-changed", "Password cambiata";
        /// To the former address: the account was linked to an identity of SPID or CIE (IDP-2).
        AccountLinked = "account-linked", "Utenza associata a SPID o CIE";
        /// A link was undone: to the former address and to that of the other account (IDP-2).
        LinkUndone = "link-undone", "Associazione dell'utenza annullata";
        /// A request of enabling has arrived (ORG-1, ORG-3, ORG-5).
        EnablingReceived = "enabling-received", "Richiesta di abilitazione ricevuta";
        /// A step of a request of enabling was decided (ORG-1).
        EnablingDecided = "enabling-decided", "Esito della richiesta di abilitazione";
        /// An operator is enabled (ORG-2, ORG-3).
        OperatorEnabled = "operator-enabled", "Abilitazione come operatore";
        /// To the contact: who is enabled (ORG-3).
        OperatorsEnabledList = "operators-enabled-list", "Elenco degli operatori abilitati";
        /// An operator has left (ORG-4).
        OperatorLeft = "operator-left", "Fine dell'abilitazione come operatore";
    }
}

impl LetterKind {
    /// The single-use link that a letter of this kind carries.
    pub const fn link(self) -> Option<LinkPurpose> {
        match self {
            Self::ActivateAccount => Some(LinkPurpose::Activation),
            Self::RecoverPassword => Some(LinkPurpose::Recovery),
            Self::ConfirmAddress => Some(LinkPurpose::EmailConfirmation),
            Self::AccountExists
            | Self::AddressChanging
            | Self::HumanCheckCode
            | Self::AccountClosed
            | Self::PasswordChanged
            | Self::AccountLinked
            | Self::LinkUndone
            | Self::EnablingReceived
            | Self::EnablingDecided
            | Self::OperatorEnabled
            | Self::OperatorsEnabledList
            | Self::OperatorLeft => None,
        }
    }

    /// The facts that the text of a letter of this kind needs, by the marks of its template.
    ///
    /// `request` is an identifier, `subject` what was asked for, `outcome` and `reason` a decision in words,
    /// `account` the identifier of a former account, `organisation` a name, `operators` one line each, `from` a date in words, `drafts` and `submitted` counts.
    pub const fn facts(self) -> &'static [&'static str] {
        match self {
            Self::EnablingReceived => &["request", "subject"],
            Self::EnablingDecided => &["request", "subject", "outcome", "reason"],
            Self::OperatorEnabled => &["organisation"],
            Self::OperatorsEnabledList => &["organisation", "operators"],
            Self::OperatorLeft => &["organisation", "from"],
            Self::AccountClosed => &["drafts", "submitted"],
            Self::AccountLinked | Self::LinkUndone => &["account"],
            Self::ActivateAccount
            | Self::AccountExists
            | Self::RecoverPassword
            | Self::ConfirmAddress
            | Self::AddressChanging
            | Self::HumanCheckCode
            | Self::PasswordChanged => &[],
        }
    }

    /// Whether a letter of this kind carries a code to be typed.
    pub const fn has_code(self) -> bool {
        matches!(self, Self::ActivateAccount | Self::HumanCheckCode)
    }
}

coded! {
    /// What a single-use link is good for; it is good for nothing else.
    pub enum LinkPurpose as "link purpose" {
        /// Makes a registration an account, together with the code (ACC-2).
        Activation = "activation", "attivare l'utenza";
        /// Confirms a new e-mail address (ACC-4).
        EmailConfirmation = "email-confirmation", "confermare l'indirizzo e-mail";
        /// Lets a new password be chosen (ACC-5).
        Recovery = "recovery", "scegliere una nuova password";
    }
}

impl LinkPurpose {
    /// How long the link is good for.
    pub const fn lasts(self) -> SignedDuration {
        match self {
            Self::Activation | Self::EmailConfirmation => SignedDuration::from_hours(24),
            Self::Recovery => SignedDuration::from_hours(1),
        }
    }

    /// The page that it leads to. The token follows in the fragment, which browsers send to no server.
    pub const fn page(self) -> &'static str {
        match self {
            Self::Activation => "/utenza/attivazione",
            Self::EmailConfirmation => "/utenza/conferma-email",
            Self::Recovery => "/utenza/nuova-password",
        }
    }
}

/// How many codes may be typed for one letter, right or wrong (ACC-2).
pub const MOST_GUESSES: u8 = 5;

/// How long the code of a human check by mail is good for.
pub const HUMAN_CHECK_CODE_LASTS: SignedDuration = SignedDuration::from_mins(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coded::check::codes_lead_back;

    #[test]
    fn kinds_and_purposes_have_stable_codes() {
        codes_lead_back(LetterKind::ALL, LetterKind::label);
        codes_lead_back(LinkPurpose::ALL, LinkPurpose::label);
    }

    #[test]
    fn each_purpose_has_one_letter_and_one_page() {
        for purpose in LinkPurpose::ALL {
            let kinds: Vec<_> =
                LetterKind::ALL.iter().filter(|kind| kind.link() == Some(*purpose)).collect();
            assert_eq!(kinds.len(), 1, "{purpose}");
            assert!(purpose.page().starts_with("/utenza/"));
        }
    }

    /// ACC-5: a person who finds an old mail opens nothing with it.
    #[test]
    fn a_recovery_link_lives_for_an_hour_and_the_others_for_a_day() {
        assert_eq!(LinkPurpose::Recovery.lasts(), SignedDuration::from_hours(1));
        assert_eq!(LinkPurpose::Activation.lasts(), SignedDuration::from_hours(24));
    }
}
