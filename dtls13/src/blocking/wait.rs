//! Threads that wait for something to change.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::Error;
use crate::endpoint::Signal;

/// Counts changes and lets threads wait for the next.
#[derive(Default)]
pub(crate) struct Wait {
    changes: Mutex<u64>,
    condvar: Condvar,
}

impl Signal for Wait {
    fn wake(&self) {
        *self.changes.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.condvar.notify_all();
    }
}

impl Wait {
    /// Tries `attempt` after each change until it has a result.
    pub(crate) fn until<T>(
        &self,
        deadline: Deadline,
        mut attempt: impl FnMut() -> Result<Option<T>, Error>,
    ) -> Result<T, Error> {
        loop {
            let seen = *self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(result) = attempt()? {
                return Ok(result);
            }
            let mut changes = self.changes.lock().unwrap_or_else(PoisonError::into_inner);
            while *changes == seen {
                changes = match deadline.left()? {
                    None => self.condvar.wait(changes).unwrap_or_else(PoisonError::into_inner),
                    Some(left) => {
                        let waited = self.condvar.wait_timeout(changes, left);
                        waited.unwrap_or_else(PoisonError::into_inner).0
                    }
                };
            }
        }
    }
}

/// When waiting ends without a result.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<Instant>);

impl Deadline {
    pub(crate) const NEVER: Self = Self(None);

    pub(crate) fn after(timeout: Duration) -> Self {
        Self(Instant::now().checked_add(timeout))
    }

    /// The time left; `None` without limit.
    fn left(self) -> Result<Option<Duration>, Error> {
        let Some(at) = self.0 else { return Ok(None) };
        let left = at.saturating_duration_since(Instant::now());
        if left.is_zero() { Err(Error::TimedOut) } else { Ok(Some(left)) }
    }
}
