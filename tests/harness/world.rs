//! The world of a test: one running portal, shared with other tests; own people, own campaign, own mailbox, own story.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, LazyLock};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use domain::{
    application::Application,
    campaign::{Campaign, Profile},
    ids::{AccountId, OrganisationId},
    permission::Role,
};
use edge::session::TokenKey;
use outside::{
    aws, clock,
    key_ring::{KeyRing, ReceiptKeys},
    keying::Keying,
};
use simulate_registries::{Demand, DemoPerson, Population};
use store::{
    accounts::{Accounts, Membership},
    applications::Applications,
    campaigns::{Campaigns, MovedClock},
    drafts::Drafts,
    email_accounts::EmailAccounts,
    officials::Officials,
    rows::millis,
    sessions::Sessions,
};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::{
    browser::Browser,
    email_person::EmailPerson,
    employer::Employer,
    emulator::Emulator,
    environment::Environment,
    people,
    side_queue::SideQueue,
    stock::{self, Belongs},
    story::{Deviation, Story, StoryResult},
};

/// Held by the one test that has the portal for itself.
static ALONE: LazyLock<Arc<Mutex<()>>> = LazyLock::new(Arc::default);

/// A running portal as a test sees it.
#[derive(Clone, Debug)]
pub struct World {
    /// Names and addresses.
    pub environment: Environment,
    /// What happened so far.
    pub story: Story,
    /// The emulated AWS behind the portal.
    pub emulator: Emulator,
    sdk: SdkConfig,
    store: Client,
    portal: String,
    _alone: Option<Arc<OwnedMutexGuard<()>>>,
}

impl World {
    /// Enters the running portal; says what to do when there is none.
    pub async fn enter() -> StoryResult<Self> {
        Self::enter_with(None).await
    }

    /// Enters when no other test of `tests/alone` is inside: for switching a part of the portal off.
    pub async fn enter_alone() -> StoryResult<Self> {
        Self::enter_with(Some(Arc::new(ALONE.clone().lock_owned().await))).await
    }

    async fn enter_with(alone: Option<Arc<OwnedMutexGuard<()>>>) -> StoryResult<Self> {
        let environment = Environment::read();
        let portal = environment.portal()?;
        let story = Story::default();
        let sdk = environment.sdk().await?;
        let world = Self {
            emulator: Emulator::new(&environment)?,
            store: Client::new(&sdk),
            sdk,
            environment,
            story,
            portal,
            _alone: alone,
        };
        let answers =
            world.browser()?.get("/api/session").await.is_ok_and(|answer| answer.status < 500);
        if answers {
            Ok(world)
        } else {
            Err(Deviation::new(format!(
                "nobody answers at {}: the portal is not up, run `cargo xtask up`",
                world.portal
            )))
        }
    }

    /// A browser that never visited the portal.
    pub fn browser(&self) -> StoryResult<Browser> {
        Browser::new(&self.portal, &self.story)
    }

    /// A browser on a machine with an address of its own: what other tests do counts towards no limit of this client.
    pub fn browser_of_its_own(&self) -> StoryResult<Browser> {
        let [a, b, c]: [u8; 3] =
            aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))?;
        let machine = IpAddr::V4(Ipv4Addr::new(127, a, b, c.clamp(2, 254)));
        Browser::from_address(&self.portal, &self.story, Some(machine))
    }

    /// The portal's origin.
    pub fn portal(&self) -> &str {
        &self.portal
    }

    /// A fresh employer with a fresh worker, whose registries answer as they should.
    pub fn employer(&self) -> StoryResult<Employer> {
        self.employer_with(Demand::default())
    }

    /// A fresh employer whose registries behave as demanded.
    pub fn employer_with(&self, demand: Demand) -> StoryResult<Employer> {
        Employer::new(self, people::employer_with(demand)?, people::worker()?)
    }

    /// A fresh family, which hires for its own home by the model A-BIS (CHK-1).
    pub fn family(&self) -> StoryResult<Employer> {
        self.family_with(Demand::default())
    }

    /// A fresh family about which the registries behave as demanded.
    pub fn family_with(&self, demand: Demand) -> StoryResult<Employer> {
        let mut family = Employer::new(self, people::family_with(demand)?, people::worker()?)?;
        family.is_family = true;
        family.asking_for("a-bis")
    }

    /// A fresh person who files for others, enabled as an operator of an organisation of their own (OWN-1).
    pub async fn operator(&self) -> StoryResult<(Employer, OrganisationId)> {
        let bytes: [u8; 16] =
            aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))?;
        let organisation = OrganisationId::from_random(bytes);
        let operator = self.employer()?;
        self.enables(
            &operator.demo.representative,
            Role::Operator,
            Profile::Organisation,
            Some(&organisation),
            None,
        )
        .await?;
        Ok((operator, organisation))
    }

    /// Enables a person without an administrator; appoint-people and manage-organisation do it for real.
    pub async fn enables(
        &self,
        person: &DemoPerson,
        role: Role,
        profile: Profile,
        organisation: Option<&OrganisationId>,
        province: Option<&str>,
    ) -> StoryResult<AccountId> {
        let account = self.account(person).await?;
        let membership = Membership {
            role: role.code().to_owned(),
            profile: profile.code().to_owned(),
            organisation: organisation.cloned(),
            province: province.map(str::to_owned),
            from: millis(clock::wall()),
            until: None,
            listing: None,
        };
        self.accounts()?.enable(&account, &membership).await?;
        Ok(account)
    }

    /// The account that this person has or will have (IDP-4).
    pub async fn account(&self, person: &DemoPerson) -> StoryResult<AccountId> {
        let code = person.fiscal_code.reveal().parse()?;
        Ok(self.keying().await?.account(&code))
    }

    /// One of the demo people whom the seed names.
    pub fn demo_person(&self, number: u32) -> DemoPerson {
        Population::person(number)
    }

    /// The store's clients, past the fault proxy.
    pub fn applications(&self) -> StoryResult<Applications> {
        Ok(Applications::new(self.store.clone(), self.environment.text("PORTAL_TABLE")?))
    }

    /// The contents of drafts.
    pub fn drafts(&self) -> StoryResult<Drafts> {
        Ok(Drafts::new(self.store.clone(), self.environment.text("DRAFTS_TABLE")?))
    }

    /// People of offices.
    pub fn officials(&self) -> StoryResult<Officials> {
        Ok(Officials::new(self.store.clone(), self.environment.text("PORTAL_TABLE")?))
    }

    /// The published campaigns.
    pub fn campaigns(&self) -> StoryResult<Campaigns> {
        Ok(Campaigns::new(
            self.store.clone(),
            self.environment.text("PORTAL_TABLE")?,
            MovedClock::Allowed,
        ))
    }

    /// The accounts.
    pub fn accounts(&self) -> StoryResult<Accounts> {
        Ok(Accounts::new(self.store.clone(), self.environment.text("PORTAL_TABLE")?))
    }

    /// The e-mail accounts.
    pub async fn email_accounts(&self) -> StoryResult<EmailAccounts> {
        Ok(EmailAccounts::new(
            self.store.clone(),
            self.environment.text("PORTAL_TABLE")?,
            self.environment.text("SESSIONS_TABLE")?,
            self.keying().await?,
        ))
    }

    /// A fresh person who never visited the portal, with an e-mail address and a machine of their own.
    pub fn email_person(&self) -> StoryResult<EmailPerson> {
        EmailPerson::new(self)
    }

    /// An application that a migration from the old portal would bring along for a former e-mail account (IDP-2): no
    /// route of this portal makes one, since starting needs SPID or CIE.
    pub async fn imports_former_application(
        &self,
        campaign: &Campaign,
        account: &AccountId,
    ) -> StoryResult<Application> {
        let belongs =
            Belongs { representative: account.clone(), filer: account.clone(), organisation: None };
        stock::ready_application(self, campaign, &belongs).await
    }

    /// The sessions.
    pub fn sessions(&self) -> StoryResult<Sessions> {
        Ok(Sessions::new(self.store.clone(), self.environment.text("SESSIONS_TABLE")?))
    }

    /// The keyed hashes of this deployment.
    pub async fn keying(&self) -> StoryResult<Keying> {
        Ok(Keying::new(self.secret("KEYING_SECRET_ID").await?))
    }

    /// The key of access tokens.
    pub async fn tokens(&self) -> StoryResult<TokenKey> {
        Ok(TokenKey::new(self.keys("SESSION_SECRET_ID").await?))
    }

    /// The keys of receipts and tickets.
    pub async fn receipt_keys(&self) -> StoryResult<ReceiptKeys> {
        Ok(ReceiptKeys::new(self.keys("RECEIPT_SECRET_ID").await?))
    }

    async fn keys(&self, variable: &'static str) -> StoryResult<KeyRing> {
        Ok(KeyRing::parse(&String::from_utf8(self.secret(variable).await?)?)?)
    }

    /// A secret's text, by the variable that names it.
    pub async fn secret(&self, variable: &'static str) -> StoryResult<Vec<u8>> {
        Ok(aws::secret(&self.sdk, &self.environment.text(variable)?).await?)
    }

    /// The store itself, for rows that no adapter writes.
    pub fn store(&self) -> (&Client, &SdkConfig) {
        (&self.store, &self.sdk)
    }

    /// The full name of a function of this stack.
    pub fn function(&self, name: &str) -> StoryResult<String> {
        Ok(format!("{}-{name}", self.environment.text("STACK_NAME")?))
    }

    /// A queue of the test's own that feeds a function of the stack: a poisoned message disturbs no other test.
    pub async fn side_queue(&self, function: &str) -> StoryResult<SideQueue> {
        SideQueue::open(&self.emulator, &self.function(function)?, &people::fresh_word()?).await
    }

    /// The address of a queue, such as `history` or `history-dead`.
    pub async fn queue(&self, name: &str) -> StoryResult<String> {
        let name = format!("{}-{name}", self.environment.text("STACK_NAME")?);
        let found = self
            .emulator
            .queues(&name)
            .await?
            .into_iter()
            .find(|url| url.ends_with(&format!("/{name}")));
        found.ok_or_else(|| self.story.deviation(format!("there is no queue {name}")))
    }
}
