//! Places that were given up, added, or freed of a reservation go to those who wait, in order of arrival (RNK-2, RNK-5).

use std::collections::{BTreeMap, BTreeSet};

use domain::{
    campaign::QuotaLine,
    ids::{ApplicationId, ModelId},
    order::Rank,
    quota::{self, Ranked, Standings},
};
use store::{
    places::{Batch, RankedRow, Ranking},
    rows::StoreError,
};

use crate::{App, Round};

/// Applications that gave up and are passed on of each partition in one batch, unless a page has more.
const GIVEN_UP_AT_ONCE: usize = 25;
/// Applications that move up in one batch, unless a page has more.
const MOVES_AT_ONCE: usize = 200;
/// Submissions that are read of each partition for one page.
const PAGE: i32 = 50;
/// Pages that are looked through for one batch: where few of many fall under a reservation, the next batch goes on.
const PAGES: usize = 20;

/// What is decided about places that are free; none where nothing is.
pub(crate) async fn decide(
    app: &App,
    round: &Round<'_>,
    ranking: &Ranking,
) -> Result<Option<Ranking>, StoreError> {
    let mut after = ranking.standings.clone();
    after.follow(round.lines(), round.now);
    let passed_on = passed_on(app, round, &mut after).await?;
    let mut moved_up = BTreeMap::new();
    let mut pages = PAGES;
    for line in round.lines() {
        fill(app, round, ranking, line, &mut after, &mut moved_up, &mut pages).await?;
    }
    if passed_on.is_empty() && moved_up.is_empty() {
        // No application moves, but it is known from where on applications may wait.
        let is_the_same = after == ranking.standings;
        return Ok((!is_the_same).then(|| Ranking { standings: after, ..ranking.clone() }));
    }
    let batch = Batch::Moves { at: round.at, passed_on, moved_up, after };
    Ok(Some(Ranking { batch: Some(batch), ..ranking.clone() }))
}

/// Takes back the places of those who gave up.
async fn passed_on(
    app: &App,
    round: &Round<'_>,
    after: &mut Standings,
) -> Result<BTreeSet<ApplicationId>, StoreError> {
    let given_up = app.store.places.given_up(round.campaign.id(), GIVEN_UP_AT_ONCE).await?;
    let mut passed_on = BTreeSet::new();
    for (id, place) in given_up {
        if let (None, Some(line)) = (place.passed_on, &place.line) {
            after.free(line);
        }
        passed_on.insert(id);
    }
    Ok(passed_on)
}

/// Gives the free places of a line to those who wait for them.
async fn fill(
    app: &App,
    round: &Round<'_>,
    ranking: &Ranking,
    line: &QuotaLine,
    after: &mut Standings,
    moved_up: &mut BTreeMap<ApplicationId, String>,
    pages: &mut usize,
) -> Result<(), StoreError> {
    let up_to: BTreeMap<ModelId, Rank> = ranking
        .up_to
        .iter()
        .filter(|(model, _)| line.models.contains(model))
        .map(|(model, rank)| (model.clone(), rank.clone()))
        .collect();
    while let Some(from) = after.looks_from(line).cloned() {
        if *pages == 0 || moved_up.len() >= MOVES_AT_ONCE {
            return Ok(());
        }
        *pages -= 1;
        let page = app.store.places.ranked(round.campaign.id(), &up_to, &from, PAGE).await?;
        let waiting = waiting(app, round, line, &page.rows, moved_up).await?;
        let ranked: Vec<Ranked<'_>> = page
            .rows
            .iter()
            .map(|row| Ranked {
                rank: row.rank(),
                model: &row.model,
                claims: &row.claims,
                waits: waiting.contains(&row.application),
            })
            .collect();
        let moved = after.move_up(line, &ranked, page.next.is_none(), round.now);
        let moved: BTreeSet<Rank> = moved.into_iter().collect();
        moved_up.extend(
            page.rows
                .iter()
                .filter(|row| moved.contains(row.rank()))
                .map(|row| (row.application.clone(), line.id.clone())),
        );
    }
    Ok(())
}

/// Those of a page who may take a place of the line: they have none, and did not give up.
async fn waiting(
    app: &App,
    round: &Round<'_>,
    line: &QuotaLine,
    rows: &[RankedRow],
    moved_up: &BTreeMap<ApplicationId, String>,
) -> Result<BTreeSet<ApplicationId>, StoreError> {
    let admitted: Vec<ApplicationId> = rows
        .iter()
        .filter(|row| line.admits(&row.model, &row.claims, round.now))
        .map(|row| row.application.clone())
        .filter(|id| !moved_up.contains_key(id))
        .collect();
    let places = app.store.places.of_all(&admitted).await?;
    let without: Vec<ApplicationId> = admitted
        .into_iter()
        .filter(|id| {
            places.get(id).is_some_and(|place| place.line.is_none() && place.passed_on.is_none())
        })
        .collect();
    let heads = app.store.applications.heads_consistent(&without).await?;
    let standing = heads.into_iter().filter(|head| !quota::has_given_up(head.state()));
    Ok(standing.map(|head| head.id).collect())
}
