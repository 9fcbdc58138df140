//! The published campaigns at every boundary, and files that are refused.

use std::collections::BTreeSet;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::calendar::RomeTime;
use crate::form::Schema;
use crate::order::DrawRule;

const DF_2026: &str = include_str!("../../../../campaigns/df-2026.toml");
const DF_2022: &str = include_str!("../../../../campaigns/df-2022.toml");
const DEMO: &str = include_str!("../../../../campaigns/demo.toml");

const ONE_MS: SignedDuration = SignedDuration::from_millis(1);

/// Model, click day, and 08:00 of the day after.
const CLICK_DAYS: [(&str, &str, &str); 4] = [
    ("c-stag-agricoltura", "2026-01-12 09:00", "2026-01-13 08:00"),
    ("c-stag-turismo", "2026-02-09 09:00", "2026-02-10 08:00"),
    ("b2020", "2026-02-16 09:00", "2026-02-17 08:00"),
    ("a-bis", "2026-02-18 09:00", "2026-02-19 08:00"),
];

const OFF_QUOTA: [&str; 6] =
    ["vb", "ls", "ls1", "ls2", "progetti-speciali-art-23", "progetti-speciali-art-27"];

fn campaign(toml: &str) -> Campaign {
    Campaign::parse(toml).unwrap_or_else(|error| panic!("{error}"))
}

fn model(id: &str) -> ModelId {
    id.parse().unwrap()
}

fn rome(text: &str) -> Timestamp {
    text.parse::<RomeTime>().unwrap().instant()
}

fn open_until(text: &str) -> Opening {
    Opening::Open { closes_at: Some(rome(text)) }
}

fn closed(reason: ClosedReason, opens_at: &str) -> Opening {
    Opening::Closed { reason, opens_at: Some(rome(opens_at)) }
}

fn ended() -> Opening {
    Opening::Closed { reason: ClosedReason::Ended, opens_at: None }
}

/// The answer one millisecond before `boundary`, at it and one millisecond after it.
fn check_boundary(
    campaign: &Campaign,
    id: &str,
    access: Activity,
    boundary: &str,
    before: Opening,
    from: Opening,
) {
    let (id, boundary) = (model(id), rome(boundary));
    assert_eq!(
        campaign.window(&id, access, boundary - ONE_MS),
        before,
        "{id} {access} before {boundary}"
    );
    assert_eq!(campaign.window(&id, access, boundary), from, "{id} {access} at {boundary}");
    assert_eq!(
        campaign.window(&id, access, boundary + ONE_MS),
        from,
        "{id} {access} after {boundary}"
    );
}

/// CAL-1, CAL-2, CAL-3: new applications at every boundary of 2026.
#[test]
fn new_applications_of_2026_open_and_close_to_the_millisecond() {
    let df_2026 = campaign(DF_2026);
    for (id, _, day_after) in CLICK_DAYS {
        let check = |boundary, before, from| {
            check_boundary(&df_2026, id, Activity::Start, boundary, before, from);
        };
        let pre_fill = open_until("2025-12-07 20:00");
        let paused = closed(ClosedReason::Paused, day_after);
        let section_closed = closed(ClosedReason::SectionClosed, day_after);
        let completion_only = closed(ClosedReason::CompletionOnly, day_after);
        let rest_of_year = open_until("2027-01-01 00:00");
        check("2025-10-23 09:00", closed(ClosedReason::NotYetOpen, "2025-10-23 09:00"), pre_fill);
        check("2025-12-07 20:00", pre_fill, paused);
        check("2025-12-08 00:00", paused, section_closed);
        check("2025-12-09 00:00", section_closed, paused);
        check("2025-12-09 09:00", paused, completion_only);
        check("2025-12-13 20:00", completion_only, paused);
        check(day_after, paused, rest_of_year);
        check("2027-01-01 00:00", rest_of_year, ended());
    }
}

/// CAL-1, CAL-2, CAL-3: completing drafts at every boundary of 2026.
#[test]
fn drafts_of_2026_can_be_completed_to_the_millisecond() {
    let df_2026 = campaign(DF_2026);
    for (id, _, day_after) in CLICK_DAYS {
        let check = |boundary, before, from| {
            check_boundary(&df_2026, id, Activity::Edit, boundary, before, from);
        };
        let pre_fill = open_until("2025-12-07 20:00");
        let until_completion = closed(ClosedReason::Paused, "2025-12-09 09:00");
        let section_closed = closed(ClosedReason::SectionClosed, "2025-12-09 09:00");
        let completion = open_until("2025-12-13 20:00");
        let until_day_after = closed(ClosedReason::Paused, day_after);
        let rest_of_year = open_until("2027-01-01 00:00");
        check("2025-10-23 09:00", closed(ClosedReason::NotYetOpen, "2025-10-23 09:00"), pre_fill);
        check("2025-12-07 20:00", pre_fill, until_completion);
        check("2025-12-08 00:00", until_completion, section_closed);
        check("2025-12-09 00:00", section_closed, until_completion);
        check("2025-12-09 09:00", until_completion, completion);
        check("2025-12-13 20:00", completion, until_day_after);
        check(day_after, until_day_after, rest_of_year);
        check("2027-01-01 00:00", rest_of_year, ended());
    }
}

/// CAL-2: each model is sent from its own click day at 09:00 on, until 31 December.
#[test]
fn each_model_of_2026_is_sent_from_its_own_click_day_on() {
    let df_2026 = campaign(DF_2026);
    for (id, click_day, _) in CLICK_DAYS {
        let rest_of_year = open_until("2027-01-01 00:00");
        let before = closed(ClosedReason::NotYetOpen, click_day);
        check_boundary(&df_2026, id, Activity::Submit, click_day, before, rest_of_year);
        check_boundary(&df_2026, id, Activity::Submit, "2027-01-01 00:00", rest_of_year, ended());
        assert_eq!(df_2026.model(&model(id)).unwrap().click_day(), Some(rome(click_day)));
        assert_eq!(
            df_2026.window(&model(id), Activity::Submit, rome("2025-12-08 12:00")),
            closed(ClosedReason::SectionClosed, click_day)
        );
    }
    assert_eq!(rome("2026-01-12 09:00"), "2026-01-12T08:00:00Z".parse::<Timestamp>().unwrap());
}

/// CAL-2: on 8 December the section cannot even be read; otherwise it always can.
#[test]
fn on_8_december_the_section_cannot_be_read() {
    let df_2026 = campaign(DF_2026);
    for (id, _, _) in CLICK_DAYS {
        let before = open_until("2025-12-08 00:00");
        let closed = closed(ClosedReason::SectionClosed, "2025-12-09 00:00");
        let after = Opening::Open { closes_at: None };
        check_boundary(&df_2026, id, Activity::Read, "2025-12-08 00:00", before, closed);
        check_boundary(&df_2026, id, Activity::Read, "2025-12-09 00:00", closed, after);
        assert_eq!(df_2026.window(&model(id), Activity::Read, rome("2025-01-01 00:00")), before);
        assert_eq!(df_2026.window(&model(id), Activity::Read, rome("2028-01-01 00:00")), after);
    }
}

/// CAL-2: open round the clock, so at night and on holidays, too.
#[test]
fn pre_fill_is_open_round_the_clock() {
    let df_2026 = campaign(DF_2026);
    for instant in
        ["2025-10-26 02:30", "2025-11-01 12:00", "2025-11-30 03:00", "2025-12-07 19:59:59.999"]
    {
        assert!(
            df_2026.window(&model("b2020"), Activity::Start, rome(instant)).is_open(),
            "{instant}"
        );
    }
}

/// SUB-3, SUB-5, CNF-2: each policy is a time of its own, as the file gives it.
#[test]
fn policies_are_the_times_of_the_file() {
    let demo = campaign(DEMO);
    let policies = demo.policies();
    assert_eq!(policies.closing_delay(), SignedDuration::from_secs(180));
    assert_eq!(policies.ticket_lasts(), SignedDuration::from_secs(120));
    assert_eq!(policies.grace(), SignedDuration::from_mins(5));
    assert_eq!(policies.late_submit_token_grace(), SignedDuration::from_mins(30));
    let short = Policies { closing_delay_seconds: 10, ..policies.clone() };
    assert_eq!(
        short.ticket_lasts(),
        SignedDuration::ZERO,
        "no ticket is good for less than nothing"
    );
}

/// RNK-1: what the decrees of 2022 and 2026 and the demo say is the order of arrival; arming has to be chosen by an act.
#[test]
fn the_published_campaigns_are_chronological() {
    for toml in [DF_2026, DF_2022, DEMO] {
        let campaign = campaign(toml);
        assert_eq!(campaign.policies().order, Order::Chronological, "{}", campaign.id());
        assert_eq!(campaign.public_calendar().order, Order::Chronological);
    }
}

/// NEW-1: a campaign can choose that people arm; the calendar tells them, and its submissions draw with their codes, too.
#[test]
fn a_campaign_in_which_people_arm_says_so_to_everybody() {
    let armed = campaign(&DEMO.replace("order = \"chronological\"", "order = \"armed\""));
    assert_eq!(armed.policies().order, Order::Armed);
    assert_eq!(armed.policies().order.draw_rule(), DrawRule::SeedApplicationCode);
    assert_eq!(Order::Chronological.draw_rule(), DrawRule::SeedApplication);
    assert_eq!(serde_json::to_value(armed.public_calendar()).unwrap()["order"], "armed");
    assert_eq!(Campaign::parse(&armed.to_toml().unwrap()), Ok(armed));
}

/// RNK-1: one key has one value, so that no file can leave open which order it means.
#[test]
fn a_file_cannot_say_two_orders() {
    for two in
        ["order = \"chronological\"\norder = \"armed\"", "order = [\"chronological\", \"armed\"]"]
    {
        let toml = DEMO.replace("order = \"chronological\"", two);
        assert!(matches!(Campaign::parse(&toml), Err(CampaignError::Unreadable(_))), "{two}");
    }
}

/// NEW-1: files of before name an offset that nothing reads. They stay readable; where people arm there is no offset, and
/// a file that names one means another rule than ours.
#[test]
fn a_spread_is_read_over_in_files_of_before_and_refused_where_people_arm() {
    let before = DEMO
        .replace("order = \"chronological\"", "order = \"chronological\"\narmed_spread_ms = 5000");
    let read = campaign(&before);
    assert_eq!(read.policies().armed_spread_ms, Some(5_000));
    assert_eq!(Campaign::parse(&read.to_toml().unwrap()), Ok(read));
    let armed = before.replace("order = \"chronological\"", "order = \"armed\"");
    let Err(CampaignError::Invalid(problems)) = Campaign::parse(&armed) else {
        panic!("it was accepted")
    };
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["policies.armed_spread_ms"]);
}

/// ENR-2: the day of a registry is as long as the campaign's pauses let it be.
#[test]
fn a_day_of_waiting_for_a_registry_is_scaled_as_the_pauses_are() {
    let day = SignedDuration::from_hours(24);
    let scaled = |scale| Enrichment { scale, ..campaign(DEMO).enrichment().clone() }.a_day();
    assert_eq!(scaled(1.0), day);
    assert_eq!(scaled(0.5), SignedDuration::from_hours(12));
    assert_eq!(scaled(f64::NAN), day, "what is no number changes nothing");
}

/// RNK-1: the seasonal models compete for the same places; family care competes with nobody, off-quota models with none.
#[test]
fn models_that_share_a_line_compete_together() {
    let together = |models: &[&str]| models.iter().map(|id| model(id)).collect::<BTreeSet<_>>();
    let competitions = campaign(DF_2026).competitions();
    assert_eq!(competitions.len(), 3);
    for models in [&["c-stag-agricoltura", "c-stag-turismo"][..], &["b2020"], &["a-bis"]] {
        assert!(competitions.contains(&together(models)), "{models:?}");
    }
    for id in OFF_QUOTA {
        assert!(!campaign(DF_2026).has_places(&model(id)), "{id}");
    }
}

/// DEC-1: seasonal work is decided in its own term; what the campaign does not name in that of all other work.
#[test]
fn each_model_is_decided_within_its_own_term() {
    let demo = campaign(DEMO);
    assert_eq!(demo.decision_term(&model("c-stag-turismo")), TermKind::NullaOstaSeasonal);
    assert_eq!(demo.decision_term(&model("a-bis")), TermKind::NullaOsta);
    assert_eq!(demo.decision_term(&model("vb")), TermKind::NullaOsta);
    for kind in TermKind::ALL {
        let rules = demo.term_rules(*kind).map(RuleSet::kind);
        assert!(rules.is_none_or(|found| found == *kind), "{kind}");
    }
    assert!(demo.term_rules(TermKind::Verification).is_some());
}

/// CAL-4: no window and no quota since 1 January 2025, and the way that leads there.
#[test]
fn off_quota_models_are_always_open_since_2025() {
    let df_2026 = campaign(DF_2026);
    for id in OFF_QUOTA {
        let open = Opening::Open { closes_at: None };
        for access in [Activity::Start, Activity::Edit, Activity::Submit] {
            let before = closed(ClosedReason::NotYetOpen, "2025-01-01 00:00");
            check_boundary(&df_2026, id, access, "2025-01-01 00:00", before, open);
        }
        for access in Activity::ALL {
            assert_eq!(df_2026.window(&model(id), *access, rome("2025-12-08 12:00")), open);
        }
        let found = df_2026.model(&model(id)).unwrap();
        assert!(found.is_off_quota(rome("2025-01-01 00:00")));
        assert!(!found.is_off_quota(rome("2025-01-01 00:00") - ONE_MS));
        assert_eq!(found.click_day(), None);
        assert_eq!(df_2026.quota_lines(&model(id)).count(), 0);
        assert_eq!(df_2026.freeze_starts(&model(id), rome("2026-01-12 09:00")), None);
        assert_eq!(
            found.menu()[1..],
            [
                "Compila domande",
                "Nulla osta per motivi di lavoro",
                "Conversioni fuori quota e progetti speciali"
            ]
        );
    }
}

/// CAL-4: before 2025 conversions were in quota and had windows.
#[test]
fn conversions_of_2022_were_in_quota_until_2025() {
    let df_2022 = campaign(DF_2022);
    for id in ["vb", "ls", "ls1", "ls2"] {
        assert!(!df_2022.model(&model(id)).unwrap().is_off_quota(rome("2024-12-31 23:59:59.999")));
        assert!(df_2022.quota_lines(&model(id)).count() > 0);
        let rest_of_year = open_until("2024-01-01 00:00");
        let until_off_quota = closed(ClosedReason::Paused, "2025-01-01 00:00");
        check_boundary(
            &df_2022,
            id,
            Activity::Submit,
            "2024-01-01 00:00",
            rest_of_year,
            until_off_quota,
        );
        let open = Opening::Open { closes_at: None };
        check_boundary(&df_2022, id, Activity::Submit, "2025-01-01 00:00", until_off_quota, open);
    }
}

/// CAL-5: pre-fill until 22 March 2023, click day 27 March at 09:00, already in summer time, and no limit.
#[test]
fn the_2022_decree_is_a_second_campaign() {
    let df_2022 = campaign(DF_2022);
    for id in ["c-stag-agricoltura", "c-stag-turismo", "b2020"] {
        let pre_fill = open_until("2023-03-23 00:00");
        let paused = closed(ClosedReason::Paused, "2023-03-28 08:00");
        check_boundary(&df_2022, id, Activity::Start, "2023-03-23 00:00", pre_fill, paused);
        check_boundary(&df_2022, id, Activity::Edit, "2023-03-23 00:00", pre_fill, paused);
        let before = closed(ClosedReason::NotYetOpen, "2023-03-27 09:00");
        let rest_of_year = open_until("2024-01-01 00:00");
        check_boundary(&df_2022, id, Activity::Submit, "2023-03-27 09:00", before, rest_of_year);
        check_boundary(&df_2022, id, Activity::Submit, "2024-01-01 00:00", rest_of_year, ended());
    }
    assert_eq!(rome("2023-03-27 09:00"), "2023-03-27T07:00:00Z".parse::<Timestamp>().unwrap());
    for profile in Profile::ALL {
        assert_eq!(df_2022.limit(*profile), None);
    }
}

/// LIM-1: three for private users, never a limit for the others.
#[test]
fn only_private_users_of_2026_are_limited() {
    for toml in [DF_2026, DEMO] {
        let campaign = campaign(toml);
        for profile in Profile::ALL {
            let expected = (*profile == Profile::Private).then_some(3);
            assert_eq!(campaign.limit(*profile), expected, "{profile}");
        }
    }
}

#[test]
fn a_file_cannot_limit_other_profiles() {
    let toml = DEMO.replace("private = 3", "private = 3\nagency = 3");
    assert!(
        matches!(Campaign::parse(&toml), Err(CampaignError::Unreadable(message)) if message.contains("agency"))
    );
}

#[test]
fn a_model_that_the_campaign_does_not_have_is_closed_for_good() {
    let demo = campaign(DEMO);
    for access in Activity::ALL {
        assert_eq!(
            demo.window(&model("vb"), *access, rome("2026-11-22 12:00")),
            Opening::Closed { reason: ClosedReason::ModelNotOffered, opens_at: None }
        );
    }
}

#[test]
fn the_demo_is_open_for_everything_for_ten_years() {
    let demo = campaign(DEMO);
    for now in ["2026-01-01 00:00", "2026-11-22 03:00", "2035-12-31 23:59:59.999"] {
        for access in Activity::ALL {
            for offered in demo.models() {
                let window = demo.window(offered.id(), *access, rome(now));
                assert!(window.is_open(), "{} {access} {now}", offered.id());
            }
        }
        assert!(demo.password_sign_in(rome(now)));
    }
    assert!(!campaign(DF_2026).password_sign_in(rome("2026-01-12 09:00")));
}

#[test]
fn every_form_that_a_campaign_names_exists() {
    for toml in [DF_2026, DF_2022, DEMO] {
        for model in campaign(toml).models() {
            let missing = model.schema().filter(|name| Schema::find(name).is_none());
            assert_eq!(missing, None, "{}", model.id());
        }
    }
    // The four of the click days can be filled in; what is off quota is announced.
    for toml in [DF_2026, DEMO] {
        let campaign = campaign(toml);
        for id in ["c-stag-agricoltura", "c-stag-turismo", "b2020", "a-bis"] {
            let schema = campaign.model(&model(id)).unwrap().schema();
            assert_eq!(schema, Some(format!("{id}@1").as_str()));
        }
    }
}

#[test]
fn the_seasonal_places_of_2026_are_88000_and_the_others_76200() {
    let df_2026 = campaign(DF_2026);
    let places = |ids: &[&str]| {
        let lines: BTreeSet<(&str, u32)> = ids
            .iter()
            .flat_map(|id| {
                df_2026
                    .quota_lines(&model(id))
                    .map(|line| (line.id.as_str(), line.places))
                    .collect::<Vec<_>>()
            })
            .collect();
        lines.into_iter().map(|(_, places)| places).sum::<u32>()
    };
    assert_eq!(places(&["c-stag-agricoltura", "c-stag-turismo"]), 88_000);
    assert_eq!(places(&["b2020", "a-bis"]), 76_200);
}

/// CNF-1: confirmation 7 days before 2 December 2025, then 15; the contract 8 and then 15.
#[test]
fn the_terms_of_confirmation_and_contract_changed_on_2_december_2025() {
    let df_2026 = campaign(DF_2026);
    let end = |kind, start| df_2026.term(kind, rome(start)).unwrap().end();
    assert_eq!(end(TermKind::Confirmation, "2025-12-01 23:59:59.999"), rome("2025-12-10 00:00"));
    assert_eq!(end(TermKind::Confirmation, "2025-12-02 00:00"), rome("2025-12-18 00:00"));
    assert_eq!(end(TermKind::Contract, "2025-12-01 23:59:59.999"), rome("2025-12-10 00:00"));
    assert_eq!(end(TermKind::Contract, "2025-12-02 00:00"), rome("2025-12-18 00:00"));
    assert_eq!(end(TermKind::RenounceUndo, "2026-03-29 01:30"), rome("2026-03-29 03:30"));
    assert_eq!(
        df_2026.term(TermKind::Confirmation, rome("2025-01-08 12:00")),
        Err(TermError::NoRuleForStart { kind: TermKind::Confirmation, date: date(2025, 1, 8) })
    );
    let mut file = campaign(DF_2022).into_file();
    file.terms.remove(&TermKind::Integration);
    assert_eq!(
        Campaign::try_from(file).unwrap().term(TermKind::Integration, rome("2026-01-01 00:00")),
        Err(TermError::NotSet { kind: TermKind::Integration })
    );
}

/// ENR-3: the freeze begins 24 hours before the opening and lasts while the opening does.
#[test]
fn the_freeze_begins_a_day_before_the_opening() {
    let df_2026 = campaign(DF_2026);
    let id = model("c-stag-agricoltura");
    let freeze = rome("2026-01-11 09:00");
    for now in ["2025-10-23 09:00", "2026-01-12 09:00", "2026-12-31 23:59:59.999"] {
        assert_eq!(df_2026.freeze_starts(&id, rome(now)), Some(freeze), "{now}");
    }
    assert!(!df_2026.is_frozen(&id, freeze - ONE_MS));
    assert!(df_2026.is_frozen(&id, freeze));
    assert!(df_2026.is_frozen(&id, rome("2026-01-12 09:00")));
    assert!(!df_2026.is_frozen(&id, rome("2027-01-01 00:00")));
    assert_eq!(df_2026.freeze_starts(&model("nessuno"), freeze), None);
}

/// ENR-2: pauses grow from 30 s to 6 h and end after five days; the scale shortens them and not their number.
#[test]
fn registries_are_asked_again_over_five_days() {
    let waits = |toml| {
        let campaign = campaign(toml);
        (1..).map_while(|failed| campaign.enrichment().pause_after(failed)).collect::<Vec<_>>()
    };
    let real = waits(DF_2026);
    assert_eq!(real.first(), Some(&SignedDuration::from_secs(30)));
    assert_eq!(real.last(), Some(&SignedDuration::from_hours(6)));
    assert!(real.is_sorted());
    let total: SignedDuration = real.iter().sum();
    assert!(total <= SignedDuration::from_hours(5 * 24));
    assert!(total + SignedDuration::from_hours(6) > SignedDuration::from_hours(5 * 24));
    let demo = waits(DEMO);
    assert_eq!(demo.len(), real.len());
    assert_eq!(demo[0], SignedDuration::from_millis(300));
    assert_eq!(campaign(DEMO).enrichment().pause_after(0), Some(SignedDuration::ZERO));
    assert_eq!(campaign(DEMO).enrichment().pause_after(u32::MAX), None);
}

#[test]
fn an_offset_moves_the_calendar_and_is_visible() {
    let now = rome("2026-11-22 08:00");
    let moved =
        campaign(&DEMO.replace("version = 1\nyear", "version = 1\nclock_offset_ms = -250\nyear"));
    assert!(moved.moves_the_clock());
    assert_eq!(moved.effective_now(now), now - SignedDuration::from_millis(250));
    assert_eq!(moved.gateway_instant(moved.effective_now(now)), now);
    assert!(!campaign(DEMO).moves_the_clock());
    assert_eq!(campaign(DEMO).effective_now(now), now);
}

/// CAL-3: the reason and the next opening, in words.
#[test]
fn a_refusal_tells_the_reason_and_the_next_opening() {
    let df_2026 = campaign(DF_2026);
    let told =
        |id: &str, access, now| df_2026.window(&model(id), access, rome(now)).explanation(access);
    assert_eq!(
        told("c-stag-agricoltura", Activity::Submit, "2026-01-12 08:59:59.999").as_deref(),
        Some(
            "Non è ancora possibile inviare le domande: si potrà da lunedì 12 gennaio 2026, ore 09:00:00."
        )
    );
    assert_eq!(
        told("a-bis", Activity::Start, "2025-12-10 12:00").as_deref(),
        Some(
            "In questo periodo si possono solo completare le domande già inserite. Sarà possibile compilare nuove domande da giovedì 19 febbraio 2026, ore 08:00:00."
        )
    );
    assert_eq!(
        told("a-bis", Activity::Read, "2025-12-08 12:00").as_deref(),
        Some(
            "La sezione è chiusa: le risposte non si possono consultare fino a lunedì 8 dicembre 2025, ore 24:00:00."
        )
    );
    assert_eq!(
        told("a-bis", Activity::Submit, "2025-12-08 12:00").as_deref(),
        Some(
            "In questo momento non è possibile inviare le domande: si potrà da mercoledì 18 febbraio 2026, ore 09:00:00."
        )
    );
    assert_eq!(
        told("a-bis", Activity::Edit, "2025-12-14 12:00").as_deref(),
        Some(
            "In questo momento non è possibile modificare le domande: si potrà da giovedì 19 febbraio 2026, ore 08:00:00."
        )
    );
    assert_eq!(
        told("a-bis", Activity::Submit, "2027-01-01 00:00").as_deref(),
        Some("Non è più possibile inviare le domande: il periodo previsto è terminato.")
    );
    assert_eq!(
        told("em", Activity::Start, "2026-01-12 09:00").as_deref(),
        Some("Questo modello di domanda non è previsto. Scegli uno dei modelli in elenco.")
    );
    assert_eq!(told("vb", Activity::Start, "2026-01-12 09:00"), None);
}

/// NOT-2: the public calendar has the windows, models and click days.
#[test]
fn the_public_calendar_shows_models_windows_and_click_days() {
    let calendar = serde_json::to_value(campaign(DF_2026).public_calendar()).unwrap();
    assert_eq!(calendar["campaign"], "df-2026");
    assert_eq!(calendar["time_zone"], "Europe/Rome");
    assert_eq!(calendar["private_limit"], 3);
    let agriculture = &calendar["models"][0];
    assert_eq!(agriculture["click_day"], "2026-01-12T09:00:00.000+01:00");
    assert_eq!(agriculture["click_day_in_words"], "lunedì 12 gennaio 2026, ore 09:00:00");
    assert_eq!(agriculture["start"][0]["from"], "2025-10-23T09:00:00.000+02:00");
    assert_eq!(agriculture["can_be_filled_in"], true);
    assert_eq!(calendar["models"][4]["off_quota"]["until"], serde_json::Value::Null);
    assert_eq!(calendar["quotas"][0]["reserved_for"], "agricultural-associations");
}

/// CHK-1, ACC-1: each published campaign has a notice that says all that articles 13 and 14 of the Regulation ask for,
/// under its version, and the calendar links to it.
#[test]
fn every_campaign_has_a_privacy_notice_to_be_read() {
    for toml in [DF_2026, DF_2022, DEMO] {
        let campaign = campaign(toml);
        let notice = campaign.public_privacy_notice().unwrap();
        let points: Vec<_> = notice.sections.iter().map(|section| section.point).collect();
        assert_eq!(points, PrivacyPoint::ALL, "{}", campaign.id());
        assert_eq!(notice.version, campaign.privacy_notice());
        for section in &notice.sections {
            assert!(!section.paragraphs.is_empty(), "{}", section.point);
            for paragraph in &section.paragraphs {
                assert!(paragraph.ends_with(['.', ':', '"']), "{}: {paragraph}", section.point);
                assert!(!paragraph.contains(['\n', '\\']), "{}: {paragraph}", section.point);
            }
        }
        let calendar = serde_json::to_value(campaign.public_calendar()).unwrap();
        assert_eq!(calendar["privacy"]["version"], campaign.privacy_notice());
        assert_eq!(calendar["privacy"]["url"], format!("/{}", campaign.privacy_file()));
    }
    let file = campaign(DF_2026).privacy_file();
    assert_eq!(file, "facts/privacy/df-2026/2025-10-23.json");
}

/// A notice that leaves a point of the law out is refused with the point; a version that is no part of an address, too.
#[test]
fn a_privacy_notice_that_leaves_a_point_out_is_refused() {
    let mut file = campaign(DEMO).into_file();
    file.privacy.remove(&PrivacyPoint::Complaint);
    file.privacy.insert(PrivacyPoint::Rights, " ".to_owned());
    file.privacy_notice = "2025/10 23".to_owned();
    let Err(CampaignError::Invalid(problems)) = Campaign::try_from(file) else {
        panic!("it was accepted")
    };
    let paths: Vec<_> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(paths, ["privacy_notice", "privacy.rights", "privacy.complaint"]);
}

/// What was published before notices were part of a campaign stays readable, and offers no notice.
#[test]
fn a_campaign_of_before_without_a_notice_stays_readable() {
    let mut file = campaign(DEMO).into_file();
    file.privacy.clear();
    let campaign = Campaign::try_from(file).unwrap();
    assert_eq!(campaign.public_privacy_notice(), None);
    assert_eq!(campaign.public_calendar().privacy, None);
    assert_eq!(Campaign::parse(&campaign.to_toml().unwrap()), Ok(campaign));
}

#[test]
fn a_campaign_is_written_and_read_back_unchanged() {
    for toml in [DF_2026, DF_2022, DEMO] {
        let campaign = campaign(toml);
        assert_eq!(Campaign::parse(&campaign.to_toml().unwrap()), Ok(campaign.clone()));
        let json = serde_json::to_string(&campaign).unwrap();
        assert_eq!(serde_json::from_str::<Campaign>(&json).unwrap(), campaign);
    }
}

#[test]
fn a_campaign_that_opens_at_a_given_millisecond_is_made_from_the_demo() {
    let mut file = campaign(DEMO).into_file();
    file.id = "viaggio-1".parse().unwrap();
    file.models[0].submit =
        vec![WindowFile::new("2026-11-22T08:00:40.125Z", "2026-11-22T09:00:00Z")];
    let journey = Campaign::try_from(file).unwrap();
    let opening = "2026-11-22T08:00:40.125Z".parse::<Timestamp>().unwrap();
    let id = model("c-stag-agricoltura");
    assert!(!journey.window(&id, Activity::Submit, opening - ONE_MS).is_open());
    assert!(journey.window(&id, Activity::Submit, opening).is_open());
    assert!(journey.window(&id, Activity::Edit, opening - ONE_MS).is_open());
    assert_eq!(Campaign::parse(&journey.to_toml().unwrap()), Ok(journey));
}

#[test]
fn all_problems_of_a_file_are_listed_with_their_keys() {
    let mut file = campaign(DEMO).into_file();
    file.models.truncate(1);
    file.quotas.truncate(2);
    file.version = 0;
    file.title = " ".to_owned();
    file.clock_offset_ms = i64::MAX;
    file.limits.private = Some(0);
    file.activation.max_attempts = 6;
    file.policies.grace_seconds = 10;
    file.policies.reminder_days_left = vec![2, 2];
    file.shards.pending = 0;
    file.enrichment.scale = f64::NAN;
    file.enrichment.pauses_seconds = vec![60, 30];
    file.password_sign_in = Some(WindowFile::new("ieri", "2026-03-29 02:30"));
    let mut other = file.models[0].clone();
    other.schema = Some("c-stag-agricoltura".to_owned());
    other.start = vec![
        WindowFile::new("2026-05-01 09:00", "2026-05-01 09:00"),
        WindowFile::new("2025-05-01 09:00", "2025-06-01 09:00"),
    ];
    other.read_closed = vec![WindowFile::new("2026-05-01 00:00", "2026-05-02 00:00")];
    other.submit = Vec::new();
    file.models.push(other);
    file.quotas[0].places = 0;
    file.quotas[1].models = vec!["vb".parse().unwrap()];
    file.terms.get_mut(&TermKind::Contract).unwrap()[1].version = 1;
    file.terms.insert(TermKind::Verification, Vec::new());

    let CampaignError::Invalid(problems) = Campaign::try_from(file).unwrap_err() else {
        panic!("not read")
    };
    let paths: Vec<&str> = problems.iter().map(|problem| problem.path.as_str()).collect();
    assert_eq!(
        paths,
        [
            "version",
            "title",
            "clock_offset_ms",
            "limits.private",
            "activation.max_attempts",
            "policies.grace_seconds",
            "policies.reminder_days_left",
            "shards.pending",
            "enrichment.scale",
            "enrichment.pauses_seconds",
            "password_sign_in.from",
            "password_sign_in.until",
            "models[1].id",
            "models[1].schema",
            "models[1].start[0]",
            "models[1]",
            "models[1].start[0]",
            "models[1].read_closed[0]",
            "quotas[0].places",
            "quotas[1].models[0]",
            "terms.contract[1]",
            "terms.verification",
        ]
    );
    assert_eq!(
        problems[11].to_string(),
        "password_sign_in.until: a Roma quest'ora non esiste: l'orologio la salta"
    );
}

#[test]
fn windows_out_of_order_touching_or_endless_before_others_are_refused() {
    let refused = |submit: Vec<WindowFile>| {
        let mut file = campaign(DEMO).into_file();
        file.models[0].submit = submit;
        match Campaign::try_from(file) {
            Err(CampaignError::Invalid(problems)) => {
                problems.into_iter().map(|problem| problem.path).collect()
            }
            Err(CampaignError::Unreadable(_)) | Ok(_) => Vec::new(),
        }
    };
    let window = WindowFile::new;
    let endless = WindowFile { from: "2026-02-01 09:00".to_owned(), until: None };
    let first = window("2026-02-01 09:00", "2026-02-02 09:00");
    assert_eq!(
        refused(vec![first.clone(), window("2026-02-02 09:00", "2026-02-03 09:00")]),
        ["models[0].submit[1]"]
    );
    assert_eq!(
        refused(vec![first.clone(), window("2026-01-01 09:00", "2026-01-02 09:00")]),
        ["models[0].submit[1]"]
    );
    assert_eq!(
        refused(vec![endless.clone(), window("2027-01-01 09:00", "2027-01-02 09:00")]),
        ["models[0].submit[1]"]
    );
    assert_eq!(refused(vec![first, endless]), ["models[0].submit[1]"]);
}

/// A published version is never changed: one that names a term which nothing runs any more is still read.
#[test]
fn a_version_with_retired_terms_is_read_without_them() {
    let rule =
        "version = 1\nlength = { days = 8 }\nends = \"end_of_local_day\"\nsource = \"prova\"\n";
    let before = format!("{DEMO}\n[[terms.cpi]]\n{rule}\n[[terms.quota-redistribution]]\n{rule}");
    assert_eq!(Campaign::parse(&before).unwrap().into_file(), campaign(DEMO).into_file());
}

#[test]
fn files_of_another_shape_are_refused_with_line_and_column() {
    let cases = [
        ("version = 1", "version = 1\nversione = 2"),
        ("version = 1", "version = \"uno\""),
        ("version = 1\n", ""),
        ("id = \"demo\"", "id = \"Demo 1\""),
        ("order = \"chronological\"", "order = \"sorteggio\""),
        ("[[terms.integration]]", "[[terms.altro]]"),
        ("length = { days = 8 }", "length = { weeks = 8 }"),
        ("[limits]", "[limits"),
    ];
    for (right, wrong) in cases {
        assert!(DEMO.contains(right), "{right}");
        let error = Campaign::parse(&DEMO.replacen(right, wrong, 1)).unwrap_err();
        assert!(
            matches!(&error, CampaignError::Unreadable(message) if message.contains("line")),
            "{wrong}: {error}"
        );
    }
}

#[test]
fn codes_lead_back() {
    crate::coded::check::codes_lead_back(Profile::ALL, Profile::label);
    crate::coded::check::codes_lead_back(Activity::ALL, Activity::label);
    crate::coded::check::codes_lead_back(ClosedReason::ALL, ClosedReason::label);
    crate::coded::check::codes_lead_back(Reservation::ALL, Reservation::label);
    crate::coded::check::codes_lead_back(PecEvent::ALL, PecEvent::label);
    crate::coded::check::codes_lead_back(Order::ALL, Order::label);
}

proptest! {
    /// CAL-3: what the calendar promises holds: open until the closing, closed until the opening.
    #[test]
    fn the_promised_closing_and_opening_are_the_next_change(
        minute in 29_000_000_i64..30_600_000,
        model_index in 0_usize..10,
        access_index in 0_usize..4,
    ) {
        let df_2026 = campaign(DF_2026);
        let id = df_2026.models()[model_index].id();
        let access = Activity::ALL[access_index];
        let now = Timestamp::from_second(minute * 60).unwrap();
        match df_2026.window(id, access, now) {
            Opening::Open { closes_at: Some(closing) } => {
                prop_assert!(now < closing);
                prop_assert!(df_2026.window(id, access, closing - ONE_MS).is_open());
                prop_assert!(!df_2026.window(id, access, closing).is_open());
            }
            Opening::Closed { opens_at: Some(opening), .. } => {
                prop_assert!(now < opening);
                prop_assert!(!df_2026.window(id, access, opening - ONE_MS).is_open());
                prop_assert!(df_2026.window(id, access, opening).is_open());
            }
            Opening::Open { closes_at: None } => prop_assert!(df_2026.window(id, access, Timestamp::MAX).is_open()),
            Opening::Closed { opens_at: None, .. } => {
                prop_assert!(!df_2026.window(id, access, Timestamp::MAX).is_open());
            }
        }
    }
}

/// NOT-2: what the campaign says of itself and its models is what the decree's file says.
#[test]
fn a_campaign_and_its_models_say_what_the_file_says() {
    let decree = campaign(DF_2026);
    assert_eq!((decree.id().as_str(), decree.version()), ("df-2026", 1));
    let file: CampaignFile = toml::from_str(DF_2026).unwrap();
    assert_eq!((decree.title(), decree.law()), (file.title.as_str(), file.law.as_str()));
    assert_eq!(decree.models().len(), file.models.len());
    for (found, written) in decree.models().iter().zip(&file.models) {
        assert_eq!(found.id(), &written.id);
        assert_eq!(found.label(), written.label);
        assert_eq!(found.source(), written.source);
        assert_eq!(found.menu(), written.menu);
        assert_eq!(found.schema(), written.schema.as_deref());
        assert_eq!(found.off_quota().is_some(), written.off_quota.is_some(), "{}", written.id);
        assert_eq!(found.click_day(), found.windows(Activity::Submit).first().map(Window::from));
    }
}

/// RNK-1: what is off quota competes for nothing.
#[test]
fn a_campaign_tells_its_year_its_lines_and_who_competes_for_them() {
    let df_2026 = campaign(DF_2026);
    assert_eq!(df_2026.year(), 2026);
    let lines: Vec<_> = df_2026.lines().iter().map(|line| line.id.clone()).collect();
    let file: Vec<_> = df_2026.clone().into_file().quotas.into_iter().map(|line| line.id).collect();
    assert!(!file.is_empty());
    assert_eq!(lines, file);
    assert!(CLICK_DAYS.iter().all(|(id, ..)| df_2026.has_places(&model(id))));
    assert!(OFF_QUOTA.iter().all(|id| !df_2026.has_places(&model(id))));
}

#[test]
fn the_section_of_2026_is_closed_for_reading_on_8_december_alone() {
    let df_2026 = campaign(DF_2026);
    for (id, ..) in CLICK_DAYS {
        let closures = df_2026.model(&model(id)).unwrap().read_closures();
        let closures: Vec<_> = closures.iter().map(|one| (one.from(), one.until())).collect();
        assert_eq!(closures, [(rome("2025-12-08 00:00"), Some(rome("2025-12-09 00:00")))], "{id}");
    }
}

/// CNF-4: what people were told once is never shortened, though the ledger of outages is corrected.
#[test]
fn a_corrected_ledger_shortens_no_term() {
    let df_2026 = campaign(DF_2026);
    let rules = df_2026.term_rules(TermKind::Confirmation).unwrap();
    let term = rules.begin(rome("2026-03-02 10:00")).unwrap();
    let until = |text| Outage::new(rome("2026-03-03 09:00"), rome(text)).unwrap();
    let lengthened = df_2026.extended(&term, &[until("2026-03-05 09:00")]).unwrap();
    assert!(lengthened.end() > term.end());
    let corrected = df_2026.extended(&lengthened, &[until("2026-03-03 10:00")]).unwrap();
    assert_eq!(corrected.end(), lengthened.end());
    let longer = df_2026.extended(&lengthened, &[until("2026-03-08 09:00")]).unwrap();
    assert!(longer.end() > lengthened.end());
}

/// Each value on the wrong side of its boundary, and on the right one.
#[test]
fn values_at_the_boundary_are_judged_to_the_unit() {
    let refused = |change: &dyn Fn(&mut CampaignFile)| {
        let mut file = campaign(DEMO).into_file();
        change(&mut file);
        match Campaign::try_from(file) {
            Ok(_) => Vec::new(),
            Err(CampaignError::Invalid(problems)) => {
                problems.into_iter().map(|problem| problem.path).collect()
            }
            Err(error) => panic!("{error}"),
        }
    };
    let pause = campaign(DEMO).into_file().activation.min_pause;
    assert_eq!(refused(&|file| file.activation.issue_window = pause), ["activation.issue_window"]);
    // Twenty years, the leap days with them.
    let longest = SignedDuration::from_hours(20 * 366 * 24).as_millis();
    let longest = i64::try_from(longest).unwrap();
    for (offset, good) in
        [(longest, true), (-longest, true), (longest + 1, false), (-longest - 1, false)]
    {
        let found = refused(&|file| file.clock_offset_ms = offset);
        assert_eq!(found.is_empty(), good, "{offset} ms: {found:?}");
    }
    for (scale, good) in [(0.0, false), (0.001, true), (1.0, true), (1.001, false)] {
        let found = refused(&|file| file.enrichment.scale = scale);
        assert_eq!(found.is_empty(), good, "{scale}: {found:?}");
    }
    for (pauses, good) in [(vec![0, 60], false), (vec![1, 60], true), (Vec::new(), false)] {
        let found = refused(&|file| file.enrichment.pauses_seconds.clone_from(&pauses));
        assert_eq!(found.is_empty(), good, "{pauses:?}: {found:?}");
    }
    for (menu, good) in [(Vec::new(), false), (vec![" "], false), (vec!["Compila"], true)] {
        let menu: Vec<String> = menu.into_iter().map(str::to_owned).collect();
        let found = refused(&|file| file.models[0].menu.clone_from(&menu));
        assert_eq!(found.is_empty(), good, "{menu:?}: {found:?}");
    }
    let names = [
        ("c-stag-agricoltura@1", true),
        ("c-stag-agricoltura@0", false),
        ("c-stag-agricoltura@01", false),
        ("c-stag-agricoltura@", false),
        ("Due Parole@1", false),
    ];
    for (name, good) in names {
        let found = refused(&|file| file.models[0].schema = Some(name.to_owned()));
        assert_eq!(found.is_empty(), good, "{name}: {found:?}");
    }
}

#[test]
fn a_refused_file_says_a_line_for_each_problem() {
    let mut file = campaign(DEMO).into_file();
    file.version = 0;
    file.title = " ".to_owned();
    let told = Campaign::try_from(file).unwrap_err().to_string();
    let keys: Vec<_> = told.lines().filter_map(|line| line.split_once(": ")).collect();
    assert_eq!(keys.iter().map(|(key, _)| *key).collect::<Vec<_>>(), ["version", "title"]);
}

/// CAL-3: a section that closes for reading as one window ends and opens again as the next begins overlaps neither.
#[test]
fn a_closure_may_touch_the_windows_around_it() {
    let closed = |from, until| {
        let mut file = campaign(DEMO).into_file();
        file.models.truncate(1);
        file.quotas.retain(|line| line.models.contains(&file.models[0].id));
        let open = vec![
            WindowFile::new("2026-05-01 09:00", "2026-05-02 09:00"),
            WindowFile::new("2026-05-03 09:00", "2026-05-04 09:00"),
        ];
        let model = &mut file.models[0];
        (model.start, model.edit, model.submit) = (open.clone(), open.clone(), open);
        model.read_closed = vec![WindowFile::new(from, until)];
        let found = Campaign::try_from(file);
        found.err().is_some_and(|error| error.to_string().contains("read_closed[0]"))
    };
    assert!(!closed("2026-05-02 09:00", "2026-05-03 09:00"));
    assert!(closed("2026-05-02 08:59:59.999", "2026-05-03 09:00"));
    assert!(closed("2026-05-02 09:00", "2026-05-03 09:00:00.001"));
}

#[test]
fn what_a_file_does_not_state_is_not_written() {
    let mut file = campaign(DEMO).into_file();
    file.retention = Retention::default();
    file.models[0].decision_term = TermKind::NullaOsta;
    file.models.truncate(1);
    file.quotas.clear();
    let unstated = Campaign::try_from(file.clone()).unwrap();
    let written = unstated.to_toml().unwrap();
    assert!(!written.contains("[retention") && !written.contains("decision_term"), "{written}");
    file.retention.cases.days = 1_825;
    file.models[0].decision_term = TermKind::NullaOstaSeasonal;
    let stated = Campaign::try_from(file).unwrap();
    assert_eq!(stated.retention().cases.days, 1_825);
    let written = stated.to_toml().unwrap();
    assert!(written.contains("[retention") && written.contains("decision_term"), "{written}");
}

/// ENR-3: whoever has waited exactly as long as the campaign allows is asked once more.
#[test]
fn a_registry_is_given_up_after_the_time_and_not_at_it() {
    let enrichment =
        Enrichment { scale: 1.0, pauses_seconds: vec![60], give_up_after_seconds: 120 };
    let pauses: Vec<_> = (1..=3).map(|failed| enrichment.pause_after(failed)).collect();
    let minute = Some(SignedDuration::from_secs(60));
    assert_eq!(pauses, [minute, minute, None]);
}

#[test]
fn a_rehearsal_is_no_current_campaign() {
    let current = |rehearsal| {
        let mut file = campaign(DF_2026).into_file();
        file.rehearsal = rehearsal;
        serde_json::to_value(Campaign::try_from(file).unwrap().public_calendar()).unwrap()["current"]
            .as_bool()
    };
    assert_eq!((current(false), current(true)), (Some(true), Some(false)));
}

#[test]
fn the_file_of_a_form_has_its_version_in_its_name() {
    let file = form_file("c-stag-agricoltura@1");
    assert_eq!(file, "facts/forms/c-stag-agricoltura-1.json");
}
