//! Keeps people, organisations and applications for the invented calls, and knows for each operation a call that must succeed.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
    time::{Duration, Instant},
};

use domain::{
    application::Application,
    calendar,
    campaign::{Campaign, Order},
    consular::ConsularReport,
    ids::ApplicationId,
    lifecycle::{State, agreement::AgreementStep},
    permission::Role,
};
use edge::session::{REFRESH_COOKIE, SESSION_COOKIE};
use harness::{
    browser::Browser,
    campaigns::{MODEL, Plan},
    cases,
    consulate::Consulate,
    email_person::{CONFIRMATION, EmailPerson, RECOVERY, token},
    employer::{Employer, schema_of, submission},
    identity,
    organisations::{Association, listed, municipal, recording},
    stock::{self, Belongs},
    story::{Deviation, StoryResult},
    world::World,
};
use jiff::SignedDuration;
use outside::{block_links::BlockLinks, clock};
use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::Mutex;

/// People whose sessions the calls use. More of them than schemathesis has workers, so that no person meets a limit too
/// soon.
const PEOPLE: usize = 8;

/// How old a session gets before it is opened anew; an access token is good for ten minutes.
const FRESH: Duration = Duration::from_mins(4);

/// The province of the workplace in the form's examples.
const PROVINCE: &str = "FG";

/// What a test case uses: cookies and headers of one person, and identifiers of what belongs to them.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Call {
    cookies: BTreeMap<&'static str, String>,
    headers: BTreeMap<&'static str, String>,
    path_parameters: Map<String, Value>,
    query: Map<String, Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    body: Option<Value>,
}

impl Call {
    fn path(mut self, parameter: &str, value: impl Into<String>) -> Self {
        self.path_parameters.insert(parameter.to_owned(), value.into().into());
        self
    }

    fn id(self, id: &str) -> Self {
        self.path("id", id)
    }

    fn query(mut self, parameter: &str, value: impl Into<Value>) -> Self {
        self.query.insert(parameter.to_owned(), value.into());
        self
    }

    fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }
}

/// A person whose session the keeper opens anew before it is over.
struct Person {
    employer: Employer,
    entered: Mutex<Instant>,
}

impl Person {
    fn new(employer: Employer) -> Self {
        Self { employer, entered: Mutex::new(Instant::now()) }
    }

    async fn fresh(&self, world: &World) -> StoryResult<&Employer> {
        let mut entered = self.entered.lock().await;
        if entered.elapsed() > FRESH {
            world.signs_in_quickly(&self.employer).await?;
            *entered = Instant::now();
        }
        Ok(&self.employer)
    }
}

/// One of the people with an application in each state that matters.
struct Applicant {
    person: Person,
    started: String,
    draft: String,
    ready: String,
    sent: String,
}

/// Keeps people and applications, and hands them out.
pub(crate) struct Keeper {
    world: World,
    campaign: Campaign,
    /// One that opens in a day, until when people arm.
    with_armed_sends: Campaign,
    applicants: Vec<Applicant>,
    association: Association,
    contact: Person,
    requester: Person,
    request: String,
    turn: AtomicUsize,
}

impl Keeper {
    pub(crate) async fn open(world: World) -> StoryResult<Self> {
        // Without the limit on codes, which would make the calls wait.
        let plan = Plan::new("contratto")?
            .changed(|file| file.activation.min_pause = SignedDuration::ZERO);
        let campaign = plan.publish(&world).await?;
        let with_armed_sends = Plan::new("contratto")?
            .sends(clock::wall() + SignedDuration::from_hours(24), None)
            .changed(|file| file.policies.order = Order::Armed)
            .publish(&world)
            .await?;
        let mut applicants = Vec::new();
        for _ in 0..PEOPLE {
            let employer = newcomer(&world).await?;
            let sent = stock::ready_for(&world, &campaign, &employer).await?.id.to_string();
            employer.submits(&sent, &campaign).await?.expect(200)?;
            applicants.push(Applicant {
                started: employer.starts_application(&campaign).await?,
                draft: draft(&world, &campaign, &employer).await?,
                ready: stock::ready_for(&world, &campaign, &employer).await?.id.to_string(),
                sent,
                person: Person::new(employer),
            });
        }
        let association = world.association().await?;
        let requester = newcomer(&world).await?;
        let request = asks(&requester, &[&newcomer(&world).await?]).await?;
        Ok(Self {
            contact: Person::new(association.contact.clone()),
            requester: Person::new(requester),
            world,
            campaign,
            with_armed_sends,
            applicants,
            association,
            request,
            turn: AtomicUsize::new(0),
        })
    }

    /// The next applicant, with a session that holds for minutes, and how often the keeper chose them.
    async fn applicant(&self) -> StoryResult<(usize, &Applicant)> {
        let turn = self.turn.fetch_add(1, Ordering::Relaxed);
        let applicant = self.applicants.get(turn % PEOPLE);
        let applicant = applicant.ok_or_else(|| Deviation::new("nobody is there"))?;
        applicant.person.fresh(&self.world).await?;
        Ok((turn / PEOPLE, applicant))
    }

    /// What an invented call uses: a person's session and the identifier of something that belongs to the person.
    pub(crate) async fn outfit(&self, operation: &str) -> StoryResult<Call> {
        match operation {
            // These calls end the session that they use, or soon meet the limit of an account.
            "signOut" | "signOutEverywhere" | "refreshSession" | "closeAccount" | "linkAccount"
            | "beginSignIn" | "finishSignIn" | "signInWithPassword" => {
                return Ok(self.worn_by(&newcomer(&self.world).await?));
            }
            "readOrganisation" | "listOperators" | "addOperators" | "reportLeaving"
            | "handOver" => {
                let contact = self.contact.fresh(&self.world).await?;
                return Ok(self.worn_by(contact).id(self.association.id.as_str()));
            }
            "readEnablingRequest" | "decideEnablingRequest" | "withdrawEnablingRequest" => {
                let requester = self.requester.fresh(&self.world).await?;
                return Ok(self.worn_by(requester).id(&self.request));
            }
            _ => {}
        }
        let (round, applicant) = self.applicant().await?;
        let theirs = [&applicant.draft, &applicant.sent, &applicant.ready, &applicant.started];
        let id = match operation {
            // These calls, where they succeed, use up what the others need.
            "deleteDraft" | "blockApplication" | "blockByLink" => &applicant.sent,
            _ => theirs.get(round % theirs.len()).copied().unwrap_or(&applicant.draft),
        };
        let link = self.link(id).await?;
        Ok(self.worn_by(&applicant.person.employer).id(id).path("token", link))
    }

    fn worn_by(&self, employer: &Employer) -> Call {
        self.worn_in(&employer.browser)
    }

    fn worn_in(&self, browser: &Browser) -> Call {
        let cookies = [SESSION_COOKIE, REFRESH_COOKIE]
            .into_iter()
            .filter_map(|name| Some((name, browser.cookie(name)?)))
            .collect();
        let headers = [("Origin", self.world.portal().to_owned())].into();
        Call { cookies, headers, ..Call::default() }
    }

    async fn official(&self, role: Role, province: Option<&str>) -> StoryResult<Call> {
        Ok(self.worn_by(&self.world.official(role, province).await?))
    }

    /// The link in the PEC with which an employer blocks an application (NEW-5).
    async fn link(&self, application: &str) -> StoryResult<String> {
        let id: ApplicationId = application.parse()?;
        Ok(BlockLinks::new(&self.world.keying().await?).token(&id))
    }

    /// A call that must succeed. Whatever it uses up is made for it.
    pub(crate) async fn call(&self, operation: &str) -> StoryResult<Call> {
        let (_, applicant) = self.applicant().await?;
        let theirs = self.worn_by(&applicant.person.employer);
        Ok(match operation {
            "listApplications" | "listCommunications" | "currentSession" | "readAccount"
            | "exportAccount" => theirs,
            "readApplication" | "readCommunications" | "readHistory" | "downloadReceipt" => {
                theirs.id(&applicant.sent)
            }
            "readDraft" => theirs.id(&applicant.draft),
            "searchApplications" => theirs.body(json!({ "campaign": self.campaign.id() })),
            "readReadiness" => {
                theirs.query("campaign", self.campaign.id().as_str()).query("model", MODEL)
            }
            "readModel" => theirs.path("schema", schema_of(&self.campaign)),
            "beginSignIn" => Call::default().query("level", 2),
            "finishSignIn" => self.way_back().await?,
            "signOut" | "signOutEverywhere" | "refreshSession" | "announceClosure" => {
                self.worn_by(&newcomer(&self.world).await?)
            }
            "startApplication" | "verifyCode" | "askNewCode" | "deleteDraft" | "saveDraft"
            | "askCorrection" | "submitApplication" | "submitApplications" => {
                Box::pin(self.change(operation)).await?
            }
            "armApplications" | "disarmApplications" => self.arming(operation).await?,
            "readBlockLink" | "blockByLink" | "blockApplication" | "releaseApplication"
            | "listFlags" => Box::pin(self.block(operation)).await?,
            "recordOrganisation" | "readOrganisation" | "listOperators" | "addOperators"
            | "reportLeaving" | "handOver" | "declineMembership" => {
                Box::pin(self.organisation(operation)).await?
            }
            "submitEnablingRequest"
            | "listEnablingRequests"
            | "readEnablingRequest"
            | "decideEnablingRequest"
            | "withdrawEnablingRequest" => Box::pin(self.enabling(operation)).await?,
            "linkAccount" | "undoLink" => Box::pin(self.linking(operation)).await?,
            "listOfficeCases" | "readOfficeCase" | "decideOfficeCase" | "recordOutage"
            | "confirmOutage" | "listOutages" => Box::pin(self.office(operation)).await?,
            "listCampaigns" | "readCampaign" | "compareCampaign" | "publishCampaign" => {
                Box::pin(self.campaigns(operation)).await?
            }
            "readNoticeBoard" | "publishNoticeBoard" => {
                Box::pin(self.notice_board(operation)).await?
            }
            "appointOfficial" | "listOfficials" | "readOfficial" | "withdrawOfficial" => {
                Box::pin(self.appointing(operation)).await?
            }
            "answerApplication"
            | "reportEntry"
            | "enterAgreement"
            | "askUpload"
            | "listUploads"
            | "readUpload"
            | "listDocuments"
            | "reportConsularEvent" => Box::pin(self.case(operation)).await?,
            _ => Box::pin(self.account(operation)).await?,
        })
    }

    /// A call of an officer about a case of the own province, or of an administrator about outages (DEC-1, CNF-4).
    async fn office(&self, operation: &str) -> StoryResult<Call> {
        match operation {
            "recordOutage" => {
                // Nine years ago, nearly the limit, so that it touches no term.
                let from = clock::wall() - SignedDuration::from_hours(9 * 365 * 24);
                let until = from + SignedDuration::from_mins(1);
                let body = json!({
                    "from": calendar::rfc3339(from), "until": calendar::rfc3339(until),
                    "reason": "Prova del contratto: fuori da ogni termine.",
                });
                return Ok(self.official(Role::Administrator, None).await?.body(body));
            }
            "listOutages" => return self.official(Role::Administrator, None).await,
            "confirmOutage" => {
                let first = self.world.official(Role::Administrator, None).await?;
                // A minute of its own, nine years ago.
                let from = clock::wall() - SignedDuration::from_hours(9 * 365 * 24);
                let body = json!({
                    "from": calendar::rfc3339(from),
                    "until": calendar::rfc3339(from + SignedDuration::from_millis(7)),
                    "reason": "Prova del contratto: fuori da ogni termine.",
                });
                let id =
                    first.browser.post("/api/outages", &body).await?.expect(201)?.text("/id")?;
                return Ok(self.official(Role::Administrator, None).await?.id(&id));
            }
            _ => {}
        }
        let officer = self.official(Role::Officer, Some(PROVINCE)).await?;
        if operation == "listOfficeCases" {
            return Ok(officer.query("state", "submitted"));
        }
        let case = self.case_of(&newcomer(&self.world).await?, State::Submitted).await?;
        let officer = officer.id(case.id.as_str());
        Ok(match operation {
            "decideOfficeCase" => officer.body(json!({ "decision": "take-charge" })),
            _ => officer,
        })
    }

    /// A call of an administrator about a campaign of its own (ADM-2).
    async fn campaigns(&self, operation: &str) -> StoryResult<Call> {
        let administrator = self.official(Role::Administrator, None).await?;
        if operation == "listCampaigns" {
            return Ok(administrator);
        }
        let campaign = Plan::new("contratto")?.publish(&self.world).await?;
        let call = administrator.id(campaign.id().as_str());
        if operation == "readCampaign" {
            return Ok(call);
        }
        let mut file = campaign.into_file();
        file.version += 1;
        let document = Campaign::try_from(file)?.to_toml()?;
        let mut call = call.body(json!({ "document": document }));
        if operation == "publishCampaign" {
            call.headers.insert("If-Match", "\"1\"".to_owned());
        }
        Ok(call)
    }

    /// A call of an administrator about the notice board, which all have in common (NOT-1).
    async fn notice_board(&self, operation: &str) -> StoryResult<Call> {
        let administrator = self.world.official(Role::Administrator, None).await?;
        let call = self.worn_by(&administrator);
        if operation == "readNoticeBoard" {
            return Ok(call);
        }
        let newest = administrator.browser.get("/api/notice-board").await?.expect(200)?;
        let mut call = call.body(json!({ "notices": [], "documents": [], "maintenance": [] }));
        let edition = newest.header("etag").unwrap_or_default().to_owned();
        call.headers.insert("If-Match", edition);
        Ok(call)
    }

    /// A call of an administrator about people of offices (ADM-1).
    async fn appointing(&self, operation: &str) -> StoryResult<Call> {
        let administrator = self.world.official(Role::Administrator, None).await?;
        let call = self.worn_by(&administrator);
        let person = self.world.employer()?.demo.representative;
        let body = json!({
            "fiscal_code": person.fiscal_code.reveal(), "role": "officer", "province": PROVINCE,
        });
        Ok(match operation {
            "listOfficials" => call.query("province", PROVINCE),
            "appointOfficial" => call.body(body),
            _ => {
                let appointed = administrator.browser.post("/api/officials", &body).await?;
                let call = call.path("account", appointed.expect(201)?.text("/account")?);
                if operation == "readOfficial" { call } else { call.body(json!({})) }
            }
        })
    }

    /// A call of an employer about a case after its sending, or of the consular system (CNF-1, ENT-1, CTR-1, AGR-1).
    async fn case(&self, operation: &str) -> StoryResult<Call> {
        let employer = newcomer(&self.world).await?;
        let call = self.worn_by(&employer);
        let state = match operation {
            "answerApplication" => State::AwaitingConfirmation,
            "reportEntry" => State::VisaIssued,
            "askUpload" | "listUploads" | "readUpload" => State::ContractToSign,
            "reportConsularEvent" => State::Granted,
            _ => State::ContractValidated,
        };
        let case = self.case_of(&employer, state).await?;
        let call = call.id(case.id.as_str());
        let upload = json!({
            "purpose": "contract", "media_type": "application/pdf", "bytes": 1000,
            "sha256": "ab".repeat(32), "worker_signature": "by-hand",
        });
        Ok(match operation {
            "answerApplication" => call.body(json!({ "answer": "confirm" })),
            "reportEntry" => {
                let today = calendar::local_date(self.campaign.effective_now(clock::wall()));
                call.body(json!({
                    "province": "RM", "municipality": "Fiumicino", "date": today.to_string(),
                    "visa_number": "ITA1234567",
                }))
            }
            "enterAgreement" => {
                self.opens_agreement(&case).await?;
                call.body(json!({
                    "street": "Via Napoli 6", "municipality": "Foggia", "province": "FG",
                    "postal_code": "71122", "telephone": "+39 320 0000000",
                }))
            }
            "askUpload" => call.body(upload),
            "readUpload" => {
                let path = format!("/api/applications/{}/uploads", case.id);
                let asked = employer.browser.post(&path, &upload).await?.expect(201)?;
                call.path("upload", asked.text("/upload")?)
            }
            "reportConsularEvent" => {
                let consulate = Consulate::of(&self.world)?;
                let body = Consulate::report(&case.id, ConsularReport::ChecksConcluded)?;
                // As the caller of the contract writes JSON: the digest is of the bytes.
                let text = body.to_string().replace("\":\"", "\": \"").replace("\",\"", "\", \"");
                let proof = consulate.authorization(&text, clock::wall())?;
                let mut call = Call::default().body(body);
                call.headers.insert("Authorization", proof);
                call
            }
            _ => call,
        })
    }

    async fn case_of(&self, employer: &Employer, state: State) -> StoryResult<Application> {
        harness::contracts::case_of(&self.world, employer, &self.campaign, state).await
    }

    /// Lets the integration agreement apply to a case.
    async fn opens_agreement(&self, case: &Application) -> StoryResult {
        let opens = cases::with_agreement(case, AgreementStep::OPENING, clock::wall())?;
        Ok(self.world.applications()?.commit(&opens, &[]).await?)
    }

    /// A call by a fresh person that changes an application.
    async fn change(&self, operation: &str) -> StoryResult<Call> {
        let employer = newcomer(&self.world).await?;
        let call = self.worn_by(&employer);
        Ok(match operation {
            "startApplication" => call.body(employer.preliminary_checks(&self.campaign)),
            "verifyCode" => {
                let application = employer.starts_application(&self.campaign).await?;
                let code = employer.reads_activation_code_from_pec(&application).await?;
                call.id(&application).body(json!({ "code": code }))
            }
            "askNewCode" => call.id(&employer.starts_application(&self.campaign).await?),
            "submitApplication" | "submitApplications" => {
                let ready = stock::ready_for(&self.world, &self.campaign, &employer).await?.id;
                let one = submission(ready.as_str(), &self.campaign);
                let all = json!({ "campaign": self.campaign.id(), "model": MODEL });
                call.body(if operation == "submitApplication" { one } else { all })
            }
            _ => {
                let application = draft(&self.world, &self.campaign, &employer).await?;
                let street = json!({ "field": "workplace_street", "value": "Via Foggia 12" });
                let note = "Il nome non è più quello giusto.";
                let call = call.id(&application);
                match operation {
                    "saveDraft" => call.body(json!({ "changes": [street] })),
                    "askCorrection" => call.body(json!({ "field": "employer_name", "note": note })),
                    _ => call,
                }
            }
        })
    }

    /// A call by a fresh person that arms a ready application, or disarms one, under a campaign with armed sends (NEW-1).
    async fn arming(&self, operation: &str) -> StoryResult<Call> {
        let employer = newcomer(&self.world).await?;
        let ready = stock::ready_for(&self.world, &self.with_armed_sends, &employer).await?;
        if operation == "disarmApplications" {
            let armed = ready.arm(&ready.parties.filer, clock::wall())?;
            self.world.applications()?.commit(&armed, &[]).await?;
        }
        let body = json!({ "campaign": self.with_armed_sends.id(), "model": MODEL });
        Ok(self.worn_by(&employer).body(body))
    }

    /// A call about blocking an application that an operator filed for an employer (NEW-5).
    async fn block(&self, operation: &str) -> StoryResult<Call> {
        if operation == "listFlags" {
            return self.official(Role::Officer, Some(PROVINCE)).await;
        }
        let employer = newcomer(&self.world).await?;
        let (operator, organisation) = self.world.operator().await?;
        let belongs = Belongs {
            representative: self.world.account(&employer.demo.representative).await?,
            filer: self.world.account(&operator.demo.representative).await?,
            organisation: Some(organisation),
        };
        let id = stock::ready_application(&self.world, &self.campaign, &belongs).await?.id;
        let id = id.to_string();
        Ok(match operation {
            "blockApplication" => self.worn_by(&employer).id(&id),
            "releaseApplication" => {
                let path = format!("/api/applications/{id}/block");
                employer.browser.post(&path, &json!({})).await?.expect(200)?;
                let reason = "Sentito il datore di lavoro per telefono: la domanda è sua.";
                let officer = self.official(Role::Officer, Some(PROVINCE)).await?;
                officer.id(&id).body(json!({ "reason": reason }))
            }
            _ => self.worn_by(&employer).path("token", self.link(&id).await?),
        })
    }

    /// A call of an organisation's contact, or about a new organisation (ORG-2, ORG-4).
    async fn organisation(&self, operation: &str) -> StoryResult<Call> {
        if operation == "recordOrganisation" {
            let administrator = self.official(Role::Administrator, None).await?;
            return Ok(administrator.body(recording(&self.world.employer()?)?));
        }
        let contact = self.contact.fresh(&self.world).await?;
        let call = self.worn_by(contact).id(self.association.id.as_str());
        let (one, other) = (self.world.employer()?, self.world.employer()?);
        if ["reportLeaving", "handOver", "declineMembership"].contains(&operation) {
            self.association.enables(&[&one, &other]).await?;
        }
        if operation == "declineMembership" {
            self.world.signs_in_quickly(&one).await?;
            return Ok(self.worn_by(&one));
        }
        let from = self.world.account(&one.demo.representative).await?;
        let to = self.world.account(&other.demo.representative).await?;
        Ok(match operation {
            "addOperators" => call.body(json!({ "operators": [listed(&one), listed(&other)] })),
            "reportLeaving" => call.path("account", from.as_str()).body(json!({})),
            "handOver" => call.body(json!({ "from": from, "to": to })),
            _ => call,
        })
    }

    /// A call about a municipality's request (ORG-3).
    async fn enabling(&self, operation: &str) -> StoryResult<Call> {
        let (requester, operator) = (newcomer(&self.world).await?, newcomer(&self.world).await?);
        let call = self.worn_by(&requester);
        if operation == "submitEnablingRequest" {
            return Ok(call.body(municipal(&requester, &[&operator])?));
        }
        let request = asks(&requester, &[&operator]).await?;
        let path = format!("/api/enabling-requests/{request}");
        let version = requester.browser.get(&path).await?.expect(200)?.number("/version")?;
        Ok(match operation {
            "listEnablingRequests" => call,
            "readEnablingRequest" => call.id(&request),
            "withdrawEnablingRequest" => call.id(&request).body(json!({ "version": version })),
            _ => self
                .official(Role::Administrator, None)
                .await?
                .id(&request)
                .body(json!({ "decision": "enable", "version": version })),
        })
    }

    /// A person who takes over the application of a former account, or an administrator who undoes it (IDP-2).
    async fn linking(&self, operation: &str) -> StoryResult<Call> {
        let employer = newcomer(&self.world).await?;
        let former = self.world.email_person()?.who_is(&employer);
        let account = former.is_imported(&self.world, None).await?;
        let application = self.world.imports_former_application(&self.campaign, &account).await?;
        let call = self.worn_by(&employer);
        let proof = former.link_proof(application.id.as_str()).await?;
        if operation == "linkAccount" {
            return Ok(call.body(proof));
        }
        employer.browser.post("/api/account/links", &proof).await?.expect(200)?;
        let reason = json!({ "reason": "Prova del contratto: non era la sua utenza." });
        let administrator = self.official(Role::Administrator, None).await?;
        Ok(administrator.path("account", account.to_string()).body(reason))
    }

    /// A call of a person with an e-mail account, or about to have one (ACC-1 to ACC-6).
    async fn account(&self, operation: &str) -> StoryResult<Call> {
        let person = self.world.email_person()?;
        let call = self.worn_in(&person.browser);
        Ok(match operation {
            "humanCheck" => call,
            "mailHumanCheckCode" => call.body(json!({ "email": person.address })),
            "register" => call.body(person.registration(&person.human_check().await?)),
            "askAccountCode" => call.body(json!({ "registration": person.registers().await? })),
            "activateAccount" => {
                person.registers().await?;
                let (token, code) = person.reads_activation(0).await?;
                call.body(json!({ "token": token, "code": code }))
            }
            "signInWithPassword" => {
                person.is_imported(&self.world, None).await?;
                call.body(json!({ "email": person.address, "password": person.password }))
            }
            "askRecovery" => {
                person.is_imported(&self.world, None).await?;
                call.body(recovery(&person).await?)
            }
            "choosePassword" => {
                person.is_imported(&self.world, None).await?;
                let asked = recovery(&person).await?;
                person.browser.post("/api/account/recovery", &asked).await?.expect(202)?;
                let token = token(&person.reads(RECOVERY, 0).await?)?;
                let password = "tramontana-43-bosco";
                call.body(json!({
                    "token": token, "password": password, "password_repeated": password,
                }))
            }
            "changeAccount" | "closeAccount" | "confirmAddress" => {
                person.is_imported(&self.world, None).await?;
                person.signs_in().await?;
                let call = self.worn_in(&person.browser);
                match operation {
                    "changeAccount" => call.body(json!({ "given_name": "Anna Maria" })),
                    "closeAccount" => call.body(json!({ "confirm": true })),
                    _ => call.body(json!({ "token": self.new_address(&person).await? })),
                }
            }
            _ => {
                return Err(Deviation::new(format!(
                    "no call of {operation} is known that must succeed: add one to `Keeper::call` in tests/bin/contract/keeper.rs"
                )));
            }
        })
    }

    /// What the letter to a new address holds (ACC-4).
    async fn new_address(&self, person: &EmailPerson) -> StoryResult<String> {
        let elsewhere = self.world.email_person()?;
        let change = json!({
            "email": elsewhere.address, "email_repeated": elsewhere.address,
            "current_password": person.password,
        });
        person.browser.patch("/api/account", &change).await?.expect(200)?;
        token(&elsewhere.reads(CONFIRMATION, 0).await?)
    }

    /// The way back from the identity provider, with the cookie of the browser that went there.
    async fn way_back(&self) -> StoryResult<Call> {
        let visitor = self.world.employer()?;
        let page = identity::goes_to_provider(&visitor.browser).await?;
        let decision = identity::decision(&visitor.demo.representative, 2);
        let address = identity::decides(&visitor.browser, &page, &decision).await?;
        let address = reqwest::Url::parse(&address)?;
        let mut call = Call::default();
        for (name, value) in address.query_pairs() {
            call = call.query(&name, value.into_owned());
        }
        let cookie = visitor.browser.cookie("__Host-oidc");
        call.cookies.extend(cookie.map(|cookie| ("__Host-oidc", cookie)));
        Ok(call)
    }
}

/// A person who has just signed in.
async fn newcomer(world: &World) -> StoryResult<Employer> {
    world.private_user().await
}

/// A draft that lacks a value.
async fn draft(world: &World, campaign: &Campaign, employer: &Employer) -> StoryResult<String> {
    let account = world.account(&employer.demo.representative).await?;
    let belongs = Belongs { representative: account.clone(), filer: account, organisation: None };
    Ok(stock::incomplete_application(world, campaign, &belongs).await?.id.to_string())
}

/// A municipality's request; gives its identifier.
async fn asks(requester: &Employer, operators: &[&Employer]) -> StoryResult<String> {
    let body = municipal(requester, operators)?;
    requester.browser.post("/api/enabling-requests", &body).await?.expect(201)?.text("/id")
}

async fn recovery(person: &EmailPerson) -> StoryResult<Value> {
    Ok(json!({ "email": person.address, "human_check": person.human_check().await? }))
}
