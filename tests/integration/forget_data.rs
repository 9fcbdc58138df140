//! forget-data over tables of its own, years later: each kind goes at its time, and what must stay remains (PRV-1).

use std::{collections::HashMap, time::Duration};

use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{
    application::{Application, Parties, Ready, Stage, Submission, Who},
    campaign::{Campaign, Profile},
    document::DocumentKind,
    enabling::{EnablingCase, EnablingKind, EnablingStage, Office},
    ids::{AccountId, ApplicationId, EnablingId, LetterId, OrganisationId, OwnerId, UploadId},
    lifecycle::{Event, State},
    organisation::{Basis, BasisKind, OrganisationKind},
    password::Password,
    permission::Role,
    procedure::Procedure,
    receipt::ReceiptCode,
};
use forget_data::{App, ForgetReport, run_at};
use harness::{
    campaigns::{MODEL, Plan},
    cases,
    own_tables::own_table,
    people, stock,
    story::{Deviation, StoryResult, ensure, same},
    world::World,
};
use jiff::{SignedDuration, Timestamp};
use outside::{
    aws, clock,
    files::{Files, StoredFile},
    passwords,
};
use store::{
    Store, Tables,
    accounts::{Account, Membership},
    deletion,
    email_accounts::EmailAccounts,
    enabling::{EnablingEvent, EnablingForm, EnablingRequest, NamedOperator},
    keys::{self, Key},
    organisations::{Joining, Operator, Organisation},
    outbox::{KeptReceipt, ReceiptEvent},
    rows::millis,
    uploads::Uploads,
};

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Tables of one's own, with a campaign.
struct Archive {
    client: Client,
    tables: Tables,
    app: App,
    campaign: Campaign,
    now: Timestamp,
}

impl Archive {
    async fn opened() -> StoryResult<Self> {
        let world = World::enter().await?;
        let (client, sdk) = world.store();
        let (client, sdk) = (client.clone(), sdk.clone());
        let word = people::fresh_word()?;
        let tables = Tables {
            portal: format!("forget-portal-{word}"),
            drafts: format!("forget-drafts-{word}"),
            sessions: format!("forget-sessions-{word}"),
            moved_clock: store::campaigns::MovedClock::Allowed,
        };
        for (like, own) in [
            ("PORTAL_TABLE", &tables.portal),
            ("DRAFTS_TABLE", &tables.drafts),
            ("SESSIONS_TABLE", &tables.sessions),
        ] {
            own_table(&client, &world.environment.text(like)?, own).await?;
        }
        let store = Store::of(client.clone(), tables.clone());
        let app = App {
            email_accounts: store.email_accounts(world.keying().await?),
            documents: Files::new(&sdk, world.environment.text("DOCUMENTS_BUCKET")?),
            letter_days: 90,
            account_days: 730,
            store,
        };
        let campaign = Plan::new("archivio")?.campaign()?;
        let now = Timestamp::from_millisecond(millis(clock::wall()))?;
        let long_ago = now - DAY * 8000;
        let document = campaign.to_toml()?;
        app.store
            .campaigns
            .publish(&document, &campaign, false, None, long_ago)
            .await
            .map_err(|error| Deviation::new(error.to_string()))?;
        Ok(Self { client, tables, app, campaign, now })
    }

    async fn closed(self) -> StoryResult {
        for table in [&self.tables.portal, &self.tables.drafts, &self.tables.sessions] {
            self.client.delete_table().table_name(table).send().await?;
        }
        Ok(())
    }

    fn ago(&self, days: i32) -> Timestamp {
        self.now - DAY * days
    }

    /// A whole walk.
    async fn forgets(&self) -> StoryResult<ForgetReport> {
        Ok(run_at(&self.app, self.now, 500, 50).await?)
    }

    async fn puts(&self, table: &str, key: &Key, more: &[(&str, AttributeValue)]) -> StoryResult {
        puts(&self.client, table, key, more).await
    }

    async fn row(
        &self,
        table: &str,
        key: &Key,
    ) -> StoryResult<Option<HashMap<String, AttributeValue>>> {
        let found = self.client.get_item().table_name(table).set_key(Some(key.item()));
        Ok(found.consistent_read(true).send().await?.item)
    }

    async fn is_there(&self, table: &str, key: &Key) -> StoryResult<bool> {
        Ok(self.row(table, key).await?.is_some())
    }

    /// A draft of a person, or a case that was closed, last changed so many days ago; with content.
    async fn application(
        &self,
        owner: &AccountId,
        days: i32,
        is_sent: bool,
    ) -> StoryResult<Application> {
        let since = self.ago(days);
        let ready = Ready { digest: [0; 32], worker: None, province: "RM".to_owned(), since };
        let stage = if is_sent {
            Stage::Sent {
                submission: Submission {
                    ready,
                    arrival: since,
                    code: ReceiptCode::from_random(fresh()?),
                    submitted_by: owner.clone(),
                    campaign_version: 1,
                    armed: None,
                },
                procedure: Procedure::begun(),
            }
        } else {
            Stage::ToComplete { attention: None }
        };
        let mut head = Application {
            id: ApplicationId::from_random(fresh()?),
            campaign: self.campaign.id().clone(),
            campaign_version: 1,
            model: MODEL.parse()?,
            schema: "c-stag-agricoltura@1".to_owned(),
            parties: Parties {
                representative: owner.clone(),
                owner: OwnerId::from_random(fresh()?),
                filer: owner.clone(),
                organisation: None,
            },
            version: 1,
            created: since,
            changed: since,
            stage,
        };
        if is_sent {
            let context = cases::judged(&self.campaign, since);
            for event in [Event::TakeCharge, Event::Grant, Event::RefuseVisa] {
                head = cases::happens(&head, event, Who::System, &context)?.into_after();
            }
            same("state", &head.state(), &State::Archived)?;
        }
        let begun = stock::begun(&head);
        // A draft counts towards the limit of who filed it, so that it can be deleted (LIM-1).
        let begun = if is_sent { begun } else { begun.counted() };
        self.app.store.applications.commit(&begun, &[]).await?;
        let body = [("v", number(1)), ("version", number(1)), ("body", text("{}"))];
        self.puts(&self.tables.drafts, &keys::section(&head.id, "worker"), &body).await?;
        Ok(head)
    }

    async fn upload(&self, of: &Application) -> StoryResult<(UploadId, StoredFile)> {
        upload(&self.client, &self.tables.portal, &self.app.documents, of).await
    }

    /// A PEC about an application that reached its mailbox, with the provider's receipt; gives the receipt's file.
    async fn delivered_pec(&self, about: &Application, kind: &str) -> StoryResult<StoredFile> {
        let known = KeptReceipt::id_of(&format!("{}@pec.demo.invalid", people::fresh_word()?));
        let place = KeptReceipt::file_key(&about.id, &known);
        let bytes = b"X-Ricevuta: avvenuta-consegna".to_vec();
        let file = self.app.documents.put(&place, "message/rfc822", bytes).await?;
        let at = number(millis(about.changed));
        let receipt = AttributeValue::M(HashMap::from([
            ("event".to_owned(), text("delivered")),
            ("at".to_owned(), at.clone()),
            ("id".to_owned(), text(&known)),
            ("file".to_owned(), stored(&file)),
        ]));
        let row = [
            ("v", number(1)),
            ("kind", text(kind)),
            ("n", number(1)),
            ("created", at.clone()),
            ("accepted", at.clone()),
            ("delivered", at),
            ("message", text("message")),
            ("receipts", AttributeValue::L(vec![receipt])),
        ];
        self.puts(&self.tables.portal, &keys::notice(&about.id, kind, 1), &row).await?;
        Ok(file)
    }

    async fn holds(&self, file: &StoredFile) -> bool {
        self.app.documents.get(&file.key, file.version.as_deref(), 100).await.is_ok()
    }

    /// That the PEC was delivered, and the digest of the receipt that said so: for whoever holds a copy of it.
    async fn tells_what_became_of_the_pec(
        &self,
        about: &Application,
        receipt: &StoredFile,
        is_forgotten: bool,
    ) -> StoryResult {
        let notices = self.app.store.applications.notices(&about.id).await?;
        let [notice] = notices.as_slice() else { return Err(Deviation::new("no notice")) };
        same("delivered", &notice.delivered, &Some(millis(about.changed)))?;
        let told: Vec<_> = notice
            .receipts
            .iter()
            .map(|kept| (kept.event, kept.file.sha256.as_str(), kept.forgotten))
            .collect();
        let delivered = (ReceiptEvent::Delivered, receipt.sha256.as_str(), is_forgotten);
        same("receipts", &told, &vec![delivered])
    }

    async fn letter(&self, days: i32, waits: bool) -> StoryResult<Key> {
        let key = keys::letter(&LetterId::from_random(fresh()?));
        let mut row = vec![
            ("v", number(1)),
            ("kind", text("account-exists")),
            ("created", number(millis(self.ago(days)))),
        ];
        if waits {
            row.push(("queue", text("urgent")));
        }
        self.puts(&self.tables.portal, &key, &row).await?;
        Ok(key)
    }

    fn organisation(&self, name: &str) -> StoryResult<Organisation> {
        Ok(Organisation {
            id: OrganisationId::from_random(fresh()?),
            kind: OrganisationKind::Patronato,
            name: name.to_owned(),
            fiscal_code: "00363460718".to_owned(),
            address: "Corso Garibaldi 58, 71121 Foggia".to_owned(),
            province: "FG".to_owned(),
            basis: Basis {
                kind: BasisKind::PublicTask,
                reference: String::new(),
                from: self.ago(6000),
                until: None,
            },
            recorded: self.ago(6000),
        })
    }

    /// A person whom a list names, who left so many days ago, or has not left.
    async fn joins(
        &self,
        organisation: &Organisation,
        left: Option<i32>,
        at: Timestamp,
    ) -> StoryResult<AccountId> {
        let person = AccountId::keyed(&fresh()?);
        self.lists(organisation, &person, left, at).await?;
        Ok(person)
    }

    async fn lists(
        &self,
        organisation: &Organisation,
        person: &AccountId,
        left: Option<i32>,
        at: Timestamp,
    ) -> StoryResult {
        let operator = Operator {
            account: person.clone(),
            surname: "ROSSI".to_owned(),
            name: "ANNA".to_owned(),
            fiscal_code: "RSSNNA80A41D643U".to_owned(),
            email: None,
            role: Role::Operator,
            from: at,
            until: left.map(|days| self.ago(days)),
        };
        let joining = Joining {
            organisation,
            is_new: false,
            people: std::slice::from_ref(&operator),
            by: person,
            at,
            by_list: None,
        };
        self.app
            .store
            .organisations
            .join(&joining, &[])
            .await
            .map_err(|error| Deviation::new(format!("not listed: {error}")))
    }

    /// A municipality's request, last touched so many days ago.
    async fn enabling(&self, stage: EnablingStage, days: i32) -> StoryResult<EnablingRequest> {
        let at = self.ago(days);
        let operator = NamedOperator {
            account: AccountId::keyed(&fresh()?),
            surname: "ROSSI".to_owned(),
            name: "ANNA".to_owned(),
            birth_date: "1980-01-01".to_owned(),
            email: "rossi@comune.example".to_owned(),
            fiscal_code: "RSSNNA80A41D643U".to_owned(),
            outcome: None,
        };
        let form = EnablingForm {
            organisation: OrganisationId::from_random(fresh()?),
            organisation_kind: OrganisationKind::Municipality,
            name: "Comune di Foggia".to_owned(),
            fiscal_code: "00363460718".to_owned(),
            address: "Corso Garibaldi 58, 71121 Foggia".to_owned(),
            basis: BasisKind::PublicTask,
            reference: String::new(),
            contact_role: "Dirigente".to_owned(),
            contact_phone: "0881 792111".to_owned(),
            contact_email: "carla@comune.example".to_owned(),
            legal_representative: None,
            operators: vec![operator],
        };
        let request = EnablingRequest {
            id: EnablingId::from_random(fresh()?),
            case: EnablingCase {
                kind: EnablingKind::Municipality,
                stage,
                version: 1,
                province: "FG".to_owned(),
                requester: AccountId::keyed(&fresh()?),
                named: form.named(),
                deciders: Vec::new(),
            },
            form,
            submitted: at,
            changed: at,
        };
        let who = &request.case.requester;
        let event = EnablingEvent::of(&request, None, who, Office::Requester, None);
        self.app
            .store
            .enablings
            .submit(&request, &event, &[])
            .await
            .map_err(|error| Deviation::new(format!("not sent: {error}")))?;
        Ok(request)
    }

    /// An e-mail account whose person signed in last so many days ago.
    async fn account(&self, days: i32) -> StoryResult<Account> {
        let at = self.ago(days);
        let account = Account {
            id: AccountId::from_random(fresh()?),
            fiscal_code: None,
            given_name: "Annamaria".to_owned(),
            family_name: "De Santis".to_owned(),
            birth_date: None,
            email: Some(format!("{}@posta.demo.invalid", people::fresh_word()?)),
            linked_to: None,
            formerly: None,
            consent: None,
            created: millis(at),
            last_sign_in: millis(at),
        };
        let hash = passwords::hash(&Password::typed("ombrello-7-lanterna".to_owned()), fresh()?)?;
        ensure(self.emails().import(&account, hash, at).await?, "the account is there already")?;
        Ok(account)
    }

    fn emails(&self) -> &EmailAccounts {
        &self.app.email_accounts
    }
}

/// A draft goes a year after its last change with all its content; that it was there, and that the portal deleted it, stays.
#[tokio::test]
async fn an_old_draft_goes_and_its_history_stays() -> StoryResult {
    let archive = Archive::opened().await?;
    let person = AccountId::keyed(&fresh()?);
    let old = archive.application(&person, 365, false).await?;
    let young = archive.application(&person, 364, false).await?;
    let limit = keys::limit(archive.campaign.id(), &person);
    let two = [("v", number(1)), ("applications", number(2))];
    archive.puts(&archive.tables.portal, &limit, &two).await?;
    let report = archive.forgets().await?;
    same("report", &(report.drafts, report.failed), &(1, 0))?;
    let applications = &archive.app.store.applications;
    let head = applications.head(&old.id).await?;
    same("state", &head.map(|head| head.state()), &Some(State::Deleted))?;
    let events = applications.history(&old.id).await?;
    let told: Vec<_> = events.iter().map(|row| row.event.as_deref()).collect();
    same("history", &told, &vec![None, Some("delete")])?;
    same("who", &events.last().map(|row| row.who.as_str()), &Some("system"))?;
    let content = keys::section(&old.id, "worker");
    ensure(!archive.is_there(&archive.tables.drafts, &content).await?, "its content is there")?;
    let head = applications.head(&young.id).await?;
    same("the younger one", &head.map(|head| head.state()), &Some(State::ToComplete))?;
    let content = keys::section(&young.id, "worker");
    ensure(archive.is_there(&archive.tables.drafts, &content).await?, "its content is gone")?;
    let limit = archive.row(&archive.tables.portal, &limit).await?.unwrap_or_default();
    same("places taken", &limit.get("applications"), &Some(&number(1)))?;
    same("again", &archive.forgets().await?.drafts, &0)?;
    archive.closed().await
}

/// FRM-6, LIM-1, COM-2: a person deleted a draft yesterday: its content went at once, and its files and the receipts of its
/// PECs go with the walk; the verdict and what became of each PEC stay.
#[tokio::test]
async fn the_files_of_a_deleted_draft_go() -> StoryResult {
    let archive = Archive::opened().await?;
    let person = AccountId::keyed(&fresh()?);
    let draft = archive.application(&person, 1, false).await?;
    let (id, file) = archive.upload(&draft).await?;
    let receipt = archive.delivered_pec(&draft, "activation-code").await?;
    archive.forgets().await?;
    let find = || archive.app.documents.get(&file.key, file.version.as_deref(), 100);
    ensure(find().await.is_ok(), "the file of a draft that is kept is gone")?;
    ensure(archive.holds(&receipt).await, "the receipt of a draft that is kept is gone")?;
    let Store { applications, drafts, .. } = &archive.app.store;
    let who = Who::Account(person.clone());
    deletion::delete(applications, drafts, &draft, who, draft.changed)
        .await
        .map_err(|error| Deviation::new(format!("not deleted: {error}")))?;
    let report = archive.forgets().await?;
    same("report", &(report.documents, report.receipts, report.failed), &(1, 1, 0))?;
    ensure(find().await.is_err(), "the file is still there")?;
    ensure(!archive.holds(&receipt).await, "the receipt is still there")?;
    archive.tells_what_became_of_the_pec(&draft, &receipt, true).await?;
    let found = archive.app.store.uploads.find(&draft.id, &id).await?;
    same("file of the verdict", &found.map(|row| row.file.is_some()), &Some(false))?;
    archive.closed().await
}

/// FRM-6, COM-2: no walk asks for the notices and uploads of a deleted draft that was looked through, but a week and ninety days
/// after its deletion: what arrived meanwhile goes then.
#[tokio::test]
async fn a_deleted_draft_is_looked_through_three_times_and_not_at_each_walk() -> StoryResult {
    let archive = Archive::opened().await?;
    let person = AccountId::keyed(&fresh()?);
    let draft = archive.application(&person, 1, false).await?;
    let Store { applications, drafts, .. } = &archive.app.store;
    deletion::delete(applications, drafts, &draft, Who::Account(person), draft.changed)
        .await
        .map_err(|error| Deviation::new(format!("not deleted: {error}")))?;
    // Days after the deletion, which was yesterday: looked through, files and receipts that went, failures.
    let walks = async |day: i32| -> StoryResult<(u32, u32, u32, u32)> {
        let report = run_at(&archive.app, archive.ago(1) + DAY * day, 500, 50).await?;
        Ok((report.looked_through, report.documents, report.receipts, report.failed))
    };
    same("day 1", &walks(1).await?, &(1, 0, 0, 0))?;

    let receipt = archive.delivered_pec(&draft, "activation-code").await?;
    for day in [1, 2, 6] {
        same("before a week", &walks(day).await?, &(0, 0, 0, 0))?;
    }
    ensure(archive.holds(&receipt).await, "a walk asked for the receipt within a week")?;
    same("day 7", &walks(7).await?, &(1, 0, 1, 0))?;
    ensure(!archive.holds(&receipt).await, "the late receipt is still there")?;
    archive.tells_what_became_of_the_pec(&draft, &receipt, true).await?;

    let (_, file) = archive.upload(&draft).await?;
    for day in [8, 89] {
        same("before ninety days", &walks(day).await?, &(0, 0, 0, 0))?;
    }
    ensure(archive.holds(&file).await, "a walk asked for the file within ninety days")?;
    same("day 90", &walks(90).await?, &(1, 1, 0, 0))?;
    ensure(!archive.holds(&file).await, "the late file is still there")?;
    same("years later", &walks(4000).await?, &(0, 0, 0, 0))?;
    let head = archive.app.store.applications.head(&draft.id).await?;
    same("state", &head.map(|head| head.state()), &Some(State::Deleted))?;
    archive.closed().await
}

/// COM-2: content, documents, uploaded files, texts of messages and receipts of PECs of a closed case go after ten years; head,
/// history and what became of each PEC stay, as public records.
#[tokio::test]
async fn a_closed_case_loses_its_content_and_keeps_its_record() -> StoryResult {
    let archive = Archive::opened().await?;
    let person = AccountId::keyed(&fresh()?);
    let old = archive.application(&person, 3650, true).await?;
    let young = archive.application(&person, 3649, true).await?;
    let mut files = Vec::new();
    for case in [&old, &young] {
        let name = format!("{}/modulo-1.pdf", case.id);
        let file = archive.app.documents.put(&name, "application/pdf", b"%PDF".to_vec()).await?;
        let key = keys::document(&case.id, DocumentKind::Module1.code(), 1);
        let row = [
            ("v", number(1)),
            ("kind", text(DocumentKind::Module1.code())),
            ("version", number(1)),
            ("created", number(millis(case.changed))),
            ("made", number(millis(case.changed))),
            ("file", stored(&file)),
        ];
        archive.puts(&archive.tables.portal, &key, &row).await?;
        for key in personal_rows(&case.id) {
            let body = [("v", number(1)), ("version", number(1)), ("body", text("{}"))];
            archive.puts(&archive.tables.drafts, &key, &body).await?;
        }
        let (upload, uploaded) = archive.upload(case).await?;
        let receipt = archive.delivered_pec(case, "refused").await?;
        files.push((key, file, upload, uploaded, receipt));
    }
    let before = archive.app.store.applications.history(&old.id).await?.len();
    let report = archive.forgets().await?;
    let went = (report.cases, report.documents, report.receipts, report.failed);
    same("report", &went, &(1, 2, 1, 0))?;
    for (case, (key, file, upload, uploaded, receipt), stays) in
        [(&old, &files[0], false), (&young, &files[1], true)]
    {
        for file in [file, uploaded, receipt] {
            same(&file.key, &archive.holds(file).await, &stays)?;
        }
        same("row", &archive.is_there(&archive.tables.portal, key).await?, &stays)?;
        for key in personal_rows(&case.id) {
            same(&key.sk, &archive.is_there(&archive.tables.drafts, &key).await?, &stays)?;
        }
        let verdict = archive.app.store.uploads.find(&case.id, upload).await?;
        same("file of the verdict", &verdict.map(|row| row.file.is_some()), &Some(stays))?;
        archive.tells_what_became_of_the_pec(case, receipt, !stays).await?;
        let head = archive.app.store.applications.head(&case.id).await?;
        let head = head.ok_or_else(|| Deviation::new("the head is gone"))?;
        same("head", &head, case)?;
    }
    let after = archive.app.store.applications.history(&old.id).await?.len();
    same("events", &after, &before)?;
    let again = archive.forgets().await?;
    same("again", &(again.cases, again.receipts, again.failed), &(0, 0, 0))?;
    archive.closed().await
}

/// ORG-4: a person who left goes from the organisation's list ten years later, with the membership that ended then; whoever works
/// there, left later, or works for another organisation by now keeps that; the history stays.
#[tokio::test]
async fn a_person_who_left_goes_from_the_list_after_ten_years() -> StoryResult {
    let archive = Archive::opened().await?;
    let (patronato, union) = (archive.organisation("Patronato"), archive.organisation("Unione"));
    let (patronato, union) = (patronato?, union?);
    let long_ago = archive.ago(5000);
    let anna = archive.joins(&patronato, Some(3650), long_ago).await?;
    let bruno = archive.joins(&patronato, Some(3649), long_ago).await?;
    let carla = archive.joins(&patronato, None, long_ago).await?;
    let dario = archive.joins(&patronato, Some(3650), long_ago).await?;
    archive.lists(&union, &dario, None, archive.ago(3000)).await?;
    let report = archive.forgets().await?;
    same("report", &(report.operators, report.failed), &(2, 0))?;
    for (name, person, is_listed, is_member) in [
        ("Anna", &anna, false, false),
        ("Bruno", &bruno, true, true),
        ("Carla", &carla, true, true),
        ("Dario", &dario, false, true),
    ] {
        let listed = archive.app.store.organisations.operator(&patronato.id, person).await?;
        same(name, &listed.is_some(), &is_listed)?;
        let membership = keys::membership(person, keys::OF_ORGANISATION);
        let is_there = archive.is_there(&archive.tables.portal, &membership).await?;
        same(name, &is_there, &is_member)?;
        let event = keys::organisation_event(&patronato.id, millis(long_ago), person);
        let event = archive.is_there(&archive.tables.portal, &event).await?;
        ensure(event, format!("the history of {name} is gone"))?;
    }
    let listed = archive.app.store.organisations.operator(&union.id, &dario).await?;
    ensure(listed.is_some(), "Dario is no operator of the union any more")?;
    same("again", &archive.forgets().await?.operators, &0)?;
    archive.closed().await
}

/// ORG-1: ten years after it was decided a request names nobody any more; that it was sent and decided, with its steps, stays.
/// One that no office decided waits.
#[tokio::test]
async fn the_form_of_a_decided_request_names_nobody_after_ten_years() -> StoryResult {
    let archive = Archive::opened().await?;
    let old = archive.enabling(EnablingStage::Enabled, 3650).await?;
    let young = archive.enabling(EnablingStage::Refused, 3649).await?;
    let waiting = archive.enabling(EnablingStage::AwaitingAdministrator, 4000).await?;
    let report = archive.forgets().await?;
    same("report", &(report.forms, report.failed), &(1, 0))?;
    for (request, stays) in [(&old, false), (&young, true), (&waiting, true)] {
        let found = archive.app.store.enablings.find(&request.id).await?;
        let found = found.ok_or_else(|| Deviation::new("the request is gone"))?;
        let form = if stays { request.form.clone() } else { request.form.forgotten() };
        ensure(found.form == form, format!("{:?}", request.case.stage))?;
        same("stage", &found.case.stage, &request.case.stage)?;
        same("who asked", &found.case.requester, &request.case.requester)?;
        same("steps", &archive.app.store.enablings.events(&request.id).await?.len(), &1)?;
    }
    same("again", &archive.forgets().await?.forms, &0)?;
    archive.closed().await
}

/// A letter goes ninety days after its writing, unless it still waits to be sent.
#[tokio::test]
async fn an_old_letter_goes_once_it_has_left() -> StoryResult {
    let archive = Archive::opened().await?;
    let old = archive.letter(90, false).await?;
    let young = archive.letter(89, false).await?;
    let waiting = archive.letter(200, true).await?;
    let report = archive.forgets().await?;
    same("report", &(report.letters, report.failed), &(1, 0))?;
    for (key, stays) in [(&old, false), (&young, true), (&waiting, true)] {
        same(&key.pk, &archive.is_there(&archive.tables.portal, key).await?, &stays)?;
    }
    archive.closed().await
}

/// An account goes two years after the last sign-in with password and address, and its mailbox is told; one with an
/// application or an office stays.
#[tokio::test]
async fn an_unused_account_goes_unless_it_has_an_application_or_an_office() -> StoryResult {
    let archive = Archive::opened().await?;
    let old = archive.account(730).await?;
    let young = archive.account(729).await?;
    let filer = archive.account(4000).await?;
    archive.application(&filer.id, 3000, true).await?;
    let officer = archive.account(4000).await?;
    let membership = Membership {
        role: Role::Officer.code().to_owned(),
        profile: Profile::Private.code().to_owned(),
        organisation: None,
        province: Some("FG".to_owned()),
        from: millis(archive.ago(4000)),
        until: None,
        listing: None,
    };
    archive.app.store.accounts.enable(&officer.id, &membership).await?;
    let report = archive.forgets().await?;
    same("report", &(report.accounts, report.failed), &(1, 0))?;
    for (account, stays) in [(&old, false), (&young, true), (&filer, true), (&officer, true)] {
        let found = archive.app.store.accounts.find(&account.id).await?;
        same("account", &found.is_some(), &stays)?;
        let password = archive.emails().password(&account.id).await?;
        same("password", &password.is_some(), &stays)?;
        let address = account.email.as_deref().unwrap_or_default().parse()?;
        same("address", &archive.emails().account_of(&address).await?.is_some(), &stays)?;
    }
    let told = archive.client.scan().table_name(&archive.tables.portal);
    let told = told.filter_expression("kind = :kind");
    let told = told.expression_attribute_values(":kind", text("account-closed")).send().await?;
    same("letters", &told.count(), &1)?;
    archive.closed().await
}

/// A run walks a bounded number of pages and goes on from where the last one ended; two at once do no harm.
#[tokio::test]
async fn a_walk_goes_on_from_where_it_ended() -> StoryResult {
    let archive = Archive::opened().await?;
    for _ in 0..23 {
        archive.letter(100, false).await?;
    }
    let (mut letters, mut runs) = (0, 0);
    loop {
        let report = run_at(&archive.app, archive.now, 5, 2).await?;
        ensure(report.pages <= 2 && report.seen <= 10, format!("{report:?}"))?;
        letters += report.letters;
        runs += 1;
        if report.is_whole {
            break;
        }
        ensure(runs < 10, "the walk does not come to its end")?;
    }
    same("letters", &letters, &23)?;
    ensure(runs >= 3, format!("{runs} runs"))?;
    for _ in 0..7 {
        archive.letter(100, false).await?;
    }
    let run = || run_at(&archive.app, archive.now, 500, 50);
    let (one, other) = futures::join!(run(), run());
    same("at once", &(one?.letters + other?.letters), &7)?;
    archive.closed().await
}

/// The deployed function walks with its own role, and forgets nothing of today's: only what people deleted themselves loses its
/// files and receipts, and these it may count.
#[tokio::test]
async fn the_deployed_function_walks_and_forgets_nothing_young() -> StoryResult {
    let world = World::enter().await?;
    let campaign = Plan::new("oggi")?.publish(&world).await?;
    let person = world.account(&world.employer()?.demo.representative).await?;
    let belongs = stock::Belongs {
        representative: person.clone(),
        filer: person.clone(),
        organisation: None,
    };
    let young = stock::incomplete_application(&world, &campaign, &belongs).await?;
    let deleted = stock::incomplete_application(&world, &campaign, &belongs).await?;
    let (client, sdk) = world.store();
    let table = world.environment.text("PORTAL_TABLE")?;
    let documents = Files::new(sdk, world.environment.text("DOCUMENTS_BUCKET")?);
    let (id, file) = upload(client, &table, &documents, &deleted).await?;
    let (applications, drafts) = (world.applications()?, world.drafts()?);
    deletion::delete(&applications, &drafts, &deleted, Who::Account(person), clock::wall())
        .await
        .map_err(|error| Deviation::new(format!("not deleted: {error}")))?;
    let before = applications.head(&young.id).await?;
    let content = drafts.load(&young.id).await?.values().len();

    let uploads = Uploads::new(client.clone(), table, world.environment.text("SESSIONS_TABLE")?);
    let function = world.function("forget-data")?;
    // A run goes on from where the last one ended. What it counts as failed may be a row that another test is at: whether it
    // can do its work shows in the own draft.
    let walks = || async {
        let report = world.emulator.invoke(&function, &serde_json::json!({})).await?;
        ensure(report["pages"].as_u64().is_some_and(|pages| pages >= 1), format!("{report}"))?;
        for kind in ["drafts", "letters", "accounts", "cases", "operators", "forms"] {
            same(kind, &report[kind], &serde_json::json!(0))?;
        }
        let row = uploads.find(&deleted.id, &id).await?;
        let has_gone = row.is_some_and(|row| row.file.is_none());
        Ok(if has_gone { Ok(()) } else { Err(report.to_string()) })
    };
    let what = "the file of a deleted draft has gone";
    world.story.eventually(what, Duration::from_mins(5), walks).await?;
    let found = documents.get(&file.key, file.version.as_deref(), 100).await;
    ensure(found.is_err(), "the file is still there")?;
    same("young draft", &applications.head(&young.id).await?, &before)?;
    same("its content", &drafts.load(&young.id).await?.values().len(), &content)
}

async fn puts(
    client: &Client,
    table: &str,
    key: &Key,
    more: &[(&str, AttributeValue)],
) -> StoryResult {
    let mut item: HashMap<String, AttributeValue> = key.item();
    item.extend(more.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    client.put_item().table_name(table).set_item(Some(item)).send().await?;
    Ok(())
}

/// A file that was accepted for a field of an application (FRM-6).
async fn upload(
    client: &Client,
    table: &str,
    documents: &Files,
    of: &Application,
) -> StoryResult<(UploadId, StoredFile)> {
    let id = UploadId::from_random(fresh()?);
    let name = format!("{}/{id}", of.id);
    let file = documents.put(&name, "application/pdf", b"%PDF".to_vec()).await?;
    let row = [
        ("v", number(1)),
        ("id", text(id.as_str())),
        ("purpose", text("field")),
        ("field", text("passport_file")),
        ("state", text("accepted")),
        ("object", text("object")),
        ("media_type", text("application/pdf")),
        ("bytes", number(4)),
        ("sha256", text(&file.sha256)),
        ("by", text(of.parties.filer.as_str())),
        ("asked", number(millis(of.changed))),
        ("until", number(millis(of.changed))),
        ("file", stored(&file)),
    ];
    puts(client, table, &keys::upload(&of.id, &id), &row).await?;
    Ok((id, file))
}

/// Every kind of row with personal content that an application may have in DraftsTable (ARCHITECTURE.md).
fn personal_rows(id: &ApplicationId) -> [Key; 7] {
    [
        keys::section(id, "worker"),
        keys::preliminary(id),
        keys::summary(id),
        keys::remark(id, 3),
        keys::entry(id),
        keys::agreement(id),
        keys::sent_message(id, "refused", 1),
    ]
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    Ok(aws::random::<N>()?)
}

/// A file as a document's row has it.
fn stored(file: &StoredFile) -> AttributeValue {
    let mut map = HashMap::from([
        ("key".to_owned(), text(&file.key)),
        ("sha256".to_owned(), text(&file.sha256)),
        ("bytes".to_owned(), AttributeValue::N(file.bytes.to_string())),
    ]);
    if let Some(version) = &file.version {
        map.insert("version".to_owned(), text(version));
    }
    AttributeValue::M(map)
}

fn number(value: i64) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}
