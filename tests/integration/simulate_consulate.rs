//! The deployed simulator of the consular system: it believes the portal alone, and takes each message once (CNF-1).

use domain::ids::ApplicationId;
use harness::{
    consulate::{Consulate, SEED},
    story::{Deviation, StoryResult, same},
    world::World,
};
use outside::{aws, clock, machine_token::MachineKey};
use serde_json::{Value, json};

struct ConsulateClient {
    consulate: Consulate,
    portal: MachineKey,
    application: ApplicationId,
}

impl ConsulateClient {
    async fn opens() -> StoryResult<Self> {
        let world = World::enter().await?;
        let bytes = aws::random().map_err(|error| Deviation::new(error.to_string()))?;
        Ok(Self {
            consulate: Consulate::of(&world)?,
            portal: MachineKey::of_portal(&world.secret("CONSULATE_SECRET_ID").await?),
            application: ApplicationId::from_random(bytes),
        })
    }

    fn decision(&self, version: u64, decision: &str) -> Value {
        json!({
            "message_id": format!("{}.{version}", self.application),
            "application": self.application,
            "decision": decision,
            "decided_at": "2026-11-22T08:00:00.000+01:00",
            "version": version,
        })
    }

    fn signed(&self, key: &MachineKey, body: &str) -> StoryResult<String> {
        key.authorization(&self.consulate.decisions(), body.as_bytes(), clock::wall())
            .map_err(|error| Deviation::new(error.to_string()))
    }

    /// Tells it a decision as the portal does; the status of the answer.
    async fn tells(&self, decision: &Value) -> StoryResult<u16> {
        let body = decision.to_string();
        let proof = self.signed(&self.portal, &body)?;
        Ok(self.consulate.is_told(Some(&proof), &body).await?.status)
    }
}

/// What a stranger says, even the consular system itself, is not heard.
#[tokio::test]
async fn only_the_portal_is_believed() -> StoryResult {
    let client = ConsulateClient::opens().await?;
    let body = client.decision(7, "confirmed").to_string();
    let other = client.decision(7, "renounced").to_string();
    let maeci = MachineKey::new("maeci", &SEED);
    for proof in
        [None, Some(client.signed(&maeci, &body)?), Some(client.signed(&client.portal, &other)?)]
    {
        let answer = client.consulate.is_told(proof.as_deref(), &body).await?;
        same("status", &answer.status, &401)?;
    }
    let heard = client.consulate.heard(&client.application).await?;
    same("attempts", &heard.get("attempts"), &Some(&json!(0)))
}

/// Down as often as the test ordered, then up; the same message again is no second decision, another content none at
/// all.
#[tokio::test]
async fn it_is_down_as_told_and_takes_each_message_once() -> StoryResult {
    let client = ConsulateClient::opens().await?;
    client.consulate.fails(&client.application, 2).await?;
    let (later, earlier) = (client.decision(9, "reopened"), client.decision(7, "not-confirmed"));
    let contradiction = client.decision(7, "confirmed");
    for (decision, status) in [
        (&later, 503),
        (&later, 503),
        (&later, 200),
        (&later, 200),
        (&earlier, 200),
        (&contradiction, 409),
    ] {
        same("status", &client.tells(decision).await?, &status)?;
    }
    same(
        "heard",
        &client.consulate.heard_decisions(&client.application).await?,
        &["reopened", "not-confirmed"].map(str::to_owned).to_vec(),
    )?;
    let heard = client.consulate.heard(&client.application).await?;
    same("holds", &heard.get("holds"), &Some(&json!("reopened")))
}
