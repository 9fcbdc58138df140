//! What people send about entry, agreement and files, read strictly (ENT-1, CTR-1, AGR-1).

use std::str::FromStr;

use domain::{
    calendar,
    document::{DECLARABLE, DeclaredFormat, FileFormat, UploadPurpose, WorkerSignature},
    form::{FieldKey, Schema},
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem, ProblemKind,
        form::{Input, Mistake, rows, text, whole_number},
        problem::FieldProblem,
    },
};
use jiff::civil::Date;
use store::{
    drafts::{AgreementData, BorderEntry, FamilyMember},
    uploads::UploadRequest,
};

use crate::hex32;

/// Largest file, in bytes; a field of a form may take less.
pub(crate) const LARGEST: u64 = 20 * 1024 * 1024;
/// Members of a family that fit a form.
const MOST_RELATIVES: usize = 20;

form! {
    /// *Inserisci dati frontiera*.
    pub(crate) struct EntryBody {
        /// Province of the border point, two letters.
        province: String = province(),
        /// Its municipality.
        municipality: String = line(2, 80),
        /// Day of the entry, `2026-06-01`; not in the future, nor before the employer's confirmation.
        date: Date = text().format("date").parsed("Scrivi la data come 2026-06-01."),
        /// Number of the visa, 6 to 20 letters and digits.
        visa_number: String = text().shortest(6).checked(visa_number),
    }

    /// *Inserisci dati Accordo*.
    pub(crate) struct AgreementBody {
        /// Street and number where the worker lives.
        street: String = line(3, 120),
        /// Its municipality.
        municipality: String = line(2, 80),
        /// Its province, two letters.
        province: String = province(),
        /// Its postal code, five digits.
        postal_code: String = text().pattern("^[0-9]{5}$").checked(postal_code),
        /// Telephone of the worker.
        telephone: String = line(5, 30),
        /// Members of the family in Italy, at most 20; may be left out.
        family: Vec<FamilyMemberBody> = rows::<FamilyMemberBody>(0, MOST_RELATIVES).optional(),
    }

    /// A member of the worker's family.
    pub(crate) struct FamilyMemberBody {
        /// Surname.
        surname: String = line(1, 80),
        /// Name.
        name: String = line(1, 80),
        /// Day of birth.
        born: Date = text().format("date").parsed("Scrivi la data come 2015-06-01."),
        /// What the member is to the worker.
        relation: String = text().codes(|| RELATIONS.to_vec()).checked(relation),
    }

    /// What is to be uploaded.
    pub(crate) struct UploadBody {
        /// `contract`, `agreement`, `integration`, `objection` (observations after a notice of reasons against), or
        /// `field:<key>` for a document that the form of a draft asks for (FRM-6).
        purpose: AskedPurpose = text()
            .pattern("^(contract|agreement|integration|objection|field:[a-z][a-z0-9_]{0,63})$")
            .parsed("Indica che cosa carichi: contract, agreement, integration, objection oppure field: seguito dal nome del campo."),
        /// `application/pdf`, `application/pkcs7-mime` (`.p7m`) or its older name, or `application/octet-stream`; for a field
        /// that takes pictures also `image/jpeg` and `image/png`.
        media_type: String = text().codes(|| DECLARABLE.to_vec()).checked(media_type),
        /// Length in bytes, from 1 to 20971520.
        bytes: u64 = whole_number(1, Some(LARGEST)).checked(length),
        /// SHA-256 of the file, in hex.
        sha256: (String, [u8; 32]) = text().pattern("^[0-9A-Fa-f]{64}$").checked(digest),
        /// For the contract: `digital`, or `by-hand` with the employer's statement of art. 47 DPR 445/2000 (CTR-2).
        worker_signature: WorkerSignature = text()
            .codes(|| WorkerSignature::ALL.iter().map(|signature| signature.code()).collect())
            .parsed("Indica come ha firmato il lavoratore: digital oppure by-hand.")
            .optional(),
    }
}

/// What a member of the family can be.
const RELATIONS: [&str; 3] = ["spouse", "child", "parent"];

/// What a file is for: a step of the case, or a field of the form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct AskedPurpose {
    pub(crate) kind: UploadPurpose,
    /// The field, exactly where the kind is one.
    pub(crate) field: Option<FieldKey>,
}

impl FromStr for AskedPurpose {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (kind, field) = match text.split_once(':') {
            Some((kind, field)) => (kind, Some(field.parse().map_err(|_| ())?)),
            None => (text, None),
        };
        let kind: UploadPurpose = kind.parse().map_err(|_| ())?;
        let is_whole = (kind == UploadPurpose::Field) == field.is_some();
        if is_whole { Ok(Self { kind, field }) } else { Err(()) }
    }
}

/// A permission that is asked for, with the digest as bytes.
pub(crate) struct ParsedUpload {
    pub(crate) asked: UploadRequest,
    pub(crate) digest: [u8; 32],
}

/// A border entry between `earliest`, where it is known, and `today`, both included; the problem names all mistakes
/// together.
pub(crate) fn entry(
    request: &ApiRequest,
    earliest: Option<Date>,
    today: Date,
) -> Result<BorderEntry, Problem> {
    let mut body: EntryBody = request.form()?;
    let (province, municipality) = (body.province(), body.municipality());
    let date = match (body.date(), earliest) {
        (Some(date), _) if date > today => body.refuse(
            "date",
            "futuro",
            "L'ingresso non può essere nel futuro: inserisci i dati quando il lavoratore è entrato.",
        ),
        // The contract's term runs from this day, and it cannot be corrected: a slip would cost the term (CTR-1).
        (Some(date), Some(earliest)) if date < earliest => body.refuse(
            "date",
            "troppo-presto",
            format!(
                "Con questo visto il lavoratore non può essere entrato prima di {}: controlla la data sul timbro d'ingresso del passaporto e scrivila di nuovo.",
                calendar::day_in_words(earliest)
            ),
        ),
        (date, _) => date,
    };
    let visa_number = body.visa_number();
    let read = province.zip(municipality).zip(date).zip(visa_number).map(
        |(((province, municipality), date), visa_number)| BorderEntry {
            province,
            municipality,
            date,
            visa_number,
            fiscal_code: None,
        },
    );
    body.complete(read)
}

pub(crate) fn agreement(request: &ApiRequest, today: Date) -> Result<AgreementData, Problem> {
    let mut body: AgreementBody = request.form()?;
    let (street, municipality, province) = (body.street(), body.municipality(), body.province());
    let (postal_code, telephone) = (body.postal_code(), body.telephone());
    let mut family = Vec::new();
    for (index, row) in body.family().unwrap_or_default().into_iter().enumerate() {
        family.extend(body.row("family", index, relative(row, today)));
    }
    let read = street.zip(municipality).zip(province).zip(postal_code).zip(telephone).map(
        |((((street, municipality), province), postal_code), telephone)| AgreementData {
            street,
            municipality,
            province,
            postal_code,
            telephone,
            family,
        },
    );
    body.complete(read)
}

fn relative(mut row: FamilyMemberBody, today: Date) -> Result<FamilyMember, Vec<FieldProblem>> {
    let (surname, name) = (row.surname(), row.name());
    let born = match row.born() {
        Some(born) if born > today => {
            row.refuse("born", "futuro", "La data di nascita è nel futuro.")
        }
        born => born,
    };
    let relation = row.relation();
    let read =
        surname.zip(name).zip(born).zip(relation).map(|(((surname, name), born), relation)| {
            FamilyMember { surname, name, born, relation }
        });
    row.finish(read)
}

pub(crate) fn upload(request: &ApiRequest) -> Result<ParsedUpload, Problem> {
    let mut body: UploadBody = request.form()?;
    let (purpose, media_type, bytes) = (body.purpose(), body.media_type(), body.bytes());
    let (sha256, worker_signature) = (body.sha256(), body.worker_signature());
    let kind = purpose.as_ref().map(|purpose| purpose.kind);
    let needs_signature = kind == Some(UploadPurpose::Contract);
    // What a field takes depends on its form, which is judged with the application.
    let media_type = match (kind, media_type) {
        (Some(UploadPurpose::Field) | None, media_type) => media_type,
        (Some(_), media_type) => media_type.and_then(|declared| {
            if is_document(&declared) {
                Some(declared)
            } else {
                body.refuse("media_type", "non-ammesso", ONLY_DOCUMENTS)
            }
        }),
    };
    let is_said = worker_signature.is_some();
    if needs_signature && !is_said {
        body.refuse::<()>(
            "worker_signature",
            "obbligatorio",
            "Per il contratto indica come ha firmato il lavoratore: con firma digitale oppure a mano (in questo caso la tua firma digitale vale come dichiarazione ai sensi dell'art. 47 DPR 445/2000).",
        );
    } else if !needs_signature && is_said {
        body.refuse::<()>(
            "worker_signature",
            "non-previsto",
            "Vale solo per il contratto: toglilo.",
        );
    }
    let read = purpose.zip(media_type).zip(bytes).zip(sha256).map(
        |(((purpose, media_type), bytes), (sha256, digest))| {
            let AskedPurpose { kind: purpose, field } = purpose;
            let asked =
                UploadRequest { purpose, field, media_type, bytes, sha256, worker_signature };
            ParsedUpload { asked, digest }
        },
    );
    body.complete(read)
}

fn province() -> impl Input<Value = String> {
    text().pattern("^ *[A-Za-z]{2} *$").checked(|typed| {
        let code = typed.trim().to_uppercase();
        let is_code = code.len() == 2 && code.chars().all(|letter| letter.is_ascii_uppercase());
        if is_code {
            Ok(code)
        } else {
            Err(Mistake::invalid("Scrivi la sigla della provincia, due lettere."))
        }
    })
}

/// One line of text without control characters, from `shortest` to `longest` characters.
fn line(shortest: usize, longest: usize) -> impl Input<Value = String> {
    text().shortest(shortest).checked(move |typed| {
        let line = typed.trim();
        let fits = (shortest..=longest).contains(&line.chars().count());
        if fits && !line.chars().any(char::is_control) {
            Ok(line.to_owned())
        } else {
            let message = format!("Scrivi da {shortest} a {longest} caratteri, su una riga.");
            Err(Mistake::invalid(message))
        }
    })
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn visa_number(typed: String) -> Result<String, Mistake> {
    let number = typed.trim().to_uppercase();
    let is_number = (6..=20).contains(&number.len())
        && number.chars().all(|letter| letter.is_ascii_alphanumeric());
    if is_number {
        Ok(number)
    } else {
        Err(Mistake::invalid(
            "Scrivi il numero del visto come sta sull'adesivo: da 6 a 20 lettere e cifre.",
        ))
    }
}

fn postal_code(mut code: String) -> Result<String, Mistake> {
    code.retain(|letter| !letter.is_whitespace());
    if code.len() == 5 && code.chars().all(|digit| digit.is_ascii_digit()) {
        Ok(code)
    } else {
        Err(Mistake::invalid("Il CAP ha cinque cifre."))
    }
}

fn relation(code: String) -> Result<String, Mistake> {
    if RELATIONS.contains(&code.as_str()) {
        Ok(code)
    } else {
        Err(Mistake::invalid("Scegli coniuge, figlio o genitore."))
    }
}

/// The media type as it is put into the permission: without parameters, in small letters.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn media_type(typed: String) -> Result<String, Mistake> {
    let essence = typed.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    if DECLARABLE.contains(&essence.as_str()) {
        Ok(essence)
    } else {
        Err(Mistake::new("non-ammesso", ONLY_DOCUMENTS))
    }
}

const ONLY_DOCUMENTS: &str =
    "Sono ammessi solo file PDF (application/pdf) e P7M (application/pkcs7-mime).";

/// Whether a file declared so can be a PDF, signed or not.
fn is_document(declared: &str) -> bool {
    let declared = DeclaredFormat::of(declared);
    declared.is_some_and(|declared| FileFormat::DOCUMENTS.iter().any(|one| declared.allows(*one)))
}

/// Refuses what a field of the form does not take: all mistakes of the file together (FRM-6).
pub(crate) fn fits_field(
    asked: &UploadRequest,
    field: &FieldKey,
    schema: &Schema,
) -> Result<(), Problem> {
    let Some(rule) = schema.file_rule(field) else {
        return Err(Problem::field(
            "purpose",
            "Questo campo della domanda non accetta documenti: scegli uno dei campi con il pulsante «Carica».",
        ));
    };
    let mut mistakes = Vec::new();
    let mut refuse = |field: &str, code: &str, message: String| {
        let (field, code) = (field.to_owned(), code.to_owned());
        mistakes.push(FieldProblem { field, code, message });
    };
    let declared = DeclaredFormat::of(&asked.media_type);
    if !declared.is_some_and(|declared| rule.formats.iter().any(|one| declared.allows(*one))) {
        refuse(
            "media_type",
            "non-ammesso",
            format!("Questo campo accetta solo file {}.", rule.in_words()),
        );
    }
    if asked.bytes > rule.max_bytes {
        // Whole megabytes are what a file manager shows.
        let limit = rule.max_bytes / 1_000_000;
        refuse(
            "bytes",
            "troppo-grande",
            format!(
                "Il file supera i {limit} MB: riducilo, ad esempio con una scansione a risoluzione minore."
            ),
        );
    }
    if mistakes.is_empty() {
        return Ok(());
    }
    Err(Problem::new(ProblemKind::InvalidFields).fields(mistakes))
}

fn length(bytes: u64) -> Result<u64, Mistake> {
    match bytes {
        0 => Err(Mistake::new("vuoto", "Il file è vuoto: scegline un altro.")),
        1..=LARGEST => Ok(bytes),
        _ => Err(Mistake::new(
            "troppo-grande",
            "Il file supera i 20 MB: riducilo, ad esempio con una scansione a risoluzione minore.",
        )),
    }
}

/// The digest in hex, and its bytes.
#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn digest(typed: String) -> Result<(String, [u8; 32]), Mistake> {
    let hex = typed.to_lowercase();
    match hex32(&hex) {
        Some(bytes) => Ok((hex, bytes)),
        None => Err(Mistake::invalid("Serve l'impronta SHA-256 del file, 64 cifre esadecimali.")),
    }
}
