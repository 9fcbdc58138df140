//! The arrival ticket: when the store fails, it keeps the arrival of a request for the retry.

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;

use super::{Checked, PublicReceiptKey, ReceiptKey, signature_bytes};
use crate::ids::{AccountId, ApplicationId, CampaignId, ModelId};

/// What a ticket's signature begins with, so that it can never be read as the signature of something else.
const TICKET_LABEL: &str = "arrival ticket v2\n";

/// What a token begins with.
const TOKEN_VERSION: &str = "at2";

/// That a request to submit arrived at an instant, though it could not be stored (SUB-3).
///
/// It proves an arrival and nothing else: the retry is judged as the request was, so that an application that was
/// not ready, or not this account's, at that instant gains nothing by it. How long it serves is the decree's matter when
/// it comes back, so that a function gives one although it could not read the decree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ArrivalTicket {
    /// The application that was to be sent.
    pub application: ApplicationId,
    /// The decree.
    pub campaign: CampaignId,
    /// The model.
    pub model: ModelId,
    /// Who pressed the button.
    pub account: AccountId,
    /// The gateway's own instant of the failed request, whatever clock the decree plays, to the millisecond; finer digits
    /// are cut off.
    pub arrival: Timestamp,
}

/// Why a token is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// It is not a ticket, or not in its one form.
    #[error("not an arrival ticket")]
    Malformed,
    /// It was not signed by this campaign's key.
    #[error("the signature does not fit")]
    Signature,
    /// It speaks of another application or was issued to another account.
    #[error("the ticket belongs to another application or account")]
    Foreign,
}

impl ArrivalTicket {
    /// The token that the client sends back with its retry: dot-separated ASCII, about 230 characters.
    pub fn issue(&self, key: &ReceiptKey) -> String {
        let facts = self.canonical();
        let signature = BASE64URL_NOPAD.encode(&key.sign(TICKET_LABEL, &facts));
        format!("{facts}.{signature}")
    }

    /// Reads a token that `account` presents for `application`.
    pub fn verify(
        token: &str,
        key: &PublicReceiptKey,
        application: &ApplicationId,
        account: &AccountId,
    ) -> Result<Self, TicketError> {
        let (facts, signature) = token.rsplit_once('.').ok_or(TicketError::Malformed)?;
        let signature = signature_bytes(signature).ok_or(TicketError::Malformed)?;
        let ticket = Self::read(facts)
            .filter(|ticket| ticket.canonical() == facts)
            .ok_or(TicketError::Malformed)?;
        if ticket.campaign != key.campaign
            || !matches!(key.check(TICKET_LABEL, facts, &signature), Checked::Fits)
        {
            return Err(TicketError::Signature);
        }
        if ticket.application != *application || ticket.account != *account {
            return Err(TicketError::Foreign);
        }
        Ok(ticket)
    }

    /// The one written form, which is signed: neither ids nor slugs nor numbers contain a dot.
    fn canonical(&self) -> String {
        format!(
            "{TOKEN_VERSION}.{}.{}.{}.{}.{}",
            self.application,
            self.campaign,
            self.model,
            self.account,
            self.arrival.as_millisecond(),
        )
    }

    fn read(facts: &str) -> Option<Self> {
        let mut parts = facts.split('.');
        let mut next = || parts.next();
        if next()? != TOKEN_VERSION {
            return None;
        }
        let ticket = Self {
            application: next()?.parse().ok()?,
            campaign: next()?.parse().ok()?,
            model: next()?.parse().ok()?,
            account: next()?.parse().ok()?,
            arrival: Timestamp::from_millisecond(next()?.parse().ok()?).ok()?,
        };
        next().is_none().then_some(ticket)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;

    fn ticket() -> ArrivalTicket {
        ArrivalTicket {
            application: ApplicationId::from_random([1; 16]),
            campaign: "df-2026".parse().unwrap(),
            model: "c-stag-agricoltura".parse().unwrap(),
            account: AccountId::from_random([2; 16]),
            arrival: "2026-01-12T08:00:00.123Z".parse().unwrap(),
        }
    }

    /// Made once: the tests ask for it thousands of times.
    static KEY: LazyLock<ReceiptKey> =
        LazyLock::new(|| ReceiptKey::derive(b"master", &"df-2026".parse().unwrap()));
    static PUBLIC: LazyLock<PublicReceiptKey> = LazyLock::new(|| KEY.public());

    fn verify(token: &str) -> Result<ArrivalTicket, TicketError> {
        let ticket = ticket();
        ArrivalTicket::verify(token, &PUBLIC, &ticket.application, &ticket.account)
    }

    #[test]
    fn a_ticket_keeps_the_arrival() {
        let token = ticket().issue(&KEY);
        assert_eq!(token, ticket().issue(&KEY), "deterministic");
        assert_eq!(verify(&token), Ok(ticket()));
    }

    #[test]
    fn a_ticket_serves_one_application_and_one_account() {
        let token = ticket().issue(&KEY);
        let (other_application, other_account) =
            (ApplicationId::from_random([9; 16]), AccountId::from_random([9; 16]));
        let foreign = Err(TicketError::Foreign);
        assert_eq!(
            ArrivalTicket::verify(&token, &PUBLIC, &other_application, &ticket().account),
            foreign
        );
        assert_eq!(
            ArrivalTicket::verify(&token, &PUBLIC, &ticket().application, &other_account),
            foreign
        );
    }

    #[test]
    fn another_key_or_campaign_is_refused() {
        let other_master = ReceiptKey::derive(b"other", &"df-2026".parse().unwrap());
        assert_eq!(verify(&ticket().issue(&other_master)), Err(TicketError::Signature));
        let other_campaign = ArrivalTicket { campaign: "df-2022".parse().unwrap(), ..ticket() };
        assert_eq!(verify(&other_campaign.issue(&KEY)), Err(TicketError::Signature));
    }

    #[test]
    fn any_changed_byte_is_refused() {
        let token = ticket().issue(&KEY);
        for place in 0..token.len() {
            // The eighth bit would leave no text.
            for bit in 0..7 {
                let mut changed = token.as_bytes().to_vec();
                changed[place] ^= 1 << bit;
                let changed = String::from_utf8(changed).unwrap();
                assert!(verify(&changed).is_err(), "{changed}");
            }
        }
        for cut in [
            "",
            "at2",
            ".",
            "at2......",
            &format!("{token}."),
            &format!("at2.{token}"),
            &token[..token.len() - 1],
        ] {
            assert_eq!(verify(cut), Err(TicketError::Malformed), "{cut}");
        }
    }

    /// The same key signs receipts, so a ticket must never pass for one, nor one for a ticket.
    #[test]
    fn a_signature_over_the_same_text_with_another_label_is_refused() {
        let facts = ticket().canonical();
        let signature = BASE64URL_NOPAD.encode(&KEY.sign(super::super::RECEIPT_LABEL, &facts));
        assert_eq!(verify(&format!("{facts}.{signature}")), Err(TicketError::Signature));
    }
}
