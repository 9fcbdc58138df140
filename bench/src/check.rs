//! What must be true after a rush: every receipt that was given is stored and signed, nothing is there twice, the order is
//! that of arrival, and each place went to whom the decree gives it.
//!
//! What is expected follows from what the bench itself sent and got, never from what is checked.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::{
    application::Application,
    calendar,
    campaign::{Campaign, QuotaLine, Reservation},
    ids::{ApplicationId, ModelId},
    order::SeedChain,
    receipt::{Receipt, verify_document},
};
use outside::key_ring::ReceiptKeys;
use store::{keys, places::Place};

use crate::{Broken, crowd::Crowd, ground::Ground, rush::Sent, vault};

/// Heads of one request.
const HEADS: usize = 2_000;

/// What was stored, read back.
#[derive(Clone, Debug, Default)]
pub struct Stored {
    /// Heads of applications that are sent.
    pub heads: Vec<Application>,
    /// Places by application.
    pub places: HashMap<ApplicationId, Place>,
    /// The application of each row of the order.
    pub ranked: Vec<ApplicationId>,
}

/// How often something was not as it must be.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Faults {
    /// Receipts of which the store does not have the submission as it was certified, or whose signature does not verify.
    pub lost: usize,
    /// Submissions, receipt codes, rows of the order and ordinals that are there more than once.
    pub doubled: usize,
    /// Submissions with an arrival that was none, or an ordinal that is not that of their arrival.
    pub out_of_order: usize,
    /// Submissions with a place that is not theirs or without one that is, and places beyond those of a line.
    pub quota_errors: usize,
    /// Submissions that stand at the arrival of a repetition, though it brought the ticket of an earlier press.
    pub places_lost: usize,
}

impl Stored {
    /// Reads everything that a rush left behind.
    ///
    /// # Errors
    /// The store does not answer, or has a row that fits nothing.
    pub async fn read(ground: &Ground, campaign: &Campaign) -> Result<Self, Broken> {
        let store = ground.store();
        let (mut ids, mut ranked) = (Vec::new(), Vec::new());
        let mut pages = ground
            .client()
            .scan()
            .table_name(&ground.tables().portal)
            .projection_expression("pk, sk, #state, campaign, application")
            .expression_attribute_names("#state", "state")
            .into_paginator()
            .send();
        while let Some(page) = pages.next().await {
            for item in page?.items() {
                let text = |name: &str| {
                    item.get(name).and_then(|value: &AttributeValue| value.as_s().ok())
                };
                let (Some(pk), Some(sk)) = (text("pk"), text("sk")) else { continue };
                if sk == "HEAD" {
                    let is_sent = text("state").is_some_and(|state| state == "submitted");
                    let is_ours = text("campaign").is_some_and(|id| id == campaign.id().as_str());
                    ids.extend(keys::application_of(pk).filter(|_| is_sent && is_ours));
                } else if pk.starts_with(&format!("RANK#{}#", campaign.id())) {
                    ranked.extend(text("application").and_then(|id| id.parse().ok()));
                }
            }
        }
        let (mut heads, mut places) = (Vec::new(), HashMap::new());
        for ids in ids.chunks(HEADS) {
            heads.extend(store.applications.heads_consistent(ids).await?);
        }
        // Whoever stands in the order has a place, whether or not its head is there.
        let ordered: BTreeSet<ApplicationId> = ids.into_iter().chain(ranked.clone()).collect();
        for ids in ordered.into_iter().collect::<Vec<_>>().chunks(HEADS) {
            places.extend(store.places.of_all(ids).await?);
        }
        Ok(Self { heads, places, ranked })
    }
}

/// One application that was accepted, as the bench saw it.
struct Accepted {
    id: ApplicationId,
    model: ModelId,
    reservations: BTreeSet<Reservation>,
    province: &'static str,
    arrival: i64,
    draw: String,
}

/// Compares what is stored with what was sent and answered.
pub fn check(crowd: &Crowd, sent: &[Sent], stored: &Stored) -> Faults {
    let keys = vault::receipt_keys();
    let mut faults = Faults::default();
    let heads: HashMap<&ApplicationId, &Application> =
        stored.heads.iter().map(|head| (&head.id, head)).collect();
    let published: Vec<_> = keys.all(crowd.campaign.id()).map(|key| key.public()).collect();
    let mut documents: BTreeMap<usize, BTreeSet<&str>> = BTreeMap::new();
    let mut arrivals: HashMap<usize, Vec<i64>> = HashMap::new();
    let mut owed: HashMap<usize, Vec<i64>> = HashMap::new();
    for one in sent {
        arrivals.entry(one.candidate).or_default().push(one.arrival);
        owed.entry(one.candidate).or_default().push(one.keeps.unwrap_or(one.arrival));
        if let Some(document) = &one.receipt {
            documents.entry(one.candidate).or_default().insert(document);
        }
    }
    let chain = SeedChain::derive(vault::ORDER.as_bytes(), crowd.campaign.id());
    let rule = crowd.campaign.policies().order.draw_rule();
    let mut seeds = HashMap::new();
    let mut accepted = Vec::new();
    for (candidate, different) in &documents {
        let Some(of) = crowd.candidates.get(*candidate) else { continue };
        faults.doubled += different.len().saturating_sub(1);
        let Some(document) = different.first() else { continue };
        let head = heads.get(&of.id).copied();
        faults.lost += usize::from(!is_stored(&keys, document, head));
        let receipt = verify_document(document, &published);
        let Some(receipt) = receipt.ok().filter(|receipt| receipt.application == of.id) else {
            // What it certifies is not ours: it is lost, and has no turn.
            faults.lost += usize::from(is_stored(&keys, document, head));
            continue;
        };
        let arrival = receipt.arrival.as_millisecond();
        // The first durable write fixes the arrival: it is that of one of the presses.
        let is_in = |of: &HashMap<usize, Vec<i64>>| {
            of.get(candidate).is_some_and(|arrivals| arrivals.contains(&arrival))
        };
        faults.out_of_order += usize::from(!is_in(&arrivals));
        faults.places_lost += usize::from(is_in(&arrivals) && !is_in(&owed));
        let day = calendar::local_date(receipt.arrival);
        let seed = seeds.entry(day).or_insert_with(|| chain.seed_of(day));
        accepted.push(Accepted {
            id: of.id.clone(),
            model: of.model.clone(),
            reservations: crowd.reservations(of),
            province: of.province,
            arrival,
            draw: seed.draw(rule, &of.id, &receipt.code),
        });
    }
    faults.doubled += doubled(crowd, &documents, stored);
    accepted.sort_by(|one, other| (one.arrival, &one.draw).cmp(&(other.arrival, &other.draw)));
    faults.out_of_order += out_of_order(&accepted, &stored.places);
    faults.quota_errors += quota_errors(crowd.campaign.lines(), &accepted, &stored.places);
    faults
}

/// The receipts that people have, as far as they are ours.
pub fn receipts(crowd: &Crowd, sent: &[Sent]) -> Vec<Receipt> {
    let keys = vault::receipt_keys();
    let published: Vec<_> = keys.all(crowd.campaign.id()).map(|key| key.public()).collect();
    let documents: BTreeSet<&str> = sent.iter().filter_map(|one| one.receipt.as_deref()).collect();
    documents.into_iter().filter_map(|one| verify_document(one, &published).ok()).collect()
}

/// Whether the store has the submission as its receipt says: a receipt is a pure function of what is stored, so the stored
/// one, made again, is the same to the byte.
fn is_stored(keys: &ReceiptKeys, document: &str, head: Option<&Application>) -> bool {
    let again = head.and_then(|head| keys.receipt(head));
    again.is_some_and(|again| again.to_document() == document)
}

/// What is there more often than once, or without a receipt that anybody got.
fn doubled(crowd: &Crowd, documents: &BTreeMap<usize, BTreeSet<&str>>, stored: &Stored) -> usize {
    let answered: HashSet<&ApplicationId> = documents
        .keys()
        .filter_map(|candidate| crowd.candidates.get(*candidate))
        .map(|candidate| &candidate.id)
        .collect();
    let unasked = stored.heads.iter().filter(|head| !answered.contains(&head.id)).count();
    let codes = stored.heads.iter().filter_map(|head| {
        head.stage.submission().map(|submission| submission.code.as_str().to_owned())
    });
    let ordinals = stored.heads.iter().filter_map(|head| {
        stored.places.get(&head.id).map(|place| (head.model.clone(), place.ordinal))
    });
    // Who was not asked for is counted once, not again by its code.
    unasked.max(repeated(codes)) + repeated(ordinals) + repeated(stored.ranked.iter())
}

fn repeated<T: std::hash::Hash + Eq>(values: impl Iterator<Item = T>) -> usize {
    let mut seen = HashSet::new();
    values.fold(0, |count, value| count + usize::from(!seen.insert(value)))
}

/// Those in the order of their arrivals whose ordinal is another one than their turn.
fn out_of_order(accepted: &[Accepted], places: &HashMap<ApplicationId, Place>) -> usize {
    let mut turns: BTreeMap<&ModelId, u64> = BTreeMap::new();
    accepted
        .iter()
        .filter(|one| {
            let turn = turns.entry(&one.model).or_default();
            *turn += 1;
            places.get(&one.id).is_none_or(|place| place.ordinal != *turn)
        })
        .count()
}

/// In the order of arrival each gets a place in the first line that admits it and has one left.
fn quota_errors(
    lines: &[QuotaLine],
    accepted: &[Accepted],
    places: &HashMap<ApplicationId, Place>,
) -> usize {
    let mut given: BTreeMap<&str, u32> = BTreeMap::new();
    let mut errors = 0;
    for one in accepted {
        let due = lines.iter().find(|line| {
            line.models.contains(&one.model)
                && (line.provinces.is_empty() || line.provinces.contains(one.province))
                && line.reserved_for.is_none_or(|kind| one.reservations.contains(&kind))
                && given.get(line.id.as_str()).copied().unwrap_or_default() < line.places
        });
        if let Some(line) = due {
            *given.entry(&line.id).or_default() += 1;
        }
        let found = places.get(&one.id).and_then(|place| place.line.as_deref());
        errors += usize::from(found != due.map(|line| line.id.as_str()));
    }
    errors
}

#[cfg(test)]
mod tests;
