//! Fields of people and bodies, read alike by every request that names them: names, codes, addresses, dates, provinces.

use std::str::FromStr;

use domain::{
    email_address::EmailAddress,
    fiscal_code::{CodeError, CompanyCode, FiscalCode, PersonCode},
    form::Table,
    organisation::RowOutcome,
};
use jiff::civil::Date;

use super::Fields;

/// How a civil date is written.
pub const CIVIL_DATE: &str = "Scrivi la data come anno-mese-giorno, per esempio 2026-03-31.";

/// The earliest year of a plausible date of birth or protocol.
const EARLIEST_YEAR: i16 = 1900;

impl Fields {
    /// A line of text with something in it, of at most `longest` characters; no control characters, since it is shown
    /// and mailed. Spaces around it are left out.
    pub fn line(&mut self, name: &str, longest: usize) -> Option<String> {
        let text = self.text(name)?;
        let text = text.trim();
        if text.is_empty() {
            self.refuse(name, "obbligatorio", "Il campo è obbligatorio.")
        } else if text.chars().count() > longest {
            self.refuse(name, "troppo-lungo", format!("Al massimo {longest} caratteri."))
        } else if text.chars().any(char::is_control) {
            self.refuse(name, "non-valido", "Una sola riga, senza caratteri di controllo.")
        } else {
            Some(text.to_owned())
        }
    }

    /// A civil date.
    pub fn date(&mut self, name: &str) -> Option<Date> {
        self.parsed(name, CIVIL_DATE)
    }

    /// A civil date from 1900 to today.
    pub fn past_date(&mut self, name: &str, today: Date) -> Option<Date> {
        let date = self.date(name)?;
        if date > today || date.year() < EARLIEST_YEAR {
            return self.refuse(name, "non-valido", "La data non è plausibile: controllala.");
        }
        Some(date)
    }

    /// A telephone number: at least six digits, at most 20 characters.
    pub fn phone(&mut self, name: &str) -> Option<String> {
        let text = self.line(name, 20)?;
        let is_phone =
            text.chars().all(|symbol| symbol.is_ascii_digit() || "+ /.-".contains(symbol))
                && text.chars().filter(char::is_ascii_digit).count() >= 6;
        if is_phone {
            Some(text)
        } else {
            self.refuse(name, "non-valido", "Un numero di telefono, per esempio 0881 123456.")
        }
    }

    /// An e-mail address.
    pub fn email(&mut self, name: &str) -> Option<EmailAddress> {
        let text = self.text(name)?;
        match text.parse::<EmailAddress>() {
            Ok(address) => Some(address),
            Err(error) => self.refuse(name, "non-valido", error.message()),
        }
    }

    /// The final fiscal code of a person; the provisional one of eleven digits is refused, since nobody can hold SPID or
    /// CIE with it.
    pub fn final_code(&mut self, name: &str) -> Option<FiscalCode> {
        let text = self.text(name)?;
        match text.parse::<PersonCode>() {
            Ok(PersonCode::Final(code)) => Some(code),
            Ok(PersonCode::Provisional(_)) => {
                self.refuse(name, "non-valido", RowOutcome::ProvisionalCode.label())
            }
            Err(error) => self.refuse(name, "non-valido", error.message()),
        }
    }

    /// The fiscal code of a body or a sole trader.
    pub fn company_code(&mut self, name: &str) -> Option<CompanyCode> {
        let text = self.text(name)?;
        text.parse()
            .map_or_else(|error: CodeError| self.refuse(name, "non-valido", error.message()), Some)
    }

    /// The code of a province, two letters.
    pub fn province(&mut self, name: &str) -> Option<String> {
        let code = self.text(name)?;
        if Table::find("provinces").is_some_and(|provinces| provinces.entry(&code).is_some()) {
            Some(code)
        } else {
            self.refuse(name, "non-valido", "La sigla di una provincia, per esempio FG.")
        }
    }

    /// One of the values that a type has.
    pub fn coded<T: FromStr>(&mut self, name: &str) -> Option<T> {
        self.parsed(name, NOT_FORESEEN)
    }

    /// One of some of the values that a type has.
    pub fn one_of<T: FromStr + Copy + PartialEq>(
        &mut self,
        name: &str,
        allowed: &[T],
    ) -> Option<T> {
        let value: T = self.coded(name)?;
        if allowed.contains(&value) {
            Some(value)
        } else {
            self.refuse(name, "non-valido", NOT_FORESEEN)
        }
    }
}

const NOT_FORESEEN: &str = "Scegli uno dei valori previsti.";

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Whether a reader accepts a value.
    fn accepts<T>(value: &Value, read: impl FnOnce(&mut Fields) -> Option<T>) -> bool {
        let Value::Object(map) = json!({ "field": value }) else { return false };
        let mut fields = Fields::new(map);
        let read = read(&mut fields);
        fields.finish(read).is_ok()
    }

    #[test]
    fn a_line_has_something_in_it_and_no_control_characters() {
        let line = |text: &str| accepts(&json!(text), |fields| fields.line("field", 5));
        assert!(line("Anna"));
        assert!(line("  Anna  "), "spaces around it do not count");
        for wrong in ["", "   ", "Annina", "An\nna", "An\u{7}na"] {
            assert!(!line(wrong), "{wrong:?}");
        }
        assert!(!accepts(&json!(1), |fields| fields.line("field", 5)));
    }

    #[test]
    fn a_past_date_lies_between_1900_and_today() {
        let today: Date = "2026-01-12".parse().unwrap();
        let past = |text: &str| accepts(&json!(text), |fields| fields.past_date("field", today));
        assert!(past("1900-01-01"));
        assert!(past("2026-01-12"));
        for wrong in ["1899-12-31", "2026-01-13", "12/01/1980", "1980-02-30", ""] {
            assert!(!past(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_telephone_number_has_six_digits_at_least() {
        let phone = |text: &str| accepts(&json!(text), |fields| fields.phone("field"));
        assert!(phone("0881 792111"));
        assert!(phone("+39 081/12.34-56"));
        for wrong in ["12345", "chiamami", "0881792111 int. 2", "081234567890123456789"] {
            assert!(!phone(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_provisional_code_is_no_final_one() {
        let code = |text: &str| accepts(&json!(text), |fields| fields.final_code("field"));
        assert!(code("RSSNNA80A41D643U"));
        assert!(!code("RSSNNA80A41D643X"));
        assert!(!code("12345678903"));
    }

    #[test]
    fn only_provinces_are_provinces() {
        let province = |text: &str| accepts(&json!(text), |fields| fields.province("field"));
        assert!(province("FG"));
        assert!(!province("XX"));
        assert!(!province("fg"));
    }
}
