//! What SPID and CIE say in OpenID Connect: levels, the claim with the fiscal code, numbered errors (AgID's tables).

use serde::{Deserialize, Serialize};

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
}

impl SpidError {
    pub(crate) const ALL: [Self; 6] = [
        Self::TooManyAttempts,
        Self::LevelNotAvailable,
        Self::TimedOut,
        Self::ConsentDenied,
        Self::Suspended,
        Self::Cancelled,
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

    #[test]
    fn level_1_is_none_of_the_portals_levels() {
        assert_eq!(Level::of_acr("https://www.spid.gov.it/SpidL1"), None);
        assert_eq!(Level::of_acr("SpidL2"), None);
        assert_eq!(Level::of_acr(Level::Three.acr()), Some(Level::Three));
        assert!(Level::Two < Level::Three);
        assert_eq!(Level::of_number(1), None);
    }
}
