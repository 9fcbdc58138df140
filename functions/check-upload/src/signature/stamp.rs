//! Time stamps (RFC 3161), in a signature or over a whole PDF (AdES levels T and LT).

use jiff::{Timestamp, civil, tz::TimeZone};

use super::ber;
use super::key::Hash;

const GENERALIZED_TIME: u8 = 0x18;

/// What a time stamp says about some bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stamp {
    /// That they existed at this instant: the signature of the time-stamping authority holds, whichever authority it is.
    At(Timestamp),
    /// It is of other bytes.
    OfOthers,
    /// Nothing that can be verified here.
    Unknown,
}

/// Hash, imprint and instant of a `TSTInfo`.
pub(crate) fn content(bytes: &[u8]) -> Option<(Hash, Vec<u8>, Timestamp)> {
    let fields = ber::read(bytes)?.0.tagged(ber::SEQUENCE)?.values()?;
    let [_version, _policy, imprint, _serial, at, ..] = *fields.as_slice() else { return None };
    let [hash, imprint] = *imprint.tagged(ber::SEQUENCE)?.values()? else { return None };
    let hash = Hash::of(hash.first()?).ok()?;
    Some((hash, imprint.octets()?.into_owned(), instant(at.tagged(GENERALIZED_TIME)?.body)?))
}

/// `20261128111026.25Z`, to the second below.
fn instant(text: &[u8]) -> Option<Timestamp> {
    let text = str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.len() != 14 || !is_digits(whole) || !is_digits(fraction) {
        return None;
    }
    let civil = civil::DateTime::strptime("%Y%m%d%H%M%S", whole).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_with_and_without_fractions() {
        for text in ["20261128111026Z", "20261128111026.25Z"] {
            assert_eq!(instant(text.as_bytes()), "2026-11-28T11:10:26Z".parse().ok());
        }
        for text in [
            "20261128111026",
            "202611281110Z",
            "20261128111026.x5Z",
            "20261328111026Z",
            "+0261128111026Z",
        ] {
            assert_eq!(instant(text.as_bytes()), None, "{text}");
        }
    }
}
