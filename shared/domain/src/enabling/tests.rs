//! What the enabling table must keep, and the page that is generated from it.

use std::fmt::Write as _;

use expect_test::expect_file;
use proptest::prelude::*;

use super::*;
use crate::{
    coded::check::codes_lead_back,
    organisation::{
        ORGANISATION_RIGHTS, OrganisationAction, OrganisationRelation, RowOutcome, may,
    },
};

fn account(byte: u8) -> AccountId {
    AccountId::keyed(&[byte; 32])
}

/// Sent from Foggia by account 1 for the operators 2 and 3.
fn case(kind: EnablingKind) -> EnablingCase {
    EnablingCase {
        kind,
        stage: kind.opening(),
        version: 1,
        province: "FG".to_owned(),
        requester: account(1),
        named: vec![account(2), account(3)],
        deciders: Vec::new(),
    }
}

#[test]
fn codes_lead_back_to_their_values() {
    codes_lead_back(EnablingKind::ALL, EnablingKind::label);
    codes_lead_back(EnablingStage::ALL, EnablingStage::label);
    codes_lead_back(EnablingStep::ALL, EnablingStep::label);
    codes_lead_back(Office::ALL, Office::label);
}

#[test]
fn an_association_passes_three_offices_and_three_people() {
    let case = case(EnablingKind::Organisation);
    let case = case.step(EnablingStep::Check, &account(10), Office::Prefecture).unwrap();
    let case = case.step(EnablingStep::Announce, &account(11), Office::Directorate).unwrap();
    let case = case.step(EnablingStep::Enable, &account(12), Office::Administrator).unwrap();
    assert_eq!(case.stage, EnablingStage::Enabled);
    assert_eq!(case.version, 4);
    assert_eq!(case.deciders, [account(10), account(11), account(12)]);
}

#[test]
fn municipalities_agencies_and_professionals_go_straight_to_the_administrator() {
    for kind in [EnablingKind::Municipality, EnablingKind::Agency, EnablingKind::Professional] {
        let case = case(kind);
        assert_eq!(case.stage, EnablingStage::AwaitingAdministrator);
        assert!(case.step(EnablingStep::Enable, &account(12), Office::Administrator).is_ok());
    }
}

#[test]
fn nobody_takes_two_steps_of_one_request() {
    let case = case(EnablingKind::Organisation);
    let case = case.step(EnablingStep::Check, &account(10), Office::Prefecture).unwrap();
    for step in [EnablingStep::Announce, EnablingStep::Refuse] {
        assert_eq!(
            case.step(step, &account(10), Office::Directorate),
            Err(EnablingRefused::SecondStep)
        );
    }
}

#[test]
fn nobody_decides_about_a_request_of_their_own() {
    let case = case(EnablingKind::Municipality);
    for party in [account(1), account(2), account(3)] {
        for step in [EnablingStep::Enable, EnablingStep::Refuse] {
            assert_eq!(
                case.step(step, &party, Office::Administrator),
                Err(EnablingRefused::OwnRequest)
            );
        }
    }
    assert!(case.step(EnablingStep::Withdraw, &account(1), Office::Requester).is_ok());
}

#[test]
fn what_goes_on_to_another_office_is_no_decision() {
    for row in ENABLING_TRANSITIONS {
        assert_eq!(row.event.forwards(), !row.to.is_final(), "{}", row.event);
    }
}

#[test]
fn an_office_takes_no_other_offices_step() {
    let case = case(EnablingKind::Organisation);
    for office in [Office::Directorate, Office::Administrator, Office::Requester] {
        assert_eq!(
            case.step(EnablingStep::Check, &account(10), office),
            Err(EnablingRefused::OtherOffice)
        );
    }
    assert_eq!(
        case.step(EnablingStep::Withdraw, &account(12), Office::Administrator),
        Err(EnablingRefused::OtherOffice)
    );
    assert_eq!(
        case.step(EnablingStep::Enable, &account(12), Office::Administrator),
        Err(EnablingRefused::NotNow { stage: EnablingStage::AwaitingPrefecture })
    );
}

#[test]
fn a_request_is_there_for_whom_it_concerns() {
    let case = case(EnablingKind::Organisation);
    let officer = |province| case.office(&account(10), Role::PrefectureOfficer, province);
    assert_eq!(officer(Some("FG")), Some(Office::Prefecture));
    assert_eq!(officer(Some("VR")), None);
    assert_eq!(officer(None), None);
    assert_eq!(case.office(&account(1), Role::Employer, None), Some(Office::Requester));
    assert_eq!(
        case.office(&account(2), Role::Employer, None),
        None,
        "who is named is not who asks"
    );
    assert_eq!(case.office(&account(11), Role::Directorate, None), None, "not checked yet");
    assert_eq!(case.office(&account(9), Role::Officer, Some("FG")), None);
    let checked = case.step(EnablingStep::Check, &account(10), Office::Prefecture).unwrap();
    assert_eq!(checked.office(&account(11), Role::Directorate, None), Some(Office::Directorate));
}

#[test]
fn a_municipal_request_is_no_affair_of_the_prefecture() {
    let case = case(EnablingKind::Municipality);
    assert_eq!(case.office(&account(10), Role::PrefectureOfficer, Some("FG")), None);
    assert_eq!(case.office(&account(11), Role::Directorate, None), None);
    assert_eq!(case.office(&account(12), Role::Administrator, None), Some(Office::Administrator));
}

#[test]
fn a_reason_says_something() {
    assert!("manca".parse::<Reason>().is_err());
    assert!("          ".parse::<Reason>().is_err());
    assert!("x".repeat(1001).parse::<Reason>().is_err());
    assert!("Protocollo scaduto".parse::<Reason>().is_ok());
    assert_eq!(format!("{:?}", "Protocollo scaduto".parse::<Reason>()), "Ok(Reason([redacted]))");
}

proptest! {
    /// Any people take any steps in any order: nobody decides twice, no party decides, and final stages stay final.
    #[test]
    fn no_sequence_of_steps_breaks_the_separation_of_duties(
        kind in prop::sample::select(EnablingKind::ALL),
        tries in prop::collection::vec(
            (prop::sample::select(EnablingStep::ALL), 0_u8..6, prop::sample::select(Office::ALL)), 0..40,
        ),
    ) {
        let mut now = case(kind);
        for (step, who, office) in tries {
            let before = now.clone();
            if let Ok(after) = now.step(step, &account(who), office) {
                prop_assert!(!before.stage.is_final());
                prop_assert_eq!(after.version, before.version + 1);
                now = after;
            }
        }
        let mut once = now.deciders.clone();
        once.sort();
        once.dedup();
        prop_assert_eq!(once.len(), now.deciders.len());
        prop_assert!(now.deciders.iter().all(|one| *one != now.requester && !now.named.contains(one)));
        if now.stage == EnablingStage::Enabled {
            prop_assert_eq!(now.deciders.len(), if kind.goes_through_prefecture() { 3 } else { 1 });
        }
    }
}

#[test]
fn the_page_is_generated_from_the_tables() {
    let mut page = String::from(
        "# Enabling of organisations\n\nGenerated from `shared/domain/src/enabling.rs` and `organisation.rs`; `UPDATE_EXPECT=1 cargo test -p domain` rewrites it.\n\n\
         No one takes two steps of one request, nor a step of a request that they sent or that names them.\n\n\
         ## Where a request begins\n\n| who asks | stage | organisation |\n|---|---|---|\n",
    );
    for kind in EnablingKind::ALL {
        let kinds: Vec<_> = kind.organisation_kinds().iter().map(|one| one.label()).collect();
        writeln!(page, "| {} | {} | {} |", kind.label(), kind.opening().label(), kinds.join(", "))
            .unwrap();
    }
    page.push_str(
        "\n## Steps\n\n| from | step | to | by | reason | source |\n|---|---|---|---|---|---|\n",
    );
    for row in ENABLING_TRANSITIONS {
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} |",
            row.from.label(),
            row.event.label(),
            row.to.label(),
            row.by.label(),
            if row.event.needs_reason() { "required" } else { "if given" },
            row.source
        )
        .unwrap();
    }
    page.push_str(
        "\n## Who sees a request\n\n| office | work list | sees it while |\n|---|---|---|\n",
    );
    for office in Office::ALL {
        let seen: Vec<_> = EnablingStage::ALL
            .iter()
            .filter(|stage| office.sees(**stage))
            .map(|stage| stage.label())
            .collect();
        let list = office.work_list().map_or("–", EnablingStage::label);
        writeln!(page, "| {} | {list} | {} |", office.label(), seen.join(", ")).unwrap();
    }
    page.push_str(
        "\nA prefecture sees the requests of organisations in its own province; the directorate those of organisations.\n\n\
         ## What may be done with an organisation\n\n| action | role | belongs to it | does not | source |\n|---|---|---|---|---|\n",
    );
    for action in OrganisationAction::ALL {
        for right in ORGANISATION_RIGHTS.iter().filter(|right| right.action == *action) {
            for role in right.by {
                let mark = |belonging| if may(*role, belonging, *action) { "yes" } else { "–" };
                writeln!(
                    page,
                    "| {} | {} | {} | {} | {} |",
                    action.label(),
                    role.label(),
                    mark(OrganisationRelation::Member),
                    mark(OrganisationRelation::Stranger),
                    right.source
                )
                .unwrap();
            }
        }
    }
    page.push_str(
        "\n## What becomes of a row in a list of operators\n\n| code | text |\n|---|---|\n",
    );
    for outcome in RowOutcome::ALL {
        writeln!(page, "| `{outcome}` | {} |", outcome.label()).unwrap();
    }
    expect_file!["../../../../docs/enabling.md"].assert_eq(&page);
}

/// An administrator takes every office's place in the lists (ORG-1); a requester has the own requests alone.
#[test]
fn an_office_reads_its_own_work_list_and_an_administrator_all() {
    for stage in EnablingStage::ALL {
        let is_open = !stage.is_final();
        assert_eq!(Office::Administrator.reads_work_list(*stage), is_open, "{stage}");
        assert_eq!(
            Office::Prefecture.reads_work_list(*stage),
            *stage == EnablingStage::AwaitingPrefecture,
            "{stage}"
        );
        assert_eq!(
            Office::Directorate.reads_work_list(*stage),
            *stage == EnablingStage::AwaitingDirectorate,
            "{stage}"
        );
        assert!(!Office::Requester.reads_work_list(*stage), "{stage}");
    }
}
