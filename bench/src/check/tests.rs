//! Each thing that may go wrong raises its own count, and no other.

use domain::{
    application::{Parties, Ready, Stage, Submission},
    ids::{AccountId, OwnerId},
    lifecycle::State,
    procedure::{Procedure, StoredProcedure},
    receipt::ReceiptCode,
};
use jiff::{SignedDuration, Timestamp};

use super::*;

fn opens() -> Timestamp {
    "2026-02-09T08:00:00Z".parse().unwrap()
}

/// Sixty applications that came one a millisecond, all stored and ranked as they must be.
fn scene() -> (Crowd, Vec<Sent>, Stored) {
    let crowd = Crowd::gather("bench", 60, opens(), 180, 3).unwrap();
    let keys = vault::receipt_keys();
    let (mut sent, mut stored) = (Vec::new(), Stored::default());
    for (number, candidate) in crowd.candidates.iter().enumerate() {
        let arrival = opens() + SignedDuration::from_millis(i64::try_from(number).unwrap());
        let caller = &crowd.person_of(candidate).unwrap().caller;
        let ready = Ready {
            digest: [u8::try_from(number).unwrap(); 32],
            worker: None,
            province: candidate.province.to_owned(),
            since: Timestamp::UNIX_EPOCH,
        };
        let head = Application {
            id: candidate.id.clone(),
            campaign: crowd.campaign.id().clone(),
            campaign_version: 1,
            model: candidate.model.clone(),
            schema: format!("{}@1", candidate.model),
            parties: Parties {
                representative: AccountId::keyed(&[1; 32]),
                owner: OwnerId::keyed(&[2; 32]),
                filer: caller.account.clone(),
                organisation: caller.organisation.clone(),
            },
            version: 2,
            created: Timestamp::UNIX_EPOCH,
            changed: arrival,
            stage: Stage::Sent {
                submission: Submission {
                    ready,
                    arrival,
                    code: ReceiptCode::from_random([u8::try_from(number).unwrap(); 10]),
                    submitted_by: caller.account.clone(),
                    campaign_version: 1,
                    armed: None,
                },
                procedure: Procedure::restore(State::Submitted, StoredProcedure::default())
                    .unwrap(),
            },
        };
        sent.push(Sent {
            candidate: number,
            flaw: None,
            arrival: arrival.as_millisecond(),
            keeps: None,
            status: Some(200),
            receipt: Some(keys.receipt(&head).unwrap().to_document()),
        });
        stored.ranked.push(candidate.id.clone());
        stored.heads.push(head);
    }
    seat(&crowd, &mut stored);
    (crowd, sent, stored)
}

/// Places as the decree gives them, in the order of the heads.
fn seat(crowd: &Crowd, stored: &mut Stored) {
    let mut left: BTreeMap<String, u32> =
        crowd.campaign.lines().iter().map(|line| (line.id.clone(), line.places)).collect();
    let mut turns: BTreeMap<ModelId, u64> = BTreeMap::new();
    for candidate in &crowd.candidates {
        let turn = turns.entry(candidate.model.clone()).or_default();
        *turn += 1;
        let claims = domain::quota::Claims {
            reservations: crowd.reservations(candidate),
            province: candidate.province.to_owned(),
        };
        let line = crowd
            .campaign
            .lines()
            .iter()
            .find(|line| line.admits(&candidate.model, &claims, opens()) && left[&line.id] > 0)
            .map(|line| line.id.clone());
        if let Some(line) = &line {
            *left.get_mut(line).unwrap() -= 1;
        }
        let place = Place {
            ordinal: *turn,
            protocol: String::new(),
            line,
            since: None,
            moved_up: false,
            waits_to_be_told: false,
            passed_on: None,
        };
        stored.places.insert(candidate.id.clone(), place);
    }
}

#[test]
fn where_everything_is_as_it_must_be_nothing_is_counted() {
    let (crowd, sent, stored) = scene();
    assert_eq!(check(&crowd, &sent, &stored), Faults::default());
    let with_place = stored.places.values().filter(|place| place.line.is_some()).count();
    assert!((10..50).contains(&with_place), "the scene proves little: {with_place} have a place");
}

/// SUB-2, SUB-4
#[test]
fn a_receipt_that_is_not_stored_or_not_ours_is_lost() {
    let (crowd, sent, mut stored) = scene();
    stored.heads.remove(7);
    assert_eq!(check(&crowd, &sent, &stored), Faults { lost: 1, ..Faults::default() });

    // Stored, but another arrival than the one that was certified.
    let (crowd, sent, mut stored) = scene();
    if let Stage::Sent { submission, .. } = &mut stored.heads[7].stage {
        submission.arrival += SignedDuration::from_millis(1);
    }
    assert_eq!(check(&crowd, &sent, &stored), Faults { lost: 1, ..Faults::default() });

    // A signature with one other character: it has no turn, and all later ones of its model have another than they should.
    let (crowd, mut sent, stored) = scene();
    let document = sent[59].receipt.take().unwrap();
    let (head, tail) = document.split_at(document.len() - 10);
    let other = if tail.starts_with('A') { 'B' } else { 'A' };
    sent[59].receipt = Some(format!("{head}{other}{}", &tail[1..]));
    assert_eq!(check(&crowd, &sent, &stored).lost, 1);
}

/// SUB-2
#[test]
fn whatever_is_there_twice_is_doubled() {
    let (crowd, sent, mut stored) = scene();
    let copy = Application { id: ApplicationId::from_random([9; 16]), ..stored.heads[3].clone() };
    stored.heads.push(copy);
    assert_eq!(check(&crowd, &sent, &stored), Faults { doubled: 1, ..Faults::default() });

    let (crowd, sent, mut stored) = scene();
    stored.ranked.push(stored.ranked[3].clone());
    assert_eq!(check(&crowd, &sent, &stored), Faults { doubled: 1, ..Faults::default() });

    // A repetition that got another receipt: one of the two cannot be stored.
    let (crowd, mut sent, stored) = scene();
    let other = sent[4].receipt.clone();
    sent.push(Sent { receipt: other, ..sent[3].clone() });
    assert!(check(&crowd, &sent, &stored).doubled > 0);
}

/// SUB-3: "nell'ordine cronologico"
#[test]
fn an_ordinal_that_is_not_that_of_the_arrival_is_out_of_order() {
    let (crowd, sent, mut stored) = scene();
    let model = crowd.candidates[0].model.clone();
    let two: Vec<_> = crowd.candidates.iter().filter(|one| one.model == model).take(2).collect();
    let first = stored.places[&two[0].id].ordinal;
    let second = stored.places[&two[1].id].ordinal;
    stored.places.get_mut(&two[0].id).unwrap().ordinal = second;
    stored.places.get_mut(&two[1].id).unwrap().ordinal = first;
    assert_eq!(check(&crowd, &sent, &stored), Faults { out_of_order: 2, ..Faults::default() });

    // An arrival at which nobody pressed.
    let (crowd, mut sent, stored) = scene();
    sent[5].arrival += 1;
    assert_eq!(check(&crowd, &sent, &stored), Faults { out_of_order: 1, ..Faults::default() });
}

/// SUB-3, SUB-5: the ticket keeps the arrival of the first press.
#[test]
fn whoever_retries_with_a_ticket_and_stands_at_the_retry_has_lost_the_place() {
    let refused =
        |one: &Sent, arrival| Sent { arrival, status: Some(503), receipt: None, ..one.clone() };
    // The press of a moment before was refused, and its repetition has the receipt.
    let (crowd, mut sent, stored) = scene();
    let (first, retry) = (sent[5].arrival - 1, sent[5].arrival);
    sent.push(refused(&sent[5], first));
    assert_eq!(check(&crowd, &sent, &stored), Faults::default(), "it brought no ticket");
    sent[5].keeps = Some(first);
    assert_eq!(check(&crowd, &sent, &stored), Faults { places_lost: 1, ..Faults::default() });

    // The receipt that the repetition got is that of the first press.
    let (crowd, mut sent, stored) = scene();
    sent.push(refused(&sent[5], retry));
    sent[5].arrival = retry + 700;
    sent[5].keeps = Some(retry);
    assert_eq!(check(&crowd, &sent, &stored), Faults::default());
}

/// RNK-1, DEC-1
#[test]
fn a_place_too_many_or_too_few_is_a_quota_error() {
    let (crowd, sent, mut stored) = scene();
    let line = crowd.campaign.lines()[1].id.clone();
    let waits = stored.places.values_mut().find(|place| place.line.is_none()).unwrap();
    waits.line = Some(line);
    assert_eq!(check(&crowd, &sent, &stored), Faults { quota_errors: 1, ..Faults::default() });

    let (crowd, sent, mut stored) = scene();
    let has = stored.places.values_mut().find(|place| place.line.is_some()).unwrap();
    has.line = None;
    assert_eq!(check(&crowd, &sent, &stored), Faults { quota_errors: 1, ..Faults::default() });
}
