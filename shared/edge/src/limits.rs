//! Limits: how often a client, an address or an account may do something, and the answer after that (ADR 11).

use jiff::Timestamp;
use outside::keying::Keying;
use store::attempts::{Attempts, Limit};

use crate::http::{ApiRequest, Problem, ProblemKind};

/// Counts one attempt and refuses it when it is one too many, with when to come back.
pub async fn admit(
    attempts: &Attempts,
    limit: &Limit,
    opaque: &str,
    now: Timestamp,
) -> Result<(), Problem> {
    if attempts.count_for(limit, opaque, now).await? > limit.most {
        return Err(Problem::new(ProblemKind::TooMany).retry_after_s(limit.until_next(now)));
    }
    Ok(())
}

/// Limits of clients, addresses and accounts, each counted under an opaque name (ADR 11).
#[derive(Clone, Debug)]
pub struct Limits {
    attempts: Attempts,
    keying: Keying,
}

impl Limits {
    /// Counts with these counters.
    pub const fn new(attempts: Attempts, keying: Keying) -> Self {
        Self { attempts, keying }
    }

    /// The opaque name of the client that sends this request.
    pub fn client(&self, request: &ApiRequest) -> String {
        self.keying.opaque("address", &request.client())
    }

    /// Lets a client on, or says when to come back. An office, or a whole town behind one address, shares it.
    pub async fn admit_client(
        &self,
        request: &ApiRequest,
        limits: &[Limit],
    ) -> Result<(), Problem> {
        self.admit(&self.client(request), limits, request).await
    }

    /// The same for anything that has an opaque name.
    pub async fn admit(
        &self,
        opaque: &str,
        limits: &[Limit],
        request: &ApiRequest,
    ) -> Result<(), Problem> {
        for limit in limits {
            admit(&self.attempts, limit, opaque, request.arrival).await?;
        }
        Ok(())
    }

    /// The counters, for callers that do more than refuse.
    pub const fn attempts(&self) -> &Attempts {
        &self.attempts
    }
}
