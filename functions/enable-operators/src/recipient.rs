//! Where letters about a request go: what the requester typed leaves for the requester's own address alone.

use domain::{email_address::EmailAddress, letter::LetterContent};
use edge::{http::Problem, letters};
use jiff::Timestamp;
use store::{attempts::LETTERS_TO_A_TYPED_ADDRESS, enabling::EnablingRequest, letters::Letter};

use crate::App;

/// To whom letters about a request go.
#[derive(Clone)]
pub(crate) enum Recipient {
    /// The requester, at the address that the identity provider gave.
    Requester(String),
    /// An address that the requester typed, whose identity has none: it may be anybody's.
    Typed(String),
}

impl std::fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Recipient([redacted])")
    }
}

impl Recipient {
    /// The recipient of the letters about a request; none where a typed address has had its letters of this hour.
    pub(crate) async fn of(
        app: &App,
        request: &EnablingRequest,
        now: Timestamp,
    ) -> Result<Option<Self>, Problem> {
        let requester = app.store.accounts.find(&request.case.requester).await?;
        let own = requester.and_then(|account| account.email?.parse::<EmailAddress>().ok());
        if let Some(own) = own {
            return Ok(Some(Self::Requester(own.reveal().to_owned())));
        }
        let typed = &request.form.contact_email;
        let Ok(address) = typed.parse::<EmailAddress>() else { return Ok(None) };
        let opaque = app.keying.opaque("email", &address.comparable());
        let so_far =
            app.store.attempts.count_for(&LETTERS_TO_A_TYPED_ADDRESS, &opaque, now).await?;
        Ok((so_far <= LETTERS_TO_A_TYPED_ADDRESS.most).then(|| Self::Typed(typed.clone())))
    }

    /// What a person typed, where it may be told.
    pub(crate) fn typed<'a>(&self, text: &'a str) -> Option<&'a str> {
        match self {
            Self::Requester(_) => Some(text),
            Self::Typed(_) => None,
        }
    }

    /// A letter with this content.
    pub(crate) fn letter(&self, content: LetterContent) -> Result<Option<Letter>, Problem> {
        let (Self::Requester(address) | Self::Typed(address)) = self;
        letters::letter(address, content)
    }
}
