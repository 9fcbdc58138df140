//! A session is opened for a person who has proved an account, by SPID, CIE or a password (IDP-1, ACC-3).

use domain::{
    ids::{AccountId, SessionId},
    letter::LetterContent,
};
use edge::{
    http::{ApiRequest, Problem},
    letters::letter_about_a_list,
    session::{REFRESH_COOKIE, refresh_cookie, session_cookie},
};
use jiff::Timestamp;
use outside::aws;
use store::sessions::{ACCESS_LASTS, Caller, SESSION_LASTS};

use crate::App;

/// A session that has just begun.
pub(crate) struct Opened {
    /// When it must be refreshed.
    pub(crate) expires: Timestamp,
    /// The cookies that carry it: session and refresh. Secret: they have no `Debug`.
    pub(crate) cookies: [String; 2],
}

/// The sessions that the browser's cookies prove, over or not.
pub(crate) fn sessions_of(app: &App, request: &ApiRequest) -> Vec<SessionId> {
    let signed = app.tokens.caller(request, SESSION_LASTS).ok().map(|caller| caller.session);
    let refresh = request.cookie(REFRESH_COOKIE);
    let given = refresh.and_then(|token| app.refresh_secrets.session_of(token));
    let mut sessions: Vec<_> = signed.into_iter().chain(given).collect();
    sessions.dedup();
    sessions
}

/// Opens a session in the standing that the account has now: a membership in force, else a private user (IDP-4).
///
/// `level` is 0 to 3: of the password, or of the identity. The sessions `before`, which the same browser holds, end: its
/// cookies are about to be replaced, and nobody could sign out of them any more (FRM-5).
pub(crate) async fn open(
    app: &App,
    account: AccountId,
    level: u8,
    before: &[SessionId],
    now: Timestamp,
) -> Result<Opened, Problem> {
    for session in before {
        app.store.sessions.end(session, now).await?;
    }
    let standing = app.store.accounts.standing(&account, now).await?;
    if let Some(organisation) = &standing.untold {
        tell(app, &account, organisation, now).await?;
    }
    let random = |error| Problem::internal(&error);
    let caller = Caller {
        account,
        session: SessionId::from_random(aws::random().map_err(random)?),
        level,
        role: standing.role,
        profile: standing.profile,
        organisation: standing.organisation,
        province: standing.province,
        expires: now + ACCESS_LASTS,
    };
    let access = app.tokens.issue(&caller, now)?;
    let refresh = app
        .store
        .sessions
        .open(&caller, &app.refresh_secrets, aws::random().map_err(random)?, now)
        .await?;
    Ok(Opened {
        expires: caller.expires,
        cookies: [session_cookie(&access), refresh_cookie(&refresh)],
    })
}

/// A list named this person before the first sign-in: now there is an address of their own to tell it (ORG-7).
async fn tell(
    app: &App,
    account: &AccountId,
    organisation: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    let address = app.store.accounts.find(account).await?.and_then(|account| account.email);
    let letter = match address {
        Some(address) => {
            let enabled = LetterContent::operator_enabled(organisation);
            letter_about_a_list(&app.store.attempts, account, &address, enabled, now).await?
        }
        None => None,
    };
    Ok(app.store.accounts.tell_of_listing(account, letter.as_ref(), now).await?)
}
