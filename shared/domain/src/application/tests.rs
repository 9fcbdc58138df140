//! Blocking and releasing: where a blocked application goes, who sees it, and that nothing else leads there (NEW-5).

use super::*;
use crate::{
    lifecycle::{Refused, TRANSITIONS},
    procedure::StoredProcedure,
};

fn at(stage: Stage) -> Application {
    Application {
        id: ApplicationId::from_random([7; 16]),
        campaign: "demo".parse().unwrap(),
        campaign_version: 1,
        model: "c-stag-agricoltura".parse().unwrap(),
        schema: "c-stag-agricoltura@1".to_owned(),
        parties: Parties {
            representative: AccountId::keyed(&[1; 32]),
            owner: OwnerId::keyed(&[2; 32]),
            filer: AccountId::keyed(&[3; 32]),
            organisation: None,
        },
        version: 4,
        created: Timestamp::UNIX_EPOCH,
        changed: Timestamp::UNIX_EPOCH,
        stage,
    }
}

fn ready() -> Ready {
    Ready {
        digest: [5; 32],
        worker: Some("worker".to_owned()),
        province: "FG".to_owned(),
        since: Timestamp::UNIX_EPOCH,
    }
}

/// Armed by its filer on the eve of the click day.
fn armed() -> ArmedSend {
    ArmedSend {
        ready: ready(),
        armed: "2026-01-11T19:00:00Z".parse().unwrap(),
        submitted_by: AccountId::keyed(&[3; 32]),
    }
}

fn sent(state: State) -> Stage {
    let submission = Submission {
        ready: ready(),
        arrival: "2026-01-12T08:00:00.003Z".parse().unwrap(),
        code: ReceiptCode::from_random([6; 10]),
        submitted_by: AccountId::keyed(&[1; 32]),
        campaign_version: 1,
        armed: None,
    };
    let procedure = Procedure::restore(state, StoredProcedure::default()).unwrap();
    Stage::Sent { submission, procedure }
}

/// A stage for every state.
fn stages() -> impl Iterator<Item = Stage> {
    State::ALL.iter().map(|state| match state {
        State::ToValidate => Stage::ToValidate,
        State::ToComplete => Stage::ToComplete { attention: None },
        State::ToSend => Stage::ToSend(ready()),
        State::Armed => Stage::Armed(armed()),
        State::Blocked => Stage::Blocked { province: None },
        State::Deleted => Stage::Deleted,
        state => sent(*state),
    })
}

fn noon() -> Timestamp {
    "2026-01-12T11:00:00Z".parse().unwrap()
}

/// The lifecycle's table alone says from which states an application can be blocked and released, and where that leads.
#[test]
fn an_application_is_blocked_and_released_exactly_where_the_table_says() {
    for stage in stages() {
        let application = at(stage);
        for (event, moved) in [
            (Event::Block, application.block(Some("LE".to_owned()), Who::System, noon())),
            (Event::Release, application.release(Who::System, noon())),
        ] {
            let row = TRANSITIONS
                .iter()
                .find(|row| row.from == application.state() && row.event == event);
            assert_eq!(
                moved.as_ref().ok().map(|decision| decision.after().state()),
                row.map(|row| row.to),
                "{event} from {}",
                application.state()
            );
            if let Ok(decision) = moved {
                let moved = decision.after();
                assert_eq!((moved.version, moved.changed), (5, noon()));
                assert_eq!(moved.parties, application.parties);
            }
        }
    }
}

/// The office of a draft is the frozen content's, else what the caller found; what was sent keeps its own.
#[test]
fn a_blocked_application_is_flagged_with_its_province() {
    let province = |stage, found: Option<&str>| {
        let blocked = at(stage).block(found.map(str::to_owned), Who::System, noon()).unwrap();
        blocked.after().flagged().unwrap().province.map(str::to_owned)
    };
    assert_eq!(province(Stage::ToValidate, None), None);
    assert_eq!(province(Stage::ToComplete { attention: None }, Some("LE")).as_deref(), Some("LE"));
    assert_eq!(province(Stage::ToSend(ready()), Some("LE")).as_deref(), Some("FG"));
    assert_eq!(province(Stage::Armed(armed()), Some("LE")).as_deref(), Some("FG"));
    assert_eq!(province(sent(State::Submitted), Some("LE")).as_deref(), Some("FG"));
}

#[test]
fn only_a_blocked_application_is_flagged() {
    for stage in stages() {
        let application = at(stage);
        let is_blocked = matches!(application.state(), State::Blocked | State::BlockedAfterSending);
        assert_eq!(application.flagged().is_some(), is_blocked, "{}", application.state());
    }
}

/// LIM-1, SUB-6: a draft gives its worker back, what was sent keeps worker, receipt and arrival.
#[test]
fn a_block_frees_the_worker_of_a_draft_and_keeps_what_was_sent() {
    for draft in [at(Stage::ToSend(ready())), at(Stage::Armed(armed()))] {
        assert_eq!(draft.worker(), Some("worker"));
        assert_eq!(draft.block(None, Who::System, noon()).unwrap().after().worker(), None);
    }
    let Stage::Sent { submission, .. } = sent(State::Submitted) else { unreachable!() };
    for decision in [
        at(sent(State::Submitted)).block(None, Who::System, noon()).unwrap(),
        at(sent(State::BlockedAfterSending)).release(Who::System, noon()).unwrap(),
    ] {
        let moved = decision.after();
        assert_eq!(moved.worker(), Some("worker"));
        assert!(
            matches!(&moved.stage, Stage::Sent { submission: kept, .. } if *kept == submission)
        );
    }
}

/// A province is known of what is ready, sent, or blocked with one; it decides which officers see it.
#[test]
fn the_province_is_known_from_readiness_on() {
    for stage in stages() {
        let application = at(stage);
        let known = application.state().is_sent()
            || matches!(application.state(), State::ToSend | State::Armed);
        assert_eq!(application.province(), known.then_some("FG"), "{}", application.state());
    }
    let blocked = at(Stage::Blocked { province: Some("LE".to_owned()) });
    assert_eq!(blocked.province(), Some("LE"));
}

/// PRV-1: the text says in which role a person filed, and names no person.
#[test]
fn who_filed_is_told_in_general_words() {
    let filed_by = |filer: u8, organisation: bool| {
        let parties = Parties {
            representative: AccountId::keyed(&[1; 32]),
            owner: OwnerId::keyed(&[2; 32]),
            filer: AccountId::keyed(&[filer; 32]),
            organisation: organisation.then(|| OrganisationId::from_random([4; 16])),
        };
        parties.filed_by()
    };
    assert!(filed_by(1, false).contains("datore di lavoro"));
    assert!(filed_by(3, true).contains("operatore"));
    assert!(filed_by(3, false).contains("altra persona"));
}

/// SUB-1, SUB-2, FRM-4: what a press finds, over all roles, relations and states, is what the permission table says.
#[test]
fn a_press_finds_what_the_permission_table_lets_it_find() {
    let (campaign, model) = ("demo".parse().unwrap(), "c-stag-agricoltura".parse().unwrap());
    let other: ModelId = "b2020".parse().unwrap();
    let organisation = OrganisationId::from_random([9; 16]);
    let accounts = [1_u8, 3, 8].map(|byte| AccountId::keyed(&[byte; 32]));
    for stage in stages() {
        let mut application = at(stage);
        application.parties.organisation = Some(organisation.clone());
        let state = application.state();
        for role in Role::ALL {
            for account in &accounts {
                for organisation in [Some(&organisation), None] {
                    let press = |model| Press {
                        account,
                        role: *role,
                        organisation,
                        campaign: &campaign,
                        model,
                    };
                    let relation = application.parties.relation(account, organisation);
                    let may = permission::may(*role, relation, State::ToSend, Action::Submit);
                    let wanted = match state {
                        _ if !may || state == State::Deleted => Pressed::NotTheirs,
                        State::ToSend => Pressed::Ready,
                        State::Armed => Pressed::Armed,
                        state if state.is_sent() => Pressed::SentBefore,
                        _ => Pressed::NotReady,
                    };
                    assert_eq!(application.pressed(&press(&model)), wanted, "{role} {state}");
                    let elsewhere = application.pressed(&press(&other));
                    let wanted = match wanted {
                        Pressed::NotTheirs => Pressed::NotTheirs,
                        _ => Pressed::NotReady,
                    };
                    assert_eq!(elsewhere, wanted, "{role} {state} of another model");
                }
            }
        }
    }
    let contact = Press {
        account: &accounts[1],
        role: Role::OrganisationContact,
        organisation: Some(&organisation),
        campaign: &campaign,
        model: &model,
    };
    assert!(!contact.may_as(Relation::Filer), "a contact sends nothing that they had filled in");
}

/// ORG-4: a colleague goes on; who filed it keeps no relation to it, the organisation and everything else stay.
#[test]
fn a_hand_over_changes_who_filed_and_nothing_else() {
    let (leaver, colleague) = (AccountId::keyed(&[3; 32]), AccountId::keyed(&[4; 32]));
    let organisation = OrganisationId::from_random([9; 16]);
    for stage in stages() {
        let mut before = at(stage);
        before.parties.organisation = Some(organisation.clone());
        let after = before.handed_over(&colleague, Who::System, noon()).into_after();
        assert_eq!(after.state(), before.state());
        assert_eq!(after.stage, before.stage);
        assert_eq!(after.version, before.version + 1);
        let relation = |account, organisation| after.parties.relation(account, organisation);
        assert_eq!(relation(&colleague, Some(&organisation)), Relation::Filer);
        assert_eq!(relation(&leaver, Some(&organisation)), Relation::SameOrganisation);
        assert_eq!(relation(&leaver, None), Relation::None);
    }
}

/// SUB-2, SUB-4: the receipt says what was stored at the submission and nothing else; before it there is none.
#[test]
fn a_receipt_repeats_what_was_stored_at_the_submission() {
    let key = ReceiptKey::derive(b"master", &"demo".parse().unwrap());
    for stage in stages() {
        let application = at(stage);
        let receipt = application.receipt(&key);
        assert_eq!(receipt.is_some(), application.state().is_sent(), "{}", application.state());
        let Some(receipt) = receipt else { continue };
        assert_eq!(receipt.code, ReceiptCode::from_random([6; 10]));
        assert_eq!(receipt.application, application.id);
        assert_eq!((receipt.campaign.as_str(), receipt.campaign_version), ("demo", 1));
        assert_eq!(receipt.model, application.model);
        assert_eq!(receipt.digest, [5; 32]);
        assert_eq!(receipt.arrival.to_string(), "2026-01-12T08:00:00.003Z");
        assert_eq!(&receipt.key_id, key.key_id());
    }
}

/// NEW-1: what is ready is armed with its content and nothing else, and disarmed it is what it was; nothing else is either.
#[test]
fn what_is_ready_is_armed_and_disarmed_and_nothing_else_is() {
    let anna = AccountId::keyed(&[1; 32]);
    let eve: Timestamp = "2026-01-11T19:00:00Z".parse().unwrap();
    for stage in stages() {
        let application = at(stage);
        let from = application.state();
        match application.arm(&anna, eve) {
            Ok(decision) => {
                assert_eq!(from, State::ToSend);
                let send = ArmedSend { ready: ready(), armed: eve, submitted_by: anna.clone() };
                assert_eq!(decision.after().stage, Stage::Armed(send));
                assert_eq!(decision.occurrence().who, Who::Account(anna.clone()));
                assert_eq!(decision.occurrence().digest, Some([5; 32]));
                assert!(decision.notices().is_empty() && decision.documents().is_empty());
                let back = decision.after().disarm(Who::Account(anna.clone()), noon()).unwrap();
                assert_eq!(back.after().stage, application.stage);
                assert!(back.notices().is_empty());
            }
            Err(refused) => assert_eq!(refused, Refused { from, event: Event::Arm }),
        }
        match application.disarm(Who::Account(anna.clone()), noon()) {
            Ok(decision) => {
                assert_eq!(from, State::Armed);
                assert_eq!(decision.after().stage, Stage::ToSend(ready()));
            }
            Err(refused) => assert_eq!(refused, Refused { from, event: Event::Disarm }),
        }
    }
}

/// NEW-1: Anna armed in November and Bruno a millisecond before the opening: both arrive at it. Carla, whom a copy of the
/// version before let in nine seconds after it, arrives when she pressed.
#[test]
fn who_arms_first_and_who_arms_last_have_equal_arrivals() {
    let opening: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
    let arrival = |at: &str| ArmedSend { armed: at.parse().unwrap(), ..armed() }.arrival(opening);
    assert_eq!(arrival("2025-11-03T09:00:00Z"), opening);
    assert_eq!(arrival("2026-01-12T07:59:59.999Z"), opening);
    assert_eq!(arrival("2026-01-12T08:00:09Z"), "2026-01-12T08:00:09Z".parse().unwrap());
}

/// NEW-1, AUD-1: the history of an armed send says that the portal sent it, out of *armed*, for its people; that of a press
/// names the person. The receipt and its notice are the same.
#[test]
fn an_armed_send_is_recorded_as_one_of_the_portal() {
    let opening: Timestamp = "2026-01-12T08:00:00Z".parse().unwrap();
    let Stage::Sent { submission, procedure } = sent(State::Submitted) else { unreachable!() };
    let eve = armed().armed;
    for (armed, from, who) in [
        (Some(eve), State::Armed, Who::System),
        (None, State::ToSend, Who::Account(submission.submitted_by.clone())),
    ] {
        let submission = Submission { arrival: opening, armed, ..submission.clone() };
        let head = at(Stage::Sent { submission, procedure: procedure.clone() });
        let decision = head.as_submitted().unwrap();
        let occurrence = decision.occurrence();
        assert_eq!((occurrence.event, occurrence.from), (Some(Event::Submit), Some(from)));
        assert_eq!((&occurrence.who, occurrence.at), (&who, opening));
        assert_eq!(occurrence.on_behalf_of, head.parties.owner);
        assert_eq!(decision.after().stage, head.stage);
        assert_eq!(decision.before().unwrap().stage.armed(), armed);
        assert_eq!(decision.notices(), [crate::notice::NoticeKind::Receipt]);
    }
}

/// NEW-1: whoever takes it up afterwards finds it armed, by the person who armed it.
#[test]
fn an_armed_application_stays_armed_in_other_hands() {
    let before = at(Stage::Armed(armed()));
    let colleague = AccountId::keyed(&[4; 32]);
    for after in [
        before.handed_over(&colleague, Who::System, noon()).into_after(),
        before.linked(&before.parties.filer, &colleague, noon()).into_after(),
    ] {
        assert_eq!(after.stage, before.stage);
        assert_eq!(after.stage.submitted_by(), Some(&before.parties.filer));
    }
}
