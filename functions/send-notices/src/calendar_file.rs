//! The calendar file of a term that ends (CNF-3): RFC 5545, one event that ends with the term, published (RFC 5546, 3.2.1).

use std::fmt::Write as _;

use domain::{calendar, ids::ApplicationId, term::Term};
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// The media type of the part that holds it: the method is that of the file (RFC 6047, 2.4).
pub const MEDIA_TYPE: &str = "text/calendar; method=PUBLISH; charset=UTF-8";
/// Who organises: a published event names nobody else (RFC 5546, 3.2.1).
const ORGANIZER: &str = "Portale dei nulla osta al lavoro";
/// How long before its end the event begins, so that an end at midnight stands on the last day.
const LASTS: SignedDuration = SignedDuration::from_hours(1);
/// Longest line in octets, without its end (RFC 5545, 3.1).
const LONGEST_LINE: usize = 75;

/// What a calendar shows of a term.
#[derive(Clone, Copy, Debug)]
pub struct Appointment<'a> {
    /// Whose term.
    pub application: &'a ApplicationId,
    /// The term.
    pub term: &'a Term,
    /// Counts the files about one term: a later one takes the earlier's place.
    pub sequence: u32,
    /// When it is written.
    pub now: Timestamp,
    /// Days before the end at which the calendar rings.
    pub reminder_days_left: &'a [u16],
    /// What to do, in Italian.
    pub todo: &'a str,
    /// Address of the portal.
    pub portal: &'a str,
    /// The portal's certified address: of one event and of every change of it the same.
    pub organizer: &'a str,
}

/// The file, with CRLF at the end of lines. Its event has the same identifier for one application and kind of term, so
/// that a lengthened term moves the event instead of adding one.
pub fn file(appointment: &Appointment<'_>) -> String {
    let Appointment {
        application,
        term,
        sequence,
        now,
        reminder_days_left,
        todo,
        portal,
        organizer,
    } = appointment;
    let label = term.kind().label();
    let (begins, ends) = (utc(term.end() - LASTS), utc(term.end()));
    let mut file = String::new();
    let mut line = |text: &str| fold(&mut file, text);
    line("BEGIN:VCALENDAR");
    line("VERSION:2.0");
    line("PRODID:-//Portale dei nulla osta al lavoro//Scadenze//IT");
    line("CALSCALE:GREGORIAN");
    line("METHOD:PUBLISH");
    line("BEGIN:VEVENT");
    line(&format!("UID:{application}.{}@{}", term.kind().code(), host(portal)));
    line(&format!("ORGANIZER;CN=\"{ORGANIZER}\":mailto:{organizer}"));
    line(&format!("SEQUENCE:{sequence}"));
    line(&format!("DTSTAMP:{}", utc(*now)));
    line(&format!("DTSTART:{begins}"));
    line(&format!("DTEND:{ends}"));
    line(&format!("SUMMARY:{}", escaped(&format!("Scade il termine: {label}"))));
    let told = format!(
        "Domanda {application}. Entro {}. Che cosa fare: {todo}",
        calendar::end_in_words(term.end())
    );
    line(&format!("DESCRIPTION:{}", escaped(&told)));
    line(&format!("URL:{portal}"));
    line("TRANSP:TRANSPARENT");
    for days in *reminder_days_left {
        line("BEGIN:VALARM");
        line("ACTION:DISPLAY");
        line(&format!("DESCRIPTION:{}", escaped(&format!("Scade il termine: {label}"))));
        line(&format!("TRIGGER;RELATED=END:-P{days}D"));
        line("END:VALARM");
    }
    line("END:VEVENT");
    line("END:VCALENDAR");
    file
}

/// `20260127T230000Z`.
fn utc(instant: Timestamp) -> String {
    let wall_clock = TimeZone::UTC.to_datetime(instant);
    let (date, time) = (wall_clock.date(), wall_clock.time());
    let mut text = String::new();
    // Writing into a text cannot fail.
    let _written = write!(
        text,
        "{:04}{:02}{:02}T{:02}{:02}{:02}Z",
        date.year(),
        date.month(),
        date.day(),
        time.hour(),
        time.minute(),
        time.second()
    );
    text
}

/// The host of an address, for identifiers.
fn host(portal: &str) -> &str {
    let place = portal.split_once("://").map_or(portal, |(_, place)| place);
    place.split([':', '/']).next().unwrap_or(place)
}

/// A value of type TEXT (RFC 5545, 3.3.11).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | ';' | ',' => escaped.extend(['\\', letter]),
            '\n' => escaped.push_str("\\n"),
            '\r' => {}
            _ => escaped.push(letter),
        }
    }
    escaped
}

/// Adds one line, folded at 75 octets and never inside a letter (RFC 5545, 3.1).
fn fold(file: &mut String, text: &str) {
    let mut length = 0;
    for letter in text.chars() {
        if length + letter.len_utf8() > LONGEST_LINE {
            file.push_str("\r\n ");
            length = 1;
        }
        file.push(letter);
        length += letter.len_utf8();
    }
    file.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use domain::{calendar::RomeTime, term::TermKind};

    use super::*;

    fn rome(text: &str) -> Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    fn of(todo: &str) -> String {
        let application = "app_00000000000000000000000001".parse().unwrap();
        let (start, end) = (rome("2026-01-12 09:00:00"), rome("2026-01-28 00:00:00"));
        let term = Term::restore(TermKind::Confirmation, 2, start, end).unwrap();
        file(&Appointment {
            application: &application,
            term: &term,
            sequence: 9,
            now: start,
            reminder_days_left: &[5, 2, 1],
            todo,
            portal: "https://portale.example",
            organizer: "sui.bari@pec.portale.example",
        })
    }

    /// What a calendar reads: folded lines joined again (RFC 5545, 3.1).
    fn read(file: &str) -> Vec<(String, String)> {
        let joined = file.replace("\r\n ", "");
        let lines = joined.split_terminator("\r\n");
        lines
            .map(|line| line.split_once(':').unwrap_or_else(|| panic!("no property: {line}")))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect()
    }

    fn value(file: &str, name: &str) -> String {
        let properties = read(file);
        let found = properties.iter().find(|(found, _)| found == name);
        found.unwrap_or_else(|| panic!("no {name}")).1.clone()
    }

    #[test]
    fn the_event_ends_with_the_term_and_rings_before() {
        let file = of("premi \"Conferma\".");
        assert_eq!(value(&file, "DTEND"), "20260127T230000Z");
        assert_eq!(value(&file, "DTSTART"), "20260127T220000Z");
        assert_eq!(
            value(&file, "UID"),
            "app_00000000000000000000000001.confirmation@portale.example"
        );
        assert_eq!(value(&file, "SEQUENCE"), "9");
        assert!(value(&file, "DESCRIPTION").contains("le ore 24:00 di martedì 27 gennaio 2026"));
        let rings: Vec<_> = read(&file)
            .into_iter()
            .filter(|(name, _)| name == "TRIGGER;RELATED=END")
            .map(|(_, value)| value)
            .collect();
        assert_eq!(rings, ["-P5D", "-P2D", "-P1D"]);
    }

    /// RFC 5546, 3.2.1, which Outlook and Apple ask for: what is published has one organizer and nobody who takes part, and
    /// the media type of its part says the same method. A reader that is not ours finds all of it.
    #[test]
    fn a_published_event_has_an_organizer_and_is_read_by_a_stranger() {
        let file = of("premi \"Conferma\", o \"Rinuncia\".");
        let unfolded = icalendar::parser::unfold(&file);
        let calendar = icalendar::parser::read_calendar(&unfolded).unwrap();
        let stands = |name: &str| {
            let found = calendar.properties.iter().find(|property| property.name == name);
            found.unwrap_or_else(|| panic!("no {name}")).val.to_string()
        };
        assert_eq!(stands("METHOD"), "PUBLISH");
        assert!(MEDIA_TYPE.contains("; method=PUBLISH; charset=UTF-8"), "{MEDIA_TYPE}");
        assert_eq!(stands("VERSION"), "2.0");
        let [event] = calendar.components.as_slice() else { panic!("not one event") };
        assert_eq!(event.name, "VEVENT");
        for name in ["UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "ORGANIZER", "SEQUENCE"] {
            let times = event.properties.iter().filter(|property| property.name == name).count();
            assert_eq!(times, 1, "{name}");
        }
        let organizer = event.find_prop("ORGANIZER").unwrap();
        assert_eq!(organizer.val, "mailto:sui.bari@pec.portale.example");
        for absent in ["ATTENDEE", "REQUEST-STATUS"] {
            assert!(event.find_prop(absent).is_none(), "{absent}");
        }
        assert_eq!(event.components.len(), 3, "one alarm for each reminder");
        for alarm in &event.components {
            let has = |name| alarm.find_prop(name).is_some();
            assert!(
                alarm.name == "VALARM" && has("ACTION") && has("TRIGGER") && has("DESCRIPTION")
            );
        }
    }

    #[test]
    fn what_begins_ends_in_the_same_order() {
        let mut open = Vec::new();
        for (name, value) in read(&of("x")) {
            match name.as_str() {
                "BEGIN" => open.push(value),
                "END" => assert_eq!(open.pop(), Some(value)),
                _ => assert!(!open.is_empty(), "{name} stands outside"),
            }
        }
        assert_eq!(open, Vec::<String>::new());
    }

    #[test]
    fn lines_are_folded_at_75_octets_and_never_inside_a_letter() {
        let file = of(&"è così, perché no; è \\ più\nlungo ".repeat(20));
        for line in file.split_terminator("\r\n") {
            assert!(line.len() <= 75, "{} octets: {line}", line.len());
            assert!(!line.contains('\n'), "{line}");
        }
        assert!(file.lines().filter(|line| line.starts_with(' ')).count() > 5);
    }

    #[test]
    fn commas_semicolons_backslashes_and_line_ends_are_escaped() {
        let told = value(&of("a, b; c \\ d\ne"), "DESCRIPTION");
        assert!(told.ends_with("a\\, b\\; c \\\\ d\\ne"), "{told}");
    }
}
