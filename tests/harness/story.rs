//! What a test has done so far, line by line, so that a failure says how it came about.

use std::{
    error::Error,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

/// What a step of a story gives, or how it deviated.
pub type StoryResult<T = ()> = Result<T, Deviation>;

/// Something went otherwise than it should, with the story until then.
///
/// Deliberately no [`Error`], so that `?` takes every error.
pub struct Deviation {
    what: String,
    story: Option<Story>,
}

impl Deviation {
    /// A deviation without a story.
    pub fn new(what: impl Into<String>) -> Self {
        Self { what: what.into(), story: None }
    }

    /// What went wrong, in one line.
    pub fn what(&self) -> &str {
        &self.what
    }

    /// The same, with the story until now, unless it has one.
    #[must_use]
    pub fn after(mut self, story: &Story) -> Self {
        self.story.get_or_insert_with(|| story.clone());
        self
    }
}

impl fmt::Display for Deviation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{}", self.what)?;
        if let Some(story) = &self.story {
            writeln!(formatter, "The story so far:")?;
            for line in story.lines() {
                writeln!(formatter, "  {line}")?;
            }
        }
        Ok(())
    }
}

/// What a test prints when it fails.
impl fmt::Debug for Deviation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")
    }
}

impl<E: Error> From<E> for Deviation {
    fn from(error: E) -> Self {
        let mut what = error.to_string();
        let mut cause = error.source();
        while let Some(inner) = cause {
            what.push_str(": ");
            what.push_str(&inner.to_string());
            cause = inner.source();
        }
        Self::new(what)
    }
}

/// The lines told so far; clones share them.
#[derive(Clone, Debug)]
pub struct Story {
    begun: Instant,
    lines: Arc<Mutex<Vec<Line>>>,
}

#[derive(Debug)]
struct Line {
    at: Duration,
    text: String,
    /// How often in a row the test told this line, durations apart.
    times: u32,
}

impl Default for Story {
    fn default() -> Self {
        Self { begun: Instant::now(), lines: Arc::default() }
    }
}

impl Story {
    /// Adds a line with its instant since the story began.
    pub fn tell(&self, line: impl fmt::Display) {
        let (at, text) = (self.begun.elapsed(), line.to_string());
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        match lines.last_mut() {
            Some(last) if without_duration(&last.text) == without_duration(&text) => {
                last.times += 1;
            }
            _ => lines.push(Line { at, text, times: 1 }),
        }
    }

    /// All lines.
    pub fn lines(&self) -> Vec<String> {
        let shown = |Line { at, text, times }: &Line| {
            let times = if *times > 1 { format!(" ({times} times)") } else { String::new() };
            format!("{:8.3} s  {text}{times}", at.as_secs_f64())
        };
        self.lines.lock().unwrap_or_else(PoisonError::into_inner).iter().map(shown).collect()
    }

    /// A deviation at this point of the story.
    pub fn deviation(&self, what: impl Into<String>) -> Deviation {
        Deviation::new(what).after(self)
    }

    /// Calls `look` again and again until it finds what the test waits for; the only place of the tests that waits.
    ///
    /// `look` gives what the test waits for, or what it saw instead. Where the portal said that it could not look, it is asked
    /// again: a busy machine has slow moments.
    pub async fn eventually<T, F, Fut>(
        &self,
        what: &str,
        deadline: Duration,
        mut look: F,
    ) -> StoryResult<T>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = StoryResult<Result<T, String>>>,
    {
        let begun = Instant::now();
        let mut pause = SHORTEST_PAUSE;
        loop {
            let seen = match look().await {
                Ok(Ok(found)) => {
                    self.tell(format_args!(
                        "{what} (after {:.1} s)",
                        begun.elapsed().as_secs_f64()
                    ));
                    return Ok(found);
                }
                Ok(Err(seen)) => seen,
                Err(deviation) if deviation.what().contains(COULD_NOT_LOOK) => deviation.what,
                Err(deviation) => return Err(deviation.after(self)),
            };
            if begun.elapsed() >= deadline {
                return Err(self.deviation(format!(
                    "not within {} s: {what}; seen instead: {seen}",
                    deadline.as_secs()
                )));
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// Lets the time pass that the portal asked for (`retry_after_ms`): waiting as the citizen's page does.
    pub async fn waits_as_told(&self, pause: Duration) {
        self.tell(format_args!("waits {:.3} s, as the portal said", pause.as_secs_f64()));
        tokio::time::sleep(pause).await;
    }
}

/// The durations of answers stand in brackets at the end.
fn without_duration(text: &str) -> &str {
    text.rsplit_once(" (").map_or(text, |(head, _)| head)
}

/// How an answer is told whose function had no answer of the store in time.
const COULD_NOT_LOOK: &str = "→ 503 servizio-non-disponibile";

const SHORTEST_PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(320);

/// Fails with what differs, unless both are the same.
pub fn same<T: PartialEq + fmt::Debug>(what: &str, found: &T, wanted: &T) -> StoryResult {
    if found == wanted {
        Ok(())
    } else {
        Err(Deviation::new(format!("{what}: found {found:?}, wanted {wanted:?}")))
    }
}

/// Fails unless the claim holds.
pub fn ensure(holds: bool, otherwise: impl Into<String>) -> StoryResult {
    if holds { Ok(()) } else { Err(Deviation::new(otherwise)) }
}
