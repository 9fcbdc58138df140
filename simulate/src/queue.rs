//! What is going to happen, the soonest first; what falls on one microsecond happens in the order in which it was planned.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use crate::micros::Micros;

/// Planned at, its turn among those of one microsecond, what.
type Planned<E> = (Micros, u64, E);

/// Events by their instants.
///
/// Those of the present millisecond lie in a heap, all later ones unsorted in a list for each millisecond: a heap of a
/// million clients that wait is a miss of the cache for each step.
#[derive(Debug)]
pub struct Queue<E> {
    present: i64,
    near: BinaryHeap<Reverse<Planned<E>>>,
    /// From the millisecond after the present one on.
    far: VecDeque<Vec<Reverse<Planned<E>>>>,
    planned: u64,
}

impl<E: Ord> Queue<E> {
    /// Nothing is planned; nothing is going to be before `first`.
    pub fn from(first: Micros) -> Self {
        let present = first.whole_millis();
        Self { present, near: BinaryHeap::new(), far: VecDeque::new(), planned: 0 }
    }

    /// Plans an event.
    pub fn plan(&mut self, at: Micros, event: E) {
        let planned = Reverse((at, self.planned, event));
        self.planned += 1;
        let ahead = usize::try_from(at.whole_millis() - self.present).unwrap_or(0);
        match ahead.checked_sub(1) {
            None => self.near.push(planned),
            Some(place) => {
                if self.far.len() <= place {
                    self.far.resize_with(place + 1, Vec::new);
                }
                if let Some(millisecond) = self.far.get_mut(place) {
                    millisecond.push(planned);
                }
            }
        }
    }

    /// Takes the next one.
    pub fn take(&mut self) -> Option<(Micros, E)> {
        while self.near.is_empty() {
            self.near = self.far.pop_front()?.into();
            self.present += 1;
        }
        self.near.pop().map(|Reverse((at, _, event))| (at, event))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_come_by_their_instants_and_then_by_when_they_were_planned() {
        let mut queue = Queue::from(Micros(0));
        for (at, event) in [(5_000, "late"), (5, "soon"), (1, "z first"), (1, "a second")] {
            queue.plan(Micros(at), event);
        }
        let order: Vec<_> = std::iter::from_fn(|| queue.take()).map(|(_, event)| event).collect();
        assert_eq!(order, ["z first", "a second", "soon", "late"]);
    }

    #[test]
    fn what_is_planned_while_events_come_takes_its_turn() {
        let mut queue = Queue::from(Micros(-3_000));
        queue.plan(Micros(-2_500), 0);
        let mut instants = Vec::new();
        while let Some((at, step)) = queue.take() {
            instants.push(at.0);
            if step < 4 {
                queue.plan(at + Micros(700), step + 1);
                queue.plan(at + Micros(1), 9);
            }
        }
        assert_eq!(instants, [-2_500, -2_499, -1_800, -1_799, -1_100, -1_099, -400, -399, 300]);
    }
}
