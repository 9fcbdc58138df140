//! The request that a portal sends a person with: read strictly, since a lax provider would hide the portal's mistakes.

use crate::{Settings, decision::Level};

/// SPID asks for states and nonces of at least this many characters.
const SHORTEST_RANDOM: usize = 32;

/// A request that can be answered.
#[derive(Clone, Debug)]
pub(crate) struct Authorization {
    pub(crate) redirect_uri: String,
    pub(crate) state: String,
    pub(crate) nonce: String,
    pub(crate) code_challenge: String,
    /// The lowest level that the portal asks for.
    pub(crate) level: Level,
    /// The request as it came, for the page's form.
    pub(crate) query: String,
}

/// A request that cannot be answered with a code.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Unusable {
    /// Client or address of return are wrong: the person must not be sent anywhere.
    Client(&'static str),
    /// The rest is wrong: the error goes to the portal.
    Request { location: String },
}

impl Authorization {
    pub(crate) fn read(query: &str, settings: &Settings) -> Result<Self, Unusable> {
        let parameters: Vec<(String, String)> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let parameter = |name: &str| {
            let mut values = parameters
                .iter()
                .filter(|(candidate, _)| candidate == name)
                .map(|(_, value)| value.as_str());
            // A parameter that comes twice counts as absent (RFC 6749 section 3.1).
            values.next().filter(|_| values.next().is_none()).unwrap_or_default()
        };
        if parameter("client_id") != settings.client_id {
            return Err(Unusable::Client("client_id sconosciuto"));
        }
        let redirect_uri = settings.redirect_uri();
        if parameter("redirect_uri") != redirect_uri {
            return Err(Unusable::Client("redirect_uri diverso da quello registrato"));
        }
        let authorization = Self {
            redirect_uri,
            state: parameter("state").to_owned(),
            nonce: parameter("nonce").to_owned(),
            code_challenge: parameter("code_challenge").to_owned(),
            level: Level::asked(parameter("acr_values")).unwrap_or(Level::Two),
            query: query.to_owned(),
        };
        let wrong = if parameter("response_type") != "code" {
            Some(("unsupported_response_type", "response_type must be code"))
        } else if !parameter("scope").split(' ').any(|scope| scope == "openid") {
            Some(("invalid_scope", "scope must contain openid"))
        } else if authorization.state.len() < SHORTEST_RANDOM {
            Some(("invalid_request", "state must have at least 32 characters"))
        } else if authorization.nonce.len() < SHORTEST_RANDOM {
            Some(("invalid_request", "nonce must have at least 32 characters"))
        } else if parameter("code_challenge_method") != "S256"
            || authorization.code_challenge.len() != 43
        {
            Some(("invalid_request", "a code_challenge of method S256 is required"))
        } else if Level::asked(parameter("acr_values")).is_none()
            && !parameter("acr_values").is_empty()
        {
            Some(("invalid_request", "acr_values names no level of SPID"))
        } else {
            None
        };
        match wrong {
            None => Ok(authorization),
            Some((error, description)) => Err(Unusable::Request {
                location: authorization
                    .back_with(&[("error", error), ("error_description", description)]),
            }),
        }
    }

    /// The address of return with the state and these parameters.
    pub(crate) fn back_with(&self, parameters: &[(&str, &str)]) -> String {
        self.back_with_state(&self.state, parameters)
    }

    /// The same with another state.
    pub(crate) fn back_with_state(&self, state: &str, parameters: &[(&str, &str)]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(parameters).append_pair("state", state);
        format!("{}?{}", self.redirect_uri, query.finish())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings() -> Settings {
        Settings {
            issuer: "http://localhost:4000/identity".to_owned(),
            public_origin: "http://127.0.0.1:4000".to_owned(),
            client_id: "portale".to_owned(),
            client_secret: b"a secret".to_vec(),
        }
    }

    const GOOD: [(&str, &str); 8] = [
        ("client_id", "portale"),
        ("redirect_uri", "http://127.0.0.1:4000/api/sign-in/callback"),
        ("response_type", "code"),
        ("scope", "openid profile email"),
        ("state", "ssssssssssssssssssssssssssssssss"),
        ("nonce", "nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn"),
        ("code_challenge", "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
        ("code_challenge_method", "S256"),
    ];

    fn query(change: impl Fn(&str) -> Option<&'static str>) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in GOOD {
            query.append_pair(name, change(name).unwrap_or(value));
        }
        query.finish()
    }

    #[test]
    fn a_complete_request_is_read() {
        let authorization = Authorization::read(&query(|_| None), &settings()).unwrap();
        assert_eq!(authorization.level, Level::Two);
        assert_eq!(
            authorization.back_with(&[("code", "a b")]),
            "http://127.0.0.1:4000/api/sign-in/callback?code=a+b&state=ssssssssssssssssssssssssssssssss"
        );
    }

    /// The provider sends no browser to an address that the portal has not registered.
    #[test]
    fn a_strange_client_or_address_sends_nobody_anywhere() {
        for (name, value) in [
            ("client_id", "altri"),
            ("redirect_uri", "http://127.0.0.1:4000.example/api/sign-in/callback"),
            ("redirect_uri", "http://127.0.0.1:4000/api/sign-in/callback?x=1"),
        ] {
            let refused =
                Authorization::read(&query(|each| (each == name).then_some(value)), &settings());
            assert!(matches!(refused, Err(Unusable::Client(_))), "{name}={value}");
        }
        let twice = format!("{}&client_id=portale", query(|_| None));
        assert!(matches!(Authorization::read(&twice, &settings()), Err(Unusable::Client(_))));
    }

    #[test]
    fn the_portal_is_told_what_is_wrong_with_the_rest() {
        for (name, value) in [
            ("response_type", "token"),
            ("scope", "profile"),
            ("state", "short"),
            ("nonce", "short"),
            ("code_challenge", "short"),
            ("code_challenge_method", "plain"),
        ] {
            let refused =
                Authorization::read(&query(|each| (each == name).then_some(value)), &settings());
            let Err(Unusable::Request { location }) = refused else {
                panic!("{name}={value} was accepted")
            };
            assert!(
                location.starts_with("http://127.0.0.1:4000/api/sign-in/callback?error="),
                "{location}"
            );
            assert!(!location.contains("code="), "{location}");
        }
    }

    #[test]
    fn the_level_asked_for_is_the_lowest_named() {
        let with_levels = |levels: &str| format!("{}&acr_values={levels}", query(|_| None));
        let read = |levels: &str| {
            Authorization::read(&with_levels(levels), &settings()).map(|read| read.level)
        };
        assert_eq!(read("https://www.spid.gov.it/SpidL3").unwrap(), Level::Three);
        assert_eq!(
            read("https://www.spid.gov.it/SpidL2+https://www.spid.gov.it/SpidL3").unwrap(),
            Level::Two
        );
        assert!(read("urn:mace:silver").is_err());
    }
}
