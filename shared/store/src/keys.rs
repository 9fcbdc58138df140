//! Every key of every table, one named function per access pattern; nowhere else spells one.

use std::collections::HashMap;

use aws_sdk_dynamodb::types::AttributeValue;
use domain::ids::{
    AccountId, ApplicationId, CampaignId, EnablingId, LetterId, ModelId, OrganisationId, OutageId,
    RegistrationId, SessionId, UploadId,
};
use outside::queue::{Message, Queue};
use sha2::{Digest, Sha256};

/// Shards of what waits for one queue, so that none is hot: each submission of a click day writes here.
pub const PENDING_SHARDS: u8 = 16;
/// Shards of a filer's applications: a large organisation files thousands.
pub const FILER_SHARDS: u8 = 8;

/// Shards of the cases of one province in one state: some provinces have half of all.
pub const OFFICE_SHARDS: u8 = 8;
/// Shards of the cases of one campaign for which something comes by itself.
pub const DUE_SHARDS: u8 = 4;
/// Shards of the order of one model.
pub const RANK_SHARDS: u8 = 8;
/// Shards of the places that were given up under one campaign and are not passed on yet.
pub const GIVEN_UP_SHARDS: u8 = 4;
/// Shards of what is armed for one model.
pub const ARMED_SHARDS: u8 = 8;
/// Shards of the submissions of one campaign that are recorded and not in its public log yet.
pub const UNLOGGED_SHARDS: u8 = 8;

/// Index of the applications of a legal representative.
pub const BY_REPRESENTATIVE: &str = "by-representative";
/// Index of the applications that an account or an organisation filed.
pub const BY_FILER: &str = "by-filer";
/// Index of what one person filled in under one decree.
pub const BY_OWN: &str = "by-own";
/// Sparse index of items that wait for a queue.
pub const PENDING: &str = "pending";

/// Sparse index of sent applications by the office of their province and their state, oldest arrival first (DEC-1).
pub const BY_OFFICE: &str = "by-office";
/// Sparse index of cases for which something comes by itself, the next instant first (SWP-1).
pub const BY_DUE: &str = "by-due";

/// The primary key of an item.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct Key {
    /// Partition key.
    pub pk: String,
    /// Sort key.
    pub sk: String,
}

impl Key {
    fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The item that a message of a queue is about.
    pub fn of(message: &Message) -> Self {
        Self::new(&message.pk, &message.sk)
    }

    /// The message that says: look at this item.
    pub fn message(&self) -> Message {
        Message { v: 1, pk: self.pk.clone(), sk: self.sk.clone() }
    }

    /// As the SDK wants it.
    pub fn item(&self) -> HashMap<String, AttributeValue> {
        HashMap::from([
            ("pk".to_owned(), AttributeValue::S(self.pk.clone())),
            ("sk".to_owned(), AttributeValue::S(self.sk.clone())),
        ])
    }
}

/// The partition of everything about one application, in the portal table and in the drafts table.
pub fn application(id: &ApplicationId) -> String {
    format!("APP#{id}")
}

/// The application whose partition this is, if it is one.
pub fn application_of(pk: &str) -> Option<ApplicationId> {
    pk.strip_prefix("APP#")?.parse().ok()
}

/// The head of an application.
pub fn head(id: &ApplicationId) -> Key {
    Key::new(application(id), "HEAD")
}

/// The activation code (hashed) of an application.
pub fn activation(id: &ApplicationId) -> Key {
    Key::new(application(id), "ACTIVATION")
}

/// One lifecycle event; the version that the head had after it.
pub fn event(id: &ApplicationId, version: u64) -> Key {
    Key::new(application(id), format!("{EVENT_PREFIX}{version:06}"))
}

/// What all events of an application begin with, in order of version.
pub const EVENT_PREFIX: &str = "EVENT#";

/// That a draft was saved: how often its sections were saved by then.
pub fn saved(id: &ApplicationId, saves: u64) -> Key {
    Key::new(application(id), format!("{SAVED_PREFIX}{saves:08}"))
}

/// What all saves of an application begin with, in their order.
pub const SAVED_PREFIX: &str = "SAVED#";

/// One notice of the outbox; `n` counts those of one kind.
pub fn notice(id: &ApplicationId, kind: &str, n: u32) -> Key {
    Key::new(application(id), format!("{NOTICE_PREFIX}{kind}#{n:03}"))
}

/// What all notices of an application begin with.
pub const NOTICE_PREFIX: &str = "NOTICE#";

/// One task of enrichment: which registry, now or later (ENR-2).
pub fn task(id: &ApplicationId, name: &str) -> Key {
    Key::new(application(id), format!("{TASK_PREFIX}{name}"))
}

/// What all tasks of an application begin with.
pub const TASK_PREFIX: &str = "TASK#";

/// A copy by ordinary mail of a notice that went by PEC, for the filer (COM-1).
pub fn notice_copy(id: &ApplicationId, kind: &str, n: u32) -> Key {
    Key::new(application(id), format!("{NOTICE_PREFIX}{kind}#{n:03}#COPY"))
}

/// A document that the portal makes; the version of the head that asked for it.
pub fn document(id: &ApplicationId, kind: &str, version: u64) -> Key {
    Key::new(application(id), format!("{DOCUMENT_PREFIX}{kind}#{version:06}"))
}

/// What all documents of an application begin with.
pub const DOCUMENT_PREFIX: &str = "DOCUMENT#";

/// An uploaded file.
pub fn upload(application_id: &ApplicationId, id: &UploadId) -> Key {
    Key::new(application(application_id), format!("{UPLOAD_PREFIX}{id}"))
}

/// The upload that a sort key names; none for anything else.
pub fn upload_of(sk: &str) -> Option<UploadId> {
    sk.strip_prefix(UPLOAD_PREFIX)?.parse().ok()
}

/// Whose signatures are expected in an uploaded contract: in a partition of its own, so that check-upload may read it and
/// nothing else of persons.
pub fn expected_signers(id: &UploadId) -> Key {
    Key::new(format!("UPLOAD#{id}"), "SIGNERS")
}

/// What all uploads of an application begin with.
pub const UPLOAD_PREFIX: &str = "UPLOAD#";

/// What the consular system has to learn; the version of the head that decided it.
pub fn consular_message(id: &ApplicationId, version: u64) -> Key {
    Key::new(application(id), format!("{CONSULAR_PREFIX}{version:06}"))
}

/// What all messages to the consular system begin with.
pub const CONSULAR_PREFIX: &str = "CONSULATE#";

/// What the consular system reported, by its own identifier of the report (hashed): each is recorded once.
pub fn consular_report(hashed: &str) -> Key {
    Key::new(format!("REPORT#{hashed}"), "REPORT")
}

/// The place of an application, of one of these kinds: [`PLACE`], [`PLACE_MOVED_UP`], [`PLACE_PASSED_ON`] (RNK-1).
pub fn place(id: &ApplicationId, kind: &str) -> Key {
    Key::new(application(id), kind)
}

/// What an application got in its turn; what all about its place begins with.
pub const PLACE: &str = "PLACE";
/// That it has a place now, after it waited (RNK-2).
pub const PLACE_MOVED_UP: &str = "PLACE_MOVED_UP";
/// That what it gave up was passed on (RNK-2).
pub const PLACE_PASSED_ON: &str = "PLACE_PASSED_ON";

/// How far the places of a campaign are given.
pub fn ranking(campaign: &CampaignId) -> Key {
    Key::new(format!("RANKING#{campaign}"), "RANKING")
}

/// The partition of a submission in the order of its model; within it the order is that of [`domain::order::Rank`]
/// (SUB-3).
pub fn ranked(campaign: &CampaignId, model: &ModelId, id: &ApplicationId) -> String {
    rank_shard(campaign, model, shard(id, RANK_SHARDS))
}

/// All partitions of the order of a model.
pub fn all_ranked(campaign: &CampaignId, model: &ModelId) -> Vec<String> {
    (0..RANK_SHARDS).map(|shard| rank_shard(campaign, model, shard)).collect()
}

fn rank_shard(campaign: &CampaignId, model: &ModelId, shard: u8) -> String {
    format!("RANK#{campaign}#{model}#{shard}")
}

/// That an application gave up its place, until that is passed on: no row that many write (RNK-2).
pub fn given_up_place(campaign: &CampaignId, id: &ApplicationId) -> Key {
    Key::new(given_up_shard(campaign, shard(id, GIVEN_UP_SHARDS)), id.as_str())
}

/// All partitions of what was given up under a campaign.
pub fn all_given_up_places(campaign: &CampaignId) -> Vec<String> {
    (0..GIVEN_UP_SHARDS).map(|shard| given_up_shard(campaign, shard)).collect()
}

fn given_up_shard(campaign: &CampaignId, shard: u8) -> String {
    format!("GIVENUP#{campaign}#{shard}")
}

/// That an application is armed, until it is sent or no longer armed: no row that many write (NEW-1).
pub fn armed(campaign: &CampaignId, model: &ModelId, id: &ApplicationId) -> Key {
    Key::new(armed_shard(campaign, model, shard(id, ARMED_SHARDS)), id.as_str())
}

/// All partitions of what is armed for a model.
pub fn all_armed(campaign: &CampaignId, model: &ModelId) -> Vec<String> {
    (0..ARMED_SHARDS).map(|shard| armed_shard(campaign, model, shard)).collect()
}

fn armed_shard(campaign: &CampaignId, model: &ModelId, shard: u8) -> String {
    format!("ARMED#{campaign}#{model}#{shard}")
}

/// The partition of the openings of a model at which what was armed began to go.
pub fn armed_runs(campaign: &CampaignId, model: &ModelId) -> String {
    format!("ARMED_RUN#{campaign}#{model}")
}

/// How far the sends of one opening are; the window's first instant, in milliseconds of the campaign's clock (NEW-1).
pub fn armed_run(campaign: &CampaignId, model: &ModelId, from: i64) -> Key {
    Key::new(armed_runs(campaign, model), format!("{from:013}"))
}

/// How far the public log of a campaign is (RNK-3).
pub fn submission_log(campaign: &CampaignId) -> Key {
    Key::new(format!("LOG#{campaign}"), "LOG")
}

/// The partition of a submission that is recorded and not in the log yet: no row that many write (RNK-3).
pub fn unlogged(campaign: &CampaignId, id: &ApplicationId) -> String {
    unlogged_shard(campaign, shard(id, UNLOGGED_SHARDS))
}

/// Its sort key, by which the one that was recorded first (milliseconds of the wall clock) comes first.
pub fn unlogged_place(recorded: i64, id: &ApplicationId) -> String {
    format!("{recorded:013}#{id}")
}

/// Since when a submission waits for the log, and which it is.
pub fn unlogged_of(sk: &str) -> Option<(i64, ApplicationId)> {
    let (recorded, id) = sk.split_once('#')?;
    Some((recorded.parse().ok()?, id.parse().ok()?))
}

/// All partitions of what waits for a campaign's log.
pub fn all_unlogged(campaign: &CampaignId) -> Vec<String> {
    (0..UNLOGGED_SHARDS).map(|shard| unlogged_shard(campaign, shard)).collect()
}

fn unlogged_shard(campaign: &CampaignId, shard: u8) -> String {
    format!("UNLOGGED#{campaign}#{shard}")
}

/// An employer's attempt that came too late: kept as evidence (CNF-4).
pub fn evidence(id: &ApplicationId, at: i64, request: &str) -> Key {
    Key::new(application(id), format!("{EVIDENCE_PREFIX}{at:013}#{request}"))
}

/// What all evidence of an application begins with.
pub const EVIDENCE_PREFIX: &str = "EVIDENCE#";

/// The ledger of outages (CNF-4): few, and read as a whole.
pub fn outages() -> String {
    "OUTAGES".to_owned()
}

/// An outage, in order of its beginning.
pub fn outage(from: i64, id: &OutageId) -> Key {
    Key::new(outages(), format!("{from:013}#{id}"))
}

/// That a second person confirmed an outage, beside it.
pub fn outage_confirmation(from: i64, id: &OutageId) -> Key {
    Key::new(outages(), format!("{from:013}#{id}{OUTAGE_CONFIRMED}"))
}

/// Whether a row of the ledger is a confirmation.
pub fn is_outage_confirmation(sk: &str) -> bool {
    sk.ends_with(OUTAGE_CONFIRMED)
}

const OUTAGE_CONFIRMED: &str = "#CONFIRMED";

/// What the sweeper did last in the hour that begins then (milliseconds), for operators (SWP-1).
pub fn sweep_run(at: i64) -> Key {
    Key::new("SWEEPS", format!("{at:013}"))
}

/// Whether the certified provider's receipts keep coming (COM-2).
pub fn receipt_watch() -> Key {
    Key::new("STATUS", "RECEIPTS")
}

/// Border entry, in the drafts table because it is personal (ENT-1).
pub fn entry(id: &ApplicationId) -> Key {
    Key::new(application(id), "ENTRY")
}

/// Data of the integration agreement, in the drafts table because they are personal (AGR-1).
pub fn agreement(id: &ApplicationId) -> Key {
    Key::new(application(id), "AGREEMENT")
}

/// What a message said as it left, in the drafts table because it is personal (COM-1).
pub fn sent_message(id: &ApplicationId, kind: &str, n: u32) -> Key {
    Key::new(application(id), format!("{SENT_PREFIX}{kind}#{n:03}"))
}

/// What all messages of an application begin with.
pub const SENT_PREFIX: &str = "SENT#";

/// An account.
pub fn account(id: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), "ACCOUNT")
}

/// A membership of an account.
pub fn membership(id: &AccountId, of: &str) -> Key {
    Key::new(format!("ACCOUNT#{id}"), format!("{MEMBER_PREFIX}{of}"))
}

/// What all memberships of an account begin with.
pub const MEMBER_PREFIX: &str = "MEMBER#";

/// That a person said not to work for an organisation, which therefore cannot list them again (ORG-7).
pub fn refusal(id: &AccountId, organisation: &OrganisationId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), format!("{REFUSAL_PREFIX}{organisation}"))
}

/// What all refusals of a person begin with.
pub const REFUSAL_PREFIX: &str = "REFUSAL#";

/// The hash of an e-mail account's password, apart from what is shown of the account (ACC-1).
pub fn password(id: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), "PASSWORD")
}

/// The password that a former account had before it was linked: it comes back when the link is undone (IDP-2).
pub fn kept_password(id: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), "KEPT_PASSWORD")
}

/// That a former account was linked, and when (milliseconds): never changed (IDP-2, AUD-1).
pub fn account_link(former: &AccountId, at: i64) -> Key {
    Key::new(format!("ACCOUNT#{former}"), format!("{ACCOUNT_LINK_PREFIX}{at:013}"))
}

/// What all links of a former account begin with, in order of time.
pub const ACCOUNT_LINK_PREFIX: &str = "LINK#";

/// That an administrator undid a link, and when (milliseconds): never changed (IDP-2, AUD-1).
pub fn account_unlink(former: &AccountId, at: i64) -> Key {
    Key::new(format!("ACCOUNT#{former}"), format!("{ACCOUNT_UNLINK_PREFIX}{at:013}"))
}

/// What all links that were undone begin with, in order of time.
pub const ACCOUNT_UNLINK_PREFIX: &str = "UNLINK#";

/// What of an application followed a former account.
pub fn linked_application(former: &AccountId, id: &ApplicationId) -> Key {
    Key::new(format!("ACCOUNT#{former}"), format!("{LINKED_PREFIX}{id}"))
}

/// What all applications that followed a former account begin with.
pub const LINKED_PREFIX: &str = "LINKED#";

/// That a former account is linked to this account, by which its person finds what is kept of it (PRV-1).
pub fn former_account(id: &AccountId, former: &AccountId) -> Key {
    Key::new(format!("ACCOUNT#{id}"), format!("{FORMER_PREFIX}{former}"))
}

/// What all former accounts of a person begin with.
pub const FORMER_PREFIX: &str = "FORMER#";

/// The account of an e-mail address; the address is a keyed hash, and unique by this row (ACC-2).
pub fn email_address(opaque: &str) -> Key {
    Key::new(format!("ADDRESS#{opaque}"), "ADDRESS")
}

/// A letter: mail that is about no application.
pub fn letter(id: &LetterId) -> Key {
    Key::new(format!("LETTER#{id}"), "LETTER")
}

/// The letter whose partition this is, if it is one.
pub fn letter_of(pk: &str) -> Option<LetterId> {
    pk.strip_prefix("LETTER#")?.parse().ok()
}

/// The account whose row has this partition.
pub fn account_of(pk: &str) -> Option<AccountId> {
    pk.strip_prefix("ACCOUNT#")?.parse().ok()
}

/// Where the walk over what is kept stands (PRV-1).
pub fn retention_cursor() -> Key {
    Key::new("RETENTION", "CURSOR")
}

/// The name of a membership of an organisation in [`membership`]: no person works for two at a time (ORG-2).
pub const OF_ORGANISATION: &str = "ORG";

/// The name of a membership of an office in [`membership`]: no person holds two at a time (ADM-1). Rows of before were
/// named by province or role.
pub const OF_OFFICE: &str = "OFFICE";

/// The partition of all people of offices, some thousands; only appointments write it.
pub fn officials() -> String {
    "OFFICIALS".to_owned()
}

/// What all people of a province's offices begin with.
pub fn officials_of(province: &str) -> String {
    format!("{province}#")
}

/// A person of an office (ADM-1).
pub fn official(province: Option<&str>, account: &AccountId) -> Key {
    Key::new(officials(), format!("{}{account}", officials_of(province.unwrap_or("-"))))
}

/// The partition of what happened to a person in offices.
pub fn of_official(account: &AccountId) -> String {
    format!("OFFICIAL#{account}")
}

/// What happened to a person in an office, in order of time (AUD-1).
pub fn official_event(account: &AccountId, at: i64) -> Key {
    Key::new(of_official(account), format!("{EVENT_PREFIX}{at:013}"))
}

/// That the deployment named a person the first administrator: once, before all other events.
pub fn official_named(account: &AccountId) -> Key {
    Key::new(of_official(account), format!("{EVENT_PREFIX}-"))
}

/// The partition of an organisation with its operators.
fn of_organisation(id: &OrganisationId) -> String {
    format!("ORG#{id}")
}

/// An organisation with its basis (ORG-2).
pub fn organisation(id: &OrganisationId) -> Key {
    Key::new(of_organisation(id), "ORG")
}

/// An operator or the contact of an organisation.
pub fn operator(id: &OrganisationId, account: &AccountId) -> Key {
    Key::new(of_organisation(id), format!("{OPERATOR_PREFIX}{account}"))
}

/// The organisation and the person that a row of a list is about, if it is one.
pub fn operator_of(key: &Key) -> Option<(OrganisationId, AccountId)> {
    let organisation = key.pk.strip_prefix("ORG#")?.parse().ok()?;
    Some((organisation, key.sk.strip_prefix(OPERATOR_PREFIX)?.parse().ok()?))
}

/// What all operators of an organisation begin with.
pub const OPERATOR_PREFIX: &str = "OPERATOR#";

/// What happened to an operator of an organisation, in order of time (ORG-4, AUD-1).
pub fn organisation_event(id: &OrganisationId, at: i64, account: &AccountId) -> Key {
    Key::new(of_organisation(id), format!("{EVENT_PREFIX}{at:013}#{account}"))
}

/// That an account has a request under way for an organisation: a double click makes one request (ORG-1).
pub fn open_request(id: &OrganisationId, account: &AccountId) -> Key {
    Key::new(of_organisation(id), format!("REQUEST#{account}"))
}

/// The partition of an enabling request with its events.
pub fn of_enabling(id: &EnablingId) -> String {
    format!("ENABLING#{id}")
}

/// A request to enable operators (ORG-1).
pub fn enabling(id: &EnablingId) -> Key {
    Key::new(of_enabling(id), "REQUEST")
}

/// The enabling request whose partition this is, if it is one.
pub fn enabling_of(pk: &str) -> Option<EnablingId> {
    pk.strip_prefix("ENABLING#")?.parse().ok()
}

/// One step of an enabling request; the version that it had after it (ORG-1).
pub fn enabling_event(id: &EnablingId, version: u64) -> Key {
    Key::new(of_enabling(id), format!("{EVENT_PREFIX}{version:06}"))
}

/// The partition of the requests that wait for an office; few at any time.
pub fn enabling_queue(stage: &str) -> String {
    format!("ENABLING_QUEUE#{stage}")
}

/// A request in an office's work list, by province.
pub fn enabling_queued(stage: &str, province: &str, id: &EnablingId) -> Key {
    Key::new(enabling_queue(stage), format!("{}{id}", enabling_queued_of(province)))
}

/// What all requests of a province begin with in a work list.
pub fn enabling_queued_of(province: &str) -> String {
    format!("{province}#")
}

/// A request in the requester's list.
pub fn own_enabling(account: &AccountId, id: &EnablingId) -> Key {
    Key::new(own_enablings(account), format!("{OWN_ENABLING_PREFIX}{id}"))
}

/// The partition of the requests of an account.
pub fn own_enablings(account: &AccountId) -> String {
    format!("ACCOUNT#{account}")
}

/// What all requests of an account begin with.
pub const OWN_ENABLING_PREFIX: &str = "ENABLING#";

/// The request that a row of a list stands for, if it is one.
pub fn enabling_listed(sk: &str) -> Option<EnablingId> {
    sk.rsplit_once('#')?.1.parse().ok()
}

/// How many applications an account has in a campaign (LIM-1).
pub fn limit(campaign: &CampaignId, account: &AccountId) -> Key {
    Key::new(format!("LIMIT#{campaign}#{account}"), "LIMIT")
}

/// The claim of an employer on a worker (LIM-1).
pub fn worker_claim(keyed: &str) -> Key {
    Key::new(format!("WORKER#{keyed}"), "CLAIM")
}

/// One published version of a campaign.
pub fn campaign_version(campaign: &CampaignId, version: u32) -> Key {
    Key::new(format!("CAMPAIGN#{campaign}"), format!("{VERSION_PREFIX}{version:06}"))
}

/// The campaign whose partition this is, if it is one.
pub fn campaign_of(pk: &str) -> Option<CampaignId> {
    pk.strip_prefix("CAMPAIGN#")?.parse().ok()
}

/// The version that a row of a campaign holds.
pub fn version_of(sk: &str) -> Option<u32> {
    sk.strip_prefix(VERSION_PREFIX)?.parse().ok()
}

/// What all versions of a campaign begin with.
pub const VERSION_PREFIX: &str = "VERSION#";

/// One edition of the notice board (NOT-1).
pub fn notice_board(edition: u32) -> Key {
    Key::new("NOTICE_BOARD", format!("{EDITION_PREFIX}{edition:06}"))
}

/// What all editions of the notice board begin with.
pub const EDITION_PREFIX: &str = "EDITION#";

/// The partition that lists all campaigns, one small item each.
pub fn campaigns_list() -> String {
    "CAMPAIGNS".to_owned()
}

/// A campaign in the list.
pub fn campaign_listed(campaign: &CampaignId) -> Key {
    Key::new(campaigns_list(), campaign.to_string())
}

/// A section body in the drafts table.
pub fn section(id: &ApplicationId, section: &str) -> Key {
    Key::new(application(id), format!("{SECTION_PREFIX}{section}"))
}

/// What all section bodies of an application begin with.
pub const SECTION_PREFIX: &str = "SECTION#";

/// The preliminary checks' data (CHK-1), in the drafts table because they are personal.
pub fn preliminary(id: &ApplicationId) -> Key {
    Key::new(application(id), "PRELIMINARY")
}

/// What lists, search and radar need of the content (SRC-1, NEW-2), in the drafts table because it is personal.
pub fn summary(id: &ApplicationId) -> Key {
    Key::new(application(id), "SUMMARY")
}

/// A remark beside the content, in the drafts table because it is personal; the version that the head had after it.
pub fn remark(id: &ApplicationId, version: u64) -> Key {
    Key::new(application(id), format!("{REMARK_PREFIX}{version:06}"))
}

/// What all remarks of an application begin with.
pub const REMARK_PREFIX: &str = "REMARK#";

/// The version of the head that a remark goes with.
pub fn remark_of(sk: &str) -> Option<u64> {
    sk.strip_prefix(REMARK_PREFIX)?.parse().ok()
}

/// The partition of all flags: blocked applications that an office has to look at (NEW-5); few at any time.
pub fn flags() -> String {
    "FLAGGED".to_owned()
}

/// The flag of a blocked application with the office of its province, or of none.
pub fn flag(province: Option<&str>, id: &ApplicationId) -> Key {
    Key::new(flags(), format!("{}{id}", flags_of(province)))
}

/// The flag of something about an application that was given up, by the sort key of what it is.
pub fn stuck(province: Option<&str>, id: &ApplicationId, sk: &str) -> Key {
    Key::new(flags(), format!("{}{id}#{sk}", flags_of(province)))
}

/// The flag at a place of the list.
pub fn flag_at(sk: &str) -> Key {
    Key::new(flags(), sk)
}

/// What all flags of a province begin with.
pub fn flags_of(province: Option<&str>) -> String {
    // No province has this code.
    format!("{}#", province.unwrap_or("ZZ"))
}

/// A session, in the sessions table.
pub fn session(id: &SessionId) -> Key {
    Key::new(format!("SESSION#{id}"), "SESSION")
}

/// The partition of what ends all sessions of an account, in the sessions table.
pub fn sessions_of(account: &AccountId) -> String {
    format!("SESSIONS#{account}")
}

/// That all sessions opened before an instant (milliseconds) are over from then on.
pub fn sessions_end(account: &AccountId, from: i64) -> Key {
    Key::new(sessions_of(account), format!("{SESSIONS_END_PREFIX}{from:015}"))
}

/// The same for the sessions in which the person works for one organisation.
pub fn sessions_end_for(account: &AccountId, from: i64, organisation: &OrganisationId) -> Key {
    Key::new(sessions_of(account), format!("{SESSIONS_END_PREFIX}{from:015}#{organisation}"))
}

/// What all of them begin with.
pub const SESSIONS_END_PREFIX: &str = "END#";

/// A sign-in under way; `state` is hashed by the caller.
pub fn sign_in(hashed_state: &str) -> Key {
    Key::new(format!("OIDC#{hashed_state}"), "OIDC")
}

/// A registration that waits to be activated, in the sessions table (ACC-1).
pub fn registration(id: &RegistrationId) -> Key {
    Key::new(format!("REGISTRATION#{id}"), "REGISTRATION")
}

/// A single-use link of a letter, in the sessions table; the token is hashed by the caller.
pub fn link(hashed_token: &str) -> Key {
    Key::new(format!("LINK#{hashed_token}"), "LINK")
}

/// That a solved human check was used, in the sessions table; its challenge is unique.
pub fn used_human_check(challenge: &str) -> Key {
    Key::new(format!("HUMAN#{challenge}"), "USED")
}

/// The code of a human check by mail, in the sessions table; the address is a keyed hash.
pub fn human_check_code(opaque: &str) -> Key {
    Key::new(format!("HUMAN#{opaque}"), "CODE")
}

/// A counter of attempts of one kind in one window of time.
pub fn attempts(what: &str, opaque: &str, window: i64) -> Key {
    Key::new(format!("ATTEMPTS#{what}#{opaque}"), format!("{window}"))
}

/// Index partition: the applications of a legal representative.
pub fn of_representative(account: &AccountId) -> String {
    format!("REPRESENTATIVE#{account}")
}

/// Index partition: where an application stands among its filer's.
pub fn of_filer(
    account: &AccountId,
    organisation: Option<&OrganisationId>,
    id: &ApplicationId,
) -> String {
    filer_shard(account, organisation, shard(id, FILER_SHARDS))
}

/// Index partitions: all of a filer's (an organisation's, where there is one).
pub fn all_of_filer(account: &AccountId, organisation: Option<&OrganisationId>) -> Vec<String> {
    (0..FILER_SHARDS).map(|shard| filer_shard(account, organisation, shard)).collect()
}

fn filer_shard(account: &AccountId, organisation: Option<&OrganisationId>, shard: u8) -> String {
    match organisation {
        Some(organisation) => format!("FILER#{organisation}#{shard}"),
        None => format!("FILER#{account}#{shard}"),
    }
}

/// Index partition: what one person filled in under one decree, for oneself or for an organisation (FRM-4).
///
/// Not sharded: a person files some hundreds, and nothing writes here on the click day.
pub fn own(
    account: &AccountId,
    organisation: Option<&OrganisationId>,
    campaign: &CampaignId,
) -> String {
    let organisation = organisation.map_or("-", OrganisationId::as_str);
    format!("FILED#{account}#{organisation}#{campaign}")
}

/// Index partition: items of this application that wait for a queue. By queue, so that what is urgent is found without
/// reading what may wait, and a message is made from the index alone (ADR 34).
pub fn pending(queue: Queue, id: &ApplicationId) -> String {
    pending_shard(queue, shard(id, PENDING_SHARDS))
}

/// Index partition: where a letter waits to be sent.
pub fn pending_letter(queue: Queue, id: &LetterId) -> String {
    pending_shard(queue, shard_of(id.as_str(), PENDING_SHARDS))
}

/// Index partition of things that belong to no application (published campaigns).
pub fn pending_elsewhere(queue: Queue) -> String {
    pending_shard(queue, 0)
}

/// Index partition: where an item waits for a queue, whatever it is.
pub fn pending_again(queue: Queue, key: &Key) -> String {
    match (application_of(&key.pk), letter_of(&key.pk)) {
        (Some(id), _) => pending(queue, &id),
        (None, Some(id)) => pending_letter(queue, &id),
        (None, None) => pending_elsewhere(queue),
    }
}

/// Index partitions: everything that waits for a queue.
pub fn all_pending(queue: Queue) -> Vec<String> {
    (0..PENDING_SHARDS).map(|shard| pending_shard(queue, shard)).collect()
}

/// Index partition: what was given up, until an operator lets it wait anew; few at any time.
pub fn given_up() -> String {
    "PENDING#given-up".to_owned()
}

/// How far the reconciler has come through what waits for a queue.
pub fn reconciled(queue: Queue) -> Key {
    Key::new("RECONCILED", queue.code())
}

/// Index partition: a sent application among those of its province in its state.
pub fn office(province: &str, state: &str, id: &ApplicationId) -> String {
    office_shard(province, state, shard(id, OFFICE_SHARDS))
}

/// Index partitions: all of a province in a state.
pub fn all_of_office(province: &str, state: &str) -> Vec<String> {
    (0..OFFICE_SHARDS).map(|shard| office_shard(province, state, shard)).collect()
}

fn office_shard(province: &str, state: &str, shard: u8) -> String {
    format!("OFFICE#{province}#{state}#{shard}")
}

/// Index partition: a case for which something comes by itself. By campaign, since a campaign may move its clock.
pub fn due(campaign: &CampaignId, id: &ApplicationId) -> String {
    due_shard(campaign, shard(id, DUE_SHARDS))
}

/// Index partitions: all cases of a campaign for which something comes by itself.
pub fn all_due(campaign: &CampaignId) -> Vec<String> {
    (0..DUE_SHARDS).map(|shard| due_shard(campaign, shard)).collect()
}

fn due_shard(campaign: &CampaignId, shard: u8) -> String {
    format!("DUE#{campaign}#{shard}")
}

fn pending_shard(queue: Queue, shard: u8) -> String {
    format!("PENDING#{}#{shard:02}", queue.code())
}

fn shard(id: &ApplicationId, shards: u8) -> u8 {
    shard_of(id.as_str(), shards)
}

fn shard_of(id: &str, shards: u8) -> u8 {
    let [first, ..] = <[u8; 32]>::from(Sha256::digest(id));
    first % shards
}

/// The table of access patterns, as the documentation shows it.
pub const ACCESS_PATTERNS: &[(&str, &str, &str)] = &[
    ("head of an application", "PortalTable", "`APP#<id>` / `HEAD`"),
    ("history of an application, in order", "PortalTable", "`APP#<id>` / begins with `EVENT#`"),
    (
        "saves of a draft: who, when, which sections",
        "PortalTable",
        "`APP#<id>` / begins with `SAVED#`",
    ),
    ("communications of an application", "PortalTable", "`APP#<id>` / begins with `NOTICE#`"),
    (
        "registries still asked for an application",
        "PortalTable",
        "`APP#<id>` / begins with `TASK#`",
    ),
    ("activation code of an application", "PortalTable", "`APP#<id>` / `ACTIVATION`"),
    ("documents of an application", "PortalTable", "`APP#<id>` / begins with `DOCUMENT#`"),
    ("uploads of an application", "PortalTable", "`APP#<id>` / begins with `UPLOAD#`"),
    (
        "what the consular system has to learn of an application",
        "PortalTable",
        "`APP#<id>` / begins with `CONSULATE#`",
    ),
    ("what the consular system reported", "PortalTable", "`REPORT#<hash>` / `REPORT`"),
    (
        "place of an application: what it got in its turn, that it moved up, that it gave up",
        "PortalTable",
        "`APP#<id>` / `PLACE`, `PLACE_MOVED_UP`, `PLACE_PASSED_ON`",
    ),
    ("what did not count, kept as evidence", "PortalTable", "`APP#<id>` / begins with `EVIDENCE#`"),
    (
        "how far the places of a campaign are given",
        "PortalTable",
        "`RANKING#<campaign>` / `RANKING`",
    ),
    (
        "submissions of a model, in order",
        "PortalTable",
        "`RANK#<campaign>#<model>#<shard 0..7>` / `<arrival>#<draw>#<id>`, merged",
    ),
    (
        "places that were given up and are not passed on yet",
        "PortalTable",
        "`GIVENUP#<campaign>#<shard 0..3>` / all",
    ),
    (
        "what is armed for a model",
        "PortalTable",
        "`ARMED#<campaign>#<model>#<shard 0..7>` / `<id>`",
    ),
    (
        "openings of a model at which what was armed began to go",
        "PortalTable",
        "`ARMED_RUN#<campaign>#<model>` / `<milliseconds>`",
    ),
    ("how far the public log of a campaign is", "PortalTable", "`LOG#<campaign>` / `LOG`"),
    (
        "submissions that are recorded and not in the log yet, oldest first",
        "PortalTable",
        "`UNLOGGED#<campaign>#<shard 0..7>` / `<milliseconds>#<id>`",
    ),
    (
        "cases of a province in a state, oldest first",
        "by-office",
        "`OFFICE#<province>#<state>#<shard 0..7>` / `office_at`, merged",
    ),
    (
        "cases of a campaign for which something comes by itself, next first",
        "by-due",
        "`DUE#<campaign>#<shard 0..3>` / `due_at`",
    ),
    ("ledger of outages", "PortalTable", "`OUTAGES` / all"),
    ("whether receipts of PEC keep coming", "PortalTable", "`STATUS` / `RECEIPTS`"),
    ("what the sweeper did", "PortalTable", "`SWEEPS` / `<milliseconds>`"),
    ("applications of a legal representative", "by-representative", "`REPRESENTATIVE#<account>`"),
    (
        "applications that an account, or an organisation, filed",
        "by-filer",
        "`FILER#<account or organisation>#<shard 0..7>`, merged",
    ),
    (
        "what a person filled in under a decree, for themselves or for an organisation",
        "by-own",
        "`FILED#<account>#<organisation or ->#<campaign>`",
    ),
    (
        "what waits for a queue, oldest first",
        "pending",
        "`PENDING#<queue>#<shard 0..15>` / `pending_due`",
    ),
    ("what was given up", "pending", "`PENDING#given-up` / `pending_due`"),
    ("how far the reconciler has come", "PortalTable", "`RECONCILED` / `<queue>`"),
    ("account and memberships", "PortalTable", "`ACCOUNT#<id>` / `ACCOUNT`, begins with `MEMBER#`"),
    (
        "whether a person said not to work for an organisation",
        "PortalTable",
        "`ACCOUNT#<id>` / `REFUSAL#<org id>`; for the export: begins with `REFUSAL#`",
    ),
    ("password of an e-mail account", "PortalTable", "`ACCOUNT#<id>` / `PASSWORD`"),
    (
        "how a former account was linked, what followed, and what was undone",
        "PortalTable",
        "`ACCOUNT#<id>` / begins with `LINK#`, `LINKED#<app id>`, `UNLINK#`; `KEPT_PASSWORD`",
    ),
    (
        "the former accounts of a person, for the export",
        "PortalTable",
        "`ACCOUNT#<id>` / begins with `FORMER#`",
    ),
    ("account of an e-mail address", "PortalTable", "`ADDRESS#<keyed hash>` / `ADDRESS`"),
    ("a letter (mail about no application)", "PortalTable", "`LETTER#<id>` / `LETTER`"),
    ("an organisation", "PortalTable", "`ORG#<id>` / `ORG`"),
    ("operators of an organisation", "PortalTable", "`ORG#<id>` / begins with `OPERATOR#`"),
    (
        "what happened to the operators of an organisation",
        "PortalTable",
        "`ORG#<id>` / begins with `EVENT#`",
    ),
    (
        "the request that an account has under way for an organisation",
        "PortalTable",
        "`ORG#<id>` / `REQUEST#<account>`",
    ),
    (
        "an enabling request and its steps",
        "PortalTable",
        "`ENABLING#<id>` / `REQUEST`, begins with `EVENT#`",
    ),
    (
        "enabling requests that wait for an office",
        "PortalTable",
        "`ENABLING_QUEUE#<stage>` / all, or begins with `<province>#`",
    ),
    (
        "people of offices, all or of a province",
        "PortalTable",
        "`OFFICIALS` / all, or begins with `<province, or ->#`",
    ),
    (
        "what happened to a person in offices",
        "PortalTable",
        "`OFFICIAL#<account>` / begins with `EVENT#`",
    ),
    ("own enabling requests", "PortalTable", "`ACCOUNT#<id>` / begins with `ENABLING#`"),
    (
        "how many applications an account has in a campaign",
        "PortalTable",
        "`LIMIT#<campaign>#<account>` / `LIMIT`",
    ),
    ("who holds the claim on a worker", "PortalTable", "`WORKER#<keyed hash>` / `CLAIM`"),
    (
        "versions of a campaign, newest first",
        "PortalTable",
        "`CAMPAIGN#<id>` / begins with `VERSION#`",
    ),
    ("all campaigns", "PortalTable", "`CAMPAIGNS` / `<id>`"),
    (
        "the newest edition of the notice board",
        "PortalTable",
        "`NOTICE_BOARD` / begins with `EDITION#`, newest first",
    ),
    (
        "what may have been kept for long enough, a page at a time",
        "PortalTable",
        "scan, from where the last walk ended",
    ),
    ("where that walk is", "PortalTable", "`RETENTION` / `CURSOR`"),
    (
        "blocked applications, and what was given up of others, for an office to look at",
        "PortalTable",
        "`FLAGGED` / begins with `<province, or ZZ>#`",
    ),
    ("section bodies of a draft", "DraftsTable", "`APP#<id>` / begins with `SECTION#`"),
    ("preliminary checks of an application", "DraftsTable", "`APP#<id>` / `PRELIMINARY`"),
    ("what messages said as they left", "DraftsTable", "`APP#<id>` / begins with `SENT#`"),
    ("border entry of the worker", "DraftsTable", "`APP#<id>` / `ENTRY`"),
    ("data of the integration agreement", "DraftsTable", "`APP#<id>` / `AGREEMENT`"),
    ("names, percent and what is missing of many drafts", "DraftsTable", "`APP#<id>` / `SUMMARY`"),
    (
        "remarks and asked corrections beside a draft",
        "DraftsTable",
        "`APP#<id>` / begins with `REMARK#`",
    ),
    ("a session", "SessionsTable", "`SESSION#<id>` / `SESSION`"),
    (
        "what ended all sessions of an account, or will",
        "SessionsTable",
        "`SESSIONS#<account>` / begins with `END#`",
    ),
    ("whose signatures are expected in an upload", "SessionsTable", "`UPLOAD#<id>` / `SIGNERS`"),
    ("a sign-in under way", "SessionsTable", "`OIDC#<hash of state>` / `OIDC`"),
    (
        "a registration that waits to be activated",
        "SessionsTable",
        "`REGISTRATION#<id>` / `REGISTRATION`",
    ),
    ("a single-use link", "SessionsTable", "`LINK#<hash of token>` / `LINK`"),
    (
        "a human check that was used, or the code of one by mail",
        "SessionsTable",
        "`HUMAN#<challenge>` / `USED`, `HUMAN#<keyed hash>` / `CODE`",
    ),
    (
        "attempts in a window of time",
        "SessionsTable",
        "`ATTEMPTS#<what>#<keyed hash>` / `<window>`",
    ),
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use expect_test::expect_file;

    use super::*;

    fn an_application() -> ApplicationId {
        ApplicationId::from_random([3; 16])
    }

    #[test]
    fn an_applications_partition_leads_back_to_it() {
        let id = an_application();
        assert_eq!(application_of(&application(&id)), Some(id));
        assert_eq!(application_of("ACCOUNT#x"), None);
        assert_eq!(application_of("APP#x"), None);
    }

    #[test]
    fn no_two_kinds_of_item_share_a_key() {
        let id = an_application();
        let account_id = AccountId::keyed(&[1; 32]);
        let campaign: CampaignId = "demo".parse().unwrap();
        let organisation_id = OrganisationId::keyed(&[2; 32]);
        let enabling_id = EnablingId::from_random([5; 16]);
        let model: ModelId = "a-bis".parse().unwrap();
        let keys = [
            head(&id),
            activation(&id),
            event(&id, 1),
            saved(&id, 1),
            notice(&id, "receipt", 1),
            task(&id, "inps-later"),
            section(&id, "worker"),
            preliminary(&id),
            summary(&id),
            account(&account_id),
            membership(&account_id, OF_OFFICE),
            membership(&account_id, OF_ORGANISATION),
            official(Some("FG"), &account_id),
            official(None, &account_id),
            official_event(&account_id, 1),
            official_named(&account_id),
            retention_cursor(),
            limit(&campaign, &account_id),
            organisation(&organisation_id),
            operator(&organisation_id, &account_id),
            organisation_event(&organisation_id, 1, &account_id),
            open_request(&organisation_id, &account_id),
            enabling(&enabling_id),
            enabling_event(&enabling_id, 1),
            enabling_queued("awaiting-prefecture", "FG", &enabling_id),
            own_enabling(&account_id, &enabling_id),
            worker_claim("00"),
            campaign_version(&campaign, 1),
            campaign_listed(&campaign),
            flag(Some("FG"), &id),
            flag(None, &id),
            stuck(None, &id, "DOCUMENT#contract#000001"),
            session(&SessionId::from_random([4; 16])),
            sessions_end(&account_id, 7),
            sessions_end_for(&account_id, 7, &organisation_id),
            refusal(&account_id, &organisation_id),
            sign_in("00"),
            attempts("code", "00", 7),
            password(&account_id),
            kept_password(&account_id),
            account_link(&account_id, 1),
            account_unlink(&account_id, 1),
            linked_application(&account_id, &id),
            former_account(&account_id, &AccountId::keyed(&[9; 32])),
            email_address("00"),
            letter(&LetterId::from_random([5; 16])),
            registration(&RegistrationId::from_random([6; 16])),
            link("00"),
            used_human_check("00"),
            human_check_code("00"),
            submission_log(&campaign),
            ranking(&campaign),
            armed(&campaign, &model, &id),
            armed_run(&campaign, &model, 1),
        ];
        let distinct: BTreeSet<_> = keys.iter().map(|key| (&key.pk, &key.sk)).collect();
        assert_eq!(distinct.len(), keys.len());
    }

    #[test]
    fn events_sort_by_version() {
        let id = an_application();
        assert!(event(&id, 9).sk < event(&id, 10).sk);
        assert!(event(&id, 99_999).sk < event(&id, 100_000).sk);
    }

    #[test]
    fn a_large_organisation_is_spread_over_all_its_shards() {
        let filer = AccountId::keyed(&[1; 32]);
        let organisation = OrganisationId::from_random([9; 16]);
        let all: BTreeSet<_> = all_of_filer(&filer, Some(&organisation)).into_iter().collect();
        let used: BTreeSet<_> = (0..200)
            .map(|n| of_filer(&filer, Some(&organisation), &ApplicationId::from_random([n; 16])))
            .collect();
        assert_eq!(used, all);
    }

    /// FRM-4, ORG-4: the list of one's own applications leaves out those filed for an organisation, or for another one.
    #[test]
    fn what_one_filled_in_is_apart_by_person_organisation_and_decree() {
        let (one, other) = (AccountId::keyed(&[1; 32]), AccountId::keyed(&[2; 32]));
        let (here, there) =
            (OrganisationId::from_random([8; 16]), OrganisationId::from_random([9; 16]));
        let (flows, quotas): (CampaignId, CampaignId) =
            ("flussi-2026".parse().unwrap(), "flussi-2027".parse().unwrap());
        let mut all = BTreeSet::new();
        for account in [&one, &other] {
            for organisation in [None, Some(&here), Some(&there)] {
                for campaign in [&flows, &quotas] {
                    all.insert(own(account, organisation, campaign));
                }
            }
        }
        assert_eq!(all.len(), 12);
    }

    #[test]
    fn the_table_of_access_patterns_is_as_documented() {
        let mut text = String::from(
            "# Access patterns\n\nGenerated from `shared/store/src/keys.rs`; `UPDATE_EXPECT=1 cargo test -p store` rewrites it.\n\n| question | table or index | key |\n|---|---|---|\n",
        );
        for (question, table, key) in ACCESS_PATTERNS {
            text.push_str("| ");
            text.push_str(&[*question, *table, *key].join(" | "));
            text.push_str(" |\n");
        }
        expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/access-patterns.md")]
            .assert_eq(&text);
    }
}
