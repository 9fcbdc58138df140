//! Seeding: applications that are ready to be sent, written straight to the store where a test's matter begins there.
//!
//! It goes through the store that the functions use, with real content and its real digest; only sign-in, checks and
//! registries are left out.

use domain::{
    application::{Application, Parties, Stage, Who},
    calendar,
    campaign::{Campaign, Profile},
    decision::Decision,
    form::{FieldValue, Schema, Source, ValueSource, Values},
    ids::{AccountId, ApplicationId, ModelId, OrganisationId, OwnerId, SessionId},
    lifecycle::consequence::{Act, Cause},
    permission::Role,
    readiness,
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use serde_json::Value;
use store::{
    applications::commit::{Companion, Content},
    drafts::Draft,
    refresh_secrets::RefreshSecrets,
    rows::millis,
    sessions::Caller,
};

use crate::{
    browser::Browser,
    employer::Employer,
    fault_proxy::{Fault, Order},
    people,
    story::{Deviation, StoryResult},
    world::World,
};

/// Who an application belongs to.
#[derive(Clone, Debug)]
pub struct Belongs {
    /// The legal representative.
    pub representative: AccountId,
    /// Who filled it in.
    pub filer: AccountId,
    /// For whom the filer works.
    pub organisation: Option<OrganisationId>,
}

/// Puts a ready application into the store.
pub async fn ready_application(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
) -> StoryResult<Application> {
    application(world, campaign, first_model(campaign)?, belongs, true).await
}

/// Puts a ready application of any model of the campaign into the store.
pub async fn ready_application_of(
    world: &World,
    campaign: &Campaign,
    model: &ModelId,
    belongs: &Belongs,
) -> StoryResult<Application> {
    application(world, campaign, model, belongs, true).await
}

/// Puts an application into the store that lacks a value.
pub async fn incomplete_application(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
) -> StoryResult<Application> {
    application(world, campaign, first_model(campaign)?, belongs, false).await
}

/// Puts so many ready applications into the store.
pub async fn ready_applications(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
    many: usize,
) -> StoryResult<Vec<Application>> {
    stream::iter(0..many)
        .map(|_| ready_application(world, campaign, belongs))
        .buffer_unordered(16)
        .try_collect()
        .await
}

/// A ready application of this employer, who must have signed in or will.
pub async fn ready_for(
    world: &World,
    campaign: &Campaign,
    employer: &Employer,
) -> StoryResult<Application> {
    let account = world.account(&employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    ready_application(world, campaign, &belongs).await
}

/// The certified address that a seeded application elects (art. 47 c.c.); no register knows it.
pub fn elected_pec(id: &ApplicationId) -> String {
    format!("{}@eletta.demo.invalid", id.as_str().replace('_', "-"))
}

fn first_model(campaign: &Campaign) -> StoryResult<&ModelId> {
    let model = campaign.models().iter().find(|model| model.schema().is_some());
    model
        .map(domain::campaign::CampaignModel::id)
        .ok_or_else(|| Deviation::new("no model can be filled in"))
}

/// An application that is there all at once, in the stage in which it is; nobody learns of it.
pub fn begun(application: &Application) -> Decision {
    let who = Who::Account(application.parties.filer.clone());
    Decision::scene(Cause::Act(Act::ChangeContent), None, application, who).untold()
}

/// An application that is another one all at once; nobody learns of it.
pub fn changed(before: &Application, after: &Application) -> Decision {
    Decision::scene(Cause::Act(Act::ChangeContent), Some(before), after, Who::System).untold()
}

async fn application(
    world: &World,
    campaign: &Campaign,
    model: &ModelId,
    belongs: &Belongs,
    ready: bool,
) -> StoryResult<Application> {
    let now = clock::wall();
    let now = Timestamp::from_millisecond(millis(now))?;
    let schema = campaign.model(model).and_then(|model| model.schema()).and_then(Schema::find);
    let schema = schema.ok_or_else(|| Deviation::new(format!("no form of {model}")))?;
    let id = ApplicationId::from_random(fresh()?);
    let values = content(schema, now, ready, &elected_pec(&id))?;
    let owner = OwnerId::from_random(fresh()?);
    let keying = world.keying().await?;
    let stage = match readiness::ready(schema, &values, calendar::local_date(now), now, |worker| {
        keying.worker(&owner, worker)
    }) {
        Some(found) if ready => Stage::ToSend(found),
        None if !ready => Stage::ToComplete { attention: None },
        Some(_) => return Err(Deviation::new("the content lacks nothing, though it should")),
        None => {
            let found = schema.completeness(&values, calendar::local_date(now));
            let missing: Vec<_> = found.missing().collect();
            return Err(Deviation::new(format!(
                "the form's examples do not make it complete: {missing:?}, {:?}",
                found.rule_errors
            )));
        }
    };
    let application = Application {
        id,
        campaign: campaign.id().clone(),
        campaign_version: campaign.version(),
        model: model.clone(),
        schema: schema.id().to_owned(),
        parties: Parties {
            representative: belongs.representative.clone(),
            owner,
            filer: belongs.filer.clone(),
            organisation: belongs.organisation.clone(),
        },
        version: 1,
        created: now,
        changed: now,
        stage,
    };
    // It counts like any other, so that deleting it frees a place (LIM-1).
    let begun = begun(&application).counted();
    let (drafts, draft) = (world.drafts()?, Draft::default());
    let today = calendar::local_date(now);
    let content = Content { schema, before: &draft, after: &values, today };
    world.applications()?.commit(&begun, &[Companion::Content(&drafts, content)]).await?;
    Ok(application)
}

/// The examples of the form, each with the source that it would have; no other application has the worker.
fn content(schema: &Schema, now: Timestamp, whole: bool, elected: &str) -> StoryResult<Values> {
    let mut examples = schema.examples(calendar::local_date(now));
    examples
        .insert("worker_passport_number".to_owned(), format!("ZZ{:07}", people::number()?).into());
    examples.insert("contact_pec".to_owned(), elected.into());
    if !whole {
        examples.insert("workplace_street".to_owned(), Value::Null);
    }
    let mut values = Values::new();
    for field in schema.fields() {
        let Some(value) = examples.get(field.key.as_str()).filter(|value| !value.is_null()) else {
            continue;
        };
        let source = match &field.source {
            Source::Hand => ValueSource::Person,
            Source::Registry(registries) => {
                registries.first().map_or(ValueSource::Start, |one| ValueSource::Registry(*one))
            }
            Source::Identity => ValueSource::Identity,
            Source::Profile => ValueSource::Profile,
            Source::Start => ValueSource::Start,
            Source::Derived => ValueSource::Derived,
            Source::Upload => ValueSource::Upload,
        };
        values.insert(field.key.clone(), FieldValue { value: value.clone(), source, at: now });
    }
    Ok(values)
}

/// A session for a person whom the store knows, opened without the identity provider.
pub async fn session(world: &World, browser: &Browser, caller: &Caller) -> StoryResult<String> {
    let now = clock::wall();
    let secrets = RefreshSecrets::new(&world.keying().await?);
    world.sessions()?.open(caller, &secrets, aws::random()?, now).await?;
    let token = world
        .tokens()
        .await?
        .issue(caller, now)
        .map_err(|problem| Deviation::new(format!("{problem:?}")))?;
    browser.plant_cookie(edge::session::SESSION_COOKIE, &token);
    Ok(token)
}

/// Signs a person in at this level, without the identity provider, for ten minutes.
pub async fn signs_in(world: &World, person: &Employer, level: u8) -> StoryResult<Caller> {
    let caller = caller(world, person, level, SignedDuration::from_mins(10)).await?;
    session(world, &person.browser, &caller).await?;
    Ok(caller)
}

/// A person who works for this organisation from now on, in this role, signed in.
pub async fn colleague(
    world: &World,
    organisation: &OrganisationId,
    role: Role,
) -> StoryResult<(Employer, Caller)> {
    let colleague = world.employer()?;
    let person = &colleague.demo.representative;
    world.enables(person, role, Profile::Organisation, Some(organisation), None).await?;
    let caller = signs_in(world, &colleague, 2).await?;
    Ok((colleague, caller))
}

/// In two seconds the caller's session ends, and the next time that this operation of the store names the application, the
/// store keeps silent for longer: a press that began before finds the caller withdrawn in its middle (ORG-4).
pub async fn is_withdrawn_in_the_middle(
    world: &World,
    caller: &Caller,
    operation: &str,
    application: &ApplicationId,
) -> StoryResult {
    let order = Order {
        operation: operation.to_owned(),
        contains: application.to_string(),
        nth: 1,
        times: 1,
        fault: Fault::Silence,
    };
    world.emulator.order_fault(&order).await?;
    let withdrawn = clock::wall() + SignedDuration::from_secs(2);
    Ok(world.sessions()?.end_all(&caller.account, withdrawn, None).await?)
}

/// A caller as the identity provider would leave it, with a new session.
pub async fn caller(
    world: &World,
    employer: &Employer,
    level: u8,
    lasts: SignedDuration,
) -> StoryResult<Caller> {
    let account = world.account(&employer.demo.representative).await?;
    let standing = world.accounts()?.standing(&account, clock::wall()).await?;
    Ok(Caller {
        account,
        session: SessionId::from_random(fresh()?),
        level,
        role: standing.role,
        profile: standing.profile,
        organisation: standing.organisation,
        province: standing.province,
        expires: clock::wall() + lasts,
    })
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
