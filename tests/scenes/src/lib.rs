//! People, cases and a store that does not answer, for the unit tests of the functions.
#![expect(clippy::unwrap_used, reason = "a scene that cannot be set is a broken test")]

use aws_sdk_dynamodb::{
    Client, Config,
    config::{BehaviorVersion, Credentials, Region, retry::RetryConfig},
};
use domain::{
    application::{Application, Parties, Ready, Stage, Submission, Who},
    calendar::RomeTime,
    campaign::{Campaign, Profile},
    decision::{Context, Decision},
    ids::{AccountId, ApplicationId, OrganisationId, OwnerId, SessionId},
    lifecycle::{Event, State},
    permission::Role,
    procedure::{Procedure, StoredProcedure},
    receipt::ReceiptCode,
};
use edge::{access::Authenticator, session::TokenKey};
use jiff::Timestamp;
use outside::key_ring::KeyRing;
use store::{
    Store, Tables,
    campaigns::MovedClock,
    sessions::{Caller, Sessions},
};

/// The instant of a Rome time such as `2026-01-12 09:00`.
pub fn rome(text: &str) -> Timestamp {
    text.parse::<RomeTime>().unwrap().instant()
}

/// The campaign of the demonstration.
pub fn demo() -> Campaign {
    Campaign::parse(include_str!("../../../campaigns/demo.toml")).unwrap()
}

/// A store that does not answer: a refusal other than 503 came before the function asked the store.
pub fn away() -> Client {
    let nowhere = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-south-1"))
        .credentials_provider(Credentials::new("test", "test", None, None, "tests"))
        .endpoint_url("http://127.0.0.1:1")
        .retry_config(RetryConfig::disabled())
        .build();
    Client::from_conf(nowhere)
}

/// The same with the names of all tables.
pub fn store() -> Store {
    let name = |table: &str| table.to_owned();
    let tables = Tables {
        portal: name("portal"),
        drafts: name("drafts"),
        sessions: name("sessions"),
        moved_clock: MovedClock::Allowed,
    };
    Store::of(away(), tables)
}

/// The key of the tokens that [`authenticator`] believes.
pub fn tokens() -> TokenKey {
    TokenKey::new(KeyRing::of_one("session secret of the tests"))
}

/// The authenticator of the origin in the captured events; its store of sessions is [`away`].
pub fn authenticator() -> Authenticator {
    let sessions = Sessions::new(away(), "sessions".to_owned());
    Authenticator::new(tokens(), sessions, "http://127.0.0.1:4600".to_owned())
}

/// Anna is the employer, Bruno filed for her, his organisation has colleagues.
pub fn parties() -> Parties {
    Parties {
        representative: AccountId::keyed(&[1; 32]),
        owner: OwnerId::keyed(&[2; 32]),
        filer: AccountId::keyed(&[3; 32]),
        organisation: Some(OrganisationId::from_random([4; 16])),
    }
}

/// A caller at level 2 until the end of 2026: an operator is of the parties' organisation, an officer of Foggia.
pub fn caller(account: AccountId, role: Role) -> Caller {
    Caller {
        account,
        session: SessionId::from_random([5; 16]),
        level: 2,
        role,
        profile: Profile::Private,
        organisation: parties().organisation.filter(|_| role == Role::Operator),
        province: (role == Role::Officer).then(|| "FG".to_owned()),
        expires: rome("2026-12-31 00:00"),
    }
}

/// Anna, the employer.
pub fn anna() -> Caller {
    caller(parties().representative, Role::Employer)
}

/// A case in that state, without terms and without an agreement; Bruno sent it to Foggia on 12 January 2026 at 9.
pub fn case_in(state: State) -> Application {
    let ready = Ready {
        digest: [5; 32],
        worker: None,
        province: "FG".to_owned(),
        since: Timestamp::UNIX_EPOCH,
    };
    let submission = Submission {
        ready,
        arrival: rome("2026-01-12 09:00:00.003"),
        code: ReceiptCode::from_random([6; 10]),
        submitted_by: parties().filer,
        campaign_version: 1,
        armed: None,
    };
    Application {
        id: ApplicationId::from_random([7; 16]),
        campaign: "demo".parse().unwrap(),
        campaign_version: 1,
        model: "c-stag-agricoltura".parse().unwrap(),
        schema: "c-stag-agricoltura@1".to_owned(),
        parties: parties(),
        version: 7,
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        stage: Stage::Sent {
            submission,
            procedure: Procedure::restore(state, StoredProcedure::default()).unwrap(),
        },
    }
}

/// By what is judged while no outage is known.
pub const fn judged(campaign: &Campaign, now: Timestamp) -> Context<'_> {
    Context { campaign, now, outages: &[] }
}

/// The application after an event that the tables let happen; a contract is sent as if the worker entered now, without an
/// agreement.
pub fn after(head: &Application, event: Event, context: &Context<'_>) -> Application {
    let decision = if event == Event::SendContract {
        head.send_contract(context.now, false, context)
    } else {
        head.step(event, Who::System, context)
    };
    decision.map(Decision::into_after).unwrap()
}
