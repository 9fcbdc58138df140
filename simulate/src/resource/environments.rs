//! Environments of one Lambda function: how many there may be, how fast they are started, how often one is called.

use crate::{micros::Micros, outcome::Cause, resource::token_bucket::TokenBucket};

/// What Lambda allows one function.
#[derive(Clone, Copy, Debug)]
pub struct Allowance {
    /// Environments at once: reserved concurrency, else what the account's quota leaves; none is no limit.
    pub concurrency: Option<u32>,
    /// Environments that are started in ten seconds; none is no limit.
    pub starts_in_ten_seconds: Option<u32>,
    /// Requests a second for each environment of `concurrency`.
    pub requests_per_environment: u32,
}

/// What a request got.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Admission {
    /// An environment that was idle.
    Warm,
    /// A new one, which has to start first.
    Cold,
}

/// The environments of a function. Nobody waits for one: who finds none is refused.
#[derive(Clone, Debug)]
pub struct Environments {
    most: Option<u32>,
    idle: u32,
    busy: u32,
    /// Most at work at once so far.
    pub peak: u32,
    /// How many were started.
    pub started: u32,
    starts: TokenBucket,
    requests: TokenBucket,
}

impl Environments {
    /// None runs yet.
    pub fn new(allowance: Allowance) -> Self {
        let starts = allowance
            .starts_in_ten_seconds
            .map_or_else(TokenBucket::unlimited, |starts| TokenBucket::new(starts / 10, starts));
        let requests = allowance.concurrency.map(|most| most * allowance.requests_per_environment);
        Self {
            most: allowance.concurrency,
            idle: 0,
            busy: 0,
            peak: 0,
            started: 0,
            starts,
            requests: TokenBucket::of_second(requests),
        }
    }

    /// Takes an environment for a request, an idle one first.
    pub fn admit(&mut self, now: Micros) -> Result<Admission, Cause> {
        if !self.requests.holds(now, 1) {
            return Err(Cause::LambdaRequests);
        }
        let admission = if self.idle > 0 {
            self.idle -= 1;
            Admission::Warm
        } else if self.most.is_some_and(|most| self.busy >= most) {
            return Err(Cause::LambdaConcurrency);
        } else if self.starts.try_take(now, 1) {
            self.started += 1;
            Admission::Cold
        } else {
            return Err(Cause::LambdaScaling);
        };
        self.requests.take(1);
        self.busy += 1;
        self.peak = self.peak.max(self.busy);
        Ok(admission)
    }

    /// The request is answered; its environment stays for the next one, far longer than a click day lasts.
    pub fn release(&mut self) {
        self.busy = self.busy.saturating_sub(1);
        self.idle += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::{cmp::Reverse, collections::BinaryHeap};

    use rand::SeedableRng;
    use rand_distr::{Distribution, Exp};
    use rand_xoshiro::Xoshiro256PlusPlus;

    use super::*;

    fn environments(concurrency: Option<u32>) -> Environments {
        Environments::new(Allowance {
            concurrency,
            starts_in_ten_seconds: Some(1_000),
            requests_per_environment: 10,
        })
    }

    #[test]
    fn a_thousand_environments_start_at_once_and_then_a_hundred_a_second() {
        let mut all = environments(Some(10_000));
        let mut started =
            |at: Micros| (0..2_000).filter(|_| all.admit(at) == Ok(Admission::Cold)).count();
        assert_eq!(started(Micros(0)), 1_000);
        assert_eq!(started(Micros::seconds(1)), 100);
        assert_eq!(started(Micros::seconds(11)), 1_000);
        assert_eq!(all.admit(Micros::seconds(11)), Err(Cause::LambdaScaling));
    }

    #[test]
    fn who_finds_every_environment_at_work_is_refused_and_an_idle_one_needs_no_start() {
        let mut all = environments(Some(2));
        assert_eq!([all.admit(Micros(0)), all.admit(Micros(0))], [Ok(Admission::Cold); 2]);
        assert_eq!(all.admit(Micros(0)), Err(Cause::LambdaConcurrency));
        all.release();
        assert_eq!(all.admit(Micros(1)), Ok(Admission::Warm));
        assert_eq!((all.peak, all.started), (2, 2));
    }

    #[test]
    fn an_environment_serves_ten_requests_a_second_however_short_they_are() {
        let mut all = environments(Some(3));
        let served = |all: &mut Environments, at| {
            (0..100)
                .filter(|_| {
                    let admitted = all.admit(at).is_ok();
                    if admitted {
                        all.release();
                    }
                    admitted
                })
                .count()
        };
        assert_eq!(served(&mut all, Micros(0)), 30);
        assert_eq!(all.admit(Micros(0)), Err(Cause::LambdaRequests));
        assert_eq!(served(&mut all, Micros::millis(500)), 15);
    }

    /// Erlang's loss formula: arrivals at random, c servers, whoever finds all at work is lost.
    fn erlang_b(load: f64, servers: u32) -> f64 {
        (1..=servers).map(f64::from).fold(1.0, |lost, number| load * lost / (number + load * lost))
    }

    /// M/D/c/c: the loss does not depend on how the time of service is distributed, so a fixed one must give the formula.
    #[test]
    fn random_arrivals_are_refused_as_often_as_erlang_says() {
        let (servers, service, arrivals) = (20, Micros::millis(1_000), 400_000);
        let mut all = Environments::new(Allowance {
            concurrency: Some(servers),
            starts_in_ten_seconds: None,
            requests_per_environment: 1_000,
        });
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        let gap = Exp::new(0.018).unwrap(); // Eighteen a second, in milliseconds.
        let (mut now, mut ends, mut refused) = (Micros(0), BinaryHeap::new(), 0);
        for _ in 0..arrivals {
            now += Micros::of_millis(gap.sample(&mut random));
            while ends.peek().is_some_and(|Reverse(end)| *end <= now) {
                ends.pop();
                all.release();
            }
            match all.admit(now) {
                Ok(_) => ends.push(Reverse(now + service)),
                Err(_) => refused += 1,
            }
        }
        let share = f64::from(refused) / f64::from(arrivals);
        let expected = erlang_b(18.0, servers);
        assert!((share - expected).abs() < 0.003, "{share} instead of {expected}");
    }
}
