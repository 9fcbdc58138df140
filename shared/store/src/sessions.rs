//! Sessions: who calls, an opaque refresh token stored hashed, and the row that ends a session at once.

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use data_encoding::HEXLOWER;
use domain::{
    campaign::Profile,
    coded::UnknownCode,
    ids::{AccountId, OrganisationId, SessionId},
    permission::Role,
};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use thiserror::Error;

use crate::{
    keys,
    refresh_secrets::{RefreshSecrets, read_refresh_token, refresh_token},
    retry::{Failure, retried},
    rows::{Item, StoreError, instant, millis},
    table,
    transaction::{self, AlongWrite},
};

/// How long an access token is good for.
pub const ACCESS_LASTS: SignedDuration = SignedDuration::from_mins(10);
/// How long a session may go on being refreshed.
pub const SESSION_LASTS: SignedDuration = SignedDuration::from_hours(12);
/// How long a session may rest.
pub const SESSION_RESTS: SignedDuration = SignedDuration::from_hours(2);
/// A second tab may refresh with the token before the last for this long.
const REFRESH_OVERLAP: SignedDuration = SignedDuration::from_secs(60);

/// Who calls, as the session says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Caller {
    /// The caller's account.
    pub account: AccountId,
    /// The session that the token belongs to.
    pub session: SessionId,
    /// The identity's level: 2 and 3 by SPID or CIE, 1 by password, 0 by a password that was switched off (ACC-7).
    pub level: u8,
    /// The caller's role in the permission table.
    pub role: Role,
    /// The caller's profile in the campaign's limits.
    pub profile: Profile,
    /// The organisation that the caller works for.
    pub organisation: Option<OrganisationId>,
    /// The province of an officer.
    pub province: Option<String>,
    /// When the token was over.
    pub expires: Timestamp,
}

/// Until when a session lives.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SessionEnds {
    /// If nobody refreshes it until then.
    pub rests_until: Timestamp,
    /// However often it is refreshed.
    pub ends_at: Timestamp,
}

/// Why a caller may not go on.
#[derive(Debug, Error)]
pub enum AccessError {
    /// The session has ended, or never was.
    #[error("the session is over")]
    SessionOver,
    /// The identity's level is too low for this (IDP-1).
    #[error("the level is too low")]
    LevelTooLow,
    /// The session was opened by a password, and passwords were switched off (ACC-7).
    #[error("passwords are switched off")]
    PasswordsOff,
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl Caller {
    /// Reading needs a password at least, as long as passwords open the account (ACC-7).
    pub const fn require_level_1(&self) -> Result<(), AccessError> {
        if self.level >= 1 { Ok(()) } else { Err(AccessError::PasswordsOff) }
    }

    /// Refuses a token that was over for `grace` or longer at `now`.
    pub fn require_in_grace(
        &self,
        grace: SignedDuration,
        now: Timestamp,
    ) -> Result<(), AccessError> {
        if now < self.expires + grace { Ok(()) } else { Err(AccessError::SessionOver) }
    }

    /// Starting, changing and sending need level 2 or above (IDP-1, ACC-7).
    pub const fn require_level_2(&self) -> Result<(), AccessError> {
        if self.level >= 2 { Ok(()) } else { Err(AccessError::LevelTooLow) }
    }
}

/// A session's row.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct SessionRow {
    pk: String,
    sk: String,
    v: u8,
    account: AccountId,
    level: u8,
    role: String,
    profile: String,
    organisation: Option<OrganisationId>,
    province: Option<String>,
    started: i64,
    last_used: i64,
    refresh: String,
    refresh_before: Option<String>,
    refreshed: i64,
    /// Absent while the session lives, so that conditions can ask for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    ended: Option<i64>,
    /// Seconds; the store deletes the row some time after it. Deciding never relies on that.
    expires_at: i64,
}

/// That all sessions of an account which were opened before an instant are over from then on.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct EndRow {
    pk: String,
    sk: String,
    v: u8,
    from: i64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    except: Option<SessionId>,
    /// Only sessions in which the person works for this organisation; all where there is none (ORG-7).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    organisation: Option<OrganisationId>,
    /// Seconds; the store deletes the row some time after it.
    expires_at: i64,
}

impl EndRow {
    fn of(account: &AccountId, from: Timestamp, except: Option<&SessionId>) -> Self {
        let key = keys::sessions_end(account, millis(from));
        Self {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            from: millis(from),
            except: except.cloned(),
            organisation: None,
            // No session that it ends lasts longer.
            expires_at: (from + SESSION_LASTS).as_second(),
        }
    }

    fn of_membership(account: &AccountId, organisation: &OrganisationId, from: Timestamp) -> Self {
        let key = keys::sessions_end_for(account, millis(from), organisation);
        Self {
            pk: key.pk,
            sk: key.sk,
            organisation: Some(organisation.clone()),
            ..Self::of(account, from, None)
        }
    }
}

/// The sessions of the portal.
#[derive(Clone, Debug)]
pub struct Sessions {
    client: Client,
    table: String,
}

/// What a refresh gives.
#[derive(Debug)]
pub struct Refreshed {
    /// Who calls, with a new expiry.
    pub caller: Caller,
    /// The new refresh token, for the cookie; none when another tab has put it there already.
    pub refresh: Option<String>,
}

impl Sessions {
    /// The sessions in a table.
    pub const fn new(client: Client, table: String) -> Self {
        Self { client, table }
    }

    /// Opens a session; gives the refresh token for the cookie. Account times have no campaign offset.
    pub async fn open(
        &self,
        caller: &Caller,
        secrets: &RefreshSecrets,
        random: [u8; 16],
        now: Timestamp,
    ) -> Result<String, StoreError> {
        let secret = secrets.make(&caller.session, random);
        let key = keys::session(&caller.session);
        let row = SessionRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            account: caller.account.clone(),
            level: caller.level,
            role: caller.role.code().to_owned(),
            profile: caller.profile.code().to_owned(),
            organisation: caller.organisation.clone(),
            province: caller.province.clone(),
            started: millis(now),
            last_used: millis(now),
            refresh: hashed(&secret),
            refresh_before: None,
            refreshed: millis(now),
            ended: None,
            expires_at: (now + SESSION_LASTS).as_second(),
        };
        self.put(&row).await?;
        Ok(refresh_token(&caller.session, &secret))
    }

    /// Refuses a caller whose session has ended, so that sign-out acts at once (every function but submit asks); gives until
    /// when it lives.
    pub async fn require_live(
        &self,
        caller: &Caller,
        now: Timestamp,
    ) -> Result<SessionEnds, AccessError> {
        let (row, ends) = tokio::try_join!(self.find(&caller.session), self.ends(&caller.account))?;
        match row {
            Some(row)
                if row.account == caller.account && row.lives(&caller.session, &ends, now) =>
            {
                Ok(row.ends(&caller.session)?)
            }
            _ => Err(AccessError::SessionOver),
        }
    }

    /// Ends the sessions in which a person works for an organisation, opened before `from`, from then on: at once, or at
    /// a date to come (ORG-4). Those of an office, of a private user or for another organisation live on (ORG-7).
    pub async fn end_of_membership(
        &self,
        account: &AccountId,
        organisation: &OrganisationId,
        from: Timestamp,
    ) -> Result<(), StoreError> {
        self.put_end(&EndRow::of_membership(account, organisation, from)).await
    }

    /// Ends all sessions of an account that were opened before `from`, from then on: at once, or at a date to come.
    ///
    /// For a new password (ACC-4, ACC-5) and a closed account (ACC-6). The session `except` lives on. Saying it twice
    /// changes nothing.
    pub async fn end_all(
        &self,
        account: &AccountId,
        from: Timestamp,
        except: Option<&SessionId>,
    ) -> Result<(), StoreError> {
        self.put_end(&EndRow::of(account, from, except)).await
    }

    async fn put_end(&self, row: &EndRow) -> Result<(), StoreError> {
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("sessions' end", error))?;
        Ok(())
    }

    /// The same write, for the transaction of what ends them.
    pub fn ending_all(
        &self,
        account: &AccountId,
        from: Timestamp,
        except: Option<&SessionId>,
    ) -> Result<AlongWrite, StoreError> {
        transaction::put(&self.table, &EndRow::of(account, from, except)).map(AlongWrite)
    }

    async fn ends(&self, account: &AccountId) -> Result<Vec<EndRow>, StoreError> {
        table::rows_beginning(
            &self.client,
            &self.table,
            &keys::sessions_of(account),
            keys::SESSIONS_END_PREFIX,
            "sessions' end",
        )
        .await
    }

    /// Exchanges a refresh token for the next. A token used twice, later than a second tab would, ends the session; one that
    /// was never given out ends nothing.
    pub async fn refresh(
        &self,
        token: &str,
        secrets: &RefreshSecrets,
        random: [u8; 16],
        now: Timestamp,
    ) -> Result<Refreshed, AccessError> {
        let over = || AccessError::SessionOver;
        let (session, secret) = read_refresh_token(token).ok_or_else(over)?;
        let next = secrets.make(&session, random);
        let presented = hashed(&secret);
        let mut row = self.find(&session).await?.ok_or_else(over)?;
        let ends = self.ends(&row.account).await?;
        if row.lives(&session, &ends, now) && same(&presented, &row.refresh) {
            if self.rotate(&session, &presented, &hashed(&next), now).await? {
                let caller = row.caller(session.clone(), now + ACCESS_LASTS)?;
                return Ok(Refreshed { caller, refresh: Some(refresh_token(&session, &next)) });
            }
            // Another write was faster: of another tab, of a sign-out, or our own whose answer was lost.
            row = self.find(&session).await?.ok_or_else(over)?;
        }
        if !row.lives(&session, &ends, now) {
            return Err(over());
        }
        if same(&hashed(&next), &row.refresh) {
            let caller = row.caller(session.clone(), now + ACCESS_LASTS)?;
            return Ok(Refreshed { caller, refresh: Some(refresh_token(&session, &next)) });
        }
        let is_before =
            row.refresh_before.as_deref().is_some_and(|before| same(&presented, before))
                && millis(now) < row.refreshed + millis_of(REFRESH_OVERLAP);
        if !is_before {
            // Whoever knows a session's identifier could make tokens up: only one of ours tells that it was copied.
            if secrets.made(&session, &secret) {
                self.end(&session, now).await?;
            }
            return Err(over());
        }
        Ok(Refreshed { caller: row.caller(session, now + ACCESS_LASTS)?, refresh: None })
    }

    /// Writes the next refresh token, unless another refresh or a sign-out came first.
    async fn rotate(
        &self,
        session: &SessionId,
        current: &str,
        next: &str,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let text = |value: &str| AttributeValue::S(value.to_owned());
        let rotated = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::session(session).item()))
                .update_expression("SET refresh = :next, refresh_before = :current, refreshed = :now, last_used = :now")
                .condition_expression("refresh = :current AND attribute_not_exists(ended)")
                .expression_attribute_values(":current", text(current))
                .expression_attribute_values(":next", text(next))
                .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
                .send()
        })
        .await;
        match rotated {
            Ok(_) => Ok(true),
            Err(error) if Failure::of(&error) == Failure::Condition => Ok(false),
            Err(error) => Err(StoreError::unavailable("session", error)),
        }
    }

    /// Ends a session, at once for every function that reads its row.
    pub async fn end(&self, session: &SessionId, now: Timestamp) -> Result<(), StoreError> {
        self.end_if(session, "attribute_exists(pk)", None, now).await
    }

    /// Ends the session of a refresh token, if it is the token of now or the one before: a caller who holds neither
    /// ends nothing.
    pub async fn end_by_refresh(&self, token: &str, now: Timestamp) -> Result<(), StoreError> {
        let Some((session, secret)) = read_refresh_token(token) else { return Ok(()) };
        self.end_if(
            &session,
            "refresh = :token OR refresh_before = :token",
            Some(hashed(&secret)),
            now,
        )
        .await
    }

    async fn end_if(
        &self,
        session: &SessionId,
        condition: &str,
        token: Option<String>,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let ended = retried(|| {
            let update = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(keys::session(session).item()))
                .update_expression("SET ended = :now")
                .condition_expression(condition)
                .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()));
            match &token {
                Some(token) => update
                    .expression_attribute_values(":token", AttributeValue::S(token.clone()))
                    .send(),
                None => update.send(),
            }
        })
        .await;
        match ended {
            Err(error) if Failure::of(&error) != Failure::Condition => {
                Err(StoreError::unavailable("session", error))
            }
            _ => Ok(()),
        }
    }

    async fn find(&self, session: &SessionId) -> Result<Option<SessionRow>, StoreError> {
        table::row(&self.client, &self.table, &keys::session(session), "session").await
    }

    async fn put(&self, row: &SessionRow) -> Result<(), StoreError> {
        let item: Item = serde_dynamo::to_item(row).map_err(StoreError::unwritable)?;
        retried(|| {
            self.client.put_item().table_name(&self.table).set_item(Some(item.clone())).send()
        })
        .await
        .map_err(|error| StoreError::unavailable("session", error))?;
        Ok(())
    }
}

impl SessionRow {
    /// Not ended, by itself or with all of its account; not too old, not unused for too long.
    fn lives(&self, session: &SessionId, ends: &[EndRow], now: Timestamp) -> bool {
        let over = (self.started + millis_of(SESSION_LASTS))
            .min(self.last_used + millis_of(SESSION_RESTS));
        let is_ended = ends.iter().any(|end| {
            self.started < end.from
                && end.from <= millis(now)
                && end.except.as_ref() != Some(session)
                && (end.organisation.is_none() || end.organisation == self.organisation)
        });
        self.ended.is_none() && !is_ended && millis(now) < over
    }

    fn ends(&self, session: &SessionId) -> Result<SessionEnds, StoreError> {
        let read =
            |at| instant(at).map_err(|source| StoreError::corrupt(&keys::session(session), source));
        let ends_at = self.started + millis_of(SESSION_LASTS);
        let rests_until = (self.last_used + millis_of(SESSION_RESTS)).min(ends_at);
        Ok(SessionEnds { rests_until: read(rests_until)?, ends_at: read(ends_at)? })
    }

    fn caller(&self, session: SessionId, expires: Timestamp) -> Result<Caller, StoreError> {
        let key = keys::session(&session);
        let unknown = |error: UnknownCode| StoreError::corrupt(&key, error);
        Ok(Caller {
            account: self.account.clone(),
            session,
            level: self.level,
            role: self.role.parse().map_err(unknown)?,
            profile: self.profile.parse().map_err(unknown)?,
            organisation: self.organisation.clone(),
            province: self.province.clone(),
            expires,
        })
    }
}

fn hashed(secret: &[u8; 32]) -> String {
    HEXLOWER.encode(&Sha256::digest(secret))
}

fn same(left: &str, right: &str) -> bool {
    left.as_bytes().ct_eq(right.as_bytes()).into()
}

fn millis_of(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A session of Anna, opened at nine.
    fn opened(organisation: Option<&OrganisationId>, started: Timestamp) -> SessionRow {
        SessionRow {
            pk: String::new(),
            sk: String::new(),
            v: 1,
            account: AccountId::keyed(&[1; 32]),
            level: 2,
            role: Role::Operator.code().to_owned(),
            profile: Profile::Organisation.code().to_owned(),
            organisation: organisation.cloned(),
            province: None,
            started: millis(started),
            last_used: millis(started),
            refresh: String::new(),
            refresh_before: None,
            refreshed: millis(started),
            ended: None,
            expires_at: (started + SESSION_LASTS).as_second(),
        }
    }

    /// ORG-7: a leaving ends what the membership gave; a new password ends everything.
    #[test]
    fn the_end_of_a_membership_ends_its_own_sessions_alone() {
        let nine: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
        let minute = SignedDuration::from_mins(1);
        let (ours, other) = (OrganisationId::keyed(&[2; 32]), OrganisationId::keyed(&[3; 32]));
        let (account, id) = (AccountId::keyed(&[1; 32]), SessionId::from_random([4; 16]));
        let leaving = [EndRow::of_membership(&account, &ours, nine + minute)];
        let lives =
            |organisation, ends: &[EndRow], now| opened(organisation, nine).lives(&id, ends, now);
        assert!(lives(Some(&ours), &leaving, nine));
        assert!(!lives(Some(&ours), &leaving, nine + minute));
        assert!(lives(Some(&other), &leaving, nine + minute));
        assert!(lives(None, &leaving, nine + minute), "of an office, or of a private user");
        let all = [EndRow::of(&account, nine + minute, None)];
        for organisation in [Some(&ours), Some(&other), None] {
            assert!(!lives(organisation, &all, nine + minute));
        }
    }
}
