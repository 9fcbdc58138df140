//! Puts a crowd into the store before its day: decree, organisations, sessions' owners and applications that are ready, as
//! the store crate writes them.

use std::{collections::BTreeMap, sync::Arc};

use aws_sdk_dynamodb::Client;
use domain::{
    application::{Application, Parties, Stage, Who},
    calendar,
    decision::Decision,
    form::{FieldValue, Schema, ValueSource, Values},
    ids::{AccountId, ModelId, OwnerId},
    lifecycle::consequence::{Act, Cause},
    organisation::{Basis, BasisKind, OrganisationKind},
    readiness,
};
use jiff::{SignedDuration, Timestamp};
use outside::keying::Keying;
use rand::{RngExt as _, SeedableRng as _};
use rand_xoshiro::Xoshiro256PlusPlus;
use serde_json::Value;
use store::{
    Store,
    applications::commit::{Companion, Content},
    drafts::Draft,
    organisations::{Joining, Organisation},
};
use tokio::task::JoinSet;

use crate::{
    Broken,
    crowd::{Candidate, Crowd, Person},
    ground::Ground,
    keeper::{Keeper, put_all},
};

/// Applications that are written down before they are put into the store: some megabytes of rows.
const AT_ONCE: usize = 500;
/// Tasks that write applications down.
const WRITERS: usize = 2;

/// What of an application is stored.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Depth {
    /// All that saving a draft leaves: content, event, claim of the worker, head.
    Whole,
    /// Head and event: what submitting reads and what lies beside it.
    HeadAndEvent,
}

/// Publishes the decree and records the organisations.
///
/// # Errors
/// The store does not take them.
pub async fn decree(ground: &Ground, crowd: &Crowd, published: Timestamp) -> Result<(), Broken> {
    let document = crowd.campaign.to_toml()?;
    let campaigns = ground.store().campaigns;
    campaigns.publish(&document, &crowd.campaign, false, None, published).await?;
    let keeper = Keeper::default();
    let store = ground.store_of(ground.observed_client(keeper.clone()));
    for person in &crowd.people {
        record_organisation(&store, person, published).await?;
    }
    put_all(&ground.client(), keeper.take()).await
}

async fn record_organisation(
    store: &Store,
    person: &Person,
    recorded: Timestamp,
) -> Result<(), Broken> {
    let Some(id) = &person.caller.organisation else { return Ok(()) };
    let kind =
        if person.has_reserve { BasisKind::ReservedQuota } else { BasisKind::LabourProtocol };
    let organisation = Organisation {
        id: id.clone(),
        kind: OrganisationKind::TradeAssociation,
        name: "Associazione della prova di carico".to_owned(),
        fiscal_code: "00000000000".to_owned(),
        address: "Via Napoli 6, 71122 Foggia".to_owned(),
        province: "FG".to_owned(),
        basis: Basis {
            kind,
            reference: "Prova di carico".to_owned(),
            from: recorded - SignedDuration::from_hours(24),
            until: None,
        },
        recorded,
    };
    let joining = Joining {
        organisation: &organisation,
        is_new: true,
        people: &[],
        by: &person.caller.account,
        at: recorded,
        by_list: None,
    };
    // The keeper lets every call fail once it has the rows.
    let _ = store.organisations.join(&joining, &[]).await;
    Ok(())
}

/// Puts the applications of a crowd into the store.
///
/// # Errors
/// A form's examples do not make it complete, or the store does not take the rows.
pub async fn applications(
    ground: &Ground,
    crowd: &Arc<Crowd>,
    depth: Depth,
    since: Timestamp,
) -> Result<(), Broken> {
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let (ground, crowd) = (ground.clone(), crowd.clone());
        writers
            .spawn(async move { Writer::new(&ground, writer)?.write(&crowd, depth, since).await });
    }
    while let Some(written) = writers.join_next().await {
        written??;
    }
    Ok(())
}

struct Writer {
    number: usize,
    keeper: Keeper,
    store: Store,
    client: Client,
    drafts: String,
    keying: Keying,
    chance: Xoshiro256PlusPlus,
    forms: BTreeMap<ModelId, &'static Schema>,
}

impl Writer {
    fn new(ground: &Ground, number: usize) -> Result<Self, Broken> {
        let keeper = Keeper::default();
        Ok(Self {
            number,
            store: ground.store_of(ground.observed_client(keeper.clone())),
            keeper,
            client: ground.client(),
            drafts: ground.tables().drafts.clone(),
            keying: Keying::new(b"keying secret of the bench, of which nothing depends".to_vec()),
            chance: Xoshiro256PlusPlus::seed_from_u64(u64::try_from(number)?),
            forms: BTreeMap::new(),
        })
    }

    /// Every nth application, n being the number of writers.
    async fn write(mut self, crowd: &Crowd, depth: Depth, since: Timestamp) -> Result<(), Broken> {
        let mut rows = Vec::new();
        let own = crowd.candidates.iter().enumerate().skip(self.number).step_by(WRITERS);
        for (count, (index, candidate)) in own.enumerate() {
            let person = crowd.person_of(candidate).ok_or("nobody has the application")?;
            let schema = self.form(crowd, candidate)?;
            let values = content(schema, candidate, index, since);
            let (application, begun) =
                self.application(crowd, candidate, person, schema, &values, since)?;
            let (draft, today) = (Draft::default(), calendar::local_date(since));
            let content = Content { schema, before: &draft, after: &values, today };
            let along = [Companion::Content(&self.store.drafts, content)];
            // The keeper lets every call fail once it has the rows.
            let _ = self
                .store
                .applications
                .commit(&begun, if depth == Depth::Whole { &along } else { &[] })
                .await;
            let kept = self.keeper.take();
            if kept.is_empty() {
                return Err(format!("{} was not written down", application.id).into());
            }
            rows.extend(kept.into_iter().filter(|(table, item)| {
                let is_claim = item
                    .get("pk")
                    .and_then(|pk| pk.as_s().ok())
                    .is_none_or(|pk| !pk.starts_with("APP#"));
                depth == Depth::Whole || (*table != self.drafts && !is_claim)
            }));
            if count % AT_ONCE == AT_ONCE - 1 {
                put_all(&self.client, std::mem::take(&mut rows)).await?;
            }
        }
        put_all(&self.client, rows).await
    }

    fn form(&mut self, crowd: &Crowd, candidate: &Candidate) -> Result<&'static Schema, Broken> {
        if let Some(schema) = self.forms.get(&candidate.model) {
            return Ok(schema);
        }
        let model = crowd.campaign.model(&candidate.model);
        let schema = model.and_then(|model| model.schema()).and_then(Schema::find);
        let schema = schema.ok_or_else(|| format!("no form of {}", candidate.model))?;
        self.forms.insert(candidate.model.clone(), schema);
        Ok(schema)
    }

    fn application(
        &mut self,
        crowd: &Crowd,
        candidate: &Candidate,
        person: &Person,
        schema: &Schema,
        values: &Values,
        since: Timestamp,
    ) -> Result<(Application, Decision), Broken> {
        let owner = OwnerId::from_random(self.chance.random());
        let caller = &person.caller;
        let today = calendar::local_date(since);
        let ready = readiness::ready(schema, values, today, since, |worker| {
            self.keying.worker(&owner, worker)
        });
        let stage = match (ready, candidate.is_incomplete) {
            (Some(ready), false) => Stage::ToSend(ready),
            (None, true) => Stage::ToComplete { attention: None },
            (Some(_), true) => return Err("the content lacks nothing, though it should".into()),
            (None, false) => return Err("the form's examples do not make it complete".into()),
        };
        let application = Application {
            id: candidate.id.clone(),
            campaign: crowd.campaign.id().clone(),
            campaign_version: crowd.campaign.version(),
            model: candidate.model.clone(),
            schema: schema.id().to_owned(),
            parties: Parties {
                // An operator files for somebody else.
                representative: match caller.organisation {
                    Some(_) => AccountId::from_random(self.chance.random()),
                    None => caller.account.clone(),
                },
                owner,
                filer: caller.account.clone(),
                organisation: caller.organisation.clone(),
            },
            version: 1,
            created: since,
            changed: since,
            stage,
        };
        let who = Who::Account(caller.account.clone());
        let begun = Decision::scene(Cause::Act(Act::ChangeContent), None, &application, who);
        Ok((application, begun.untold()))
    }
}

/// The examples of the form, with what is this application's own.
fn content(schema: &Schema, candidate: &Candidate, number: usize, at: Timestamp) -> Values {
    let mut given: BTreeMap<String, Value> = BTreeMap::from([
        ("worker_passport_number".to_owned(), format!("ZZ{number:07}").into()),
        ("contact_pec".to_owned(), format!("d{number}@eletta.bench.invalid").into()),
        ("workplace_province".to_owned(), candidate.province.into()),
    ]);
    if candidate.is_multi_year {
        given.insert("request_kind".to_owned(), "multi-year".into());
    }
    if candidate.is_incomplete {
        given.insert("workplace_municipality".to_owned(), Value::Null);
    }
    let examples = schema.examples_given(&given, calendar::local_date(at));
    let mut values = Values::new();
    for field in schema.fields() {
        let given = given.get(field.key.as_str());
        let Some(value) = given.or_else(|| examples.get(field.key.as_str())) else { continue };
        if !value.is_null() {
            let value = FieldValue { value: value.clone(), source: ValueSource::Person, at };
            values.insert(field.key.clone(), value);
        }
    }
    values
}
