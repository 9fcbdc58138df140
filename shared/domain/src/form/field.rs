//! One question of a form: what it is called, what it may hold, when it counts and who answers it.

use std::str::FromStr;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::condition::Condition;
use super::field_key::FieldKey;
use super::kind::FieldType;

/// One question of a form, as the schema file states it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// The stable name under which the value is stored and sent.
    pub key: FieldKey,
    /// The section that shows it.
    pub section: String,
    /// What people read beside it, in Italian.
    pub label: String,
    /// What the answer is and where to find it, in Italian.
    pub help: String,
    /// What it may hold.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// When it counts for completeness; always, if the file says nothing.
    #[serde(default)]
    pub required: Required,
    /// When it is asked at all; always, if the file says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub visible: Option<Condition>,
    /// Where the value comes from. (ENR-1)
    pub source: Source,
    /// Whether a registry answers at once or within days.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Whether a person may type the value once the registry has said that it has none.
    #[serde(default, skip_serializing_if = "is_false")]
    pub hand_if_absent: bool,
    /// Whether no source confirms this line: it is our assumption.
    #[serde(default, skip_serializing_if = "is_false")]
    pub assumption: bool,
    /// What the rest of the portal needs this value for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// How a derived value is computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derive: Option<Derivation>,
    /// A value that passes; dates may be written as bounds (`today+60d`).
    #[serde(default, skip_serializing)]
    pub example: Option<Value>,
    /// A value that is refused, where the type's own is not telling enough.
    #[serde(default, skip_serializing)]
    pub refused: Option<Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// A part of the form with its own page and its own percentage.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Section {
    /// The stable name.
    pub key: String,
    /// The heading, in Italian.
    pub title: String,
    /// What the section is for, in Italian.
    pub help: String,
}

/// When a visible field must have a value for the form to be complete.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Required {
    /// Whenever it is visible.
    #[default]
    Always,
    /// Never.
    Never,
    /// While the condition holds.
    When(Condition),
}

/// Where a value comes from. (ENR-1)
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Source {
    /// A person types it.
    Hand,
    /// The SPID or CIE identity of who filed.
    Identity,
    /// The profile of the organisation that filed.
    Profile,
    /// The preliminary checks. (CHK-1)
    Start,
    /// Computed from other values.
    Derived,
    /// A document that is uploaded, never typed.
    Upload,
    /// The first of these registries whose condition holds.
    Registry(Vec<Registry>),
}

impl TryFrom<String> for Source {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        match text.as_str() {
            "hand" => Ok(Self::Hand),
            "identity" => Ok(Self::Identity),
            "profile" => Ok(Self::Profile),
            "start" => Ok(Self::Start),
            "derived" => Ok(Self::Derived),
            "upload" => Ok(Self::Upload),
            other => {
                let names = other
                    .strip_prefix("registry:")
                    .ok_or_else(|| format!("unknown source {other:?}"))?;
                names.split('|').map(str::parse).collect::<Result<_, _>>().map(Self::Registry)
            }
        }
    }
}

impl From<Source> for String {
    fn from(source: Source) -> Self {
        match source {
            Source::Hand => "hand".to_owned(),
            Source::Identity => "identity".to_owned(),
            Source::Profile => "profile".to_owned(),
            Source::Start => "start".to_owned(),
            Source::Derived => "derived".to_owned(),
            Source::Upload => "upload".to_owned(),
            Source::Registry(registries) => {
                format!(
                    "registry:{}",
                    registries.iter().map(|each| each.key()).collect::<Vec<_>>().join("|")
                )
            }
        }
    }
}

/// A public register that is asked for values. (S25: UnionCamere, Agenzia delle Entrate, AGID, INPS)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Registry {
    /// The business register of the chambers of commerce.
    Unioncamere,
    /// The revenue agency.
    AgenziaEntrate,
    /// Certified addresses of firms and professionals.
    IniPec,
    /// Digital domiciles of natural persons and of bodies outside the business register.
    Inad,
    /// The social security institute.
    Inps,
}

impl Registry {
    /// Every registry.
    pub const ALL: [Self; 5] =
        [Self::Unioncamere, Self::AgenziaEntrate, Self::IniPec, Self::Inad, Self::Inps];

    /// The stable name in schemas, messages and stored values.
    pub fn key(self) -> &'static str {
        match self {
            Self::Unioncamere => "unioncamere",
            Self::AgenziaEntrate => "agenzia-entrate",
            Self::IniPec => "ini-pec",
            Self::Inad => "inad",
            Self::Inps => "inps",
        }
    }

    /// What people call it, with its article.
    pub fn label(self) -> &'static str {
        match self {
            Self::Unioncamere => "il Registro delle Imprese",
            Self::AgenziaEntrate => "l'Agenzia delle Entrate",
            Self::IniPec => "l'INI-PEC",
            Self::Inad => "l'INAD",
            Self::Inps => "l'INPS",
        }
    }
}

impl FromStr for Registry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|each| each.key() == text)
            .ok_or_else(|| format!("unknown registry {text:?}"))
    }
}

/// Whether a registry answers while the person waits, or within days. (ENR-1)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// At once.
    Now,
    /// Within some days, through the queue.
    Later,
}

/// What the rest of the portal needs a value for, so that only schemas spell keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// The privacy notice was read. (CHK-1)
    PrivacyAcknowledged,
    /// Whether the applicant is a natural or a legal person, where both may ask. (CHK-1)
    ApplicantKind,
    /// Whether the employer is in the business register. (CHK-1)
    BusinessRegister,
    /// The fiscal code of the applicant or legal representative. (CHK-1)
    ApplicantFiscalCode,
    /// The fiscal code of the company or body. (CHK-1)
    EmployerFiscalCode,
    /// What the employer is called in lists and messages.
    EmployerName,
    /// The certified address elected for the procedure. (PEC-1, art. 47 c.c.)
    ElectedPec,
    /// The ordinary e-mail of who filed. (COM-1)
    FilerEmail,
    /// The telephone of who filed.
    FilerPhone,
    /// The organisation through which the application is filed.
    AssociationName,
    /// The seat of that organisation.
    AssociationAddress,
    /// Searched by. (SRC-1)
    WorkerSurname,
    /// Searched by. (SRC-1)
    WorkerName,
    /// Part of the worker's claim. (LIM-1)
    WorkerCitizenship,
    /// Part of the worker's claim. (LIM-1)
    WorkerPassport,
    /// Part of the worker's claim. (LIM-1)
    WorkerBirthDate,
    /// Decides the competent office. Where the law names residence or seat for a model, that field has the role. (RNK-1,
    /// art. 22 c. 2)
    WorkplaceProvince,
    /// Stands in for the workplace's province where a draft is blocked before the filer typed that. (NEW-5)
    EmployerSeatProvince,
}

/// How a derived value is computed.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Derivation {
    /// The same as another field.
    Copy(FieldKey),
    /// Always this.
    Constant(Value),
    /// Days from the first date to the second, both included.
    Days(FieldKey, FieldKey),
    /// The sum of the numbers that are asked, once all of them are there.
    Sum(Vec<FieldKey>),
}
