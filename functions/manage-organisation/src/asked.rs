//! What the bodies ask, read with every mistake at once.

use std::collections::BTreeSet;

use domain::{
    calendar,
    email_address::EmailAddress,
    enabling::{EnablingKind, EnablingStep, MOST_OPERATORS, Reason},
    fiscal_code::{CodeError, CompanyCode, FiscalCode, PersonCode},
    form::Table,
    ids::{AccountId, ApplicationId},
    organisation::{
        Basis, BasisKind, LONGEST_LIST, MOST_HANDED_OVER, OrganisationKind, Profession, RowOutcome,
        is_shared_mailbox,
    },
};
use edge::http::{Exchange, FieldProblem, Fields, Problem, ProblemKind};
use jiff::{Timestamp, civil::Date};
use outside::keying::Keying;
use serde_json::Value;
use store::{
    accounts::Account,
    enabling::{EnablingForm, LegalRepresentative, NamedOperator},
};

/// Body of `POST /api/enabling-requests`: form 7 with form 8, or a municipality's request, or a register's number.
#[derive(Debug, utoipa::ToSchema)]
#[expect(
    dead_code,
    reason = "the shape for the API's description; read field by field, so that all mistakes come at once"
)]
pub struct EnablingBody {
    /// `organisation`, `municipality`, `agency` or `professional`.
    kind: String,
    /// What the body is, for organisations and municipalities: `patronato`, `trade-association`, `financed-body`, `municipality`, `union`.
    organisation_kind: Option<String>,
    /// Its name; absent for a professional.
    name: Option<String>,
    /// Its fiscal code; absent for a professional.
    fiscal_code: Option<String>,
    /// Its seat.
    address: String,
    /// Province of the seat, two letters.
    province: String,
    /// Kind of protocol, for an organisation (form 7).
    protocol_kind: Option<String>,
    /// Date of the protocol, for an organisation (form 7).
    protocol_date: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_surname: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_name: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_birth_date: Option<String>,
    /// Legal representative, for an organisation (form 7).
    representative_fiscal_code: Option<String>,
    /// That the legal representative signed form 7, for an organisation; must be true.
    signed: Option<bool>,
    /// Number in the register, for agencies and professionals.
    register_number: Option<String>,
    /// `labour-consultant`, `lawyer` or `accountant`, for professionals.
    profession: Option<String>,
    /// Province of the register, for professionals.
    register_province: Option<String>,
    /// Role of whoever asks; absent for a professional.
    contact_role: Option<String>,
    /// Telephone of whoever asks.
    contact_phone: String,
    /// Where letters about the request go.
    contact_email: String,
    /// Form 8, or the municipality's table; absent for a professional. At most 20 rows.
    operators: Option<Vec<NamedOperatorBody>>,
}

/// One row of form 8.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct NamedOperatorBody {
    /// Surname.
    surname: String,
    /// Name.
    name: String,
    /// Civil date.
    birth_date: String,
    /// Personal address.
    email: String,
    /// Fiscal code, the final one.
    fiscal_code: String,
}

/// What was asked, with the province that decides the office.
pub(crate) struct AskedRequest {
    pub(crate) kind: EnablingKind,
    pub(crate) province: String,
    pub(crate) form: EnablingForm,
}

impl AskedRequest {
    pub(crate) fn read(
        exchange: &Exchange,
        keying: &Keying,
        account: &Account,
        today: Date,
    ) -> Result<Self, Problem> {
        let mut fields = exchange.fields()?;
        let Some(kind) = coded::<EnablingKind>(&mut fields, "kind") else {
            return fields.complete(None);
        };
        let read = match kind {
            EnablingKind::Professional => professional(&mut fields, keying, account, today),
            _ => body(&mut fields, kind, keying, today),
        };
        fields.complete(read)
    }
}

/// Organisations, municipalities and agencies: a body with a list.
fn body(
    fields: &mut Fields,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
) -> Option<AskedRequest> {
    let organisation_kind = match kind.organisation_kinds() {
        [only] => Some(*only),
        several => one_of(fields, "organisation_kind", several),
    };
    let name = words(fields, "name", 150);
    let fiscal_code = company_code(fields, "fiscal_code");
    let address = words(fields, "address", 200);
    let province = province(fields, "province");
    let (basis, reference, legal_representative) = match kind {
        EnablingKind::Organisation => {
            let (reference, representative) = form_7(fields, keying, today);
            (BasisKind::InteriorProtocol, reference, representative.map(Some))
        }
        EnablingKind::Municipality => (BasisKind::PublicTask, Some(String::new()), Some(None)),
        EnablingKind::Agency | EnablingKind::Professional => {
            let number = words(fields, "register_number", 40);
            let reference =
                number.map(|number| format!("Albo delle agenzie per il lavoro n. {number}"));
            (BasisKind::Register, reference, Some(None))
        }
    };
    let contact_role = words(fields, "contact_role", 100);
    let contact_phone = phone(fields, "contact_phone");
    let contact_email = address_of(fields, "contact_email");
    let operators = operators(fields, kind, keying, today);
    let fiscal_code = fiscal_code?;
    Some(AskedRequest {
        kind,
        province: province?,
        form: EnablingForm {
            organisation: keying.organisation(&fiscal_code),
            organisation_kind: organisation_kind?,
            name: name?,
            fiscal_code: fiscal_code.reveal().to_owned(),
            address: address?,
            basis,
            reference: reference?,
            contact_role: contact_role?,
            contact_phone: contact_phone?,
            contact_email: contact_email?.reveal().to_owned(),
            legal_representative: legal_representative?,
            operators: operators?,
        },
    })
}

/// The protocol and who signed (S18, form 7). The signed document itself comes with the uploads; here it is stated.
fn form_7(
    fields: &mut Fields,
    keying: &Keying,
    today: Date,
) -> (Option<String>, Option<LegalRepresentative>) {
    let protocol = words(fields, "protocol_kind", 150);
    let date = past_date(fields, "protocol_date", today);
    let surname = words(fields, "representative_surname", 60);
    let name = words(fields, "representative_name", 60);
    let birth_date = past_date(fields, "representative_birth_date", today);
    let fiscal_code = person_code(fields, "representative_fiscal_code");
    if fields.boolean("signed") == Some(false) {
        fields.refuse::<()>(
            "signed",
            "obbligatorio",
            "Il modulo 7 deve essere firmato dal legale rappresentante.",
        );
    }
    let reference = protocol.zip(date).map(|(protocol, date)| format!("{protocol} del {date}"));
    let representative = (|| {
        let code = fiscal_code?;
        Some(LegalRepresentative {
            account: keying.account(&PersonCode::from(code.clone())),
            surname: surname?,
            name: name?,
            birth_date: birth_date?.to_string(),
            fiscal_code: code.reveal().to_owned(),
        })
    })();
    (reference, representative)
}

/// Form 8, or the table of a municipality: each person once, with a mailbox of their own.
fn operators(
    fields: &mut Fields,
    kind: EnablingKind,
    keying: &Keying,
    today: Date,
) -> Option<Vec<NamedOperator>> {
    const LIST: &str = "operators";
    let rows = fields.list(LIST, MOST_OPERATORS)?;
    let (mut codes, mut addresses) = (BTreeSet::new(), BTreeSet::new());
    let mut operators = Vec::with_capacity(rows.len());
    let mut whole = true;
    for (index, mut row) in rows.into_iter().enumerate() {
        let surname = words(&mut row, "surname", 60);
        let name = words(&mut row, "name", 60);
        let birth_date = past_date(&mut row, "birth_date", today);
        let code = person_code(&mut row, "fiscal_code");
        let email = address_of(&mut row, "email");
        if let (Some(code), Some(date)) = (&code, birth_date)
            && !code.fits_birth_date(date)
        {
            row.refuse::<()>(
                "birth_date",
                "incoerente",
                "La data di nascita non corrisponde al codice fiscale.",
            );
        }
        if let Some(code) = &code
            && !codes.insert(code.reveal().to_owned())
        {
            row.refuse::<()>("fiscal_code", "ripetuto", RowOutcome::Repeated.label());
        }
        if let Some(email) = &email {
            if !addresses.insert(email.comparable()) {
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
        let read = (|| {
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
        })();
        match fields.row(LIST, index, row.finish(read)) {
            Some(operator) => operators.push(operator),
            None => whole = false,
        }
    }
    whole.then_some(operators)
}

/// A professional is an organisation of one (ORG-5): name and code are those of the identity.
fn professional(
    fields: &mut Fields,
    keying: &Keying,
    account: &Account,
    today: Date,
) -> Option<AskedRequest> {
    let address = words(fields, "address", 200);
    let province_of_seat = province(fields, "province");
    let profession = coded::<Profession>(fields, "profession");
    let register = province(fields, "register_province");
    let number = words(fields, "register_number", 40);
    let phone = phone(fields, "contact_phone");
    let email = address_of(fields, "contact_email");
    let own: Option<FiscalCode> = account.fiscal_code.as_deref().and_then(|code| code.parse().ok());
    let Some(own) = own else {
        return fields.refuse(
            "kind",
            "non-valido",
            "La tua identità non ha un codice fiscale definitivo: non puoi chiedere l'abilitazione come professionista.",
        );
    };
    let company: CompanyCode = own.reveal().parse().ok()?;
    let profession = profession?;
    let email = email?;
    Some(AskedRequest {
        kind: EnablingKind::Professional,
        province: province_of_seat?,
        form: EnablingForm {
            organisation: keying.organisation(&company),
            organisation_kind: OrganisationKind::Professional,
            name: format!("{} {}", account.given_name, account.family_name),
            fiscal_code: own.reveal().to_owned(),
            address: address?,
            basis: BasisKind::Register,
            reference: format!("{}, albo di {} n. {}", profession.label(), register?, number?),
            contact_role: profession.label().to_owned(),
            contact_phone: phone?,
            contact_email: email.reveal().to_owned(),
            legal_representative: None,
            operators: vec![NamedOperator {
                account: account.id.clone(),
                surname: account.family_name.clone(),
                name: account.given_name.clone(),
                birth_date: own.birth_date(today).map(|date| date.to_string()).unwrap_or_default(),
                email: email.reveal().to_owned(),
                fiscal_code: own.reveal().to_owned(),
                outcome: None,
            }],
        },
    })
}

/// Body of `POST /api/enabling-requests/{id}/decisions`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct DecisionBody {
    /// `check`, `announce`, `enable` or `refuse`.
    decision: String,
    /// Why; required for a refusal, 10 to 1000 characters.
    reason: Option<String>,
    /// The version of the request that was decided upon.
    version: u64,
}

/// A decision with the version that it is about.
pub(crate) struct Decision {
    pub(crate) step: EnablingStep,
    pub(crate) reason: Option<Reason>,
    pub(crate) version: u64,
}

impl Decision {
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        const DECISIONS: &[EnablingStep] = &[
            EnablingStep::Check,
            EnablingStep::Announce,
            EnablingStep::Enable,
            EnablingStep::Refuse,
        ];
        let mut fields = exchange.fields()?;
        let step = one_of(&mut fields, "decision", DECISIONS);
        let is_given = !matches!(fields.peek("reason"), None | Some(Value::Null));
        let reason = if is_given || step.is_some_and(EnablingStep::needs_reason) {
            fields.long_text("reason", Reason::LONGEST).and_then(|text| match text.parse() {
                Ok(reason) => Some(Some(reason)),
                Err(_) => fields.refuse(
                    "reason",
                    "non-valido",
                    "Scrivi il motivo in modo comprensibile: da 10 a 1000 caratteri.",
                ),
            })
        } else {
            fields.optional_text("reason");
            Some(None)
        };
        let version = fields.whole_number("version");
        let read = (|| Some(Self { step: step?, reason: reason?, version: version? }))();
        fields.complete(read)
    }
}

/// Body of `POST /api/enabling-requests/{id}/withdrawal`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct WithdrawalBody {
    /// The version of the request that is taken back.
    version: u64,
}

/// A withdrawal.
pub(crate) fn withdrawal(exchange: &Exchange) -> Result<Decision, Problem> {
    let mut fields = exchange.fields()?;
    let version = fields.whole_number("version");
    fields.complete(version.map(|version| Decision {
        step: EnablingStep::Withdraw,
        reason: None,
        version,
    }))
}

/// Body of `POST /api/organisations`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct OrganisationBody {
    /// What it is: `patronato`, `trade-association`, `financed-body`, `municipality`, `union` or `agency`.
    kind: String,
    /// Its name.
    name: String,
    /// Its fiscal code.
    fiscal_code: String,
    /// Its seat.
    address: String,
    /// Province of the seat.
    province: String,
    /// `labour-protocol`, `reserved-quota`, `financing`, `interior-protocol`, `public-task` or `register`.
    basis: String,
    /// Protocol, decree or number.
    basis_reference: String,
    /// First day on which it holds.
    basis_from: String,
    /// Last day on which it holds.
    basis_until: Option<String>,
    /// The contact who keeps the list.
    contact_fiscal_code: String,
    /// The contact's surname.
    contact_surname: String,
    /// The contact's name.
    contact_name: String,
    /// The contact's address.
    contact_email: String,
}

/// An organisation with its contact.
pub(crate) struct Recording {
    pub(crate) kind: OrganisationKind,
    pub(crate) name: String,
    pub(crate) fiscal_code: CompanyCode,
    pub(crate) address: String,
    pub(crate) province: String,
    pub(crate) basis: Basis,
    pub(crate) contact: AskedOperator,
    pub(crate) contact_email: String,
}

impl Recording {
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        const KINDS: &[OrganisationKind] = &[
            OrganisationKind::Patronato,
            OrganisationKind::TradeAssociation,
            OrganisationKind::FinancedBody,
            OrganisationKind::Municipality,
            OrganisationKind::Union,
            OrganisationKind::Agency,
        ];
        let mut fields = exchange.fields()?;
        let kind = one_of(&mut fields, "kind", KINDS);
        let name = words(&mut fields, "name", 150);
        let fiscal_code = company_code(&mut fields, "fiscal_code");
        let address = words(&mut fields, "address", 200);
        let province = province(&mut fields, "province");
        let basis = coded::<BasisKind>(&mut fields, "basis");
        let reference = words(&mut fields, "basis_reference", 200);
        let from = date(&mut fields, "basis_from");
        let until = match fields.optional_text("basis_until") {
            None => Some(None),
            Some(text) => match text.parse::<Date>() {
                Ok(day) if day < calendar::local_date(exchange.arrival) => fields.refuse(
                    "basis_until",
                    "passato",
                    "Il titolo è già scaduto: indica quello in vigore, oppure correggi l'ultimo giorno.",
                ),
                Ok(day) if from.is_none_or(|from| from <= day) => Some(Some(day)),
                Ok(_) => fields.refuse(
                    "basis_until",
                    "incoerente",
                    "L'ultimo giorno viene prima del primo.",
                ),
                Err(_) => fields.refuse("basis_until", "non-valido", DATE),
            },
        };
        let code = person_code(&mut fields, "contact_fiscal_code");
        let surname = words(&mut fields, "contact_surname", 60);
        let given = words(&mut fields, "contact_name", 60);
        let email = address_of(&mut fields, "contact_email");
        let read = (|| {
            let email = email?;
            Some(Self {
                kind: kind?,
                name: name?,
                fiscal_code: fiscal_code?,
                address: address?,
                province: province?,
                basis: Basis {
                    kind: basis?,
                    reference: reference?,
                    from: calendar::start_of_day(from?),
                    until: until?.map(|day| calendar::start_of_day(calendar::days_after(day, 1))),
                },
                contact: AskedOperator {
                    code: code?,
                    surname: surname?,
                    name: given?,
                    email: Some(email.reveal().to_owned()),
                },
                contact_email: email.reveal().to_owned(),
            })
        })();
        fields.complete(read)
    }
}

/// Body of `POST /api/organisations/{id}/operators`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct OperatorsBody {
    /// At most 1000 rows; each has an outcome of its own.
    operators: Vec<OperatorBody>,
}

/// One row of a list of operators.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct OperatorBody {
    /// Fiscal code, the final one.
    fiscal_code: String,
    /// Surname.
    surname: String,
    /// Name.
    name: String,
    /// Where the letter goes; else to the address of the identity.
    email: Option<String>,
}

/// A person whom an organisation names.
pub(crate) struct AskedOperator {
    pub(crate) code: FiscalCode,
    pub(crate) surname: String,
    pub(crate) name: String,
    pub(crate) email: Option<String>,
}

/// A row that is not right, and what to do about it in Italian.
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
    fn told(problems: &[FieldProblem]) -> Self {
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
    exchange: &Exchange,
) -> Result<Vec<Result<AskedOperator, WrongRow>>, Problem> {
    let mut fields = exchange.fields()?;
    let rows = fields.list("operators", LONGEST_LIST);
    let rows = fields.complete(rows)?;
    Ok(rows.into_iter().map(operator_row).collect())
}

fn operator_row(mut row: Fields) -> Result<AskedOperator, WrongRow> {
    let code = row.text("fiscal_code");
    let surname = words(&mut row, "surname", 60);
    let name = words(&mut row, "name", 60);
    let email = match row.peek("email") {
        None | Some(Value::Null) => {
            row.optional_text("email");
            Some(None)
        }
        Some(_) => address_of(&mut row, "email").map(Some),
    };
    let read = (|| Some((code?, surname?, name?, email?)))();
    let (code, surname, name, email) =
        row.finish(read).map_err(|problems| WrongRow::told(&problems))?;
    let code = match code.parse::<PersonCode>() {
        Ok(PersonCode::Final(code)) => code,
        Ok(PersonCode::Provisional(_)) => return Err(RowOutcome::ProvisionalCode.into()),
        Err(_) => return Err(RowOutcome::WrongCode.into()),
    };
    Ok(AskedOperator {
        code,
        surname,
        name,
        email: email.map(|email: EmailAddress| email.reveal().to_owned()),
    })
}

/// Body of `POST /api/organisations/{id}/operators/{account}/leaving`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct LeavingBody {
    /// From when, RFC 3339; at once, when it is absent.
    from: Option<String>,
}

/// From when an operator leaves; none means at once (ORG-4).
pub(crate) fn leaving(exchange: &Exchange) -> Result<Option<Timestamp>, Problem> {
    let mut fields = exchange.fields()?;
    let from = match fields.optional_text("from") {
        None => Some(None),
        Some(text) => match text.parse::<Timestamp>() {
            Ok(from) if from > exchange.arrival => Some(Some(from)),
            Ok(_) => fields.refuse(
                "from",
                "passato",
                "L'istante è già passato: indicane uno futuro, oppure lascia vuoto perché valga subito.",
            ),
            Err(_) => fields.refuse(
                "from",
                "non-valido",
                "Data e ora con il fuso, per esempio 2026-12-31T18:00:00+01:00.",
            ),
        },
    };
    fields.complete(from)
}

/// Body of `POST /api/organisations/{id}/hand-overs`.
#[derive(Debug, utoipa::ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct HandOverBody {
    /// The account that filed them.
    from: String,
    /// The colleague who goes on.
    to: String,
    /// Which applications, at most 100; all live ones, when it is absent.
    applications: Option<Vec<String>>,
    /// Where the request before ended (`next`).
    cursor: Option<String>,
}

/// Who hands what over to whom (ORG-4).
pub(crate) struct HandOver {
    pub(crate) from: AccountId,
    pub(crate) to: AccountId,
    pub(crate) applications: Option<Vec<ApplicationId>>,
    pub(crate) cursor: Option<String>,
}

impl HandOver {
    pub(crate) fn read(exchange: &Exchange) -> Result<Self, Problem> {
        const ACCOUNT: &str = "L'identificativo dell'operatore, come nell'elenco.";
        let mut fields = exchange.fields()?;
        let from: Option<AccountId> = fields.parsed("from", ACCOUNT);
        let to: Option<AccountId> = fields.parsed("to", ACCOUNT);
        if from.is_some() && from == to {
            fields.refuse::<()>("to", "non-valido", "Scegli un collega diverso.");
        }
        let applications = match fields.peek("applications") {
            None | Some(Value::Null) => {
                fields.optional_text("applications");
                Some(None)
            }
            Some(_) => applications(&mut fields).map(Some),
        };
        let cursor = fields.optional_text("cursor");
        let read = (|| Some(Self { from: from?, to: to?, applications: applications?, cursor }))();
        fields.complete(read)
    }
}

fn applications(fields: &mut Fields) -> Option<Vec<ApplicationId>> {
    const LIST: &str = "applications";
    let ids = match fields.value(LIST)? {
        Value::Array(ids) if (1..=MOST_HANDED_OVER).contains(&ids.len()) => ids,
        _ => {
            return fields.refuse(
                LIST,
                "non-valido",
                format!("Un elenco da 1 a {MOST_HANDED_OVER} domande."),
            );
        }
    };
    let read: BTreeSet<ApplicationId> =
        ids.iter().filter_map(|id| id.as_str()?.parse().ok()).collect();
    if read.len() == ids.len() {
        Some(read.into_iter().collect())
    } else {
        fields.refuse(LIST, "non-valido", "Un identificativo non è valido o è ripetuto.")
    }
}

const DATE: &str = "Scrivi la data come anno-mese-giorno, per esempio 2026-03-31.";

/// A text of one line with something in it; no control characters, since it is shown and mailed.
fn words(fields: &mut Fields, name: &str, longest: usize) -> Option<String> {
    let text = fields.text(name)?;
    let text = text.trim();
    if text.is_empty() {
        fields.refuse(name, "obbligatorio", "Il campo è obbligatorio.")
    } else if text.chars().count() > longest {
        fields.refuse(name, "troppo-lungo", format!("Al massimo {longest} caratteri."))
    } else if text.chars().any(char::is_control) {
        fields.refuse(name, "non-valido", "Una sola riga, senza caratteri di controllo.")
    } else {
        Some(text.to_owned())
    }
}

fn date(fields: &mut Fields, name: &str) -> Option<Date> {
    fields.parsed(name, DATE)
}

fn past_date(fields: &mut Fields, name: &str, today: Date) -> Option<Date> {
    let date = date(fields, name)?;
    if date > today || date.year() < 1900 {
        return fields.refuse(name, "non-valido", "La data non è plausibile: controllala.");
    }
    Some(date)
}

fn phone(fields: &mut Fields, name: &str) -> Option<String> {
    let text = words(fields, name, 20)?;
    let is_phone = text.chars().all(|symbol| symbol.is_ascii_digit() || "+ /.-".contains(symbol))
        && text.chars().filter(char::is_ascii_digit).count() >= 6;
    if is_phone {
        Some(text)
    } else {
        fields.refuse(name, "non-valido", "Un numero di telefono, per esempio 0881 123456.")
    }
}

fn address_of(fields: &mut Fields, name: &str) -> Option<EmailAddress> {
    let text = fields.text(name)?;
    match text.parse::<EmailAddress>() {
        Ok(address) => Some(address),
        Err(error) => fields.refuse(name, "non-valido", error.message()),
    }
}

fn person_code(fields: &mut Fields, name: &str) -> Option<FiscalCode> {
    let text = fields.text(name)?;
    match text.parse::<PersonCode>() {
        Ok(PersonCode::Final(code)) => Some(code),
        Ok(PersonCode::Provisional(_)) => {
            fields.refuse(name, "non-valido", RowOutcome::ProvisionalCode.label())
        }
        Err(error) => fields.refuse(name, "non-valido", error.message()),
    }
}

fn company_code(fields: &mut Fields, name: &str) -> Option<CompanyCode> {
    let text = fields.text(name)?;
    text.parse()
        .map_or_else(|error: CodeError| fields.refuse(name, "non-valido", error.message()), Some)
}

fn province(fields: &mut Fields, name: &str) -> Option<String> {
    let code = fields.text(name)?;
    if Table::find("provinces").is_some_and(|provinces| provinces.entry(&code).is_some()) {
        Some(code)
    } else {
        fields.refuse(name, "non-valido", "La sigla di una provincia, per esempio FG.")
    }
}

fn coded<T: std::str::FromStr>(fields: &mut Fields, name: &str) -> Option<T> {
    fields.parsed(name, "Scegli uno dei valori previsti.")
}

fn one_of<T: std::str::FromStr + Copy + PartialEq>(
    fields: &mut Fields,
    name: &str,
    allowed: &[T],
) -> Option<T> {
    let value: T = coded(fields, name)?;
    if allowed.contains(&value) {
        Some(value)
    } else {
        fields.refuse(name, "non-valido", "Scegli uno dei valori previsti.")
    }
}

/// What is not there, or not the caller's, cannot be told apart.
pub(crate) fn id<T: std::str::FromStr>(segment: &str) -> Result<T, Problem> {
    segment.parse().map_err(|_| Problem::new(ProblemKind::NotFound))
}
