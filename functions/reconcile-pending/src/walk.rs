//! In which order what waits for a queue is read and sent again: from where the last run stopped, each item ever more
//! rarely, no shard before its turn.

use futures::future::try_join_all;
use jiff::{SignedDuration, Timestamp};
use outside::queue::{Forwarding, Queue};
use store::{
    pending::{Page, Pending, Position, Round},
    rows::millis,
};

use crate::QueueError;

/// What was sent once is looked at again after so long at the earliest: only for what a queue lost, since a message that
/// still waits there is tried without us.
const PAUSE: SignedDuration = SignedDuration::from_mins(10);
/// The same for what may wait: after a click day a hundred thousand receipts wait here for hours, and none is lost.
const PAUSE_OF_BULK: SignedDuration = SignedDuration::from_hours(1);

/// What has been due for so long is given up: as long as a queue keeps a message, and a dead letter longer.
const PATIENCE: SignedDuration = SignedDuration::from_hours(4 * 24);

/// Whether what waits for this queue is given up in the end. Not what holds back the ranking, nor what only the consular
/// system may end, nor public facts: they come ever more rarely, and an alarm tells of them.
const fn gives_up(queue: Queue) -> bool {
    match queue {
        Queue::Urgent | Queue::Documents | Queue::Enrich | Queue::Bulk => true,
        Queue::History | Queue::Consulate | Queue::Facts => false,
    }
}

/// What a page asks for.
#[derive(Debug, Default)]
pub(crate) struct Due {
    /// To be sent.
    pub(crate) sent: Vec<Forwarding>,
    /// Due for so long that it is given up.
    pub(crate) given_up: Vec<Forwarding>,
}

/// A run through what waits for one queue.
#[derive(Clone, Debug)]
pub(crate) struct Walk {
    /// The queue.
    pub(crate) queue: Queue,
    /// Where it stands, to be kept for the next run.
    pub(crate) round: Round,
    /// Shards of which more is overdue.
    open: Vec<String>,
    /// What is due for so long counts as forgotten, in milliseconds.
    age: i64,
    /// The instant of the run, in milliseconds.
    now: i64,
    /// What the last run kept.
    kept: Option<Round>,
}

impl Walk {
    /// Goes on where the last run stopped. When that one came to the end and its round began long enough ago, or where
    /// everything is asked for `anew`, a round begins.
    pub(crate) fn resume(
        queue: Queue,
        last: Option<Round>,
        now: Timestamp,
        age: SignedDuration,
        anew: bool,
    ) -> Self {
        let now = millis(now);
        let age = i64::try_from(age.as_millis()).unwrap_or(i64::MAX).max(1);
        let first = Round { begun: now, ..Round::default() };
        let mut round = match last.clone() {
            Some(last) if !anew => {
                let is_over = last.complete && now.saturating_sub(last.begun) >= pause(queue);
                if is_over { Round { before: last.begun, ..first } } else { last }
            }
            Some(_) | None => first,
        };
        round.complete = false;
        Self { queue, round, open: Pending::shards(queue), age, now, kept: last }
    }

    /// The shards that are read next, each from the entry after this position.
    pub(crate) fn open(&self) -> impl Iterator<Item = (&str, Option<&Position>)> {
        self.open.iter().map(|shard| (shard.as_str(), self.round.read.get(shard)))
    }

    /// Whether it stands elsewhere than the last run left it: nothing is written each minute where nothing waits.
    pub(crate) fn has_moved(&self) -> bool {
        self.kept.as_ref() != Some(&self.round)
    }

    /// Whether every shard was read up to what is overdue.
    pub(crate) const fn is_over(&self) -> bool {
        self.open.is_empty()
    }

    /// Takes what was read of a shard; gives what is to be sent, and what has been due for too long.
    pub(crate) fn take(&mut self, shard: &str, page: Page) -> Due {
        if let Some(last) = page.waiting.last() {
            self.round.read.insert(shard.to_owned(), Position::of(last));
        }
        if page.is_last {
            self.open.retain(|open| open != shard);
            self.round.complete = self.open.is_empty();
        }
        let long_ago = self.now - i64::try_from(PATIENCE.as_millis()).unwrap_or(i64::MAX);
        let (given_up, mut sent): (Vec<_>, Vec<_>) =
            page.waiting.into_iter().partition(|one| gives_up(self.queue) && one.due < long_ago);
        sent.retain(|one| self.is_sent(one.due));
        Due { sent, given_up }
    }

    /// What came due since the round began was never sent by an earlier one. The rest was: of it each item is sent when
    /// its wait has doubled since, which needs no mark on the item.
    fn is_sent(&self, due: i64) -> bool {
        let Round { begun, before, .. } = self.round;
        due >= begun - self.age || self.doublings(begun - due) > self.doublings(before - due)
    }

    /// How often a wait of so many milliseconds has doubled.
    fn doublings(&self, waited: i64) -> u32 {
        waited.checked_div(self.age).and_then(i64::checked_ilog2).map_or(0, |twice| twice + 1)
    }
}

/// What a run did with what was overdue.
#[derive(Debug, Default)]
pub(crate) struct Served {
    /// Items that were looked at.
    pub(crate) overdue: usize,
    /// Messages that were sent for them.
    pub(crate) sent: usize,
    /// Items that were given up.
    pub(crate) given_up: usize,
    /// Queues that were not served to the end of their walk, and why.
    pub(crate) failed: Vec<(Queue, QueueError)>,
}

/// Walks all queues in turns, as long as there is time before a turn of all: each turn takes one page of every shard of
/// every queue that has more. So neither the next shard nor the next queue waits for the end of one.
///
/// `read` gives the page of a shard after a position; `act` sends and gives up, and says how many of each; `keep` records
/// where a round stands. A queue in which one of them fails is left to the next run, the others go on.
pub(crate) async fn serve(
    mut walks: Vec<Walk>,
    mut has_time: impl FnMut() -> bool,
    read: impl AsyncFn(Queue, String, Option<Position>) -> Result<Page, QueueError>,
    act: impl AsyncFn(Due) -> Result<(usize, usize), QueueError>,
    keep: impl AsyncFn(Queue, Round) -> Result<(), QueueError>,
) -> Served {
    let mut served = Served::default();
    while !walks.is_empty() && has_time() {
        let mut going_on = Vec::with_capacity(walks.len());
        for mut walk in walks {
            match turn(&mut walk, &read, &act, &keep, &mut served).await {
                Ok(()) if walk.is_over() => {}
                Ok(()) => going_on.push(walk),
                Err(error) => served.failed.push((walk.queue, error)),
            }
        }
        walks = going_on;
    }
    served
}

/// One page of each shard of a queue that has more; where the walk stands is kept once its messages are sent.
async fn turn(
    walk: &mut Walk,
    read: &impl AsyncFn(Queue, String, Option<Position>) -> Result<Page, QueueError>,
    act: &impl AsyncFn(Due) -> Result<(usize, usize), QueueError>,
    keep: &impl AsyncFn(Queue, Round) -> Result<(), QueueError>,
    served: &mut Served,
) -> Result<(), QueueError> {
    let queue = walk.queue;
    let pages = try_join_all(walk.open().map(async |(shard, after)| {
        let page = read(queue, shard.to_owned(), after.cloned()).await?;
        Ok::<_, QueueError>((shard.to_owned(), page))
    }))
    .await?;
    let mut all = Due::default();
    for (shard, page) in pages {
        served.overdue += page.waiting.len();
        let due = walk.take(&shard, page);
        all.sent.extend(due.sent);
        all.given_up.extend(due.given_up);
    }
    let (sent, given_up) = act(all).await?;
    served.sent += sent;
    served.given_up += given_up;
    if walk.has_moved() {
        keep(queue, walk.round.clone()).await?;
    }
    Ok(())
}

fn pause(queue: Queue) -> i64 {
    let pause = match queue {
        Queue::Bulk => PAUSE_OF_BULK,
        Queue::Urgent
        | Queue::History
        | Queue::Consulate
        | Queue::Documents
        | Queue::Facts
        | Queue::Enrich => PAUSE,
    };
    i64::try_from(pause.as_millis()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests;
