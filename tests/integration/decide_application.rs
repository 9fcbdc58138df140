//! decide-application on the deployed portal: the list of an office, its decisions, the quota, two officers at once
//! (DEC-1, RNK-1, RNK-2, CTR-1, AGR-1, MOD-1, COM-2).

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::{Application, Who},
    calendar,
    campaign::Campaign,
    ids::ApplicationId,
    lifecycle::consequence::Act,
    lifecycle::{Event, State, agreement::AgreementStep},
    term::TermKind,
};
use futures::future::{join, join_all};
use harness::{
    browser::{Answer, Call},
    campaigns::Plan,
    cases,
    employer::Employer,
    mailbox::LETTER_DEADLINE,
    officers::{Officer, PROVINCE},
    places::PlaceOrder,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::clock;
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    applications::history::EventRow,
    outbox::NoticeRow,
    rows::{SaveError, millis},
};

const REASON: &str = "Manca la busta paga di marzo 2026: il reddito dichiarato non è dimostrato.";
const WRONG_STATE: &str = "stato-non-compatibile";
const NOT_IN_QUOTA: &str = "non-in-quota";

/// An office with its officer, and an employer whose cases it has.
struct Scene {
    world: World,
    campaign: Campaign,
    officer: Officer,
    employer: Employer,
    belongs: Belongs,
}

impl Scene {
    /// With so many places in the quota line.
    async fn with_places(places: u32) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = Plan::new("ufficio")?.with_places(places).publish_apart(&world).await?;
        let employer = world.employer()?;
        let account = world.account(&employer.demo.representative).await?;
        let belongs =
            Belongs { representative: account.clone(), filer: account, organisation: None };
        let officer = Officer::of(&world, PROVINCE).await?;
        Ok(Self { world, campaign, officer, employer, belongs })
    }

    async fn open() -> StoryResult<Self> {
        Self::with_places(100).await
    }

    /// The campaign's now.
    fn now(&self) -> Timestamp {
        self.campaign.effective_now(clock::wall())
    }

    /// A case of this employer in a state.
    async fn case_in(&self, state: State) -> StoryResult<Application> {
        self.case_since(state, self.now()).await
    }

    async fn case_since(&self, state: State, since: Timestamp) -> StoryResult<Application> {
        cases::case_in(&self.world, &self.campaign, &self.belongs, state, since).await
    }

    async fn head(&self, id: &ApplicationId) -> StoryResult<Application> {
        let head = self.world.applications()?.head(id).await?;
        head.ok_or_else(|| self.world.story.deviation("the case is gone"))
    }

    fn order(&self) -> StoryResult<PlaceOrder> {
        PlaceOrder::of(&self.world, &self.campaign)
    }

    /// The case comes next in the order and has its position, which is told.
    async fn gets_a_position(&self, case: &Application) -> StoryResult<u64> {
        let places = self.order()?.takes(&[case]).await?;
        Ok(places.first().map(|place| place.ordinal).unwrap_or_default())
    }

    /// Decides about a file of a case as an officer who looks at it now.
    async fn examines(
        &self,
        id: &ApplicationId,
        decision: &str,
        reason: Option<&str>,
    ) -> StoryResult<Answer> {
        let version = self.head(id).await?.version;
        let body = json!({ "decision": decision, "reason": reason, "version": version });
        self.officer.orders(id.as_str(), &body).await
    }

    /// What a refusal must leave as it was.
    async fn seen(&self, id: &ApplicationId) -> StoryResult<Seen> {
        let applications = self.world.applications()?;
        Ok(Seen {
            head: self.head(id).await?,
            events: applications.history(id).await?.len(),
            notices: applications.notices(id).await?.len(),
            remarks: self.world.drafts()?.remarks(id).await?.len(),
        })
    }

    async fn nothing_changed(&self, before: &Seen) -> StoryResult {
        same("the case after a refusal", &self.seen(&before.head.id).await?, before)
    }

    /// Waits until the people of a case were told of a place that came later.
    async fn is_told(&self, id: &ApplicationId) -> StoryResult {
        let told = || async {
            let waits = self.order()?.place(id).await?.waits_to_be_told;
            Ok(if waits { Err("they do not know yet".to_owned()) } else { Ok(()) })
        };
        self.world.story.eventually("they are told", LETTER_DEADLINE, told).await?;
        same("notices of a place", &self.notices(id, "moved-up").await?.len(), &1)
    }

    async fn notices(&self, id: &ApplicationId, kind: &str) -> StoryResult<Vec<NoticeRow>> {
        let all = self.world.applications()?.notices(id).await?;
        Ok(all.into_iter().filter(|row| row.kind == kind && !row.copy).collect())
    }

    /// Waits until every PEC of a kind about a case has left.
    async fn left(&self, id: &ApplicationId, kind: &str) -> StoryResult<Vec<NoticeRow>> {
        let sent = || async {
            let notices = self.notices(id, kind).await?;
            let waits = notices.iter().any(NoticeRow::is_waiting);
            Ok(if waits { Err("it waits".to_owned()) } else { Ok(notices) })
        };
        self.world.story.eventually("the PEC left", LETTER_DEADLINE, sent).await
    }

    /// The provider says that there is no such mailbox.
    async fn did_not_arrive(&self, notice: &NoticeRow) -> StoryResult {
        let (store, _) = self.world.store();
        store
            .update_item()
            .table_name(self.world.environment.text("PORTAL_TABLE")?)
            .set_key(Some(notice.key().item()))
            .update_expression("SET failed = :at, failure = :why")
            .expression_attribute_values(":at", AttributeValue::N(millis(self.now()).to_string()))
            .expression_attribute_values(":why", AttributeValue::S("unknown-mailbox".to_owned()))
            .send()
            .await
            .map_err(|error| self.world.story.deviation(format!("{error:?}")))?;
        Ok(())
    }

    /// The events of the lifecycle and of the agreement, without what the portal does to terms.
    async fn events(&self, id: &ApplicationId) -> StoryResult<Vec<String>> {
        let rows: Vec<EventRow> = self.world.applications()?.history(id).await?;
        Ok(rows.into_iter().filter_map(|row| row.event).collect())
    }
}

#[derive(Debug, PartialEq)]
struct Seen {
    head: Application,
    events: usize,
    notices: usize,
    remarks: usize,
}

/// DEC-1: Foggia takes the oldest case in charge, asks for a document, goes on and grants; the employer gets the
/// notices that concern them, and the office's days run from the place, not from the officer's first look.
#[tokio::test]
async fn an_office_takes_a_case_in_charge_asks_and_grants() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::Submitted).await?;
    let id = case.id.as_str();
    scene.gets_a_position(&case).await?;
    let row = scene.officer.sees("submitted", id).await?;
    same("place", &row["place"]["in_quota"], &true.into())?;
    same("failed PEC", &row["pec_failed"], &false.into())?;
    ensure(row["worker"].is_string() && row["employer"].is_string(), format!("no names: {row}"))?;
    same("decisions", &codes(&row["decisions"]), &vec!["take-charge".to_owned()])?;

    let taken = scene.officer.decides(id, "take-charge", None).await?.expect(200)?.json()?;
    same("state", &taken["state"], &"in-review".into())?;
    let since = scene.order()?.place(&case.id).await?.since;
    let procedure = scene.head(&case.id).await?.procedure().cloned();
    let begun =
        procedure.and_then(|procedure| procedure.term(TermKind::NullaOstaSeasonal).copied());
    same("start of the term", &begun.map(|term| millis(term.start())), &since)?;
    same("term", &taken["term"]["kind"], &"nulla-osta-seasonal".into())?;
    ensure(taken["term"]["ms_left"].as_i64().is_some_and(|left| left > 0), "no time left")?;
    same("old list", &scene.officer.case("submitted", id).await?, &None)?;

    let asked = scene.officer.decides(id, "request-integration", Some(REASON)).await?;
    same("state", &asked.expect(200)?.text("/state")?, &"integration-requested".to_owned())?;
    same("notices", &scene.notices(&case.id, "integration-requested").await?.len(), &1)?;
    scene.officer.decides(id, "grant", None).await?.refused(409, WRONG_STATE)?;
    scene.officer.decides(id, "resume-review", None).await?.expect(200)?;
    let granted = scene.officer.decides(id, "grant", None).await?.expect(200)?.json()?;
    same("state", &granted["state"], &"granted".into())?;
    same("notices", &scene.notices(&case.id, "granted").await?.len(), &1)?;
    same(
        "history",
        &scene.events(&case.id).await?,
        &["submit", "take-charge", "request-integration", "resume-review", "grant"]
            .map(str::to_owned)
            .to_vec(),
    )?;

    let dossier = scene.officer.dossier(id).await?.expect(200)?.json()?;
    same("row of the dossier", &dossier["case"]["state"], &"granted".into())?;
    let remark = &dossier["remarks"][0];
    same("reason", &remark["text"], &REASON.into())?;
    same("about", &remark["about"], &"request-integration".into())?;
    let told: Vec<_> = texts(&dossier["notices"], "kind");
    ensure(told.contains(&"granted".to_owned()), format!("the dossier lacks a notice: {told:?}"))?;
    for empty in ["evidence", "uploads", "consular_messages"] {
        same(empty, &dossier[empty], &json!([]))?;
    }
    Ok(())
}

fn texts(rows: &Value, name: &str) -> Vec<String> {
    let rows = rows.as_array().cloned().unwrap_or_default();
    rows.iter().filter_map(|row| row[name].as_str().map(str::to_owned)).collect()
}

fn codes(decisions: &Value) -> Vec<String> {
    texts(decisions, "decision")
}

/// DEC-1: an officer who presses twice, or lost the answer, gets the same answer; with another reason the officer reads
/// that it is too late.
#[tokio::test]
async fn the_same_decision_again_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::Submitted).await?;
    let id = case.id.as_str();
    let presses = join_all((0..5).map(|_| scene.officer.decides(id, "take-charge", None))).await;
    for press in presses {
        same("state", &press?.expect(200)?.text("/state")?, &"in-review".to_owned())?;
    }
    same("version", &scene.head(&case.id).await?.version, &(case.version + 1))?;

    scene.officer.decides(id, "refuse", Some(REASON)).await?.expect(200)?;
    let before = scene.seen(&case.id).await?;
    scene.officer.decides(id, "refuse", Some(REASON)).await?.expect(200)?;
    let seen_before = json!({ "decision": "refuse", "reason": REASON, "version": 1 });
    scene.officer.orders(id, &seen_before).await?.expect(200)?;
    let other = "Un'altra motivazione, scritta dopo.";
    scene.officer.decides(id, "refuse", Some(other)).await?.refused(409, WRONG_STATE)?;
    let colleague = Officer::of(&scene.world, PROVINCE).await?;
    colleague.decides(id, "refuse", Some(REASON)).await?.refused(409, WRONG_STATE)?;
    let after = scene.seen(&case.id).await?;
    same("state", &after.head.state(), &State::Refused)?;
    same("remarks", &after.remarks, &before.remarks)?;
    same("notices", &after.notices, &before.notices)?;
    same("refusals", &scene.notices(&case.id, "refused").await?.len(), &1)
}

/// DEC-1: of two officers who saw the same case one decides; the other reads what it is now.
#[tokio::test]
async fn of_two_officers_at_once_one_decides() -> StoryResult {
    let scene = Scene::open().await?;
    let colleague = Officer::of(&scene.world, PROVINCE).await?;
    let case = scene.case_in(State::InReview).await?;
    let id = case.id.as_str();
    let asks =
        json!({ "decision": "request-integration", "reason": REASON, "version": case.version });
    let announces =
        json!({ "decision": "announce-refusal", "reason": REASON, "version": case.version });
    let (one, other) =
        join(scene.officer.orders(id, &asks), colleague.orders(id, &announces)).await;
    let (won, lost): (Vec<Answer>, Vec<Answer>) =
        [one?, other?].into_iter().partition(|answer| answer.status == 200);
    same("decisions that count", &won.len(), &1)?;
    let state = scene.head(&case.id).await?.state();
    for answer in lost {
        let refused = answer.refused(409, "modifica-in-conflitto")?;
        same("what it is now", &refused.text("/now/state")?, &state.code().to_owned())?;
        ensure(refused.json()?["now"]["version"].is_u64(), "the present version is not told")?;
    }
    same("reasons", &scene.world.drafts()?.remarks(&case.id).await?.len(), &1)?;

    // An older version counts for nothing, though the state would allow the decision.
    let case = scene.case_in(State::InReview).await?;
    let before = scene.seen(&case.id).await?;
    let stale = json!({ "decision": "refuse", "reason": REASON, "version": case.version - 1 });
    scene.officer.orders(case.id.as_str(), &stale).await?.refused(409, "modifica-in-conflitto")?;
    scene.nothing_changed(&before).await
}

/// DEC-1, RNK-1: no place, no permit.
#[tokio::test]
async fn without_a_place_nothing_is_granted() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::InReview).await?;
    let before = scene.seen(&case.id).await?;
    scene.officer.decides(case.id.as_str(), "grant", None).await?.refused(409, NOT_IN_QUOTA)?;
    scene.nothing_changed(&before).await?;
    scene.gets_a_position(&case).await?;
    scene.officer.decides(case.id.as_str(), "grant", None).await?.expect(200)?;
    Ok(())
}

/// RNK-1, RNK-2: one place and three cases. A case without a place frees none; the first withdrawal of one that has it lets
/// the next in order move up, its people are told, and the office grants that one.
#[tokio::test]
async fn the_next_in_order_is_granted_only_when_a_place_is_free() -> StoryResult {
    let scene = Scene::with_places(1).await?;
    let order = scene.order()?;
    let mut in_order = Vec::new();
    for _ in 0..3 {
        let case = scene.case_in(State::InReview).await?;
        let wanted = u64::try_from(in_order.len())? + 1;
        same("ordinal", &scene.gets_a_position(&case).await?, &wanted)?;
        in_order.push(case);
    }
    let [first, second, third] = in_order.as_slice() else {
        return Err(scene.world.story.deviation("there are not three"));
    };
    let before = scene.seen(&second.id).await?;
    let refused = scene.officer.decides(second.id.as_str(), "grant", None).await?;
    let refused = refused.refused(409, NOT_IN_QUOTA)?;
    same("ordinal", &refused.number("/ordinal")?, &2)?;
    scene.officer.decides(third.id.as_str(), "refuse", Some(REASON)).await?.expect(200)?;
    same("in quota", &order.in_quota(&second.id).await?, &false)?;
    scene.officer.decides(second.id.as_str(), "grant", None).await?.refused(409, NOT_IN_QUOTA)?;
    scene.nothing_changed(&before).await?;

    let context = cases::judged(&scene.campaign, scene.now());
    let who = Who::Account(first.parties.representative.clone());
    let withdrawn = first.step(Event::Withdraw, who, &context)?;
    scene.world.applications()?.commit(&withdrawn, &[]).await?;
    same("in quota", &order.in_quota(&second.id).await?, &true)?;
    scene.is_told(&second.id).await?;
    let place = order.place(&second.id).await?;
    ensure(
        place.moved_up && place.since > order.place(&first.id).await?.since,
        "when it moved up",
    )?;
    scene.officer.decides(second.id.as_str(), "grant", None).await?.expect(200)?;

    // Revoked, the place is free again; the case that was refused is passed over, and a fourth moves up.
    let fourth = scene.case_in(State::InReview).await?;
    same("ordinal", &scene.gets_a_position(&fourth).await?, &4)?;
    scene.officer.decides(fourth.id.as_str(), "grant", None).await?.refused(409, NOT_IN_QUOTA)?;
    scene.officer.decides(second.id.as_str(), "revoke", Some(REASON)).await?.expect(200)?;
    same("in quota", &order.in_quota(&fourth.id).await?, &true)?;
    same("the refused one", &order.place(&third.id).await?.in_quota(), &false)?;
    scene.officer.decides(fourth.id.as_str(), "grant", None).await?.expect(200)?;
    // However often it runs: one place is one place.
    let fifth = scene.case_in(State::InReview).await?;
    scene.gets_a_position(&fifth).await?;
    same("in quota", &order.in_quota(&fifth.id).await?, &false)
}

/// RNK-2, DEC-1: the office's days of a case that was taken in charge before it had a place begin with the place.
#[tokio::test]
async fn the_offices_days_begin_with_the_place_that_came_later() -> StoryResult {
    let scene = Scene::with_places(1).await?;
    let order = scene.order()?;
    let long_ago = scene.now() - SignedDuration::from_hours(24 * 10);
    let first = scene.case_in(State::InReview).await?;
    let second = scene.case_since(State::InReview, long_ago).await?;
    order.takes(&[&first, &second]).await?;
    let start = |head: &Application| {
        let term = head.procedure().and_then(|all| all.term(TermKind::NullaOstaSeasonal).copied());
        term.map(|term| millis(term.start()))
    };
    same("start before", &start(&second), &Some(millis(long_ago)))?;
    let context = cases::judged(&scene.campaign, scene.now());
    let who = Who::Account(first.parties.representative.clone());
    let withdrawn = first.step(Event::Withdraw, who, &context)?;
    scene.world.applications()?.commit(&withdrawn, &[]).await?;
    same("in quota", &order.in_quota(&second.id).await?, &true)?;
    scene.is_told(&second.id).await?;
    let since = order.place(&second.id).await?.since;
    same("start of the office's days", &start(&scene.head(&second.id).await?), &since)
}

/// DEC-1 (TAR FVG 85/2025): while a place moves from one case to the next, a grant is written with it or not at all, once,
/// and the officer never reads of a failure of the portal.
#[tokio::test]
async fn a_grant_and_a_place_on_its_way_never_make_one_too_many() -> StoryResult {
    let scene = Scene::with_places(1).await?;
    let (order, colleague) = (scene.order()?, Officer::of(&scene.world, PROVINCE).await?);
    let mut holder = scene.case_in(State::InReview).await?;
    scene.gets_a_position(&holder).await?;
    for _ in 0..4 {
        let next = scene.case_in(State::InReview).await?;
        scene.gets_a_position(&next).await?;
        let context = cases::judged(&scene.campaign, scene.now());
        let who = Who::Account(holder.parties.representative.clone());
        let withdrawn = scene.head(&holder.id).await?.step(Event::Withdraw, who, &context)?;
        scene.world.applications()?.commit(&withdrawn, &[]).await?;
        let id = next.id.as_str();
        let grants =
            join(scene.officer.decides(id, "grant", None), colleague.decides(id, "grant", None));
        let ((one, other), ran) = join(grants, order.runs()).await;
        ran?;
        let answers = [one?, other?];
        let granted = answers.iter().filter(|answer| answer.status == 200).count();
        for answer in answers {
            if answer.status != 200 {
                let told = answer.problem().unwrap_or_default();
                let known = [NOT_IN_QUOTA, WRONG_STATE].contains(&told.as_str());
                ensure(answer.status == 409 && known, format!("{answer}: {told}"))?;
            }
        }
        ensure(granted <= 1, "two officers granted the same case")?;
        let is_granted = scene.head(&next.id).await?.state() == State::Granted;
        same("granted in the store", &is_granted, &(granted == 1))?;
        same("notices", &scene.notices(&next.id, "granted").await?.len(), &granted)?;
        if is_granted {
            same("has its place", &order.place(&next.id).await?.in_quota(), &true)?;
        }
        holder = next;
    }
    Ok(())
}

/// Art. 10-bis L. 241/1990: the employer has ten days to answer, from a notice that went out; then it can be refused.
#[tokio::test]
async fn a_refusal_waits_for_the_ten_days() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::InReview).await?;
    let id = case.id.as_str();
    scene.officer.decides(id, "announce-refusal", Some(REASON)).await?.expect(200)?;
    // Whether or not the PEC has left by now.
    scene.officer.decides(id, "refuse", Some(REASON)).await?.refused(409, "termine-in-corso")?;
    same("state", &scene.head(&case.id).await?.state(), &State::RefusalAnnounced)?;
    same("refusals", &scene.notices(&case.id, "refused").await?.len(), &0)?;

    let fresh = scene.case_in(State::RefusalAnnounced).await?;
    let before = scene.seen(&fresh.id).await?;
    let refused = scene.officer.decides(fresh.id.as_str(), "refuse", Some(REASON)).await?;
    let refused = refused.refused(409, "termine-in-corso")?;
    let ends: Timestamp = refused.text("/ends_at")?.parse()?;
    ensure(ends > scene.now() + SignedDuration::from_hours(9 * 24), "less than ten days")?;
    scene.nothing_changed(&before).await?;

    let since = scene.now() - SignedDuration::from_hours(20 * 24);
    let old = scene.case_since(State::RefusalAnnounced, since).await?;
    scene.officer.decides(old.id.as_str(), "refuse", Some(REASON)).await?.expect(200)?;
    same("state", &scene.head(&old.id).await?.state(), &State::Refused)?;
    same("refusals", &scene.notices(&old.id, "refused").await?.len(), &1)
}

/// RNK-1: who sent an application reads which office treats it: that of the province in the form, whose officers alone have
/// the case before them, with its place.
#[tokio::test]
async fn a_case_goes_to_the_competent_office_and_who_sent_it_reads_which_that_is() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::Submitted).await?;
    let id = case.id.as_str();
    scene.gets_a_position(&case).await?;
    scene.employer.signs_in(2).await?.expect(303)?;
    let read = scene.employer.application(id).await?;
    let office = "Sportello Unico per l'Immigrazione di Foggia";
    same("office that the employer reads", &read["office"], &office.into())?;
    same("place that the employer reads", &read["place"]["in_quota"], &true.into())?;
    let row = scene.officer.sees("submitted", id).await?;
    same("place in the office's list", &row["place"]["in_quota"], &true.into())?;
    let elsewhere = Officer::of(&scene.world, "AO").await?;
    same("in the list of Aosta", &elsewhere.case("submitted", id).await?, &None)
}

/// DEC-1: an officer of another province, and an officer who is the employer, gets the same 404 as for a case that
/// never was; employers have no list of cases, and a password opens none.
#[tokio::test]
async fn nobody_else_learns_that_there_is_a_case() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::InReview).await?;
    let id = case.id.as_str();
    let before = scene.seen(&case.id).await?;
    let elsewhere = Officer::of(&scene.world, "AO").await?;
    let absent = ApplicationId::from_random([9; 16]).to_string();
    let mut told = Vec::new();
    for id in [id, absent.as_str()] {
        for answer in
            [elsewhere.dossier(id).await?, elsewhere.decides(id, "refuse", Some(REASON)).await?]
        {
            let answer = answer.refused(404, "non-trovata")?;
            told.push((answer.text("/title")?, answer.text("/detail")?));
        }
    }
    told.dedup();
    same("different answers", &told.len(), &1)?;
    same("cases elsewhere", &elsewhere.case("in-review", id).await?, &None)?;

    scene.employer.signs_in(2).await?.expect(303)?;
    let (operator, _) = scene.world.operator().await?;
    operator.signs_in(2).await?.expect(303)?;
    let decisions = format!("/api/office/applications/{id}/decisions");
    let refuse = json!({ "decision": "refuse", "reason": REASON });
    for person in [&scene.employer, &operator] {
        for path in
            ["/api/office/applications".to_owned(), format!("/api/office/applications/{id}")]
        {
            person.browser.get(&path).await?.refused(403, "azione-non-consentita")?;
        }
        person.browser.post(&decisions, &refuse).await?.refused(403, "azione-non-consentita")?;
    }
    let anybody = scene.world.browser()?;
    anybody.get("/api/office/applications").await?.refused(401, "sessione-assente")?;
    anybody.post(&decisions, &refuse).await?.refused(401, "sessione-assente")?;
    let forged = Call::new(Method::POST, &decisions).header("origin", "https://altrove.example");
    let forged = scene.officer.browser().send(forged.json(&refuse)).await?;
    forged.refused(403, "origine-non-ammessa")?;

    let person = &scene.officer.person;
    let account = scene.world.account(&person.demo.representative).await?;
    let own = Belongs { representative: account.clone(), filer: account, organisation: None };
    let own = cases::case_in(&scene.world, &scene.campaign, &own, State::InReview, scene.now());
    let own = own.await?;
    scene.officer.dossier(own.id.as_str()).await?.refused(404, "non-trovata")?;
    let answer = scene.officer.decides(own.id.as_str(), "refuse", Some(REASON)).await?;
    answer.refused(404, "non-trovata")?;
    same("own case in the list", &scene.officer.case("in-review", own.id.as_str()).await?, &None)?;

    stock::signs_in(&scene.world, person, 1).await?;
    let low = "livello-insufficiente";
    scene.officer.browser().get("/api/office/applications").await?.refused(403, low)?;
    scene.officer.dossier(id).await?.refused(403, low)?;
    scene.officer.decides(id, "refuse", Some(REASON)).await?.refused(403, low)?;
    scene.nothing_changed(&before).await
}

/// Bad input: every mistake is named at its field, and nothing changes.
#[tokio::test]
async fn a_decision_that_cannot_be_read_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::InReview).await?;
    let id = case.id.as_str();
    let before = scene.seen(&case.id).await?;
    let invalid = "campi-non-validi";
    for (body, field) in [
        (json!({}), "decision"),
        (json!({ "decision": "delete" }), "decision"),
        (json!({ "decision": ["grant"] }), "decision"),
        (json!({ "decision": "refuse" }), "reason"),
        (json!({ "decision": "refuse", "reason": "no" }), "reason"),
        (json!({ "decision": "refuse", "reason": "x".repeat(4_001) }), "reason"),
        (json!({ "decision": "refuse", "reason": 7 }), "reason"),
        (json!({ "decision": "refuse", "reason": format!("{REASON}\u{7}") }), "reason"),
        (json!({ "decision": "grant", "version": "1" }), "version"),
        (json!({ "decision": "grant", "notice": "granted" }), "notice"),
        (json!({ "decision": "send-again" }), "notice"),
        (json!({ "decision": "grant", "province": "AO" }), "province"),
    ] {
        let refused = scene.officer.orders(id, &body).await?.refused(422, invalid)?;
        let fields = refused.refused_fields();
        ensure(fields.iter().any(|(name, _)| name == field), format!("{body}: {fields:?}"))?;
    }
    let path = format!("/api/office/applications/{id}/decisions");
    let browser = scene.officer.browser();
    let text = Call::new(Method::POST, &path).body("text/plain", "grant");
    browser.send(text).await?.refused(415, "formato-non-ammesso")?;
    let broken = Call::new(Method::POST, &path).body("application/json", "{\"decision\": ");
    browser.send(broken).await?.refused(400, "richiesta-illeggibile")?;
    for decision in ["take-charge", "resume-review", "confirm-expiry", "issue-modules"] {
        let refused = scene.officer.decides(id, decision, None).await?.refused(409, WRONG_STATE)?;
        same("state that is told", &refused.text("/state")?, &"in-review".to_owned())?;
    }
    scene.officer.decides(id, "generate-agreement", None).await?.refused(409, WRONG_STATE)?;
    scene.officer.decides("app_x", "grant", None).await?.refused(404, "non-trovata")?;
    scene.nothing_changed(&before).await?;

    // The office does not see drafts.
    let draft = stock::ready_application(&scene.world, &scene.campaign, &scene.belongs).await?;
    scene.officer.dossier(draft.id.as_str()).await?.refused(404, "non-trovata")?;
    let refused = scene.officer.decides(draft.id.as_str(), "archive", Some(REASON)).await?;
    refused.refused(404, "non-trovata")?;
    Ok(())
}

/// DEC-1: oldest arrival first, page by page, each case once; a cursor is good for its list alone.
#[tokio::test]
async fn the_list_goes_from_the_oldest_arrival_on_page_by_page() -> StoryResult {
    let scene = Scene::open().await?;
    let mut wanted = Vec::new();
    for days in [3, 1, 2] {
        let since = scene.now() - SignedDuration::from_hours(days * 24);
        wanted.push((days, scene.case_since(State::VisaIssued, since).await?.id.to_string()));
    }
    wanted.sort_by_key(|(days, _)| -days);
    let wanted: Vec<_> = wanted.into_iter().map(|(_, id)| id).collect();
    for id in &wanted {
        scene.officer.sees("visa-issued", id).await?;
    }
    let browser = scene.officer.browser();
    let mut found = Vec::new();
    let mut next = String::new();
    let mut first_cursor = None;
    loop {
        let path = format!("/api/office/applications?state=visa-issued&limit=2{next}");
        let page = browser.get(&path).await?.expect(200)?.json()?;
        let cases = page["cases"].as_array().cloned().unwrap_or_default();
        ensure(cases.len() <= 2, "a page is too long")?;
        ensure(cases.iter().all(|case| case["state"] == "visa-issued"), "another state")?;
        found.extend(cases);
        let Some(cursor) = page["next"].as_str() else { break };
        first_cursor.get_or_insert_with(|| cursor.to_owned());
        next = format!("&cursor={cursor}");
    }
    let arrivals = texts(&Value::Array(found.clone()), "arrival");
    ensure(arrivals.is_sorted_by_key(|text| text.parse::<Timestamp>().ok()), "not in order")?;
    // Earlier runs leave theirs: ours are among them, each once.
    found.retain(|case| wanted.iter().any(|id| case["id"] == *id));
    same("ours", &texts(&Value::Array(found.clone()), "id"), &wanted)?;
    let ages: Vec<_> = found.iter().filter_map(|case| case["age_days"].as_i64()).collect();
    same("ages in days", &ages, &vec![3, 2, 1])?;

    for wrong in [
        "limit=0",
        "limit=101",
        "limit=x",
        "cursor=x",
        "state=to-send",
        "state=x",
        "arrived_from=ieri",
        "counts=forse",
    ] {
        let path = format!("/api/office/applications?{wrong}");
        browser.get(&path).await?.refused(422, "campi-non-validi")?;
    }
    let cursor = first_cursor.unwrap_or_default();
    let other = format!("/api/office/applications?state=granted&cursor={cursor}");
    browser.get(&other).await?.refused(422, "campi-non-validi")?;
    let colleague = Officer::of(&scene.world, PROVINCE).await?;
    let theirs = format!("/api/office/applications?state=visa-issued&cursor={cursor}");
    colleague.browser().get(&theirs).await?.refused(422, "campi-non-validi")?;
    Ok(())
}

/// DEC-1: an officer finds cases by the day of their arrival, archived ones too, and how many there are in each state.
#[tokio::test]
async fn an_office_finds_cases_by_day_and_counts_them_by_state() -> StoryResult {
    let scene = Scene::open().await?;
    let days_ago = |days: i64| scene.now() - SignedDuration::from_hours(days * 24);
    // Weeks ago: few other cases are of these days.
    let archived = scene.case_since(State::Archived, days_ago(60)).await?;
    let later = scene.case_since(State::Archived, days_ago(58)).await?;
    for case in [&archived, &later] {
        scene.officer.sees("archived", case.id.as_str()).await?;
    }
    let browser = scene.officer.browser();
    let day = |days| calendar::local_date(days_ago(days));
    let between = |from, until| {
        format!(
            "/api/office/applications?state=archived&arrived_from={from}&arrived_until={until}&limit=100"
        )
    };
    let found = browser.get(&between(day(61), day(59))).await?.expect(200)?.json()?;
    let ids = texts(&found["cases"], "id");
    ensure(ids.contains(&archived.id.to_string()), format!("{ids:?}"))?;
    ensure(!ids.contains(&later.id.to_string()), "a case of another day")?;
    ensure(found["counts"].is_null(), "counts that nobody asked for")?;
    let dossier = scene.officer.dossier(archived.id.as_str()).await?.expect(200)?.json()?;
    same("decisions about an archived case", &dossier["case"]["decisions"], &json!([]))?;

    let counted = browser.get("/api/office/applications?counts=true").await?.expect(200)?.json()?;
    let of_state = |state: &str| counted["counts"][state]["cases"].as_u64().unwrap_or_default();
    ensure(of_state("archived") >= 2, format!("{}", counted["counts"]))?;
    ensure(counted["counts"].get("to-send").is_none(), "drafts are counted")
}

/// CNF-4: an expired case is reopened with a reason and asked about anew; or the expiry stands and the consular system
/// learns of it.
#[tokio::test]
async fn an_expired_case_is_reopened_or_found_expired() -> StoryResult {
    let scene = Scene::open().await?;
    let since = scene.now() - SignedDuration::from_hours(24);
    let case = scene.case_since(State::ExpiredToVerify, since).await?;
    let before = scene.seen(&case.id).await?;
    let refused = scene.officer.decides(case.id.as_str(), "reopen-case", None).await?;
    refused.refused(422, "campi-non-validi")?;
    let other = scene.officer.decides(case.id.as_str(), "reopen-contract", Some(REASON)).await?;
    other.refused(409, WRONG_STATE)?;
    scene.nothing_changed(&before).await?;
    let reopened = scene.officer.decides(case.id.as_str(), "reopen-case", Some(REASON)).await?;
    let reopened = reopened.expect(200)?;
    same("state", &reopened.text("/state")?, &"awaiting-confirmation".to_owned())?;
    same("asked anew", &scene.notices(&case.id, "confirmation-request").await?.len(), &1)?;
    let dossier = scene.officer.dossier(case.id.as_str()).await?.expect(200)?.json()?;
    let told = texts(&dossier["consular_messages"], "decision");
    same("consular system", &told, &vec!["reopened".to_owned()])?;

    let other = scene.case_since(State::ExpiredToVerify, since).await?;
    let found = scene.officer.decides(other.id.as_str(), "confirm-expiry", None).await?;
    same("state", &found.expect(200)?.text("/state")?, &"revoked".to_owned())?;
    let dossier = scene.officer.dossier(other.id.as_str()).await?.expect(200)?.json()?;
    let told = texts(&dossier["consular_messages"], "decision");
    same("consular system", &told, &vec!["not-confirmed".to_owned()])
}

/// CTR-1, MOD-1: a contract is sent back with a reason or validated; the modules are asked for, all three together.
#[tokio::test]
async fn a_contract_is_examined_and_the_modules_are_issued() -> StoryResult {
    let scene = Scene::open().await?;
    let sent = scene.case_in(State::ContractSent).await?;
    let refused = scene.examines(&sent.id, "reject-contract", None).await?;
    refused.refused(422, "campi-non-validi")?;
    let rejected = scene.examines(&sent.id, "reject-contract", Some(REASON)).await?.expect(200)?;
    same("state", &rejected.text("/state")?, &"contract-rejected".to_owned())?;
    same("notices", &scene.notices(&sent.id, "contract-rejected").await?.len(), &1)?;

    let sent = scene.case_in(State::ContractSent).await?;
    let id = sent.id.as_str();
    scene.officer.decides(id, "issue-modules", None).await?.refused(409, WRONG_STATE)?;
    scene.examines(&sent.id, "validate-contract", None).await?.expect(200)?;
    let issued = scene.officer.decides(id, "issue-modules", None).await?.expect(200)?;
    same("state", &issued.text("/state")?, &"modules-issued".to_owned())?;
    scene.officer.decides(id, "issue-modules", None).await?.expect(200)?;
    let dossier = scene.officer.dossier(id).await?.expect(200)?.json()?;
    let mut documents = texts(&dossier["documents"], "kind");
    documents.sort();
    same("documents", &documents, &["kit", "module-1", "module-2"].map(str::to_owned).to_vec())
}

/// CTR-1, AGR-1: a file that came after the officer had looked is neither validated nor sent back unseen; who does not say
/// what was looked at decides nothing.
#[tokio::test]
async fn a_file_that_was_replaced_meanwhile_is_not_judged_unseen() -> StoryResult {
    let scene = Scene::open().await?;
    for (state, step, decisions) in [
        (State::ContractSent, None, ["validate-contract", "reject-contract"]),
        (
            State::ContractValidated,
            Some(AgreementStep::Sent),
            ["validate-agreement", "reject-agreement"],
        ),
    ] {
        let case = scene.case_in(state).await?;
        if let Some(step) = step {
            stands_at(&scene, &case.id, step).await?;
        }
        let looked_at = scene.head(&case.id).await?;
        let who = Who::Account(case.parties.representative.clone());
        let replaced = looked_at.note(Act::ChangeContent, who, scene.now());
        scene.world.applications()?.commit(&replaced, &[]).await?;
        let before = scene.seen(&case.id).await?;
        for decision in decisions {
            let stale =
                json!({ "decision": decision, "reason": REASON, "version": looked_at.version });
            let refused = scene.officer.orders(case.id.as_str(), &stale).await?;
            let refused = refused.refused(409, "modifica-in-conflitto")?;
            same(
                "version now",
                &refused.number("/now/version")?,
                &i64::try_from(replaced.after().version)?,
            )?;
            let unseen = scene.officer.decides(case.id.as_str(), decision, Some(REASON)).await?;
            let fields = unseen.refused(422, "campi-non-validi")?.refused_fields();
            ensure(fields.iter().any(|(name, _)| name == "version"), format!("{fields:?}"))?;
        }
        scene.nothing_changed(&before).await?;
        scene.examines(&case.id, decisions[0], None).await?.expect(200)?;
    }
    Ok(())
}

/// AGR-1, MOD-1: the agreement goes its own way beside the contract, and the modules wait for it.
#[tokio::test]
async fn the_agreement_is_generated_sent_back_and_validated() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::ContractValidated).await?;
    let id = case.id.as_str();
    stands_at(&scene, &case.id, AgreementStep::DataEntered).await?;
    let before = scene.seen(&case.id).await?;
    let refused = scene.officer.decides(id, "issue-modules", None).await?;
    let refused = refused.refused(409, WRONG_STATE)?;
    ensure(refused.text("/detail")?.contains("Accordo"), "it does not say what is missing")?;
    scene.examines(&case.id, "validate-agreement", None).await?.refused(409, WRONG_STATE)?;
    scene.nothing_changed(&before).await?;

    let generated = scene.officer.decides(id, "generate-agreement", None).await?.expect(200)?;
    same("agreement", &generated.text("/agreement")?, &"to-sign".to_owned())?;
    scene.officer.decides(id, "generate-agreement", None).await?.expect(200)?;
    let dossier = scene.officer.dossier(id).await?.expect(200)?.json()?;
    same("documents", &texts(&dossier["documents"], "kind"), &vec!["agreement".to_owned()])?;

    stands_at(&scene, &case.id, AgreementStep::Sent).await?;
    scene.examines(&case.id, "reject-agreement", Some(REASON)).await?.expect(200)?;
    same("rejected", &scene.notices(&case.id, "agreement-rejected").await?.len(), &1)?;
    stands_at(&scene, &case.id, AgreementStep::Sent).await?;
    scene.examines(&case.id, "validate-agreement", None).await?.expect(200)?;
    same("validated", &scene.notices(&case.id, "agreement-validated").await?.len(), &1)?;
    scene.officer.decides(id, "issue-modules", None).await?.expect(200)?;
    same("state", &scene.head(&case.id).await?.state(), &State::ModulesIssued)
}

/// Brings the agreement of a case to a step; how the employer gets there is another function's matter.
async fn stands_at(scene: &Scene, id: &ApplicationId, at: AgreementStep) -> StoryResult {
    let bring = || async {
        let before = scene.head(id).await?;
        let stands = cases::with_agreement(&before, at, scene.now())?;
        match scene.world.applications()?.commit(&stands, &[]).await {
            Ok(()) => Ok(Ok(())),
            Err(SaveError::Conflict) => Ok(Err("changed in between".to_owned())),
            Err(error) => Err(error.into()),
        }
    };
    scene.world.story.eventually("the agreement stands there", LETTER_DEADLINE, bring).await
}

/// COM-2: a PEC that did not arrive is seen in the list and sent anew, once; what arrived is not.
#[tokio::test]
async fn a_pec_that_did_not_arrive_is_sent_again_once() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::InReview).await?;
    let id = case.id.as_str();
    scene.gets_a_position(&case).await?;
    scene.officer.decides(id, "grant", None).await?.expect(200)?;
    let again = json!({ "decision": "send-again", "notice": "granted" });
    let notices = scene.left(&case.id, "granted").await?;
    let [notice] = notices.as_slice() else {
        return Err(scene.world.story.deviation("not one notice of the grant"));
    };
    let before = scene.seen(&case.id).await?;
    scene.officer.orders(id, &again).await?.refused(409, WRONG_STATE)?;
    scene.nothing_changed(&before).await?;

    scene.did_not_arrive(notice).await?;
    let row = scene.officer.sees("granted", id).await?;
    same("failed PEC in the list", &row["pec_failed"], &true.into())?;
    ensure(codes(&row["decisions"]).contains(&"send-again".to_owned()), "it is not offered")?;
    let elsewhere = json!({ "decision": "send-again", "notice": "revoked" });
    scene.officer.orders(id, &elsewhere).await?.refused(409, WRONG_STATE)?;

    let row = scene.officer.orders(id, &again).await?.expect(200)?.json()?;
    same("failed PEC", &row["pec_failed"], &false.into())?;
    same("state", &row["state"], &"granted".into())?;
    same("notices", &scene.notices(&case.id, "granted").await?.len(), &2)?;
    scene.officer.orders(id, &again).await?.expect(200)?;
    let colleague = Officer::of(&scene.world, PROVINCE).await?;
    colleague.orders(id, &again).await?.refused(409, WRONG_STATE)?;
    same("notices", &scene.notices(&case.id, "granted").await?.len(), &2)?;
    let history = scene.world.applications()?.history(&case.id).await?;
    let again: Vec<_> =
        history.iter().filter(|row| row.action.as_deref() == Some("send-again")).collect();
    same("sendings in the history", &again.len(), &1)
}

/// COM-2, DEC-1: what is sent again says the same, its reasons included: the employer answers them, within ten days.
#[tokio::test]
async fn an_announced_refusal_that_is_sent_again_has_its_reasons() -> StoryResult {
    let scene = Scene::open().await?;
    let case = scene.case_in(State::InReview).await?;
    let id = case.id.as_str();
    scene.officer.decides(id, "announce-refusal", Some(REASON)).await?.expect(200)?;
    let notices = scene.left(&case.id, "refusal-announced").await?;
    let [notice] = notices.as_slice() else {
        return Err(scene.world.story.deviation("not one notice of the refusal"));
    };
    scene.did_not_arrive(notice).await?;
    let again = json!({
        "decision": "send-again", "notice": "refusal-announced", "reason": "Il domicilio digitale è cambiato.",
    });
    scene.officer.orders(id, &again).await?.expect(200)?;
    scene.left(&case.id, "refusal-announced").await?;
    let sent = scene.world.drafts()?.sent(&case.id).await?;
    let texts: Vec<_> = sent.iter().filter(|one| one.kind == "refusal-announced").collect();
    same("messages", &texts.len(), &2)?;
    for text in texts {
        ensure(text.text.contains(REASON), format!("no reasons: {}", text.text))?;
        ensure(
            !text.text.contains("domicilio digitale è cambiato"),
            "a note of the office is in it",
        )?;
    }
    Ok(())
}
