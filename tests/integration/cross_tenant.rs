//! Every role in every relation to an application in every state that routes lead to calls every route about one: what the
//! permission table says is what happens, and what it refuses changes nothing (OWN-1, ORG-4, IDP-1). Of refusals a third is
//! tried in each run.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use domain::{
    application::{Application, ArmedSend, Ready, Stage, Submission},
    calendar,
    campaign::{Campaign, Order, Profile},
    form::{Schema, Values},
    ids::{AccountId, ApplicationId, OrganisationId, SessionId},
    lifecycle::{Position, State, agreement::AgreementStep},
    permission::{self, Action, IdentityLevel, Relation, Role},
    procedure::{Procedure, StoredProcedure},
    receipt::ReceiptCode,
    service::Service,
};
use futures::{StreamExt, TryStreamExt, stream};
use harness::{
    browser::{Answer, Browser, Call},
    campaigns::Plan,
    employer::submission,
    environment::root,
    stock::{self, Belongs},
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{activation_codes::ActivationCodes, aws, clock, config};
use reqwest::Method;
use serde_json::{Value, json};
use store::{
    applications::commit::{Companion, Content},
    drafts::Draft,
    rows::millis,
    sessions::Caller,
};

/// How many people act side by side.
const SIDE_BY_SIDE: usize = 8;

/// Of what is refused whatever the details, one in so many is asked: each pair of a person and a stage, a person and a route,
/// a stage and a route is among them. Whatever is granted is asked always, and before a release `COMBINATIONS=all` asks all.
const ONE_IN: usize = 3;

/// Whether a combination that is refused is asked in this run.
fn is_asked(person: usize, stage: usize, route: usize) -> bool {
    (person + stage + route).is_multiple_of(ONE_IN)
        || config::required("COMBINATIONS").is_ok_and(|wanted| wanted == "all")
}

/// A route about one application.
struct Route {
    action: Action,
    /// Its name in `docs/openapi.json`.
    operation: &'static str,
    /// What a caller who may do it gets: the status, and the problem where the body is deliberately useless, so that a
    /// granted call changes nothing that other calls look at.
    granted: &'static [&'static str],
    /// Whether a granted call changes the application; then no other call may use it.
    moves: bool,
}

const fn route(
    action: Action,
    operation: &'static str,
    granted: &'static [&'static str],
    moves: bool,
) -> Route {
    Route { action, operation, granted, moves }
}

const ROUTES: &[Route] = &[
    route(Action::Read, "readApplication", &["200"], false),
    route(Action::ReadForm, "readDraft", &["200"], false),
    route(Action::ReadHistory, "readHistory", &["200"], false),
    route(Action::ReadCommunications, "readCommunications", &["200"], false),
    route(Action::DownloadReceipt, "downloadReceipt", &["200"], false),
    route(Action::VerifyCode, "verifyCode", &["422 codice-errato"], true),
    // The code moves, the head does not; soon after the last one another is too early.
    route(Action::AskNewCode, "askNewCode", &["202", "429 troppe-richieste"], false),
    route(Action::Save, "saveDraft", &["422 campi-non-validi"], false),
    route(Action::RequestCorrection, "askCorrection", &["422 campi-non-validi"], false),
    route(Action::Delete, "deleteDraft", &["204"], true),
    route(Action::Block, "blockApplication", &["200"], true),
    route(Action::Release, "releaseApplication", &["200"], true),
    route(Action::Submit, "submitApplication", &["200"], true),
];

/// Routes about a case after its sending: the employer's answers and files, the office's decisions. Their bodies are right
/// in form; what they lead to is the matter of their own tests.
const CASE_ROUTES: &[Route] = &[
    route(Action::Withdraw, "answerApplication", &[], true),
    route(Action::ProvideIntegration, "answerApplication", &[], true),
    route(Action::Object, "answerApplication", &[], true),
    route(Action::Confirm, "answerApplication", &[], true),
    route(Action::Renounce, "answerApplication", &[], true),
    route(Action::UndoRenunciation, "answerApplication", &[], true),
    route(Action::EnterEntryData, "reportEntry", &[], true),
    route(Action::EnterAgreementData, "enterAgreement", &[], true),
    route(Action::UploadContract, "askUpload", &[], false),
    route(Action::UploadAgreement, "askUpload", &[], false),
    route(Action::ReadCommunications, "listDocuments", &[], false),
    route(Action::ReadCommunications, "listUploads", &[], false),
    route(Action::ReadCommunications, "readUpload", &[], false),
    route(Action::TakeCharge, "decideOfficeCase", &[], true),
    route(Action::RequestIntegration, "decideOfficeCase", &[], true),
    route(Action::ResumeReview, "decideOfficeCase", &[], true),
    route(Action::AnnounceRefusal, "decideOfficeCase", &[], true),
    route(Action::Grant, "decideOfficeCase", &[], true),
    route(Action::Refuse, "decideOfficeCase", &[], true),
    route(Action::Revoke, "decideOfficeCase", &[], true),
    route(Action::ReopenCase, "decideOfficeCase", &[], true),
    route(Action::ConfirmExpiry, "decideOfficeCase", &[], true),
    route(Action::ExamineContract, "decideOfficeCase", &[], true),
    route(Action::GenerateAgreement, "decideOfficeCase", &[], true),
    route(Action::ExamineAgreement, "decideOfficeCase", &[], true),
    route(Action::IssueModules, "decideOfficeCase", &[], true),
    route(Action::Archive, "decideOfficeCase", &[], true),
    route(Action::SendAgain, "decideOfficeCase", &[], true),
];

/// Routes whose body names applications: each has an outcome of its own in the answer.
const ROUTES_FOR_MANY: &[Route] = &[
    route(Action::Arm, "armApplications", &["armed"], true),
    route(Action::Disarm, "disarmApplications", &["disarmed"], true),
];

/// What no route about one application does yet. A route that comes must leave this list and join a table above.
const WITHOUT_ROUTE: &[Action] = &[
    Action::RecordValue,
    // By the contact, for many applications at once: tested with the organisations.
    Action::HandOver,
    // By the portal, for all applications of a former account at once: tested with the accounts.
    Action::Link,
    Action::Unlink,
    Action::BookAppointment,
    // By the consular system, with requests of its own: tested with receive-visa-events.
    Action::ReportChecks,
    Action::ReportVisa,
    // By make-document, once the contract is made.
    Action::SendContract,
    Action::RecordFileVerdict,
    Action::ApplyTerm,
];

/// The two lists are all actions, and every route of the API that names an application is in the table.
#[test]
fn every_action_has_a_route_here_or_is_known_to_have_none() {
    let routes = || ROUTES.iter().chain(CASE_ROUTES).chain(ROUTES_FOR_MANY);
    let routed: BTreeSet<_> = routes().map(|route| route.action).collect();
    let without: BTreeSet<_> = WITHOUT_ROUTE.iter().copied().collect();
    assert_eq!(routed.len() + without.len() + 1, Action::ALL.len());
    let all: BTreeSet<_> = routed.iter().chain(&without).copied().chain([Action::Start]).collect();
    assert_eq!(all, Action::ALL.iter().copied().collect());

    let document: Value =
        serde_json::from_str(&fs::read_to_string(root().join("docs/openapi.json")).unwrap())
            .unwrap();
    let mut operations = BTreeMap::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for operation in methods.as_object().unwrap().values() {
            if let Some(name) = operation["operationId"].as_str() {
                operations.insert(name.to_owned(), path.clone());
            }
        }
    }
    let tested: BTreeSet<_> = routes().map(|route| route.operation.to_owned()).collect();
    for name in &tested {
        assert!(operations.contains_key(name), "{name} is no operation of docs/openapi.json");
    }
    let of_an_application: BTreeSet<_> = operations
        .iter()
        .filter(|(_, path)| path.starts_with("/api/applications/{id}"))
        .map(|(name, _)| name.clone())
        .collect();
    let missing: Vec<_> = of_an_application.difference(&tested).collect();
    assert!(missing.is_empty(), "add these routes to the table: {missing:?}");
    // What is offered as a button or in the personal area has a route: the one that the tables name.
    for action in Action::ALL {
        if let Some(operation) = action.operation() {
            assert!(operations.contains_key(operation), "{action} is offered without {operation}");
        }
        let named: Vec<_> =
            routes().filter(|route| route.action == *action).map(|route| route.operation).collect();
        if let Some(operation) = action.operation().filter(|_| !named.is_empty()) {
            assert!(named.contains(&operation), "{action} is tested by {named:?}");
        }
        assert!(
            !action.is_offered() || !named.is_empty() || *action == Action::HandOver,
            "{action}"
        );
    }
    for service in Service::ALL {
        for operation in service.operations() {
            assert!(
                operations.contains_key(*operation),
                "{service} is offered without {operation}"
            );
        }
    }
}

/// A stage after sending, without terms.
fn sent(state: State, submission: &Submission, agreement: Option<AgreementStep>) -> Stage {
    let stored = StoredProcedure { agreement, ..StoredProcedure::default() };
    let procedure = Procedure::restore(state, stored).unwrap_or_else(|misfit| panic!("{misfit}"));
    Stage::Sent { submission: submission.clone(), procedure }
}

/// Where an application stands, as today's routes can bring it there.
fn stages(ready: &Ready, submission: &Submission) -> Vec<Stage> {
    let sent = |state| sent(state, submission, None);
    vec![
        Stage::ToValidate,
        Stage::ToComplete { attention: None },
        Stage::ToSend(ready.clone()),
        Stage::Armed(ArmedSend {
            ready: ready.clone(),
            armed: submission.arrival,
            submitted_by: submission.submitted_by.clone(),
        }),
        Stage::Blocked { province: Some(ready.province.clone()) },
        Stage::Blocked { province: None },
        sent(State::Submitted),
        sent(State::BlockedAfterSending),
        sent(State::InReview),
        Stage::Deleted,
    ]
}

/// What all applications here have in common.
struct Scene {
    world: World,
    campaign: Campaign,
    pattern: Application,
    ready: Ready,
    values: Values,
    codes: ActivationCodes,
}

/// A person with a session.
struct Person {
    role: Role,
    relation: Relation,
    level: u8,
    browser: Browser,
}

impl Scene {
    async fn open() -> StoryResult<Self> {
        Self::under(Plan::new("confini")?).await
    }

    async fn under(plan: Plan) -> StoryResult<Self> {
        let world = World::enter().await?;
        let campaign = plan.publish_apart(&world).await?;
        let belongs = Belongs {
            representative: an_account()?,
            filer: an_account()?,
            organisation: Some(OrganisationId::from_random(fresh()?)),
        };
        let pattern = stock::ready_application(&world, &campaign, &belongs).await?;
        let Stage::ToSend(ready) = pattern.stage.clone() else {
            return Err(Deviation::new("the pattern is not ready"));
        };
        let values = world.drafts()?.load(&pattern.id).await?.values();
        let codes = ActivationCodes::new(&world.keying().await?);
        Ok(Self { world, campaign, pattern, ready, values, codes })
    }

    /// The pattern, as it is once it was sent just now.
    fn submission(&self) -> StoryResult<Submission> {
        Ok(Submission {
            ready: self.ready.clone(),
            arrival: Timestamp::from_millisecond(millis(clock::wall()))?,
            code: ReceiptCode::from_random(fresh()?),
            submitted_by: self.pattern.parties.filer.clone(),
            campaign_version: self.campaign.version(),
            armed: None,
        })
    }

    /// A session of this role that stands like that to every application here.
    async fn person(&self, role: Role, relation: Relation, level: u8) -> StoryResult<Person> {
        let parties = &self.pattern.parties;
        let account = match relation {
            Relation::Representative => parties.representative.clone(),
            Relation::Filer => parties.filer.clone(),
            Relation::SameOrganisation | Relation::SameProvince | Relation::None => an_account()?,
        };
        let organisation = match relation {
            Relation::Filer | Relation::SameOrganisation => parties.organisation.clone(),
            // Another organisation and another province: another tenant.
            Relation::None => Some(OrganisationId::from_random(fresh()?)),
            Relation::Representative | Relation::SameProvince => None,
        };
        let province = match relation {
            Relation::SameProvince => Some(self.ready.province.clone()),
            Relation::None => Some("AO".to_owned()),
            Relation::Representative | Relation::Filer | Relation::SameOrganisation => None,
        };
        let caller = Caller {
            account,
            session: SessionId::from_random(fresh()?),
            level,
            role,
            profile: Profile::Private,
            organisation,
            province,
            expires: clock::wall() + SignedDuration::from_hours(1),
        };
        let browser = self.world.browser()?;
        stock::session(&self.world, &browser, &caller).await?;
        Ok(Person { role, relation, level, browser })
    }

    /// An application like the pattern, in this stage, with content and a code as far as the stage has them.
    async fn stands(&self, stage: &Stage) -> StoryResult<Application> {
        let now = Timestamp::from_millisecond(millis(clock::wall()))?;
        let mut stage = stage.clone();
        // Each has a worker of its own: claims are not the matter here.
        if let Stage::ToSend(ready)
        | Stage::Armed(ArmedSend { ready, .. })
        | Stage::Sent { submission: Submission { ready, .. }, .. } = &mut stage
        {
            ready.worker = Some(data_encoding::HEXLOWER.encode(&fresh::<32>()?));
        }
        let application = Application {
            id: ApplicationId::from_random(fresh()?),
            version: 1,
            created: now,
            changed: now,
            stage,
            ..self.pattern.clone()
        };
        let activation = self
            .codes
            .issue(&application.id, None, &self.campaign, fresh()?, now)
            .map_err(|error| Deviation::new(error.to_string()))?;
        let (drafts, draft) = (self.world.drafts()?, Draft::default());
        let mut along = vec![Companion::NewCode(&activation)];
        if !matches!(application.stage, Stage::ToValidate | Stage::Deleted) {
            let schema =
                Schema::find(&application.schema).ok_or_else(|| Deviation::new("no schema"))?;
            let today = calendar::local_date(now);
            let content = Content { schema, before: &draft, after: &self.values, today };
            along.push(Companion::Content(&drafts, content));
        }
        self.world.applications()?.commit(&stock::begun(&application), &along).await?;
        Ok(application)
    }

    async fn version(&self, id: &ApplicationId) -> StoryResult<Option<u64>> {
        Ok(self.world.applications()?.head(id).await?.map(|head| head.version))
    }

    /// The request that asks for an action, with a body that is right in form.
    fn call(&self, action: Action, id: &str) -> Call {
        let path = |end: &str| format!("/api/applications/{id}{end}");
        let post = |end: &str, body: &Value| Call::new(Method::POST, path(end)).json(body);
        match action {
            Action::ReadForm => Call::new(Method::GET, path("/draft")),
            Action::ReadHistory => Call::new(Method::GET, path("/history")),
            Action::ReadCommunications => Call::new(Method::GET, path("/communications")),
            Action::DownloadReceipt => Call::new(Method::GET, path("/receipt")),
            Action::VerifyCode => post("/activation", &json!({ "code": "0000-0001" })),
            Action::AskNewCode => post("/activation-codes", &json!({})),
            Action::Save => {
                let change = json!({ "field": "no_such_field", "base": null, "value": "x" });
                Call::new(Method::PATCH, path("/draft")).json(&json!({ "changes": [change] }))
            }
            Action::RequestCorrection => post(
                "/draft/corrections",
                &json!({ "field": "no_such_field", "note": "Il valore è cambiato." }),
            ),
            Action::Delete => Call::new(Method::DELETE, path("")),
            Action::Block => post("/block", &json!({})),
            Action::Release => post(
                "/release",
                &json!({ "reason": "Sentito il datore di lavoro: la domanda è sua." }),
            ),
            Action::Submit => {
                Call::new(Method::POST, "/api/submissions").json(&submission(id, &self.campaign))
            }
            _ => Call::new(Method::GET, path("")),
        }
    }

    /// The request about a case that asks for an action, with a body that is right in form.
    fn case_call(&self, route: &Route, id: &str, state: State, version: u64) -> Call {
        let today = calendar::local_date(self.campaign.effective_now(clock::wall()));
        let of = |end: &str| format!("/api/applications/{id}{end}");
        let post = |path: String, body: Value| Call::new(Method::POST, path).json(&body);
        let upload = |purpose: &str, signature: Option<&str>| {
            let body = json!({
                "purpose": purpose, "media_type": "application/pdf", "bytes": 100,
                "sha256": "ab".repeat(32), "worker_signature": signature,
            });
            post(of("/uploads"), body)
        };
        let answer = |code: &str, text: Option<&str>| {
            let confirmed = (code == "renounce").then_some(true);
            post(of("/answers"), json!({ "answer": code, "confirmed": confirmed, "text": text }))
        };
        let decide = |code: &str, notice: Option<&str>| {
            let reason = "Motivo indicato per la prova dei permessi.";
            let body = json!({
                "decision": code, "reason": reason, "notice": notice, "version": version,
            });
            post(format!("/api/office/applications/{id}/decisions"), body)
        };
        match (route.operation, route.action) {
            ("listDocuments", _) => Call::new(Method::GET, of("/documents")),
            ("listUploads", _) => Call::new(Method::GET, of("/uploads")),
            ("readUpload", _) => {
                Call::new(Method::GET, of("/uploads/upl_00000000000000000000000001"))
            }
            (_, Action::Withdraw) => answer("withdraw", None),
            (_, Action::ProvideIntegration) => {
                answer("provide-integration", Some("Trasmetto il documento richiesto."))
            }
            (_, Action::Object) => answer("object", Some("Osservo che il reddito è sufficiente.")),
            (_, Action::Confirm) => answer("confirm", None),
            (_, Action::Renounce) => answer("renounce", None),
            (_, Action::UndoRenunciation) => answer("undo-renunciation", None),
            (_, Action::EnterEntryData) => {
                let body = json!({
                    "province": "RM", "municipality": "Fiumicino", "date": today.to_string(),
                    "visa_number": "ITA1234567",
                });
                post(of("/entry"), body)
            }
            (_, Action::EnterAgreementData) => {
                let body = json!({
                    "street": "Via Napoli 6", "municipality": "Foggia", "province": "FG",
                    "postal_code": "71122", "telephone": "+39 320 0000000",
                });
                post(of("/agreement"), body)
            }
            (_, Action::UploadContract) => upload("contract", Some("digital")),
            (_, Action::UploadAgreement) => upload("agreement", None),
            (_, Action::ExamineContract) => decide("validate-contract", None),
            (_, Action::GenerateAgreement) => decide("generate-agreement", None),
            (_, Action::ExamineAgreement) => decide("validate-agreement", None),
            (_, Action::ReopenCase) if state == State::ContractOverdue => {
                decide("reopen-contract", None)
            }
            (_, Action::SendAgain) => decide("send-again", Some("granted")),
            (_, action) => decide(action.code(), None),
        }
    }

    /// All that one person asks of cases in one position; gives the number of calls.
    async fn tries_all_of_a_case(
        &self,
        (p, person): (usize, &Person),
        (s, stage): (usize, &Stage),
    ) -> StoryResult<usize> {
        // What is refused changes nothing, so that all that is refused may ask about one case. What is granted has its own.
        let untouched = self.stands(stage).await?;
        let position = Position { state: untouched.state(), agreement: untouched.agreement() };
        let mut calls = 0;
        for (r, route) in CASE_ROUTES.iter().enumerate() {
            let may = permission::may(person.role, person.relation, position, route.action);
            if !may && !is_asked(p, s, r) {
                continue;
            }
            calls += 1;
            let answer = asked(person, async || -> StoryResult<Call> {
                let case = if may { self.stands(stage).await? } else { untouched.clone() };
                Ok(self.case_call(route, case.id.as_str(), position.state, case.version))
            })
            .await?;
            let what = format!(
                "{} ({}) asks for {} at {}, agreement {:?}: {answer}",
                person.role, person.relation, route.action, position.state, position.agreement
            );
            let found = outcome(&answer);
            if may {
                // The law may still say no (a term, a place, a file that is not there), but not the permission.
                // So may the case: a PEC that has not failed is not sent again.
                let is_refused = matches!(answer.status, 401 | 403)
                    || (found == "409 stato-non-compatibile" && route.action != Action::SendAgain);
                ensure(!is_refused && answer.status < 500, what)?;
            } else {
                // A caller who could have done it gets the answer of what was done before; nothing changes.
                ensure(matches!(answer.status, 200 | 401 | 403 | 404 | 409), what.clone())?;
                ensure(
                    answer.status != 200 || person.role.acting_as(person.relation).is_some(),
                    what,
                )?;
            }
        }
        // A version never comes back: one look after all that was refused finds a change by any of it.
        let what = format!(
            "version after all that {} ({}) was refused at {}, agreement {:?}",
            person.role, person.relation, position.state, position.agreement
        );
        same(&what, &self.version(&untouched.id).await?, &Some(untouched.version))?;
        Ok(calls)
    }

    /// Arming and disarming, each asked by one person for one application in one stage; gives the number of calls.
    async fn tries_all_for_many(
        &self,
        (p, person): (usize, &Person),
        (s, stage): (usize, &Stage),
    ) -> StoryResult<usize> {
        let mut calls = 0;
        for (r, route) in ROUTES_FOR_MANY.iter().enumerate() {
            let wanted = expected_of_many(person, stage, route);
            let is_refused =
                wanted.starts_with('4') || ["not-found", "not-allowed"].contains(&wanted);
            if is_refused && !is_asked(p, s, r) {
                continue;
            }
            calls += 1;
            let asked = self.stands(stage).await?;
            let path = match route.action {
                Action::Arm => "/api/armed-sends",
                _ => "/api/armed-sends/cancellations",
            };
            let body = json!({
                "campaign": self.campaign.id(), "model": asked.model, "applications": [asked.id],
            });
            let answer = person.browser.post(path, &body).await?;
            let found = match answer.status {
                200 => answer.text("/outcomes/0/outcome")?,
                _ => outcome(&answer),
            };
            let what = format!(
                "{} ({}, level {}) may {} at {}?",
                person.role,
                person.relation,
                person.level,
                route.action,
                stage.state(),
            );
            same(&what, &found.as_str(), &wanted)?;
            let changes = u64::from(route.granted.contains(&wanted));
            let version = self.version(&asked.id).await?;
            same(&format!("version: {what}"), &version, &Some(asked.version + changes))?;
        }
        Ok(calls)
    }

    /// All that one person asks of applications in one stage; gives the number of calls.
    async fn tries_all(
        &self,
        (p, person): (usize, &Person),
        (s, (stage, shared)): (usize, &(Stage, Application)),
    ) -> StoryResult<usize> {
        let mut calls = 0;
        for (r, route) in ROUTES.iter().enumerate() {
            let wanted = expected(person, stage, route);
            let is_refused = [NO_SESSION, NOT_FOUND, NOT_ALLOWED].contains(&wanted);
            if is_refused && !is_asked(p, s, r) {
                continue;
            }
            calls += 1;
            let own = wanted == route.granted && route.moves;
            let answer = asked(person, async || -> StoryResult<Call> {
                let id = if own { self.stands(stage).await?.id } else { shared.id.clone() };
                Ok(self.call(route.action, id.as_str()))
            })
            .await?;
            let found = outcome(&answer);
            ensure(
                wanted.contains(&found.as_str()),
                format!(
                    "{} ({}, level {}) may {} at {}? wanted {wanted:?}, found {found}",
                    person.role,
                    person.relation,
                    person.level,
                    route.action,
                    stage.state(),
                ),
            )?;
        }
        // A version never comes back: one look after all of these calls finds a change by any of them.
        let what = format!(
            "version after all that {} ({}) asked at {}",
            person.role,
            person.relation,
            stage.state()
        );
        same(&what, &self.version(&shared.id).await?, &Some(shared.version))?;
        Ok(calls)
    }
}

/// Asks, and asks again where the portal says that it could not look: a busy machine has slow moments among some thousand
/// calls. Such an answer may come after a change was stored, so `call` is made anew each time: what is granted and moves an
/// application gets another one, and all else, refused or read, finds what it found before.
async fn asked(person: &Person, call: impl AsyncFn() -> StoryResult<Call>) -> StoryResult<Answer> {
    let mut answer = person.browser.send(call().await?).await?;
    for _ in 0..2 {
        // 502 is the gateway's, where a function had no time to answer.
        if matches!(answer.status, 502..=504) {
            answer = person.browser.send(call().await?).await?;
        }
    }
    Ok(answer)
}

/// Status, and the problem's name.
fn outcome(answer: &Answer) -> String {
    match answer.problem().filter(|_| answer.status >= 400) {
        Some(problem) => format!("{} {problem}", answer.status),
        None => answer.status.to_string(),
    }
}

const NO_SESSION: &[&str] = &["401 sessione-assente"];
const NOT_FOUND: &[&str] = &["404 non-trovata"];
const LEVEL_TOO_LOW: &[&str] = &["403 livello-insufficiente"];
const NOT_ALLOWED: &[&str] = &["403 azione-non-consentita"];
const WRONG_STATE: &[&str] = &["409 stato-non-compatibile"];
const ARMED_SEND: &[&str] = &["409 invio-prenotato"];

/// What the tables and the documented order of refusals say, without looking at any handler.
fn expected(person: &Person, stage: &Stage, route: &Route) -> &'static [&'static str] {
    let (role, state, action) = (person.role, stage.state(), route.action);
    // Where the province is not known yet, no officer is of it.
    let has_province = match stage {
        Stage::ToSend(_) | Stage::Armed(_) | Stage::Sent { .. } => true,
        Stage::Blocked { province } => province.is_some(),
        Stage::ToValidate | Stage::ToComplete { .. } | Stage::Deleted => false,
    };
    let relation = match person.relation {
        Relation::SameProvince if !has_province => Relation::None,
        relation => relation,
    };
    let may = |state: State, action: Action| permission::may(role, relation, state, action);
    let anywhere = |action: Action| State::ALL.iter().any(|other| may(*other, action));
    if !role.is_person() {
        return NO_SESSION;
    }
    // Every change asks for level 2 before anything else, except what a link alone is enough for.
    let is_change = !matches!(
        action,
        Action::Read
            | Action::ReadForm
            | Action::ReadHistory
            | Action::ReadCommunications
            | Action::DownloadReceipt
    );
    let too_low = person.level < 2 && action.minimum_level() >= IdentityLevel::Two;
    if too_low && is_change {
        return LEVEL_TOO_LOW;
    }
    if action == Action::Submit {
        // The click day asks for the role before it asks the store, and never for the state alone (ADR 5).
        let ever = [Relation::Representative, Relation::Filer]
            .into_iter()
            .any(|relation| permission::may(role, relation, State::ToSend, action));
        return if !ever {
            NOT_ALLOWED
        } else if !may(State::ToSend, action) || !may(state, Action::Read) {
            NOT_FOUND
        } else if state.is_sent() {
            // A repetition gives the receipt, whatever came after the sending (SUB-2).
            &["200"]
        } else if may(state, action) {
            route.granted
        } else if state == State::Armed {
            ARMED_SEND
        } else {
            WRONG_STATE
        };
    }
    if role.acting_as(relation).is_none() {
        return NOT_FOUND;
    }
    // What is done already is no error.
    let is_done = match action {
        Action::VerifyCode => {
            matches!(state, State::ToComplete | State::ToSend | State::Armed)
                && may(State::ToValidate, action)
        }
        Action::Delete => state == State::Deleted && may(State::ToComplete, action),
        Action::Block => {
            matches!(state, State::Blocked | State::BlockedAfterSending)
                && may(State::ToComplete, action)
        }
        _ => false,
    };
    if is_done {
        return if action == Action::Delete { &["204"] } else { &["200"] };
    }
    if may(state, action) {
        return if too_low { LEVEL_TOO_LOW } else { route.granted };
    }
    if !may(state, Action::Read) {
        NOT_FOUND
    } else if state == State::Armed && may(State::ToSend, action) {
        // It says what to do: to disarm it.
        ARMED_SEND
    } else if anywhere(action) {
        WRONG_STATE
    } else {
        NOT_ALLOWED
    }
}

/// The same for a request whose body names the application: what becomes of it, or how the whole request is refused.
fn expected_of_many(person: &Person, stage: &Stage, route: &Route) -> &'static str {
    let (role, relation, state) = (person.role, person.relation, stage.state());
    let may =
        |relation: Relation, state: State| permission::may(role, relation, state, route.action);
    let is_arm = route.action == Action::Arm;
    let from = if is_arm { State::ToSend } else { State::Armed };
    if !role.is_person() {
        return "401 sessione-assente";
    }
    if person.level < 2 {
        return "403 livello-insufficiente";
    }
    if !may(Relation::Representative, from) && !may(Relation::Filer, from) {
        return "403 azione-non-consentita";
    }
    if !permission::may(role, relation, state, Action::Read) {
        return "not-found";
    }
    if !may(relation, from) {
        return "not-allowed";
    }
    match (is_arm, state) {
        (_, state) if state.is_sent() => "already-sent",
        (true, State::ToSend) => "armed",
        (true, State::Armed) => "already-armed",
        (true, _) => "not-ready",
        (false, State::Armed) => "disarmed",
        (false, _) => "not-armed",
    }
}

/// The matrix: role × relation × stage × route, and once more with a password's session where the level decides.
#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_tables_do_not_give_is_refused_and_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let submission = scene.submission()?;
    let mut shared = Vec::new();
    for stage in stages(&scene.ready, &submission) {
        let application = scene.stands(&stage).await?;
        shared.push((stage, application));
    }
    let mut people = Vec::new();
    for role in Role::ALL {
        for relation in Relation::ALL {
            people.push(scene.person(*role, *relation, 2).await?);
        }
    }
    for (role, relation) in [
        (Role::Employer, Relation::Representative),
        (Role::Operator, Relation::Filer),
        (Role::Operator, Relation::SameOrganisation),
        (Role::OrganisationContact, Relation::SameOrganisation),
        (Role::Officer, Relation::SameProvince),
        (Role::Administrator, Relation::None),
        (Role::Employer, Relation::None),
    ] {
        people.push(scene.person(role, relation, 1).await?);
    }
    let calls: Vec<usize> = stream::iter(pairs(&people, &shared))
        .map(|(person, stage)| scene.tries_all(person, stage))
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let combinations: usize = calls.iter().sum();
    enough(combinations, people.len() * shared.len() * ROUTES.len())?;
    println!("{combinations} combinations of role, relation, level, state and route");
    Ok(())
}

/// The same for what comes after sending: every state, every step of the agreement, one person for each relation to a
/// case.
#[tokio::test(flavor = "multi_thread")]
async fn after_sending_too_whatever_the_tables_do_not_give_changes_nothing() -> StoryResult {
    let scene = Scene::open().await?;
    let submission = scene.submission()?;
    let standing = |state, agreement| sent(state, &submission, agreement);
    let states = State::ALL.iter().copied().filter(|state| state.is_sent());
    let mut stages: Vec<Stage> = states.map(|state| standing(state, None)).collect();
    let steps = AgreementStep::ALL.iter().copied().map(Some);
    stages.extend(steps.map(|step| standing(State::ContractValidated, step)));
    let mut people = Vec::new();
    for (role, relation) in [
        (Role::Employer, Relation::Representative),
        (Role::Operator, Relation::Filer),
        (Role::Operator, Relation::SameOrganisation),
        (Role::OrganisationContact, Relation::SameOrganisation),
        (Role::Officer, Relation::SameProvince),
        (Role::Officer, Relation::None),
        (Role::Administrator, Relation::None),
        (Role::PrefectureOfficer, Relation::SameProvince),
        (Role::Employer, Relation::None),
    ] {
        people.push(scene.person(role, relation, 2).await?);
    }
    let calls: Vec<usize> = stream::iter(pairs(&people, &stages))
        .map(|(person, stage)| scene.tries_all_of_a_case(person, stage))
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let combinations: usize = calls.iter().sum();
    enough(combinations, people.len() * stages.len() * CASE_ROUTES.len())?;
    println!("{combinations} combinations of role, relation, state and route after sending");
    Ok(())
}

/// The same for arming and disarming, before an opening (NEW-1).
#[tokio::test(flavor = "multi_thread")]
async fn whatever_the_tables_do_not_give_is_neither_armed_nor_disarmed() -> StoryResult {
    let opens = clock::wall() + SignedDuration::from_hours(1);
    let plan =
        Plan::new("confini")?.sends(opens, None).changed(|file| file.policies.order = Order::Armed);
    let scene = Scene::under(plan).await?;
    let submission = scene.submission()?;
    let stages = stages(&scene.ready, &submission);
    let mut people = Vec::new();
    for role in Role::ALL {
        for relation in Relation::ALL {
            people.push(scene.person(*role, *relation, 2).await?);
        }
    }
    people.push(scene.person(Role::Employer, Relation::Representative, 1).await?);
    let calls: Vec<usize> = stream::iter(pairs(&people, &stages))
        .map(|(person, stage)| scene.tries_all_for_many(person, stage))
        .buffer_unordered(SIDE_BY_SIDE)
        .try_collect()
        .await?;
    let combinations: usize = calls.iter().sum();
    enough(combinations, people.len() * stages.len() * ROUTES_FOR_MANY.len())
}

/// Each person with each stage, and the place of either in its list.
fn pairs<'scene, S>(
    people: &'scene [Person],
    stages: &'scene [S],
) -> impl Iterator<Item = ((usize, &'scene Person), (usize, &'scene S))> {
    people
        .iter()
        .enumerate()
        .flat_map(|person| stages.iter().enumerate().map(move |stage| (person, stage)))
}

/// At least one in so many was asked.
fn enough(asked: usize, all: usize) -> StoryResult {
    ensure(asked >= all / ONE_IN && asked <= all, format!("{asked} of {all} combinations"))
}

/// Beginning an application is a matter of the role alone.
#[tokio::test]
async fn whoever_may_not_begin_is_refused_before_anything_is_read() -> StoryResult {
    let scene = Scene::open().await?;
    for role in Role::ALL {
        let person = scene.person(*role, Relation::None, 2).await?;
        let answer = person.browser.post("/api/applications", &json!({})).await?;
        let wanted: &[&str] = if !role.is_person() {
            NO_SESSION
        } else if permission::may_start(*role) {
            // These sessions have no account and the body is empty: the answer names one of the two.
            &["422 campi-non-validi", "401 sessione-scaduta"]
        } else {
            NOT_ALLOWED
        };
        let found = outcome(&answer);
        ensure(wanted.contains(&found.as_str()), format!("{role}: {found}"))?;
    }
    Ok(())
}

/// Identifiers that lead to nothing, of other kinds, or of nonsense: not there for any role.
#[tokio::test]
async fn an_identifier_of_another_kind_leads_nowhere() -> StoryResult {
    let scene = Scene::open().await?;
    let parties = &scene.pattern.parties;
    let organisation = parties.organisation.as_ref().map(ToString::to_string).unwrap_or_default();
    let mut ids = vec![
        ApplicationId::from_random(fresh()?).to_string(),
        parties.representative.to_string(),
        parties.filer.to_string(),
        parties.owner.to_string(),
        organisation,
        SessionId::from_random(fresh()?).to_string(),
        scene.pattern.id.as_str().to_uppercase(),
        format!("{}0", scene.pattern.id),
        "HEAD".to_owned(),
        "..".to_owned(),
    ];
    ids.extend(scene.pattern.id.as_str().strip_prefix("app_").map(str::to_owned));
    let people = [
        (Role::Employer, Relation::Representative),
        (Role::Operator, Relation::Filer),
        (Role::Officer, Relation::SameProvince),
        (Role::Administrator, Relation::None),
    ];
    for (p, (role, relation)) in people.into_iter().enumerate() {
        let person = scene.person(role, relation, 2).await?;
        for (i, id) in ids.iter().enumerate() {
            let routes = ROUTES.iter().enumerate();
            let asked_in_this_run = routes.filter(|(r, _)| is_asked(p, i, *r));
            for (_, route) in asked_in_this_run.filter(|(_, one)| one.action != Action::Submit) {
                // A client makes `/api/communications` of it, which lists one's own.
                if id == ".." && route.action == Action::ReadCommunications {
                    continue;
                }
                let answer = asked(&person, async || Ok(scene.call(route.action, id))).await?;
                ensure(answer.status == 404, format!("{answer}: {role}, {}", route.action))?;
            }
        }
    }
    same("version", &scene.version(&scene.pattern.id).await?, &Some(scene.pattern.version))
}

fn an_account() -> StoryResult<AccountId> {
    Ok(AccountId::keyed(&fresh()?))
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
