//! An account at the certified provider: the server's address, how the line is kept secret, whose mailbox it is.

use std::{fmt, net::IpAddr};

use aws_config::SdkConfig;
use thiserror::Error;

use crate::aws::{self, SecretError};

/// How the line to the provider is kept secret.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Security {
    /// TLS from the first byte: smtps (465), imaps (993).
    Tls,
    /// TLS after a greeting in plaintext (587); never goes on without it. Submission only.
    StartTls,
    /// None at all, on the machine's own loopback only: tests and the local stack.
    Plaintext,
}

/// A configuration that must not be used.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
pub enum Misconfigured {
    /// The password and the message would cross the network readable.
    #[error("plaintext is for the loopback only")]
    PlaintextOutside,
    /// The authority given for the provider's certificate is not a PEM certificate.
    #[error("the certificate authority is unreadable")]
    Authority,
    /// IMAP is used without STARTTLS.
    #[error("STARTTLS is for submission only")]
    StartTlsHere,
    /// The mailbox's own address cannot be a sender.
    #[error("the mailbox's address is unusable")]
    Address,
    /// No text.
    #[error("the mailbox's password is unusable")]
    Password,
    /// Not `smtps:`, `smtp+starttls:`, `imaps:`, or on the loopback `smtp:` or `imap:`, with `//host:port` and nothing
    /// else.
    #[error("the address of the provider is unusable")]
    Authenticator,
}

/// Why an account at the provider cannot be used.
#[derive(Debug, Error)]
pub enum EndpointError {
    /// The configuration must not be used.
    #[error(transparent)]
    Misconfigured(#[from] Misconfigured),
    /// The password is missing.
    #[error(transparent)]
    Secret(#[from] SecretError),
}

/// A server of the provider with the credentials for it. The password stays out of `Debug`, and so does the user: it is
/// an address.
#[derive(Clone)]
pub struct CertifiedAccount {
    /// Name or address of the server; a certificate must bear it.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// How the line is kept secret.
    pub security: Security,
    /// Whose mailbox.
    pub user: String,
    /// Its password.
    pub password: String,
    /// The only authority believed, in PEM; otherwise the Mozilla roots compiled in, the same on each machine.
    pub authority: Option<Vec<u8>>,
}

impl CertifiedAccount {
    /// The server at `address`, as `smtps://host:465`, and a mailbox whose password is in a secret.
    pub async fn configured(
        sdk: &SdkConfig,
        address: &str,
        mailbox: &str,
        secret: &str,
    ) -> Result<Self, EndpointError> {
        let password = aws::secret(sdk, secret).await?;
        let password = String::from_utf8(password).map_err(|_| Misconfigured::Password)?;
        Ok(Self::at(address, mailbox.to_owned(), password)?)
    }

    /// The server at an address, with the credentials for it.
    pub fn at(address: &str, user: String, password: String) -> Result<Self, Misconfigured> {
        let (scheme, place) = address.split_once("://").ok_or(Misconfigured::Authenticator)?;
        let security = match scheme {
            "smtps" | "imaps" => Security::Tls,
            "smtp+starttls" => Security::StartTls,
            "smtp" | "imap" => Security::Plaintext,
            _ => return Err(Misconfigured::Authenticator),
        };
        let (host, port) = place.rsplit_once(':').ok_or(Misconfigured::Authenticator)?;
        let port = port.parse().map_err(|_| Misconfigured::Authenticator)?;
        if host.is_empty() || host.contains(['/', '@']) {
            return Err(Misconfigured::Authenticator);
        }
        let account =
            Self { host: host.to_owned(), port, security, user, password, authority: None };
        account.checked()?;
        Ok(account)
    }

    /// Refuses plaintext to anywhere but the loopback. `localhost` counts as it: no resolver is asked about it.
    pub fn checked(&self) -> Result<(), Misconfigured> {
        if self.security == Security::Plaintext && !self.is_loopback() {
            return Err(Misconfigured::PlaintextOutside);
        }
        Ok(())
    }

    fn is_loopback(&self) -> bool {
        self.host == "localhost"
            || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
    }
}

impl fmt::Debug for CertifiedAccount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Account")
            .field("host", &self.host)
            .field("port", &self.port)
            .field("security", &self.security)
            .field("own_authority", &self.authority.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account(host: &str) -> CertifiedAccount {
        CertifiedAccount {
            host: host.to_owned(),
            port: 25,
            security: Security::Plaintext,
            user: "sui.bari@pec.example".to_owned(),
            password: "segretissima".to_owned(),
            authority: None,
        }
    }

    #[test]
    fn plaintext_goes_to_the_loopback_and_nowhere_else() {
        for host in ["127.0.0.1", "127.8.0.1", "::1", "localhost"] {
            assert_eq!(account(host).checked(), Ok(()), "{host}");
        }
        for host in ["10.0.0.1", "smtp.pec.example", "localhost.pec.example", "0.0.0.0", ""] {
            assert_eq!(account(host).checked(), Err(Misconfigured::PlaintextOutside), "{host}");
        }
    }

    #[test]
    fn a_door_is_read_from_its_address() {
        let at = |address: &str| {
            CertifiedAccount::at(address, "sui@pec.example".to_owned(), "x".to_owned())
        };
        for (address, security, port) in [
            ("smtps://smtp.pec.example:465", Security::Tls, 465),
            ("smtp+starttls://smtp.pec.example:587", Security::StartTls, 587),
            ("imaps://imap.pec.example:993", Security::Tls, 993),
            ("smtp://127.0.0.1:2525", Security::Plaintext, 2525),
            ("imap://127.0.0.1:2143", Security::Plaintext, 2143),
        ] {
            let account = at(address).unwrap();
            assert_eq!((account.security, account.port), (security, port), "{address}");
        }
        for address in
            ["", "smtps://x", "smtps://:465", "https://x:1", "smtps://a@x:1", "smtps://x:1/y"]
        {
            assert_eq!(at(address).err(), Some(Misconfigured::Authenticator), "{address}");
        }
        assert_eq!(at("smtp://smtp.pec.example:25").err(), Some(Misconfigured::PlaintextOutside));
    }

    #[test]
    fn whoever_prints_an_account_sees_neither_password_nor_user() {
        let told = format!("{:?}", account("127.0.0.1"));
        assert!(!told.contains("segretissima") && !told.contains("sui.bari"), "{told}");
    }
}
