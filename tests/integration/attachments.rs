//! Documents of a draft on the deployed portal: sent into quarantine, looked into, a value of their field, replaced, taken
//! out, never typed (FRM-6, FRM-2); observations after a notice of reasons against (art. 10-bis L. 241/1990).

use domain::{application::Application, campaign::Campaign, form::ValueSource, lifecycle::State};
use harness::{
    browser::Answer,
    campaigns::Plan,
    contracts::{self, PATIENCE},
    employer::Employer,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use outside::files::sha256;
use serde_json::{Value, json};

const PASSPORT: &str = "passport_file";

/// An employer with a draft that lacks one value, or none.
struct Scene {
    world: World,
    employer: Employer,
    application: Application,
}

impl Scene {
    async fn open(is_ready: bool) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("allegati")?.publish(&world).await?;
        let employer = signed_in(&world).await?;
        let application = draft(&world, &campaign, &employer, is_ready).await?;
        Ok(Self { world, employer, application })
    }

    fn id(&self) -> &str {
        self.application.id.as_str()
    }

    async fn asks(&self, purpose: &str, media_type: &str, file: &[u8]) -> StoryResult<Answer> {
        let body = json!({
            "purpose": purpose, "media_type": media_type, "bytes": file.len(),
            "sha256": sha256(file),
        });
        let path = format!("/api/applications/{}/uploads", self.id());
        self.employer.browser.post(&path, &body).await
    }

    /// Asks, sends, and gives what became of it.
    async fn uploads(&self, media_type: &str, file: &[u8]) -> StoryResult<Value> {
        let purpose = format!("field:{PASSPORT}");
        let permission = self.asks(&purpose, media_type, file).await?.expect(201)?.json()?;
        same("the store's answer", &contracts::sends(&permission, file).await?, &200)?;
        contracts::verdict(&self.world, &self.employer, self.id(), &permission).await
    }

    /// The stored value of the passport, and who gave it.
    async fn passport(&self) -> StoryResult<Option<(Value, ValueSource)>> {
        let values = self.world.drafts()?.load(&self.application.id).await?.values();
        Ok(values.get(PASSPORT).map(|stored| (stored.value.clone(), stored.source)))
    }

    async fn listed(&self, list: &str) -> StoryResult<Value> {
        let path = format!("/api/applications/{}/{list}", self.id());
        self.employer.browser.get(&path).await?.expect(200)?.json()
    }
}

async fn draft(
    world: &World,
    campaign: &Campaign,
    employer: &Employer,
    is_ready: bool,
) -> StoryResult<Application> {
    let account = world.account(&employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    if is_ready {
        stock::ready_application(world, campaign, &belongs).await
    } else {
        stock::incomplete_application(world, campaign, &belongs).await
    }
}

async fn signed_in(world: &World) -> StoryResult<Employer> {
    let employer = world.employer()?;
    stock::signs_in(world, &employer, 2).await?;
    Ok(employer)
}

/// A photograph: a frame and a scan of some coded bytes.
fn photograph(note: &[u8]) -> Vec<u8> {
    let length = u16::try_from(note.len() + 2).unwrap().to_be_bytes();
    let parts: [&[u8]; 6] = [
        b"\xFF\xD8\xFF\xFE",
        &length,
        note,
        b"\xFF\xC0\x00\x05\x08\x00\x01",
        b"\xFF\xDA\x00\x04\x01\x02\x11\x22\x33",
        b"\xFF\xD9",
    ];
    parts.concat()
}

/// FRM-6, FRM-2: the photograph that passed is the value of its field, with its digest; the section's version moved like a
/// save; it is among the documents, and the list of uploads says so after the page was left.
#[tokio::test]
async fn a_photograph_of_the_passport_becomes_the_value_of_its_field() -> StoryResult {
    let scene = Scene::open(false).await?;
    let versions = |draft: &Value| draft["versions"]["declarations"].as_u64().unwrap_or_default();
    let before = scene.employer.draft(scene.id()).await?.expect(200)?.json()?;
    let file = photograph(b"prima");
    let view = scene.uploads("image/jpeg", &file).await?;
    same("state", &view["state"], &json!("accepted"))?;
    let Some((value, source)) = scene.passport().await? else {
        return Err(scene.world.story.deviation("the draft has no passport"));
    };
    same("source", &source, &ValueSource::Upload)?;
    let wanted = json!({
        "bytes": file.len(), "media_type": "image/jpeg", "sha256": sha256(&file),
        "upload": view["upload"],
    });
    same("value", &value, &wanted)?;
    let after = scene.employer.draft(scene.id()).await?.expect(200)?.json()?;
    same("version of the section", &versions(&after), &(versions(&before) + 1))?;
    same("value that is read", &after["values"][PASSPORT]["value"], &wanted)?;
    let uploads = scene.listed("uploads").await?;
    same("newest upload", &uploads["uploads"][0]["upload"], &view["upload"])?;
    let open = uploads["open"].as_array().cloned().unwrap_or_default();
    let passport = open.iter().find(|one| one["purpose"] == format!("field:{PASSPORT}"));
    let passport = passport.cloned().unwrap_or_default();
    same("most bytes", &passport["max_bytes"], &json!(2_000_000))?;
    same("limits", &passport["limits"], &json!("PDF, JPG o PNG, al massimo 2 MB"))?;
    let documents = scene.listed("documents").await?;
    same("document", &documents["documents"][0]["upload"], &view["upload"])?;
    ensure(documents["documents"][0]["link"].is_string(), format!("no link: {documents}"))
}

/// FRM-6: a later file takes the earlier one's place, one that is refused leaves it; taken out, it is no document any more.
#[tokio::test]
async fn a_file_is_replaced_by_a_good_one_and_never_by_a_bad_one() -> StoryResult {
    let scene = Scene::open(false).await?;
    scene.uploads("image/jpeg", &photograph(b"prima")).await?;
    let second = scene.uploads("image/jpeg", &photograph(b"seconda")).await?;
    let hidden = [photograph(b"terza"), b"PK\x03\x04 archivio".to_vec()].concat();
    let refused = scene.uploads("image/jpeg", &hidden).await?;
    same("state", &refused["state"], &json!("refused"))?;
    same("reason", &refused["refusals"][0]["code"], &json!("picture-unreadable"))?;
    let stored = scene.passport().await?.map(|(value, _)| value).unwrap_or_default();
    same("what stays", &stored["upload"], &second["upload"])?;
    let documents = scene.listed("documents").await?;
    same("documents", &documents["documents"].as_array().map_or(0, Vec::len), &1)?;
    let cleared = json!([{ "field": PASSPORT, "base": stored, "value": null }]);
    scene.employer.saves_changes(scene.id(), &cleared).await?.expect(200)?;
    ensure(scene.passport().await?.is_none(), "the document was not taken out")?;
    let documents = scene.listed("documents").await?;
    same("documents", &documents["documents"].as_array().map_or(0, Vec::len), &0)
}

/// FRM-6: nobody types a document, not even one that exists in another draft.
#[tokio::test]
async fn a_document_cannot_be_typed() -> StoryResult {
    let scene = Scene::open(false).await?;
    let forged = json!({
        "bytes": 3, "media_type": "image/jpeg", "sha256": "ab".repeat(32),
        "upload": "upl_00000000000000000000000001",
    });
    for typed in [forged, json!("upl_00000000000000000000000001"), json!(["a"]), json!(true)] {
        let change = json!([{ "field": PASSPORT, "value": typed }]);
        let answer = scene.employer.saves_changes(scene.id(), &change).await?;
        let fields = answer.refused(422, "campi-non-validi")?.refused_fields();
        same("fields", &fields, &vec![(PASSPORT.to_owned(), "upload-only".to_owned())])?;
    }
    ensure(scene.passport().await?.is_none(), "something was stored")
}

/// FRM-6: what the form does not ask for is refused before anything is sent, each mistake with its field.
#[tokio::test]
async fn a_file_that_the_form_does_not_take_is_refused_before_it_is_sent() -> StoryResult {
    let scene = Scene::open(false).await?;
    let file = photograph(b"foto");
    for (purpose, media_type, field) in [
        ("field", "image/jpeg", "purpose"),
        ("field:", "image/jpeg", "purpose"),
        ("field:Passport", "image/jpeg", "purpose"),
        ("field:no_such_field", "image/jpeg", "purpose"),
        ("field:worker_surname", "image/jpeg", "purpose"),
        ("contract:passport_file", "application/pdf", "purpose"),
        ("field:income_file", "image/jpeg", "media_type"),
        ("field:passport_file", "application/pkcs7-mime", "media_type"),
        ("integration", "image/jpeg", "media_type"),
    ] {
        let answer = scene.asks(purpose, media_type, &file).await?;
        let fields = answer.refused(422, "campi-non-validi")?.refused_fields();
        ensure(fields.iter().any(|(name, _)| name == field), format!("{purpose}: {fields:?}"))?;
    }
    let large = vec![0; 2_000_001];
    let answer = scene.asks("field:passport_file", "image/jpeg", &large).await?;
    let fields = answer.refused(422, "campi-non-validi")?.refused_fields();
    same("fields", &fields, &vec![("bytes".to_owned(), "troppo-grande".to_owned())])?;
    scene
        .asks("integration", "application/pdf", &file)
        .await?
        .refused(409, "stato-non-compatibile")?;
    let stranger = signed_in(&scene.world).await?;
    let path = format!("/api/applications/{}/uploads", scene.id());
    stranger.browser.get(&path).await?.refused(404, "non-trovata")?;
    same("uploads", &scene.listed("uploads").await?["uploads"], &json!([]))
}

/// FRM-6, SUB-4: a ready application stays ready with the file in it, and is frozen with the file's digest.
#[tokio::test]
async fn a_ready_application_is_frozen_with_its_files() -> StoryResult {
    let scene = Scene::open(true).await?;
    let digest = |row: &Value| row["digest"].clone();
    let before = scene.employer.application(scene.id()).await?;
    scene.uploads("image/jpeg", &photograph(b"foto")).await?;
    let after = scene
        .world
        .story
        .eventually("the application is frozen anew", PATIENCE, || async {
            let row = scene.employer.application(scene.id()).await?;
            let is_new = digest(&row) != digest(&before);
            Ok(if is_new { Ok(row) } else { Err(row.to_string()) })
        })
        .await?;
    same("state", &after["state"], &json!("to-send"))
}

/// Art. 10-bis L. 241/1990: after a notice of reasons against a document may come with the observations; it is looked into,
/// and the case moves only with the answer.
#[tokio::test]
async fn a_document_may_come_with_the_observations() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("osservazioni")?.publish(&world).await?;
    let anna = world.private_user().await?;
    let case = contracts::case_of(&world, &anna, &campaign, State::RefusalAnnounced).await?;
    let path = format!("/api/applications/{}/uploads", case.id);
    let asked = json!({
        "purpose": "objection", "media_type": "application/pdf", "bytes": 1000,
        "sha256": "ab".repeat(32),
    });
    anna.browser.post(&path, &asked).await?.expect(201)?;
    let list = anna.browser.get(&path).await?.expect(200)?.json()?;
    same("purpose", &list["uploads"][0]["purpose"], &json!("objection"))?;
    same("what is open", &list["open"][0]["purpose"], &json!("objection"))?;
    let head = world.applications()?.head(&case.id).await?;
    same("state", &head.map(|head| head.state()), &Some(State::RefusalAnnounced))
}
