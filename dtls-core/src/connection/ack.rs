//! When to acknowledge, and what an acknowledgement does (RFC 9147 7).

use alloc::vec::Vec;

use super::event::Event;
use super::{Connection, Purpose};
use crate::error::{Error, InvalidMessage, PeerMisbehaved};
use crate::flight::ack_list::AckList;
use crate::flight::outgoing::AckEffect;
use crate::handshake::HANDSHAKE_EPOCH;
use crate::time::Instant;
use crate::wire::RecordNumber;
use crate::wire::ack::{ACK_ENTRY_LEN, parse_ack};

/// How many numbers of one received ACK are looked at. Nobody has more of our records to name:
/// a flight is at most ten records at a time, a dozen times.
const MAX_NUMBERS: usize = 256;

/// How often the time between repeated ACKs doubles.
const MAX_DOUBLINGS: u32 = 6;

/// Our acknowledgements.
#[derive(Debug, Default)]
pub(crate) struct Acks {
    /// Handshake records received.
    pub(crate) list: AckList,
    /// When they are to be acknowledged.
    pub(crate) deadline: Option<Instant>,
    /// They are to be acknowledged now.
    pub(crate) due: bool,
    /// How often the same numbers were sent because nothing came after them.
    pub(crate) repeats: u32,
}

impl Acks {
    /// Acknowledge at `when` at the latest.
    pub(crate) fn by(&mut self, when: Instant) {
        self.deadline = Some(self.deadline.map_or(when, |deadline| deadline.min(when)));
    }

    /// Acknowledge with the next transmission.
    pub(crate) const fn now(&mut self) {
        self.due = true;
        self.deadline = None;
    }

    /// What was received is answered by a flight.
    pub(crate) fn clear(&mut self) {
        *self = Self::default();
    }
}

impl Connection {
    /// Takes in the content of an ACK record that came in `epoch`.
    pub(super) fn ack_received(
        &mut self,
        now: Instant,
        epoch: u64,
        content: &[u8],
    ) -> Result<(), Error> {
        // Before the version is agreed on, nothing in an ACK means anything (RFC 9147bis 7).
        if !self.version_agreed {
            return Ok(());
        }
        let numbers = parse_ack(content).map_err(|_| InvalidMessage::Ack)?;
        let numbers: Vec<RecordNumber> = numbers.take(MAX_NUMBERS).collect();
        // Sending epochs are independent per direction, so later on an ACK may lawfully name a
        // higher epoch than its own; in the handshake it may not.
        if epoch <= HANDSHAKE_EPOCH && numbers.iter().any(|number| number.epoch > epoch) {
            return Err(PeerMisbehaved::AckForLaterEpoch.into());
        }
        if numbers.is_empty() {
            // The peer cannot decrypt what it received (RFC 9147 7.1): the ServerHello was lost.
            for exchange in &mut self.exchanges {
                if exchange.flight.hint() {
                    self.stats.retransmissions += 1;
                }
            }
            return Ok(());
        }
        let mut completed = Vec::new();
        for (index, exchange) in self.exchanges.iter_mut().enumerate() {
            let round_trip = exchange.flight.clean_round_trip(now);
            match exchange.flight.acknowledge(&numbers) {
                AckEffect::Complete => {
                    if let Some(rtt) = round_trip {
                        self.timer.measured(rtt);
                    }
                    completed.push(index);
                }
                AckEffect::Partial | AckEffect::None => {}
            }
        }
        for index in completed.into_iter().rev() {
            let exchange = self.exchanges.remove(index);
            self.exchange_acknowledged(exchange.purpose)?;
        }
        self.drop_unused_writers();
        Ok(())
    }

    fn exchange_acknowledged(&mut self, purpose: Purpose) -> Result<(), Error> {
        match purpose {
            Purpose::Handshake { .. } if self.is_connected() && self.is_client() => {
                self.events.push_back(Event::Confirmed);
                Ok(())
            }
            Purpose::Handshake { .. } => Ok(()),
            Purpose::KeyUpdate => self.key_update_acknowledged(),
        }
    }

    /// Lets sending keys go that no unacknowledged message needs.
    pub(super) fn drop_unused_writers(&mut self) {
        let exchanges = &self.exchanges;
        let handshaking = self.handshaking.is_some();
        self.epochs.keep_writers(|epoch| {
            handshaking
                || exchanges.iter().any(|e| e.flight.messages().iter().any(|m| m.epoch == epoch))
        });
        if self.exchanges.is_empty() {
            self.narrow_path = false;
            self.exchanges = Vec::new();
        }
    }

    /// After an ACK for a part of a flight was sent at `now`: when to say it again. A server that
    /// may not send more before it hears from us, and whose flight we have in part, would wait
    /// for ever for a lost ACK.
    pub(super) fn repeat_ack(&mut self, now: Instant) {
        let waiting = !self.is_connected() && self.exchanges.is_empty() && self.need.is_none();
        if self.is_client() && waiting {
            let doublings = self.acks.repeats.min(MAX_DOUBLINGS);
            let delay = self.timer.timeout().saturating_mul(1 << doublings);
            self.acks.repeats += 1;
            self.acks.by(now + delay);
        }
    }

    /// The epoch ACKs go in: the newest, but in the handshake one the peer has keys for
    /// (RFC 9147 7).
    pub(super) fn ack_epoch(&self) -> u64 {
        let newest = self.epochs.newest_write();
        if self.is_connected() { newest } else { newest.min(HANDSHAKE_EPOCH) }
    }

    /// The epoch alerts go in: the newest, unless the peer may not have its keys yet.
    pub(super) fn alert_epoch(&self) -> u64 {
        let newest = self.epochs.newest_write();
        let unanswered =
            self.exchanges.iter().any(|e| matches!(e.purpose, Purpose::Handshake { .. }));
        if unanswered && !self.is_client() { newest.min(HANDSHAKE_EPOCH) } else { newest }
    }

    /// How many record numbers fit into `room` bytes of content.
    pub(super) const fn ack_entries_in(room: usize) -> usize {
        room.saturating_sub(2) / ACK_ENTRY_LEN
    }
}
