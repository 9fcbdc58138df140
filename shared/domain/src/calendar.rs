//! Wall-clock time in Europe/Rome: reading it from campaign data, holidays, and writing instants for people.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, DateTime, Weekday};
use jiff::tz::{self, AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Compiled in, so that a function never depends on the tz database of its machine.
static ROME: TimeZone = tz::get!("Europe/Rome");

/// From this year on 4 October is a holiday again (L. 151/2025).
const FIRST_YEAR_OF_SAINT_FRANCIS: i16 = 2026;

const MONTHS: [&str; 12] = [
    "gennaio",
    "febbraio",
    "marzo",
    "aprile",
    "maggio",
    "giugno",
    "luglio",
    "agosto",
    "settembre",
    "ottobre",
    "novembre",
    "dicembre",
];

/// Europe/Rome, as compiled in.
pub fn rome() -> TimeZone {
    ROME.clone()
}

/// An instant as campaign data writes it (CAL-1).
///
/// Two ways of writing are read:
/// - the wall clock of Rome, `2026-01-12 09:00`, `2026-01-12 09:00:30` or `2026-01-12 09:00:30.250`;
/// - an RFC 3339 instant with its offset, `2026-01-12T08:00:00.250Z`.
///
/// A wall-clock time that the spring change skips is an error: its author meant something else. One that the autumn
/// change repeats is the first of the two; an author who means the second writes the offset. Precision ends at the
/// millisecond, because arrivals are measured in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RomeTime(Timestamp);

/// Why a text is not an instant of campaign data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RomeTimeError {
    #[error("scrivi un'ora di Roma come 2026-01-12 09:00, o un istante RFC 3339 con il suo scarto")]
    Unreadable,
    #[error("a Roma quest'ora non esiste: l'orologio la salta")]
    DoesNotExist,
    #[error("gli istanti arrivano al millisecondo, non oltre")]
    TooPrecise,
}

impl RomeTime {
    /// The instant meant.
    pub fn instant(self) -> Timestamp {
        self.0
    }
}

impl From<RomeTime> for Timestamp {
    fn from(time: RomeTime) -> Self {
        time.0
    }
}

impl From<Timestamp> for RomeTime {
    /// Cuts to the millisecond.
    fn from(instant: Timestamp) -> Self {
        Self(Timestamp::from_millisecond(instant.as_millisecond()).unwrap_or(instant))
    }
}

impl FromStr for RomeTime {
    type Err = RomeTimeError;

    fn from_str(text: &str) -> Result<Self, RomeTimeError> {
        // jiff would read a zone annotation and not check it.
        if text.contains('[') {
            return Err(RomeTimeError::Unreadable);
        }
        let instant = match text.parse::<Timestamp>() {
            Ok(instant) => instant,
            Err(_) => instant_of_wall_clock(read_wall_clock(text)?)?,
        };
        if instant.subsec_nanosecond() % 1_000_000 != 0 {
            return Err(RomeTimeError::TooPrecise);
        }
        Ok(Self(instant))
    }
}

impl fmt::Display for RomeTime {
    /// RFC 3339 with Rome's offset, which every reader of campaign data reads back to the same instant.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&rfc3339(self.0))
    }
}

impl Serialize for RomeTime {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RomeTime {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

fn read_wall_clock(text: &str) -> Result<DateTime, RomeTimeError> {
    DateTime::strptime("%Y-%m-%d %H:%M", text)
        .or_else(|_| DateTime::strptime("%Y-%m-%d %H:%M:%S%.f", text))
        .map_err(|_| RomeTimeError::Unreadable)
}

fn instant_of_wall_clock(wall_clock: DateTime) -> Result<Timestamp, RomeTimeError> {
    let candidates = ROME.to_ambiguous_timestamp(wall_clock);
    if matches!(candidates.offset(), AmbiguousOffset::Gap { .. }) {
        return Err(RomeTimeError::DoesNotExist);
    }
    candidates.earlier().map_err(|_| RomeTimeError::Unreadable)
}

/// The date on Rome's calendar at `instant`.
pub fn local_date(instant: Timestamp) -> Date {
    ROME.to_datetime(instant).date()
}

/// The first instant of `date` in Rome.
pub fn start_of_day(date: Date) -> Timestamp {
    at_or_after(date.at(0, 0, 0, 0))
}

/// 24:00 of `date` in Rome: the first instant that no longer belongs to it.
pub fn end_of_day(date: Date) -> Timestamp {
    date.tomorrow().map_or(Timestamp::MAX, start_of_day)
}

/// `days` calendar days after `date`.
pub fn days_after(date: Date, days: u16) -> Date {
    date.saturating_add(SignedDuration::from_hours(24 * i64::from(days)))
}

/// The instant of a wall-clock time; a skipped one is the end of the gap, a repeated one its second pass.
///
/// Both readings are the later one and neither lets a later wall clock come earlier.
pub(crate) fn at_or_after(wall_clock: DateTime) -> Timestamp {
    let beyond_range = if wall_clock.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let candidates = ROME.to_ambiguous_timestamp(wall_clock);
    match candidates.offset() {
        AmbiguousOffset::Gap { .. } => candidates
            .earlier()
            .ok()
            .and_then(|before_gap| ROME.following(before_gap).next())
            .map_or(beyond_range, |change| change.timestamp()),
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
            candidates.later().unwrap_or(beyond_range)
        }
    }
}

/// Whether `date` is a Sunday or a national holiday (L. 260/1949 and its changes).
///
/// The patron saint of a single town is not among them: terms run alike for everybody.
pub fn is_holiday(date: Date) -> bool {
    date.weekday() == Weekday::Sunday
        || matches!(
            (date.month(), date.day()),
            (1, 1 | 6) | (4, 25) | (5 | 11, 1) | (6, 2) | (8, 15) | (12, 8 | 25 | 26)
        )
        || (date.month() == 10 && date.day() == 4 && date.year() >= FIRST_YEAR_OF_SAINT_FRANCIS)
        || easter_sunday(date.year()).and_then(|easter| easter.tomorrow().ok()) == Some(date)
}

/// Easter Sunday of the Gregorian calendar (the computus of Meeus, Jones and Butcher); none outside jiff's years.
pub fn easter_sunday(year: i16) -> Option<Date> {
    let golden = year.rem_euclid(19);
    let century = year.div_euclid(100);
    let year_of_century = year.rem_euclid(100);
    let moon_correction = (century - (century + 8).div_euclid(25) + 1).div_euclid(3);
    let epact =
        (19 * golden + century - century.div_euclid(4) - moon_correction + 15).rem_euclid(30);
    let to_sunday = (32 + 2 * century.rem_euclid(4) + 2 * year_of_century.div_euclid(4)
        - epact
        - year_of_century.rem_euclid(4))
    .rem_euclid(7);
    let late_moon = (golden + 11 * epact + 22 * to_sunday).div_euclid(451);
    let days_after_equinox = u16::try_from(epact + to_sunday - 7 * late_moon).ok()?;
    Some(days_after(Date::new(year, 3, 22).ok()?, days_after_equinox))
}

/// RFC 3339 with Rome's offset and milliseconds: `2026-01-12T09:00:00.000+01:00`.
pub fn rfc3339(instant: Timestamp) -> String {
    let offset = ROME.to_offset(instant);
    format!("{:.3}", instant.display_with_offset(offset))
}

/// An instant for people: `lunedì 12 gennaio 2026, ore 09:00:00`.
pub fn in_words(instant: Timestamp) -> String {
    let wall_clock = ROME.to_datetime(instant);
    format!(
        "{}, ore {:02}:{:02}:{:02}{}",
        day_in_words(wall_clock.date()),
        wall_clock.hour(),
        wall_clock.minute(),
        wall_clock.second(),
        which_pass(instant, wall_clock),
    )
}

/// The end of a term for people, after *entro*: an end at midnight names the day that it closes (TRM-1), as `le ore
/// 24:00 di lunedì 26 gennaio 2026`; any other as [`in_words`] has it.
pub fn end_in_words(end: Timestamp) -> String {
    match day_closed_at(end) {
        Some(last) => format!("le ore 24:00 di {}", day_in_words(last)),
        None => in_words(end),
    }
}

/// The end of a window for people, after *a*: as [`end_in_words`], but the day comes first, as in [`in_words`]: `lunedì
/// 26 gennaio 2026, ore 24:00:00`.
pub fn until_in_words(end: Timestamp) -> String {
    match day_closed_at(end) {
        Some(last) => format!("{}, ore 24:00:00", day_in_words(last)),
        None => in_words(end),
    }
}

/// The day that an instant at midnight closes; none for any other instant.
fn day_closed_at(end: Timestamp) -> Option<Date> {
    let date = local_date(end);
    if start_of_day(date) == end { date.yesterday().ok() } else { None }
}

/// An instant for people where the millisecond counts: `lunedì 12 gennaio 2026, ore 09:00:00,042`.
pub fn in_words_to_the_millisecond(instant: Timestamp) -> String {
    let wall_clock = ROME.to_datetime(instant);
    format!(
        "{}, ore {:02}:{:02}:{:02},{:03}{}",
        day_in_words(wall_clock.date()),
        wall_clock.hour(),
        wall_clock.minute(),
        wall_clock.second(),
        wall_clock.millisecond(),
        which_pass(instant, wall_clock),
    )
}

/// A date for people: `lunedì 12 gennaio 2026`.
pub fn day_in_words(date: Date) -> String {
    let weekday = match date.weekday() {
        Weekday::Monday => "lunedì",
        Weekday::Tuesday => "martedì",
        Weekday::Wednesday => "mercoledì",
        Weekday::Thursday => "giovedì",
        Weekday::Friday => "venerdì",
        Weekday::Saturday => "sabato",
        Weekday::Sunday => "domenica",
    };
    let month = usize::try_from(date.month() - 1).ok().and_then(|index| MONTHS.get(index));
    let ordinal = if date.day() == 1 { "º" } else { "" };
    format!(
        "{weekday} {}{ordinal} {} {}",
        date.day(),
        month.copied().unwrap_or_default(),
        date.year()
    )
}

/// In the hour that autumn repeats, a wall clock alone would not say which instant is meant.
fn which_pass(instant: Timestamp, wall_clock: DateTime) -> &'static str {
    match ROME.to_ambiguous_timestamp(wall_clock).offset() {
        AmbiguousOffset::Fold { before, .. } if before == ROME.to_offset(instant) => {
            " (ora legale)"
        }
        AmbiguousOffset::Fold { .. } => " (ora solare)",
        AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Gap { .. } => "",
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    fn utc(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// TRM-1: an end at midnight names the day that it closes, also where a clock changes in it.
    #[test]
    fn the_end_of_a_term_is_told_by_the_day_that_it_closes() {
        for (end, told) in [
            ("2026-01-28 00:00", "le ore 24:00 di martedì 27 gennaio 2026"),
            ("2026-03-30 00:00", "le ore 24:00 di domenica 29 marzo 2026"),
            ("2026-10-26 00:00", "le ore 24:00 di domenica 25 ottobre 2026"),
            ("2026-01-12 10:15", "lunedì 12 gennaio 2026, ore 10:15:00"),
        ] {
            assert_eq!(end_in_words(read(end)), told);
        }
    }

    #[test]
    fn the_end_of_a_window_is_told_by_the_day_that_it_closes() {
        for (end, told) in [
            ("2027-01-01 00:00", "giovedì 31 dicembre 2026, ore 24:00:00"),
            ("2026-03-30 00:00", "domenica 29 marzo 2026, ore 24:00:00"),
            ("2026-10-26 00:00", "domenica 25 ottobre 2026, ore 24:00:00"),
            ("2025-12-07 20:00", "domenica 7 dicembre 2025, ore 20:00:00"),
        ] {
            assert_eq!(until_in_words(read(end)), told);
        }
    }

    /// CAL-1: wall-clock times, correct on both sides of both clock changes of 2026.
    #[test]
    fn a_rome_time_is_read_with_the_offset_of_its_day() {
        let cases = [
            ("2026-01-12 09:00", "2026-01-12T08:00:00Z"),
            ("2026-03-28 09:00", "2026-03-28T08:00:00Z"),
            ("2026-03-29 01:59:59.999", "2026-03-29T00:59:59.999Z"),
            ("2026-03-29 03:00", "2026-03-29T01:00:00Z"),
            ("2026-03-29 09:00", "2026-03-29T07:00:00Z"),
            ("2026-10-24 09:00", "2026-10-24T07:00:00Z"),
            ("2026-10-25 01:59:59", "2026-10-24T23:59:59Z"),
            ("2026-10-25 03:00", "2026-10-25T02:00:00Z"),
            ("2026-10-25 09:00", "2026-10-25T08:00:00Z"),
            ("2026-12-07 20:00:30.250", "2026-12-07T19:00:30.250Z"),
        ];
        for (rome, expected) in cases {
            assert_eq!(read(rome), utc(expected), "{rome}");
        }
    }

    #[test]
    fn a_time_that_the_spring_change_skips_is_an_error() {
        for text in
            ["2026-03-29 02:00", "2026-03-29 02:30", "2026-03-29 02:59:59.999", "2025-03-30 02:30"]
        {
            assert_eq!(text.parse::<RomeTime>(), Err(RomeTimeError::DoesNotExist), "{text}");
        }
    }

    #[test]
    fn a_time_that_the_autumn_change_repeats_is_the_first_of_the_two() {
        assert_eq!(read("2026-10-25 02:30"), utc("2026-10-25T00:30:00Z"));
        assert_eq!(read("2026-10-25T02:30:00+01:00"), utc("2026-10-25T01:30:00Z"));
    }

    #[test]
    fn an_instant_with_its_offset_is_read_as_it_is() {
        assert_eq!(read("2026-01-12T08:00:00.250Z"), utc("2026-01-12T08:00:00.250Z"));
        assert_eq!(read("2026-01-12T09:00:00+01:00"), utc("2026-01-12T08:00:00Z"));
    }

    #[test]
    fn other_texts_are_not_times() {
        for text in [
            "",
            "2026-01-12",
            "12/01/2026 09:00",
            "2026-01-12 9",
            "2026-02-30 09:00",
            "2026-01-12 24:00",
            "2026-01-12 09:00 ",
            "2026-01-12T09:00",
            "2026-01-12 09:00+01:00[Europe/Paris]",
            "domani",
        ] {
            assert_eq!(text.parse::<RomeTime>(), Err(RomeTimeError::Unreadable), "{text}");
        }
        assert_eq!("2026-01-12 09:00:00.0001".parse::<RomeTime>(), Err(RomeTimeError::TooPrecise));
        assert_eq!(
            "2026-01-12T08:00:00.000001Z".parse::<RomeTime>(),
            Err(RomeTimeError::TooPrecise)
        );
    }

    #[test]
    fn days_begin_and_end_at_rome_midnight_and_last_23_or_25_hours_at_the_changes() {
        let hours = |day| end_of_day(day).duration_since(start_of_day(day)).as_hours();
        assert_eq!(hours(date(2026, 3, 28)), 24);
        assert_eq!(hours(date(2026, 3, 29)), 23);
        assert_eq!(hours(date(2026, 10, 25)), 25);
        assert_eq!(end_of_day(date(2026, 12, 31)), utc("2026-12-31T23:00:00Z"));
        assert_eq!(local_date(utc("2026-12-31T22:59:59.999Z")), date(2026, 12, 31));
        assert_eq!(local_date(utc("2026-12-31T23:00:00Z")), date(2027, 1, 1));
    }

    #[test]
    fn a_skipped_wall_clock_is_moved_to_the_end_of_the_gap_and_a_repeated_one_to_its_second_pass() {
        assert_eq!(at_or_after(date(2026, 3, 29).at(2, 30, 0, 0)), utc("2026-03-29T01:00:00Z"));
        assert_eq!(at_or_after(date(2026, 10, 25).at(2, 30, 0, 0)), utc("2026-10-25T01:30:00Z"));
    }

    #[test]
    fn easter_is_where_the_church_has_it() {
        for (year, month, day) in [
            (1961, 4, 2),
            (2000, 4, 23),
            (2008, 3, 23),
            (2025, 4, 20),
            (2026, 4, 5),
            (2027, 3, 28),
            (2038, 4, 25),
        ] {
            assert_eq!(easter_sunday(year), Some(date(year, month, day)));
        }
    }

    /// Days after 22 March of each year from 2000 to 2119, `A` for none and `a` for 26, as `easter` of the Python package
    /// dateutil 4.0 has them: somebody else's rule, so that no sign of ours can be wrong on both sides.
    const EASTERS: &str = "gYJdUFZRBVNhRJdOFZKeVNaSJdOGZKeWGaSDWOiTKePHaSDXObTLePHbLfXIbTEYPHUMfXIcTEYQcUMgQIcNEYJdUMZRIVNhYJdVGaSDWObTKePHaLfXHbTE";

    #[test]
    fn easter_is_where_another_implementation_has_it_for_120_years() {
        for (year, letter) in (2000..).zip(EASTERS.bytes()) {
            let days = if letter < b'a' { letter - b'A' } else { letter - b'a' + 26 };
            let easter = date(year, 3, 22).checked_add(jiff::Span::new().days(i64::from(days)));
            assert_eq!(easter_sunday(year), easter.ok(), "{year}");
        }
        assert_eq!(EASTERS.len(), 120);
    }

    #[test]
    fn national_holidays_and_sundays_are_holidays() {
        for day in [
            date(2026, 1, 1),
            date(2026, 1, 6),
            date(2026, 4, 5),
            date(2026, 4, 6),
            date(2026, 4, 25),
            date(2026, 5, 1),
            date(2026, 6, 2),
            date(2026, 8, 15),
            date(2027, 10, 4),
            date(2026, 11, 1),
            date(2026, 12, 8),
            date(2026, 12, 25),
            date(2026, 12, 26),
            date(2026, 1, 11),
        ] {
            assert!(is_holiday(day), "{day}");
        }
        for day in [
            date(2026, 1, 12),
            date(2026, 1, 10),
            date(2026, 4, 7),
            date(2025, 10, 4),
            date(2026, 6, 29),
        ] {
            assert!(!is_holiday(day), "{day}");
        }
    }

    #[test]
    fn instants_are_told_in_italian() {
        assert_eq!(in_words(utc("2026-01-12T08:00:00Z")), "lunedì 12 gennaio 2026, ore 09:00:00");
        assert_eq!(in_words(utc("2026-08-01T08:05:09Z")), "sabato 1º agosto 2026, ore 10:05:09");
        assert_eq!(
            in_words_to_the_millisecond(utc("2026-01-12T08:00:00.042Z")),
            "lunedì 12 gennaio 2026, ore 09:00:00,042"
        );
    }

    #[test]
    fn the_repeated_hour_says_which_pass_is_meant() {
        assert_eq!(
            in_words(utc("2026-10-25T00:30:00Z")),
            "domenica 25 ottobre 2026, ore 02:30:00 (ora legale)"
        );
        assert_eq!(
            in_words(utc("2026-10-25T01:30:00Z")),
            "domenica 25 ottobre 2026, ore 02:30:00 (ora solare)"
        );
    }

    #[test]
    fn the_api_form_carries_romes_offset_and_milliseconds() {
        assert_eq!(rfc3339(utc("2026-01-12T08:00:00Z")), "2026-01-12T09:00:00.000+01:00");
        assert_eq!(rfc3339(utc("2026-07-12T08:00:00.5Z")), "2026-07-12T10:00:00.500+02:00");
    }

    proptest! {
        /// Whatever was read is written so that it is read back to the same millisecond.
        #[test]
        fn what_is_written_is_read_back(millisecond in 1_600_000_000_000_i64..2_600_000_000_000) {
            let instant = Timestamp::from_millisecond(millisecond).unwrap();
            prop_assert_eq!(read(&RomeTime::from(instant).to_string()), instant);
        }

        #[test]
        fn a_later_wall_clock_never_comes_earlier(minute in 0_i64..3 * 24 * 60, more in 0_i64..180, spring: bool) {
            let eve = if spring { date(2026, 3, 28) } else { date(2026, 10, 24) };
            let wall_clock = eve.at(0, 0, 0, 0) + SignedDuration::from_mins(minute);
            prop_assert!(at_or_after(wall_clock) <= at_or_after(wall_clock + SignedDuration::from_mins(more)));
        }

        #[test]
        fn every_instant_lies_within_its_local_day(millisecond in 1_600_000_000_000_i64..2_600_000_000_000) {
            let instant = Timestamp::from_millisecond(millisecond).unwrap();
            let day = local_date(instant);
            prop_assert!(start_of_day(day) <= instant && instant < end_of_day(day));
        }
    }

    #[test]
    fn a_rome_time_stands_for_its_instant() {
        let opening = "2026-01-12 09:00".parse::<RomeTime>().unwrap();
        assert_eq!(Timestamp::from(opening), utc("2026-01-12T08:00:00Z"));
    }

    #[test]
    fn a_wall_clock_that_no_instant_has_is_the_end_of_time_on_its_side() {
        assert_eq!(at_or_after(DateTime::MAX), Timestamp::MAX);
        assert_eq!(at_or_after(DateTime::MIN), Timestamp::MIN);
    }

    /// L. 151/2025: Saint Francis, on 4 October alone and from 2026 on.
    #[test]
    fn no_other_day_is_that_of_saint_francis() {
        assert!(is_holiday(date(2027, 10, 4)));
        for day in [date(2025, 10, 4), date(2026, 10, 5), date(2026, 11, 4)] {
            assert!(!is_holiday(day), "{day}");
        }
    }
}
