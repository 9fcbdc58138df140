//! Makes the demo like the days before a click day: `demo [--opens-in 10m] [--order armed] [--start-ended 1h] [--drafts 900]
//! [--full-mailboxes 1]`.
//!
//! `--opens-in` publishes a decree of the demo whose sending opens soon, with three applications of the demo employer that
//! are ready for it, and `--order armed` lets people arm them (NEW-1); `--start-ended` one whose period for starting
//! applications ended so long ago; `--drafts` gives the demo operator so many drafts, every third of them ready;
//! `--full-mailboxes` gives the demo employer so many ready applications whose certified mailbox is full. Each call adds its own.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::process::ExitCode;

use domain::{
    calendar,
    campaign::{Campaign, CampaignModel, Order},
};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use harness::{
    campaigns::Plan,
    certified,
    stock::{self, Belongs},
    story::{Deviation, StoryResult},
    world::World,
};
use jiff::SignedDuration;
use outside::clock;

/// Demo people of the seed: the employer, and the operator of the association.
const EMPLOYER: u32 = 1;
const OPERATOR: u32 = 3;

/// How an address begins whose mailbox is full for the simulated provider.
const FULL: &str = "piena";

/// How long a window of a plan without an end is open.
const A_WINDOW: SignedDuration = SignedDuration::from_hours(24);

/// Drafts that are written side by side.
const TOGETHER: usize = 8;

/// What is asked for.
#[derive(Debug, Default)]
struct Wanted {
    opens_in: Option<SignedDuration>,
    order: Option<Order>,
    start_ended: Option<SignedDuration>,
    drafts: usize,
    full_mailboxes: usize,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(deviation) => {
            eprintln!("✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> StoryResult {
    let wanted = read(std::env::args().skip(1))?;
    let world = World::enter().await?;
    let campaign = publish(&world, &wanted).await?;
    let account = world.account(&world.demo_person(EMPLOYER)).await?;
    let own = Belongs { representative: account.clone(), filer: account, organisation: None };
    if wanted.opens_in.is_some() {
        for _ in 0..3 {
            stock::ready_application(&world, &campaign, &own).await?;
        }
        println!("Tre domande pronte del datore di lavoro di prova.");
    }
    for _ in 0..wanted.full_mailboxes {
        let application = stock::ready_application(&world, &campaign, &own).await?;
        let mailbox = certified::elects(&world, &application.id, FULL).await?;
        println!("Una domanda pronta con la casella piena {mailbox}.");
    }
    fill(&world, &campaign, wanted.drafts).await
}

fn read(mut words: impl Iterator<Item = String>) -> StoryResult<Wanted> {
    let mut wanted = Wanted::default();
    while let Some(word) = words.next() {
        let value = words.next().ok_or_else(|| Deviation::new(format!("{word} needs a value")))?;
        match word.as_str() {
            "--opens-in" => wanted.opens_in = Some(value.parse()?),
            "--order" => wanted.order = Some(value.parse()?),
            "--start-ended" => wanted.start_ended = Some(value.parse()?),
            "--drafts" => wanted.drafts = value.parse()?,
            "--full-mailboxes" => wanted.full_mailboxes = value.parse()?,
            _ => return Err(Deviation::new(format!("no such option: {word}"))),
        }
    }
    Ok(wanted)
}

/// A decree of its own, so that the demo's windows, which never close, stay as they are.
async fn publish(world: &World, wanted: &Wanted) -> StoryResult<Campaign> {
    let plan = Plan::new("prova-click-day")?.changed(|file| {
        "Prova del click day".clone_into(&mut file.title);
    });
    let plan = match wanted.opens_in {
        Some(wait) => plan.sends(clock::wall() + wait, None),
        None => plan,
    };
    let plan = match wanted.order {
        Some(order) => plan.changed(|file| file.policies.order = order),
        None => plan,
    };
    let plan = match wanted.start_ended {
        Some(ago) => plan.starts_and_edits(clock::wall() - ago - A_WINDOW),
        None => plan,
    };
    let campaign = plan.publish_for_people(world).await?;
    let opens = campaign.models().first().and_then(CampaignModel::click_day);
    let opens = opens.map_or_else(String::new, calendar::in_words);
    println!("Decreto {}: l'invio apre {opens}.", campaign.id());
    Ok(campaign)
}

async fn fill(world: &World, campaign: &Campaign, drafts: usize) -> StoryResult {
    let filer = world.account(&world.demo_person(OPERATOR)).await?;
    let organisation = world.accounts()?.standing(&filer, clock::wall()).await?.organisation;
    let representative = world.account(&world.demo_person(EMPLOYER)).await?;
    let belongs = Belongs { representative, filer, organisation };
    let done = stream::iter(0..drafts)
        .map(async |number| {
            if number % 3 == 0 {
                stock::ready_application(world, campaign, &belongs).await
            } else {
                stock::incomplete_application(world, campaign, &belongs).await
            }
        })
        .buffer_unordered(TOGETHER)
        .try_fold(0_usize, async |done, _| {
            if done % 100 == 99 {
                println!("  {} bozze", done + 1);
            }
            Ok(done + 1)
        })
        .await?;
    println!("{done} bozze dell'operatore di prova.");
    Ok(())
}
