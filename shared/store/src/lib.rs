//! DynamoDB and nothing else: keys, rows, one transaction for each change, lists. It decides nothing and knows no HTTP.

pub mod account_links;
pub mod accounts;
pub mod applications;
pub mod armed_sends;
pub mod attempts;
pub mod campaigns;
pub mod consular_reports;
pub mod consulate;
pub mod contention;
pub mod deadlines;
pub mod deletion;
pub mod documents;
pub mod drafts;
pub mod email_accounts;
pub mod enabling;
pub mod evidence;
pub mod flags;
pub mod human_check;
pub mod keys;
pub mod letters;
pub mod notice_board;
pub mod offices;
pub mod officials;
pub mod organisations;
pub mod outages;
pub mod outbox;
pub mod own_applications;
pub mod pending;
pub mod places;
pub mod questions;
pub mod readiness;
pub mod receipt_watch;
pub mod refresh_secrets;
pub mod request_counter;
pub mod retention;
pub mod retry;
pub mod rows;
pub mod sessions;
pub mod sign_ins;
pub mod submission_log;
pub mod sweeps;
mod table;
mod transaction;
pub mod uploads;

pub use self::transaction::AlongWrite;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::Client;
use outside::{
    config::{self, ConfigError},
    keying::Keying,
};

use self::{
    accounts::Accounts,
    applications::Applications,
    armed_sends::ArmedSends,
    attempts::Attempts,
    campaigns::{Campaigns, MovedClock},
    consular_reports::ConsularReports,
    consulate::ConsularMessages,
    deadlines::Deadlines,
    documents::Documents,
    drafts::Drafts,
    email_accounts::EmailAccounts,
    enabling::Enablings,
    evidence::Evidence,
    flags::Flags,
    human_check::HumanCheck,
    letters::Letters,
    notice_board::NoticeBoards,
    offices::Offices,
    officials::Officials,
    organisations::Organisations,
    outages::Outages,
    outbox::Outbox,
    pending::Pending,
    places::Places,
    receipt_watch::ReceiptWatch,
    retention::Retention,
    sessions::Sessions,
    sign_ins::SignIns,
    submission_log::SubmissionLog,
    sweeps::Sweeps,
    uploads::Uploads,
};

/// Names of the three tables, as the template gives them to every function.
#[derive(Clone, Debug)]
pub struct Tables {
    /// Heads, events, outbox, accounts, organisations; with a stream.
    pub portal: String,
    /// Content of drafts; without a stream.
    pub drafts: String,
    /// Sessions, registrations, links, counted attempts; rows end by themselves.
    pub sessions: String,
    /// Whether a campaign may move its clock.
    pub moved_clock: MovedClock,
}

impl Tables {
    /// The tables that the template names.
    ///
    /// # Errors
    /// A variable is missing: the function does not start.
    pub fn from_environment() -> Result<Self, ConfigError> {
        Ok(Self {
            portal: config::required("PORTAL_TABLE")?,
            drafts: config::required("DRAFTS_TABLE")?,
            sessions: config::required("SESSIONS_TABLE")?,
            moved_clock: MovedClock::in_stage(&config::required("STAGE")?),
        })
    }
}

/// All that functions read and write, opened once when a function starts. What a function may touch of it is said by its
/// role in the template, and by nothing else.
#[derive(Debug)]
pub struct Store {
    client: Client,
    tables: Tables,
    /// People who sign in.
    pub accounts: Accounts,
    /// Heads, events, notices, tasks and activation codes of applications.
    pub applications: Applications,
    /// What is armed, and how far its sends are.
    pub armed_sends: ArmedSends,
    /// Counters of attempts.
    pub attempts: Attempts,
    /// Published versions of campaigns.
    pub campaigns: Campaigns,
    /// What the consular system has to learn.
    pub consular_messages: ConsularMessages,
    /// What the consular system reported.
    pub consular_reports: ConsularReports,
    /// Cases for which something comes by itself.
    pub deadlines: Deadlines,
    /// Documents that the portal makes.
    pub documents: Documents,
    /// Content of drafts, remarks, entry and agreement data.
    pub drafts: Drafts,
    /// Requests to enable operators.
    pub enablings: Enablings,
    /// Answers and files that came too late.
    pub evidence: Evidence,
    /// Blocked applications that an office looks at.
    pub flags: Flags,
    /// Mail about no application.
    pub letters: Letters,
    /// What public pages tell beside the calendar.
    pub notice_board: NoticeBoards,
    /// Work lists of offices.
    pub offices: Offices,
    /// People of offices.
    pub officials: Officials,
    /// Organisations with their operators.
    pub organisations: Organisations,
    /// The ledger of outages.
    pub outages: Outages,
    /// Notices and letters that wait to be sent.
    pub outbox: Outbox,
    /// Items that wait for a queue.
    pub pending: Pending,
    /// Places in quota lines.
    pub places: Places,
    /// What may have been kept for long enough.
    pub retention: Retention,
    /// Whether receipts of PEC keep coming.
    pub receipt_watch: ReceiptWatch,
    /// Sessions of people who are signed in.
    pub sessions: Sessions,
    /// Sign-ins that are under way at the identity provider.
    pub sign_ins: SignIns,
    /// The public logs of submissions.
    pub submission_log: SubmissionLog,
    /// What the sweeper did.
    pub sweeps: Sweeps,
    /// Files that people upload.
    pub uploads: Uploads,
}

impl Store {
    /// Opens the tables that the template names; called once, at init.
    ///
    /// # Errors
    /// A variable is missing: the function does not start.
    pub fn open(sdk: &SdkConfig) -> Result<Self, ConfigError> {
        Ok(Self::of(Client::new(sdk), Tables::from_environment()?))
    }

    /// The same tables through a client that was made elsewhere.
    pub fn of(client: Client, tables: Tables) -> Self {
        let portal = || (client.clone(), tables.portal.clone());
        let sessions = || (client.clone(), tables.sessions.clone());
        macro_rules! within {
            ($table:ident, $what:ident) => {{
                let (client, table) = $table();
                $what::new(client, table)
            }};
        }
        Self {
            accounts: within!(portal, Accounts),
            applications: within!(portal, Applications),
            armed_sends: within!(portal, ArmedSends),
            attempts: within!(sessions, Attempts),
            campaigns: Campaigns::new(client.clone(), tables.portal.clone(), tables.moved_clock),
            consular_messages: within!(portal, ConsularMessages),
            consular_reports: within!(portal, ConsularReports),
            deadlines: within!(portal, Deadlines),
            documents: within!(portal, Documents),
            drafts: Drafts::new(client.clone(), tables.drafts.clone()),
            enablings: within!(portal, Enablings),
            evidence: within!(portal, Evidence),
            flags: within!(portal, Flags),
            letters: within!(portal, Letters),
            notice_board: within!(portal, NoticeBoards),
            offices: within!(portal, Offices),
            officials: within!(portal, Officials),
            organisations: within!(portal, Organisations),
            outages: within!(portal, Outages),
            outbox: within!(portal, Outbox),
            pending: within!(portal, Pending),
            places: within!(portal, Places),
            retention: within!(portal, Retention),
            receipt_watch: within!(portal, ReceiptWatch),
            sessions: within!(sessions, Sessions),
            sign_ins: within!(sessions, SignIns),
            submission_log: within!(portal, SubmissionLog),
            sweeps: within!(portal, Sweeps),
            uploads: Uploads::new(client.clone(), tables.portal.clone(), tables.sessions.clone()),
            client,
            tables,
        }
    }

    /// E-mail accounts, their registrations and links; addresses are named by keyed hashes.
    pub fn email_accounts(&self, keying: Keying) -> EmailAccounts {
        let Tables { portal, sessions, .. } = self.tables.clone();
        EmailAccounts::new(self.client.clone(), portal, sessions, keying)
    }

    /// Human checks with at most `work` hashes to try.
    pub fn human_check(&self, keying: Keying, work: u32) -> HumanCheck {
        let Tables { portal, sessions, .. } = self.tables.clone();
        HumanCheck::new(self.client.clone(), portal, sessions, keying, work)
    }
}
