//! Contracts on their way: a case whose contract was made and sent, and files that an employer uploads for it (CTR-1).

use std::time::Duration;

use domain::{
    application::{Application, Who},
    calendar,
    campaign::Campaign,
    lifecycle::{State, consequence::Act},
};
use outside::{clock, files::sha256};
use serde_json::{Value, json};
use store::{
    applications::commit::Companion,
    drafts::{BorderEntry, Preliminary},
};

use crate::{
    browser::Answer,
    campaigns::Plan,
    cases::case_in,
    employer::Employer,
    environment::local_client,
    signatures::{Form, Signer},
    stock::Belongs,
    story::{Deviation, StoryResult},
    world::World,
};

/// How long documents and checks may take.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// The definitive code of the invented worker.
pub const WORKER: &str = "BNLFTM92E55Z330E";

/// A case whose contract lies with the employer.
#[derive(Clone, Debug)]
pub struct ToSign {
    /// The employer, signed in.
    pub employer: Employer,
    /// The decree.
    pub campaign: Campaign,
    /// The application.
    pub id: String,
    /// The contract, byte for byte as it was sent.
    pub contract: Vec<u8>,
}

/// A case in this state of an employer who is signed in, with what the checks at its start asked.
pub async fn case_of(
    world: &World,
    employer: &Employer,
    campaign: &Campaign,
    state: State,
) -> StoryResult<Application> {
    let account = world.account(&employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    let now = campaign.effective_now(clock::wall());
    let case = case_in(world, campaign, &belongs, state, now).await?;
    let preliminary = Preliminary {
        applicant: employer.demo.representative.fiscal_code.reveal().to_owned(),
        company: Some(employer.demo.company_code.reveal().to_owned()),
        in_register: true,
        applicant_kind: None,
        privacy_version: campaign.privacy_notice().to_owned(),
        privacy_read: now,
        certified_address: Some(employer.demo.pec.clone()),
    };
    let noted = case.note(Act::ChangeContent, Who::System, now);
    let along = [Companion::Preliminary(&world.drafts()?, &preliminary)];
    world.applications()?.commit(&noted, &along).await?;
    Ok(noted.into_after())
}

impl ToSign {
    /// From the entry on by the portal itself: the contract is made and sent.
    pub async fn open(world: &World) -> StoryResult<Self> {
        let campaign = Plan::new("firme")?.publish(world).await?;
        let employer = world.private_user().await?;
        let case = case_of(world, &employer, &campaign, State::EntryReported).await?;
        let now = campaign.effective_now(clock::wall());
        let entry = BorderEntry {
            province: "RM".to_owned(),
            municipality: "Fiumicino".to_owned(),
            date: calendar::local_date(now),
            visa_number: "ITA1234567".to_owned(),
            fiscal_code: Some(WORKER.to_owned()),
        };
        let recorded = case.note(Act::RecordWorkerCode, Who::System, now);
        let along = [Companion::BorderEntry(&world.drafts()?, &entry)];
        world.applications()?.commit(&recorded, &along).await?;
        let id = case.id.to_string();
        employer.sees_state(&id, "contract-to-sign", PATIENCE).await?;
        let contract = document(world, &employer, &id, "contract").await?;
        Ok(Self { employer, campaign, id, contract })
    }

    /// The employer with a smart card.
    pub fn employer_signer(&self) -> Signer {
        let person = &self.employer.demo.representative;
        let name = format!("{} {}", person.first_name, person.last_name);
        Signer::Person(person.fiscal_code.reveal().to_owned(), name)
    }

    /// The worker with one.
    pub fn worker_signer(&self) -> Signer {
        Signer::Person(WORKER.to_owned(), "Fatima El Idrissi".to_owned())
    }

    /// Asks for permission to upload the signed contract.
    pub async fn asks(&self, form: Form, file: &[u8], worker: &str) -> StoryResult<Answer> {
        asks(&self.employer, &self.id, "contract", form, file, Some(worker)).await
    }

    /// Uploads a contract and gives the verdict.
    pub async fn uploads(
        &self,
        world: &World,
        form: Form,
        file: &[u8],
        worker: &str,
    ) -> StoryResult<Value> {
        uploads(world, &self.employer, &self.id, "contract", form, file, Some(worker)).await
    }
}

/// Asks for permission to upload a file.
pub async fn asks(
    employer: &Employer,
    id: &str,
    purpose: &str,
    form: Form,
    file: &[u8],
    worker: Option<&str>,
) -> StoryResult<Answer> {
    let body = json!({
        "purpose": purpose, "media_type": form.media_type(), "bytes": file.len(),
        "sha256": sha256(file), "worker_signature": worker,
    });
    employer.browser.post(&format!("/api/applications/{id}/uploads"), &body).await
}

/// Sends a file by a permission; gives the store's status.
pub async fn sends(permission: &Value, file: &[u8]) -> StoryResult<u16> {
    let url = permission.get("url").and_then(Value::as_str).unwrap_or_default();
    let mut put = outside()?.put(url).body(file.to_vec());
    for header in permission.get("headers").and_then(Value::as_array).into_iter().flatten() {
        let part =
            |name: &str| header.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        if part("name") != "content-length" {
            put = put.header(part("name"), part("value"));
        }
    }
    Ok(put.send().await?.status().as_u16())
}

/// Asks, sends straight to the store, waits for the verdict.
pub async fn uploads(
    world: &World,
    employer: &Employer,
    id: &str,
    purpose: &str,
    form: Form,
    file: &[u8],
    worker: Option<&str>,
) -> StoryResult<Value> {
    let permission = asks(employer, id, purpose, form, file, worker).await?.expect(201)?.json()?;
    let status = sends(&permission, file).await?;
    if status != 200 {
        return Err(Deviation::new(format!("the store answers {status}")));
    }
    verdict(world, employer, id, &permission).await
}

/// Waits for the verdict on what was sent by a permission.
pub async fn verdict(
    world: &World,
    employer: &Employer,
    id: &str,
    permission: &Value,
) -> StoryResult<Value> {
    let upload = permission.get("upload").and_then(Value::as_str).unwrap_or_default();
    let path = format!("/api/applications/{id}/uploads/{upload}");
    world
        .story
        .eventually("the file was looked into", PATIENCE, || async {
            let view = employer.browser.get(&path).await?.expect(200)?.json()?;
            let waits = view.get("state") == Some(&json!("awaited"));
            Ok(if waits { Err(view.to_string()) } else { Ok(view) })
        })
        .await
}

/// The newest document of a kind that the portal made, once it is there.
pub async fn document(
    world: &World,
    employer: &Employer,
    id: &str,
    kind: &str,
) -> StoryResult<Vec<u8>> {
    let link = world
        .story
        .eventually(&format!("the document {kind} is there"), PATIENCE, || async {
            let path = format!("/api/applications/{id}/documents");
            let list = employer.browser.get(&path).await?.expect(200)?.json()?;
            let rows = list.get("documents").and_then(Value::as_array).cloned().unwrap_or_default();
            let link = rows.iter().rev().find_map(|row| {
                let is_it = row.get("kind") == Some(&kind.into())
                    && row.get("from") == Some(&"portal".into());
                is_it.then(|| row.get("link")?.as_str().map(str::to_owned)).flatten()
            });
            Ok(link.ok_or(list.to_string()))
        })
        .await?;
    let answer = outside()?.get(&link).send().await?.error_for_status()?;
    Ok(answer.bytes().await?.to_vec())
}

/// A client outside of the portal's origin: files go straight to the object store.
fn outside() -> StoryResult<reqwest::Client> {
    Ok(local_client().build()?)
}
