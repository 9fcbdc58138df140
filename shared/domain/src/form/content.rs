//! The content of an application in one canonical spelling, and the few values that other parts of the portal need.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::field::Role;
use super::schema::Schema;
use super::value::Values;

/// Who the worker is, as far as the claim of LIM-1 goes.
#[derive(Clone, PartialEq, Eq)]
pub struct WorkerIdentity {
    /// ISO 3166-1 alpha-3, or KOS, or XXX for the stateless.
    pub citizenship: String,
    /// Capital letters and digits only.
    pub passport_number: String,
    /// The day of birth.
    pub birth_date: Date,
}

/// Redacted: it is personal data. (PRV-1)
impl fmt::Debug for WorkerIdentity {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("WorkerIdentity([redacted])")
    }
}

/// Sorted by construction, whatever features the JSON library has been given.
#[derive(Serialize)]
struct Content<'a> {
    schema: &'a str,
    values: &'a BTreeMap<&'a str, &'a Value>,
}

impl Schema {
    /// The values that count, by key: filled, and of fields that are asked at all.
    pub fn answers<'a>(&'a self, values: &'a Values) -> BTreeMap<&'a str, &'a Value> {
        self.view(values).values().clone()
    }

    /// The values that count, without their sources, as JSON with sorted keys and the schema's id.
    pub fn canonical(&self, values: &Values) -> Vec<u8> {
        let view = self.view(values);
        // A map of text to scalars always has a JSON text.
        serde_json::to_vec(&Content { schema: self.id(), values: view.values() })
            .unwrap_or_default()
    }

    /// SHA-256 of [`Schema::canonical`]: what the receipt and the log carry. (SUB-4)
    pub fn content_digest(&self, values: &Values) -> [u8; 32] {
        Sha256::digest(self.canonical(values)).into()
    }

    /// Whether the form asks for a worker beside the applicant; in conversions the applicant is the worker. (CNV-1)
    pub fn asks_for_worker(&self) -> bool {
        self.field_with(Role::WorkerPassport).is_some()
    }

    /// The worker, once citizenship, passport and birth are known. (LIM-1)
    pub fn worker(&self, values: &Values) -> Option<WorkerIdentity> {
        let text = |role| self.value_with(role, values).and_then(Value::as_str);
        Some(WorkerIdentity {
            citizenship: text(Role::WorkerCitizenship)?.to_owned(),
            passport_number: text(Role::WorkerPassport)?.to_owned(),
            birth_date: text(Role::WorkerBirthDate)?.parse().ok()?,
        })
    }

    /// The province of the workplace, which decides the competent office. (RNK-1)
    pub fn workplace_province(&self, values: &Values) -> Option<String> {
        self.value_with(Role::WorkplaceProvince, values).and_then(Value::as_str).map(str::to_owned)
    }

    /// The province of the office that looks at a blocked draft: of the workplace, else of the employer's seat, as far
    /// as either is known. (NEW-5)
    pub fn province_of_a_flag(&self, values: &Values) -> Option<String> {
        self.workplace_province(values).or_else(|| {
            let seat = self.value_with(Role::EmployerSeatProvince, values);
            seat.and_then(Value::as_str).map(str::to_owned)
        })
    }
}
