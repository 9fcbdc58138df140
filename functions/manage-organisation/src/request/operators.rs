//! A list of operators by fiscal code, each row right or wrong by itself (ORG-2).

use domain::{
    email_address::EmailAddress,
    fiscal_code::PersonCode,
    organisation::{LONGEST_LIST, RowOutcome},
};
use edge::{
    form,
    http::{
        ApiRequest, FieldProblem, Form as _, Problem,
        form::{Input as _, rows, text},
        person_fields::{email, line},
    },
};

use super::NamedPerson;

form! {
    /// Body of `POST /api/organisations/{id}/operators`.
    pub(crate) struct OperatorsBody {
        /// At most 1000 rows; each has an outcome of its own.
        operators: Vec<OperatorBody> = rows::<OperatorBody>(1, LONGEST_LIST),
    }

    /// One row of a list of operators.
    pub(crate) struct OperatorBody {
        /// Fiscal code, the final one.
        fiscal_code: String = text(),
        /// Surname.
        surname: String = line(60),
        /// Name.
        name: String = line(60),
        /// As the body keeps it. Letters go to the address of the person's own identity alone (ORG-7).
        email: EmailAddress = email().optional(),
    }
}

/// A row that is not right, and what to do about it in Italian.
#[derive(Debug)]
pub(crate) struct WrongRow {
    pub(crate) outcome: RowOutcome,
    pub(crate) message: String,
}

impl From<RowOutcome> for WrongRow {
    fn from(outcome: RowOutcome) -> Self {
        Self { outcome, message: outcome.label().to_owned() }
    }
}

impl WrongRow {
    /// Every mistake with the name of its field, as people call it.
    fn naming(problems: &[FieldProblem]) -> Self {
        let mistakes: Vec<String> = problems
            .iter()
            .map(|problem| {
                let field = match problem.field.as_str() {
                    "fiscal_code" => "codice fiscale",
                    "surname" => "cognome",
                    "name" => "nome",
                    "email" => "indirizzo e-mail",
                    other => other,
                };
                format!("{field}: {}", problem.message)
            })
            .collect();
        Self {
            outcome: RowOutcome::InvalidRow,
            message: format!("{} Correggi la riga e inviala di nuovo.", mistakes.join(" ")),
        }
    }
}

/// The rows of a list, each right or with what is wrong in it (ORG-2).
pub(crate) fn operator_rows(
    request: &ApiRequest,
) -> Result<Vec<Result<NamedPerson, WrongRow>>, Problem> {
    let mut body: OperatorsBody = request.form()?;
    let rows = body.operators();
    let rows = body.complete(rows)?;
    Ok(rows.into_iter().map(operator_row).collect())
}

fn operator_row(mut row: OperatorBody) -> Result<NamedPerson, WrongRow> {
    let (code, surname, name, email) = (row.fiscal_code(), row.surname(), row.name(), row.email());
    let read = code.zip(surname).zip(name);
    let ((code, surname), name) =
        row.finish(read).map_err(|problems| WrongRow::naming(&problems))?;
    let code = match code.parse::<PersonCode>() {
        Ok(PersonCode::Final(code)) => code,
        Ok(PersonCode::Provisional(_)) => return Err(RowOutcome::ProvisionalCode.into()),
        Err(_) => return Err(RowOutcome::WrongCode.into()),
    };
    Ok(NamedPerson {
        code,
        surname,
        name,
        email: email.map(|email: EmailAddress| email.reveal().to_owned()),
    })
}
