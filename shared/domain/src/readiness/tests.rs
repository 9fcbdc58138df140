//! What content does to the state, over all stages, givers and contents (FRM-3, ENR-3, LIM-1).

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::{
    application::{Parties, Submission},
    campaign::{Order, WindowFile},
    form::Writer,
    ids::{AccountId, ApplicationId, OwnerId},
    lifecycle::consequence::Cause,
    notice::NoticeKind,
    procedure::Procedure,
    receipt::ReceiptCode,
};

fn content(digest: u8, worker: &str) -> Ready {
    Ready {
        digest: [digest; 32],
        worker: Some(worker.to_owned()),
        province: "FG".to_owned(),
        since: Timestamp::UNIX_EPOCH,
    }
}

fn application(stage: Stage) -> Application {
    Application {
        id: ApplicationId::from_random([1; 16]),
        campaign: "demo".parse().unwrap(),
        campaign_version: 1,
        model: "c-stag-agricoltura".parse().unwrap(),
        schema: "c-stag-agricoltura@1".to_owned(),
        parties: Parties {
            representative: AccountId::from_random([2; 16]),
            owner: OwnerId::from_random([3; 16]),
            filer: AccountId::from_random([2; 16]),
            organisation: None,
        },
        version: 7,
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        stage,
    }
}

fn submission() -> Submission {
    Submission {
        ready: content(1, "w"),
        arrival: Timestamp::UNIX_EPOCH,
        code: ReceiptCode::from_random([5; 10]),
        submitted_by: AccountId::from_random([2; 16]),
        campaign_version: 1,
        armed: None,
    }
}

/// Armed by its filer on 5 January.
fn armed(ready: Ready) -> Stage {
    let armed = "2026-01-05T08:00:00Z".parse().unwrap();
    Stage::Armed(ArmedSend { ready, armed, submitted_by: AccountId::from_random([2; 16]) })
}

fn now() -> Timestamp {
    "2026-01-10T08:00:00Z".parse().unwrap()
}

fn stages() -> impl Strategy<Value = Stage> {
    prop_oneof![
        Just(Stage::ToValidate),
        Just(Stage::ToComplete { attention: None }),
        Just(Stage::ToComplete { attention: Some(Attention::WorkerTaken) }),
        Just(Stage::ToComplete { attention: Some(Attention::RegistrySilent) }),
        (0_u8..3, "[ab]").prop_map(|(digest, worker)| Stage::ToSend(content(digest, &worker))),
        (0_u8..3, "[ab]").prop_map(|(digest, worker)| armed(content(digest, &worker))),
        Just(Stage::Sent { submission: submission(), procedure: Procedure::begun() }),
        Just(Stage::Deleted),
        Just(Stage::Blocked { province: None }),
    ]
}

fn contents() -> impl Strategy<Value = Option<Ready>> {
    proptest::option::of((0_u8..3, "[ab]").prop_map(|(digest, worker)| content(digest, &worker)))
}

fn givers() -> impl Strategy<Value = ContentSource> {
    prop_oneof![
        Just(ContentSource::Person),
        any::<bool>().prop_map(|frozen| ContentSource::Registry { frozen })
    ]
}

proptest! {
    /// FRM-3: after every step the state says whether the content is complete, and carries exactly that content.
    #[test]
    fn the_state_always_tells_whether_the_content_is_complete(stage in stages(), ready in contents(), source in givers()) {
        let head = application(stage);
        let after = match step(&head, ready.clone(), source, Who::System, now()) {
            Err(_) => {
                // NEW-1: a person changes nothing that is armed.
                let is_armed = head.state() == State::Armed && source == ContentSource::Person;
                prop_assert!(is_armed || !matches!(head.state(), State::ToComplete | State::ToSend | State::Armed));
                return Ok(());
            }
            Ok(HeadChange::Remark) => {
                // ENR-3, NEW-1: only from the freeze on, only for a registry, only where readiness would break, or what is
                // armed would change.
                prop_assert_eq!(source, ContentSource::Registry { frozen: true });
                prop_assert!(head.state() == State::Armed || (head.state() == State::ToSend && ready.is_none()));
                prop_assert_ne!(head.stage.frozen(), ready.as_ref());
                return Ok(());
            }
            Ok(HeadChange::Stays) => head.clone(),
            Ok(HeadChange::Moves(decision)) => {
                let (after, event) = (decision.after(), decision.occurrence().event);
                prop_assert_eq!(after.version, head.version + 1);
                prop_assert_eq!(event.is_some(), after.state() != head.state());
                if let Some(event) = event {
                    prop_assert_eq!(head.state().on(event).unwrap().to, after.state());
                }
                after.clone()
            }
        };
        match (&after.stage, ready) {
            (Stage::ToSend(held) | Stage::Armed(ArmedSend { ready: held, .. }), Some(ready)) => {
                prop_assert_eq!(held, &ready);
            }
            (Stage::ToComplete { attention }, None) => prop_assert_ne!(*attention, Some(Attention::WorkerTaken)),
            (stage, ready) => prop_assert!(false, "{:?} with {:?}", stage, ready),
        }
    }

    /// The content of a sent, deleted or blocked application never changes anything (SUB-1).
    #[test]
    fn what_is_not_a_draft_is_refused(ready in contents(), source in givers()) {
        for stage in [
            Stage::ToValidate,
            Stage::Sent { submission: submission(), procedure: Procedure::begun() },
            Stage::Deleted,
            Stage::Blocked { province: None },
        ] {
            let head = application(stage);
            prop_assert!(step(&head, ready.clone(), source, Who::System, now()).is_err());
            prop_assert!(worker_taken(&head, Who::System, now()).is_err());
        }
    }

    /// LIM-1: a complete application whose worker is taken is *da completare* with the reason, whatever its state was.
    #[test]
    fn a_taken_worker_leaves_the_application_to_complete_with_the_reason(stage in stages()) {
        let head = application(stage);
        prop_assume!(matches!(head.state(), State::ToComplete | State::ToSend | State::Armed));
        let after = match worker_taken(&head, Who::System, now()).unwrap() {
            HeadChange::Stays => head,
            HeadChange::Moves(decision) => decision.into_after(),
            HeadChange::Remark => return Err(TestCaseError::fail("a remark")),
        };
        prop_assert_eq!(after.stage.attention(), Some(Attention::WorkerTaken));
        prop_assert_eq!(after.worker(), None);
    }
}

/// ENR-3: before the freeze a registry value may break readiness; from it on it may not; a person always may.
#[test]
fn the_freeze_protects_readiness_from_registries_alone() {
    let head = application(Stage::ToSend(content(1, "w")));
    let after = |source| step(&head, None, source, Who::System, now()).unwrap();
    let reopened = |step: HeadChange| matches!(step, HeadChange::Moves(decision) if decision.cause() == Cause::Event(Event::Reopen));
    assert!(reopened(after(ContentSource::Registry { frozen: false })));
    assert!(reopened(after(ContentSource::Person)));
    assert_eq!(after(ContentSource::Registry { frozen: true }), HeadChange::Remark);
}

/// NEW-1, ENR-3: before the freeze a registry value that keeps an armed application complete is part of it, and it stays
/// armed; one that breaks it undoes the arm, and its filer is told that it is gone. From the freeze on either is a remark.
#[test]
fn a_value_before_the_freeze_reopens_what_is_armed_and_one_after_it_is_a_remark() {
    let head = application(armed(content(1, "w")));
    let other = Ready { since: now(), ..content(2, "w") };
    let given = |ready, frozen| {
        step(&head, ready, ContentSource::Registry { frozen }, Who::System, now()).unwrap()
    };
    let HeadChange::Moves(decision) = given(Some(other.clone()), false) else {
        panic!("the value is not part of it")
    };
    assert_eq!(decision.after().stage, armed(other.clone()));
    assert!(decision.occurrence().event.is_none() && decision.notices().is_empty());
    let HeadChange::Moves(decision) = given(None, false) else { panic!("it is sent incomplete") };
    assert_eq!(decision.after().state(), State::ToComplete);
    assert_eq!(decision.notices(), [NoticeKind::Disarmed]);
    assert_eq!(given(Some(other), true), HeadChange::Remark);
    assert_eq!(given(None, true), HeadChange::Remark);
    assert_eq!(given(Some(content(1, "w")), true), HeadChange::Stays, "it changes nothing");

    // What is only ready is told as before: nobody counts on its being sent.
    let ready = application(Stage::ToSend(content(1, "w")));
    let registry = ContentSource::Registry { frozen: false };
    let Ok(HeadChange::Moves(decision)) = step(&ready, None, registry, Who::System, now()) else {
        panic!("it stays ready")
    };
    assert_eq!(decision.notices(), [NoticeKind::NeedsAttention]);
}

/// NEW-1: an employer saves nothing that is armed, whatever is typed.
#[test]
fn what_is_armed_is_not_saved() {
    let head = application(armed(content(1, "w")));
    for ready in [None, Some(content(1, "w")), Some(content(2, "w"))] {
        let who = Who::Account(head.parties.filer.clone());
        let refused = step(&head, ready, ContentSource::Person, who, now()).unwrap_err();
        assert_eq!(refused.from, State::Armed);
    }
}

/// ENR-3, NEW-1: what was armed for a window of ten minutes is still frozen when the window is closed again, since it has
/// arrived; what is only ready is not.
#[test]
fn what_has_arrived_is_frozen_until_it_is_sent() {
    let mut file =
        Campaign::parse(include_str!("../../../../campaigns/demo.toml")).unwrap().into_file();
    file.policies.order = Order::Armed;
    file.models[0].submit = vec![
        WindowFile::new("2026-01-12 09:00", "2026-01-12 09:10"),
        WindowFile::new("2026-03-12 09:00", "2026-03-12 09:10"),
    ];
    let campaign = Campaign::try_from(file).unwrap();
    let afterwards = "2026-01-12T08:30:00Z".parse().unwrap();
    let frozen = |stage| {
        let source = ContentSource::registry(&application(stage), &campaign, afterwards);
        source == ContentSource::Registry { frozen: true }
    };
    assert!(frozen(armed(content(1, "w"))));
    assert!(!frozen(Stage::ToSend(content(1, "w"))));
}

/// The examples of the schema are a complete form, and one value less is not.
#[test]
fn a_complete_form_is_ready_with_digest_worker_and_province() {
    let schema = Schema::find("c-stag-agricoltura@1").unwrap();
    let today = date(2026, 1, 10);
    let mut values = Values::new();
    for (key, value) in schema.examples(today) {
        let stored =
            crate::form::FieldValue { value, source: crate::form::ValueSource::Person, at: now() };
        values.insert(key.parse().unwrap(), stored);
    }
    let found =
        ready(schema, &values, today, now(), |worker| worker.passport_number.clone()).unwrap();
    assert_eq!(found.digest, schema.content_digest(&values));
    assert_eq!(found.since, now());
    assert!(found.worker.is_some_and(|worker| !worker.is_empty()) && !found.province.is_empty());

    let clear = [("worker_surname".to_owned(), serde_json::Value::Null)].into();
    let accepted = schema.check_changes(&values, &clear, Writer::Person, today).unwrap();
    schema.apply(&mut values, accepted, Writer::Person, now());
    assert_eq!(ready(schema, &values, today, now(), |_| String::new()), None);
}

/// SUB-5: the same content stays ready since when it was; other content is ready since now. Other changes of the head
/// do not move that instant.
#[test]
fn an_application_is_ready_since_its_content_is_what_it_is() {
    let head = application(Stage::ToSend(content(1, "w")));
    let again = Ready { since: now(), ..content(1, "w") };
    let given = |ready| step(&head, Some(ready), ContentSource::Person, Who::System, now());
    assert_eq!(given(again), Ok(HeadChange::Stays));

    let since = |head: &Application| match &head.stage {
        Stage::ToSend(ready) => Some(ready.since),
        _ => None,
    };
    let other = Ready { since: now(), ..content(2, "w") };
    let Ok(HeadChange::Moves(decision)) = given(other) else {
        panic!("other content is no change")
    };
    assert_eq!(since(decision.after()), Some(now()));

    let colleague = AccountId::from_random([9; 16]);
    let filer = &head.parties.filer;
    for decision in [
        noted(&head, None, Who::System, now()),
        head.handed_over(&colleague, Who::System, now()),
        head.linked(filer, &colleague, now()),
    ] {
        let touched = decision.after();
        assert_eq!(touched.changed, now());
        assert_eq!(since(touched), Some(Timestamp::UNIX_EPOCH));
    }
}

#[test]
fn what_is_noted_changes_the_version_and_nothing_else() {
    let head = application(Stage::ToSend(content(1, "w")));
    let after = noted(&head, None, Who::System, now()).into_after();
    assert_eq!(after, Application { version: 8, changed: now(), ..head });
}
