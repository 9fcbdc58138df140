//! What proves a former e-mail account: every datum must be right, and which one is wrong is not told (IDP-2).

use domain::{
    application::Application,
    email_address::EmailAddress,
    ids::{AccountId, ApplicationId},
};
use edge::{
    form,
    http::{
        ApiRequest, Form as _, Problem,
        form::{Input as _, text},
    },
    human_check,
};
use jiff::civil::Date;
use store::{
    accounts::Account,
    human_check::{HumanCheck, Proof},
};

form! {
    /// What proves a former account; every datum must be right.
    pub(crate) struct LinkBody {
        /// First name of the former account.
        given_name: String = text(),
        /// Surname of the former account.
        family_name: String = text(),
        /// `YYYY-MM-DD`.
        birth_date: Date = text().format("date").parsed(
            "La data di nascita si scrive anno-mese-giorno, per esempio 1980-03-25.",
        ),
        /// The former address.
        email: EmailAddress = text().parsed(
            "L'indirizzo e-mail non è scritto correttamente, per esempio nome@dominio.it.",
        ),
        /// The identifier of one of its applications.
        application: String = text(),
        /// For operators: the patronato or association.
        organisation: String = text().optional(),
        /// For operators: the province's code.
        province: String = text().optional(),
        /// The widget's payload, or the code that was mailed to the address.
        human_check: String = text(),
    }
}

/// The former account as the caller describes it.
pub(crate) struct Claim {
    pub(crate) given_name: String,
    pub(crate) family_name: String,
    pub(crate) birth_date: Date,
    pub(crate) email: EmailAddress,
    /// None when it cannot be an identifier: wrong like any other wrong datum.
    pub(crate) application: Option<ApplicationId>,
    pub(crate) organisation: Option<String>,
    pub(crate) province: Option<String>,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Claim([redacted])")
    }
}

impl Claim {
    /// Reads the body, and examines the human check that goes with it.
    pub(crate) async fn read(
        request: &ApiRequest,
        human: &HumanCheck,
    ) -> Result<(Self, Proof), Problem> {
        let mut body: LinkBody = request.form()?;
        let (given_name, family_name) = (body.given_name(), body.family_name());
        let (birth_date, email) = (body.birth_date(), body.email());
        let (application, organisation) = (body.application(), body.organisation());
        let (province, sent) = (body.province(), body.human_check());
        let proof = match sent {
            None => None,
            Some(sent) => match human.examine(&sent, email.as_ref(), request.arrival).await? {
                Ok(proof) => Some(proof),
                Err(fault) => body.refuse(
                    "human_check",
                    human_check::code(fault),
                    human_check::message(fault),
                ),
            },
        };
        let claim = (|| {
            let claim = Self {
                given_name: given_name?,
                family_name: family_name?,
                birth_date: birth_date?,
                email: email?,
                application: application?.trim().parse().ok(),
                organisation,
                province,
            };
            Some((claim, proof?))
        })();
        body.complete(claim)
    }

    /// Whether every datum is right: the account is a former one, free or linked to the caller already, the person and the
    /// office are the same, and the application `head` is its own.
    pub(crate) fn proves(&self, account: &Account, head: &Application, caller: &AccountId) -> bool {
        let is_linked = account.linked_to.as_ref() == Some(caller);
        let is_free = account.linked_to.is_none();
        // After the first time the named application is the caller's already.
        let is_holder = |party: &AccountId| *party == account.id || (is_linked && party == caller);
        let is_its_own = is_holder(&head.parties.filer) || is_holder(&head.parties.representative);
        account.is_by_email()
            && (is_free || is_linked)
            && is_its_own
            && same_person(account, self)
            && same_office(account, self)
    }
}

fn same_person(account: &Account, claim: &Claim) -> bool {
    comparable(&account.given_name) == comparable(&claim.given_name)
        && comparable(&account.family_name) == comparable(&claim.family_name)
        && account.birth_date == Some(claim.birth_date)
}

/// Operators name patronato and province, too; who was none names nothing.
fn same_office(account: &Account, claim: &Claim) -> bool {
    let typed = |text: &Option<String>| text.as_deref().map(comparable).unwrap_or_default();
    match &account.formerly {
        Some(formerly) => {
            comparable(&formerly.organisation) == typed(&claim.organisation)
                && comparable(&formerly.province) == typed(&claim.province)
        }
        None => typed(&claim.organisation).is_empty() && typed(&claim.province).is_empty(),
    }
}

/// Case and spaces do not count.
fn comparable(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests {
    use domain::lifecycle::State;
    use scenes::{case_in, parties};
    use store::accounts::FormerOperator;

    use super::*;

    /// Bruno, who filed for Anna with an e-mail account, claims it.
    fn claim() -> Claim {
        Claim {
            given_name: "BRUNO".to_owned(),
            family_name: "De  Angelis".to_owned(),
            birth_date: "1980-03-25".parse().unwrap(),
            email: "bruno@example.it".parse().unwrap(),
            application: Some(bruno_filed().id),
            organisation: None,
            province: None,
        }
    }

    fn former() -> Account {
        Account {
            id: parties().filer,
            fiscal_code: None,
            given_name: "Bruno".to_owned(),
            family_name: "De Angelis".to_owned(),
            birth_date: Some("1980-03-25".parse().unwrap()),
            email: Some("bruno@example.it".to_owned()),
            linked_to: None,
            formerly: None,
            consent: None,
            created: 0,
            last_sign_in: 0,
        }
    }

    fn bruno_filed() -> Application {
        case_in(State::InReview)
    }

    /// Bruno's account by SPID.
    fn new() -> AccountId {
        AccountId::keyed(&[8; 32])
    }

    fn proves(claim: &Claim, account: &Account) -> bool {
        claim.proves(account, &bruno_filed(), &new())
    }

    /// Upper and lower case and spaces do not count.
    #[test]
    fn the_same_person_with_an_own_application_proves_the_account() {
        assert!(proves(&claim(), &former()));
    }

    #[test]
    fn any_wrong_datum_proves_nothing() {
        let wrong = [
            Claim { given_name: "Brunone".to_owned(), ..claim() },
            Claim { family_name: "Deangelis".to_owned(), ..claim() },
            Claim { birth_date: "1980-03-26".parse().unwrap(), ..claim() },
            Claim { organisation: Some("Patronato Esempio".to_owned()), ..claim() },
            Claim { province: Some("FG".to_owned()), ..claim() },
        ];
        for claim in wrong {
            assert!(!proves(&claim, &former()));
        }
        let without_birth_date = Account { birth_date: None, ..former() };
        assert!(!proves(&claim(), &without_birth_date), "what was never typed is never right");
        let mut foreign = bruno_filed();
        foreign.parties.filer = AccountId::keyed(&[6; 32]);
        assert!(!claim().proves(&former(), &foreign, &new()));
    }

    /// IDP-2: an operator of the old portal names patronato and province, too.
    #[test]
    fn a_former_operator_names_patronato_and_province() {
        let formerly = FormerOperator {
            organisation: "Patronato Esempio".to_owned(),
            province: "FG".to_owned(),
        };
        let operator = Account { formerly: Some(formerly), ..former() };
        assert!(!proves(&claim(), &operator));
        let named = Claim {
            organisation: Some("patronato  esempio".to_owned()),
            province: Some("fg".to_owned()),
            ..claim()
        };
        assert!(proves(&named, &operator));
        assert!(!proves(&named, &former()));
    }

    /// IDP-2: one account links it; for another the refusal is the same, and a repetition goes on.
    #[test]
    fn a_linked_account_is_proven_by_its_new_account_alone() {
        let linked = Account { linked_to: Some(new()), ..former() };
        assert!(proves(&claim(), &linked));
        let mut followed = bruno_filed();
        followed.parties.filer = new();
        assert!(claim().proves(&linked, &followed, &new()), "it followed at the first time");
        let another = AccountId::keyed(&[7; 32]);
        assert!(!claim().proves(&linked, &bruno_filed(), &another));
        assert!(!claim().proves(&former(), &followed, &another));
    }

    /// An account by SPID or CIE is no former account.
    #[test]
    fn an_account_with_a_fiscal_code_is_not_linked() {
        let by_spid = Account { fiscal_code: Some("RSSNNA80A41D643U".to_owned()), ..former() };
        assert!(!proves(&claim(), &by_spid));
        assert!(!format!("{:?}", claim()).contains("Angelis"));
    }
}
