//! When several requests change the same application: each judges anew what the faster one left, a limited number of times
//! (CNF-2).

use std::time::Duration;

use crate::rows::{SaveError, StoreError};

/// The tries at one change: each reads and judges anew, after a pause, since another request may have been faster.
#[derive(Clone, Copy, Debug)]
pub struct Tries {
    made: u32,
    most: u32,
}

/// Another request was faster in all tries: nothing was changed, and a moment later it may work.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("other requests were faster in all tries")]
pub struct Contended;

/// Pause before another try, times the tries before, in all 1.4 s for one application: the event of a submission is
/// recorded within a second.
const TRY_PAUSE: Duration = Duration::from_millis(50);

impl Tries {
    /// At a change of one application: eight. Of several requests at once one comes through in each try, and five
    /// registries answer a form at about the same time.
    pub const fn for_one_application() -> Self {
        Self { made: 0, most: 8 }
    }

    /// At each of many that one request changes: four.
    pub const fn for_each_of_many() -> Self {
        Self { made: 0, most: 4 }
    }

    /// Begins the next try: at once the first time, then after a pause that grows.
    ///
    /// # Errors
    /// All tries were made.
    pub async fn begin(&mut self) -> Result<(), Contended> {
        if self.made == self.most {
            return Err(Contended);
        }
        if self.made > 0 {
            tokio::time::sleep(TRY_PAUSE * self.made).await;
        }
        self.made += 1;
        Ok(())
    }

    /// Whether this try is another one than the first.
    pub const fn is_repeated(&self) -> bool {
        self.made > 1
    }
}

/// What a try came to: none when another request was faster, so that the next try judges anew.
///
/// # Errors
/// Everything that another try would not change.
pub fn none_on_conflict<T>(saved: Result<T, SaveError>) -> Result<Option<T>, SaveError> {
    match saved {
        Ok(saved) => Ok(Some(saved)),
        Err(SaveError::Conflict) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The same for work in the background, for which no person waits: it judges anew whatever condition was not met.
///
/// # Errors
/// The store failed.
pub fn unless_refused<T>(saved: Result<T, SaveError>) -> Result<Option<T>, StoreError> {
    match saved {
        Ok(saved) => Ok(Some(saved)),
        Err(SaveError::Conflict | SaveError::LimitReached | SaveError::WorkerTaken) => Ok(None),
        Err(SaveError::Store(error)) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_conflict_is_judged_anew() {
        assert!(matches!(none_on_conflict(Ok(1)), Ok(Some(1))));
        assert!(matches!(none_on_conflict::<()>(Err(SaveError::Conflict)), Ok(None)));
        assert!(none_on_conflict::<()>(Err(SaveError::LimitReached)).is_err());
        assert!(matches!(unless_refused::<()>(Err(SaveError::LimitReached)), Ok(None)));
    }
}
