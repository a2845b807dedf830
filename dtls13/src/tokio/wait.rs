//! Tasks that wait for something to change.

use std::pin::pin;

use ::tokio::sync::Notify;

use crate::Error;
use crate::endpoint::Signal;

/// Wakes tasks.
#[derive(Default)]
pub(crate) struct Wait(Notify);

impl Signal for Wait {
    fn wake(&self) {
        self.0.notify_waiters();
    }
}

impl Wait {
    /// Tries `attempt` after each change until it has a result.
    pub(crate) async fn until<T>(
        &self,
        mut attempt: impl FnMut() -> Result<Option<T>, Error>,
    ) -> Result<T, Error> {
        loop {
            let mut changed = pin!(self.0.notified());
            // From here on a change is noticed, so none between attempt and waiting is missed.
            changed.as_mut().enable();
            if let Some(result) = attempt()? {
                return Ok(result);
            }
            changed.await;
        }
    }
}
