//! Instants as a PDF writes them (ISO 32000-1, 7.9.4).

use jiff::{Timestamp, civil, tz::Offset};

/// `D:20261128111026+01'00'`; what is left out from the month on is the first, and of no zone is UTC. None if the text is
/// no instant.
pub(super) fn instant(text: &[u8]) -> Option<Timestamp> {
    let text = str::from_utf8(text).ok()?.trim();
    let text = text.strip_prefix("D:").unwrap_or(text);
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (digits, zone) = text.split_at_checked(digits)?;
    let rest = "00000101000000".get(digits.len()..)?;
    if digits.len() < 4 || digits.len() % 2 == 1 {
        return None;
    }
    let civil = civil::DateTime::strptime("%Y%m%d%H%M%S", format!("{digits}{rest}")).ok()?;
    offset(zone)?.to_timestamp(civil).ok()
}

fn offset(zone: &str) -> Option<Offset> {
    if zone.is_empty() {
        return Some(Offset::UTC);
    }
    let zone: String = zone.chars().filter(|letter| *letter != '\'').collect();
    let (sign, time) = match zone.split_at_checked(1)? {
        ("+", time) => (1, time),
        ("-", time) => (-1, time),
        ("Z", _) => return Some(Offset::UTC),
        _ => return None,
    };
    let number = |text: Option<&str>| -> Option<i32> {
        let text = text?;
        (text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse().ok())?
    };
    let hours = number(time.get(..2))?;
    let minutes = if time.len() > 2 { number(time.get(2..))? } else { 0 };
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_read_as_programs_write_them() {
        for (text, expected) in [
            ("D:20261128111026Z", "2026-11-28T11:10:26Z"),
            ("D:20261128111026Z00'00'", "2026-11-28T11:10:26Z"),
            ("D:20261128121026+01'00'", "2026-11-28T11:10:26Z"),
            ("D:20261128121026+01'00", "2026-11-28T11:10:26Z"),
            ("20261128101026-0100", "2026-11-28T11:10:26Z"),
            ("D:202611281110Z", "2026-11-28T11:10:00Z"),
        ] {
            assert_eq!(instant(text.as_bytes()), expected.parse().ok(), "{text}");
        }
        for text in [
            "",
            "D:",
            "D:20261",
            "D:20261328111026Z",
            "D:20261128111026+99'99'",
            "D:2026112811102699Z",
        ] {
            assert_eq!(instant(text.as_bytes()), None, "{text}");
        }
    }
}
