//! What SPID and CIE say in OpenID Connect: levels, the claim with the fiscal code, numbered errors (AgID's tables).

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The claim with the fiscal number.
pub(crate) const FISCAL_NUMBER: &str = "https://attributes.eid.gov.it/fiscal_number";

/// What stands before the code of the Italian tax authority.
pub(crate) const ITALIAN_TAX_CODE: &str = "TINIT-";

/// An identity level that the portal takes (IDP-1).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub(crate) enum Level {
    Two,
    Three,
}

impl Level {
    pub(crate) const fn number(self) -> u8 {
        match self {
            Self::Two => 2,
            Self::Three => 3,
        }
    }

    /// As it was stored with the sign-in.
    pub(crate) const fn of_number(number: u8) -> Option<Self> {
        match number {
            2 => Some(Self::Two),
            3 => Some(Self::Three),
            _ => None,
        }
    }

    /// The authentication context that is asked for.
    pub(crate) const fn acr(self) -> &'static str {
        match self {
            Self::Two => "https://www.spid.gov.it/SpidL2",
            Self::Three => "https://www.spid.gov.it/SpidL3",
        }
    }

    /// Level 1 and whatever is unknown are none of the portal's levels.
    pub(crate) fn of_acr(acr: &str) -> Option<Self> {
        [Self::Two, Self::Three].into_iter().find(|level| level.acr() == acr)
    }
}

/// The errors that concern the person, as AgID numbers them; each has its own text (IDP-1).
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum SpidError {
    TooManyAttempts,
    LevelNotAvailable,
    TimedOut,
    ConsentDenied,
    Suspended,
    Cancelled,
    OtherKind,
}

impl SpidError {
    pub(crate) const ALL: [Self; 7] = [
        Self::TooManyAttempts,
        Self::LevelNotAvailable,
        Self::TimedOut,
        Self::ConsentDenied,
        Self::Suspended,
        Self::Cancelled,
        Self::OtherKind,
    ];

    /// Number, stable name, text.
    #[rustfmt::skip]
    const fn row(self) -> (u8, &'static str, &'static str) {
        match self {
            Self::TooManyAttempts => (19, "troppi-tentativi", "Hai inserito più volte credenziali errate e il gestore di identità ha bloccato l'accesso. Attendi lo sblocco, oppure recupera le credenziali sul sito del tuo gestore, poi riprova."),
            Self::LevelNotAvailable => (20, "livello-non-disponibile", "La tua identità non ha le credenziali di livello 2 richieste dal portale. Attivale sul sito del tuo gestore di identità (di solito con la sua app) oppure entra con la CIE."),
            Self::TimedOut => (21, "tempo-scaduto", "È passato troppo tempo durante l'accesso presso il gestore di identità. Riprova e completa l'accesso entro pochi minuti."),
            Self::ConsentDenied => (22, "consenso-negato", "Non hai dato il consenso all'invio dei tuoi dati al portale, che servono per riconoscerti. Riprova e acconsenti all'invio."),
            Self::Suspended => (23, "identita-sospesa", "La tua identità risulta sospesa o revocata. Contatta il tuo gestore di identità per riattivarla, oppure entra con la CIE."),
            Self::Cancelled => (25, "accesso-annullato", "Hai annullato l'accesso. Se vuoi entrare, riprova."),
            Self::OtherKind => (30, "identita-di-altro-tipo", "L'identità che hai usato è di un altro tipo, per esempio SPID per uso professionale. Entra con la tua identità SPID personale (persona fisica), oppure con la CIE."),
        }
    }

    pub(crate) const fn number(self) -> u8 {
        self.row().0
    }

    pub(crate) const fn reason(self) -> &'static str {
        self.row().1
    }

    pub(crate) const fn text(self) -> &'static str {
        self.row().2
    }

    /// Reads `ErrorCode nr19` out of an error's description, however the provider writes around it.
    pub(crate) fn of_description(description: &str) -> Option<Self> {
        let lower = description.to_ascii_lowercase();
        let (_, after) = lower.split_once("errorcode")?;
        let number: String = after
            .chars()
            .skip_while(|symbol| !symbol.is_ascii_digit())
            .take_while(char::is_ascii_digit)
            .collect();
        let number: u8 = number.parse().ok()?;
        Self::ALL.into_iter().find(|error| error.number() == number)
    }
}

/// The errors that OpenID Connect gives names to (RFC 6749 4.1.2.1, OpenID Connect Core 3.1.2.6 and its extension on unmet
/// requirements); each has its own text (IDP-1).
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[error("the provider answers {}", self.name())]
pub(crate) enum OpenIdError {
    AccessDenied,
    ConsentRequired,
    LoginRequired,
    InteractionRequired,
    AccountSelectionRequired,
    UnmetAuthenticationRequirements,
    ServerError,
    TemporarilyUnavailable,
    InvalidRequest,
    UnauthorizedClient,
    UnsupportedResponseType,
    InvalidScope,
    InvalidRequestUri,
    InvalidRequestObject,
    RequestNotSupported,
    RequestUriNotSupported,
    RegistrationNotSupported,
}

/// Who can do something about an error.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Remedy {
    /// The person, by what the text says.
    Person,
    /// Time: the provider is ill or busy.
    Time,
    /// The portal's own people: the provider does not take what the portal sends.
    Portal,
}

impl OpenIdError {
    pub(crate) const ALL: [Self; 17] = [
        Self::AccessDenied,
        Self::ConsentRequired,
        Self::LoginRequired,
        Self::InteractionRequired,
        Self::AccountSelectionRequired,
        Self::UnmetAuthenticationRequirements,
        Self::ServerError,
        Self::TemporarilyUnavailable,
        Self::InvalidRequest,
        Self::UnauthorizedClient,
        Self::UnsupportedResponseType,
        Self::InvalidScope,
        Self::InvalidRequestUri,
        Self::InvalidRequestObject,
        Self::RequestNotSupported,
        Self::RequestUriNotSupported,
        Self::RegistrationNotSupported,
    ];

    /// Name on the wire, stable name, remedy, text.
    #[rustfmt::skip]
    const fn row(self) -> (&'static str, &'static str, Remedy, &'static str) {
        use Remedy::{Person, Portal, Time};
        match self {
            Self::AccessDenied => ("access_denied", "accesso-negato", Person, "Il gestore di identità non ha consentito l'accesso, oppure lo hai annullato. Riprova; se continua, contatta il tuo gestore."),
            Self::ConsentRequired => ("consent_required", SpidError::ConsentDenied.reason(), Person, SpidError::ConsentDenied.text()),
            Self::LoginRequired => ("login_required", "autenticazione-non-completata", Person, "Non hai completato l'autenticazione presso il gestore di identità. Riprova e inserisci le tue credenziali quando te le chiede."),
            Self::InteractionRequired => ("interaction_required", "passaggio-non-completato", Person, "Il gestore di identità ti chiede un passaggio in più, per esempio una conferma nella sua app o l'accettazione di nuove condizioni. Riprova e completalo."),
            Self::AccountSelectionRequired => ("account_selection_required", "identita-non-scelta", Person, "Presso il gestore di identità risultano più identità e non ne è stata scelta una. Riprova e scegli quella con cui vuoi entrare."),
            Self::UnmetAuthenticationRequirements => ("unmet_authentication_requirements", SpidError::LevelNotAvailable.reason(), Person, SpidError::LevelNotAvailable.text()),
            Self::ServerError => ("server_error", "errore-del-gestore", Time, "Il gestore di identità ha avuto un errore interno. Riprova tra qualche minuto: ciò che avevi salvato è al sicuro."),
            Self::TemporarilyUnavailable => ("temporarily_unavailable", "gestore-non-disponibile", Time, "Il gestore di identità non è disponibile in questo momento. Riprova tra qualche minuto: ciò che avevi salvato è al sicuro."),
            Self::InvalidRequest => ("invalid_request", "richiesta-non-valida", Portal, "Il gestore di identità non ha accettato la richiesta del portale. Può succedere se hai annullato l'accesso o se la pagina del gestore è rimasta aperta a lungo: riprova dall'inizio; se continua, scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::UnauthorizedClient => ("unauthorized_client", "portale-non-riconosciuto", Portal, "Il gestore di identità non riconosce il portale. Non dipende da te: prova con un altro gestore o con la CIE e scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::UnsupportedResponseType => ("unsupported_response_type", "tipo-di-risposta-non-previsto", Portal, "Il gestore di identità non prevede il tipo di risposta che il portale chiede. Non dipende da te: scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::InvalidScope => ("invalid_scope", "dati-non-previsti", Portal, "Il gestore di identità non prevede i dati che il portale chiede. Non dipende da te: scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::InvalidRequestUri => ("invalid_request_uri", "indirizzo-della-richiesta-non-valido", Portal, "Il gestore di identità non riesce a leggere la richiesta all'indirizzo indicato dal portale. Non dipende da te: scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::InvalidRequestObject => ("invalid_request_object", "richiesta-firmata-non-valida", Portal, "Il gestore di identità non ritiene valida la richiesta firmata dal portale. Non dipende da te: scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::RequestNotSupported => ("request_not_supported", "richiesta-firmata-non-prevista", Portal, "Il gestore di identità non prevede richieste firmate. Non dipende da te: scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::RequestUriNotSupported => ("request_uri_not_supported", "indirizzo-della-richiesta-non-previsto", Portal, "Il gestore di identità non prevede richieste lette da un indirizzo. Non dipende da te: scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
            Self::RegistrationNotSupported => ("registration_not_supported", "registrazione-non-prevista", Portal, "Il gestore di identità non prevede che il portale si registri da sé. Non dipende da te: scrivi all'Help Desk indicando il codice che trovi in questo messaggio."),
        }
    }

    pub(crate) const fn name(self) -> &'static str {
        self.row().0
    }

    pub(crate) const fn reason(self) -> &'static str {
        self.row().1
    }

    pub(crate) const fn remedy(self) -> Remedy {
        self.row().2
    }

    pub(crate) const fn text(self) -> &'static str {
        self.row().3
    }

    /// The error of this name on the wire, or of the one by which the reference provider of SPID and CIE tells that a person
    /// withheld their consent.
    pub(crate) fn named(name: &str) -> Option<Self> {
        let name = if name == "rejected_by_user" { "consent_required" } else { name };
        Self::ALL.into_iter().find(|error| error.name() == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_number_of_the_table_leads_to_its_own_text() {
        for error in SpidError::ALL {
            for written in [
                format!("ErrorCode nr{}", error.number()),
                format!("errorcode nr {} (spid)", error.number()),
            ] {
                assert_eq!(SpidError::of_description(&written), Some(error), "{written}");
            }
            let same = SpidError::ALL
                .iter()
                .filter(|other| other.text() == error.text() || other.reason() == error.reason());
            assert_eq!(same.count(), 1);
        }
    }

    #[test]
    fn other_descriptions_have_no_number() {
        for written in [
            "",
            "ErrorCode",
            "ErrorCode nr",
            "ErrorCode nr24",
            "ErrorCode nr119",
            "ErrorCode nr999",
            "nr19",
            "19",
        ] {
            assert_eq!(SpidError::of_description(written), None, "{written}");
        }
    }

    /// Consent and level are the same to a person, whether OpenID Connect or SPID says so.
    #[test]
    fn each_name_of_openid_connect_leads_to_its_own_text() {
        for error in OpenIdError::ALL {
            assert_eq!(OpenIdError::named(error.name()), Some(error));
            let same = OpenIdError::ALL
                .iter()
                .filter(|other| other.text() == error.text() || other.reason() == error.reason());
            assert_eq!(same.count(), 1, "{error}");
            for spid in SpidError::ALL {
                assert_eq!(spid.text() == error.text(), spid.reason() == error.reason(), "{error}");
            }
        }
        let withheld = OpenIdError::named("rejected_by_user");
        assert_eq!(withheld, Some(OpenIdError::ConsentRequired));
        for other in ["", "ACCESS_DENIED", "unknown", "access_denied "] {
            assert_eq!(OpenIdError::named(other), None, "{other}");
        }
    }

    #[test]
    fn level_1_is_none_of_the_portals_levels() {
        assert_eq!(Level::of_acr("https://www.spid.gov.it/SpidL1"), None);
        assert_eq!(Level::of_acr("SpidL2"), None);
        assert_eq!(Level::of_acr(Level::Three.acr()), Some(Level::Three));
        assert!(Level::Two < Level::Three);
        assert_eq!(Level::of_number(1), None);
    }
}
