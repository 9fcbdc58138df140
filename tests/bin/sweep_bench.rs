//! Measures the sweeper with many cases: `sweep-bench [--cases N] [--due D]`, as `cargo xtask sweep-bench` calls it.
//!
//! D of N cases of one campaign are due, in a table of its own beside the portal's, so that no message leaves. The
//! sweep runs in this process against the emulator's store; a week later two sweeps run at once. The program fails when
//! the sweeps did anything twice or not at all.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program of the command line")]

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    process::ExitCode,
    time::{Duration, Instant},
};

use aws_config::SdkConfig;
use aws_sdk_dynamodb::{Client, types::AttributeValue};
use domain::{
    application::{Application, Parties, Ready, Stage, Submission, Who},
    campaign::{Campaign, CampaignFile},
    ids::{AccountId, ApplicationId, OwnerId},
    lifecycle::Event,
    procedure::Procedure,
    receipt::ReceiptCode,
    term::TermKind,
};
use futures::{TryStreamExt as _, future::try_join, stream};
use harness::{
    campaigns::MODEL,
    cases,
    environment::{Environment, root},
    many::put_all,
    own_tables::own_table,
    people, stock,
    story::{Deviation, StoryResult, ensure},
};
use jiff::{SignedDuration, Timestamp};
use outside::{aws, clock};
use store::{
    Tables,
    applications::Applications,
    campaigns::{Campaigns, MovedClock},
    keys,
    rows::{Item, millis},
};
use sweep_deadlines::{App, SweepReport, SweepRequest, run_for};

/// Requests under way at once.
const AT_ONCE: usize = 16;
/// Between the expiry and the second sweep.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A run is cut short after 40 seconds; so many in a row would be hours.
const RUNS: u32 = 200;

#[tokio::main]
async fn main() -> ExitCode {
    match bench().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(deviation) => {
            eprintln!("✘ {deviation}");
            ExitCode::FAILURE
        }
    }
}

async fn bench() -> StoryResult {
    let (cases, due) = arguments()?;
    let environment = Environment::read();
    let sdk = environment.sdk().await?;
    let store = Client::new(&sdk);
    let table = format!("sweep-bench-{}", people::fresh_word()?);
    own_table(&store, &environment.text("PORTAL_TABLE")?, &table).await?;
    let outcome = Bench { sdk, store: store.clone(), table: table.clone() }.runs(cases, due).await;
    store.delete_table().table_name(&table).send().await?;
    outcome
}

fn arguments() -> StoryResult<(usize, usize)> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (mut cases, mut due) = (100_000, 10_000);
    for pair in words.chunks(2) {
        match pair {
            [name, value] if name == "--cases" => cases = value.parse()?,
            [name, value] if name == "--due" => due = value.parse()?,
            _ => return Err(Deviation::new("usage: sweep-bench [--cases N] [--due D]")),
        }
    }
    ensure(0 < due && due <= cases, "of N cases between 1 and N are due")?;
    Ok((cases, due))
}

/// A phase of the benchmark.
struct Phase {
    wall: Duration,
    runs: Vec<SweepReport>,
}

impl Phase {
    fn requests(&self) -> u64 {
        self.runs.iter().map(|swept| swept.requests).sum()
    }

    fn ended(&self, event: Event) -> u64 {
        self.runs.iter().filter_map(|swept| swept.ended.get(event.code())).sum()
    }
}

struct Bench {
    sdk: SdkConfig,
    store: Client,
    table: String,
}

impl Bench {
    async fn runs(&self, cases: usize, due: usize) -> StoryResult {
        let campaign = self.publishes(demo()?).await?;
        let ids: Vec<ApplicationId> = (0..cases)
            .map(|_| Ok(ApplicationId::from_random(fresh()?)))
            .collect::<StoryResult<_>>()?;
        let (now_due, later) = ids.split_at(due);
        let begun = Instant::now();
        let now = campaign.effective_now(clock::wall());
        let over =
            case_since(&campaign, now - SignedDuration::from_hours(20 * 24), Over::Confirmation)?;
        let running = case_since(&campaign, now, Over::Permit)?;
        self.stores(&over, now_due).await?;
        self.stores(&running, later).await?;
        println!(
            "{cases} cases stored in {:.1} s, {due} of them due",
            begun.elapsed().as_secs_f64()
        );

        let plain = self.writes_plainly(&over, due).await?;
        println!("a plain write of {due} items: {:.1} s", plain.as_secs_f64());

        let first = self.sweeps(&campaign).await?;
        report("one sweep: not answered in time", &first, due, plain);

        let mut file = campaign.into_file();
        file.version += 1;
        file.clock_offset_ms += i64::try_from(WEEK.as_millis())?;
        let campaign = self.publishes(file).await?;
        let began = Instant::now();
        let (one, other) = try_join(self.sweeps(&campaign), self.sweeps(&campaign)).await?;
        let mut runs = one.runs;
        runs.extend(other.runs);
        let second = Phase { wall: began.elapsed(), runs };
        report("two sweeps at once, a week later: expiry stands", &second, due, plain);

        self.is_right(now_due, &[(&first, Event::Expire), (&second, Event::ConfirmExpiry)]).await
    }

    async fn publishes(&self, file: CampaignFile) -> StoryResult<Campaign> {
        let campaign = Campaign::try_from(file)?;
        Campaigns::new(self.store.clone(), self.table.clone(), MovedClock::Allowed)
            .publish(&campaign.to_toml()?, &campaign, true, None, clock::wall())
            .await?;
        Ok(campaign)
    }

    /// The row of a case as the adapter writes it; nothing of it stays in the table.
    async fn row_of(&self, case: &Application) -> StoryResult<Item> {
        let applications = Applications::new(self.store.clone(), self.table.clone());
        applications.commit(&stock::begun(case), &[]).await?;
        let row = self.store.get_item().table_name(&self.table);
        let row = row.set_key(Some(keys::head(&case.id).item())).send().await?.item;
        for key in [keys::head(&case.id), keys::event(&case.id, case.version)] {
            let gone = self.store.delete_item().table_name(&self.table);
            gone.set_key(Some(key.item())).send().await?;
        }
        row.ok_or_else(|| Deviation::new("the case is not there"))
    }

    /// Stores one case under many identifiers.
    async fn stores(&self, case: &Application, ids: &[ApplicationId]) -> StoryResult {
        let row = self.row_of(case).await?;
        let own_row = |id: &ApplicationId| {
            let mut item = row.clone();
            let own = [
                ("pk", keys::application(id)),
                ("due_pk", keys::due(&case.campaign, id)),
                ("filer_pk", keys::of_filer(&case.parties.filer, None, id)),
            ];
            item.extend(own.map(|(name, value)| (name.to_owned(), AttributeValue::S(value))));
            item
        };
        let items: Vec<_> = ids.iter().map(own_row).collect();
        put_all(&self.store, &self.table, &items).await
    }

    /// The same number of single puts of an item as large, with as many at once: the most that the store can do.
    async fn writes_plainly(&self, case: &Application, number: usize) -> StoryResult<Duration> {
        let mut row = self.row_of(case).await?;
        row.retain(|name, _| !name.starts_with("due_"));
        let begun = Instant::now();
        stream::iter((0..number).map(Ok))
            .try_for_each_concurrent(AT_ONCE, async |_| {
                let mut item = row.clone();
                item.extend(keys::head(&ApplicationId::from_random(fresh()?)).item());
                self.store.put_item().table_name(&self.table).set_item(Some(item)).send().await?;
                Ok::<_, Deviation>(())
            })
            .await?;
        Ok(begun.elapsed())
    }

    /// One run after the other, as the schedule would, until nothing is left.
    async fn sweeps(&self, campaign: &Campaign) -> StoryResult<Phase> {
        // A run of the sweeper reads and writes the first table alone.
        let [portal, drafts, sessions] = [(); 3].map(|()| self.table.clone());
        let app = App::of(
            &self.sdk,
            Tables { portal, drafts, sessions, moved_clock: MovedClock::Allowed },
        );
        let asked = SweepRequest { dry_run: false, campaign: Some(campaign.id().clone()) };
        let begun = Instant::now();
        let mut runs: Vec<SweepReport> = Vec::new();
        for _ in 0..RUNS {
            let swept = run_for(&app, &asked).await?;
            let is_last = !swept.cut_short && swept.contended == 0;
            ensure(swept.failed == 0, format!("a run failed at something: {swept:?}"))?;
            runs.push(swept);
            if is_last {
                return Ok(Phase { wall: begun.elapsed(), runs });
            }
        }
        Err(Deviation::new(format!("not done after {RUNS} runs")))
    }

    /// Reads the whole table: each due case has each event once with its notice, and no other case has any.
    async fn is_right(&self, due: &[ApplicationId], phases: &[(&Phase, Event)]) -> StoryResult {
        for (phase, event) in phases {
            let done = phase.ended(*event);
            ensure(done == count(due.len()), format!("{event}: {done} done of {}", due.len()))?;
        }
        let mut found: HashMap<String, BTreeMap<String, u32>> = HashMap::new();
        let mut from = None;
        loop {
            let page = self
                .store
                .scan()
                .table_name(&self.table)
                .projection_expression("pk, sk, #event, decision, kind")
                .expression_attribute_names("#event", "event")
                .set_exclusive_start_key(from)
                .send()
                .await?;
            for item in page.items.unwrap_or_default() {
                let what = ["event", "decision", "kind"].map(|name| text_of(&item, name)).concat();
                let case = keys::application_of(&text_of(&item, "pk"));
                if case.is_some_and(|id| text_of(&item, "sk") != keys::head(&id).sk) {
                    let of = found.entry(text_of(&item, "pk")).or_default();
                    *of.entry(what).or_default() += 1;
                }
            }
            from = page.last_evaluated_key.filter(|key| !key.is_empty());
            if from.is_none() {
                break;
            }
        }
        let wanted: BTreeMap<String, u32> =
            ["expire", "expired", "confirm-expiry", "expiry-confirmed", "not-confirmed"]
                .map(|what| (what.to_owned(), 1))
                .into();
        for id in due {
            let of = found.remove(&keys::application(id)).unwrap_or_default();
            ensure(of == wanted, format!("{id} has {of:?}, not {wanted:?}"))?;
        }
        ensure(found.is_empty(), format!("{} cases that were not due have effects", found.len()))?;
        println!(
            "each of {} due cases has each effect exactly once, no other case has any",
            due.len()
        );
        Ok(())
    }
}

#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "figures for people")]
fn report(what: &str, phase: &Phase, due: usize, plain: Duration) {
    let (wall, due) = (phase.wall.as_secs_f64(), due as f64);
    let contended: u64 = phase.runs.iter().map(|swept| swept.contended).sum();
    println!(
        "{what}: {wall:.1} s in {} runs, {:.3} requests a due case, {:.0} cases a second, {:.2} times a plain write, {contended} contended",
        phase.runs.len(),
        phase.requests() as f64 / due,
        due / wall,
        wall / plain.as_secs_f64(),
    );
}

/// Where a case stands.
#[derive(Clone, Copy)]
enum Over {
    /// It waits for the employer's answer, whose term is over.
    Confirmation,
    /// It waits for the consular checks, and the permit lasts for months.
    Permit,
}

/// A case whose terms began at an instant.
fn case_since(campaign: &Campaign, since: Timestamp, over: Over) -> StoryResult<Application> {
    let since = Timestamp::from_millisecond(millis(since))?;
    let context = cases::judged(campaign, since);
    let employer = AccountId::keyed(&fresh()?);
    let sent = Application {
        id: ApplicationId::from_random(fresh()?),
        campaign: campaign.id().clone(),
        campaign_version: campaign.version(),
        model: MODEL.parse()?,
        schema: "c-stag-agricoltura@1".to_owned(),
        parties: Parties {
            representative: employer.clone(),
            owner: OwnerId::from_random(fresh()?),
            filer: employer.clone(),
            organisation: None,
        },
        version: 1,
        created: since,
        changed: since,
        stage: Stage::Sent {
            submission: Submission {
                ready: Ready { digest: [0; 32], worker: None, province: "RM".to_owned(), since },
                arrival: since,
                code: ReceiptCode::from_random(fresh()?),
                submitted_by: employer,
                campaign_version: campaign.version(),
                armed: None,
            },
            procedure: Procedure::begun(),
        },
    };
    let refused = |error| Deviation::new(format!("no such case: {error}"));
    let events: &[Event] = match over {
        Over::Confirmation => &[Event::TakeCharge, Event::Grant, Event::ReportChecks],
        Over::Permit => &[Event::TakeCharge, Event::Grant],
    };
    let mut head = sent;
    for event in events {
        head = cases::happens(&head, *event, Who::System, &context)?.into_after();
    }
    if matches!(over, Over::Confirmation) {
        let begun =
            head.delivered(TermKind::Confirmation, Some(since), &context).map_err(refused)?;
        head = begun.ok_or_else(|| Deviation::new("no term begins"))?.into_after();
    }
    Ok(head)
}

/// The demo campaign under a name of its own.
fn demo() -> StoryResult<CampaignFile> {
    let text = fs::read_to_string(root().join("campaigns/demo.toml"))?;
    let mut file = Campaign::parse(&text)?.into_file();
    file.id = format!("misura-{}", people::fresh_word()?).parse()?;
    Ok(file)
}

fn text_of(item: &Item, name: &str) -> String {
    item.get(name).and_then(|value| value.as_s().ok()).cloned().unwrap_or_default()
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn fresh<const N: usize>() -> StoryResult<[u8; N]> {
    aws::random().map_err(|error| Deviation::new(format!("no randomness: {error}")))
}
