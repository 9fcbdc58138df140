//! Crowds small enough to be worked out by hand, and properties of all.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::scenario::{Kind, Region};

/// Employers with one application each, all of whose presses wait for the opening.
fn crowd(applications: u32) -> Load {
    Load {
        name: "crowd".to_owned(),
        applications,
        invalid: 0.0,
        press_within_seconds: 60,
        horizon_seconds: 600,
        regions: vec![Region { name: "here".to_owned(), share: 1.0, latency_ms: 1.0 }],
        kinds: vec![Kind {
            name: "employer".to_owned(),
            share: 1.0,
            applications: [1, 1],
            route: Route::Batch,
            line_ms: 10.0,
            line_spread: 2.0,
            clock_error_ms: 5.0,
            at_opening: 1.0,
            early_ms: 0,
            later_seconds: 1.0,
            armed: 0.5,
            retry: Retry::Page,
        }],
        lines: Vec::new(),
    }
}

fn ran_with(load: &Load, limits: &Limits, policy: Policy, seed: u64) -> Outcome {
    let population = Population::draw(load, seed).unwrap();
    let figures = Figures::built_in().unwrap();
    run(Setting { population: &population, load, limits, figures: &figures, policy, seed })
}

fn ran(load: &Load, limits: &Limits) -> Outcome {
    ran_with(load, limits, Policy::Chronological, 1)
}

fn refused(outcome: &Outcome, cause: Cause) -> usize {
    let place = Cause::ALL.iter().position(|(other, _)| *other == cause).unwrap();
    outcome.refused[place]
}

fn accepted(outcome: &Outcome) -> usize {
    outcome.ended(|fate| fate == Fate::Accepted)
}

#[test]
fn without_limits_everybody_has_a_receipt_after_one_round_trip() {
    let outcome = ran(&crowd(2_000), &Limits::none());
    assert_eq!(accepted(&outcome), 2_000);
    // Who came a little early was told so, and came again.
    assert_eq!(outcome.tries, 2_000 + refused(&outcome, Cause::TooEarly));
    assert!(outcome.last_receipt().unwrap() < Micros::seconds(2));
}

/// The closed form of a saturated bucket, (N - b) / r, where N counts those, too, who were told that they came early.
#[test]
fn a_crowd_at_the_gateway_takes_as_long_as_the_bucket_needs() {
    let gateway = Some(Throttle { rate: 100, burst: 200 });
    let mut load = crowd(3_000);
    load.kinds[0].retry = Retry::Every { every_ms: 50 };
    let outcome = ran(&load, &Limits { gateway, ..Limits::none() });
    let passed = i64::try_from(outcome.passed).unwrap();
    let needed = Micros::millis((passed - 200) * 1_000 / 100);
    let last = outcome.last_receipt().unwrap();
    assert!(passed >= 3_000 && last >= needed && last < needed + Micros::seconds(1), "{last:?}");
    assert_eq!(accepted(&outcome), 3_000);
    assert!(refused(&outcome, Cause::GatewayAccount) > 3_000);
}

/// Refused together, they come again together every three seconds; the bucket holds less than it gains meanwhile.
#[test]
fn drawn_pauses_use_the_tokens_that_a_crowd_in_step_leaves_unused() {
    let gateway = Some(Throttle { rate: 100, burst: 50 });
    let limits = Limits { gateway, ..Limits::none() };
    let in_step = ran(&crowd(3_000).in_step(), &limits).last_receipt().unwrap();
    let drawn = ran(&crowd(3_000), &limits).last_receipt().unwrap();
    assert!(drawn + Micros::seconds(5) < in_step, "{drawn:?} and {in_step:?}");
}

#[test]
fn the_throttle_of_the_pages_route_binds_them_and_not_those_of_the_other() {
    let route_batch = Some(Throttle { rate: 10, burst: 10 });
    let limits = Limits { route_batch, ..Limits::none() };
    let mut load = crowd(500);
    assert!(ran(&load, &limits).last_receipt().unwrap() > Micros::seconds(40));
    load.kinds[0].route = Route::Single;
    assert!(ran(&load, &limits).last_receipt().unwrap() < Micros::seconds(2));
}

#[test]
fn one_key_for_all_makes_the_partition_the_limit() {
    let partition = Some(1_000);
    let spread = Limits {
        partition,
        table_ready: 40_000,
        index_ready: 40_000,
        index_shards: 64,
        ..Limits::none()
    };
    let one_key = Limits { index_shards: 1, ..spread.clone() };
    let load = crowd(6_000);
    let (spread, one_key) = (ran(&load, &spread), ran(&load, &one_key));
    // A second's units are there at once, then a thousand a second.
    assert!(one_key.last_receipt().unwrap() > Micros::seconds(5));
    assert!(spread.last_receipt().unwrap() < Micros::seconds(2));
    assert!(refused(&one_key, Cause::IndexPartition) > 1_000);
    assert_eq!(refused(&one_key, Cause::TablePartition), 0);
    assert_eq!(accepted(&one_key), 6_000);
}

#[test]
fn a_ticket_keeps_the_arrival_however_late_the_store_takes_it() {
    let limits = Limits { partition: Some(1_000), index_shards: 1, ..Limits::none() };
    let outcome = ran(&crowd(6_000), &limits);
    for sent in &outcome.sent {
        assert!(sent.arrival.unwrap() < 1_000, "{sent:?}");
    }
}

#[test]
fn what_the_gateway_refuses_has_no_arrival() {
    let gateway = Some(Throttle { rate: 1, burst: 100 });
    let load = Load { horizon_seconds: 30, ..crowd(1_000) };
    let outcome = ran(&load, &Limits { gateway, ..Limits::none() });
    for sent in &outcome.sent {
        let was_refused = sent.fate == Fate::Refused(Cause::GatewayAccount);
        assert_eq!(was_refused, sent.arrival.is_none(), "{sent:?}");
    }
    assert!(outcome.ended(|fate| matches!(fate, Fate::Refused(_))) > 800);
}

#[test]
fn nobody_arrives_before_the_opening_however_early_they_call() {
    let mut load = crowd(200);
    (load.kinds[0].early_ms, load.kinds[0].retry) = (500, Retry::Every { every_ms: 100 });
    let outcome = ran(&load, &Limits::none());
    assert!(refused(&outcome, Cause::TooEarly) > 300);
    assert!(outcome.sent.iter().all(|sent| sent.arrival.unwrap() >= 0));
}

#[test]
fn ten_environments_refuse_what_eight_hundred_serve() {
    let limits = |concurrency| Limits {
        concurrency: Some(concurrency),
        starts_in_ten_seconds: Some(1_000),
        ..Limits::none()
    };
    let (ten, many) = (ran(&crowd(500), &limits(10)), ran(&crowd(500), &limits(800)));
    assert!(
        refused(&ten, Cause::LambdaRequests) > 0 && refused(&ten, Cause::LambdaConcurrency) > 0
    );
    assert_eq!(refused(&many, Cause::LambdaConcurrency), 0);
    assert_eq!((ten.environments, accepted(&ten)), (10, 500));
    // A hundred requests a second, a hundred of them at once.
    assert!(ten.last_receipt().unwrap() > Micros::seconds(4));
}

#[test]
fn a_hundred_in_one_request_are_written_in_seven_waves() {
    let mut load = crowd(100);
    load.kinds[0].applications = [100, 100];
    let outcome = ran(&load, &Limits::none());
    assert_eq!((accepted(&outcome), outcome.answered), (100, outcome.tries));
    assert_eq!(outcome.session_reads, 7);
    let receipts: Vec<_> = outcome.sent.iter().map(|sent| sent.receipt).collect();
    assert!(receipts.windows(2).all(|pair| pair[0] == pair[1]), "one answer, one instant");
}

#[test]
fn history_takes_its_units_from_the_same_table() {
    let limits = Limits {
        partition: Some(1_000),
        table_ready: 4_000,
        index_ready: 40_000,
        index_shards: 64,
        ..Limits::none()
    };
    let busy = Limits { history_environments: 40, ..limits.clone() };
    let load = crowd(20_000);
    let (alone, beside) = (ran(&load, &limits), ran(&load, &busy));
    assert!(refused(&beside, Cause::TablePartition) > refused(&alone, Cause::TablePartition));
    // Twelve units each of the four thousand.
    assert!(beside.recorded.unwrap() > Micros::seconds(20_000 * 12 / 4_000 - 5));
}

#[test]
fn what_is_armed_arrives_at_the_opening_is_sent_from_a_minute_on_and_asks_nothing_of_the_gateway() {
    let mut load = crowd(1_000);
    load.kinds[0].armed = 1.0;
    let gateway = Some(Throttle { rate: 1, burst: 1 });
    let outcome = ran_with(&load, &Limits { gateway, ..Limits::none() }, Policy::Armed, 1);
    assert_eq!((accepted(&outcome), outcome.tries, outcome.armed_throttled), (1_000, 0, 0));
    for sent in &outcome.sent {
        let receipt = sent.receipt.unwrap();
        assert_eq!(sent.arrival, Some(0));
        assert!(receipt >= Micros::seconds(60) && receipt < Micros::seconds(62), "{receipt:?}");
    }
    // Head, entry of the index, row: nothing else is written.
    assert_eq!(outcome.write_units, 3_000);
}

#[test]
fn what_is_not_ready_cannot_be_armed() {
    let mut load = Load { invalid: 0.5, ..crowd(1_000) };
    load.kinds[0].armed = 1.0;
    let outcome = ran_with(&load, &Limits::none(), Policy::Armed, 1);
    let invalid = outcome.ended(|fate| fate == Fate::Invalid);
    assert!((400..600).contains(&invalid), "{invalid}");
    assert_eq!(outcome.write_units, 3 * (1_000 - u64::try_from(invalid).unwrap()));
}

#[test]
fn what_is_armed_is_sent_to_the_last_when_the_patience_of_people_is_over() {
    let mut load = Load { horizon_seconds: 30, ..crowd(25_000) };
    load.kinds[0].armed = 1.0;
    let outcome = ran_with(&load, &Limits::none(), Policy::Armed, 1);
    assert_eq!(accepted(&outcome), 25_000);
    // Twenty thousand in the first minute's run, the rest in the next.
    assert!(outcome.armed_sent.unwrap() > Micros::seconds(129), "{:?}", outcome.armed_sent);
}

#[test]
fn a_store_that_refuses_armed_sends_gets_them_again_more_slowly_and_loses_none() {
    let limits = Limits { partition: Some(200), index_shards: 1, ..Limits::none() };
    let mut load = crowd(10_000);
    load.kinds[0].armed = 1.0;
    let outcome = ran_with(&load, &limits, Policy::Armed, 1);
    assert_eq!(accepted(&outcome), 10_000);
    assert!(outcome.armed_throttled > 0);
    // Nobody holds a ticket, and two hundred a second is all that one key takes.
    assert_eq!(refused(&outcome, Cause::IndexPartition), 0);
    assert!(
        outcome.armed_sent.unwrap() > Micros::seconds(60 + 10_000 / 200),
        "{:?}",
        outcome.armed_sent
    );
}

fn of(outcome: &Outcome) -> Vec<(Option<i64>, Option<Micros>)> {
    outcome.sent.iter().map(|sent| (sent.arrival, sent.receipt)).collect()
}

#[test]
fn the_same_seed_gives_the_same_day_and_another_seed_another_one() {
    let limits = Limits {
        gateway: Some(Throttle { rate: 500, burst: 100 }),
        partition: Some(1_000),
        ..Limits::none()
    };
    let day = |seed| of(&ran_with(&crowd(2_000), &limits, Policy::Chronological, seed));
    assert_eq!(day(3), day(3));
    assert_ne!(day(3), day(4));
}

#[test]
fn the_same_people_have_another_day_with_another_seed() {
    let load = crowd(500);
    let (population, figures) = (Population::draw(&load, 1).unwrap(), Figures::built_in().unwrap());
    let (limits, policy) = (Limits::none(), Policy::Chronological);
    let day = |seed| {
        of(&run(Setting {
            population: &population,
            load: &load,
            limits: &limits,
            figures: &figures,
            policy,
            seed,
        }))
    };
    assert_eq!(day(3), day(3));
    assert_ne!(day(3), day(4));
}

fn limits() -> impl Strategy<Value = Limits> {
    let throttle = || {
        prop::option::of(
            (5_u32..400, 1_u32..400).prop_map(|(rate, burst)| Throttle { rate, burst }),
        )
    };
    let others = (
        prop::option::of(1_u32..60),
        prop::option::of(10_u32..500),
        prop::option::of(20_u32..500),
        prop::option::of(50_u32..500),
        1_u32..20,
        0_u32..3,
    );
    (throttle(), throttle(), others).prop_map(
        |(
            gateway,
            route_batch,
            (concurrency, starts, partition, table_quota, index_shards, history),
        )| Limits {
            gateway,
            route_batch,
            concurrency,
            starts_in_ten_seconds: starts,
            partition,
            table_quota,
            index_shards,
            history_environments: history,
            ..Limits::none()
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_application_is_accepted_or_refused_with_a_cause(limits in limits(), seed in 0_u64..1_000) {
        let mut load = Load { horizon_seconds: 40, invalid: 0.05, ..crowd(800) };
        load.kinds[0].applications = [1, 150];
        let outcome = ran_with(&load, &limits, Policy::Armed, seed);
        let mut ends = BTreeMap::new();
        for sent in &outcome.sent {
            let end = match sent.fate {
                Fate::Open => "open",
                Fate::Accepted => "accepted",
                Fate::Invalid => "invalid",
                Fate::Refused(_) => "refused",
            };
            *ends.entry(end).or_insert(0) += 1;
            prop_assert!(sent.receipt.is_none() || sent.fate == Fate::Accepted, "{sent:?}");
            prop_assert!(sent.fate != Fate::Accepted || sent.arrival.is_some(), "{sent:?}");
        }
        prop_assert_eq!(ends.get("open"), None);
        prop_assert_eq!(ends.values().sum::<usize>(), 800);
        let shown: usize = outcome.seconds.iter().map(|second| second.receipts).sum();
        prop_assert_eq!(shown, outcome.sent.iter().filter(|sent| sent.receipt.is_some()).count());
    }

    #[test]
    fn taking_all_limits_away_never_makes_the_day_longer(limits in limits(), seed in 0_u64..1_000) {
        let load = Load { horizon_seconds: 3_600, ..crowd(600) };
        let day = |limits| ran_with(&load, limits, Policy::Chronological, seed);
        let (with, without) = (day(&limits), day(&Limits::none()));
        prop_assert_eq!((accepted(&with), accepted(&without)), (600, 600));
        prop_assert!(without.last_receipt() <= with.last_receipt());
    }

    /// One limit alone, and clients that come again at once: of several limits the outer one's tokens are spent on requests
    /// that the inner one refuses, so that a wider outer one may even harm; and clients that pause in step may miss tokens
    /// that they found by chance before.
    #[test]
    fn a_wider_limit_never_makes_the_day_longer(limits in limits(), which in 0..5, seed in 0_u64..1_000) {
        let twice = |limit: Option<u32>| limit.map(|limit| limit * 2);
        let wide = |limit: Option<Throttle>| {
            limit.map(|Throttle { rate, burst }| Throttle { rate: rate * 2, burst: burst * 2 })
        };
        let Limits { gateway, route_batch, concurrency, starts_in_ten_seconds, table_quota, .. } = limits;
        let none = Limits::none;
        let (narrow, wide) = match which {
            0 => (Limits { gateway, ..none() }, Limits { gateway: wide(gateway), ..none() }),
            1 => (Limits { route_batch, ..none() }, Limits { route_batch: wide(route_batch), ..none() }),
            2 => (Limits { concurrency, ..none() }, Limits { concurrency: twice(concurrency), ..none() }),
            3 => (
                Limits { starts_in_ten_seconds, ..none() },
                Limits { starts_in_ten_seconds: twice(starts_in_ten_seconds), ..none() },
            ),
            _ => (Limits { table_quota, ..none() }, Limits { table_quota: twice(table_quota), ..none() }),
        };
        let mut load = Load { horizon_seconds: 3_600, ..crowd(600) };
        load.kinds[0].retry = Retry::Every { every_ms: 20 };
        let day = |limits| ran_with(&load, limits, Policy::Chronological, seed);
        let (narrow, wide) = (day(&narrow), day(&wide));
        prop_assert_eq!((accepted(&narrow), accepted(&wide)), (600, 600));
        let (longer, shorter) = (narrow.last_receipt().unwrap(), wide.last_receipt().unwrap());
        prop_assert!(shorter <= longer + Micros::millis(500), "{shorter:?} when wider, {longer:?} before");
    }
}
