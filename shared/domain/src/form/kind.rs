//! What a field may hold: the types of the schema, their normal form and the message of a refused value.

use std::borrow::Cow;

use jiff::Span;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::file::FileRule;
use super::table::Table;
use crate::email_address::EmailAddress;
use crate::fiscal_code::{CompanyCode, PersonCode};
use crate::typed::{compact, visible};
use crate::vat_number::VatNumber;

/// What a field may hold.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FieldType {
    /// Text of `min` to `max` characters out of a named set.
    Text {
        /// Fewest characters.
        min: usize,
        /// Most characters.
        max: usize,
        /// Which characters.
        charset: Charset,
    },
    /// Yes or no.
    Boolean,
    /// A statement that has to be made; unticking it clears it.
    MustBeTrue,
    /// A whole number, both ends included.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// Whole euro cents, both ends included; never a fraction.
    Money {
        /// Smallest, in cents.
        min: i64,
        /// Largest, in cents.
        max: i64,
    },
    /// A calendar day as `YYYY-MM-DD`, both ends included.
    Date {
        /// Earliest day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        min: Option<DateBound>,
        /// Latest day.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        max: Option<DateBound>,
    },
    /// One of a few words, listed here.
    Choice {
        /// The words, in the order in which people see them.
        options: Vec<ChoiceOption>,
    },
    /// The code of a row of a reference table.
    TableChoice {
        /// The table.
        table: String,
        /// Whether rows that are no longer valid may be chosen (a state of birth).
        #[serde(default)]
        ever: bool,
        /// Rows with this tag are refused…
        #[serde(default, skip_serializing_if = "Option::is_none")]
        except_tag: Option<String>,
        /// …with this message, in Italian.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        except_message: Option<String>,
    },
    /// A person's fiscal code: 16 characters, or the 11 digits of the provisional one.
    PersonFiscalCode,
    /// The fiscal code of a company, a body or a sole trader.
    CompanyFiscalCode,
    /// A VAT number (partita IVA).
    VatNumber,
    /// An e-mail address.
    Email,
    /// A certified e-mail address; only the registries can tell that it is one. (facts 4.4)
    Pec,
    /// An Italian postal code (CAP).
    PostalCode,
    /// An uploaded document that passed the checks: a [`FileReference`](super::FileReference).
    File {
        /// Most bytes.
        max_bytes: u64,
        /// Accepted endings.
        formats: Vec<String>,
    },
}

/// One word of a [`FieldType::Choice`].
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChoiceOption {
    /// What is stored.
    pub value: String,
    /// What people read, in Italian.
    pub label: String,
}

/// A named set of characters, with its normal form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Charset {
    /// Latin letters with their accents, spaces, apostrophes, full stops and hyphens.
    Name,
    /// What stands in an address or the name of a firm: no angle brackets, braces or backslashes.
    Line,
    /// Any printable character.
    Free,
    /// Capital letters and digits; separators are dropped, small letters raised. (LIM-1: one passport, one spelling)
    DocumentNumber,
    /// Digits; spaces are dropped.
    Digits,
    /// A telephone number: digits, perhaps with a leading plus; separators are dropped.
    Phone,
}

/// Why a value is refused.
pub(super) struct Refusal {
    pub(super) code: &'static str,
    pub(super) message: Cow<'static, str>,
}

fn refuse<T>(code: &'static str, message: impl Into<Cow<'static, str>>) -> Result<T, Refusal> {
    Err(Refusal { code, message: message.into() })
}

impl FieldType {
    /// The table from whose entries it is chosen; none of every other kind of field.
    pub(super) fn table(&self) -> Option<&'static Table> {
        match self {
            Self::TableChoice { table, .. } => Table::find(table),
            Self::Text { .. }
            | Self::Boolean
            | Self::MustBeTrue
            | Self::Integer { .. }
            | Self::Money { .. }
            | Self::Date { .. }
            | Self::Choice { .. }
            | Self::PersonFiscalCode
            | Self::CompanyFiscalCode
            | Self::VatNumber
            | Self::Email
            | Self::Pec
            | Self::PostalCode
            | Self::File { .. } => None,
        }
    }

    /// What it takes, where it asks for a document; none of every other kind of field.
    pub(super) fn file_rule(&self) -> Option<FileRule> {
        if let Self::File { max_bytes, formats } = self {
            Some(FileRule::of(*max_bytes, formats))
        } else {
            None
        }
    }

    /// The value in its normal form, or why it is refused. An empty text and an unticked statement are [`Value::Null`].
    pub(super) fn check(&self, value: &Value, today: Date) -> Result<Value, Refusal> {
        let seen = match value.as_str() {
            Some(text) => Cow::Owned(Value::from(visible(text).as_ref())),
            None => Cow::Borrowed(value),
        };
        let value = seen.as_ref();
        if value.is_null() || value.as_str().is_some_and(|text| text.trim().is_empty()) {
            return Ok(Value::Null);
        }
        match self {
            Self::Text { min, max, charset } => check_text(value, *min, *max, *charset),
            Self::Boolean => match value.as_bool() {
                Some(_) => Ok(value.clone()),
                None => refuse("wrong-type", "Scegli sì o no."),
            },
            Self::MustBeTrue => match value.as_bool() {
                Some(true) => Ok(Value::Bool(true)),
                Some(false) => Ok(Value::Null),
                None => refuse("wrong-type", "Spunta la casella per confermare."),
            },
            Self::Integer { min, max } => {
                check_number(value, *min, *max, &|number| number.to_string(), "un numero intero")
            }
            Self::Money { min, max } => {
                check_number(value, *min, *max, &euro, "un importo in euro e centesimi")
            }
            Self::Date { min, max } => check_date(value, min.as_ref(), max.as_ref(), today),
            Self::Choice { options } => match value.as_str() {
                Some(word) if options.iter().any(|each| each.value == word) => Ok(value.clone()),
                _ => refuse("unknown-choice", "Scegli una delle voci dell'elenco."),
            },
            Self::TableChoice { table, ever, except_tag, except_message } => check_entry(
                value,
                table,
                if *ever { None } else { Some(today) },
                except_tag.as_deref(),
                except_message.as_deref(),
            ),
            Self::PersonFiscalCode => parsed(value, |text| match text.parse::<PersonCode>() {
                Ok(code) => Ok(code.reveal().to_owned()),
                Err(error) => Err(error.message()),
            }),
            Self::CompanyFiscalCode => parsed(value, |text| match text.parse::<CompanyCode>() {
                Ok(code) => Ok(code.reveal().to_owned()),
                Err(error) => Err(error.message()),
            }),
            Self::VatNumber => parsed(value, |text| match text.parse::<VatNumber>() {
                Ok(number) => Ok(number.reveal().to_owned()),
                Err(error) => Err(error.message()),
            }),
            Self::Email | Self::Pec => parsed(value, |text| match text.parse::<EmailAddress>() {
                Ok(address) => Ok(address.reveal().to_owned()),
                Err(error) => Err(error.message()),
            }),
            Self::PostalCode => match value.as_str().map(compact) {
                Some(code) if code.len() == 5 && code.bytes().all(|each| each.is_ascii_digit()) => {
                    Ok(code.into())
                }
                _ => refuse("wrong-postal-code", "Scrivi le 5 cifre del CAP."),
            },
            Self::File { max_bytes, formats } => {
                match FileRule::of(*max_bytes, formats).normal(value) {
                    Some(file) => Ok(file),
                    None => refuse("wrong-type", "Carica il documento con il pulsante «Carica»."),
                }
            }
        }
    }

    /// A value that this type refuses, for the golden tables of the documentation.
    pub fn refused_example(&self) -> Value {
        match self {
            Self::Text { charset: Charset::Name, .. } => "R0ssi".into(),
            Self::Text { charset: Charset::Line, .. } => "<via Roma>".into(),
            Self::Text { charset: Charset::Free, max, .. } => {
                "a".repeat(max.saturating_add(1)).into()
            }
            Self::Text { charset: Charset::DocumentNumber, .. } => "AB@123".into(),
            Self::Text { charset: Charset::Digits, .. } => "12A".into(),
            Self::Text { charset: Charset::Phone, .. } => "zero".into(),
            Self::Boolean | Self::MustBeTrue => "sì".into(),
            Self::Integer { max, .. } | Self::Money { max, .. } => max.saturating_add(1).into(),
            Self::Date { .. } => "2026-02-30".into(),
            Self::Choice { .. } | Self::TableChoice { .. } => "???".into(),
            Self::PersonFiscalCode => "VRDGPP85C10F205Z".into(),
            Self::CompanyFiscalCode | Self::VatNumber => "00000000000".into(),
            Self::Email | Self::Pec => "nome.senza.chiocciola".into(),
            Self::PostalCode => "7112".into(),
            Self::File { .. } => "contratto firmato.pdf".into(),
        }
    }

    /// The type and its limits in a few words, for the documentation.
    pub fn summary(&self) -> String {
        match self {
            Self::Text { min, max, charset } => format!("text {min}–{max}, {}", charset.name()),
            Self::Boolean => "boolean".to_owned(),
            Self::MustBeTrue => "must-be-true".to_owned(),
            Self::Integer { min, max } => format!("integer {min}–{max}"),
            Self::Money { min, max } => format!("money {}–{}", euro(*min), euro(*max)),
            Self::Date { min, max } => match (min, max) {
                (None, None) => "date".to_owned(),
                (Some(min), None) => format!("date ≥ {min}"),
                (None, Some(max)) => format!("date ≤ {max}"),
                (Some(min), Some(max)) => format!("date {min} … {max}"),
            },
            Self::Choice { options } => {
                format!(
                    "choice: {}",
                    options.iter().map(|each| each.value.as_str()).collect::<Vec<_>>().join(", ")
                )
            }
            Self::TableChoice { table, except_tag, .. } => match except_tag {
                Some(tag) => format!("table {table}, not {tag}"),
                None => format!("table {table}"),
            },
            Self::PersonFiscalCode => "person-fiscal-code".to_owned(),
            Self::CompanyFiscalCode => "company-fiscal-code".to_owned(),
            Self::VatNumber => "vat-number".to_owned(),
            Self::Email => "email".to_owned(),
            Self::Pec => "pec".to_owned(),
            Self::PostalCode => "postal-code".to_owned(),
            Self::File { max_bytes, formats } => {
                format!("file ≤ {max_bytes} bytes, {}", formats.join("/"))
            }
        }
    }
}

impl Charset {
    fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Line => "line",
            Self::Free => "free",
            Self::DocumentNumber => "document-number",
            Self::Digits => "digits",
            Self::Phone => "phone",
        }
    }

    fn normal_form(self, text: &str) -> String {
        match self {
            Self::Name | Self::Line | Self::Free => {
                text.split_whitespace().collect::<Vec<_>>().join(" ").replace('\u{2019}', "'")
            }
            Self::DocumentNumber => compact(text)
                .chars()
                .filter(|each| !matches!(each, '-' | '/' | '.'))
                .map(|each| each.to_ascii_uppercase())
                .collect(),
            Self::Digits => compact(text),
            Self::Phone => compact(text)
                .chars()
                .filter(|each| !matches!(each, '-' | '/' | '.' | '(' | ')'))
                .collect(),
        }
    }

    fn admits(self, text: &str) -> bool {
        match self {
            Self::Name => text
                .chars()
                .all(|each| is_latin_letter(each) || matches!(each, ' ' | '\'' | '.' | '-')),
            Self::Line => !text.contains(|each: char| {
                each.is_control() || matches!(each, '<' | '>' | '{' | '}' | '\\')
            }),
            Self::Free => !text.contains(char::is_control),
            Self::DocumentNumber => {
                text.chars().all(|each| each.is_ascii_uppercase() || each.is_ascii_digit())
            }
            Self::Digits => text.chars().all(|each| each.is_ascii_digit()),
            Self::Phone => {
                text.strip_prefix('+').unwrap_or(text).chars().all(|each| each.is_ascii_digit())
            }
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Name => {
                "Usa solo lettere, spazi, apostrofi, punti e trattini, come sul documento."
            }
            Self::Line => "Togli i segni < > { } \\ e scrivi su una riga sola.",
            Self::Free => "Togli i caratteri che non si possono stampare.",
            Self::DocumentNumber => "Usa solo lettere senza accento e cifre, come sul documento.",
            Self::Digits => "Usa solo cifre.",
            Self::Phone => "Usa solo cifre, con il + davanti al prefisso dell'estero.",
        }
    }
}

fn is_latin_letter(letter: char) -> bool {
    letter.is_ascii_alphabetic()
        || (letter.is_alphabetic()
            && matches!(letter, '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}'))
}

fn check_text(value: &Value, min: usize, max: usize, charset: Charset) -> Result<Value, Refusal> {
    let Some(text) = value.as_str() else { return refuse("wrong-type", "Scrivi un testo.") };
    let text = charset.normal_form(text);
    if !charset.admits(&text) {
        return refuse("forbidden-character", charset.rule());
    }
    let length = text.chars().count();
    match (length < min, length > max) {
        (false, false) => Ok(text.into()),
        _ if min == max => refuse("wrong-length", format!("Scrivi esattamente {min} caratteri.")),
        (true, _) => refuse("too-short", format!("Scrivi almeno {min} caratteri.")),
        (false, true) => refuse("too-long", format!("Scrivi al massimo {max} caratteri.")),
    }
}

fn check_number(
    value: &Value,
    min: i64,
    max: i64,
    show: &dyn Fn(i64) -> String,
    what: &str,
) -> Result<Value, Refusal> {
    match value.as_i64() {
        Some(number) if (min..=max).contains(&number) => Ok(number.into()),
        Some(_) => {
            refuse("out-of-range", format!("Scrivi {what} da {} a {}.", show(min), show(max)))
        }
        None => refuse("wrong-type", format!("Scrivi {what}.")),
    }
}

fn check_date(
    value: &Value,
    min: Option<&DateBound>,
    max: Option<&DateBound>,
    today: Date,
) -> Result<Value, Refusal> {
    let text = value.as_str().unwrap_or_default().trim();
    // The parser also reads other spellings; only one is stored, so that equal days are equal values.
    let Some(day) =
        text.parse::<Date>().ok().filter(|day| day.to_string() == text && day.year() >= 1900)
    else {
        return refuse("wrong-date", "Scrivi una data che esiste: giorno, mese e anno.");
    };
    if let Some(min) = min.map(|bound| bound.on(today)).filter(|min| day < *min) {
        return refuse("too-early", format!("La data non può essere prima del {}.", italian(min)));
    }
    if let Some(max) = max.map(|bound| bound.on(today)).filter(|max| day > *max) {
        return refuse("too-late", format!("La data non può essere dopo il {}.", italian(max)));
    }
    Ok(text.into())
}

fn check_entry(
    value: &Value,
    table: &str,
    day: Option<Date>,
    except_tag: Option<&str>,
    except_message: Option<&str>,
) -> Result<Value, Refusal> {
    let code = value.as_str().unwrap_or_default().trim();
    let Some(entry) = Table::find(table).and_then(|table| table.entry(code)) else {
        return refuse("unknown-choice", "Scegli una delle voci dell'elenco.");
    };
    if day.is_some_and(|day| !entry.is_valid_on(day)) {
        return refuse(
            "expired-choice",
            format!("«{}» non è più valida: scegli un'altra voce dell'elenco.", entry.label),
        );
    }
    if except_tag.is_some_and(|tag| entry.has_tag(tag)) {
        return refuse(
            "excluded-choice",
            except_message.unwrap_or("Questa voce qui non si può scegliere.").to_owned(),
        );
    }
    Ok(code.into())
}

/// Codes and addresses have types of their own, which know their normal form and their messages.
fn parsed(
    value: &Value,
    parse: impl FnOnce(&str) -> Result<String, String>,
) -> Result<Value, Refusal> {
    let Some(text) = value.as_str() else { return refuse("wrong-type", "Scrivi un testo.") };
    parse(text).map_or_else(|message| refuse("wrong-code", message), |normal| Ok(normal.into()))
}

/// A day of the calendar as people write it.
fn italian(day: Date) -> String {
    day.strftime("%d/%m/%Y").to_string()
}

/// Cents as people write them: `1.250,00 €`.
pub(super) fn euro(cents: i64) -> String {
    let digits = (cents / 100).unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push('.');
        }
        grouped.push(digit);
    }
    let sign = if cents < 0 { "-" } else { "" };
    format!("{sign}{grouped},{:02} €", (cents % 100).unsigned_abs())
}

/// A day, fixed (`2026-01-12`) or counted from today (`today`, `today+30d`, `today-16y`, `today+9m`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DateBound {
    text: String,
    anchor: Option<Date>,
    shift: Span3,
}

/// Years, months and days; `jiff::Span` has no equality of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Span3 {
    years: i16,
    months: i16,
    days: i16,
}

impl DateBound {
    /// The day that it means on this one; a day outside the calendar means today.
    pub fn on(&self, today: Date) -> Date {
        let Span3 { years, months, days } = self.shift;
        let span = Span::new()
            .try_years(years)
            .and_then(|span| span.try_months(months))
            .and_then(|span| span.try_days(days));
        let start = self.anchor.unwrap_or(today);
        span.and_then(|span| start.checked_add(span)).unwrap_or(start)
    }
}

impl std::fmt::Display for DateBound {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(&self.text)
    }
}

impl TryFrom<String> for DateBound {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text:?} is neither a day nor today with a shift");
        let Some(shift) = text.strip_prefix("today") else {
            let day = text.parse::<Date>().map_err(|_| wrong())?;
            return Ok(Self { anchor: Some(day), shift: Span3::default(), text });
        };
        let mut span = Span3::default();
        if !shift.is_empty() {
            let unit = shift.chars().next_back().ok_or_else(wrong)?;
            let count: i16 = shift.trim_end_matches(unit).parse().map_err(|_| wrong())?;
            match unit {
                'y' => span.years = count,
                'm' => span.months = count,
                'd' => span.days = count,
                _ => return Err(wrong()),
            }
        }
        Ok(Self { anchor: None, shift: span, text })
    }
}

impl From<DateBound> for String {
    fn from(bound: DateBound) -> Self {
        bound.text
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    const TODAY: Date = date(2026, 11, 22);

    fn text(charset: Charset) -> FieldType {
        FieldType::Text { min: 2, max: 10, charset }
    }

    fn accepted(kind: &FieldType, value: &Value) -> Value {
        kind.check(value, TODAY)
            .unwrap_or_else(|refusal| panic!("{}: {}", refusal.code, refusal.message))
    }

    fn refused(kind: &FieldType, value: &Value) -> &'static str {
        kind.check(value, TODAY).map_err(|refusal| refusal.code).expect_err("refused")
    }

    #[test]
    fn names_keep_accents_and_lose_doubled_spaces() {
        assert_eq!(accepted(&text(Charset::Name), &json!("  De   Niçola ")), json!("De Niçola"));
        assert_eq!(accepted(&text(Charset::Name), &json!("D\u{2019}Alì")), json!("D'Alì"));
        assert_eq!(refused(&text(Charset::Name), &json!("Иванов")), "forbidden-character");
        assert_eq!(refused(&text(Charset::Name), &json!("A")), "too-short");
        assert_eq!(refused(&text(Charset::Name), &json!("Abcdefghijk")), "too-long");
    }

    /// LIM-1: one passport has one spelling, or the claim would miss a duplicate.
    #[test]
    fn a_document_number_has_one_spelling() {
        assert_eq!(
            accepted(&text(Charset::DocumentNumber), &json!("aa 123-4/5")),
            json!("AA12345")
        );
    }

    #[test]
    fn money_is_whole_cents_and_never_a_fraction() {
        let money = FieldType::Money { min: 0, max: 1_000_000 };
        assert_eq!(accepted(&money, &json!(125_050)), json!(125_050));
        assert_eq!(refused(&money, &json!(1250.5)), "wrong-type");
        assert_eq!(refused(&money, &json!(-1)), "out-of-range");
        assert_eq!(euro(123_456_789), "1.234.567,89 €");
        assert_eq!(euro(99_900), "999,00 €");
        assert_eq!(euro(-5), "-0,05 €");
    }

    #[test]
    fn dates_have_one_spelling_exist_and_stay_within_their_bounds() {
        let bound = |text: &str| Some(DateBound::try_from(text.to_owned()).unwrap());
        let birth = FieldType::Date { min: bound("1920-01-01"), max: bound("today-16y") };
        assert_eq!(accepted(&birth, &json!("2010-11-22")), json!("2010-11-22"));
        assert_eq!(refused(&birth, &json!("2010-11-23")), "too-late");
        assert_eq!(refused(&birth, &json!("1919-12-31")), "too-early");
        for wrong in ["2026-02-30", "20100101", "2010-01-01T00:00", "1/2/2010", "0001-01-01"] {
            assert_eq!(refused(&birth, &json!(wrong)), "wrong-date", "{wrong}");
        }
    }

    #[test]
    fn a_bound_is_a_day_or_counts_from_today() {
        let on = |text: &str| DateBound::try_from(text.to_owned()).map(|bound| bound.on(TODAY));
        assert_eq!(on("today"), Ok(TODAY));
        assert_eq!(on("today+9m"), Ok(date(2027, 8, 22)));
        assert_eq!(on("today-30d"), Ok(date(2026, 10, 23)));
        assert_eq!(on("2026-01-12"), Ok(date(2026, 1, 12)));
        for wrong in ["", "tomorrow", "today+", "today+3w", "today+xd", "today3"] {
            assert!(on(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_old_row_is_refused_today_and_accepted_where_any_time_counts() {
        let countries = |ever| FieldType::TableChoice {
            table: "countries".to_owned(),
            ever,
            except_tag: None,
            except_message: None,
        };
        assert_eq!(refused(&countries(false), &json!("YUG")), "expired-choice");
        assert_eq!(accepted(&countries(true), &json!("YUG")), json!("YUG"));
    }

    #[test]
    fn every_type_refuses_lists_and_objects() {
        for kind in [
            text(Charset::Free),
            FieldType::Boolean,
            FieldType::MustBeTrue,
            FieldType::Integer { min: 0, max: 9 },
            FieldType::Date { min: None, max: None },
            FieldType::Choice { options: Vec::new() },
            FieldType::PersonFiscalCode,
            FieldType::Email,
            FieldType::PostalCode,
        ] {
            for value in [json!([]), json!({"a": 1}), json!([null])] {
                assert!(kind.check(&value, TODAY).is_err(), "{kind:?} accepted {value}");
            }
        }
    }

    #[test]
    fn an_empty_text_and_an_unticked_statement_clear_the_field() {
        assert_eq!(accepted(&text(Charset::Name), &json!("  ")), Value::Null);
        assert_eq!(accepted(&FieldType::MustBeTrue, &json!(false)), Value::Null);
        assert_eq!(accepted(&FieldType::Boolean, &json!(false)), json!(false));
    }
}
