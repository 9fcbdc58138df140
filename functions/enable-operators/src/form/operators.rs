//! Form 8, or the table of a municipality: each person once, with a mailbox of their own.

use std::collections::BTreeSet;

use domain::{
    email_address::EmailAddress,
    enabling::EnablingKind,
    fiscal_code::{FiscalCode, PersonCode},
    organisation::{RowOutcome, is_shared_mailbox},
};
use edge::http::Form as _;
use jiff::civil::Date;
use outside::keying::Keying;
use store::enabling::NamedOperator;

use super::shape::{EnablingBody, NamedOperatorBody};

const LIST: &str = "operators";

/// What earlier rows of the list hold, so that each person and each mailbox stands in it once.
#[derive(Default)]
struct Earlier {
    codes: BTreeSet<String>,
    addresses: BTreeSet<String>,
}

/// The rows, if every one of them is right.
pub(super) fn read(
    form: &mut EnablingBody,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
) -> Option<Vec<NamedOperator>> {
    let rows = form.operators()?;
    let count = rows.len();
    let mut earlier = Earlier::default();
    let mut operators = Vec::with_capacity(count);
    for (index, mut row) in rows.into_iter().enumerate() {
        let read = operator(&mut row, kind, keying, today, &mut earlier);
        operators.extend(form.row(LIST, index, row.finish(read)));
    }
    (operators.len() == count).then_some(operators)
}

fn operator(
    row: &mut NamedOperatorBody,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
    earlier: &mut Earlier,
) -> Option<NamedOperator> {
    let surname = row.surname();
    let name = row.name();
    let birth_date = row.birth_date();
    let birth_date = row.past("birth_date", birth_date, today);
    let code = row.fiscal_code();
    let email = row.email();
    if let Some(code) = &code {
        refuse_code(row, code, birth_date, earlier);
    }
    if let Some(email) = &email {
        refuse_mailbox(row, email, kind, earlier);
    }
    let code = code?;
    Some(NamedOperator {
        account: keying.account(&PersonCode::from(code.clone())),
        surname: surname?,
        name: name?,
        birth_date: birth_date?.to_string(),
        email: email?.reveal().to_owned(),
        fiscal_code: code.reveal().to_owned(),
        outcome: None,
    })
}

/// Refuses a code that does not fit the date of birth, or that stands in an earlier row.
fn refuse_code(
    row: &mut NamedOperatorBody,
    code: &FiscalCode,
    birth_date: Option<Date>,
    earlier: &mut Earlier,
) {
    if birth_date.is_some_and(|date| !code.fits_birth_date(date)) {
        row.refuse::<()>(
            "birth_date",
            "incoerente",
            "La data di nascita non corrisponde al codice fiscale.",
        );
    }
    if !earlier.codes.insert(code.reveal().to_owned()) {
        row.refuse::<()>("fiscal_code", "ripetuto", RowOutcome::Repeated.label());
    }
}

/// Refuses a mailbox that stands in an earlier row, or that a municipality's office shares (S09).
fn refuse_mailbox(
    row: &mut NamedOperatorBody,
    email: &EmailAddress,
    kind: EnablingKind,
    earlier: &mut Earlier,
) {
    if !earlier.addresses.insert(email.comparable()) {
        row.refuse::<()>(
            "email",
            "ripetuto",
            "Ogni operatore deve avere un indirizzo personale: questo è già in una riga precedente.",
        );
    } else if kind == EnablingKind::Municipality && is_shared_mailbox(email) {
        row.refuse::<()>(
            "email",
            "condiviso",
            "Serve l'indirizzo istituzionale personale dell'operatore, non quello di un ufficio.",
        );
    }
}
