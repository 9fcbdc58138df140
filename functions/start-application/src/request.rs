//! What the preliminary checks ask (CHK-1), read with every mistake at once.

use domain::{
    activation::ActivationCode,
    campaign::Campaign,
    fiscal_code::{CompanyCode, PersonCode},
    form::{Role as FieldRole, Schema},
    ids::{CampaignId, ModelId},
    permission::Role,
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem, ProblemKind,
        form::{Input as _, Mistake, boolean, text},
    },
};
use outside::registries::Subject;
use store::{accounts::Account, drafts::Preliminary, sessions::Caller};

const APPLICANT_KIND: &str = "applicant_kind";
const NATURAL: &str = "natural";
const LEGAL: &str = "legal";

/// The longest idempotency key.
const LONGEST_KEY: usize = 200;

form! {
    /// Body of `POST /api/applications`.
    pub(crate) struct StartRequest {
        /// The decree.
        campaign: CampaignId =
            text().parsed("Indica l'identificativo del decreto, come nel calendario."),
        /// The model of the decree.
        model: ModelId =
            text().parsed("Indica l'identificativo del modello, come nel calendario."),
        /// That the privacy notice was read; must be true.
        privacy_ack: bool = boolean(),
        /// Which version of it.
        privacy_version: String = text(),
        /// Whether the company is in the business register; absent for a natural person.
        ri_registered: bool = boolean().sometimes(),
        /// `natural` or `legal`, only where the model asks.
        applicant_kind: Kind = text().codes(|| vec![NATURAL, LEGAL]).checked(kind_of).sometimes(),
        /// Fiscal code of the applicant or legal representative; a private user may leave it out.
        applicant_fiscal_code: String = text().sometimes(),
        /// Fiscal code of the company or body; absent for a natural person.
        company_fiscal_code: CompanyCode = text().checked(company_code).sometimes(),
    }

    /// Body of `POST /api/applications/{id}/activation`.
    pub(crate) struct ActivationRequest {
        /// The code from the PEC; spaces, dashes and case do not count.
        code: ActivationCode = text()
            .parsed("Il codice ha 8 caratteri, lettere e cifre, come nella PEC: per esempio 7K3D-9XQ2."),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn kind_of(code: String) -> Result<Kind, Mistake> {
    match code.as_str() {
        NATURAL => Ok(Kind::Natural),
        LEGAL => Ok(Kind::Legal),
        _ => Err(Mistake::invalid("Indica natural (persona fisica) o legal (persona giuridica).")),
    }
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "a check of a field takes the value that was read"
)]
fn company_code(text: String) -> Result<CompanyCode, Mistake> {
    text.parse::<CompanyCode>().map_err(|error| Mistake::invalid(error.message()))
}

/// A start as read, and the campaign by whose calendar it is judged.
pub(crate) struct ParsedStart<'a> {
    pub(crate) campaign: &'a Campaign,
    pub(crate) model: ModelId,
    pub(crate) schema: &'static Schema,
    pub(crate) applicant: PersonCode,
    pub(crate) company: Option<CompanyCode>,
    pub(crate) in_register: bool,
    pub(crate) applicant_kind: Option<String>,
    pub(crate) privacy_version: String,
}

/// Whether the applicant is a natural or legal person, where the model asks (A-BIS).
#[derive(Clone, Copy)]
pub(crate) enum Kind {
    NotAsked,
    Natural,
    Legal,
}

impl Kind {
    const fn code(self) -> Option<&'static str> {
        match self {
            Self::NotAsked => None,
            Self::Natural => Some(NATURAL),
            Self::Legal => Some(LEGAL),
        }
    }
}

/// For whom it is asked: the company or body, or the natural person themselves.
struct Employer {
    in_register: bool,
    company: Option<CompanyCode>,
}

/// Campaign and model, which decide what else is asked.
pub(crate) struct StartHead {
    body: StartRequest,
    pub(crate) campaign: Option<CampaignId>,
    pub(crate) model: Option<ModelId>,
}

impl StartHead {
    pub(crate) fn read(request: &ApiRequest) -> Result<Self, Problem> {
        let mut body: StartRequest = request.form()?;
        let (campaign, model) = (body.campaign(), body.model());
        Ok(Self { body, campaign, model })
    }

    /// Reads the rest. The campaign is none when it does not exist; the answer says so once the fields are right.
    pub(crate) fn complete<'a>(
        self,
        campaign: Option<&'a Campaign>,
        caller: &Caller,
        account: &Account,
    ) -> Result<ParsedStart<'a>, Problem> {
        let Self { mut body, campaign: named, model } = self;
        let offered =
            campaign.zip(model.as_ref()).and_then(|(campaign, model)| campaign.model(model));
        let schema = offered.and_then(|offered| offered.schema()).and_then(Schema::find);
        let privacy_version = privacy(&mut body, campaign);
        let kind = applicant_kind(&mut body, schema);
        let employer = match kind {
            Some(Kind::Natural) => no_company(&mut body),
            Some(Kind::NotAsked | Kind::Legal) | None => employer(&mut body),
        };
        let applicant = applicant(&mut body, caller, account);
        let read = named.zip(model).zip(privacy_version).zip(kind).zip(employer).zip(applicant);
        let (((((_, model), privacy_version), kind), employer), applicant) = body.complete(read)?;
        let (Some(campaign), Some(_)) = (campaign, offered) else {
            return Err(Problem::new(ProblemKind::NoSuchModel));
        };
        let schema = schema.ok_or_else(|| {
            Problem::new(ProblemKind::NoSuchModel)
                .detail("Il modulo di questa domanda non è ancora disponibile sul portale.")
        })?;
        let Employer { in_register, company } = employer;
        let applicant_kind = kind.code().map(str::to_owned);
        Ok(ParsedStart {
            campaign,
            model,
            schema,
            applicant,
            company,
            in_register,
            applicant_kind,
            privacy_version,
        })
    }
}

impl ParsedStart<'_> {
    /// Whom the registries are asked about.
    pub(crate) fn subject(&self) -> Subject {
        Subject::new(self.applicant.clone(), self.company.clone(), self.in_register)
    }

    /// What the store keeps of the checks: beside the content, because it is personal.
    pub(crate) fn preliminary(
        &self,
        request: &ApiRequest,
        certified_address: Option<String>,
    ) -> Preliminary {
        Preliminary {
            applicant: self.applicant.reveal().to_owned(),
            company: self.company.as_ref().map(|company| company.reveal().to_owned()),
            in_register: self.in_register,
            applicant_kind: self.applicant_kind.clone(),
            privacy_version: self.privacy_version.clone(),
            privacy_read: request.arrival,
            certified_address,
        }
    }
}

/// The header that makes a double click one application; none when the client sends none.
pub(crate) fn idempotency_key(request: &ApiRequest) -> Result<Option<String>, Problem> {
    let Some(key) = request.header("idempotency-key") else { return Ok(None) };
    let is_plain =
        (1..=LONGEST_KEY).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
    if is_plain {
        return Ok(Some(key.into_owned()));
    }
    Err(refused_key("non-valido", "Da 1 a 200 lettere, cifre e segni senza spazi."))
}

/// The key names an application that was started with other data.
pub(crate) fn key_of_another() -> Problem {
    refused_key(
        "gia-usato",
        "Questa chiave è già stata usata per un'altra domanda: usane una nuova.",
    )
}

fn refused_key(code: &str, message: &str) -> Problem {
    let field = edge::http::FieldProblem {
        field: "Idempotency-Key".to_owned(),
        code: code.to_owned(),
        message: message.to_owned(),
    };
    Problem::new(ProblemKind::InvalidFields).fields(vec![field])
}

/// CHK-1: the notice was read, in the version that the campaign shows now.
fn privacy(body: &mut StartRequest, campaign: Option<&Campaign>) -> Option<String> {
    let read = body.privacy_ack();
    let version = body.privacy_version();
    if read == Some(false) {
        return body.refuse(
            "privacy_ack",
            "obbligatorio",
            "Per continuare devi dichiarare di aver letto l'informativa sulla privacy.",
        );
    }
    match campaign {
        Some(campaign)
            if version.as_deref().is_some_and(|version| version != campaign.privacy_notice()) =>
        {
            body.refuse(
                "privacy_version",
                "superata",
                "L'informativa sulla privacy è cambiata: leggi la versione nuova, accettala e riprova.",
            )
        }
        _ => read.and(version),
    }
}

/// Natural or legal person, only where the form asks.
fn applicant_kind(body: &mut StartRequest, schema: Option<&Schema>) -> Option<Kind> {
    let asks = schema.and_then(|schema| schema.field_with(FieldRole::ApplicantKind)).is_some();
    if asks {
        return body.applicant_kind();
    }
    body.drop_null(APPLICANT_KIND);
    if !body.has(APPLICANT_KIND) {
        return Some(Kind::NotAsked);
    }
    body.drop(APPLICANT_KIND);
    body.refuse(
        APPLICANT_KIND,
        "non-previsto",
        "Questo modello non chiede se il richiedente è una persona fisica o giuridica.",
    )
}

/// A natural person has no register question and no company code (CHK-1): a null is fine, anything else a mistake.
fn no_company(body: &mut StartRequest) -> Option<Employer> {
    let mut is_alone = true;
    for field in ["ri_registered", "company_fiscal_code"] {
        body.drop_null(field);
        if body.has(field) {
            is_alone = false;
            body.drop(field);
            body.refuse::<()>(
                field,
                "non-previsto",
                "Una persona fisica non lo indica: toglilo, o scegli persona giuridica.",
            );
        }
    }
    is_alone.then_some(Employer { in_register: false, company: None })
}

fn employer(body: &mut StartRequest) -> Option<Employer> {
    let (in_register, company) = (body.ri_registered(), body.company_fiscal_code());
    Some(Employer { in_register: in_register?, company: Some(company?) })
}

/// A private user's code is that of the identity; an operator types that of the represented person (CHK-1).
fn applicant(body: &mut StartRequest, caller: &Caller, account: &Account) -> Option<PersonCode> {
    const FIELD: &str = "applicant_fiscal_code";
    if caller.role == Role::Employer {
        body.drop_null(FIELD);
    }
    let is_left_out = caller.role == Role::Employer && !body.has(FIELD);
    let typed = if is_left_out { None } else { Some(body.applicant_fiscal_code()?) };
    let text = typed.as_deref().or(account.fiscal_code.as_deref()).unwrap_or_default();
    let applicant = match text.parse::<PersonCode>() {
        Ok(applicant) => applicant,
        Err(error) => return body.refuse(FIELD, "non-valido", error.message()),
    };
    if caller.role == Role::Employer && Some(applicant.reveal()) != account.fiscal_code.as_deref() {
        return body.refuse(
            FIELD,
            "diverso-dalla-identita",
            "Il codice fiscale del richiedente è quello della tua identità SPID o CIE e non si può cambiare.",
        );
    }
    Some(applicant)
}
