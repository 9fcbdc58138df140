//! The human check: a proof of work of our own (ALTCHA's scheme, version 1), or a code by mail; each is good once (ADR 11).

use aws_sdk_dynamodb::{Client, error::ProvideErrorMetadata, types::AttributeValue};
use data_encoding::{BASE64, BASE64_NOPAD, HEXLOWER};
use domain::{
    activation::ActivationCode,
    email_address::EmailAddress,
    ids::LetterId,
    letter::{HUMAN_CHECK_CODE_LASTS, LetterKind, MOST_GUESSES},
};
use hmac::{Hmac, KeyInit, Mac};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::{
    keys::{self, Key},
    letters::{Letter, LetterSecrets, Letters},
    retry::{Failure, retried},
    rows::{StoreError, millis},
    table,
    transaction::{self, number},
};
use outside::keying::Keying;

/// How long a challenge may be solved and used: the person fills in a form meanwhile.
const CHALLENGE_LASTS: SignedDuration = SignedDuration::from_mins(20);

/// The only algorithm that we give and take.
const ALGORITHM: &str = "SHA-256";

/// A challenge as ALTCHA's widget reads it: find the number whose hash after the salt is the challenge.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Challenge {
    /// Always `SHA-256`.
    pub algorithm: String,
    /// SHA-256 of salt and number, in hexadecimal.
    pub challenge: String,
    /// The number is not greater.
    pub maxnumber: u32,
    /// Random, with the instant (seconds) until which the solution is taken.
    pub salt: String,
    /// Ours, over the challenge.
    pub signature: String,
}

/// What the widget sends back, in base64.
#[derive(Debug, Deserialize, Serialize)]
struct Solution {
    algorithm: String,
    challenge: String,
    number: u32,
    salt: String,
    signature: String,
}

/// What is wrong with a human check.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum HumanCheckFault {
    /// Neither a solution nor a code, or a wrong one.
    Wrong,
    /// It was right, but is over or was used.
    Over,
    /// Too many wrong codes.
    Exhausted,
    /// None was sent where tries before this one make it necessary (ACC-3).
    Missing,
}

/// A human check that is right and not used yet.
#[derive(Clone, Debug)]
pub enum Proof {
    /// A solved challenge.
    Solved {
        /// Names it in the store.
        challenge: String,
        /// When it is over, in seconds.
        ends: i64,
    },
    /// A code from a letter.
    Mailed {
        /// Opaque name of the address.
        opaque: String,
        /// The letter.
        letter: LetterId,
    },
}

#[derive(Debug, Deserialize, Serialize)]
struct CodeRow {
    pk: String,
    sk: String,
    v: u8,
    letter: LetterId,
    guesses: u8,
    ends: i64,
    expires_at: i64,
}

#[derive(Debug, Serialize)]
struct UsedRow {
    pk: String,
    sk: String,
    v: u8,
    expires_at: i64,
}

/// Gives challenges and judges their solutions.
#[derive(Clone)]
pub struct HumanCheck {
    client: Client,
    table: String,
    letters: Letters,
    secrets: LetterSecrets,
    keying: Keying,
    key: [u8; 32],
    most: u32,
}

impl std::fmt::Debug for HumanCheck {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("HumanCheck").field("most", &self.most).finish_non_exhaustive()
    }
}

impl HumanCheck {
    /// With so much work: a solver tries half as many numbers on average.
    pub fn new(
        client: Client,
        portal: String,
        sessions: String,
        keying: Keying,
        most: u32,
    ) -> Self {
        Self {
            letters: Letters::new(client.clone(), portal),
            secrets: LetterSecrets::new(&keying),
            key: keying.derived("human-check"),
            client,
            table: sessions,
            keying,
            most,
        }
    }

    /// A new challenge; `random` decides salt and number.
    pub fn challenge(&self, random: [u8; 16], now: Timestamp) -> Challenge {
        let [a, b, c, d, salt @ ..] = random;
        let number = u32::from_be_bytes([a, b, c, d]) % self.most.saturating_add(1);
        let ends = (now + CHALLENGE_LASTS).as_second();
        // The `&` at the end keeps digits of the number from being read as part of the instant.
        let salt = format!("{}?expires={ends}&", HEXLOWER.encode(&salt));
        let challenge = hashed(&salt, number);
        Challenge {
            algorithm: ALGORITHM.to_owned(),
            signature: HEXLOWER.encode(&self.signed(&challenge).finalize().into_bytes()),
            challenge,
            maxnumber: self.most,
            salt,
        }
    }

    /// Judges the human check that a person sent: a solved challenge, or the code that was mailed to `address`. A typed
    /// code counts as a guess, right or wrong.
    pub async fn examine(
        &self,
        sent: &str,
        address: Option<&EmailAddress>,
        now: Timestamp,
    ) -> Result<Result<Proof, HumanCheckFault>, StoreError> {
        match (sent.parse::<ActivationCode>(), address) {
            (Ok(typed), Some(address)) => self.examine_code(&typed, address, now).await,
            (Ok(_), None) => Ok(Err(HumanCheckFault::Wrong)),
            (Err(_), _) => Ok(self.examine_solution(sent, now)),
        }
    }

    /// Uses a human check up; false when another request was faster.
    pub async fn use_up(&self, proof: &Proof, now: Timestamp) -> Result<bool, StoreError> {
        match proof {
            Proof::Solved { challenge, ends } => {
                let key = keys::used_human_check(challenge);
                let row = UsedRow { pk: key.pk, sk: key.sk, v: 1, expires_at: *ends };
                table::put_new(&self.client, &self.table, &row, "human check").await
            }
            Proof::Mailed { opaque, letter } => {
                let key = keys::human_check_code(opaque);
                let taken = retried(|| {
                    self.client
                        .delete_item()
                        .table_name(&self.table)
                        .set_key(Some(key.item()))
                        .condition_expression("letter = :letter AND ends > :now")
                        .expression_attribute_values(
                            ":letter",
                            AttributeValue::S(letter.to_string()),
                        )
                        .expression_attribute_values(
                            ":now",
                            AttributeValue::N(millis(now).to_string()),
                        )
                        .send()
                })
                .await;
                outcome(taken.map(|_| ()), "human check")
            }
        }
    }

    /// Mails a code to an address; a code that was mailed before is void.
    pub async fn mail_code(
        &self,
        to: &EmailAddress,
        id: LetterId,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let key = self.code_key(to);
        let ends = now + HUMAN_CHECK_CODE_LASTS;
        let row = CodeRow {
            pk: key.pk,
            sk: key.sk,
            v: 1,
            letter: id.clone(),
            guesses: 0,
            ends: millis(ends),
            expires_at: ends.as_second(),
        };
        let letter = Letter {
            id,
            kind: LetterKind::HumanCheckCode,
            to: to.clone(),
            facts: std::collections::BTreeMap::new(),
        };
        let items = vec![transaction::put(&self.table, &row)?, self.letters.item(&letter, now)?];
        // A letter's identifier is fresh: no condition fails.
        table::transact(&self.client, items, "human check").await.map(|_| ())
    }

    async fn examine_code(
        &self,
        typed: &ActivationCode,
        address: &EmailAddress,
        now: Timestamp,
    ) -> Result<Result<Proof, HumanCheckFault>, StoreError> {
        let opaque = self.keying.opaque("email", &address.comparable());
        let key = keys::human_check_code(&opaque);
        // Counted before it is compared: guesses at once are at most five, too.
        let counted = retried(|| {
            self.client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(key.item()))
                .update_expression("ADD guesses :one")
                .condition_expression("attribute_exists(pk) AND guesses < :most AND ends > :now")
                .expression_attribute_values(":one", number(1))
                .expression_attribute_values(":most", number(u64::from(MOST_GUESSES)))
                .expression_attribute_values(":now", AttributeValue::N(millis(now).to_string()))
                .return_values(aws_sdk_dynamodb::types::ReturnValue::AllNew)
                .send()
        })
        .await;
        let row: CodeRow = match counted {
            Ok(output) => serde_dynamo::from_item(output.attributes.unwrap_or_default())
                .map_err(|source| StoreError::corrupt(&key, source))?,
            Err(error) if Failure::of(&error) == Failure::Condition => {
                let row: Option<CodeRow> =
                    table::row(&self.client, &self.table, &key, "human check").await?;
                let is_exhausted =
                    row.is_some_and(|row| row.guesses >= MOST_GUESSES && row.ends > millis(now));
                return Ok(Err(if is_exhausted {
                    HumanCheckFault::Exhausted
                } else {
                    HumanCheckFault::Wrong
                }));
            }
            Err(error) => return Err(StoreError::unavailable("human check", error)),
        };
        if !self.secrets.code(&row.letter).is(typed) {
            return Ok(Err(HumanCheckFault::Wrong));
        }
        Ok(Ok(Proof::Mailed { opaque, letter: row.letter }))
    }

    fn examine_solution(&self, sent: &str, now: Timestamp) -> Result<Proof, HumanCheckFault> {
        let bytes = BASE64
            .decode(sent.trim().as_bytes())
            .or_else(|_| BASE64_NOPAD.decode(sent.trim().as_bytes()))
            .map_err(|_| HumanCheckFault::Wrong)?;
        let solution: Solution =
            serde_json::from_slice(&bytes).map_err(|_| HumanCheckFault::Wrong)?;
        let signature =
            HEXLOWER.decode(solution.signature.as_bytes()).map_err(|_| HumanCheckFault::Wrong)?;
        let is_ours = self.signed(&solution.challenge).verify_slice(&signature).is_ok();
        let is_solved = hashed(&solution.salt, solution.number) == solution.challenge;
        if solution.algorithm != ALGORITHM || !is_ours || !is_solved {
            return Err(HumanCheckFault::Wrong);
        }
        let ends: i64 = solution
            .salt
            .split_once("?expires=")
            .and_then(|(_, ends)| ends.strip_suffix('&')?.parse().ok())
            .ok_or(HumanCheckFault::Wrong)?;
        if now.as_second() >= ends {
            return Err(HumanCheckFault::Over);
        }
        Ok(Proof::Solved { challenge: solution.challenge, ends })
    }

    fn signed(&self, challenge: &str) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes a key of any length")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes any key");
        mac.update(challenge.as_bytes());
        mac
    }

    fn code_key(&self, address: &EmailAddress) -> Key {
        keys::human_check_code(&self.keying.opaque("email", &address.comparable()))
    }
}

/// The work that a setting says; what is no number is taken for the usual work.
pub fn work(setting: &str) -> u32 {
    setting.parse().unwrap_or(50_000)
}

/// Solves a challenge as the widget does, for tests and the journey; gives what is to be sent.
pub fn solve(challenge: &Challenge) -> Option<String> {
    let number = (0..=challenge.maxnumber)
        .find(|number| hashed(&challenge.salt, *number) == challenge.challenge)?;
    let solution = Solution {
        algorithm: challenge.algorithm.clone(),
        challenge: challenge.challenge.clone(),
        number,
        salt: challenge.salt.clone(),
        signature: challenge.signature.clone(),
    };
    serde_json::to_vec(&solution).ok().map(|bytes| BASE64.encode(&bytes))
}

fn hashed(salt: &str, number: u32) -> String {
    HEXLOWER.encode(&Sha256::digest(format!("{salt}{number}")))
}

fn outcome<E, R>(
    result: Result<(), aws_sdk_dynamodb::error::SdkError<E, R>>,
    what: &'static str,
) -> Result<bool, StoreError>
where
    E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
    R: std::fmt::Debug + Send + Sync + 'static,
{
    match result {
        Ok(()) => Ok(true),
        Err(error) if Failure::of(&error) == Failure::Condition => Ok(false),
        Err(error) => Err(StoreError::unavailable(what, error)),
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};

    use super::*;

    fn check(secret: &str) -> HumanCheck {
        let nowhere = aws_sdk_dynamodb::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-south-1"))
            .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
            .endpoint_url("http://127.0.0.1:1")
            .build();
        let keying = Keying::new(secret.as_bytes().to_vec());
        let table = || "table".to_owned();
        HumanCheck::new(Client::from_conf(nowhere), table(), table(), keying, 200)
    }

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_768_200_000 + second).unwrap()
    }

    fn fault(check: &HumanCheck, sent: &str, now: Timestamp) -> HumanCheckFault {
        check.examine_solution(sent, now).unwrap_err()
    }

    #[test]
    fn a_solved_challenge_of_ours_is_a_human_check_until_its_end() {
        let check = check("secret");
        for seed in 0..8 {
            let challenge = check.challenge([seed; 16], at(0));
            assert!(challenge.maxnumber == 200);
            let sent = solve(&challenge).unwrap();
            assert!(sent.len() < 500, "longer than a field may be: {}", sent.len());
            assert!(check.examine_solution(&sent, at(0)).is_ok());
            assert!(check.examine_solution(&sent, at(20 * 60 - 1)).is_ok());
            assert_eq!(fault(&check, &sent, at(20 * 60)), HumanCheckFault::Over);
        }
    }

    #[test]
    fn what_is_forged_or_not_solved_is_none() {
        let check = check("secret");
        let challenge = check.challenge([9; 16], at(0));
        let forged = self::check("another").challenge([9; 16], at(0));
        assert_eq!(fault(&check, &solve(&forged).unwrap(), at(0)), HumanCheckFault::Wrong);
        let changed = |change: fn(&mut Solution)| {
            let bytes = BASE64.decode(solve(&challenge).unwrap().as_bytes()).unwrap();
            let mut solution: Solution = serde_json::from_slice(&bytes).unwrap();
            change(&mut solution);
            BASE64.encode(&serde_json::to_vec(&solution).unwrap())
        };
        let changes: [fn(&mut Solution); 5] = [
            |solution| solution.number += 1,
            |solution| solution.algorithm = "SHA-1".to_owned(),
            // Another instant: the hash is another, too.
            |solution| solution.salt = solution.salt.replace("expires=1", "expires=2"),
            |solution| solution.signature = "00".repeat(32),
            |solution| solution.challenge = "00".repeat(32),
        ];
        for change in changes {
            assert_eq!(fault(&check, &changed(change), at(0)), HumanCheckFault::Wrong);
        }
        for sent in ["", "x", "e30=", "non è base64", &"A".repeat(400)] {
            assert_eq!(fault(&check, sent, at(0)), HumanCheckFault::Wrong, "{sent}");
        }
    }
}
