//! What is due when (RFC 9147 5.8.2).

use super::{Connection, Purpose};
use crate::error::{Error, Timeout};
use crate::time::{Instant, Now};

/// After this many retransmissions without any answer the datagrams may be too large for the
/// path (RFC 9147 4.4).
const SHRINK_AFTER: u32 = 2;

impl Connection {
    /// When [`Self::handle_deadline`] wants to be called, if ever.
    pub fn deadline(&self) -> Option<Instant> {
        if self.closing.error.is_some() {
            return None;
        }
        let flights = self.exchanges.iter().filter_map(|e| e.flight.deadline()).min();
        let handshake = self.handshaking.as_ref().map(|h| h.deadline);
        // A key update that is wanted is due at once.
        let update = self.can_update_now().then_some(self.last_activity);
        [flights, self.acks.deadline, self.need_deadline, handshake, self.epochs.expiry(), update]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due at `now`. Afterwards [`Self::poll_transmit`] may have something to send.
    pub fn handle_deadline(&mut self, now: Now) {
        let now = now.monotonic;
        if self.closing.error.is_some() {
            return;
        }
        if self.need_deadline.is_some_and(|deadline| deadline <= now) {
            self.fail(Error::Timeout(Timeout::Need));
            return;
        }
        if self.handshaking.as_ref().is_some_and(|h| h.deadline <= now) {
            self.fail(Error::Timeout(Timeout::Handshake));
            return;
        }
        if self.acks.deadline.is_some_and(|deadline| deadline <= now) {
            self.acks.now();
        }
        self.epochs.expire(now);
        self.retransmit_due(now);
    }

    fn retransmit_due(&mut self, now: Instant) {
        let max = self.config().timers.max_retransmissions;
        let mut backed_off = false;
        let mut unanswered = 0;
        for exchange in &mut self.exchanges {
            let flight = &mut exchange.flight;
            if flight.deadline().is_none_or(|deadline| deadline > now) {
                continue;
            }
            if flight.retransmissions() >= max {
                self.fail(Error::Timeout(Timeout::Retransmissions));
                return;
            }
            if flight.is_sending() {
                flight.timed_out_held_up();
                if let Some(amplification) = &mut self.amplification {
                    amplification.probe = true;
                }
            } else {
                flight.retransmit();
            }
            unanswered = unanswered.max(flight.retransmissions());
            backed_off = true;
            self.stats.retransmissions += 1;
        }
        if backed_off {
            self.timer.back_off();
            if unanswered > SHRINK_AFTER {
                self.narrow_path = true;
            }
        }
    }

    /// When an exchange that was sent at `now` is sent again.
    pub(super) fn retransmit_at(&self, now: Instant, purpose: Purpose) -> Option<Instant> {
        // A HelloRetryRequest has no timer: it is sent again when the hello comes again.
        (purpose != Purpose::Handshake { timed: false }).then(|| now + self.timer.timeout())
    }
}
