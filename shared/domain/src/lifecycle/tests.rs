//! What the table must keep, and the page that is generated from it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use expect_test::expect_file;
use proptest::prelude::*;
use proptest::sample::select;

use super::agreement::{AGREEMENT_TRANSITIONS, AgreementEvent, AgreementStep};
use super::consequence::{
    Act, Begins, Bound, Consequences, Consulate, OfficeFlag, QuotaPlace, RemarkKept, Tells,
    YearlyLimit,
};
use super::*;
use crate::coded::check::codes_lead_back;

#[test]
fn codes_lead_back_to_their_values() {
    codes_lead_back(State::ALL, State::label);
    codes_lead_back(Event::ALL, Event::label);
    codes_lead_back(Actor::ALL, Actor::label);
    codes_lead_back(AgreementStep::ALL, AgreementStep::label);
    codes_lead_back(AgreementEvent::ALL, AgreementEvent::label);
}

/// Both tables write into one history, so their event codes must not collide (AUD-1).
#[test]
fn no_event_of_the_agreement_has_the_code_of_an_event_of_the_application() {
    assert!(AgreementEvent::ALL.iter().all(|event| event.code().parse::<Event>().is_err()));
}

/// STA-1: the names that users know.
#[test]
fn states_bear_the_names_of_the_portal() {
    assert_eq!(State::ToValidate.label(), "Da validare");
    assert_eq!(State::ToSend.code(), "to-send");
    for state in State::ALL {
        assert_eq!(
            state.step().is_some(),
            state.label() == "Registrazione dello straniero",
            "{state}"
        );
    }
}

#[test]
fn history_texts_are_distinct_sentences() {
    let texts: Vec<&str> = Event::ALL
        .iter()
        .map(|event| event.history_text())
        .chain(AgreementEvent::ALL.iter().map(|event| event.history_text()))
        .collect();
    assert!(texts.iter().all(|text| text.ends_with('.') && text.starts_with(char::is_uppercase)));
    assert_eq!(texts.iter().collect::<BTreeSet<_>>().len(), texts.len());
}

#[test]
fn every_state_is_reached_from_to_validate() {
    let mut reached = BTreeSet::from([State::ToValidate]);
    loop {
        let next: BTreeSet<State> = reached
            .iter()
            .flat_map(|state| events_from(*state))
            .map(|transition| transition.to)
            .collect();
        let before = reached.len();
        reached.extend(next);
        if reached.len() == before {
            break;
        }
    }
    assert_eq!(reached, State::ALL.iter().copied().collect());
}

#[test]
fn every_step_of_the_agreement_is_reached_from_its_opening() {
    let mut reached = BTreeSet::from([AgreementStep::OPENING]);
    for _ in AgreementStep::ALL {
        reached.extend(
            AGREEMENT_TRANSITIONS
                .iter()
                .filter(|row| reached.contains(&row.from))
                .map(|row| row.to)
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(reached, AgreementStep::ALL.iter().copied().collect());
    assert!(AGREEMENT_TRANSITIONS.iter().all(|row| !row.from.is_settled()));
}

#[test]
fn every_event_is_in_the_tables_and_every_row_names_somebody_and_a_source() {
    for event in Event::ALL {
        assert!(
            event.opening().is_some() != TRANSITIONS.iter().any(|row| row.event == *event),
            "{event}"
        );
    }
    for event in AgreementEvent::ALL {
        assert!(AGREEMENT_TRANSITIONS.iter().any(|row| row.event == *event), "{event}");
    }
    for row in TRANSITIONS {
        assert!(!row.by.is_empty() && !row.source.is_empty() && row.from != row.to, "{row:?}");
    }
    for row in AGREEMENT_TRANSITIONS {
        assert!(!row.by.is_empty() && !row.source.is_empty() && row.from != row.to, "{row:?}");
    }
}

#[test]
fn only_archived_and_deleted_are_final() {
    let last: Vec<State> = State::ALL.iter().copied().filter(|state| state.is_final()).collect();
    assert_eq!(last, [State::Archived, State::Deleted]);
}

/// LIM-1: what is over never comes alive again, except an expired case that an officer reopens (CNF-4).
#[test]
fn what_is_over_stays_over_unless_an_officer_reopens_it() {
    for row in TRANSITIONS.iter().filter(|row| !row.from.is_live() && row.to.is_live()) {
        assert_eq!((row.from, row.event), (State::Revoked, Event::ReopenCase));
    }
}

/// SUB-6: a receipt is for good.
#[test]
fn only_submit_makes_an_application_sent_and_nothing_unsends_it() {
    for row in TRANSITIONS {
        assert_eq!(!row.from.is_sent() && row.to.is_sent(), row.event == Event::Submit, "{row:?}");
        assert!(!row.from.is_sent() || row.to.is_sent(), "{row:?}");
    }
}

fn claims_worker(row: &Transition) -> bool {
    !row.from.holds_worker() && row.to.holds_worker()
}

fn releases_worker(row: &Transition) -> bool {
    row.from.holds_worker() && !row.to.holds_worker()
}

/// LIM-1: the worker is claimed on the way to *da inviare* (or when a case is reopened), released when it is over.
#[test]
fn the_worker_is_claimed_when_ready_and_released_when_over() {
    let claims: BTreeSet<Event> =
        TRANSITIONS.iter().filter(|row| claims_worker(row)).map(|row| row.event).collect();
    assert_eq!(claims, BTreeSet::from([Event::Complete, Event::ReopenCase]));
    assert!(claims_worker(State::ToComplete.on(Event::Complete).unwrap()));
    assert!(!claims_worker(State::ExpiredToVerify.on(Event::ReopenCase).unwrap()));
    assert!(releases_worker(State::ToSend.on(Event::Reopen).unwrap()));
    assert!(releases_worker(State::ToSend.on(Event::Block).unwrap()));
    assert!(releases_worker(State::Armed.on(Event::Reopen).unwrap()));
    assert!(!releases_worker(State::Submitted.on(Event::Block).unwrap()));
    for state in State::ALL {
        assert!(!(state.is_final() && state.holds_worker()), "{state}");
    }
}

/// FRM-3, NEW-2: a person or a late registry value makes it ready, and a change takes it back.
#[test]
fn a_draft_becomes_ready_and_back() {
    let ready = State::ToComplete.on(Event::Complete).unwrap();
    assert_eq!(ready.to, State::ToSend);
    assert!(ready.by.contains(&Actor::System) && ready.by.contains(&Actor::Filer));
    assert_eq!(State::ToSend.on(Event::Reopen).unwrap().to, State::ToComplete);
}

/// SUB-1, NEW-1: only *da inviare* can be sent, by its people, and what they armed by the portal alone.
#[test]
fn only_a_ready_application_can_be_sent() {
    for state in State::ALL {
        let sent = state.on(Event::Submit);
        if let State::ToSend | State::Armed = state {
            let sent = sent.unwrap();
            assert_eq!(sent.to, State::Submitted);
            assert_eq!(sent.by.contains(&Actor::System), *state == State::Armed);
            assert_eq!(sent.by.contains(&Actor::Filer), *state == State::ToSend);
        } else {
            assert_eq!(sent, Err(Refused { from: *state, event: Event::Submit }));
        }
    }
}

/// CNF-2: an answer and the expiry both start from the same state, so that only one can take effect.
#[test]
fn answer_and_expiry_exclude_each_other() {
    for event in [Event::Confirm, Event::Renounce, Event::Expire] {
        let row = State::AwaitingConfirmation.on(event).unwrap();
        for other in [Event::Confirm, Event::Renounce, Event::Expire] {
            assert!(row.to.on(other).is_err(), "{other} after {event}");
        }
    }
}

/// MOD-1: the modules wait for the contract and, where it applies, for the agreement.
#[test]
fn the_modules_wait_for_contract_and_agreement() {
    let issue = |state, agreement| Position { state, agreement }.on(Event::IssueModules);
    assert!(issue(State::ContractValidated, None).is_ok());
    assert!(issue(State::ContractValidated, Some(AgreementStep::Validated)).is_ok());
    assert!(issue(State::ContractSent, Some(AgreementStep::Validated)).is_err());
    for step in AgreementStep::ALL.iter().filter(|step| !step.is_settled()) {
        let refused = issue(State::ContractValidated, Some(*step));
        assert_eq!(
            refused,
            Err(Refused { from: State::ContractValidated, event: Event::IssueModules })
        );
        let position = Position { state: State::ContractValidated, agreement: Some(*step) };
        assert!(position.on(Event::Revoke).is_ok());
    }
}

/// AUD-1: the present state can be rebuilt from the events.
#[test]
fn a_history_leads_to_its_state_or_names_what_is_wrong() {
    use Event::*;
    assert_eq!(rebuild([Start, VerifyCode, Complete, Submit]), Ok(State::Submitted));
    assert_eq!(
        rebuild([Start, VerifyCode, Complete, Arm, Disarm, Arm, Submit]),
        Ok(State::Submitted)
    );
    assert_eq!(rebuild([StartConversion, Complete, Reopen, Delete]), Ok(State::Deleted));
    assert_eq!(rebuild([]), Err(BrokenHistory::Empty));
    assert_eq!(rebuild([VerifyCode]), Err(BrokenHistory::NotAnOpening(VerifyCode)));
    let refused = Refused { from: State::ToComplete, event: Submit };
    assert_eq!(
        rebuild([Start, VerifyCode, Submit]),
        Err(BrokenHistory::Refused { position: 2, refused })
    );
}

/// The whole procedure, step by step, as users go through it.
#[test]
fn an_application_can_go_from_the_first_click_to_the_modules() {
    use Event::*;
    let story = [
        Start,
        VerifyCode,
        Complete,
        Submit,
        TakeCharge,
        RequestIntegration,
        ProvideIntegration,
        Grant,
        ReportChecks,
        Renounce,
        UndoRenunciation,
        Confirm,
        IssueVisa,
        ReportEntry,
        SendContract,
        UploadContract,
        RefuseContractFile,
        UploadContract,
        AcceptContractFile,
        RejectContract,
        UploadContract,
        AcceptContractFile,
        ValidateContract,
        IssueModules,
        Archive,
    ];
    assert_eq!(rebuild(story), Ok(State::Archived));
}

proptest! {
    #[test]
    fn no_sequence_of_events_leaves_a_final_state_or_the_table(
        start in select(State::ALL),
        events in prop::collection::vec(select(Event::ALL), 0..60),
    ) {
        let mut state = start;
        for event in events {
            match state.on(event) {
                Ok(transition) => {
                    prop_assert!(!state.is_final());
                    prop_assert_eq!(transition.from, state);
                    prop_assert!(events_from(state).any(|row| row == transition));
                    state = transition.to;
                }
                Err(refused) => prop_assert_eq!(refused, Refused { from: state, event }),
            }
        }
    }
}

#[test]
fn the_lifecycle_page_is_up_to_date() {
    expect_file![concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/lifecycle.md")]
        .assert_eq(&page());
}

/// `docs/lifecycle.md`, from the tables alone.
fn page() -> String {
    let mut page = String::from(
        "# Lifecycle of an application\n\n\
         Generated from the tables in `shared/domain/src/lifecycle.rs` and in the folder beside it; \
         `UPDATE_EXPECT=1 cargo test -p domain` writes it anew.\n\
         What is not in a table is refused.\n\n\
         ## Diagram\n\n```mermaid\nstateDiagram-v2\n",
    );
    for state in State::ALL {
        let label = state.step().map_or_else(
            || state.label().to_owned(),
            |step| format!("{}<br/>{step}", state.label()),
        );
        writeln!(page, "    {state:?} : {label}").unwrap();
    }
    for opening in OPENINGS {
        writeln!(page, "    [*] --> {:?} : {}", opening.to, opening.event.label()).unwrap();
    }
    for row in TRANSITIONS {
        writeln!(page, "    {:?} --> {:?} : {}", row.from, row.to, row.event.label()).unwrap();
    }
    for state in State::ALL.iter().filter(|state| state.is_final()) {
        writeln!(page, "    {state:?} --> [*]").unwrap();
    }
    page.push_str("```\n\n## States\n\n");
    page.push_str("\"Live\" forbids a second application for the same worker, \"worker\" means that the worker is claimed.\n\n");
    page.push_str("| state | code | read as | step | phase | sent | live | worker | final |\n|---|---|---|---|---|---|---|---|---|\n");
    for state in State::ALL {
        let [sent, live, worker, last] =
            [state.is_sent(), state.is_live(), state.holds_worker(), state.is_final()]
                .map(|holds| if holds { "✔" } else { "" });
        let step = state.step().unwrap_or_default();
        let phase = Phase::of(*state, None).map_or("", Phase::name);
        writeln!(
            page,
            "| {state:?} | `{state}` | {} | {step} | {phase} | {sent} | {live} | {worker} | {last} |",
            state.label()
        )
        .unwrap();
    }
    deadlines(&mut page);
    page.push_str("\n## Transitions\n\n| from | event | portal's name | to | by | source |\n|---|---|---|---|---|---|\n");
    for opening in OPENINGS {
        line(
            &mut page,
            "(new)",
            (opening.event.code(), opening.event.label()),
            opening.to.code(),
            (opening.by, opening.source),
        );
    }
    for row in TRANSITIONS {
        line(
            &mut page,
            row.from.code(),
            (row.event.code(), row.event.label()),
            row.to.code(),
            (row.by, row.source),
        );
    }
    page.push_str(
        "\n## Integration agreement\n\n\
         It runs beside the contract wherever it applies; the modules wait for both.\n\n\
         | from | event | portal's name | to | by | source |\n|---|---|---|---|---|---|\n",
    );
    for row in AGREEMENT_TRANSITIONS {
        line(
            &mut page,
            row.from.code(),
            (row.event.code(), row.event.label()),
            row.to.code(),
            (row.by, row.source),
        );
    }
    consequences(&mut page);
    page.push_str("\n## What the history says\n\n| event | text |\n|---|---|\n");
    for event in Event::ALL {
        writeln!(page, "| `{event}` | {} |", event.history_text()).unwrap();
    }
    for event in AgreementEvent::ALL {
        writeln!(page, "| `{event}` | {} |", event.history_text()).unwrap();
    }
    page
}

/// Which terms run and wait in each state that keeps one.
fn deadlines(page: &mut String) {
    page.push_str(
        "\n## Terms\n\n\
         Of several that run the first one applies that the application has. A term that waits does not run; \
         an event that leads to a state which does not keep a term ends it.\n\n\
         | state | runs | at its end | reminds | waits | source |\n|---|---|---|---|---|---|\n",
    );
    for state in State::ALL {
        let terms = state.terms();
        let waits = codes(terms.wait);
        for (index, row) in terms.run.iter().enumerate() {
            let runs = row.kind.map_or("at once".to_owned(), |kind| format!("`{kind}`"));
            let at_end =
                row.at_end.map_or("a person acts".to_owned(), |event| format!("`{event}`"));
            let at_end = row.asks_delivery_of.map_or(at_end.clone(), |kind| {
                format!("{at_end}, if the PEC of `{kind}` was delivered; else a person acts")
            });
            let reminds = if row.reminds { "✔" } else { "" };
            let waits = if index == 0 { waits.as_str() } else { "" };
            let source = row.source;
            writeln!(page, "| {state} | {runs} | {at_end} | {reminds} | {waits} | {source} |")
                .unwrap();
        }
        if terms.run.is_empty() && !terms.wait.is_empty() {
            writeln!(page, "| {state} | | | | {waits} | |").unwrap();
        }
    }
}

/// The three tables of consequences.
fn consequences(page: &mut String) {
    page.push_str(
        "\n## Consequences\n\n\
         What each event brings about beside the new state; the store writes all of it in one transaction.\n\
         A new activation code always goes out with its own notice. The worker's claim follows the state.\n",
    );
    for (title, rows) in [
        ("Events", Event::ALL.iter().map(|event| (event.code(), event.consequences())).collect()),
        (
            "Steps of the agreement",
            AgreementEvent::ALL.iter().map(|event| (event.code(), event.consequences())).collect(),
        ),
        ("Other acts", Act::ALL.iter().map(|act| (act.code(), act.consequences())).collect()),
    ] {
        let rows: Vec<(&str, Consequences)> = rows;
        write!(
            page,
            "\n### {title}\n\n\
             | event | term that begins | and ends | counts | tells | documents | consular system | place in quota | yearly limit | flag of an office | words kept | shown as |\n\
             |---|---|---|---|---|---|---|---|---|---|---|---|\n"
        )
        .unwrap();
        for (code, row) in rows {
            let cells = [
                begins(row.begins),
                codes(row.ends),
                bound(row.bound),
                tells(row.tells),
                codes(row.documents),
                consulate(row.consulate),
                place(row.place),
                limit(row.limit).to_owned(),
                flag(row.flag).to_owned(),
                remark(row.remark).to_owned(),
                row.shown_as.map(|action| format!("`{action}`")).unwrap_or_default(),
            ];
            writeln!(page, "| `{code}` | {} |", cells.join(" | ")).unwrap();
        }
    }
}

fn codes<T: std::fmt::Display>(all: &[T]) -> String {
    all.iter().map(|one| format!("`{one}`")).collect::<Vec<_>>().join(", ")
}

fn begins(begins: Begins) -> String {
    match begins {
        Begins::Nothing => String::new(),
        Begins::Term(kind) => format!("`{kind}`"),
        Begins::AtLeast(kind) => format!("`{kind}`, unless it runs longer"),
        Begins::DecisionTerm => "that of the office, from the place in quota".to_owned(),
        Begins::FromEntry(kind) => format!("`{kind}`, from the entry"),
        Begins::Within(kind, limit) => format!("`{kind}`, within `{limit}`"),
        Begins::IfDelivered(kind, told_by) => {
            format!("`{kind}`, if the PEC of `{told_by}` was delivered")
        }
    }
}

fn bound(bound: Bound) -> String {
    match bound {
        Bound::None => String::new(),
        Bound::Before(kind) => format!("before the end of `{kind}`"),
        Bound::NotBefore(kind) => format!("not before the end of `{kind}` where it runs"),
    }
}

fn tells(tells: Tells) -> String {
    match tells {
        Tells::Nothing => String::new(),
        Tells::Always(notice) => format!("`{notice}`"),
        Tells::WhenPortalActs(notice) => format!("`{notice}`, if the portal did it by itself"),
        Tells::WhenPortalActsOnArmed(armed, other) => {
            format!("`{other}`, if the portal did it by itself; `{armed}`, if it was armed")
        }
        Tells::Named => "what its cause names".to_owned(),
    }
}

fn consulate(consulate: Consulate) -> String {
    match consulate {
        Consulate::Nothing => String::new(),
        Consulate::Told(decision) => format!("`{decision}`"),
        Consulate::ToldIfGranted(decision) => format!("`{decision}`, if the permit was issued"),
    }
}

fn place(place: QuotaPlace) -> String {
    match place {
        QuotaPlace::Kept => "",
        QuotaPlace::Awaited => "awaited",
        QuotaPlace::Required => "must be within the cut-off",
        QuotaPlace::GivenUp => "given up",
        QuotaPlace::GivenUpUnlessCompleted => "given up, unless the modules were issued",
    }
    .to_owned()
}

const fn limit(limit: YearlyLimit) -> &'static str {
    match limit {
        YearlyLimit::Kept => "",
        YearlyLimit::Taken => "taken",
        YearlyLimit::GivenBack => "given back",
        YearlyLimit::FollowsFiler => "follows the filer",
    }
}

const fn flag(flag: OfficeFlag) -> &'static str {
    match flag {
        OfficeFlag::Kept => "",
        OfficeFlag::Raised => "raised",
        OfficeFlag::Lowered => "lowered",
    }
}

const fn remark(remark: RemarkKept) -> &'static str {
    match remark {
        RemarkKept::None => "",
        RemarkKept::Allowed => "if given",
        RemarkKept::Required => "required of a person",
    }
}

fn line(page: &mut String, from: &str, event: (&str, &str), to: &str, right: (&[Actor], &str)) {
    let by: Vec<&str> = right.0.iter().map(|actor| actor.code()).collect();
    writeln!(
        page,
        "| {from} | `{}` | {} | {to} | {} | {} |",
        event.0,
        event.1,
        by.join(", "),
        right.1
    )
    .unwrap();
}

#[test]
fn drafts_are_the_four_states_in_which_people_prepare_what_is_not_sent() {
    let drafts: Vec<State> = State::ALL.iter().copied().filter(|state| state.is_draft()).collect();
    assert_eq!(drafts, [State::ToValidate, State::ToComplete, State::ToSend, State::Armed]);
}

/// The history names the office where only the office can have done it, and a person or the portal elsewhere.
#[test]
fn what_an_office_alone_can_do_is_of_the_office() {
    for event in [Event::Revoke, Event::ReopenCase, Event::ValidateContract, Event::IssueModules] {
        assert!(event.is_of_office(), "{event:?}");
    }
    for event in [Event::Submit, Event::ReportEntry, Event::IssueVisa, Event::UploadContract] {
        assert!(!event.is_of_office(), "{event:?}");
    }
}

/// AGR-1: each step takes the events of its own rows and no other.
#[test]
fn a_step_of_the_agreement_takes_its_own_events_alone() {
    let mut taken = 0;
    for step in AgreementStep::ALL {
        for event in AgreementEvent::ALL {
            if let Ok(transition) = step.on(*event) {
                assert_eq!((transition.from, transition.event), (*step, *event));
                taken += 1;
            }
        }
    }
    assert_eq!(taken, AGREEMENT_TRANSITIONS.len());
}
