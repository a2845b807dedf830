//! The two clocks the core asks for.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use dtls_core::Now;

/// Reads the clocks.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    origin: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self { origin: Instant::now() }
    }

    pub(crate) fn now(&self) -> Now {
        Now {
            monotonic: dtls_core::Instant::from_origin(self.origin.elapsed()),
            wall: SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO),
        }
    }
}
