//! What the permission table must keep, and the page that is generated from it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::expect_file;

use super::*;
use crate::coded::check::codes_lead_back;
use crate::lifecycle::agreement::{AGREEMENT_TRANSITIONS, AgreementStep};
use crate::lifecycle::{OPENINGS, TRANSITIONS};

#[test]
fn codes_lead_back_to_their_values() {
    codes_lead_back(Role::ALL, Role::label);
    codes_lead_back(Relation::ALL, Relation::label);
    codes_lead_back(IdentityLevel::ALL, IdentityLevel::label);
    codes_lead_back(Action::ALL, Action::label);
}

/// Every (role, relation) that acts as `actor`.
fn standings(actor: Actor) -> Vec<(Role, Relation)> {
    let all = Role::ALL
        .iter()
        .flat_map(|role| Relation::ALL.iter().map(move |relation| (*role, *relation)));
    all.filter(|(role, relation)| role.acting_as(*relation) == Some(actor)).collect()
}

fn positions() -> impl Iterator<Item = Position> {
    let steps = || std::iter::once(None).chain(AgreementStep::ALL.iter().copied().map(Some));
    State::ALL
        .iter()
        .flat_map(move |state| steps().map(|agreement| Position { state: *state, agreement }))
}

/// NEW-5: an officer or administrator whose own application is blocked does not release it, nor touch it otherwise.
#[test]
fn nobody_is_the_office_of_their_own_application() {
    for role in [Role::Officer, Role::Administrator] {
        assert_eq!(role.acting_as(Relation::Representative), None, "{role}");
        for state in State::ALL {
            assert!(allowed(role, Relation::Representative, *state).is_empty(), "{role} {state}");
        }
    }
    assert!(may(Role::Administrator, Relation::None, State::Blocked, Action::Release));
}

#[test]
fn somebody_can_act_in_every_capacity() {
    for actor in Actor::ALL {
        assert!(!standings(*actor).is_empty(), "{actor}");
    }
}

/// Some right allows each row of the lifecycle: nothing in the table is out of reach.
#[test]
fn whoever_the_lifecycle_names_has_an_action_for_it() {
    for row in TRANSITIONS {
        for actor in row.by {
            let covered = RIGHTS.iter().any(|right| {
                right.by.contains(actor)
                    && matches!(right.holds, RightScope::Moves(events) if events.contains(&row.event))
            });
            assert!(covered, "{actor} has no action for {} from {}", row.event, row.from);
            for (role, relation) in standings(*actor) {
                assert!(
                    !allowed(role, relation, row.from).is_empty(),
                    "{role} {relation} {}",
                    row.from
                );
            }
        }
    }
    for row in AGREEMENT_TRANSITIONS {
        for actor in row.by {
            let covered = RIGHTS.iter().any(|right| {
                right.by.contains(actor)
                    && matches!(right.holds, RightScope::MovesAgreement(events) if events.contains(&row.event))
            });
            assert!(covered, "{actor} has no action for {} from {}", row.event, row.from);
        }
    }
}

/// Each right that moves something is backed by the lifecycle, for each actor it names and each event.
#[test]
fn no_right_promises_a_move_that_the_lifecycle_refuses() {
    for right in RIGHTS {
        for actor in right.by {
            match right.holds {
                RightScope::Moves(events) => {
                    assert!(
                        events
                            .iter()
                            .all(|event| TRANSITIONS.iter().any(|row| row.event == *event)),
                        "{}",
                        right.action
                    );
                    assert!(
                        TRANSITIONS
                            .iter()
                            .any(|row| events.contains(&row.event) && row.by.contains(actor)),
                        "{actor} can never {}",
                        right.action
                    );
                }
                RightScope::MovesAgreement(events) => assert!(
                    AGREEMENT_TRANSITIONS
                        .iter()
                        .any(|row| events.contains(&row.event) && row.by.contains(actor)),
                    "{actor} can never {}",
                    right.action
                ),
                RightScope::In(_) | RightScope::While(_) => {
                    assert!(
                        State::ALL.iter().any(|state| right.covers(*actor, (*state).into())),
                        "{}",
                        right.action
                    );
                }
            }
        }
    }
}

#[test]
fn every_action_but_start_is_somebodys_right() {
    for action in Action::ALL {
        assert_eq!(
            RIGHTS.iter().any(|right| right.action == *action),
            *action != Action::Start,
            "{action}"
        );
    }
}

/// FRM-4: "never a colleague's".
#[test]
fn a_colleague_reads_and_touches_nothing() {
    let reading = [
        Action::Read,
        Action::ReadForm,
        Action::DownloadReceipt,
        Action::ReadHistory,
        Action::ReadCommunications,
    ];
    for position in positions() {
        for action in allowed(Role::Operator, Relation::SameOrganisation, position) {
            assert!(reading.contains(&action), "{action} in {}", position.state);
        }
    }
    assert!(!may(Role::Operator, Relation::SameOrganisation, State::ToSend, Action::Submit));
    assert!(may(Role::Operator, Relation::SameOrganisation, State::ToSend, Action::ReadForm));
}

/// SUB-1: only the owner or the operator who filed it; the portal for them when it is armed (NEW-1).
#[test]
fn only_representative_filer_and_portal_submit() {
    for actor in Actor::ALL {
        for (role, relation) in standings(*actor) {
            for state in State::ALL {
                let expected = match state {
                    State::ToSend => matches!(actor, Actor::Representative | Actor::Filer),
                    State::Armed => *actor == Actor::System,
                    _ => false,
                };
                assert_eq!(
                    may(role, relation, *state, Action::Submit),
                    expected,
                    "{role} {relation} {state}"
                );
            }
        }
    }
}

/// NEW-1: those who may send it arm it and disarm it, a colleague or the contact of their organisation never; what is armed
/// is neither saved nor corrected, and can still be blocked and deleted.
#[test]
fn what_is_armed_is_disarmed_before_it_is_changed() {
    for actor in Actor::ALL {
        let applies = matches!(actor, Actor::Representative | Actor::Filer);
        for (role, relation) in standings(*actor) {
            for state in State::ALL {
                let may = |action| may(role, relation, *state, action);
                assert_eq!(may(Action::Arm), applies && *state == State::ToSend, "{role} {state}");
                assert_eq!(
                    may(Action::Disarm),
                    applies && *state == State::Armed,
                    "{role} {state}"
                );
            }
            let may = |action| may(role, relation, State::Armed, action);
            assert!(!may(Action::Save) && !may(Action::RequestCorrection), "{role}");
            assert_eq!(may(Action::Block), *actor == Actor::Representative, "{role}");
            if applies {
                assert!(may(Action::Delete) && may(Action::Read) && may(Action::ReadForm));
            }
        }
    }
}

/// Foreign applications are as if absent.
#[test]
fn without_a_relation_a_person_may_do_nothing() {
    let people = [
        Role::Employer,
        Role::Operator,
        Role::OrganisationContact,
        Role::Officer,
        Role::PrefectureOfficer,
        Role::Directorate,
    ];
    for role in people {
        for position in positions() {
            assert_eq!(allowed(role, Relation::None, position), [], "{role} in {}", position.state);
        }
    }
}

/// ORG-4: what a former operator filed stays with the organisation.
#[test]
fn a_private_user_has_nothing_from_having_filed() {
    for position in positions() {
        assert_eq!(allowed(Role::Employer, Relation::Filer, position), []);
        assert_eq!(allowed(Role::Employer, Relation::SameOrganisation, position), []);
    }
}

/// DEC-1: an officer sees the own province, and no draft.
#[test]
fn an_officer_sees_what_was_sent_in_the_own_province() {
    for state in State::ALL {
        assert_eq!(allowed(Role::Officer, Relation::SameOrganisation, *state), []);
        if state.is_draft() {
            assert_eq!(allowed(Role::Officer, Relation::SameProvince, *state), []);
        }
    }
    assert!(may(Role::Officer, Relation::SameProvince, State::Submitted, Action::TakeCharge));
    assert!(may(Role::Officer, Relation::SameProvince, State::Blocked, Action::Release));
}

/// LIM-1: a deleted application is gone for every role.
#[test]
fn nobody_may_do_anything_with_a_deleted_application() {
    for actor in Actor::ALL {
        for (role, relation) in standings(*actor) {
            assert_eq!(allowed(role, relation, State::Deleted), [], "{role} {relation}");
        }
    }
}

/// NEW-5: only the employer can say that it is not theirs, not the filer.
#[test]
fn only_the_representative_blocks() {
    assert!(may(Role::Employer, Relation::Representative, State::ToComplete, Action::Block));
    assert!(may(Role::Employer, Relation::Representative, State::Submitted, Action::Block));
    assert!(!may(Role::Operator, Relation::Filer, State::ToComplete, Action::Block));
    assert!(!may(Role::Employer, Relation::Representative, State::Blocked, Action::Release));
    assert!(!may(Role::Operator, Relation::Filer, State::Blocked, Action::ReadForm));
}

/// NEW-5: a role sees the list of blocked applications exactly when it may release them.
#[test]
fn the_list_of_blocked_applications_is_for_those_who_release_them() {
    for role in Role::ALL.iter().filter(|role| role.is_person()) {
        let releases = Relation::ALL
            .iter()
            .any(|relation| may(*role, *relation, State::Blocked, Action::Release));
        assert_eq!(sees_flags(*role), releases, "{role}");
    }
}

/// Machines act by their own means; a session in their name would open everything.
#[test]
fn the_ledger_of_outages_is_written_by_administrators_and_read_by_those_who_reopen_cases() {
    for role in Role::ALL {
        let is_administrator = *role == Role::Administrator;
        assert_eq!(records_outages(*role), is_administrator, "{role}");
        assert_eq!(reads_outages(*role), is_administrator || *role == Role::Officer, "{role}");
        assert_eq!(works_on_cases(*role), *role == Role::Officer, "{role}");
    }
}

#[test]
fn what_a_machine_does_another_page_begins_or_no_route_takes_has_no_button() {
    let without: Vec<_> = Action::ALL.iter().filter(|action| !action.is_offered()).collect();
    let wanted = [
        Action::Start,
        Action::Read,
        Action::RecordValue,
        Action::Link,
        Action::Unlink,
        Action::BookAppointment,
        Action::ReportChecks,
        Action::ReportVisa,
        Action::SendContract,
        Action::RecordFileVerdict,
        Action::ApplyTerm,
    ];
    assert_eq!(without, wanted.iter().collect::<Vec<_>>());
}

#[test]
fn machines_are_nobody_who_signs_in() {
    let machines: Vec<_> = Role::ALL.iter().filter(|role| !role.is_person()).collect();
    assert_eq!(machines, [&Role::ConsularSystem, &Role::System]);
}

/// MOD-1: the button appears when contract and agreement are both settled.
#[test]
fn the_agreement_shows_in_the_buttons() {
    let officer = |state, agreement| {
        allowed(Role::Officer, Relation::SameProvince, Position { state, agreement })
    };
    assert!(officer(State::ContractValidated, None).contains(&Action::IssueModules));
    assert!(
        !officer(State::ContractValidated, Some(AgreementStep::Sent))
            .contains(&Action::IssueModules)
    );
    assert!(
        officer(State::ContractValidated, Some(AgreementStep::Sent))
            .contains(&Action::ExamineAgreement)
    );

    let employer = |state, agreement| {
        allowed(Role::Employer, Relation::Representative, Position { state, agreement })
    };
    let both = employer(State::ContractToSign, Some(AgreementStep::ToSign));
    assert!(both.contains(&Action::UploadContract) && both.contains(&Action::UploadAgreement));
    assert!(!employer(State::ContractToSign, None).contains(&Action::EnterAgreementData));
    assert!(
        !employer(State::Revoked, Some(AgreementStep::ToSign)).contains(&Action::UploadAgreement)
    );
}

/// An e-mail account gives personal area and communications; whatever starts, changes or sends needs level 2 (ACC-7).
#[test]
fn whatever_changes_something_needs_level_two() {
    for right in RIGHTS
        .iter()
        .filter(|right| matches!(right.holds, RightScope::Moves(_) | RightScope::MovesAgreement(_)))
    {
        let expected =
            if right.action == Action::Block { IdentityLevel::Link } else { IdentityLevel::Two };
        assert_eq!(right.action.minimum_level(), expected, "{}", right.action);
    }
    assert_eq!(Action::Start.minimum_level(), IdentityLevel::Two);
    assert_eq!(Action::ReadCommunications.minimum_level(), IdentityLevel::Password);
    assert!(
        IdentityLevel::Link < IdentityLevel::Password && IdentityLevel::Two < IdentityLevel::Three
    );
}

/// CHK-1: the roles that may start become representative or filer, as the lifecycle's openings demand.
#[test]
fn only_private_users_and_operators_start() {
    let starters: Vec<Role> = Role::ALL.iter().copied().filter(|role| may_start(*role)).collect();
    assert_eq!(starters, [Role::Employer, Role::Operator]);
    assert!(OPENINGS.iter().all(|opening| opening.by == APPLICANT));
}

#[test]
fn the_permissions_page_is_up_to_date() {
    expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/permissions.md")]
        .assert_eq(&page());
}

/// `docs/permissions.md`, from the tables alone.
fn page() -> String {
    let mut page = String::from(
        "# Who may do what\n\n\
         Generated from the tables in `shared/domain/src/permission.rs` and `shared/domain/src/lifecycle.rs`; \
         `UPDATE_EXPECT=1 cargo test -p domain` writes it anew.\n\
         Windows of the calendar and limits are judged apart.\n\n\
         ## Capacities\n\n\
         In which capacity a role acts, by its relation to the application; an empty cell means that the application does not exist for them (404).\n\n",
    );
    write!(page, "| role |").unwrap();
    for relation in Relation::ALL {
        write!(page, " {relation} |").unwrap();
    }
    writeln!(page, "\n|---|{}", "---|".repeat(Relation::ALL.len())).unwrap();
    for role in Role::ALL {
        write!(page, "| {role} |").unwrap();
        for relation in Relation::ALL {
            let capacity = role.acting_as(*relation).map_or("", Actor::code);
            let gap = if capacity.is_empty() { "" } else { " " };
            write!(page, " {capacity}{gap}|").unwrap();
        }
        page.push('\n');
    }
    let starters: Vec<&str> =
        Role::ALL.iter().filter(|role| may_start(**role)).map(|role| role.code()).collect();
    writeln!(page, "\nA new application is begun by: {}.\n", starters.join(", ")).unwrap();

    page.push_str("## States by number\n\n| no. | state | read as |\n|--:|---|---|\n");
    for (state, number) in State::ALL.iter().zip(1..) {
        let step = state.step().map(|step| format!(" – {step}")).unwrap_or_default();
        writeln!(page, "| {number} | `{state}` | {}{step} |", state.label()).unwrap();
    }
    for actor in Actor::ALL {
        section(&mut page, *actor);
    }
    page.push_str(
        "\n## Actions\n\n| action | portal's name | identity level | source |\n|---|---|---|---|\n",
    );
    for action in Action::ALL {
        let sources: BTreeSet<&str> = RIGHTS
            .iter()
            .filter(|right| right.action == *action)
            .map(|right| right.source)
            .collect();
        let sources = sources.into_iter().collect::<Vec<_>>().join("; ");
        writeln!(
            page,
            "| `{action}` | {} | {} | {sources} |",
            action.label(),
            action.minimum_level()
        )
        .unwrap();
    }
    page.push_str("\n## What is about no application\n\n| what | roles | but never | source |\n|---|---|---|---|\n");
    for (what, holds, never, source) in BESIDE {
        let roles: Vec<&str> =
            Role::ALL.iter().filter(|role| holds(**role)).map(|role| role.code()).collect();
        writeln!(page, "| {what} | {} | {never} | {source} |", roles.join(", ")).unwrap();
    }
    page
}

/// What, who, who never, and why.
type Beside = (&'static str, fn(Role) -> bool, &'static str, &'static str);

const BESIDE: &[Beside] = &[
    ("write an outage, or the correction of one", records_outages, "", "CNF-4, OPS-1"),
    (
        "confirm an outage, which counts from then on",
        records_outages,
        "the person who wrote it",
        "CNF-4, OPS-1",
    ),
    ("read the ledger of outages", reads_outages, "", "CNF-4"),
    ("undo the link of a former account", undoes_links, "the person who linked it", "IDP-2"),
    ("see the list of blocked applications", sees_flags, "", "NEW-5"),
];

/// One matrix per capacity: its actions against the numbered states, then against the steps of the agreement.
fn section(page: &mut String, actor: Actor) {
    let standings = standings(actor);
    let (role, relation) = standings[0];
    let who: BTreeSet<String> = standings
        .iter()
        .map(|(role, relation)| {
            let any = Relation::ALL.iter().all(|other| role.acting_as(*other) == Some(actor));
            if any { format!("{role} (any relation)") } else { format!("{role} × {relation}") }
        })
        .collect();
    writeln!(page, "\n## {actor}\n\n{}.\n", who.into_iter().collect::<Vec<_>>().join(", "))
        .unwrap();

    write!(page, "| action |").unwrap();
    for number in 1..=State::ALL.len() {
        write!(page, " {number} |").unwrap();
    }
    writeln!(page, "\n|---|{}", ":-:|".repeat(State::ALL.len())).unwrap();
    for action in Action::ALL {
        let marks: Vec<bool> =
            State::ALL.iter().map(|state| may(role, relation, *state, *action)).collect();
        matrix_row(page, *action, &marks);
    }

    let agreement: Vec<(Action, Vec<bool>)> = Action::ALL
        .iter()
        .filter(|action| {
            RIGHTS.iter().any(|right| {
                right.action == **action && matches!(right.holds, RightScope::MovesAgreement(_))
            })
        })
        .map(|action| {
            let at = |step: &AgreementStep| Position {
                state: State::ContractToSign,
                agreement: Some(*step),
            };
            (
                *action,
                AgreementStep::ALL
                    .iter()
                    .map(|step| may(role, relation, at(step), *action))
                    .collect(),
            )
        })
        .collect();
    if agreement.iter().any(|(_, marks)| marks.contains(&true)) {
        let admitting: Vec<&str> = State::ALL
            .iter()
            .filter(|state| state.admits_agreement())
            .map(|state| state.code())
            .collect();
        writeln!(
            page,
            "\nIntegration agreement, while the contract is in one of {}:\n",
            admitting.join(", ")
        )
        .unwrap();
        write!(page, "| action |").unwrap();
        for step in AgreementStep::ALL {
            write!(page, " {step} |").unwrap();
        }
        writeln!(page, "\n|---|{}", ":-:|".repeat(AgreementStep::ALL.len())).unwrap();
        for (action, marks) in agreement {
            matrix_row(page, action, &marks);
        }
    }
}

fn matrix_row(page: &mut String, action: Action, marks: &[bool]) {
    if marks.contains(&true) {
        write!(page, "| `{action}` |").unwrap();
        for mark in marks {
            page.push_str(if *mark { " ✔ |" } else { "   |" });
        }
        page.push('\n');
    }
}
