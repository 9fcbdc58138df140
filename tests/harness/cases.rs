//! Cases: applications in any state after sending, brought there quietly, step by step, by the domain and the store.
//!
//! The history is that of a real case and its terms run; notices, documents and messages to the consular system are
//! left out, so that all that a test finds of them comes from the function under test.

use std::collections::{BTreeMap, VecDeque};

use domain::{
    application::{Application, Stage, Submission, Who},
    campaign::Campaign,
    decision::{Context, Decision},
    ids::AccountId,
    lifecycle::{Actor, Event, State, TRANSITIONS, agreement::AgreementStep},
    notice::NoticeKind,
    procedure::{Procedure, StoredProcedure},
    receipt::ReceiptCode,
};
use jiff::Timestamp;
use outside::aws;
use store::rows::millis;

use crate::{
    stock::{self, Belongs},
    story::{Deviation, StoryResult},
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
) -> StoryResult<Application> {
    let way = way_to(state)
        .ok_or_else(|| Deviation::new(format!("no way leads from sending to {state}")))?;
    case_after(world, campaign, belongs, &way, now).await
}

/// A case to which these events happened after it was sent, in this order.
pub async fn case_after(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
    events: &[Event],
    now: Timestamp,
) -> StoryResult<Application> {
    let now = Timestamp::from_millisecond(millis(now))?;
    let mut head = sent(world, campaign, belongs, now).await?;
    for event in events {
        head = after(world, campaign, &head, *event, now).await?;
    }
    Ok(head)
}

/// Lets an event happen to a case, and begins the term that the sending of its PEC begins, as of a PEC whose delivery is on
/// record; no message goes out.
pub async fn after(
    world: &World,
    campaign: &Campaign,
    head: &Application,
    event: Event,
    now: Timestamp,
) -> StoryResult<Application> {
    let applications = world.applications()?;
    let context = judged(campaign, now);
    let refused = |error| Deviation::new(format!("{event} from {}: {error}", head.state()));
    let decision = happens(head, event, whoever_may(head, event)?, &context)?;
    let term = decision.notices().iter().copied().find_map(NoticeKind::begins);
    let decision = decision.untold();
    applications.commit(&decision, &[]).await?;
    let next = decision.into_after();
    let Some(term) = term else { return Ok(next) };
    let begun = next.delivered(term, Some(now), &context).map_err(refused)?;
    let Some(begun) = begun else { return Ok(next) };
    applications.commit(&begun, &[]).await?;
    Ok(begun.into_after())
}

/// By what is judged while no outage is known.
pub const fn judged(campaign: &Campaign, now: Timestamp) -> Context<'_> {
    Context { campaign, now, outages: &[] }
}

/// What an event decides; a contract is sent as if the worker entered now, without an agreement.
pub fn happens(
    head: &Application,
    event: Event,
    who: Who,
    context: &Context<'_>,
) -> StoryResult<Decision> {
    let decision = if event == Event::SendContract {
        head.send_contract(context.now, false, context)
    } else {
        head.step(event, who, context)
    };
    decision.map_err(|error| Deviation::new(format!("{event} from {}: {error}", head.state())))
}

/// Brings the agreement of a case to a step, whichever it is at.
pub fn with_agreement(
    head: &Application,
    at: AgreementStep,
    now: Timestamp,
) -> StoryResult<Decision> {
    let mut after = head.clone();
    (after.version, after.changed) = (head.version + 1, now);
    if let Stage::Sent { procedure, .. } = &mut after.stage {
        let stored = StoredProcedure { agreement: Some(at), ..procedure.stored() };
        *procedure = Procedure::restore(procedure.state(), stored)?;
    }
    Ok(stock::changed(head, &after))
}

/// A ready application that was sent at `now`.
async fn sent(
    world: &World,
    campaign: &Campaign,
    belongs: &Belongs,
    now: Timestamp,
) -> StoryResult<Application> {
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
        armed: None,
    };
    let sent = ready.submit(submission)?.untold();
    world.applications()?.commit(&sent, &[]).await?;
    Ok(sent.into_after())
}

/// An actor that may cause this event in the state of the case.
fn whoever_may(head: &Application, event: Event) -> StoryResult<Who> {
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

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
