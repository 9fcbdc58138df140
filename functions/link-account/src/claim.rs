//! What proves a former e-mail account: every datum must be right, and which one is wrong is not told (IDP-2).

use domain::{
    application::Application,
    email_address::EmailAddress,
    fiscal_code::{FiscalCode, is_same_name},
    ids::{AccountId, ApplicationId},
    password::Password,
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

/// What to show where neither password nor mailed code was sent.
const NOT_OWNED: &str = "Serve la password della vecchia utenza. Se non la ricordi, chiedi il codice per e-mail e scrivilo al posto della verifica automatica.";

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
        /// The former account's password; not needed where `human_check` is the code that was mailed to its address.
        password: String = text().optional(),
        /// The widget's payload, or the code that was mailed to the address: then it proves that the address is one's own.
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
    /// What shows that the former account is the caller's own.
    pub(crate) ownership: Ownership,
}

/// How a person shows that a former account is their own: what is printed in letters proves nothing (IDP-2).
pub(crate) enum Ownership {
    /// They read its mailbox: the human check was the code mailed to it.
    Mailbox,
    /// They know its password.
    Password(Password),
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
        let ownership = match (&proof, body.password()) {
            (Some(Proof::Mailed { .. }), _) => Some(Ownership::Mailbox),
            (_, Some(password)) => Some(Ownership::Password(Password::typed(password))),
            // What is wrong with the check is told first: it may have been meant as the code.
            (None, None) => None,
            (Some(Proof::Solved { .. }), None) => body.refuse("password", "mancante", NOT_OWNED),
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
                ownership: ownership?,
            };
            Some((claim, proof?))
        })();
        body.complete(claim)
    }

    /// Whether every datum is right: the account is a former one, free or linked to the caller already, the person is the
    /// one whom the identity provider vouches for, the office is the same, and the application `head` is its own.
    pub(crate) fn proves(&self, account: &Account, head: &Application, caller: &Account) -> bool {
        let is_linked = account.linked_to.as_ref() == Some(&caller.id);
        let is_free = account.linked_to.is_none();
        // After the first time the named application is the caller's already.
        let is_holder =
            |party: &AccountId| *party == account.id || (is_linked && *party == caller.id);
        let is_its_own = is_holder(&head.parties.filer) || is_holder(&head.parties.representative);
        account.is_by_email()
            && (is_free || is_linked)
            && is_its_own
            && same_person(account, self)
            && is_identity(account, caller)
            && same_office(account, self)
    }
}

fn same_person(account: &Account, claim: &Claim) -> bool {
    comparable(&account.given_name) == comparable(&claim.given_name)
        && comparable(&account.family_name) == comparable(&claim.family_name)
        && account.birth_date == Some(claim.birth_date)
}

/// Whether the identity of SPID or CIE is that of the former account: name and date of birth, which no typed text can
/// replace. A provisional fiscal code holds no date, and proves nothing.
fn is_identity(former: &Account, identity: &Account) -> bool {
    let code = identity.fiscal_code.as_deref().and_then(|code| code.parse::<FiscalCode>().ok());
    is_same_name(&former.given_name, &identity.given_name)
        && is_same_name(&former.family_name, &identity.family_name)
        && former.birth_date.is_some_and(|date| code.is_some_and(|code| code.fits_birth_date(date)))
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
    use domain::{fiscal_code::Sex, lifecycle::State};
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
            ownership: Ownership::Mailbox,
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

    /// The fiscal code of a Bruno De Angelis who was born in Rome on this day.
    fn code_of(day: &str) -> String {
        let rome = "H501".parse().unwrap();
        let day = day.parse().unwrap();
        FiscalCode::compose("De Angelis", "Bruno", day, Sex::Male, &rome).reveal().to_owned()
    }

    /// Bruno's account by SPID: the provider writes names in capitals.
    fn new() -> Account {
        Account {
            id: AccountId::keyed(&[8; 32]),
            fiscal_code: Some(code_of("1980-03-25")),
            given_name: "BRUNO".to_owned(),
            family_name: "DE ANGELIS".to_owned(),
            birth_date: None,
            email: None,
            ..former()
        }
    }

    fn proves(claim: &Claim, account: &Account) -> bool {
        claim.proves(account, &bruno_filed(), &new())
    }

    /// IDP-2: Carla knows all of Bruno's data, the application's number too. Her identity is another.
    #[test]
    fn a_stranger_who_types_every_datum_right_proves_nothing() {
        assert!(proves(&claim(), &former()));
        let strangers = [
            Account { given_name: "CARLA".to_owned(), ..new() },
            Account { family_name: "ANGELIS".to_owned(), ..new() },
            // A namesake, born a day later.
            Account { fiscal_code: Some(code_of("1980-03-26")), ..new() },
            Account { fiscal_code: Some("00000010017".to_owned()), ..new() },
            Account { fiscal_code: None, ..new() },
        ];
        for stranger in strangers {
            assert!(!claim().proves(&former(), &bruno_filed(), &stranger));
        }
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
        let linked = Account { linked_to: Some(new().id), ..former() };
        assert!(proves(&claim(), &linked));
        let mut followed = bruno_filed();
        followed.parties.filer = new().id;
        assert!(claim().proves(&linked, &followed, &new()), "it followed at the first time");
        let another = Account { id: AccountId::keyed(&[7; 32]), ..new() };
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
