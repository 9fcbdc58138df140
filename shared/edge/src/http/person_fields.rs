//! Fields of people and bodies, read alike by every request that names them: names, codes, addresses, dates, provinces.

use domain::{
    email_address::{EmailAddress, EmailAddressError},
    fiscal_code::{CodeError, CompanyCode, FiscalCode, PersonCode},
    form::Table,
    organisation::RowOutcome,
};
use jiff::civil::Date;

use super::{
    Fields,
    form::{Input, Mistake, Parsed, text},
};

/// How a civil date is written.
pub const CIVIL_DATE: &str = "Scrivi la data come anno-mese-giorno, per esempio 2026-03-31.";

/// The earliest year of a plausible date of birth or protocol.
const EARLIEST_YEAR: i16 = 1900;

/// A line of text with something in it, of at most `longest` characters; no control characters, since it is shown and
/// mailed. Spaces around it are left out.
pub fn line(longest: usize) -> impl Input<Value = String> {
    text().checked(move |typed| {
        let line = typed.trim();
        if line.is_empty() {
            Err(Mistake::new("obbligatorio", "Il campo è obbligatorio."))
        } else if line.chars().count() > longest {
            Err(Mistake::new("troppo-lungo", format!("Al massimo {longest} caratteri.")))
        } else if line.chars().any(char::is_control) {
            Err(Mistake::invalid("Una sola riga, senza caratteri di controllo."))
        } else {
            Ok(line.to_owned())
        }
    })
}

/// A civil date.
pub fn date() -> Parsed<Date> {
    text().format("date").parsed(CIVIL_DATE)
}

/// A telephone number: at least six digits, at most 20 characters.
pub fn phone() -> impl Input<Value = String> {
    line(20).checked(|text| {
        let is_phone =
            text.chars().all(|symbol| symbol.is_ascii_digit() || "+ /.-".contains(symbol))
                && text.chars().filter(char::is_ascii_digit).count() >= 6;
        if is_phone {
            Ok(text)
        } else {
            Err(Mistake::invalid("Un numero di telefono, per esempio 0881 123456."))
        }
    })
}

/// An e-mail address.
pub fn email() -> impl Input<Value = EmailAddress> {
    text().checked(|text| {
        text.parse().map_err(|error: EmailAddressError| Mistake::invalid(error.message()))
    })
}

/// The final fiscal code of a person; the provisional one of eleven digits is refused, since nobody can hold SPID or CIE
/// with it.
pub fn final_code() -> impl Input<Value = FiscalCode> {
    text().checked(|text| match text.parse::<PersonCode>() {
        Ok(PersonCode::Final(code)) => Ok(code),
        Ok(PersonCode::Provisional(_)) => {
            Err(Mistake::invalid(RowOutcome::ProvisionalCode.label()))
        }
        Err(error) => Err(Mistake::invalid(error.message())),
    })
}

/// The fiscal code of a body or a sole trader.
pub fn company_code() -> impl Input<Value = CompanyCode> {
    text()
        .checked(|text| text.parse().map_err(|error: CodeError| Mistake::invalid(error.message())))
}

/// The code of a province, two letters.
pub fn province() -> impl Input<Value = String> {
    text().pattern("^[A-Z]{2}$").checked(|code| {
        if Table::find("provinces").is_some_and(|provinces| provinces.entry(&code).is_some()) {
            Ok(code)
        } else {
            Err(Mistake::invalid("La sigla di una provincia, per esempio FG."))
        }
    })
}

impl Fields {
    /// A civil date that must lie between 1900 and today.
    pub fn past(&mut self, name: &str, date: Option<Date>, today: Date) -> Option<Date> {
        let date = date?;
        if date > today || date.year() < EARLIEST_YEAR {
            return self.refuse(name, "non-valido", "La data non è plausibile: controllala.");
        }
        Some(date)
    }
}

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
        let is_line = |text: &str| accepts(&json!(text), |fields| line(5).read(fields, "field"));
        assert!(is_line("Anna"));
        assert!(is_line("  Anna  "), "spaces around it do not count");
        for wrong in ["", "   ", "Annina", "An\nna", "An\u{7}na"] {
            assert!(!is_line(wrong), "{wrong:?}");
        }
        assert!(!accepts(&json!(1), |fields| line(5).read(fields, "field")));
    }

    #[test]
    fn a_past_date_lies_between_1900_and_today() {
        let today: Date = "2026-01-12".parse().unwrap();
        let past = |text: &str| {
            accepts(&json!(text), |fields| {
                let read = date().read(fields, "field");
                fields.past("field", read, today)
            })
        };
        assert!(past("1900-01-01"));
        assert!(past("2026-01-12"));
        for wrong in ["1899-12-31", "2026-01-13", "12/01/1980", "1980-02-30", ""] {
            assert!(!past(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_telephone_number_has_six_digits_at_least() {
        let is_phone = |text: &str| accepts(&json!(text), |fields| phone().read(fields, "field"));
        assert!(is_phone("0881 792111"));
        assert!(is_phone("+39 081/12.34-56"));
        for wrong in ["12345", "chiamami", "0881792111 int. 2", "081234567890123456789"] {
            assert!(!is_phone(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_provisional_code_is_no_final_one() {
        let is_code =
            |text: &str| accepts(&json!(text), |fields| final_code().read(fields, "field"));
        assert!(is_code("RSSNNA80A41D643U"));
        assert!(!is_code("RSSNNA80A41D643X"));
        assert!(!is_code("12345678903"));
    }

    #[test]
    fn only_provinces_are_provinces() {
        let is_province =
            |text: &str| accepts(&json!(text), |fields| province().read(fields, "field"));
        assert!(is_province("FG"));
        assert!(!is_province("XX"));
        assert!(!is_province("fg"));
    }
}
