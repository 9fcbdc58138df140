//! Why a return from the identity provider opens no session, in words that say what to do next (IDP-1).

use edge::http::{Problem, ProblemKind};

use crate::{
    defect::Defect,
    provider::Failed,
    spid::{OpenIdError, Remedy, SpidError},
};

/// The public list of identity providers: what "Non hai SPID?" leads to (IDP-1).
pub const PROVIDERS_LIST: &str = "https://www.spid.gov.it/cos-e-spid/come-scegliere-tra-gli-idp/";

/// Where the person begins again.
const AGAIN: &str = "/api/sign-in/spid?level=2";

/// A return that opens no session.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The portal has no such sign-in, or it was used already.
    Unknown,
    /// It took too long.
    Expired,
    /// It was begun in another browser.
    OtherBrowser,
    /// The answer comes from another provider.
    OtherProvider,
    /// There is neither a code nor an error.
    NoCode,
    /// One of the errors that concern the person.
    Spid(SpidError),
    /// One of the errors of OpenID Connect.
    Named(OpenIdError),
    /// Redeeming the code gave no identity.
    Failed(Failed),
}

impl Refusal {
    /// What the provider's `error` means.
    pub(crate) fn of_provider(error: &str, description: &str) -> Self {
        // An error without a name of the standard is a refusal like any other.
        SpidError::of_description(description).map_or_else(
            || Self::Named(OpenIdError::named(error).unwrap_or(OpenIdError::AccessDenied)),
            Self::Spid,
        )
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Unknown => refused("accesso-non-riconosciuto", "Questo accesso non è mai iniziato oppure è già stato usato. Ricomincia l'accesso dal portale."),
            Refusal::Expired => refused("accesso-scaduto", "L'accesso è durato più di 10 minuti. Ricomincia dal portale."),
            Refusal::OtherBrowser => refused("altro-browser", "Questo accesso è iniziato in un altro browser o dispositivo, oppure i cookie sono disattivati. Ricomincia e completa l'accesso nello stesso browser."),
            Refusal::OtherProvider | Refusal::NoCode => not_valid(),
            Refusal::Named(error) => match error.remedy() {
                Remedy::Person => refused(error.reason(), error.text()),
                Remedy::Portal => refused(error.reason(), error.text()).caused_by(&error),
                Remedy::Time => again(Self::new(ProblemKind::Unavailable).retry_after_s(5))
                    .with("reason", error.reason())
                    .detail(error.text()),
            },
            Refusal::Spid(error) => refused(error.reason(), error.text()).with("spid_code", error.number()),
            Refusal::Failed(Failed::Provider(error)) => again(Self::unavailable(&error))
                .detail("Il gestore di identità non risponde. Riprova tra qualche istante: ciò che avevi salvato è al sicuro."),
            Refusal::Failed(Failed::Answer(defect)) => match defect {
                Defect::Level => again(Self::new(ProblemKind::LevelTooLow)).detail(LEVEL),
                Defect::NoFiscalNumber => refused("codice-fiscale-assente", "Il gestore di identità non ha comunicato il codice fiscale, senza il quale il portale non può riconoscerti. Riprova e acconsenti all'invio; se continua, contatta il tuo gestore.").caused_by(&defect),
                Defect::FiscalNumber => refused("codice-fiscale-non-valido", "Il codice fiscale comunicato dal gestore di identità non è valido. Chiedi al tuo gestore di correggere i tuoi dati, poi riprova.").caused_by(&defect),
                Defect::Code
                | Defect::NoIdToken
                | Defect::Unreadable
                | Defect::Issuer
                | Defect::Audience
                | Defect::Nonce
                | Defect::Expired
                | Defect::NotYetValid
                | Defect::Algorithm
                | Defect::UnknownKey
                | Defect::Signature
                | Defect::AccessTokenHash
                | Defect::OtherSubject
                | Defect::Encrypted => not_valid().caused_by(&defect),
            },
        }
    }
}

/// A level below 2, asked for or come back (IDP-1).
pub(crate) const LEVEL: &str = "Il portale richiede un'identità SPID di livello 2 o superiore (password e codice temporaneo o app), oppure la CIE: il livello 1 non basta. Ricomincia l'accesso scegliendo il livello richiesto; se non lo hai, attivalo presso il tuo gestore di identità.";

fn not_valid() -> Problem {
    refused(
        "risposta-non-valida",
        "La risposta del gestore di identità non è valida e per sicurezza è stata rifiutata. Ricomincia l'accesso; se continua, scrivi all'Help Desk indicando il codice che trovi in questo messaggio.",
    )
}

fn refused(reason: &str, text: &str) -> Problem {
    again(Problem::new(ProblemKind::SignInRefused)).with("reason", reason).detail(text)
}

/// Every refusal says where to begin again and where to get an identity.
pub(crate) fn again(problem: Problem) -> Problem {
    problem.with("retry", AGAIN).with("providers_list", PROVIDERS_LIST)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use expect_test::expect_file;
    use serde_json::json;

    use super::*;
    use crate::provider::ProviderError;

    /// IDP-1, G1: the site's page `/accesso/esito` shows these texts by their stable word; the build of the site reads them
    /// from here, so none is typed twice.
    #[test]
    fn each_refusal_is_told_on_the_sites_page_by_its_stable_word() {
        let named = OpenIdError::ALL.into_iter().map(Refusal::Named);
        let spid = SpidError::ALL.into_iter().map(Refusal::Spid);
        let defects = [Defect::Level, Defect::NoFiscalNumber, Defect::FiscalNumber, Defect::Nonce];
        let own = [Refusal::Unknown, Refusal::Expired, Refusal::OtherBrowser, Refusal::NoCode];
        let unreachable = Refusal::Failed(Failed::Provider(ProviderError::Secret));
        let refusals = named
            .chain(spid)
            .chain(defects.into_iter().map(|defect| Refusal::Failed(Failed::Answer(defect))))
            .chain(own)
            .chain([unreachable])
            .map(Problem::from);
        let begun = [
            Problem::new(ProblemKind::TooMany),
            Problem::new(ProblemKind::Internal),
            Problem::new(ProblemKind::InvalidFields),
        ];
        let mut told = BTreeMap::new();
        for problem in refusals.chain(begun) {
            let text = json!({ "title": problem.kind().title(), "text": problem.text() });
            let before = told.insert(problem.reason().to_owned(), text.clone());
            assert!(before.is_none_or(|before| before == text), "{}", problem.reason());
        }
        let written = serde_json::to_string_pretty(&told).unwrap() + "\n";
        expect_file!["../../../docs/sign-in-refusals.json"].assert_eq(&written);
    }

    /// IDP-1: each error of an identity provider has its own message.
    #[test]
    fn an_error_with_a_known_number_is_that_error_whatever_its_oauth_name() {
        for error in SpidError::ALL {
            let described = format!("ErrorCode nr{}", error.number());
            for name in ["access_denied", "server_error", ""] {
                assert!(
                    matches!(Refusal::of_provider(name, &described), Refusal::Spid(found) if found == error)
                );
            }
        }
    }

    #[test]
    fn an_error_without_a_number_goes_by_its_name() {
        for error in OpenIdError::ALL {
            for description in ["", "no", "ErrorCode nr24", "ErrorCode nr29"] {
                let found = Refusal::of_provider(error.name(), description);
                assert!(matches!(found, Refusal::Named(found) if found == error));
            }
        }
        let unheard_of = Refusal::of_provider("unheard_of", "");
        assert!(matches!(unheard_of, Refusal::Named(OpenIdError::AccessDenied)));
    }

    #[test]
    fn a_busy_provider_is_not_a_refused_person() {
        let kind = |refusal: Refusal| Problem::from(refusal).kind();
        for busy in [OpenIdError::TemporarilyUnavailable, OpenIdError::ServerError] {
            assert_eq!(kind(Refusal::Named(busy)), ProblemKind::Unavailable);
        }
        assert_eq!(kind(Refusal::Named(OpenIdError::AccessDenied)), ProblemKind::SignInRefused);
        assert_eq!(kind(Refusal::Named(OpenIdError::InvalidScope)), ProblemKind::SignInRefused);
        assert_eq!(kind(Refusal::Failed(Failed::Answer(Defect::Level))), ProblemKind::LevelTooLow);
    }
}
