//! The consular system as the tests play it: it reports with signed requests, and its simulator says what it heard
//! (CNF-1).

use data_encoding::HEXLOWER;
use domain::{consular::ConsularReport, ids::ApplicationId};
use jiff::Timestamp;
use outside::{
    aws, clock,
    machine_token::{MachineKey, SigningError},
};
use reqwest::Method;
use serde_json::{Value, json};

use crate::{
    browser::{Answer, Browser, Call},
    story::{Deviation, StoryResult},
    world::World,
};

/// The private key of the consular system of a local stage. Invented, and no secret: it exists on developers' machines
/// alone. `xtask` knows only its public key; a real deployment gets the public key of the real system.
pub const SEED: [u8; 32] = *b"simulated consular system, local";

/// Where it reports.
const PATH: &str = "/api/consulate/events";

/// The consular system before one portal.
#[derive(Clone, Debug)]
pub struct Consulate {
    key: MachineKey,
    machine: Browser,
    /// Where the portal sends it decisions.
    address: String,
    /// The address that its tokens are for.
    pub audience: String,
}

impl Consulate {
    /// The consular system whose public key this portal was given.
    pub fn of(world: &World) -> StoryResult<Self> {
        let environment = &world.environment;
        Ok(Self {
            key: MachineKey::new(&environment.text("CONSULATE_CLIENT_ID")?, &SEED),
            machine: world.browser()?,
            address: environment.text("CONSULATE_URL")?,
            audience: format!("{}{PATH}", environment.text("PUBLIC_ORIGIN")?),
        })
    }

    /// A fresh identifier for a report.
    pub fn event_id() -> StoryResult<String> {
        let bytes: [u8; 12] =
            aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))?;
        Ok(format!("test-{}", HEXLOWER.encode(&bytes)))
    }

    /// The body of a report about something that happened just now.
    pub fn report(application: &ApplicationId, report: ConsularReport) -> StoryResult<Value> {
        let mut body = json!({
            "event_id": Self::event_id()?,
            "application": application,
            "report": report,
            "occurred_at": clock::wall().to_string(),
        });
        if report == ConsularReport::VisaIssued
            && let Some(fields) = body.as_object_mut()
        {
            fields.insert("visa_number".to_owned(), "ITA0012345".into());
        }
        Ok(body)
    }

    /// Reports something under a fresh identifier, signed as it must be.
    pub async fn reports(
        &self,
        application: &ApplicationId,
        report: ConsularReport,
    ) -> StoryResult<Answer> {
        self.sends(&Self::report(application, report)?).await
    }

    /// Sends any body, signed as it must be.
    pub async fn sends(&self, body: &Value) -> StoryResult<Answer> {
        let text = body.to_string();
        let authorization = self.authorization(&text, clock::wall())?;
        self.sends_with(Some(&authorization), &text).await
    }

    /// What proves a body at an instant.
    pub fn authorization(&self, body: &str, now: Timestamp) -> StoryResult<String> {
        signed(self.key.authorization(&self.audience, body.as_bytes(), now))
    }

    /// The same with another key, name or address: a sender who pretends to be the consular system.
    pub fn forged(
        &self,
        client: &str,
        seed: &[u8; 32],
        audience: &str,
        body: &str,
    ) -> StoryResult<String> {
        let key = MachineKey::new(client, seed);
        signed(key.authorization(audience, body.as_bytes(), clock::wall()))
    }

    /// Sends a body with any proof, or none, as a program does that is no browser.
    pub async fn sends_with(&self, authorization: Option<&str>, body: &str) -> StoryResult<Answer> {
        let mut call = Call::new(Method::POST, PATH)
            .header("origin", "")
            .body("application/json", body.to_owned());
        if let Some(authorization) = authorization {
            call = call.header("authorization", authorization);
        }
        self.machine.send(call).await
    }

    /// What the simulator heard of an application: `attempts`, `holds`, and `decisions` in the order in which they came.
    pub async fn heard(&self, application: &ApplicationId) -> StoryResult<Value> {
        let address = format!("{}/decisions/{application}", self.address);
        self.machine.get(&address).await?.expect(200)?.json()
    }

    /// The decisions that it heard, by their codes.
    pub async fn heard_decisions(&self, application: &ApplicationId) -> StoryResult<Vec<String>> {
        let heard = self.heard(application).await?;
        let decisions = heard.get("decisions").and_then(Value::as_array).cloned();
        let code =
            |decision: &Value| decision.get("decision").and_then(Value::as_str).map(str::to_owned);
        Ok(decisions.unwrap_or_default().iter().filter_map(code).collect())
    }

    /// Lets it be down for the next requests about an application.
    pub async fn fails(&self, application: &ApplicationId, times: u32) -> StoryResult {
        let body = json!({ "application": application, "fail_times": times });
        self.machine.post(&format!("{}/behaviour", self.address), &body).await?.expect(200)?;
        Ok(())
    }

    /// Tells the simulator a decision with any proof, as the portal does with its own.
    pub async fn is_told(&self, authorization: Option<&str>, body: &str) -> StoryResult<Answer> {
        let mut call = Call::new(Method::POST, self.decisions())
            .header("origin", "")
            .body("application/json", body.to_owned());
        if let Some(authorization) = authorization {
            call = call.header("authorization", authorization);
        }
        self.machine.send(call).await
    }

    /// The address that the portal's tokens are for.
    pub fn decisions(&self) -> String {
        format!("{}/decisions", self.address)
    }
}

fn signed(authorization: Result<String, SigningError>) -> StoryResult<String> {
    authorization.map_err(|error| Deviation::new(error.to_string()))
}
