//! What people send about entry, agreement and files, read strictly (ENT-1, CTR-1, AGR-1).

use domain::{
    calendar,
    document::{UploadPurpose, WorkerSignature},
};
use edge::http::{Exchange, Fields, Problem, problem::FieldProblem};
use jiff::civil::Date;
use store::{
    drafts::{AgreementData, Entry, FamilyMember},
    uploads::Asked,
};
use utoipa::ToSchema;

use crate::hex32;

/// Media type of a PDF.
pub(crate) const PDF: &str = "application/pdf";
/// Media type of a file inside a CAdES signature.
pub(crate) const P7M: &str = "application/pkcs7-mime";
/// Largest file, in bytes.
const LARGEST: u64 = 20 * 1024 * 1024;
/// Members of a family that fit a form.
const MOST_RELATIVES: usize = 20;

/// *Inserisci dati frontiera*.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct EntryBody {
    /// Province of the border point, two letters.
    province: String,
    /// Its municipality.
    municipality: String,
    /// Day of the entry, `2026-06-01`; not in the future, nor before the employer's confirmation.
    date: String,
    /// Number of the visa, 6 to 20 letters and digits.
    visa_number: String,
}

/// *Inserisci dati Accordo*.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct AgreementBody {
    /// Street and number where the worker lives.
    street: String,
    /// Its municipality.
    municipality: String,
    /// Its province, two letters.
    province: String,
    /// Its postal code, five digits.
    postal_code: String,
    /// Telephone of the worker.
    telephone: String,
    /// Members of the family in Italy, at most 20; may be left out.
    family: Option<Vec<FamilyMemberBody>>,
}

/// A member of the worker's family.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct FamilyMemberBody {
    /// Surname.
    surname: String,
    /// Name.
    name: String,
    /// Day of birth.
    born: String,
    /// `spouse`, `child` or `parent`.
    relation: String,
}

/// What is to be uploaded.
#[derive(Debug, ToSchema)]
#[expect(dead_code, reason = "the shape for the API's description")]
pub struct UploadBody {
    /// `contract`, `agreement` or `integration`.
    purpose: String,
    /// `application/pdf` (PAdES, or a scan) or `application/pkcs7-mime` (CAdES, `.p7m`).
    media_type: String,
    /// Length in bytes, from 1 to 20971520.
    bytes: u64,
    /// SHA-256 of the file, in hex.
    sha256: String,
    /// For the contract: `digital`, or `by-hand` with the employer's statement of art. 47 DPR 445/2000 (CTR-2).
    worker_signature: Option<String>,
}

/// A permission that is asked for, with the digest as bytes.
pub(crate) struct UploadAsked {
    pub(crate) asked: Asked,
    pub(crate) digest: [u8; 32],
}

/// A border entry between `earliest`, where it is known, and `today`, both included; the problem names all mistakes
/// together.
pub(crate) fn entry(
    exchange: &Exchange,
    earliest: Option<Date>,
    today: Date,
) -> Result<Entry, Problem> {
    let mut fields = exchange.fields()?;
    let province = province(&mut fields);
    let municipality = line(&mut fields, "municipality", 2, 80);
    let date = fields.parsed::<Date>("date", "Scrivi la data come 2026-06-01.");
    let date = match (date, earliest) {
        (Some(date), _) if date > today => fields.refuse(
            "date",
            "futuro",
            "L'ingresso non può essere nel futuro: inserisci i dati quando il lavoratore è entrato.",
        ),
        // The contract's term runs from this day, and it cannot be corrected: a slip would cost the term (CTR-1).
        (Some(date), Some(earliest)) if date < earliest => fields.refuse(
            "date",
            "troppo-presto",
            format!(
                "Con questo visto il lavoratore non può essere entrato prima di {}: controlla la data sul timbro d'ingresso del passaporto e scrivila di nuovo.",
                calendar::day_in_words(earliest)
            ),
        ),
        (date, _) => date,
    };
    let visa_number = fields.text("visa_number").map(|text| text.trim().to_uppercase());
    let visa_number = match visa_number {
        Some(number)
            if !(6..=20).contains(&number.len())
                || !number.chars().all(|letter| letter.is_ascii_alphanumeric()) =>
        {
            fields.refuse(
                "visa_number",
                "non-valido",
                "Scrivi il numero del visto come sta sull'adesivo: da 6 a 20 lettere e cifre.",
            )
        }
        number => number,
    };
    let read = province.zip(municipality).zip(date).zip(visa_number).map(
        |(((province, municipality), date), visa_number)| Entry {
            province,
            municipality,
            date,
            visa_number,
            fiscal_code: None,
        },
    );
    fields.complete(read)
}

pub(crate) fn agreement(exchange: &Exchange, today: Date) -> Result<AgreementData, Problem> {
    let mut fields = exchange.fields()?;
    let street = line(&mut fields, "street", 3, 120);
    let municipality = line(&mut fields, "municipality", 2, 80);
    let province = province(&mut fields);
    let postal_code = fields.text("postal_code");
    let postal_code = match postal_code {
        Some(code) if code.len() != 5 || !code.chars().all(|digit| digit.is_ascii_digit()) => {
            fields.refuse("postal_code", "non-valido", "Il CAP ha cinque cifre.")
        }
        code => code,
    };
    let telephone = line(&mut fields, "telephone", 5, 30);
    let mut family = Vec::new();
    if fields.has("family") {
        let is_empty = fields
            .peek("family")
            .is_some_and(|list| list.is_null() || list.as_array().is_some_and(Vec::is_empty));
        if is_empty {
            fields.value("family");
        } else {
            let rows = fields.list("family", MOST_RELATIVES).unwrap_or_default();
            for (index, row) in rows.into_iter().enumerate() {
                family.extend(fields.row("family", index, relative(row, today)));
            }
        }
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
    fields.complete(read)
}

fn relative(mut row: Fields, today: Date) -> Result<FamilyMember, Vec<FieldProblem>> {
    let surname = line(&mut row, "surname", 1, 80);
    let name = line(&mut row, "name", 1, 80);
    let born = row.parsed::<Date>("born", "Scrivi la data come 2015-06-01.");
    let born = match born {
        Some(born) if born > today => {
            row.refuse("born", "futuro", "La data di nascita è nel futuro.")
        }
        born => born,
    };
    let relation = row.text("relation");
    let relation = match relation.as_deref() {
        Some("spouse" | "child" | "parent") | None => relation,
        Some(_) => row.refuse("relation", "non-valido", "Scegli coniuge, figlio o genitore."),
    };
    let read =
        surname.zip(name).zip(born).zip(relation).map(|(((surname, name), born), relation)| {
            FamilyMember { surname, name, born, relation }
        });
    row.finish(read)
}

pub(crate) fn upload(exchange: &Exchange) -> Result<UploadAsked, Problem> {
    let mut fields = exchange.fields()?;
    let purpose = fields.parsed::<UploadPurpose>(
        "purpose",
        "Indica che cosa carichi: contract, agreement oppure integration.",
    );
    let media_type = fields.text("media_type");
    let media_type = match media_type.as_deref() {
        Some(PDF | P7M) | None => media_type,
        Some(_) => fields.refuse(
            "media_type",
            "non-ammesso",
            "Sono ammessi solo file PDF (application/pdf) e P7M (application/pkcs7-mime).",
        ),
    };
    let bytes = fields.whole_number("bytes");
    let bytes = match bytes {
        Some(0) => fields.refuse("bytes", "vuoto", "Il file è vuoto: scegline un altro."),
        Some(bytes) if bytes > LARGEST => fields.refuse(
            "bytes",
            "troppo-grande",
            "Il file supera i 20 MB: riducilo, ad esempio con una scansione a risoluzione minore.",
        ),
        bytes => bytes,
    };
    let sha256 = fields.text("sha256").map(|text| text.to_lowercase());
    let digest = sha256.as_deref().and_then(hex32);
    if sha256.is_some() && digest.is_none() {
        fields.refuse::<()>(
            "sha256",
            "non-valido",
            "Serve l'impronta SHA-256 del file, 64 cifre esadecimali.",
        );
    }
    let worker_signature = fields.optional_parsed::<WorkerSignature>(
        "worker_signature",
        "Indica come ha firmato il lavoratore: digital oppure by-hand.",
    );
    let needs_signature = purpose == Some(UploadPurpose::Contract);
    let is_said = worker_signature.is_some();
    if needs_signature && !is_said {
        fields.refuse::<()>(
            "worker_signature",
            "obbligatorio",
            "Per il contratto indica come ha firmato il lavoratore: con firma digitale oppure a mano (in questo caso la tua firma digitale vale come dichiarazione ai sensi dell'art. 47 DPR 445/2000).",
        );
    } else if !needs_signature && is_said {
        fields.refuse::<()>(
            "worker_signature",
            "non-previsto",
            "Vale solo per il contratto: toglilo.",
        );
    }
    let read = purpose.zip(media_type).zip(bytes).zip(sha256.zip(digest)).map(
        |(((purpose, media_type), bytes), (sha256, digest))| UploadAsked {
            asked: Asked { purpose, media_type, bytes, sha256, worker_signature },
            digest,
        },
    );
    fields.complete(read)
}

fn province(fields: &mut Fields) -> Option<String> {
    let text = fields.text("province").map(|text| text.trim().to_uppercase());
    match text {
        Some(code)
            if code.len() != 2 || !code.chars().all(|letter| letter.is_ascii_uppercase()) =>
        {
            fields.refuse("province", "non-valido", "Scrivi la sigla della provincia, due lettere.")
        }
        code => code,
    }
}

/// One line of text without control characters, from `shortest` to `longest` characters.
fn line(fields: &mut Fields, name: &str, shortest: usize, longest: usize) -> Option<String> {
    let text = fields.text(name).map(|text| text.trim().to_owned());
    match text {
        Some(text)
            if !(shortest..=longest).contains(&text.chars().count())
                || text.chars().any(char::is_control) =>
        {
            fields.refuse(
                name,
                "non-valido",
                format!("Scrivi da {shortest} a {longest} caratteri, su una riga."),
            )
        }
        text => text,
    }
}
