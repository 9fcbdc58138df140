//! Cases: applications in any state after sending, brought there quietly, step by step, by the domain and the store.
//!
//! The history is that of a real case and its terms run; notices, documents and messages to the consular system are
//! left out, so that all that a test finds of them comes from the function under test.

use std::collections::{BTreeMap, VecDeque};

use domain::{
    application::{Application, Stage, Submission, Who},
    campaign::Campaign,
    case::{Case, Step},
    ids::AccountId,
    lifecycle::{Actor, Event, State, TRANSITIONS},
    notice::NoticeKind,
    receipt::ReceiptCode,
};
use jiff::Timestamp;
use outside::aws;
use serde_json::json;
use store::{applications::change::Change, keys, places::Next, rows::millis};

use crate::{
    stock::{self, Belongs},
    story::{Deviation, Told},
    world::World,
};

/// A case in a state, on the shortest way that the lifecycle has from *inviata*; each step is taken at `now`, an instant
/// of the campaign's clock ([`Campaign::effective_now`]), at which also every term on the way begins.
pub async fn case_in(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
    state: State,
    now: Timestamp,
) -> Told<Application> {
    let way = way_to(state)
        .ok_or_else(|| Deviation::new(format!("no way leads from sending to {state}")))?;
    case_after(world, campaign, belongs, &way, now).await
}

/// A case that is next for an ordinal of its line, for [`store::places::Places::allot`].
pub fn ranked(case: &Application) -> Told<Next> {
    let key = keys::ranked(&case.campaign, "none", &case.id, case.id.as_str());
    let waiting = serde_json::from_value(json!({
        "pk": key.pk,
        "sk": key.sk,
        "v": 1,
        "application": case.id,
        "arrival": millis(case.created),
    }))?;
    Ok(Next { waiting, head: Some(case.clone()) })
}

/// A case to which these events happened after it was sent, in this order.
pub async fn case_after(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
    events: &[Event],
    now: Timestamp,
) -> Told<Application> {
    let now = Timestamp::from_millisecond(millis(now))?;
    let mut head = sent(world, campaign, belongs, now).await?;
    for event in events {
        head = after(world, campaign, &head, *event, now).await?;
    }
    Ok(head)
}

/// Lets an event happen to a case, and begins the term that the sending of its PEC begins; no message goes out.
pub async fn after(
    world: &World,
    campaign: &Campaign,
    head: &Application,
    event: Event,
    now: Timestamp,
) -> Told<Application> {
    let applications = world.applications()?;
    let step = Step::new(campaign, now);
    let refused = |error| Deviation::new(format!("{event} from {}: {error}", head.state()));
    let next = head.step(event, &step).map_err(refused)?;
    let who = whoever_may(head, event)?;
    applications.save(&Change::new(Some(head), &next, Some(event), who)).await?;
    let Some(term) = NoticeKind::of(event).and_then(NoticeKind::begins) else { return Ok(next) };
    let Some(begun) = next.begin(term, now, &step).map_err(refused)? else { return Ok(next) };
    applications.save(&Change::of_term(&next, &begun)).await?;
    Ok(begun)
}

/// A ready application that was sent at `now`.
async fn sent(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
    now: Timestamp,
) -> Told<Application> {
    let ready = stock::ready_application(world, campaign, belongs).await?;
    let Stage::ToSend(frozen) = ready.stage.clone() else {
        return Err(Deviation::new("the application is not ready"));
    };
    let submission = Submission {
        ready: frozen,
        arrival: now,
        code: ReceiptCode::from_random(fresh()?),
        submitted_by: belongs.filer.clone(),
        campaign_version: campaign.version(),
    };
    let stage = Stage::Sent { state: State::Submitted, submission, case: Case::default() };
    let sent = Application { version: ready.version + 1, changed: now, stage, ..ready.clone() };
    let who = Who::Account(belongs.filer.clone());
    let change = Change::new(Some(&ready), &sent, Some(Event::Submit), who);
    world.applications()?.save(&change).await?;
    Ok(sent)
}

/// An actor that may cause this event in the state of the case.
fn whoever_may(head: &Application, event: Event) -> Told<Who> {
    let transition =
        head.state().on(event).map_err(|refused| Deviation::new(refused.to_string()))?;
    Ok(match transition.by.first() {
        Some(Actor::Representative) => Who::Account(head.parties.representative.clone()),
        Some(Actor::Officer | Actor::Administrator) => Who::Account(AccountId::keyed(&fresh()?)),
        Some(Actor::ConsularSystem) => Who::ConsularSystem,
        _ => Who::System,
    })
}

/// The events that lead from sending to a state, as few as possible.
fn way_to(state: State) -> Option<Vec<Event>> {
    let mut ways = BTreeMap::from([(State::Submitted, Vec::new())]);
    let mut next = VecDeque::from([State::Submitted]);
    while let Some(from) = next.pop_front() {
        for transition in TRANSITIONS.iter().filter(|transition| transition.from == from) {
            if !ways.contains_key(&transition.to) {
                let way = ways.get(&from)?.iter().copied().chain([transition.event]).collect();
                ways.insert(transition.to, way);
                next.push_back(transition.to);
            }
        }
    }
    ways.remove(&state)
}

fn fresh<const N: usize>() -> Told<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
