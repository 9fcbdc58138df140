//! The rush of a click day: 200 applications, each submitted five times at once, give 200 receipts (SUB-2, SUB-5).

use std::collections::{BTreeMap, BTreeSet};

use domain::{application::Application, campaign::Campaign};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use harness::{
    campaigns::Plan,
    employer::Employer,
    stock::{self, Belongs},
    story::{StoryResult, ensure, same},
    world::World,
};
use jiff::SignedDuration;

const APPLICATIONS: usize = 200;
const TIMES: usize = 5;
const OPERATORS: usize = 4;
const IN_FLIGHT: usize = 64;

/// How often a refusal for lack of room is tried again.
const MOST_TRIES: u32 = 60;

/// One receipt per application, the same for each repetition; other people's are not there.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_hundred_applications_submitted_five_times_each_give_two_hundred_receipts()
-> StoryResult {
    // 64 requests at once take all the room that the emulator has: no other test runs beside this one.
    let world = World::enter_alone().await?;
    let campaign = Plan::new("corsa")?.publish(&world).await?;
    let mut operators = Vec::new();
    for _ in 0..OPERATORS {
        let (operator, organisation) = world.operator().await?;
        let caller = stock::caller(&world, &operator, 2, SignedDuration::from_mins(10)).await?;
        stock::session(&world, &operator.browser, &caller).await?;
        operators.push((operator, caller.account, organisation));
    }
    let seeded: Vec<(usize, Application)> = stream::iter(0..APPLICATIONS)
        .map(|n| {
            let (world, campaign, operators) = (&world, &campaign, &operators);
            async move {
                let (_, account, organisation) = &operators[n % OPERATORS];
                let representative = world.account(&world.employer()?.demo.representative).await?;
                let belongs = Belongs {
                    representative,
                    filer: account.clone(),
                    organisation: Some(organisation.clone()),
                };
                StoryResult::Ok((
                    n % OPERATORS,
                    stock::ready_application(world, campaign, &belongs).await?,
                ))
            }
        })
        .buffer_unordered(16)
        .try_collect()
        .await?;

    // Every repetition of every application, mixed so that repetitions of one meet those of others.
    let mut presses: Vec<(usize, &str)> = Vec::new();
    for _ in 0..TIMES {
        presses.extend(
            seeded.iter().map(|(operator, application)| (*operator, application.id.as_str())),
        );
    }
    let begun = std::time::Instant::now();
    let receipts: Vec<(String, Vec<u8>)> = stream::iter(presses)
        .map(|(operator, id)| {
            let (operators, campaign) = (&operators, &campaign);
            async move {
                StoryResult::Ok((
                    id.to_owned(),
                    presses_until_sent(&operators[operator].0, id, campaign).await?,
                ))
            }
        })
        .buffer_unordered(IN_FLIGHT)
        .try_collect()
        .await?;
    world.story.tell(format_args!(
        "{} answers in {:.1} s",
        receipts.len(),
        begun.elapsed().as_secs_f64()
    ));

    same("answers", &receipts.len(), &(APPLICATIONS * TIMES))?;
    let mut of_application: BTreeMap<String, BTreeSet<Vec<u8>>> = BTreeMap::new();
    for (id, document) in receipts {
        of_application.entry(id).or_default().insert(document);
    }
    same("applications with a receipt", &of_application.len(), &APPLICATIONS)?;
    ensure(
        of_application.values().all(|documents| documents.len() == 1),
        "an application has two receipts",
    )?;
    let different: BTreeSet<_> = of_application.values().flatten().collect();
    same("different receipts", &different.len(), &APPLICATIONS)?;

    let (stranger, ..) = &operators[0];
    for (operator, application) in seeded.iter().filter(|(operator, _)| *operator != 0).take(10) {
        let answer = stranger.submits(application.id.as_str(), &campaign).await?;
        ensure(
            answer.status == 404,
            format!("{answer}: an application of operator {operator} is there"),
        )?;
    }
    Ok(())
}

/// 429 and 5xx say that there was no room; everything else is an answer.
async fn presses_until_sent(
    operator: &Employer,
    id: &str,
    campaign: &Campaign,
) -> StoryResult<Vec<u8>> {
    for _ in 0..MOST_TRIES {
        let answer = operator.submits(id, campaign).await?;
        match answer.status {
            200 => return Ok(answer.body),
            429 | 500..=599 => {
                operator.story().waits_as_told(std::time::Duration::from_millis(100)).await;
            }
            _ => return Err(answer.deviation("neither a receipt nor a lack of room")),
        }
    }
    Err(operator.story().deviation(format!("{id}: no room after {MOST_TRIES} tries")))
}
