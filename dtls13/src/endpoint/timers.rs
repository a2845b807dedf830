//! Whose deadline is next.

use std::collections::BTreeMap;
use std::sync::Arc;

use dtls_core::Instant;

use super::Flavour;
use super::association::Association;

/// The deadlines of all associations, in order.
pub(crate) struct Timers<F: Flavour> {
    due: BTreeMap<(Instant, u64), Arc<Association<F>>>,
    /// When the loop wakes by itself; `None` while it is awake.
    sleeps_until: Option<Instant>,
}

/// For a loop that has no deadline to wait for.
const NEVER: Instant = Instant::from_origin(std::time::Duration::MAX);

impl<F: Flavour> Timers<F> {
    pub(crate) fn new() -> Self {
        Self { due: BTreeMap::new(), sleeps_until: None }
    }

    /// Moves an association's deadline. Returns whether the loop has to be woken for it.
    pub(crate) fn schedule(
        &mut self,
        association: &Arc<Association<F>>,
        old: Option<Instant>,
        new: Option<Instant>,
    ) -> bool {
        if let Some(at) = old {
            self.due.remove(&(at, association.id));
        }
        let Some(at) = new else { return false };
        self.due.insert((at, association.id), association.clone());
        self.sleeps_until.is_some_and(|until| at < until)
    }

    /// The loop is about to wait: until when?
    pub(crate) fn sleep(&mut self) -> Option<Instant> {
        let next = self.due.keys().next().map(|(at, _)| *at);
        self.sleeps_until = Some(next.unwrap_or(NEVER));
        next
    }

    /// The loop is awake, and what becomes due needs no waking.
    pub(crate) fn awake(&mut self) {
        self.sleeps_until = None;
    }

    /// Takes an association whose deadline has passed. Its deadline is then no longer scheduled.
    pub(crate) fn pop_due(&mut self, now: Instant) -> Option<Arc<Association<F>>> {
        let entry = self.due.first_entry()?;
        (entry.key().0 <= now).then(|| entry.remove())
    }
}
