//! An employer at the portal: what people do there, in the words of the domain.

use std::{collections::BTreeMap, time::Duration};

use domain::{
    calendar,
    campaign::Campaign,
    form::{Role, Schema},
    ids::ModelId,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use simulate_registries::{DemoEmployer, DemoWorker};

use crate::{
    browser::{Answer, Browser},
    campaigns::MODEL,
    identity,
    mailbox::Mailbox,
    people,
    story::{Story, StoryResult, ensure},
    world::World,
};

/// How long a registry that answers "in some days" may take here.
pub const REGISTRY_DEADLINE: Duration = Duration::from_mins(2);

/// An employer with a worker in mind, a browser and a certified mailbox.
#[derive(Clone)]
pub struct Employer {
    /// Who it is.
    pub demo: DemoEmployer,
    /// Whether it is a natural person who hires for the own home, without a company (CHK-1).
    pub is_family: bool,
    /// The model that the employer asks for.
    pub model: ModelId,
    /// The worker.
    pub worker: DemoWorker,
    /// What is typed instead of the usual example, by field.
    pub typed: BTreeMap<String, Value>,
    /// The browser.
    pub browser: Browser,
    /// The certified mailbox that the registry knows.
    pub pec: Mailbox,
    story: Story,
}

impl std::fmt::Debug for Employer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Employer")
            .field("number", &self.demo.number)
            .finish_non_exhaustive()
    }
}

impl Employer {
    /// An employer who was never at the portal.
    pub fn new(world: &World, demo: DemoEmployer, worker: DemoWorker) -> StoryResult<Self> {
        let pec = Mailbox::new(&world.emulator, &demo.pec);
        Ok(Self {
            browser: world.browser()?,
            pec,
            story: world.story.clone(),
            is_family: false,
            model: MODEL.parse()?,
            demo,
            worker,
            typed: BTreeMap::new(),
        })
    }

    /// The same employer, who asks for another model.
    pub fn asking_for(self, model: &str) -> StoryResult<Self> {
        Ok(Self { model: model.parse()?, ..self })
    }

    /// The form of the model that is asked for.
    pub fn schema(&self, campaign: &Campaign) -> StoryResult<&'static Schema> {
        let id = campaign.model(&self.model).and_then(|model| model.schema()).unwrap_or_default();
        Schema::find(id).ok_or_else(|| self.story.deviation(format!("no form of {}", self.model)))
    }

    /// Signs in with SPID at a level; gives the answer that leads back into the portal.
    pub async fn signs_in(&self, level: u8) -> StoryResult<Answer> {
        identity::signs_in(&self.browser, &self.demo.representative, level).await
    }

    /// The body of the preliminary checks (CHK-1).
    pub fn preliminary_checks(&self, campaign: &Campaign) -> Value {
        let asks_kind =
            self.schema(campaign).is_ok_and(|form| form.field_with(Role::ApplicantKind).is_some());
        let is_firm = !self.is_family;
        let told = [
            ("campaign", Some(json!(campaign.id()))),
            ("model", Some(json!(self.model))),
            ("privacy_ack", Some(json!(true))),
            ("privacy_version", Some(json!(campaign.privacy_notice()))),
            ("applicant_kind", asks_kind.then(|| json!(self.kind()))),
            ("applicant_fiscal_code", Some(json!(self.demo.representative.fiscal_code.reveal()))),
            ("ri_registered", is_firm.then(|| json!(self.demo.in_register))),
            ("company_fiscal_code", is_firm.then(|| json!(self.demo.company_code.reveal()))),
        ];
        told.into_iter()
            .filter_map(|(field, value)| Some((field.to_owned(), value?)))
            .collect::<serde_json::Map<_, _>>()
            .into()
    }

    fn kind(&self) -> &'static str {
        if self.is_family { "natural" } else { "legal" }
    }

    /// Passes the preliminary checks: the application exists and the code is on its way (CHK-2).
    pub async fn starts_application(&self, campaign: &Campaign) -> StoryResult<String> {
        self.starts_with(&self.preliminary_checks(campaign)).await
    }

    /// The same with other checks: an operator's are those of the employer (OWN-1).
    pub async fn starts_with(&self, checks: &Value) -> StoryResult<String> {
        started(self.browser.post("/api/applications", checks).await?)
    }

    /// The same, and the answer once all registries answered while the portal waited. On a slow machine one may take longer,
    /// so that the check is queued (CHK-2): what was queued is deleted, and the checks are sent again.
    pub async fn starts_at_once(&self, checks: &Value) -> StoryResult<Answer> {
        self.story
            .eventually("no registry is too slow", REGISTRY_DEADLINE, || async {
                let answer = self.browser.post("/api/applications", checks).await?;
                if answer.status != 202 {
                    return Ok(Ok(answer));
                }
                let id = answer.text("/id")?;
                let deleted = self.browser.delete(&format!("/api/applications/{id}")).await?;
                // The queue may have had its no meanwhile.
                ensure(matches!(deleted.status, 204 | 404), format!("{deleted}"))?;
                Ok(Err("the check was queued".to_owned()))
            })
            .await
    }

    /// Reads the code in the certified mailbox (ACT-1).
    pub async fn reads_activation_code_from_pec(&self, application: &str) -> StoryResult<String> {
        self.pec.activation_code(&self.story, application, 0).await
    }

    /// Types a code.
    pub async fn types_code(&self, application: &str, code: &str) -> StoryResult<Answer> {
        self.browser
            .post(&format!("/api/applications/{application}/activation"), &json!({ "code": code }))
            .await
    }

    /// The draft as the page shows it.
    pub async fn draft(&self, application: &str) -> StoryResult<Answer> {
        self.browser.get(&format!("/api/applications/{application}/draft")).await?.expect(200)
    }

    /// Saves fields of one section, having seen them empty.
    pub async fn saves(
        &self,
        application: &str,
        values: &BTreeMap<String, Value>,
    ) -> StoryResult<Answer> {
        let changes: Vec<Value> = values
            .iter()
            .map(|(field, value)| json!({ "field": field, "base": null, "value": value }))
            .collect();
        self.saves_changes(application, &Value::Array(changes)).await
    }

    /// Saves changes of any shape.
    pub async fn saves_changes(&self, application: &str, changes: &Value) -> StoryResult<Answer> {
        let path = format!("/api/applications/{application}/draft");
        self.browser.patch(&path, &json!({ "changes": changes })).await
    }

    /// Everything that this employer types, section by section.
    pub fn typed_values(
        &self,
        schema: &str,
        now: Timestamp,
    ) -> StoryResult<Vec<(String, BTreeMap<String, Value>)>> {
        let schema = Schema::find(schema)
            .ok_or_else(|| self.story.deviation(format!("no schema {schema}")))?;
        let given = self.given(schema);
        let today = calendar::local_date(now);
        let mut sections = people::typed_values(schema, &given, &self.worker, today);
        for (field, value) in sections.iter_mut().flat_map(|(_, values)| values) {
            if let Some(own) = self.typed.get(field) {
                *value = own.clone();
            }
        }
        Ok(sections)
    }

    /// The answers of the checks, and what this employer types instead of the example: both decide what else the form
    /// asks.
    fn given(&self, schema: &Schema) -> BTreeMap<String, Value> {
        let of_checks = [
            (Role::ApplicantKind, json!(self.kind())),
            (Role::BusinessRegister, json!(self.demo.in_register)),
        ];
        let given = of_checks
            .into_iter()
            .filter_map(|(role, value)| Some((schema.field_with(role)?.key.to_string(), value)));
        given.chain(self.typed.clone()).collect()
    }

    /// Types what the registries say that they do not have, once all of them have answered (the activity of a body).
    pub async fn types_what_registries_lack(
        &self,
        application: &str,
        schema: &Schema,
        now: Timestamp,
    ) -> StoryResult {
        let examples = schema.examples_given(&self.given(schema), calendar::local_date(now));
        let left = self
            .story
            .eventually("all registries have answered", REGISTRY_DEADLINE, || async {
                let missing = self.missing(application).await?;
                let waits = missing.iter().any(|one| {
                    one.get("who")
                        .and_then(Value::as_str)
                        .is_some_and(|who| who.starts_with("registry:"))
                });
                Ok(if waits { Err(Value::Array(missing).to_string()) } else { Ok(missing) })
            })
            .await?;
        let left = left.iter().filter_map(|one| one.get("field").and_then(Value::as_str));
        let values = left.filter_map(|key| Some((key.to_owned(), examples.get(key)?.clone())));
        self.saves(application, &values.collect()).await?.expect(200).map(|_| ())
    }

    async fn missing(&self, application: &str) -> StoryResult<Vec<Value>> {
        let draft = self.draft(application).await?.json()?;
        let sections = draft.get("sections").and_then(Value::as_array).cloned().unwrap_or_default();
        Ok(sections
            .iter()
            .filter_map(|section| section.get("missing")?.as_array().cloned())
            .flatten()
            .collect())
    }

    /// Fills in all fields that a person types.
    pub async fn fills_form(&self, application: &str, schema: &str, now: Timestamp) -> StoryResult {
        for (_, values) in self.typed_values(schema, now)? {
            self.saves(application, &values).await?.expect(200)?;
        }
        Ok(())
    }

    /// One application as the list shows it.
    pub async fn application(&self, application: &str) -> StoryResult<Value> {
        self.browser.get(&format!("/api/applications/{application}")).await?.expect(200)?.json()
    }

    /// Waits until an application is in a state.
    pub async fn sees_state(
        &self,
        application: &str,
        state: &str,
        deadline: Duration,
    ) -> StoryResult<Value> {
        self.story
            .eventually(&format!("the application is {state}"), deadline, || async {
                let row = self.application(application).await?;
                let seen = row.get("state").and_then(Value::as_str).unwrap_or_default().to_owned();
                let waiting = row.get("waiting_for").cloned().unwrap_or_default();
                let percent = row.get("percent").cloned().unwrap_or_default();
                Ok(if seen == state {
                    Ok(row)
                } else {
                    Err(format!("{seen}, {percent} %, waiting for {waiting}"))
                })
            })
            .await
    }

    /// Waits until a filled-in application is *da inviare*; if it never is, says what it lacks.
    pub async fn sees_it_ready(&self, application: &str) -> StoryResult<Value> {
        match self.sees_state(application, "to-send", REGISTRY_DEADLINE).await {
            Ok(row) => Ok(row),
            Err(deviation) => {
                let draft = self.draft(application).await?.json()?;
                let missing = self.missing(application).await?;
                let errors = draft.get("errors").cloned().unwrap_or_default();
                let what = format!(
                    "{}; missing: {}; contradictions: {errors}",
                    deviation.what(),
                    Value::Array(missing)
                );
                Err(self.story.deviation(what))
            }
        }
    }

    /// Presses *Invia*.
    pub async fn submits(&self, application: &str, campaign: &Campaign) -> StoryResult<Answer> {
        let body = submission_of(&self.model, application, campaign);
        self.browser.post("/api/submissions", &body).await
    }

    /// The receipt as it can be downloaded for good (SUB-6).
    pub async fn receipt(&self, application: &str) -> StoryResult<Answer> {
        self.browser.get(&format!("/api/applications/{application}/receipt")).await
    }

    /// The events of the history, as their codes.
    pub async fn history(&self, application: &str) -> StoryResult<Vec<Value>> {
        let answer = self
            .browser
            .get(&format!("/api/applications/{application}/history"))
            .await?
            .expect(200)?;
        Ok(answer.json()?.get("events").and_then(Value::as_array).cloned().unwrap_or_default())
    }

    /// The communications and their fates.
    pub async fn communications(&self, application: &str) -> StoryResult<Vec<Value>> {
        let answer = self
            .browser
            .get(&format!("/api/applications/{application}/communications"))
            .await?
            .expect(200)?;
        Ok(answer
            .json()?
            .get("communications")
            .and_then(Value::as_array)
            .cloned()
            .unwrap_or_default())
    }

    /// From sign-in to *da inviare*, for tests whose matter begins there.
    pub async fn has_ready_application(
        &self,
        campaign: &Campaign,
        now: Timestamp,
    ) -> StoryResult<String> {
        self.signs_in(2).await?.expect(303)?;
        let application = self.starts_application(campaign).await?;
        let code = self.reads_activation_code_from_pec(&application).await?;
        self.types_code(&application, &code).await?.expect(200)?;
        let schema = self.schema(campaign)?;
        self.fills_form(&application, schema.id(), now).await?;
        if !self.is_family && !self.demo.in_register {
            self.types_what_registries_lack(&application, schema, now).await?;
        }
        self.sees_it_ready(&application).await?;
        Ok(application)
    }

    /// The story that this employer is part of.
    pub fn story(&self) -> &Story {
        &self.story
    }
}

/// The application that an answer says was started. A registry that is slow for once is asked again by the queue (CHK-2).
pub fn started(answer: Answer) -> StoryResult<String> {
    let answer = if answer.status == 202 { answer } else { answer.expect(201)? };
    answer.text("/id")
}

/// The body of a submission of the usual model.
pub fn submission(application: &str, campaign: &Campaign) -> Value {
    json!({ "campaign": campaign.id(), "model": MODEL, "application": application })
}

/// The body of a submission of any model.
pub fn submission_of(model: &ModelId, application: &str, campaign: &Campaign) -> Value {
    json!({ "campaign": campaign.id(), "model": model, "application": application })
}

/// The form of the campaign's first model.
pub fn schema_of(campaign: &Campaign) -> String {
    campaign.models().iter().find_map(|model| model.schema()).unwrap_or_default().to_owned()
}
