//! What is decided on the page or by API: who comes back, at which level, and what goes wrong on purpose.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::people::{Identity, accounts};

/// How strongly the person proved who they are.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Level {
    /// Password: not enough for the portal.
    One,
    /// Password and one-time code.
    Two,
    /// Smart card or equivalent.
    Three,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 3] = [Self::One, Self::Two, Self::Three];

    /// As `acr` and `acr_values` name it, for SPID and CIE alike.
    pub const fn acr(self) -> &'static str {
        match self {
            Self::One => "https://www.spid.gov.it/SpidL1",
            Self::Two => "https://www.spid.gov.it/SpidL2",
            Self::Three => "https://www.spid.gov.it/SpidL3",
        }
    }

    /// The digit on the page.
    pub const fn digit(self) -> &'static str {
        match self {
            Self::One => "1",
            Self::Two => "2",
            Self::Three => "3",
        }
    }

    /// The lowest level in a list of `acr_values`; none if it names no level.
    pub(crate) fn asked(acr_values: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| acr_values.split(' ').any(|value| value == level.acr()))
    }

    fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.digit() == text)
    }
}

/// The one thing that the provider does wrong. (IDP-1: each has a refusal test against the running portal.)
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Defect {
    /// The person comes back with another state.
    WrongState,
    /// The ID token has another nonce.
    WrongNonce,
    /// The ID token has no nonce.
    MissingNonce,
    /// The ID token is for another client.
    WrongAudience,
    /// The ID token is from another issuer.
    WrongIssuer,
    /// The ID token has expired.
    Expired,
    /// The ID token is good from an hour hence.
    NotYetValid,
    /// The ID token is signed by a key that is not published, under its own name.
    UnknownKey,
    /// The ID token is not signed: `alg` is `none`.
    AlgNone,
    /// The ID token has an HMAC whose secret is the published public key.
    Hs256WithPublicKey,
    /// The signature is of another text.
    WrongSignature,
    /// The `at_hash` belongs to another access token.
    WrongAccessTokenHash,
    /// The person proved less than was asked for: `acr` is level 1.
    LowerLevel,
    /// There is no `acr`.
    MissingLevel,
    /// There is no fiscal number.
    MissingFiscalNumber,
    /// The fiscal number is not one.
    MalformedFiscalNumber,
    /// The token answer has no ID token.
    NoIdToken,
    /// The token endpoint answers 500.
    #[serde(rename = "token_endpoint_500")]
    TokenEndpointDown,
    /// The token answer stops in the middle.
    TruncatedJson,
    /// The provider lets the same code be used again.
    Replay,
    /// Userinfo is about another person than the ID token.
    OtherSubject,
    /// Userinfo answers 500.
    #[serde(rename = "userinfo_500")]
    UserinfoDown,
}

impl Defect {
    /// Every defect with its name on the wire and what the page says.
    pub const ALL: [(Self, &'static str, &'static str); 22] = [
        (Self::WrongState, "wrong_state", "state diverso"),
        (Self::WrongNonce, "wrong_nonce", "nonce diverso"),
        (Self::MissingNonce, "missing_nonce", "nonce assente"),
        (Self::WrongAudience, "wrong_audience", "destinatario (aud) diverso"),
        (Self::WrongIssuer, "wrong_issuer", "emittente (iss) diverso"),
        (Self::Expired, "expired", "token scaduto"),
        (Self::NotYetValid, "not_yet_valid", "token non ancora valido"),
        (Self::UnknownKey, "unknown_key", "chiave non pubblicata"),
        (Self::AlgNone, "alg_none", "token senza firma (alg none)"),
        (Self::Hs256WithPublicKey, "hs256_with_public_key", "HMAC con la chiave pubblica"),
        (Self::WrongSignature, "wrong_signature", "firma sbagliata"),
        (Self::WrongAccessTokenHash, "wrong_access_token_hash", "at_hash diverso"),
        (Self::LowerLevel, "lower_level", "livello inferiore al richiesto"),
        (Self::MissingLevel, "missing_level", "livello assente"),
        (Self::MissingFiscalNumber, "missing_fiscal_number", "codice fiscale assente"),
        (Self::MalformedFiscalNumber, "malformed_fiscal_number", "codice fiscale malformato"),
        (Self::NoIdToken, "no_id_token", "risposta senza id_token"),
        (Self::TokenEndpointDown, "token_endpoint_500", "endpoint dei token in errore (500)"),
        (Self::TruncatedJson, "truncated_json", "risposta interrotta a metà"),
        (Self::Replay, "replay", "codice riutilizzabile"),
        (Self::OtherSubject, "other_subject", "userinfo di un'altra persona"),
        (Self::UserinfoDown, "userinfo_500", "userinfo in errore (500)"),
    ];

    fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name, _)| *name == text).map(|(defect, ..)| *defect)
    }
}

/// How the provider tells who the person is; each is right, and a portal must take them all.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Manner {
    /// Attributes in the ID token, as CIE does.
    #[default]
    InIdToken,
    /// Attributes at userinfo only, as SPID does.
    AtUserinfo,
    /// The same, as a signed text.
    AtSignedUserinfo,
    /// Claims that nobody needs to read are of odd types, as some providers send them.
    OddClaims,
}

impl Manner {
    /// Every manner with its name on the wire and what the page says.
    pub const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::InIdToken, "in_id_token", "dati nell'ID token (CIE)"),
        (Self::AtUserinfo, "at_userinfo", "dati solo da userinfo (SPID)"),
        (Self::AtSignedUserinfo, "at_signed_userinfo", "dati solo da userinfo, firmati"),
        (Self::OddClaims, "odd_claims", "altri dati di tipo insolito"),
    ];

    fn read(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name, _)| *name == text).map(|(manner, ..)| *manner)
    }

    /// Whether the ID token tells nothing but who is meant.
    pub(crate) const fn is_at_userinfo(self) -> bool {
        matches!(self, Self::AtUserinfo | Self::AtSignedUserinfo)
    }
}

/// The errors that OpenID Connect names.
pub(crate) const OPENID_ERRORS: [&str; 17] = [
    "access_denied",
    "consent_required",
    "login_required",
    "interaction_required",
    "account_selection_required",
    "unmet_authentication_requirements",
    "server_error",
    "temporarily_unavailable",
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "invalid_request_uri",
    "invalid_request_object",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
];

/// SPID's own error codes that a person can cause, with what the page says.
pub(crate) const SPID_ERRORS: [(&str, &str); 7] = [
    ("19", "troppi tentativi sbagliati"),
    ("20", "livello non disponibile per questa identità"),
    ("21", "tempo scaduto"),
    ("22", "consenso negato"),
    ("23", "identità sospesa o revocata"),
    ("25", "accesso annullato"),
    ("30", "identità di un altro tipo"),
];

/// How an authorisation ends.
#[derive(Clone, Debug)]
pub(crate) enum Outcome {
    Granted { identity: Identity, level: Level, defect: Option<Defect>, manner: Manner },
    Refused { error: &'static str, description: String },
}

/// Reads a decision from a form or from JSON with the same names.
pub(crate) fn read(body: &[u8], is_json: bool) -> Result<Outcome, &'static str> {
    let fields: Vec<(String, String)> = if is_json {
        let Ok(Value::Object(members)) = serde_json::from_slice(body) else {
            return Err("Il corpo deve essere un oggetto JSON.");
        };
        members.into_iter().map(|(name, value)| (name, plain(value))).collect()
    } else {
        form_urlencoded::parse(body).into_owned().collect()
    };
    let field = |name: &str| {
        fields
            .iter()
            .find(|(candidate, _)| candidate == name)
            .map(|(_, value)| value.trim())
            .filter(|text| !text.is_empty())
    };
    if let Some(error) = field("error") {
        if let Some(named) = OPENID_ERRORS.into_iter().find(|name| *name == error) {
            let description = "for developers".to_owned();
            return Ok(Outcome::Refused { error: named, description });
        }
        let known = SPID_ERRORS.iter().any(|(code, _)| *code == error);
        return if known {
            Ok(Outcome::Refused {
                error: "access_denied",
                description: format!("ErrorCode nr{error}"),
            })
        } else {
            Err("Codice di errore sconosciuto.")
        };
    }
    let level = match field("level") {
        None => Level::Two,
        Some(text) => Level::read(text).ok_or("Il livello è 1, 2 oppure 3.")?,
    };
    let defect = match field("defect") {
        None => None,
        Some(text) => Some(Defect::read(text).ok_or("Difetto sconosciuto.")?),
    };
    let manner = match field("manner") {
        None => Manner::default(),
        Some(text) => Manner::read(text).ok_or("Modo sconosciuto.")?,
    };
    let identity = match field("person") {
        Some(person) if person != "other" => accounts()
            .into_iter()
            .find(|account| account.id == person)
            .map(|account| account.identity)
            .ok_or("Persona sconosciuta.")?,
        Some(_) | None => {
            let typed =
                |name: &str| field(name).filter(|text| text.len() <= 200).map(ToOwned::to_owned);
            let complete = (|| {
                Some(Identity {
                    fiscal_code: typed("fiscal_code")?,
                    given_name: typed("given_name")?,
                    family_name: typed("family_name")?,
                    email: typed("email")?,
                    birthdate: typed("birthdate")?,
                })
            })();
            complete.ok_or("Scegliere una persona o indicare codice fiscale, nome, cognome, e-mail e data di nascita.")?
        }
    };
    Ok(Outcome::Granted { identity, level, defect, manner })
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demo_person_is_chosen_by_form_and_by_json() {
        let form = read(b"person=employer&level=3&defect=", false);
        let json = read(br#"{"person": "employer", "level": 3, "defect": null}"#, true);
        for outcome in [form, json] {
            let Ok(Outcome::Granted { identity, level: Level::Three, defect: None, manner }) =
                outcome
            else {
                panic!("not granted at level 3")
            };
            assert!(identity == accounts()[0].identity);
            assert_eq!(manner, Manner::InIdToken);
        }
    }

    #[test]
    fn another_person_needs_all_of_the_five() {
        let whole = r#"{"fiscal_code":"X","given_name":"A","family_name":"B","email":"c@d.invalid","birthdate":"1980-01-01"}"#;
        assert!(matches!(
            read(whole.as_bytes(), true),
            Ok(Outcome::Granted { level: Level::Two, .. })
        ));
        assert!(read(whole.replace("birthdate", "born").as_bytes(), true).is_err());
        assert!(read(b"person=nobody", false).is_err());
        assert!(read(b"[]", true).is_err());
        assert!(read(b"person=employer&level=4", false).is_err());
        assert!(read(b"person=employer&defect=unheard_of", false).is_err());
    }

    #[test]
    fn every_error_code_of_spid_can_be_sent_back() {
        for (code, _) in SPID_ERRORS {
            let Ok(Outcome::Refused { error: "access_denied", description }) =
                read(format!("error={code}").as_bytes(), false)
            else {
                panic!("{code}")
            };
            assert_eq!(description, format!("ErrorCode nr{code}"));
        }
        assert!(read(b"error=99", false).is_err());
    }

    #[test]
    fn the_names_of_defects_are_those_that_serde_writes() {
        for (defect, name, _) in Defect::ALL {
            assert_eq!(serde_json::to_value(defect).unwrap(), name);
        }
    }
}
