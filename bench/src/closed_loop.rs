//! One process, one press at a time: what a press costs, and how long it takes when nothing waits.

use domain::campaign::Campaign;
use outside::clock;
use serde_json::Value;

use crate::{
    Broken,
    arrivals::event_of,
    crowd::{Candidate, Crowd, Person},
    desk::Desk,
    fleet::{Fleet, Program},
    statistics::{median, milliseconds, number, quantile},
};

/// Ready applications of one person, each to be sent once.
#[derive(Debug)]
pub struct Stock<'a> {
    campaign: &'a Campaign,
    person: &'a Person,
    left: std::slice::Iter<'a, Candidate>,
}

impl<'a> Stock<'a> {
    /// The applications of a crowd of one ([`Crowd::of_one`]).
    ///
    /// # Errors
    /// Nobody is there.
    pub fn of(crowd: &'a Crowd) -> Result<Self, Broken> {
        let person = crowd.people.first().ok_or("nobody is there")?;
        Ok(Self { campaign: &crowd.campaign, person, left: crowd.candidates.iter() })
    }

    /// The next application.
    ///
    /// # Errors
    /// All of them were sent.
    pub fn take(&mut self) -> Result<&'a Candidate, Broken> {
        self.left.next().ok_or_else(|| "no application is left".into())
    }

    /// The person's press for an application, now.
    pub fn press(&self, candidate: &Candidate, request: usize) -> String {
        event_of(self.campaign, candidate, self.person, None, clock::wall(), request, None)
    }
}

/// A running process with its desk.
#[derive(Debug)]
pub struct Worker {
    desk: Desk,
    fleet: Fleet,
    pressed: usize,
}

/// What some presses were.
#[derive(Clone, Debug)]
pub struct Round {
    /// CPU of the function for one press, in milliseconds.
    pub cpu_ms: f64,
    /// From each handing over to its answer, in milliseconds.
    pub served: Vec<f64>,
}

impl Worker {
    /// Starts one process.
    pub async fn start(
        program: &Program,
        variables: &[(&'static str, String)],
    ) -> Result<Self, Broken> {
        let desk = Desk::open().await?;
        let fleet = Fleet::start(program, variables, &desk, 1)?;
        Ok(Self { desk, fleet, pressed: 0 })
    }

    /// Sends so many applications, one after the other.
    ///
    /// # Errors
    /// One of them is not accepted.
    pub async fn press(&mut self, stock: &mut Stock<'_>, times: usize) -> Result<Round, Broken> {
        let before = self.fleet.cpu()?;
        let mut served = Vec::with_capacity(times);
        for _ in 0..times {
            let candidate = stock.take()?;
            let event = stock.press(candidate, self.pressed);
            let (took, answer) = self.ask(event).await?;
            if answer.get("statusCode").and_then(Value::as_u64) != Some(200) {
                return Err(format!("{} was not accepted: {answer}", candidate.id).into());
            }
            served.push(took);
        }
        // The answer is out before the process has put its things away.
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let cpu = self.fleet.cpu()?.saturating_sub(before);
        Ok(Round { cpu_ms: milliseconds(cpu) / number(times.max(1)), served })
    }

    /// The body of the answer to a press for one application, sent before or not.
    pub async fn answer(&mut self, stock: &Stock<'_>, of: &Candidate) -> Result<String, Broken> {
        let (_, answer) = self.ask(stock.press(of, self.pressed)).await?;
        let body = answer.get("body").and_then(Value::as_str);
        body.map(str::to_owned).ok_or_else(|| format!("no body: {answer}").into())
    }

    /// Memory in use, in MB.
    pub fn megabytes(&self) -> Result<f64, Broken> {
        Ok(crate::statistics::number_of(self.fleet.memory()?) / 1e6)
    }

    /// Ends it.
    pub async fn stop(self) -> Result<(), Broken> {
        self.fleet.stop().await
    }

    async fn ask(&mut self, event: String) -> Result<(f64, Value), Broken> {
        self.pressed += 1;
        let done = self.desk.ask(event).await?;
        let took = milliseconds(done.ended.saturating_duration_since(done.begun));
        let answer = done.answer.ok_or("a function ended with an error")?;
        Ok((took, serde_json::from_slice(&answer)?))
    }
}

/// The median of the rounds' CPU, p50 and p99 of all presses.
pub fn summary(rounds: &[Round]) -> Option<(f64, f64, f64)> {
    let cpu = median(&mut rounds.iter().map(|round| round.cpu_ms).collect::<Vec<_>>())?;
    let mut served: Vec<f64> = rounds.iter().flat_map(|round| round.served.clone()).collect();
    Some((cpu, quantile(&mut served, 0.5)?, quantile(&mut served, 0.99)?))
}
