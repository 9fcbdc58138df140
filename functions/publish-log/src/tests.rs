//! The writer of logs on rows and files in memory, stopped wherever it can be stopped.

use std::{
    cell::{Cell, RefCell},
    collections::{BTreeMap, BTreeSet},
    task::Poll,
};

use domain::{
    application::{Application, Stage},
    ids::ApplicationId,
    lifecycle::State,
    transparency::checkpoint::{LogKey, PublicLogKey},
};
use futures::poll;
use jiff::{SignedDuration, Timestamp};
use scenes::{case_in, rome};

use super::*;

/// When a test's world stops answering.
#[derive(Clone, Copy, Debug)]
enum Death {
    /// The n-th call does nothing and fails.
    Before(u32),
    /// The n-th call does its work, and its answer is lost.
    After(u32),
}

/// Rows and files of one campaign.
#[derive(Default)]
struct Memory {
    head: RefCell<LogHead>,
    waiting: RefCell<Vec<Unlogged>>,
    files: RefCell<BTreeMap<String, Vec<u8>>>,
    published_keys: RefCell<Vec<String>>,
    /// Each head that was public, in order.
    checkpoints: RefCell<Vec<u64>>,
    death: Cell<Option<Death>>,
    calls: Cell<u32>,
    reads: Cell<u32>,
    writes: Cell<u32>,
    rotated: Cell<bool>,
}

impl Memory {
    /// One call: whether its work is done, and what it answers. Every call lets others go first.
    async fn call<T>(&self, count: &Cell<u32>, work: impl FnOnce() -> T) -> Result<T, LogError> {
        tokio::task::yield_now().await;
        let number = self.calls.replace(self.calls.get() + 1);
        count.set(count.get() + 1);
        let died = || LogError::Facts(FactsError::Contended("dead".to_owned()));
        match self.death.get() {
            Some(Death::Before(death)) if number >= death => Err(died()),
            Some(Death::After(death)) if number == death => {
                work();
                Err(died())
            }
            Some(Death::After(death)) if number > death => Err(died()),
            _ => Ok(work()),
        }
    }

    fn secret(&self) -> &'static [u8] {
        if self.rotated.get() {
            b"the log secret after its rotation..."
        } else {
            b"the first log secret of these tests."
        }
    }

    /// Submissions that arrived so many milliseconds after the opening wait for the log.
    fn wait(&self, arrivals: impl IntoIterator<Item = u64>) {
        for arrival in arrivals {
            let case = sent(arrival);
            let recorded = rome("2026-01-12 09:00") + SignedDuration::from_secs(30);
            self.waiting.borrow_mut().push(Unlogged::of(&case, recorded).unwrap());
        }
    }

    async fn run(&self) -> Published {
        campaign(self, &demo(), self.now()).await
    }

    /// The entries of the log as a stranger reads them from its files, after checking that they make the tree of its head.
    fn entries(&self) -> Vec<String> {
        let head = self.head.borrow();
        let mut entries = Vec::new();
        let files = self.files.borrow();
        for number in 0..head.size.div_ceil(256) {
            let width = (head.size - number * 256).min(256);
            let part = if width == 256 { String::new() } else { format!(".p/{width}") };
            let mut rest = &files[&path(&demo(), &format!("tile/entries/{number:03}{part}"))][..];
            while let Some((length, after)) = rest.split_first_chunk::<2>() {
                let (entry, after) = after.split_at(u16::from_be_bytes(*length).into());
                entries.push(String::from_utf8(entry.to_vec()).unwrap());
                rest = after;
            }
        }
        let mut tree = Tree::default();
        let again: Vec<Entry> =
            entries.iter().map(|entry| Entry::try_from(entry.clone()).unwrap()).collect();
        for file in tree.append(&again) {
            // Where batches ended elsewhere an incomplete tile in between is another; those of the head are the same.
            assert_eq!(files.get(&path(&demo(), &file.tile.path())), Some(&file.content));
        }
        assert_eq!((tree.size(), HEXLOWER.encode(&tree.root())), (head.size, head.root.clone()));
        let note = String::from_utf8(files[&path(&demo(), "checkpoint")].clone()).unwrap();
        assert_eq!(Checkpoint::size_of(&note), Some(head.size));
        entries
    }

    fn is_whole(&self, arrivals: std::ops::Range<u64>) {
        let entries = self.entries();
        let wanted: BTreeSet<String> =
            arrivals.map(|arrival| Entry::of(&sent(arrival)).unwrap().to_string()).collect();
        assert_eq!(entries.len(), wanted.len(), "each once");
        assert_eq!(entries.into_iter().collect::<BTreeSet<_>>(), wanted);
        assert_eq!(*self.waiting.borrow(), []);
        let checkpoints = self.checkpoints.borrow();
        assert!(checkpoints.is_sorted(), "{checkpoints:?}");
    }
}

impl Ground for Memory {
    fn now(&self) -> Timestamp {
        rome("2026-01-12 09:01")
    }

    fn origin(&self, campaign: &CampaignId) -> String {
        format!("portal.example/{}", folder(campaign))
    }

    fn key(&self, campaign: &CampaignId) -> LogKey {
        LogKey::derive(self.secret(), campaign)
    }

    fn keys(&self, campaign: &CampaignId) -> Vec<LogKey> {
        vec![self.key(campaign)]
    }

    async fn head(&self, _: &CampaignId) -> Result<LogHead, LogError> {
        self.call(&self.reads, || self.head.borrow().clone()).await
    }

    async fn move_on(&self, _: &CampaignId, after: LogHead) -> Result<bool, LogError> {
        self.call(&self.writes, || {
            let mut head = self.head.borrow_mut();
            let is_next = head.n == after.n;
            if is_next {
                *head = LogHead { n: after.n + 1, ..after };
            }
            is_next
        })
        .await
    }

    async fn waiting(&self, _: &CampaignId) -> Result<Vec<Unlogged>, LogError> {
        self.call(&self.reads, || self.waiting.borrow().iter().take(1_000).cloned().collect()).await
    }

    async fn take_out(&self, _: &CampaignId, logged: &[Unlogged]) -> Result<(), LogError> {
        let gone: BTreeSet<&str> = logged.iter().map(|of| of.entry.as_str()).collect();
        self.call(&self.writes, || {
            self.waiting.borrow_mut().retain(|of| !gone.contains(of.entry.as_str()));
        })
        .await
    }

    async fn tile(&self, file: &str) -> Result<Vec<u8>, LogError> {
        self.call(&self.reads, || self.files.borrow()[file].clone()).await
    }

    async fn put_tile(&self, file: &str, content: Vec<u8>) -> Result<(), LogError> {
        let is_same = self
            .call(&self.writes, || {
                let mut files = self.files.borrow_mut();
                *files.entry(file.to_owned()).or_insert_with(|| content.clone()) == content
            })
            .await?;
        if is_same { Ok(()) } else { Err(FactsError::Other(file.to_owned()).into()) }
    }

    async fn put_key(&self, key: &PublicLogKey) -> Result<(), LogError> {
        self.call(&self.writes, || self.published_keys.borrow_mut().push(key.vkey.clone())).await
    }

    async fn put_checkpoint(&self, file: &str, note: &str, size: u64) -> Result<(), LogError> {
        self.call(&self.writes, || {
            // Whoever reads the head finds what it counts.
            for tile in Tree::edge(size) {
                assert!(self.files.borrow().contains_key(&path(&demo(), &tile.path())));
            }
            let there = self.checkpoints.borrow().last().copied();
            if there.is_none_or(|there| there <= size) {
                self.checkpoints.borrow_mut().push(size);
                self.files.borrow_mut().insert(file.to_owned(), note.as_bytes().to_vec());
            }
        })
        .await
    }
}

fn demo() -> CampaignId {
    "demo".parse().unwrap()
}

/// An application that arrived so many milliseconds after the opening.
fn sent(arrival: u64) -> Application {
    let mut case = case_in(State::Submitted);
    let mut id = [0; 16];
    id[8..].copy_from_slice(&arrival.to_be_bytes());
    case.id = ApplicationId::from_random(id);
    if let Stage::Sent { submission, .. } = &mut case.stage {
        let after = SignedDuration::from_millis(i64::try_from(arrival).unwrap());
        submission.arrival = rome("2026-01-12 09:00") + after;
    }
    case
}

/// RNK-3: three hundred submissions and then seven hundred; the run dies at each of its calls in turn, before its work or
/// with its answer lost, and the next one goes on. Nothing is missing, nothing is there twice, no file ever changes.
#[tokio::test]
async fn each_submission_is_logged_once_wherever_a_run_dies() {
    let mut deaths = 0;
    for number in 0.. {
        let mut any_died = false;
        for death in [Death::Before(number), Death::After(number)] {
            let memory = Memory::default();
            memory.wait(0..300);
            memory.run().await;
            memory.wait(300..1_000);
            memory.calls.set(0);
            memory.death.set(Some(death));
            let died = memory.run().await;
            any_died |= died.failed == 1;
            memory.death.set(None);
            memory.run().await;
            memory.is_whole(0..1_000);
        }
        if !any_died {
            break;
        }
        deaths += 1;
    }
    assert!(deaths > 15, "{deaths}");
}

/// RNK-3: one run stands still at any of its calls while another does all the work and new submissions come; then it goes
/// on as if nothing had happened. There is one log, and its head never goes back.
#[tokio::test]
async fn two_runs_at_once_write_one_log() {
    for stands_still in 0..60 {
        let memory = Memory::default();
        memory.wait(0..300);
        let mut slow = Box::pin(memory.run());
        let mut done = None;
        for _ in 0..stands_still {
            if let Poll::Ready(published) = poll!(&mut slow) {
                done = Some(published);
                break;
            }
        }
        memory.run().await;
        memory.wait(300..600);
        memory.run().await;
        memory.is_whole(0..600);
        let slow = match done {
            Some(published) => published,
            None => slow.await,
        };
        assert_eq!(slow.failed, 0, "{stands_still}");
        memory.run().await;
        memory.is_whole(0..600);
    }
}

/// RNK-3: a log of a million entries costs a run as many reads as one of a thousand, and hardly more writes.
#[tokio::test]
async fn what_a_run_does_depends_on_what_waits_and_not_on_the_log() {
    let mut costs = Vec::new();
    for size in [1_000, 1_000_000] {
        let memory = Memory::default();
        let mut tree = Tree::default();
        let entries: Vec<Entry> =
            (0..size).map(|number| Entry::try_from(format!("entry {number}")).unwrap()).collect();
        let files = tree.append(&entries);
        let edge: BTreeSet<String> =
            Tree::edge(tree.size()).iter().map(|tile| path(&demo(), &tile.path())).collect();
        let files = files.into_iter().map(|file| (path(&demo(), &file.tile.path()), file.content));
        // Only what is at the edge is there at all: a run that looked at more would find nothing.
        *memory.files.borrow_mut() = files.filter(|(path, _)| edge.contains(path)).collect();
        *memory.head.borrow_mut() = LogHead {
            n: 1,
            size: tree.size(),
            root: HEXLOWER.encode(&tree.root()),
            origin: memory.origin(&demo()),
            keys: vec![memory.key(&demo()).public(&memory.origin(&demo())).vkey],
            batch: Vec::new(),
        };
        memory.wait(0..1_000);
        let published = memory.run().await;
        assert_eq!((published.logged, published.failed), (1_000, 0));
        costs.push((memory.reads.get(), memory.writes.get()));
    }
    // Head and what waits, twice and once more; the edge: a bundle and at most four tiles.
    assert!(costs.iter().all(|(reads, writes)| *reads <= 10 && *writes <= 20), "{costs:?}");
    assert!(costs[1].0 <= costs[0].0 + 2, "{costs:?}");
}

/// RNK-3: whoever changes a tile at the edge makes the writer stop and say so; it signs nothing on top of it.
#[tokio::test]
async fn a_tile_that_was_changed_stops_the_writer() {
    let memory = Memory::default();
    memory.wait(0..300);
    memory.run().await;
    let note = memory.files.borrow()[&path(&demo(), "checkpoint")].clone();
    memory.wait(300..301);
    let edge = Tree::edge(300);
    for tile in &edge {
        let file = path(&demo(), &tile.path());
        let before = memory.files.borrow()[&file].clone();
        memory.files.borrow_mut().get_mut(&file).unwrap()[5] ^= 1;
        assert_eq!(memory.run().await.failed, 1, "{file}");
        assert_eq!(memory.files.borrow()[&path(&demo(), "checkpoint")], note);
        memory.files.borrow_mut().insert(file, before);
    }
    assert_eq!(edge.len(), 3);
    assert_eq!(memory.run().await.failed, 0);
    memory.is_whole(0..301);
}

/// Those that are recorded together stand in order of arrival; who is recorded late comes where the log is then. A head
/// that nothing was added to stays as it is.
#[tokio::test]
async fn entries_come_by_arrival_and_late_ones_where_they_come() {
    let memory = Memory::default();
    memory.wait([30, 10, 20]);
    let first = memory.run().await;
    assert_eq!(first, Published { campaigns: 1, logged: 3, behind_seconds: 30, failed: 0 });
    memory.wait([5]);
    memory.run().await;
    let entries: Vec<String> =
        [10, 20, 30, 5].map(|arrival| Entry::of(&sent(arrival)).unwrap().to_string()).into();
    assert_eq!(memory.entries(), entries);
    memory.writes.set(0);
    assert_eq!(memory.run().await, Published { campaigns: 1, ..Published::default() });
    assert_eq!(memory.writes.get(), 0);
}

/// ADR 35: a key that was added is public before it signs, and the one before it stays.
#[tokio::test]
async fn a_rotated_key_is_public_before_it_signs() {
    let memory = Memory::default();
    memory.wait(0..2);
    memory.run().await;
    memory.run().await;
    assert_eq!(memory.published_keys.borrow().len(), 1);
    memory.rotated.set(true);
    memory.wait(2..3);
    memory.run().await;
    assert_eq!(memory.published_keys.borrow().len(), 2);
    memory.is_whole(0..3);
}

/// DynamoDB takes rows of 400 kilobytes: a whole batch of submissions of the model with the longest name fits.
#[test]
fn a_whole_batch_fits_into_a_row() {
    let mut case = sent(1);
    case.model = format!("b{}", "-lungo".repeat(6)).parse().unwrap();
    let recorded = rome("2026-01-12 09:00");
    let whole = ground::AT_ONCE.unsigned_abs() * u32::from(store::keys::UNLOGGED_SHARDS);
    let batch = (0..whole).map(|_| Unlogged::of(&case, recorded).unwrap()).collect();
    let head = LogHead { batch, ..LogHead::default() };
    assert!(serde_json::to_string(&head).unwrap().len() < 350_000);
}
