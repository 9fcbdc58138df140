//! The activation code that proves that the employer's certified mailbox wants the application (ACT-1).

use std::fmt;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq as _;

use crate::base32;
use crate::ids::{ApplicationId, LetterId};
use crate::keyed_hash::keyed_hash;

/// Characters of a code: 8 × 5 bits, against five guesses per code.
const CHARACTERS: u32 = 8;

/// An activation code. It is never stored: the mail sender derives it again, the store keeps its hash.
///
/// It has no `Display` and a redacted `Debug`, so that it ends in no log.
#[derive(Clone, PartialEq, Eq)]
pub struct ActivationCode(Box<str>);

impl ActivationCode {
    /// The code of this issue: the same secret, application and nonce always give the same code.
    ///
    /// 40 bits of an HMAC make eight symbols of an alphabet of 32, so that no symbol is likelier than another.
    pub fn derive(secret: &[u8], application: &ApplicationId, nonce: &[u8; 16]) -> Self {
        Self::of_digest(&keyed_hash(
            secret,
            "activation code",
            &[application.as_str().as_bytes(), nonce],
        ))
    }

    /// The code that a letter holds (ACC-2): the same secret and letter always give the same code.
    pub fn of_letter(secret: &[u8], letter: &LetterId) -> Self {
        Self::of_digest(&keyed_hash(secret, "letter code", &[letter.as_str().as_bytes()]))
    }

    /// Whether two codes are one; it takes the same time wherever they differ.
    pub fn is(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }

    fn of_digest(digest: &[u8; 32]) -> Self {
        let head = digest.first_chunk::<16>().copied().unwrap_or_default();
        Self(base32::encode(u128::from_be_bytes(head), CHARACTERS).to_ascii_uppercase().into())
    }

    /// The code as the PEC shows it, `XXXX-XXXX`; for the message alone.
    pub fn reveal(&self) -> String {
        let (left, right) = self.0.split_at_checked(4).unwrap_or((&self.0, ""));
        format!("{left}-{right}")
    }

    /// What the store keeps, and what a typed code is compared by.
    pub fn hash(&self, pepper: &[u8], application: &ApplicationId) -> CodeHash {
        CodeHash(keyed_hash(
            pepper,
            "activation code hash",
            &[application.as_str().as_bytes(), self.0.as_bytes()],
        ))
    }
}

/// Why a typed text cannot be a code. It was never compared, so it costs no attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not eight characters, spaces and dashes apart.
    #[error("{0} characters instead of 8")]
    Length(usize),
    /// A character that no code contains; the position counts from 0, spaces and dashes apart.
    #[error("character {0} is in no code")]
    Character(usize),
}

impl FromStr for ActivationCode {
    type Err = CodeError;

    /// Reads what a person typed: spaces, dashes and case do not count, i and l are read as 1, o as 0.
    fn from_str(typed: &str) -> Result<Self, CodeError> {
        let mut code = String::new();
        let symbols = typed
            .chars()
            .filter(|symbol| !symbol.is_whitespace() && !matches!(symbol, '-' | '‐' | '–' | '—'));
        for (symbol, position) in symbols.zip(0..) {
            let value = base32::typed_value(symbol).ok_or(CodeError::Character(position))?;
            code.push(base32::symbol(value.into()).to_ascii_uppercase());
        }
        if code.len() != usize::try_from(CHARACTERS).unwrap_or_default() {
            return Err(CodeError::Length(code.len()));
        }
        Ok(Self(code.into()))
    }
}

impl fmt::Debug for ActivationCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ActivationCode([redacted])")
    }
}

/// HMAC-SHA256 of an application and its code; equality takes the same time wherever two hashes differ.
#[derive(Clone, Copy)]
pub struct CodeHash([u8; 32]);

impl CodeHash {
    /// The hash as it was stored.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The bytes to store.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for CodeHash {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for CodeHash {}

impl fmt::Debug for CodeHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CodeHash([redacted])")
    }
}

/// How codes are issued and tried: campaign data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ActivationRules {
    /// How long a code can be used after its issue; its last instant is excluded.
    pub valid_for: SignedDuration,
    /// Wrong codes that may be typed before the code is spent.
    pub max_attempts: u8,
    /// The least time between two issues.
    pub min_pause: SignedDuration,
    /// Codes within one `issue_window`, the first included.
    pub max_issues: u8,
    /// After this time from the first of a run of issues, counting begins anew.
    pub issue_window: SignedDuration,
}

/// The code of an application as the store keeps it: what is needed to check it and to derive it again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Activation {
    /// What a typed code is compared with.
    pub hash: CodeHash,
    /// With which the code can be derived again for the PEC.
    pub nonce: [u8; 16],
    /// When this code was issued.
    pub issued_at: Timestamp,
    /// From when on it is refused.
    pub expires_at: Timestamp,
    /// Wrong codes typed so far.
    pub wrong_attempts: u8,
    /// Codes issued since `counted_from`, this one included.
    pub issued: u8,
    /// When the first code of the present run was issued.
    pub counted_from: Timestamp,
}

/// The person asked for codes too fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many codes; another one from {retry_at} on")]
pub struct TooManyCodes {
    /// From when on another code can be asked for.
    pub retry_at: Timestamp,
}

/// The verdict on a typed code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It opens the form.
    Right,
    /// It does not; the wrong attempt is to be counted, in the store, before the answer.
    Wrong {
        /// Attempts that are left after this one.
        left: u8,
    },
    /// The code is too old; a new one can be asked for.
    Expired,
    /// Too many wrong codes were typed; a new one can be asked for.
    Exhausted,
}

impl Activation {
    /// The next code of an application, which replaces the previous one.
    pub fn issue(
        previous: Option<&Self>,
        rules: &ActivationRules,
        hash: CodeHash,
        nonce: [u8; 16],
        now: Timestamp,
    ) -> Result<Self, TooManyCodes> {
        let (issued, counted_from) = match previous {
            Some(previous) => previous.next_count(rules, now)?,
            None => (1, now),
        };
        let expires_at = after(now, rules.valid_for);
        Ok(Self {
            hash,
            nonce,
            issued_at: now,
            expires_at,
            wrong_attempts: 0,
            issued,
            counted_from,
        })
    }

    /// Judges a typed code. It compares in every case, so that time tells nothing.
    pub fn verify(&self, presented: &CodeHash, now: Timestamp, rules: &ActivationRules) -> Verdict {
        let right = self.hash == *presented;
        let left = self.attempts_left(rules);
        if left == 0 {
            Verdict::Exhausted
        } else if now >= self.expires_at {
            Verdict::Expired
        } else if right {
            Verdict::Right
        } else {
            Verdict::Wrong { left: left - 1 }
        }
    }

    /// Wrong codes that may still be typed.
    pub const fn attempts_left(&self, rules: &ActivationRules) -> u8 {
        rules.max_attempts.saturating_sub(self.wrong_attempts)
    }

    /// From when on another code can be asked for; none where that is now.
    pub fn next_issue(&self, rules: &ActivationRules, now: Timestamp) -> Option<Timestamp> {
        self.next_count(rules, now).err().map(|too_many| too_many.retry_at)
    }

    /// The same code after one more wrong attempt.
    #[must_use]
    pub const fn after_wrong(self) -> Self {
        Self { wrong_attempts: self.wrong_attempts.saturating_add(1), ..self }
    }

    fn next_count(
        &self,
        rules: &ActivationRules,
        now: Timestamp,
    ) -> Result<(u8, Timestamp), TooManyCodes> {
        let after_pause = after(self.issued_at, rules.min_pause);
        if now < after_pause {
            return Err(TooManyCodes { retry_at: after_pause });
        }
        let window_end = after(self.counted_from, rules.issue_window);
        if now >= window_end {
            return Ok((1, now));
        }
        if self.issued >= rules.max_issues {
            return Err(TooManyCodes { retry_at: window_end });
        }
        Ok((self.issued.saturating_add(1), self.counted_from))
    }
}

/// An instant later by `duration`; the end of time where there is none.
fn after(instant: Timestamp, duration: SignedDuration) -> Timestamp {
    instant.saturating_add(duration).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const RULES: ActivationRules = ActivationRules {
        valid_for: SignedDuration::from_hours(72),
        max_attempts: 5,
        min_pause: SignedDuration::from_secs(60),
        max_issues: 3,
        issue_window: SignedDuration::from_hours(24),
    };

    fn application() -> ApplicationId {
        ApplicationId::from_random([1; 16])
    }

    fn start() -> Timestamp {
        "2025-10-23T07:00:00Z".parse().unwrap()
    }

    fn first() -> (ActivationCode, Activation) {
        let nonce = [9; 16];
        let code = ActivationCode::derive(b"secret", &application(), &nonce);
        let hash = code.hash(b"pepper", &application());
        let activation = Activation::issue(None, &RULES, hash, nonce, start()).unwrap();
        (code, activation)
    }

    fn again(previous: &Activation, now: Timestamp) -> Result<Activation, TooManyCodes> {
        Activation::issue(Some(previous), &RULES, previous.hash, [8; 16], now)
    }

    #[test]
    fn the_same_issue_always_gives_the_same_code() {
        let (code, activation) = first();
        let derived = ActivationCode::derive(b"secret", &application(), &activation.nonce);
        assert_eq!(derived, code);
        assert_ne!(ActivationCode::derive(b"secret", &application(), &[8; 16]), code);
        assert_ne!(ActivationCode::derive(b"other", &application(), &activation.nonce), code);
        let other = ApplicationId::from_random([2; 16]);
        assert_ne!(ActivationCode::derive(b"secret", &other, &activation.nonce), code);
        assert_ne!(code.hash(b"pepper", &other), activation.hash);
        assert_ne!(code.hash(b"salt", &application()), activation.hash);
    }

    #[test]
    fn a_code_is_never_printed_by_accident() {
        let (code, activation) = first();
        assert_eq!(format!("{code:?}"), "ActivationCode([redacted])");
        assert!(!format!("{activation:?}").contains(&code.reveal()));
        assert_eq!(code.reveal().len(), 9);
    }

    #[test]
    fn spaces_dashes_case_and_look_alikes_do_not_count() {
        let code: ActivationCode = "0A1B-2C3D".parse().unwrap();
        for typed in [" oalb2c3d ", "0a1b 2c3d", "0A-1B-2C-3D", "OaIb\u{a0}2C3d", "0A1B–2C3D\n"] {
            assert_eq!(typed.parse(), Ok(code.clone()), "{typed:?}");
        }
        assert_eq!("".parse::<ActivationCode>(), Err(CodeError::Length(0)));
        assert_eq!("0A1B-2C3".parse::<ActivationCode>(), Err(CodeError::Length(7)));
        assert_eq!("0A1B-2C3D-4".parse::<ActivationCode>(), Err(CodeError::Length(9)));
        assert_eq!("0A1B-2C3U".parse::<ActivationCode>(), Err(CodeError::Character(7)));
        assert_eq!("0A1B_2C3D".parse::<ActivationCode>(), Err(CodeError::Character(4)));
    }

    /// ACT-1: the right code opens the form, a wrong one does not.
    #[test]
    fn only_the_right_code_in_time_is_right() {
        let (code, activation) = first();
        let hash = code.hash(b"pepper", &application());
        let wrong = CodeHash::from_bytes([0; 32]);
        let last = start() + RULES.valid_for - SignedDuration::from_millis(1);
        assert_eq!(activation.verify(&hash, start(), &RULES), Verdict::Right);
        assert_eq!(activation.verify(&hash, last, &RULES), Verdict::Right);
        assert_eq!(activation.verify(&hash, start() + RULES.valid_for, &RULES), Verdict::Expired);
        assert_eq!(activation.verify(&wrong, start(), &RULES), Verdict::Wrong { left: 4 });
    }

    /// ACT-1: attempts are limited; after the fifth wrong code the right one does not open either.
    #[test]
    fn five_wrong_codes_exhaust_it() {
        let (code, mut activation) = first();
        let hash = code.hash(b"pepper", &application());
        let wrong = CodeHash::from_bytes([0; 32]);
        for left in (0..5).rev() {
            assert_eq!(activation.verify(&wrong, start(), &RULES), Verdict::Wrong { left });
            activation = activation.after_wrong();
        }
        assert_eq!(activation.verify(&wrong, start(), &RULES), Verdict::Exhausted);
        assert_eq!(activation.verify(&hash, start(), &RULES), Verdict::Exhausted);

        let fresh = again(&activation, start() + RULES.min_pause).unwrap();
        assert_eq!(fresh.verify(&hash, start() + RULES.min_pause, &RULES), Verdict::Right);
    }

    /// ACT-1: a new code can be asked for at a limited rate.
    #[test]
    fn codes_are_issued_at_a_limited_rate() {
        let (_, first) = first();
        let pause = RULES.min_pause;
        let too_soon = again(&first, start() + pause - SignedDuration::from_millis(1));
        assert_eq!(too_soon, Err(TooManyCodes { retry_at: start() + pause }));

        let second = again(&first, start() + pause).unwrap();
        let third = again(&second, start() + pause * 2).unwrap();
        assert_eq!((third.issued, third.counted_from), (3, start()));
        let retry_at = start() + RULES.issue_window;
        assert_eq!(again(&third, start() + pause * 3), Err(TooManyCodes { retry_at }));

        let next_day = again(&third, retry_at).unwrap();
        assert_eq!((next_day.issued, next_day.counted_from), (1, retry_at));
    }

    #[test]
    fn the_end_of_time_is_no_panic() {
        let (_, activation) = first();
        let late =
            Activation { issued_at: Timestamp::MAX, counted_from: Timestamp::MAX, ..activation };
        assert!(again(&late, Timestamp::MAX).is_ok());
    }

    proptest! {
        #[test]
        fn what_the_mail_shows_is_what_can_be_typed(secret: [u8; 32], id: [u8; 16], nonce: [u8; 16]) {
            let application = ApplicationId::from_random(id);
            let code = ActivationCode::derive(&secret, &application, &nonce);
            prop_assert_eq!(code.reveal().parse(), Ok(code.clone()));
            prop_assert_eq!(code.reveal().to_lowercase().replace('-', " ").parse(), Ok(code));
        }

        #[test]
        fn no_text_makes_parsing_panic(text in ".*") {
            let _ = text.parse::<ActivationCode>();
        }
    }
}
