//! The rounds against a store in memory: nothing starves, nothing is sent each minute, and what is hopeless is given up.

use std::{
    cell::RefCell,
    collections::{BTreeMap, BTreeSet},
    ops::Bound,
};

use outside::queue::{ForwardError, Message};
use tokio::runtime::Builder;

use super::*;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const AGE: SignedDuration = SignedDuration::from_mins(2);
/// Entries of one page, as the store gives them.
const PAGE: usize = 100;

/// What waits, as the index has it: by shard, then in the order of due time and key.
#[derive(Default)]
struct Index {
    entries: BTreeMap<String, BTreeMap<Position, Forwarding>>,
    rounds: BTreeMap<&'static str, Round>,
    /// What was given up.
    given_up: Vec<String>,
    /// How many entries were read since the last look.
    read: usize,
    /// A queue that takes nothing at the moment.
    refuses: Option<Queue>,
}

impl Index {
    fn waits(&mut self, queue: Queue, shard: usize, name: &str, due: Timestamp) {
        let shard = Pending::shards(queue).swap_remove(shard);
        let one = forwarding(queue, name, millis(due));
        self.entries.entry(shard).or_default().insert(Position::of(&one), one);
    }

    fn page(&mut self, shard: &str, after: Option<&Position>, before: i64) -> Page {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let found: Vec<_> = self
            .entries
            .get(shard)
            .into_iter()
            .flat_map(|entries| entries.range((from, Bound::Unbounded)))
            .map(|(_, one)| one.clone())
            .take_while(|one| one.due < before)
            .take(PAGE + 1)
            .collect();
        let is_last = found.len() <= PAGE;
        let waiting: Vec<_> = found.into_iter().take(PAGE).collect();
        self.read += waiting.len();
        Page { waiting, is_last }
    }

    /// What a turn asks for: the names of what is sent are noted in order, what is given up leaves the index.
    fn act(&mut self, due: Due, sent: &mut Vec<String>) -> Result<(usize, usize), QueueError> {
        if due.sent.iter().any(|one| Some(one.queue) == self.refuses) {
            return Err(ForwardError::NotTaken(due.sent.len()).into());
        }
        let done = (due.sent.len(), due.given_up.len());
        sent.extend(due.sent.into_iter().map(|one| one.message.pk));
        for one in due.given_up {
            for waiting in self.entries.values_mut() {
                waiting.remove(&Position::of(&one));
            }
            self.given_up.push(one.message.pk);
        }
        Ok(done)
    }

    /// A run of the function's own loop, with time for so many turns of all; gives the names of what was sent, in order.
    fn run(&mut self, now: Timestamp, waves: usize) -> Vec<String> {
        let (sent, failed) = self.run_with_failures(now, waves);
        assert_eq!(failed, Vec::<&str>::new());
        sent
    }

    /// The same where a queue may fail; gives their codes, too.
    fn run_with_failures(
        &mut self,
        now: Timestamp,
        mut waves: usize,
    ) -> (Vec<String>, Vec<&'static str>) {
        let before = millis(now - AGE);
        let walks: Vec<_> = Queue::ALL
            .into_iter()
            .map(|queue| {
                Walk::resume(queue, self.rounds.get(queue.code()).cloned(), now, AGE, false)
            })
            .collect();
        let (index, sent) = (RefCell::new(self), RefCell::new(Vec::<String>::new()));
        let has_time = || {
            let is_left = waves > 0;
            waves = waves.saturating_sub(1);
            is_left
        };
        let run = serve(
            walks,
            has_time,
            async |_, shard: String, after: Option<Position>| {
                Ok::<_, QueueError>(index.borrow_mut().page(&shard, after.as_ref(), before))
            },
            async |due| index.borrow_mut().act(due, &mut sent.borrow_mut()),
            async |queue: Queue, round| {
                index.borrow_mut().rounds.insert(queue.code(), round);
                Ok::<_, QueueError>(())
            },
        );
        let served = Builder::new_current_thread().build().unwrap().block_on(run);
        let sent = sent.into_inner();
        assert_eq!(served.sent, sent.len());
        (sent, served.failed.iter().map(|(queue, _)| queue.code()).collect())
    }
}

fn forwarding(queue: Queue, name: &str, due: i64) -> Forwarding {
    let message = Message { v: 1, pk: name.to_owned(), sk: "HEAD".to_owned() };
    Forwarding { queue, message, due }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// SUB-5: after a click day a hundred thousand receipts wait in four shards. A code for an employer in another shard leaves
/// first, in the same run; what the first run does not reach the next ones do, each receipt once.
#[test]
fn one_urgent_code_is_sent_before_a_hundred_thousand_receipts_and_each_of_them_once() {
    let mut index = Index::default();
    let morning = at("2026-01-12T08:00:00Z");
    for number in 0..100_000_i64 {
        let due = morning + SignedDuration::from_millis(number);
        index.waits(Queue::Bulk, usize::try_from(number % 4).unwrap(), &format!("{number}"), due);
    }
    index.waits(Queue::Urgent, 15, "code", morning + SignedDuration::from_secs(50));
    index.waits(Queue::Enrich, 9, "registry", morning + SignedDuration::from_secs(60));

    let noon = at("2026-01-12T12:00:00Z");
    // Time for a tenth of them.
    let first = index.run(noon, 25);
    assert_eq!(first.first().map(String::as_str), Some("code"));
    let place = first.iter().position(|name| name == "registry").unwrap();
    assert_eq!(place, 1, "the registries do not wait for the receipts either");
    assert_eq!(first.len(), 25 * 4 * PAGE + 2);

    let mut receipts: BTreeSet<_> = first.into_iter().collect();
    for minute in 1..10 {
        for name in index.run(noon + MINUTE * minute, 25) {
            assert!(receipts.insert(name), "sent twice");
        }
    }
    assert_eq!(receipts.len(), 100_002);
}

/// SUB-5: a hundred thousand reminders wait in four shards of the urgent queue. The first turn of all sends a hundred of each
/// shard, the code for an employer in another shard, and the question to a registry in another queue: neither the next shard
/// nor the next queue waits until one is read to its end.
#[test]
fn a_hundred_thousand_urgent_reminders_hold_back_no_other_shard_and_no_other_queue() {
    let mut index = Index::default();
    let morning = at("2026-01-12T08:00:00Z");
    for number in 0..100_000_i64 {
        let due = morning + SignedDuration::from_millis(number);
        index.waits(Queue::Urgent, usize::try_from(number % 4).unwrap(), &format!("{number}"), due);
    }
    index.waits(Queue::Urgent, 15, "code", morning + SignedDuration::from_mins(30));
    index.waits(Queue::Enrich, 9, "registry", morning + SignedDuration::from_mins(30));

    let sent = index.run(at("2026-01-12T12:00:00Z"), 25);
    let first_turn = sent.iter().take(4 * PAGE + 2).map(String::as_str).collect::<Vec<_>>();
    assert!(first_turn.contains(&"code"), "the code waits for the shards before it");
    assert_eq!(first_turn.last(), Some(&"registry"), "it waits for the urgent queue to end");
    assert_eq!(sent.len(), 25 * 4 * PAGE + 2, "the rest of the time is for the reminders");
}

/// SUB-5: the queue of reminders takes nothing for a while. The receipts leave all the same, and what was not taken is not
/// counted as read: the next run sends it.
#[test]
fn a_queue_that_takes_nothing_holds_back_no_other_and_loses_nothing() {
    let mut index = Index::default();
    let noon = at("2026-01-12T12:00:00Z");
    index.waits(Queue::Urgent, 0, "reminder", noon);
    index.waits(Queue::Bulk, 0, "receipt", noon);
    index.refuses = Some(Queue::Urgent);
    let (sent, failed) = index.run_with_failures(noon + MINUTE * 3, 50);
    assert_eq!(sent, ["receipt"]);
    assert_eq!(failed, [Queue::Urgent.code()]);
    assert!(!index.rounds.contains_key(Queue::Urgent.code()));
    index.refuses = None;
    assert_eq!(index.run(noon + MINUTE * 4, 50), ["reminder"]);
}

/// What was sent is not read again the next minute: a run costs what is new.
#[test]
fn what_was_sent_is_not_read_again_the_next_minute() {
    let mut index = Index::default();
    let morning = at("2026-01-12T08:00:00Z");
    for number in 0..1_000_i64 {
        let due = morning + SignedDuration::from_millis(number);
        index.waits(Queue::Bulk, usize::try_from(number % 16).unwrap(), &format!("{number}"), due);
    }
    let noon = at("2026-01-12T12:00:00Z");
    assert_eq!(index.run(noon, 50).len(), 1_000);
    index.read = 0;
    assert_eq!(index.run(noon + MINUTE, 50), Vec::<String>::new());
    assert_eq!(index.read, 0);
    index.waits(Queue::Bulk, 3, "new", noon - MINUTE);
    assert_eq!(index.run(noon + MINUTE * 2, 50), ["new"]);
    assert_eq!(index.read, 1);
}

/// ENR-2, CNF-1: what is due later than SQS can delay is nobody else's: it runs in the minute in which it is overdue.
#[test]
fn what_is_due_later_than_a_queue_can_delay_is_sent_when_its_time_has_come() {
    let mut index = Index::default();
    let noon = at("2026-01-12T12:00:00Z");
    index.waits(Queue::Enrich, 5, "in six hours", at("2026-01-12T18:00:00Z"));
    for minute in 0..=362 {
        let sent = index.run(noon + MINUTE * minute, 50);
        assert_eq!(sent, Vec::<String>::new(), "minute {minute}");
    }
    assert_eq!(index.run(noon + MINUTE * 363, 50), ["in six hours"]);
}

/// What the queue lost comes back ever more rarely, and a document that can never be made does not fill the dead letters.
#[test]
fn what_is_never_done_is_sent_ever_more_rarely() {
    let mut index = Index::default();
    let noon = at("2026-01-12T12:00:00Z");
    index.waits(Queue::Documents, 0, "poison", noon);
    let sent: Vec<_> = (0..4 * 24 * 60)
        .filter(|minute| !index.run(noon + MINUTE * *minute, 50).is_empty())
        .collect();
    assert_eq!(sent.first(), Some(&3), "the first minute in which it is overdue");
    assert!(sent.len() <= 12, "{sent:?}");
    for pair in sent.windows(2).skip(1) {
        let [one, next] = pair else { continue };
        assert!(*next + 15 >= 2 * *one, "it waits about twice as long each time: {sent:?}");
    }
}

/// A document that lacks data is given up after four days, once, and a submission that is not recorded never is.
#[test]
fn poison_is_given_up_after_four_days_and_a_submission_never() {
    let mut index = Index::default();
    let noon = at("2026-01-12T12:00:00Z");
    index.waits(Queue::Documents, 0, "poison", noon);
    index.waits(Queue::History, 0, "submission", noon);
    for hour in 0..=96 {
        index.run(noon + SignedDuration::from_hours(hour), 50);
        assert_eq!(index.given_up, Vec::<String>::new(), "hour {hour}");
    }
    for hour in 97..1_000 {
        let sent = index.run(noon + SignedDuration::from_hours(hour), 50);
        assert!(!sent.contains(&"poison".to_owned()));
    }
    assert_eq!(index.given_up, ["poison"]);
}

/// A round that did not come to its end is not begun anew, however long ago it began: the last shard has its turn.
#[test]
fn a_round_comes_to_its_end_before_the_next_begins() {
    let mut index = Index::default();
    let morning = at("2026-01-12T08:00:00Z");
    for number in 0..3_000_i64 {
        index.waits(
            Queue::Urgent,
            0,
            &format!("{number}"),
            morning + SignedDuration::from_millis(number),
        );
    }
    let noon = at("2026-01-12T12:00:00Z");
    let mut sent = BTreeSet::new();
    for run in 0..30 {
        let new = index.run(noon + MINUTE * 15 * run, 1);
        assert!(new.iter().all(|name| sent.insert(name.clone())), "run {run} sent some again");
    }
    assert_eq!(sent.len(), 3_000);
}

/// SUB-5: a ticket keeps an arrival for minutes. What is written only then stands before the place that a round has reached: it
/// goes out with the next round.
#[test]
fn a_submission_that_is_written_behind_a_round_is_sent_by_the_next() {
    let mut index = Index::default();
    let nine = at("2026-01-12T08:00:00Z");
    index.waits(Queue::History, 0, "at once", nine + MINUTE);
    for minute in 0..5 {
        index.run(nine + MINUTE * minute, 50);
    }
    index.waits(Queue::History, 0, "by ticket", nine);
    let mut minutes = 5..60;
    let sends =
        |minute: &i32| index.run(nine + MINUTE * *minute, 50).contains(&"by ticket".to_owned());
    assert_eq!(minutes.find(sends), Some(10));
}

/// An operator may ask for everything at once.
#[test]
fn everything_is_sent_again_where_it_is_asked_for_anew() {
    let noon = at("2026-01-12T12:00:00Z");
    let last = Round { begun: millis(noon), before: 0, complete: true, read: BTreeMap::new() };
    let mut again = Walk::resume(Queue::Urgent, Some(last.clone()), noon + MINUTE, AGE, true);
    let shard = Pending::shards(Queue::Urgent).swap_remove(0);
    let page = || Page {
        waiting: vec![forwarding(Queue::Urgent, "code", millis(noon - AGE * 40))],
        is_last: true,
    };
    assert_eq!(again.take(&shard, page()).sent.len(), 1);
    let next = Round { begun: millis(noon - MINUTE), ..last };
    let mut as_usual = Walk::resume(Queue::Urgent, Some(next), noon + PAUSE, AGE, false);
    assert!(as_usual.take(&shard, page()).sent.is_empty());
}
