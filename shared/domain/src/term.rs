//! Legal terms: rules as data, the end computed once, suspensions (TRM-1, CNF-1, CNF-2, CNF-4).

use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use crate::calendar;
use crate::coded::coded;

coded! {
    /// The terms a campaign may set, in the order of the procedure.
    pub enum TermKind as "term" {
        /// The SUI decides on non-seasonal work (art. 22 c. 5).
        NullaOsta = "nulla-osta", "rilascio del nulla osta";
        /// The SUI decides on seasonal work (art. 24).
        NullaOstaSeasonal = "nulla-osta-seasonal", "rilascio del nulla osta stagionale";
        /// The SUI decides on workers trained abroad (art. 23).
        NullaOstaTrainedAbroad = "nulla-osta-trained-abroad", "rilascio del nulla osta per lavoratori formati all'estero";
        /// The employer sends what the officer asked for (DEC-1).
        Integration = "integration", "integrazione dei documenti";
        /// The applicant answers the notice of refusal (art. 10-bis L. 241/1990).
        Preavviso = "preavviso", "osservazioni al preavviso di rigetto";
        /// The nulla osta may be used.
        NullaOstaValidity = "nulla-osta-validity", "validità del nulla osta";
        /// The employer confirms or renounces after the consular checks (art. 22 c. 5-quinquies; CNF-1).
        Confirmation = "confirmation", "conferma della richiesta";
        /// A renunciation may still be undone (CNF-1).
        RenounceUndo = "renounce-undo", "annullamento della rinuncia";
        /// The contract is signed and sent after the entry in Italy (art. 22 c. 6, art. 24 c. 11).
        Contract = "contract", "firma e invio del contratto di soggiorno";
        /// An officer looks at a case without an answer, before the permit is revoked (CNF-1, CNF-4).
        Verification = "verification", "verifica della mancata conferma";
        /// A case that is over stays open to a second look before it is put away (SWP-1).
        Archiving = "archiving", "archiviazione";
    }
}

coded! {
    /// Who must act before a term ends, or for whom it runs.
    pub enum TermHolder as "holder of a term" {
        /// The employer, or who filed for them.
        Applicant = "applicant", "il datore di lavoro";
        /// The office of the province.
        Office = "office", "lo Sportello Unico";
        /// Nobody: when it ends the portal acts by itself.
        Portal = "portal", "nessuno: allo scadere il portale procede da solo";
    }
}

impl TermKind {
    /// Who must act before it ends.
    pub const fn holder(self) -> TermHolder {
        match self {
            Self::NullaOsta
            | Self::NullaOstaSeasonal
            | Self::NullaOstaTrainedAbroad
            | Self::Verification => TermHolder::Office,
            Self::Integration
            | Self::Preavviso
            | Self::NullaOstaValidity
            | Self::Confirmation
            | Self::RenounceUndo
            | Self::Contract => TermHolder::Applicant,
            Self::Archiving => TermHolder::Portal,
        }
    }
}

/// How long a term runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Length {
    /// Calendar days of Rome.
    Days(u16),
    /// Elapsed hours.
    Hours(u16),
    /// Elapsed minutes.
    Minutes(u16),
}

impl Length {
    /// The length for people: `15 giorni`.
    pub fn in_words(self) -> String {
        match self {
            Self::Days(1) => "1 giorno".to_owned(),
            Self::Days(days) => format!("{days} giorni"),
            Self::Hours(1) => "1 ora".to_owned(),
            Self::Hours(hours) => format!("{hours} ore"),
            Self::Minutes(1) => "1 minuto".to_owned(),
            Self::Minutes(minutes) => format!("{minutes} minuti"),
        }
    }
}

/// Where the last day or minute of a term ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ends {
    /// At 24:00 of the last day in Rome (TRM-1).
    EndOfLocalDay,
    /// Exactly the length after the start: the same wall clock for days, elapsed time for hours and minutes.
    SameInstant,
}

/// What happens to a last day that is a holiday (TRM-1: campaign data).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HolidayRoll {
    /// The term ends on the holiday.
    #[default]
    None,
    /// The term ends on the next day that is neither a Sunday nor a national holiday (art. 2963 c.c.).
    NextWorkingDay,
    /// As above, Saturdays count as holidays too (art. 155 c. 5 c.p.c.).
    NextWorkingDayAfterSaturday,
}

/// One version of a term, valid for the starts that fall between its dates.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TermRule {
    /// Stored with each term computed by this rule; unique within the term.
    pub version: u32,
    pub length: Length,
    /// The starting day does not count (TRM-1); only a term that ends with its day can count it.
    #[serde(default = "excluded")]
    pub first_day_excluded: bool,
    pub ends: Ends,
    #[serde(default)]
    pub holiday_roll: HolidayRoll,
    /// First date in Rome on which a start falls under this rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// First date on which a start no longer does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_until: Option<Date>,
    /// The act that sets the term.
    pub source: String,
}

const fn excluded() -> bool {
    true
}

impl TermRule {
    fn covers(&self, date: Date) -> bool {
        self.valid_from.is_none_or(|from| from <= date)
            && self.valid_until.is_none_or(|until| date < until)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let starts_before = |rule: &Self, end: Option<Date>| {
            end.is_none_or(|end| rule.valid_from.is_none_or(|from| from < end))
        };
        starts_before(self, other.valid_until) && starts_before(other, self.valid_until)
    }

    fn end_of(&self, start: Timestamp) -> Timestamp {
        match (self.length, self.ends) {
            (Length::Days(days), Ends::EndOfLocalDay) => {
                let counted_days =
                    if self.first_day_excluded { days } else { days.saturating_sub(1) };
                let last_day = calendar::days_after(calendar::local_date(start), counted_days);
                calendar::end_of_day(self.rolled(last_day))
            }
            (Length::Days(days), Ends::SameInstant) => {
                let wall_clock = calendar::rome().to_datetime(start);
                let last_day = calendar::days_after(wall_clock.date(), days);
                // The second pass of a repeated hour must not end a term before one that starts in the first.
                calendar::at_or_after(last_day.to_datetime(wall_clock.time())).max(start)
            }
            (Length::Hours(hours), _) => later(start, SignedDuration::from_hours(hours.into())),
            (Length::Minutes(minutes), _) => {
                later(start, SignedDuration::from_mins(minutes.into()))
            }
        }
    }

    /// `end` after the clock stood still for `stopped`, brought back to where such terms end.
    fn end_after_stop(&self, end: Timestamp, stopped: SignedDuration) -> Timestamp {
        let moved = later(end, stopped);
        match self.ends {
            Ends::EndOfLocalDay => {
                let last_instant = earlier(moved, SignedDuration::from_millis(1));
                calendar::end_of_day(self.rolled(calendar::local_date(last_instant)))
            }
            Ends::SameInstant => moved,
        }
    }

    fn rolled(&self, last_day: Date) -> Date {
        let is_off = |date: Date| match self.holiday_roll {
            HolidayRoll::None => false,
            HolidayRoll::NextWorkingDay => calendar::is_holiday(date),
            HolidayRoll::NextWorkingDayAfterSaturday => {
                calendar::is_holiday(date) || date.weekday() == jiff::civil::Weekday::Saturday
            }
        };
        let mut day = last_day;
        while is_off(day) {
            match day.tomorrow() {
                Ok(next) => day = next,
                Err(_) => break,
            }
        }
        day
    }

    fn problem(&self) -> Option<RuleProblem> {
        let no_length =
            matches!(self.length, Length::Days(0) | Length::Hours(0) | Length::Minutes(0));
        let in_days = matches!(self.length, Length::Days(_));
        if no_length {
            Some(RuleProblem::NoLength)
        } else if !in_days && self.ends == Ends::EndOfLocalDay {
            Some(RuleProblem::NotInDays)
        } else if self.ends == Ends::SameInstant && self.holiday_roll != HolidayRoll::None {
            Some(RuleProblem::RollAtSameInstant)
        } else if self.ends == Ends::SameInstant && !self.first_day_excluded {
            Some(RuleProblem::FirstDayAtSameInstant)
        } else if self.valid_from.zip(self.valid_until).is_some_and(|(from, until)| from >= until) {
            Some(RuleProblem::NeverValid)
        } else if self.source.trim().is_empty() {
            Some(RuleProblem::NoSource)
        } else {
            None
        }
    }
}

/// Why a rule cannot stand in a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleProblem {
    #[error("il termine non ha durata")]
    NoLength,
    #[error("solo un termine in giorni finisce alla fine di un giorno")]
    NotInDays,
    /// The hour of the start would be carried past the holiday, so that a later start could end earlier.
    #[error("solo un termine che finisce con il giorno si sposta oltre un festivo")]
    RollAtSameInstant,
    #[error("un termine che finisce allo stesso istante esclude il primo giorno")]
    FirstDayAtSameInstant,
    #[error("valid_until non viene dopo valid_from")]
    NeverValid,
    #[error("manca l'atto che fissa il termine")]
    NoSource,
    #[error("un'altra regola di questo termine ha la stessa versione")]
    RepeatedVersion,
    #[error("un'altra regola di questo termine vale nelle stesse date")]
    Overlap,
}

/// The versions of one term, not two of them for the same start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleSet {
    kind: TermKind,
    rules: Vec<TermRule>,
}

/// No rule can compute the term.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermError {
    #[error("the campaign does not set the term {kind}")]
    NotSet { kind: TermKind },
    #[error("no rule for the term {kind} that starts on {date}")]
    NoRuleForStart { kind: TermKind, date: Date },
    #[error("no version {version} of the term {kind}")]
    NoSuchVersion { kind: TermKind, version: u32 },
}

impl RuleSet {
    /// Checks the rules together; every problem is reported with the index of its rule.
    pub fn new(kind: TermKind, rules: Vec<TermRule>) -> Result<Self, Vec<(usize, RuleProblem)>> {
        let mut problems = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            problems.extend(rule.problem().map(|problem| (index, problem)));
            for earlier_rule in rules.iter().take(index) {
                if earlier_rule.version == rule.version {
                    problems.push((index, RuleProblem::RepeatedVersion));
                }
                if earlier_rule.overlaps(rule) {
                    problems.push((index, RuleProblem::Overlap));
                }
            }
        }
        if problems.is_empty() { Ok(Self { kind, rules }) } else { Err(problems) }
    }

    pub fn kind(&self) -> TermKind {
        self.kind
    }

    /// The rules as the data gives them.
    pub fn rules(&self) -> &[TermRule] {
        &self.rules
    }

    /// The rule for terms that start at `start`.
    pub fn rule_at(&self, start: Timestamp) -> Result<&TermRule, TermError> {
        let date = calendar::local_date(start);
        self.rules
            .iter()
            .find(|rule| rule.covers(date))
            .ok_or(TermError::NoRuleForStart { kind: self.kind, date })
    }

    /// The term that starts at `start`, by the rule valid on that date.
    pub fn begin(&self, start: Timestamp) -> Result<Term, TermError> {
        let rule = self.rule_at(start)?;
        Ok(Term { kind: self.kind, rule_version: rule.version, start, end: rule.end_of(start) })
    }

    /// The term lengthened by all outages that touched it (CNF-4).
    ///
    /// The clock stands still from an outage's beginning to its end; a term that ends with a day goes on to the end of
    /// the day it then reaches. `outages` are all known ones, in any order and overlapping or not: the end is computed
    /// anew from the start, so that an outage counted twice lengthens nothing twice.
    pub fn extend(&self, term: &Term, outages: &[Outage]) -> Result<Term, TermError> {
        let rule = self
            .rules
            .iter()
            .find(|rule| rule.version == term.rule_version)
            .ok_or(TermError::NoSuchVersion { kind: self.kind, version: term.rule_version })?;
        let mut end = rule.end_of(term.start);
        for outage in joined(outages) {
            let stopped_at = outage.from.max(term.start);
            if stopped_at < end && stopped_at < outage.until {
                end = rule.end_after_stop(end, outage.until.duration_since(stopped_at));
            }
        }
        Ok(Term { end, ..*term })
    }
}

/// A term that runs: the end is computed once and stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    kind: TermKind,
    rule_version: u32,
    start: Timestamp,
    end: Timestamp,
}

/// A stored term whose end is before its start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the term ends before it starts")]
pub struct EndBeforeStart;

impl Term {
    /// A term as it was stored.
    pub fn restore(
        kind: TermKind,
        rule_version: u32,
        start: Timestamp,
        end: Timestamp,
    ) -> Result<Self, EndBeforeStart> {
        if end < start { Err(EndBeforeStart) } else { Ok(Self { kind, rule_version, start, end }) }
    }

    pub fn kind(&self) -> TermKind {
        self.kind
    }

    /// The version of the rule that computed the end.
    pub fn rule_version(&self) -> u32 {
        self.rule_version
    }

    pub fn start(&self) -> Timestamp {
        self.start
    }

    /// The first instant at which an answer is late.
    pub fn end(&self) -> Timestamp {
        self.end
    }

    /// The same term, over by `limit` at the latest.
    pub(crate) fn ending_by(&self, limit: Timestamp) -> Self {
        Self { end: self.end.min(limit).max(self.start), ..*self }
    }

    /// Whether an answer that arrived at `arrival` counts: the end is excluded, to the millisecond (CNF-2).
    pub fn is_within(&self, arrival: Timestamp) -> bool {
        self.start <= arrival && arrival < self.end
    }

    /// When the expiry may be written: the end and a grace, so that a timely answer in flight wins.
    pub fn expiry_writable_from(&self, grace: SignedDuration) -> Timestamp {
        later(self.end, grace)
    }

    /// The instants of reminders with that many days left, in order of time, none before the start (CNF-3).
    pub fn reminders(&self, days_left: &[u16]) -> Vec<Timestamp> {
        let end = calendar::rome().to_datetime(self.end);
        let mut instants: Vec<Timestamp> = days_left
            .iter()
            .map(|days| {
                let before = SignedDuration::from_hours(24 * i64::from(*days));
                calendar::at_or_after(end.date().saturating_sub(before).to_datetime(end.time()))
            })
            .filter(|instant| *instant > self.start && *instant < self.end)
            .collect();
        instants.sort_unstable();
        instants.dedup();
        instants
    }
}

/// A time in which the portal did not work (CNF-4, OPS-1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    from: Timestamp,
    until: Timestamp,
}

/// An outage that ends before it begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the outage ends before it begins")]
pub struct OutageReversed;

impl Outage {
    /// From `from`, included, to `until`, excluded.
    pub fn new(from: Timestamp, until: Timestamp) -> Result<Self, OutageReversed> {
        if until < from { Err(OutageReversed) } else { Ok(Self { from, until }) }
    }

    pub fn from(&self) -> Timestamp {
        self.from
    }

    pub fn until(&self) -> Timestamp {
        self.until
    }
}

/// Outages in order of time, overlapping and touching ones joined.
fn joined(outages: &[Outage]) -> Vec<Outage> {
    let mut sorted = outages.to_vec();
    sorted.sort_unstable_by_key(|outage| outage.from);
    let mut joined: Vec<Outage> = Vec::with_capacity(sorted.len());
    for outage in sorted {
        match joined.last_mut() {
            Some(last) if outage.from <= last.until => last.until = last.until.max(outage.until),
            _ => joined.push(outage),
        }
    }
    joined
}

fn later(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_add(by).unwrap_or(Timestamp::MAX)
}

fn earlier(instant: Timestamp, by: SignedDuration) -> Timestamp {
    instant.saturating_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;
    use crate::calendar::RomeTime;

    const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

    fn rome(text: &str) -> Timestamp {
        text.parse::<RomeTime>().unwrap().instant()
    }

    fn days(version: u32, days: u16) -> TermRule {
        TermRule {
            version,
            length: Length::Days(days),
            first_day_excluded: true,
            ends: Ends::EndOfLocalDay,
            holiday_roll: HolidayRoll::None,
            valid_from: None,
            valid_until: None,
            source: "prova".to_owned(),
        }
    }

    fn minutes(minutes: u16) -> TermRule {
        TermRule { length: Length::Minutes(minutes), ends: Ends::SameInstant, ..days(1, 1) }
    }

    fn set(rules: Vec<TermRule>) -> RuleSet {
        RuleSet::new(TermKind::Confirmation, rules).unwrap()
    }

    fn confirmation() -> RuleSet {
        let seven = TermRule { valid_until: Some(date(2025, 12, 2)), ..days(1, 7) };
        let fifteen = TermRule { valid_from: Some(date(2025, 12, 2)), ..days(2, 15) };
        set(vec![seven, fifteen])
    }

    /// TRM-1: the starting day is excluded and the last day ends at 24:00, whatever the hour of the start.
    #[test]
    fn a_term_in_days_ends_with_its_last_day() {
        for start in ["2026-05-04 00:00", "2026-05-04 12:34:56.789", "2026-05-04 23:59:59.999"] {
            let term = set(vec![days(1, 15)]).begin(rome(start)).unwrap();
            assert_eq!(term.end(), rome("2026-05-20 00:00"), "{start}");
        }
    }

    #[test]
    fn a_term_that_counts_its_first_day_ends_one_day_earlier() {
        let rule = TermRule { first_day_excluded: false, ..days(1, 15) };
        let term = set(vec![rule]).begin(rome("2026-05-04 12:00")).unwrap();
        assert_eq!(term.end(), rome("2026-05-19 00:00"));
    }

    /// CNF-1: 7 days before 2 December 2025, 15 from that day on, by the local date of the start.
    #[test]
    fn the_rule_is_chosen_by_the_date_of_the_start() {
        let before = confirmation().begin(rome("2025-12-01 23:59:59.999")).unwrap();
        assert_eq!((before.rule_version(), before.end()), (1, rome("2025-12-09 00:00")));
        let from = confirmation().begin(rome("2025-12-02 00:00")).unwrap();
        assert_eq!((from.rule_version(), from.end()), (2, rome("2025-12-18 00:00")));
    }

    #[test]
    fn a_start_before_every_rule_has_no_term() {
        let rules = set(vec![TermRule { valid_from: Some(date(2025, 1, 9)), ..days(1, 7) }]);
        assert_eq!(
            rules.begin(rome("2025-01-08 23:59:59.999")),
            Err(TermError::NoRuleForStart { kind: TermKind::Confirmation, date: date(2025, 1, 8) })
        );
    }

    /// TRM-1 across both clock changes: a day of 23 or 25 hours is still one day.
    #[test]
    fn a_term_over_a_clock_change_ends_at_rome_midnight() {
        let rules = set(vec![days(1, 7)]);
        let spring = rules.begin(rome("2026-03-25 10:00")).unwrap();
        assert_eq!(spring.end(), "2026-04-01T22:00:00Z".parse::<Timestamp>().unwrap());
        let autumn = rules.begin(rome("2026-10-20 10:00")).unwrap();
        assert_eq!(autumn.end(), "2026-10-27T23:00:00Z".parse::<Timestamp>().unwrap());
        let ends_on_the_change = rules.begin(rome("2026-10-18 10:00")).unwrap();
        assert_eq!(ends_on_the_change.end(), "2026-10-25T23:00:00Z".parse::<Timestamp>().unwrap());
    }

    #[test]
    fn minutes_and_hours_are_elapsed_time_over_a_clock_change() {
        let undo = set(vec![minutes(60)]).begin(rome("2026-03-29 01:30")).unwrap();
        assert_eq!(undo.end(), rome("2026-03-29 03:30"));
        let hours = TermRule { length: Length::Hours(24), ends: Ends::SameInstant, ..days(1, 1) };
        let term = set(vec![hours]).begin(rome("2026-10-24 12:00")).unwrap();
        assert_eq!(term.end(), rome("2026-10-25 11:00"));
    }

    #[test]
    fn days_to_the_same_instant_keep_the_wall_clock() {
        let rules = set(vec![TermRule { ends: Ends::SameInstant, ..days(1, 1) }]);
        let over = |start| rules.begin(rome(start)).unwrap().end();
        assert_eq!(over("2026-10-24 12:00"), rome("2026-10-25 12:00"));
        assert_eq!(over("2026-03-28 12:00"), rome("2026-03-29 12:00"));
        assert_eq!(over("2026-03-28 02:30"), rome("2026-03-29 03:00"));
        assert_eq!(over("2026-10-24 02:30"), rome("2026-10-25T02:30:00+01:00"));
    }

    /// CNF-2: one millisecond before the end counts, the end does not.
    #[test]
    fn the_end_is_excluded_to_the_millisecond() {
        let term = confirmation().begin(rome("2026-02-01 09:00")).unwrap();
        assert!(term.is_within(term.start()));
        assert!(!term.is_within(term.start() - ONE_MS));
        assert!(term.is_within(term.end() - ONE_MS));
        assert!(!term.is_within(term.end()));
        assert_eq!(
            term.expiry_writable_from(SignedDuration::from_mins(5)),
            rome("2026-02-17 00:05")
        );
    }

    #[test]
    fn a_last_day_that_is_a_holiday_moves_only_where_the_rule_says_so() {
        let roll = |holiday_roll, start| {
            set(vec![TermRule { holiday_roll, ..days(1, 7) }]).begin(rome(start)).unwrap().end()
        };
        // 5 April 2026 is Easter, 6 April Easter Monday.
        assert_eq!(roll(HolidayRoll::None, "2026-03-29 10:00"), rome("2026-04-06 00:00"));
        assert_eq!(roll(HolidayRoll::NextWorkingDay, "2026-03-29 10:00"), rome("2026-04-08 00:00"));
        // 2 May 2026 is a Saturday.
        assert_eq!(roll(HolidayRoll::NextWorkingDay, "2026-04-25 10:00"), rome("2026-05-03 00:00"));
        assert_eq!(
            roll(HolidayRoll::NextWorkingDayAfterSaturday, "2026-04-25 10:00"),
            rome("2026-05-05 00:00")
        );
        // 25 and 26 December 2026 are followed by a Sunday.
        assert_eq!(roll(HolidayRoll::NextWorkingDay, "2026-12-18 10:00"), rome("2026-12-29 00:00"));
    }

    /// CNF-4: an outage inside the term suspends it.
    #[test]
    fn an_outage_lengthens_a_term_to_the_end_of_the_day_it_then_reaches() {
        let rules = confirmation();
        let term = rules.begin(rome("2026-02-01 09:00")).unwrap();
        let outage = Outage::new(rome("2026-02-10 08:00"), rome("2026-02-10 11:00")).unwrap();
        let extended = rules.extend(&term, &[outage]).unwrap();
        assert_eq!(extended.end(), rome("2026-02-18 00:00"));
        assert_eq!(
            (extended.start(), extended.rule_version()),
            (term.start(), term.rule_version())
        );
        assert_eq!(rules.extend(&extended, &[outage]), Ok(extended));
        assert_eq!(rules.extend(&term, &[outage, outage]), Ok(extended));
    }

    #[test]
    fn an_outage_stops_the_clock_of_a_term_in_minutes_to_the_millisecond() {
        let rules = set(vec![minutes(60)]);
        let term = rules.begin(rome("2026-02-10 09:00")).unwrap();
        let over_the_end = Outage::new(rome("2026-02-10 09:50"), rome("2026-02-10 12:00")).unwrap();
        assert_eq!(rules.extend(&term, &[over_the_end]).unwrap().end(), rome("2026-02-10 12:10"));
        let over_the_start =
            Outage::new(rome("2026-02-10 08:00"), rome("2026-02-10 09:10")).unwrap();
        assert_eq!(rules.extend(&term, &[over_the_start]).unwrap().end(), rome("2026-02-10 10:10"));
        let in_the_extension =
            Outage::new(rome("2026-02-10 12:05"), rome("2026-02-10 12:06")).unwrap();
        assert_eq!(
            rules.extend(&term, &[in_the_extension, over_the_end]).unwrap().end(),
            rome("2026-02-10 12:11")
        );
    }

    #[test]
    fn an_outage_outside_the_term_changes_nothing() {
        let rules = confirmation();
        let term = rules.begin(rome("2026-02-01 09:00")).unwrap();
        for (from, until) in [
            ("2026-01-31 08:00", "2026-02-01 09:00"),
            ("2026-02-17 00:00", "2026-02-18 00:00"),
            ("2026-02-10 08:00", "2026-02-10 08:00"),
        ] {
            let outage = Outage::new(rome(from), rome(until)).unwrap();
            assert_eq!(rules.extend(&term, &[outage]), Ok(term), "{from}");
        }
        assert_eq!(Outage::new(term.end(), term.start()), Err(OutageReversed));
    }

    #[test]
    fn a_term_of_a_version_that_is_gone_is_not_extended() {
        let term = confirmation().begin(rome("2026-02-01 09:00")).unwrap();
        assert_eq!(
            set(vec![days(9, 15)]).extend(&term, &[]),
            Err(TermError::NoSuchVersion { kind: TermKind::Confirmation, version: 2 })
        );
    }

    /// CNF-3: reminders with so many days left.
    #[test]
    fn reminders_fall_whole_days_before_the_end() {
        let term = confirmation().begin(rome("2026-03-20 09:00")).unwrap();
        assert_eq!(
            term.reminders(&[10, 5, 2, 1, 2, 40, 0]),
            [
                rome("2026-03-26 00:00"),
                rome("2026-03-31 00:00"),
                rome("2026-04-03 00:00"),
                rome("2026-04-04 00:00")
            ]
        );
    }

    #[test]
    fn rules_that_contradict_each_other_are_refused_together() {
        let no_length = days(1, 0);
        let same_version =
            TermRule { ends: Ends::SameInstant, first_day_excluded: false, ..days(1, 7) };
        assert_eq!(
            RuleSet::new(TermKind::Contract, vec![no_length, same_version]).unwrap_err(),
            [
                (0, RuleProblem::NoLength),
                (1, RuleProblem::FirstDayAtSameInstant),
                (1, RuleProblem::RepeatedVersion),
                (1, RuleProblem::Overlap),
            ]
        );
        let alone = |rule: TermRule| RuleSet::new(TermKind::Contract, vec![rule]).unwrap_err()[0].1;
        assert_eq!(
            alone(TermRule { ends: Ends::EndOfLocalDay, ..minutes(5) }),
            RuleProblem::NotInDays
        );
        assert_eq!(
            alone(TermRule { holiday_roll: HolidayRoll::NextWorkingDay, ..minutes(5) }),
            RuleProblem::RollAtSameInstant
        );
        let day = Some(date(2026, 1, 1));
        assert_eq!(
            alone(TermRule { valid_from: day, valid_until: day, ..days(1, 1) }),
            RuleProblem::NeverValid
        );
        assert_eq!(alone(TermRule { source: " ".to_owned(), ..days(1, 1) }), RuleProblem::NoSource);
    }

    /// Two rules hold for the same start exactly where their dates meet, whichever stands first.
    #[test]
    fn rules_overlap_where_their_dates_meet_and_nowhere_else() {
        let rule = |version, from: Option<i8>, until: Option<i8>| TermRule {
            valid_from: from.map(|day| date(2026, 1, day)),
            valid_until: until.map(|day| date(2026, 1, day)),
            ..days(version, 7)
        };
        for (one, other, overlaps) in [
            ((Some(1), Some(10)), (Some(10), Some(20)), false),
            ((Some(1), Some(10)), (Some(12), Some(20)), false),
            ((Some(1), Some(10)), (Some(9), Some(20)), true),
            ((Some(1), Some(20)), (Some(5), Some(6)), true),
            ((None, Some(10)), (Some(10), None), false),
            ((None, Some(11)), (Some(10), None), true),
            ((None, None), (Some(10), Some(12)), true),
            ((Some(10), None), (Some(20), None), true),
            ((None, Some(10)), (None, Some(20)), true),
        ] {
            for (first, second) in [(one, other), (other, one)] {
                let rules = vec![rule(1, first.0, first.1), rule(2, second.0, second.1)];
                let problems = RuleSet::new(TermKind::Confirmation, rules).err();
                let wanted = overlaps.then(|| vec![(1, RuleProblem::Overlap)]);
                assert_eq!(problems, wanted, "{first:?} {second:?}");
            }
        }
    }

    #[test]
    fn lengths_are_told_as_people_say_them() {
        for (length, told) in [
            (Length::Days(1), "1 giorno"),
            (Length::Days(15), "15 giorni"),
            (Length::Hours(1), "1 ora"),
            (Length::Hours(24), "24 ore"),
            (Length::Minutes(1), "1 minuto"),
            (Length::Minutes(60), "60 minuti"),
        ] {
            assert_eq!(length.in_words(), told);
        }
    }

    #[test]
    fn a_stored_term_cannot_end_before_it_starts() {
        let term = confirmation().begin(rome("2026-02-01 09:00")).unwrap();
        let restored = Term::restore(term.kind(), term.rule_version(), term.start(), term.end());
        assert_eq!(restored, Ok(term));
        assert_eq!(Term::restore(term.kind(), 1, term.end(), term.start()), Err(EndBeforeStart));
    }

    #[test]
    fn every_kind_is_read_back_from_its_code() {
        crate::coded::check::codes_lead_back(TermKind::ALL, TermKind::label);
    }

    fn instants() -> impl Strategy<Value = Timestamp> {
        let anywhere = 1_704_063_600_000_i64..1_924_988_400_000;
        // Two days around each clock change of 2026, where mistakes would be.
        let spring = 1_774_656_000_000_i64..1_774_828_800_000;
        let autumn = 1_792_800_000_000_i64..1_792_972_800_000;
        prop_oneof![anywhere, spring, autumn]
            .prop_map(|ms| Timestamp::from_millisecond(ms).unwrap())
    }

    fn rules() -> impl Strategy<Value = TermRule> {
        let roll = prop_oneof![
            Just(HolidayRoll::None),
            Just(HolidayRoll::NextWorkingDay),
            Just(HolidayRoll::NextWorkingDayAfterSaturday)
        ];
        prop_oneof![
            (1_u16..400, any::<bool>(), roll).prop_map(
                |(length, first_day_excluded, holiday_roll)| {
                    TermRule { first_day_excluded, holiday_roll, ..days(1, length) }
                }
            ),
            (1_u16..400).prop_map(|length| TermRule { ends: Ends::SameInstant, ..days(1, length) }),
            (1_u16..10_000).prop_map(minutes),
        ]
    }

    /// Whether the wall clock at `instant` is one that the autumn change shows twice.
    fn in_repeated_hour(instant: Timestamp) -> bool {
        let zone = calendar::rome();
        zone.to_ambiguous_timestamp(zone.to_datetime(instant)).is_ambiguous()
    }

    proptest! {
        #[test]
        fn a_term_never_ends_before_it_starts(rule in rules(), start in instants()) {
            let term = set(vec![rule]).begin(start).unwrap();
            prop_assert!(term.end() > start);
            prop_assert!(term.is_within(start));
            prop_assert!(term.is_within(term.end() - ONE_MS));
            prop_assert!(!term.is_within(term.end()));
        }

        /// Days to the same wall clock cannot keep the order of two starts within the hour that autumn repeats.
        #[test]
        fn who_starts_later_never_ends_earlier(rule in rules(), start in instants(), more_ms in 0_i64..200_000_000) {
            let later_start = start + SignedDuration::from_millis(more_ms);
            prop_assume!(rule.ends == Ends::EndOfLocalDay
                || !matches!(rule.length, Length::Days(_))
                || !(in_repeated_hour(start) || in_repeated_hour(later_start)));
            let rules = set(vec![rule]);
            prop_assert!(rules.begin(start).unwrap().end() <= rules.begin(later_start).unwrap().end());
        }

        #[test]
        fn a_term_in_days_ends_at_midnight_and_lasts_at_least_its_days(length in 1_u16..400, start in instants()) {
            let end = set(vec![days(1, length)]).begin(start).unwrap().end();
            prop_assert_eq!(calendar::start_of_day(calendar::local_date(end)), end);
            let elapsed_hours = end.duration_since(start).as_hours();
            prop_assert!(elapsed_hours >= i64::from(length) * 24 - 1);
            prop_assert!(elapsed_hours <= (i64::from(length) + 1) * 24 + 1);
        }

        /// CNF-4: an outage never shortens a term, and a longer one never lengthens it less.
        #[test]
        fn an_outage_never_shortens_a_term(
            rule in rules(),
            start in instants(),
            from_ms in -50_000_000_i64..2_000_000_000,
            length_ms in 0_i64..500_000_000,
            more_ms in 0_i64..500_000_000,
        ) {
            let rules = set(vec![rule]);
            let term = rules.begin(start).unwrap();
            let from = start + SignedDuration::from_millis(from_ms);
            let until = from + SignedDuration::from_millis(length_ms);
            let shorter = rules.extend(&term, &[Outage::new(from, until).unwrap()]).unwrap();
            let longer_outage = Outage::new(from, until + SignedDuration::from_millis(more_ms)).unwrap();
            let longer = rules.extend(&term, &[longer_outage]).unwrap();
            prop_assert!(term.end() <= shorter.end());
            prop_assert!(shorter.end() <= longer.end());
        }
    }

    #[test]
    fn a_rule_that_does_not_say_it_excludes_the_first_day() {
        let mut written = serde_json::to_value(days(1, 7)).unwrap();
        written.as_object_mut().unwrap().remove("first_day_excluded");
        let read: TermRule = serde_json::from_value(written).unwrap();
        assert!(read.first_day_excluded);
    }

    #[test]
    fn rules_are_given_as_the_data_has_them() {
        assert_eq!(
            confirmation().rules().iter().map(|rule| rule.version).collect::<Vec<_>>(),
            [1, 2]
        );
    }

    /// CNF-4: an outage that ends as the term starts took nothing from it.
    #[test]
    fn an_outage_that_ends_as_the_term_starts_lengthens_nothing() {
        let rules = set(vec![minutes(30)]);
        let term = rules.begin(rome("2026-01-12 09:00")).unwrap();
        let outage = Outage::new(rome("2026-01-12 08:00"), rome("2026-01-12 09:00")).unwrap();
        assert_eq!((outage.from(), outage.until()), (rome("2026-01-12 08:00"), term.start()));
        assert_eq!(rules.extend(&term, &[outage]).unwrap().end(), term.end());
    }

    #[test]
    fn a_stored_term_may_end_as_it_starts_and_not_before() {
        let start = rome("2026-01-12 09:00");
        let restored = |end| Term::restore(TermKind::Confirmation, 1, start, end);
        assert_eq!(restored(start).unwrap().end(), start);
        assert_eq!(restored(start - ONE_MS), Err(EndBeforeStart));
    }

    /// CNF-3: who learns of a term is not reminded of it in the same instant.
    #[test]
    fn no_reminder_comes_as_the_term_starts() {
        let rule = TermRule { ends: Ends::SameInstant, ..days(1, 7) };
        let term = set(vec![rule]).begin(rome("2026-01-12 09:00")).unwrap();
        assert_eq!(term.end(), rome("2026-01-19 09:00"));
        assert_eq!(term.reminders(&[7, 3]), [rome("2026-01-16 09:00")]);
    }
}
