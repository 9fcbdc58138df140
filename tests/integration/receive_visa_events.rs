//! receive-visa-events on the deployed portal: who may report, each report once, in whatever order they come (CNF-1,
//! ENT-1).

use domain::{
    application::{Application, Who},
    campaign::Campaign,
    consular::ConsularReport,
    ids::ApplicationId,
    lifecycle::{Event, State},
    term::TermKind,
};
use futures::future::join_all;
use harness::{
    browser::Answer,
    campaigns::Plan,
    cases,
    consulate::{Consulate, SEED},
    mailbox::LETTER_DEADLINE,
    places::PlaceOrder,
    stock::Belongs,
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;
use outside::{clock, machine_token::MachineKey};
use serde_json::{Value, json};
use store::{
    applications::{Applications, history::CONSULAR_SYSTEM},
    consular_reports::ConsularReports,
    drafts::Remark,
};

const UNSIGNED: &str = "richiesta-non-firmata";
const EARLY: &str = "segnalazione-fuori-ordine";

struct Scene {
    world: World,
    campaign: Campaign,
    consulate: Consulate,
    belongs: Belongs,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        Self::with_places(100).await
    }

    /// With so many places in each quota line.
    async fn with_places(places: u32) -> StoryResult<Self> {
        let world = World::enter().await?;
        let plan = Plan::new("visti")?.with_places(places);
        let campaign = plan.publish_apart(&world).await?;
        let consulate = Consulate::of(&world)?;
        let employer = world.employer()?;
        let account = world.account(&employer.demo.representative).await?;
        let belongs =
            Belongs { representative: account.clone(), filer: account, organisation: None };
        Ok(Self { world, campaign, consulate, belongs })
    }

    async fn case_in(&self, state: State) -> StoryResult<Application> {
        let now = self.campaign.effective_now(clock::wall());
        cases::case_in(&self.world, &self.campaign, &self.belongs, state, now).await
    }

    fn applications(&self) -> StoryResult<Applications> {
        self.world.applications()
    }

    async fn head(&self, id: &ApplicationId) -> StoryResult<Application> {
        let head = self.applications()?.head(id).await?;
        head.ok_or_else(|| self.world.story.deviation("the application is gone"))
    }

    /// What a refusal must leave behind: the head, and no record of the report.
    async fn nothing_happened(&self, before: &Application, body: &Value) -> StoryResult {
        same("head", &self.head(&before.id).await?, before)?;
        ensure(!self.is_recorded(body).await?, "a report that was refused is recorded")
    }

    async fn is_recorded(&self, body: &Value) -> StoryResult<bool> {
        let table = self.world.environment.text("PORTAL_TABLE")?;
        let reports = ConsularReports::new(self.world.store().0.clone(), table);
        let client = self.world.environment.text("CONSULATE_CLIENT_ID")?;
        let event = body.get("event_id").and_then(Value::as_str).unwrap_or_default();
        Ok(reports.find(&ConsularReports::key(&client, event)).await?.is_some())
    }

    /// How often an event stands in the history of an application.
    async fn times(&self, id: &ApplicationId, event: Event) -> StoryResult<usize> {
        let history = self.applications()?.history(id).await?;
        Ok(history.iter().filter(|row| row.event.as_deref() == Some(event.code())).count())
    }
}

fn with(body: &Value, field: &str, value: Value) -> Value {
    let mut body = body.clone();
    if let Some(fields) = body.as_object_mut() {
        fields.insert(field.to_owned(), value);
    }
    body
}

/// The stack was given the public key that belongs to the private key of the tests.
#[test]
fn xtask_knows_the_public_key_of_the_simulated_consular_system() {
    let public = MachineKey::new("maeci", &SEED).public().to_string();
    let stack = include_str!("../../xtask/src/stack.rs");
    assert!(stack.contains(&format!("CONSULATE_KEY: &str = \"{public}\"")), "wanted {public}");
}

/// CNF-1: concluded checks ask the employer to confirm, by PEC, and the term begins with its sending.
#[tokio::test]
async fn concluded_checks_ask_the_employer_to_confirm() -> StoryResult {
    let scene = Scene::open().await?;
    let granted = scene.case_in(State::Granted).await?;
    let answer =
        scene.consulate.reports(&granted.id, ConsularReport::ChecksConcluded).await?.expect(200)?;
    answer.is_kept_by_no_cache()?;
    same("outcome", &answer.text("/outcome")?, &"recorded".to_owned())?;
    same("state", &answer.text("/state")?, &"awaiting-confirmation".to_owned())?;
    let history = scene.applications()?.history(&granted.id).await?;
    let reported = history.iter().find(|row| row.event.as_deref() == Some("report-checks"));
    same("who", &reported.map(|row| row.who.as_str()), &Some(CONSULAR_SYSTEM))?;
    let notices = scene.applications()?.notices(&granted.id).await?;
    let asked = notices.iter().filter(|notice| notice.kind == "confirmation-request").count();
    ensure(asked > 0, "nobody is asked to confirm")?;
    scene
        .world
        .story
        .eventually("the term to confirm runs", LETTER_DEADLINE, || async {
            let head = scene.head(&granted.id).await?;
            let runs = head
                .procedure()
                .is_some_and(|procedure| procedure.term(TermKind::Confirmation).is_some());
            Ok(if runs { Ok(()) } else { Err(format!("{:?}", head.state())) })
        })
        .await?;
    same(
        "told to the consular system",
        &scene.consulate.heard_decisions(&granted.id).await?,
        &vec![],
    )
}

/// ENT-1: the number of an issued visa stands beside the content, and nowhere else.
#[tokio::test]
async fn an_issued_visa_is_recorded_with_its_number_beside_the_content() -> StoryResult {
    let scene = Scene::open().await?;
    let confirmed = scene.case_in(State::Confirmed).await?;
    let answer =
        scene.consulate.reports(&confirmed.id, ConsularReport::VisaIssued).await?.expect(200)?;
    same("state", &answer.text("/state")?, &"visa-issued".to_owned())?;
    let remarks = scene.world.drafts()?.remarks(&confirmed.id).await?;
    let number = remarks.iter().any(|remark| {
        matches!(remark, Remark::Reason { event, text, .. } if event == "issue-visa" && text == "Visto n. ITA0012345")
    });
    ensure(number, "the number of the visa is lost")?;
    let (store, _) = scene.world.store();
    let rows = store
        .query()
        .table_name(scene.world.environment.text("PORTAL_TABLE")?)
        .key_condition_expression("pk = :pk")
        .expression_attribute_values(
            ":pk",
            aws_sdk_dynamodb::types::AttributeValue::S(store::keys::application(&confirmed.id)),
        )
        .consistent_read(true)
        .send()
        .await?;
    ensure(
        !format!("{:?}", rows.items()).contains("ITA0012345"),
        "the number of the visa stands in the portal's table",
    )
}

/// A denied visa ends the case, before and after the confirmation.
#[tokio::test]
async fn a_refused_visa_ends_the_case() -> StoryResult {
    let scene = Scene::open().await?;
    for state in [State::Granted, State::Confirmed] {
        let case = scene.case_in(state).await?;
        let answer =
            scene.consulate.reports(&case.id, ConsularReport::VisaRefused).await?.expect(200)?;
        same("state", &answer.text("/state")?, &"archived".to_owned())?;
        same("denied", &scene.times(&case.id, Event::RefuseVisa).await?, &1)?;
    }
    Ok(())
}

/// RNK-2: a denied visa frees the place for the next in order, once.
#[tokio::test]
async fn a_refused_visa_gives_the_place_up() -> StoryResult {
    let scene = Scene::with_places(1).await?;
    let granted = scene.case_in(State::Granted).await?;
    let next = scene.case_in(State::InReview).await?;
    let order = PlaceOrder::of(&scene.world, &scene.campaign)?;
    order.takes(&[&granted, &next]).await?;
    same("in quota", &order.place(&next.id).await?.in_quota(), &false)?;
    let body = Consulate::report(&granted.id, ConsularReport::VisaRefused)?;
    for _ in 0..2 {
        scene.consulate.sends(&body).await?.expect(200)?;
    }
    same("the next", &order.in_quota(&next.id).await?, &true)?;
    same("the denied one", &order.place(&granted.id).await?.in_quota(), &false)
}

/// Without the right proof the function reads and records nothing, and the sender does not learn whether the case
/// exists.
#[tokio::test]
async fn whoever_does_not_prove_to_be_the_consular_system_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let consulate = &scene.consulate;
    let granted = scene.case_in(State::Granted).await?;
    let body = Consulate::report(&granted.id, ConsularReport::ChecksConcluded)?;
    let text = body.to_string();
    let now = clock::wall();
    let good = consulate.authorization(&text, now)?;
    let cut = good.get(..good.len() - 6).unwrap_or_default().to_owned();
    let hour = SignedDuration::from_hours(1);
    let proofs = [
        ("none", None),
        ("a bare token", Some(good.trim_start_matches("Bearer ").to_owned())),
        ("a signature that was cut", Some(cut)),
        ("another key", Some(consulate.forged("maeci", &[9; 32], &consulate.audience, &text)?)),
        ("another client", Some(consulate.forged("altri", &SEED, &consulate.audience, &text)?)),
        (
            "another audience",
            Some(consulate.forged("maeci", &SEED, "https://altrove.example/api", &text)?),
        ),
        ("a token that is over", Some(consulate.authorization(&text, now - hour)?)),
        ("a token that is not good yet", Some(consulate.authorization(&text, now + hour)?)),
        ("a token of another body", Some(consulate.authorization("{}", now)?)),
    ];
    for (what, proof) in proofs {
        scene.world.story.tell(format_args!("proof: {what}"));
        consulate.sends_with(proof.as_deref(), &text).await?.refused(401, UNSIGNED)?;
    }
    scene.nothing_happened(&granted, &body).await?;
    // The body was changed on its way: another application, with the proof of the first.
    let other = scene.case_in(State::Granted).await?;
    let changed = with(&body, "application", json!(other.id));
    consulate.sends_with(Some(&good), &changed.to_string()).await?.refused(401, UNSIGNED)?;
    scene.nothing_happened(&other, &changed).await?;
    // A case that is not there is refused alike.
    let nobody = with(&body, "application", json!("app_00000000000000000000000001"));
    consulate.sends_with(None, &nobody.to_string()).await?.refused(401, UNSIGNED)?;
    // The very same body with its proof is taken: it was not refused for something else.
    consulate.sends_with(Some(&good), &text).await?.expect(200)?;
    Ok(())
}

/// A repetition gets the same bytes, whatever happened since; another content under the identifier is refused.
#[tokio::test]
async fn each_report_counts_once() -> StoryResult {
    let scene = Scene::open().await?;
    let granted = scene.case_in(State::Granted).await?;
    let body = Consulate::report(&granted.id, ConsularReport::ChecksConcluded)?;
    let first = scene.consulate.sends(&body).await?.expect(200)?;
    let version = scene.head(&granted.id).await?.version;
    for _ in 0..2 {
        let again = scene.consulate.sends(&body).await?.expect(200)?;
        same("bytes", &again.body, &first.body)?;
    }
    let other = scene.case_in(State::Granted).await?;
    for changed in [
        with(&body, "report", json!("visa-refused")),
        with(&body, "application", json!(other.id)),
        with(&body, "occurred_at", json!("2026-01-10T08:00:00+01:00")),
    ] {
        scene.consulate.sends(&changed).await?.refused(409, "modifica-in-conflitto")?;
    }
    same("steps", &scene.times(&granted.id, Event::ReportChecks).await?, &1)?;
    same("denied", &scene.times(&granted.id, Event::RefuseVisa).await?, &0)?;
    same("head of the other case", &scene.head(&other.id).await?, &other)?;
    ensure(scene.head(&granted.id).await?.version >= version, "the head went back")
}

/// The same report from sixteen connections at once: one step, one answer.
#[tokio::test]
async fn the_same_report_at_once_is_one_step() -> StoryResult {
    let scene = Scene::open().await?;
    let granted = scene.case_in(State::Granted).await?;
    let body = Consulate::report(&granted.id, ConsularReport::ChecksConcluded)?;
    let answers: Vec<Answer> = join_all((0..16).map(|_| scene.consulate.sends(&body)))
        .await
        .into_iter()
        .collect::<StoryResult<_>>()?;
    let mut bodies = Vec::new();
    for answer in answers {
        // A connection that lost all its attempts gets 503 and, on retry, the same answer.
        if answer.status == 503 {
            continue;
        }
        bodies.push(answer.expect(200)?.body);
    }
    bodies.dedup();
    same("different answers", &bodies.len(), &1)?;
    same("steps", &scene.times(&granted.id, Event::ReportChecks).await?, &1)
}

/// CNF-1: a visa that is reported before the employer confirmed is not lost: it is asked for again.
#[tokio::test]
async fn a_report_that_comes_too_early_is_taken_when_it_comes_again() -> StoryResult {
    let scene = Scene::open().await?;
    let waiting = scene.case_in(State::AwaitingConfirmation).await?;
    let body = Consulate::report(&waiting.id, ConsularReport::VisaIssued)?;
    let early = scene.consulate.sends(&body).await?.refused(409, EARLY)?;
    same("state", &early.text("/state")?, &"awaiting-confirmation".to_owned())?;
    scene.nothing_happened(&waiting, &body).await?;
    let now = scene.campaign.effective_now(clock::wall());
    let who = Who::Account(scene.belongs.representative.clone());
    let context = cases::judged(&scene.campaign, now);
    let confirmed = cases::happens(&waiting, Event::Confirm, who, &context)?.untold();
    scene.applications()?.commit(&confirmed, &[]).await?;
    let taken = scene.consulate.sends(&body).await?.expect(200)?;
    same("state", &taken.text("/state")?, &"visa-issued".to_owned())?;
    same("visas", &scene.times(&waiting.id, Event::IssueVisa).await?, &1)
}

/// What is true already, or overtaken, is acknowledged and changes nothing: sending it again would never help.
#[tokio::test]
async fn a_report_that_is_overtaken_is_acknowledged_and_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    for (state, report, steps) in [
        (State::AwaitingConfirmation, ConsularReport::ChecksConcluded, 1),
        (State::Confirmed, ConsularReport::ChecksConcluded, 1),
        (State::EntryReported, ConsularReport::VisaIssued, 1),
        (State::Refused, ConsularReport::ChecksConcluded, 0),
    ] {
        let case = scene.case_in(state).await?;
        let body = Consulate::report(&case.id, report)?;
        let answer = scene.consulate.sends(&body).await?.expect(200)?;
        same("outcome", &answer.text("/outcome")?, &"no-effect".to_owned())?;
        same("state", &answer.text("/state")?, &state.code().to_owned())?;
        let again = scene.consulate.sends(&body).await?.expect(200)?;
        same("bytes", &again.body, &answer.body)?;
        same("head", &scene.head(&case.id).await?, &case)?;
        same("steps", &scene.times(&case.id, report.event()).await?, &steps)?;
    }
    Ok(())
}

/// The consular system gets the same answer for an application that was never sent as for one that does not exist.
#[tokio::test]
async fn a_case_that_is_not_there_is_not_found() -> StoryResult {
    let scene = Scene::open().await?;
    let draft =
        harness::stock::ready_application(&scene.world, &scene.campaign, &scene.belongs).await?;
    let absent: ApplicationId = "app_00000000000000000000000001".parse()?;
    for id in [&draft.id, &absent] {
        let body = Consulate::report(id, ConsularReport::ChecksConcluded)?;
        scene.consulate.sends(&body).await?.refused(404, "non-trovata")?;
        ensure(!scene.is_recorded(&body).await?, "a report about nothing is recorded")?;
    }
    same("head", &scene.head(&draft.id).await?, &draft)
}

/// The answer names all mistakes of a report at once, and nothing changes.
#[tokio::test]
async fn wrong_fields_are_told_together_and_change_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let confirmed = scene.case_in(State::Confirmed).await?;
    let good = Consulate::report(&confirmed.id, ConsularReport::VisaIssued)?;
    let tomorrow = clock::wall() + SignedDuration::from_hours(24);
    let bad = with(
        &with(
            &with(&good, "visa_number", json!("n. 1")),
            "occurred_at",
            json!(tomorrow.to_string()),
        ),
        "surname",
        json!("Rossi"),
    );
    let refused = scene.consulate.sends(&bad).await?.refused(422, "campi-non-validi")?;
    let fields: Vec<_> = refused.refused_fields().into_iter().map(|(field, _)| field).collect();
    same(
        "fields",
        &fields,
        &["occurred_at", "surname", "visa_number"].map(str::to_owned).to_vec(),
    )?;
    let checks = with(&good, "report", json!("checks-concluded"));
    let refused = scene.consulate.sends(&checks).await?.refused(422, "campi-non-validi")?;
    same(
        "fields",
        &refused.refused_fields(),
        &vec![("visa_number".to_owned(), "sconosciuto".to_owned())],
    )?;
    scene.nothing_happened(&confirmed, &good).await
}
