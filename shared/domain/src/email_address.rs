//! Addresses of e-mail and certified e-mail (PEC).

use std::fmt;
use std::str::FromStr;

use crate::typed::visible;

const LONGEST_ADDRESS: usize = 254;
const LONGEST_LOCAL_PART: usize = 64;
const LONGEST_LABEL: usize = 63;

/// An e-mail address that mail systems accept: ASCII, `local@domain`, no display name, no quotes.
///
/// Nothing in an address tells certified e-mail (PEC) from ordinary e-mail: that an address is a *domicilio digitale* is
/// known only from INI-PEC, INAD or IPA.
/// Does not implement Display, because an address is personal data.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EmailAddress(String);

/// Why a text is not an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EmailAddressError {
    #[error("empty")]
    Empty,
    #[error("{0} characters, more than 254")]
    TooLong(usize),
    #[error("character {position} is not allowed")]
    Character { position: usize },
    #[error("not exactly one @")]
    AtSign,
    #[error("the part before the @ is not valid")]
    LocalPart,
    #[error("the part after the @ is not valid")]
    Domain,
}

impl EmailAddressError {
    /// What the person reads beside the field.
    pub fn message(&self) -> String {
        match self {
            Self::Empty => "Scrivi l'indirizzo, per esempio nome@dominio.it.".to_owned(),
            Self::TooLong(length) => {
                format!("L'indirizzo ha {length} caratteri, il massimo è 254. Controlla di non averci incollato altro testo.")
            }
            Self::Character { position } => format!(
                "Il carattere in posizione {position} non è ammesso. Scrivi solo l'indirizzo, senza nome, spazi o accenti."
            ),
            Self::AtSign => {
                "L'indirizzo deve contenere una sola chiocciola (@), per esempio nome@dominio.it.".to_owned()
            }
            Self::LocalPart => {
                "La parte prima della chiocciola (@) non è corretta. Controlla punti e lunghezza.".to_owned()
            }
            Self::Domain => {
                "La parte dopo la chiocciola (@) non è corretta. Scrivi il dominio completo, per esempio pec.it."
                    .to_owned()
            }
        }
    }
}

impl EmailAddress {
    /// The address, for where it is needed; never for a log. The domain is in lower case.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// The form under which two ways of writing the same mailbox are one, for keys and comparisons.
    pub fn comparable(&self) -> String {
        self.0.to_ascii_lowercase()
    }
}

impl FromStr for EmailAddress {
    type Err = EmailAddressError;

    /// Leaves out invisible characters, and white space around the address.
    fn from_str(text: &str) -> Result<Self, EmailAddressError> {
        let text = visible(text);
        let text = text.trim();
        if text.is_empty() {
            return Err(EmailAddressError::Empty);
        }
        let length = text.chars().count();
        if length > LONGEST_ADDRESS {
            return Err(EmailAddressError::TooLong(length));
        }
        if let Some(index) = text.chars().position(|character| !is_allowed(character)) {
            return Err(EmailAddressError::Character { position: index + 1 });
        }
        let (local, domain) = text.split_once('@').ok_or(EmailAddressError::AtSign)?;
        if domain.contains('@') {
            return Err(EmailAddressError::AtSign);
        }
        if local.len() > LONGEST_LOCAL_PART || local.split('.').any(str::is_empty) {
            return Err(EmailAddressError::LocalPart);
        }
        if !is_domain(domain) {
            return Err(EmailAddressError::Domain);
        }
        Ok(Self(format!("{local}@{}", domain.to_ascii_lowercase())))
    }
}

impl fmt::Debug for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EmailAddress([redacted])")
    }
}

/// RFC 5322's atom characters, the dot and the @.
fn is_allowed(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.@".contains(character)
}

fn is_domain(domain: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LONGEST_LABEL
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    domain.split('.').all(is_label)
        && domain.rsplit_once('.').is_some_and(|(_, top)| {
            top.len() >= 2 && top.bytes().any(|byte| byte.is_ascii_alphabetic())
        })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn addresses_of_people_and_of_companies_are_valid() {
        for address in [
            "rossi.srl@legalmail.it",
            "m.rossi+flussi@pec.example.it",
            "d'angelo@example.com",
            "a@b.it",
            "politichemigratorie@pecdlci.interno.it",
            "info@xn--caff-8oa.it",
            "1234567890@pec.agritel.it",
        ] {
            assert_eq!(address.parse::<EmailAddress>().unwrap().reveal(), address);
        }
    }

    #[test]
    fn spaces_around_and_the_case_of_the_domain_do_not_matter() {
        let address: EmailAddress = "  Mario.Rossi@PEC.Example.IT\t".parse().unwrap();
        assert_eq!(address.reveal(), "Mario.Rossi@pec.example.it");
        assert_eq!(address.comparable(), "mario.rossi@pec.example.it");
    }

    #[test]
    fn each_mistake_is_named() {
        let long_local = format!("{}@example.it", "a".repeat(65));
        let long_label = format!("a@{}.it", "b".repeat(64));
        let long_address = format!("a@{}it", "b.".repeat(130));
        let cases = [
            ("", EmailAddressError::Empty),
            (" \n", EmailAddressError::Empty),
            (&long_address, EmailAddressError::TooLong(264)),
            ("Mario Rossi <mario@example.it>", EmailAddressError::Character { position: 6 }),
            ("<mario@example.it>", EmailAddressError::Character { position: 1 }),
            (
                "mario@example.it\r\nBcc: x@example.it",
                EmailAddressError::Character { position: 17 },
            ),
            ("niccolò@example.it", EmailAddressError::Character { position: 7 }),
            ("a@example.it,b@example.it", EmailAddressError::Character { position: 13 }),
            ("\"a b\"@example.it", EmailAddressError::Character { position: 1 }),
            ("mario.example.it", EmailAddressError::AtSign),
            ("mario@rossi@example.it", EmailAddressError::AtSign),
            ("@example.it", EmailAddressError::LocalPart),
            (".mario@example.it", EmailAddressError::LocalPart),
            ("mario..rossi@example.it", EmailAddressError::LocalPart),
            (&long_local, EmailAddressError::LocalPart),
            ("mario@", EmailAddressError::Domain),
            ("mario@localhost", EmailAddressError::Domain),
            ("mario@example.i", EmailAddressError::Domain),
            ("mario@127.0.0.1", EmailAddressError::Domain),
            ("mario@-example.it", EmailAddressError::Domain),
            ("mario@example-.it", EmailAddressError::Domain),
            ("mario@example..it", EmailAddressError::Domain),
            ("mario@exa_mple.it", EmailAddressError::Domain),
            (&long_label, EmailAddressError::Domain),
        ];
        for (text, expected) in cases {
            let error = text.parse::<EmailAddress>().unwrap_err();
            assert_eq!(error, expected, "{text}");
            assert!(error.message().ends_with('.'));
        }
    }

    #[test]
    fn an_address_is_not_shown_by_debug() {
        let address: EmailAddress = "mario@example.it".parse().unwrap();
        assert_eq!(format!("{address:?}"), "EmailAddress([redacted])");
    }

    proptest! {
        /// What is accepted cannot carry a second header or recipient.
        #[test]
        fn an_accepted_address_is_one_ascii_word(text in "\\PC{0,20}@[a-z\\PC]{1,20}\\.(it|com)") {
            if let Ok(address) = text.parse::<EmailAddress>() {
                let revealed = address.reveal();
                prop_assert!(revealed.is_ascii() && revealed.len() <= 254);
                prop_assert!(!revealed.contains(|c: char| c.is_whitespace() || c.is_control() || ",;<>\"".contains(c)));
                prop_assert_eq!(revealed.parse::<EmailAddress>(), Ok(address.clone()));
            }
        }
    }
}
