//! A person with an e-mail account, or about to have one: what they type, read in their mailbox and do at the portal.

use std::fs;

use domain::{campaign::Campaign, ids::AccountId, password::Password};
use jiff::civil::Date;
use outside::{aws, clock, passwords};
use serde_json::{Value, json};
use store::{
    accounts::{Account, FormerOperator},
    human_check::{self, Challenge},
    rows::millis,
};

use crate::{
    browser::{Answer, Browser},
    employer::Employer,
    environment::root,
    mailbox::{Letter, Mailbox},
    people,
    story::{Deviation, Story, StoryResult},
    world::World,
};

/// The campaign that every stack has.
const DEMO: &str = "demo";

/// The version of its privacy notice.
fn demo_notice() -> StoryResult<String> {
    let text = fs::read_to_string(root().join("campaigns/demo.toml"))?;
    Ok(Campaign::parse(&text)?.privacy_notice().to_owned())
}

/// A password that no person chose.
pub const PASSWORD: &str = "ombrello-7-lanterna";

/// The one e-mail account of the demo (ACC-1), for people who sign in without SPID.
pub const DEMO_ADDRESS: &str = "anna.bianchi@posta.demo.invalid";

/// A person with an e-mail address.
#[derive(Clone, Debug)]
pub struct EmailPerson {
    /// First name.
    pub given_name: String,
    /// Surname.
    pub family_name: String,
    /// Date of birth, as typed.
    pub birth_date: String,
    /// The address.
    pub address: String,
    /// The chosen password.
    pub password: String,
    /// The browser, on a machine of its own.
    pub browser: Browser,
    /// The mailbox of the address.
    pub mailbox: Mailbox,
    /// The campaign whose privacy notice they read, and the version of it.
    pub privacy: (String, String),
    story: Story,
}

impl EmailPerson {
    /// A fresh person.
    pub fn new(world: &World) -> StoryResult<Self> {
        let word = people::fresh_word()?;
        Self::with_address(world, &format!("anna.{word}@posta.demo.invalid"))
    }

    /// A person with this address.
    pub fn with_address(world: &World, address: &str) -> StoryResult<Self> {
        Ok(Self {
            given_name: "Annamaria".to_owned(),
            family_name: "De Santis".to_owned(),
            birth_date: "1980-03-25".to_owned(),
            address: address.to_owned(),
            password: PASSWORD.to_owned(),
            browser: world.browser_of_its_own()?,
            mailbox: Mailbox::new(&world.emulator, address),
            privacy: (DEMO.to_owned(), demo_notice()?),
            story: world.story.clone(),
        })
    }

    /// The same name and date of birth as this employer's identity: the former account is that person's own (IDP-2).
    #[must_use]
    pub fn who_is(self, employer: &Employer) -> Self {
        let person = &employer.demo.representative;
        Self {
            given_name: person.first_name.clone(),
            family_name: person.last_name.clone(),
            birth_date: person.birth_date.to_string(),
            ..self
        }
    }

    /// What *Associa pratica* asks for, with the password as proof (IDP-2).
    pub async fn link_proof(&self, application: &str) -> StoryResult<Value> {
        Ok(json!({
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth_date": self.birth_date,
            "email": self.address,
            "application": application,
            "password": self.password,
            "human_check": self.human_check().await?,
        }))
    }

    /// A solved human check, as the page's widget sends it.
    pub async fn human_check(&self) -> StoryResult<String> {
        let answer = self.browser.get("/api/human-check").await?.expect(200)?;
        let challenge: Challenge = serde_json::from_value(answer.json()?)?;
        human_check::solve(&challenge).ok_or_else(|| answer.deviation("it has no solution"))
    }

    /// The form of the registration, filled in as it should be.
    pub fn registration(&self, human_check: &str) -> Value {
        json!({
            "given_name": self.given_name,
            "family_name": self.family_name,
            "birth_date": self.birth_date,
            "email": self.address,
            "email_repeated": self.address,
            "password": self.password,
            "password_repeated": self.password,
            "consent": true,
            "campaign": self.privacy.0,
            "privacy_version": self.privacy.1,
            "human_check": human_check,
        })
    }

    /// The same form, filled in otherwise in some fields.
    pub fn registration_with(&self, human_check: &str, otherwise: &[(&str, Value)]) -> Value {
        let mut form = self.registration(human_check);
        if let Some(fields) = form.as_object_mut() {
            for (field, value) in otherwise {
                fields.insert((*field).to_owned(), value.clone());
            }
        }
        form
    }

    /// Registers; gives the identifier of the registration.
    pub async fn registers(&self) -> StoryResult<String> {
        let form = self.registration(&self.human_check().await?);
        self.browser.post("/api/accounts", &form).await?.expect(202)?.text("/registration")
    }

    /// Waits for the nth letter (from 0) with this in its subject.
    pub async fn reads(&self, subject: &str, nth: usize) -> StoryResult<Letter> {
        let what = format!("letter {nth} «{subject}» arrives at {}", self.address);
        self.story
            .eventually(&what, crate::mailbox::LETTER_DEADLINE, || async {
                let letters = self.letters(subject).await?;
                let seen = format!("{} such letters", letters.len());
                Ok(letters.into_iter().nth(nth).ok_or(seen))
            })
            .await
    }

    /// The letters with this in their subject, oldest first.
    pub async fn letters(&self, subject: &str) -> StoryResult<Vec<Letter>> {
        let mut letters = self.mailbox.letters().await?;
        letters.retain(|letter| letter.subject.contains(subject));
        Ok(letters)
    }

    /// Opens the link and types the code.
    pub async fn activates(&self, token: &str, code: &str) -> StoryResult<Answer> {
        let body = json!({ "token": token, "code": code });
        self.browser.post("/api/accounts/activation", &body).await
    }

    /// Link and code of the nth letter of activation.
    pub async fn reads_activation(&self, nth: usize) -> StoryResult<(String, String)> {
        let letter = self.reads(ACTIVATION, nth).await?;
        let code = letter.activation_code();
        Ok((token(&letter)?, code.ok_or_else(|| Deviation::new("a letter without a code"))?))
    }

    /// From nothing to an account.
    pub async fn has_account(&self) -> StoryResult {
        self.registers().await?;
        let (token, code) = self.reads_activation(0).await?;
        self.activates(&token, &code).await?.expect(200).map(|_| ())
    }

    /// Signs in with a password.
    pub async fn signs_in_with(&self, password: &str) -> StoryResult<Answer> {
        let body = json!({ "email": self.address, "password": password });
        self.browser.post("/api/sign-in/password", &body).await
    }

    /// Signs in with the own password.
    pub async fn signs_in(&self) -> StoryResult<Answer> {
        self.signs_in_with(&self.password).await?.expect(200)
    }

    /// An account of the old portal as a migration would bring it along (IDP-2).
    pub async fn is_imported(
        &self,
        world: &World,
        formerly: Option<FormerOperator>,
    ) -> StoryResult<AccountId> {
        let random = |error| Deviation::new(format!("no randomness: {error}"));
        let id = AccountId::from_random(aws::random().map_err(random)?);
        let birth_date: Date = self.birth_date.parse()?;
        let now = clock::wall();
        let account = Account {
            id: id.clone(),
            fiscal_code: None,
            given_name: self.given_name.clone(),
            family_name: self.family_name.clone(),
            birth_date: Some(birth_date),
            email: Some(self.address.clone()),
            linked_to: None,
            formerly,
            consent: None,
            created: millis(now),
            last_sign_in: millis(now),
        };
        let password = Password::typed(self.password.clone());
        let hash = passwords::hash(&password, aws::random().map_err(random)?)?;
        if world.email_accounts().await?.import(&account, hash, now).await? {
            Ok(id)
        } else {
            Err(world.story.deviation("the address has an account already"))
        }
    }
}

/// Subject of the letter with link and code.
pub const ACTIVATION: &str = "Attiva la tua utenza";
/// Subject of the letter to an address that has an account.
pub const EXISTS: &str = "Hai già un'utenza";
/// Subject of the letter with the link of a recovery.
pub const RECOVERY: &str = "Scegli una nuova password";
/// Subject of the letter to a former address whose account was linked.
pub const LINKED: &str = "La tua utenza è stata associata a SPID o CIE";
/// Subject of the letter to both addresses when a link was undone.
pub const UNLINKED: &str = "Un'associazione con SPID o CIE è stata annullata";
/// Subject of the letter with the code of a human check.
pub const CHECK_CODE: &str = "Codice di verifica";
/// Subject of the letter that confirms a new address.
pub const CONFIRMATION: &str = "Conferma il nuovo indirizzo e-mail";

/// The token of the link in a letter: what follows `#`.
pub fn token(letter: &Letter) -> StoryResult<String> {
    let found = letter.text().split_once('#').map(|(_, after)| {
        after
            .chars()
            .take_while(|symbol| symbol.is_ascii_alphanumeric() || matches!(symbol, '-' | '_'))
            .collect::<String>()
    });
    found.ok_or_else(|| Deviation::new(format!("no link in: {}", letter.text())))
}
