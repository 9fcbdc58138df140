//! Access tokens: signed, in a cookie, and read by every function without the store (ADR 6).

use domain::{
    campaign::LONGEST_LATE_TOKEN,
    ids::{AccountId, OrganisationId, SessionId},
    permission::Role,
};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use outside::key_ring::KeyRing;
use serde::{Deserialize, Serialize};
use store::sessions::{ACCESS_LASTS, Caller, SESSION_LASTS};

use crate::http::{ApiRequest, Problem, ProblemKind};

/// The access token's cookie. It outlives the token, since submitting accepts a token past its expiry.
pub const SESSION_COOKIE: &str = "__Host-session";
/// The refresh token's cookie.
pub const REFRESH_COOKIE: &str = "__Host-refresh";

const AUDIENCE: &str = "portale";

#[derive(Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    aud: String,
    sub: AccountId,
    sid: SessionId,
    lvl: u8,
    rol: String,
    prf: String,
    org: Option<OrganisationId>,
    prv: Option<String>,
    iat: i64,
    exp: i64,
}

/// Signs and reads access tokens: the newest key in force signs, and a token of any of them is read.
#[derive(Clone)]
pub struct TokenKey {
    keys: KeyRing,
}

impl std::fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TokenKey([redacted])")
    }
}

impl TokenKey {
    /// Takes the session secret that was read at init.
    pub const fn new(keys: KeyRing) -> Self {
        Self { keys }
    }

    /// A token for ten minutes.
    pub fn issue(&self, caller: &Caller, now: Timestamp) -> Result<String, Problem> {
        let key = self.keys.at(now);
        let mut header = Header::new(Algorithm::HS256);
        header.kid = Some(key.id().to_owned());
        let claims = Claims {
            aud: AUDIENCE.to_owned(),
            sub: caller.account.clone(),
            sid: caller.session.clone(),
            lvl: caller.level,
            rol: caller.role.code().to_owned(),
            prf: caller.profile.code().to_owned(),
            org: caller.organisation.clone(),
            prv: caller.province.clone(),
            iat: now.as_second(),
            exp: caller.expires.as_second(),
        };
        jsonwebtoken::encode(&header, &claims, &EncodingKey::from_secret(key.secret()))
            .map_err(|error| Problem::internal(&error))
    }

    /// The caller, if the cookie holds a token of the portal that is not over by more than `grace`.
    pub fn caller(&self, request: &ApiRequest, grace: SignedDuration) -> Result<Caller, Problem> {
        let token = request.cookie(SESSION_COOKIE).ok_or(Problem::new(ProblemKind::NoSession))?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_audience(&[AUDIENCE]);
        // The gateway's instant decides below; the library would read the wall clock.
        validation.validate_exp = false;
        let signer = jsonwebtoken::decode_header(token).ok().and_then(|header| header.kid);
        let key = self
            .keys
            .all()
            .find(|key| signer.as_deref() == Some(key.id()))
            .ok_or(Problem::new(ProblemKind::NoSession))?;
        let decoding = DecodingKey::from_secret(key.secret());
        let claims = jsonwebtoken::decode::<Claims>(token, &decoding, &validation)
            .map_err(|_| Problem::new(ProblemKind::NoSession))?
            .claims;
        let expires =
            Timestamp::from_second(claims.exp).map_err(|_| Problem::new(ProblemKind::NoSession))?;
        if request.arrival >= expires + grace {
            return Err(Problem::new(ProblemKind::SessionOver));
        }
        let role: Role = claims.rol.parse().map_err(|_| Problem::new(ProblemKind::NoSession))?;
        if !role.is_person() {
            return Err(Problem::new(ProblemKind::NoSession));
        }
        Ok(Caller {
            account: claims.sub,
            session: claims.sid,
            level: claims.lvl,
            role,
            profile: claims.prf.parse().map_err(|_| Problem::new(ProblemKind::NoSession))?,
            organisation: claims.org,
            province: claims.prv,
            expires,
        })
    }
}

/// The cookie of an access token. It outlives the token, since submitting accepts one past its expiry.
pub fn session_cookie(access: &str) -> String {
    let age = (ACCESS_LASTS + LONGEST_LATE_TOKEN).as_secs();
    format!("{SESSION_COOKIE}={access}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={age}")
}

/// The cookie of a refresh token.
pub fn refresh_cookie(refresh: &str) -> String {
    let age = SESSION_LASTS.as_secs();
    format!("{REFRESH_COOKIE}={refresh}; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age={age}")
}

/// Cookies that leave nothing in the browser (FRM-5).
pub fn no_cookies() -> [String; 2] {
    [SESSION_COOKIE, REFRESH_COOKIE]
        .map(|name| format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"))
}
