//! What people send about entry, agreement and files, read strictly (ENT-1, CTR-1, AGR-1).

use domain::{
    calendar,
    document::{UploadPurpose, WorkerSignature},
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input, Mistake, rows, text, whole_number},
        problem::FieldProblem,
    },
};
use jiff::civil::Date;
use serde_json::Value;
use store::{
    drafts::{AgreementData, BorderEntry, FamilyMember},
    uploads::UploadRequest,
};

use crate::hex32;

/// Media type of a PDF.
pub(crate) const PDF: &str = "application/pdf";
/// Media type of a file inside a CAdES signature.
pub(crate) const P7M: &str = "application/pkcs7-mime";
/// Largest file, in bytes.
const LARGEST: u64 = 20 * 1024 * 1024;
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
        family: Vec<FamilyMemberBody> = rows::<FamilyMemberBody>(MOST_RELATIVES).optional(),
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
        /// What the file is.
        purpose: UploadPurpose = text()
            .codes(|| UploadPurpose::ALL.iter().map(|purpose| purpose.code()).collect())
            .parsed("Indica che cosa carichi: contract, agreement oppure integration."),
        /// `application/pdf` (PAdES, or a scan) or `application/pkcs7-mime` (CAdES, `.p7m`).
        media_type: String = text().codes(|| vec![PDF, P7M]).checked(media_type),
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
    // An empty list says as much as none.
    let is_empty = body.peek("family").and_then(Value::as_array).is_some_and(Vec::is_empty);
    if is_empty {
        body.drop("family");
    }
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
    let needs_signature = purpose == Some(UploadPurpose::Contract);
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
        |(((purpose, media_type), bytes), (sha256, digest))| ParsedUpload {
            asked: UploadRequest { purpose, media_type, bytes, sha256, worker_signature },
            digest,
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

fn postal_code(code: String) -> Result<String, Mistake> {
    let code: String = code.split_whitespace().collect();
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

fn media_type(kind: String) -> Result<String, Mistake> {
    if [PDF, P7M].contains(&kind.as_str()) {
        Ok(kind)
    } else {
        Err(Mistake::new(
            "non-ammesso",
            "Sono ammessi solo file PDF (application/pdf) e P7M (application/pkcs7-mime).",
        ))
    }
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
