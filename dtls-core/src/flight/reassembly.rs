//! From fragments, in any order and more than once, back to messages in order (RFC 9147 5.2, 5.5).

use alloc::collections::VecDeque;
use alloc::vec::Vec;

use dtls_crypto_api::ConstantTimeEq;

use super::ranges::RangeSet;
use crate::error::{Error, InvalidMessage, PeerMisbehaved};
use crate::wire::handshake::{Fragment, HandshakeType};

/// How many messages ahead of the next expected one are kept. The longest flight has six
/// messages (ServerHello to Finished with CertificateRequest), so one lost first message does
/// not cost the rest of its flight.
pub const MAX_MESSAGES_AHEAD: u32 = 7;

/// How many separate pieces of one message are kept. An honest sender's fragments are in order
/// and merge; this bounds the work a dishonest one can cause.
const MAX_PIECES: usize = 64;

/// A complete message, in its turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Its type.
    pub msg_type: HandshakeType,
    /// Its number.
    pub message_seq: u16,
    /// The epoch its fragments came in.
    pub epoch: u64,
    /// Its body, without any header.
    pub body: Vec<u8>,
}

/// What became of a fragment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// Kept; it belongs to the next expected message, and nothing before it is missing.
    InOrder,
    /// Kept, but something before it is missing.
    OutOfOrder,
    /// Its message was processed before, or it brought nothing new.
    Old,
    /// Not kept: too far ahead, over the memory bound, or of a lower epoch than its message.
    Refused,
}

#[derive(Debug)]
struct Partial {
    msg_type: HandshakeType,
    epoch: u64,
    length: u32,
    body: Vec<u8>,
    received: RangeSet,
}

/// The incoming side of one connection's handshake messages.
#[derive(Debug)]
pub struct Reassembly {
    /// 65536 once every number was used.
    next_seq: u32,
    max_message_len: u32,
    /// Slot `i` is for message `next_seq + i`.
    slots: VecDeque<Option<Partial>>,
}

impl Reassembly {
    /// Expects message 0 first and keeps no message longer than `max_message_len` bytes.
    pub const fn new(max_message_len: u32) -> Self {
        Self { next_seq: 0, max_message_len, slots: VecDeque::new() }
    }

    /// Continues behind messages that were processed elsewhere.
    #[must_use]
    pub const fn starting_at(mut self, next_seq: u16) -> Self {
        self.next_seq = next_seq as u32;
        self
    }

    /// The number of the next message to be processed.
    pub const fn next_seq(&self) -> u32 {
        self.next_seq
    }

    /// Whether the next message is complete.
    pub fn is_ready(&self) -> bool {
        matches!(self.slots.front(), Some(Some(p)) if p.received.covers(p.length))
    }

    /// Takes in one fragment of a record of `epoch`.
    ///
    /// # Errors
    /// [`PeerMisbehaved::FragmentMismatch`] when it contradicts an earlier fragment of the same
    /// message, [`InvalidMessage::MessageTooLong`] when its message is too long.
    pub fn accept(&mut self, epoch: u64, fragment: &Fragment<'_>) -> Result<Accepted, Error> {
        let Some(ahead) = u32::from(fragment.message_seq).checked_sub(self.next_seq) else {
            return Ok(Accepted::Old);
        };
        if ahead >= MAX_MESSAGES_AHEAD {
            return Ok(Accepted::Refused);
        }
        if fragment.length > self.max_message_len {
            // In epoch 0 anybody could have written this.
            return if epoch == 0 {
                Ok(Accepted::Refused)
            } else {
                Err(InvalidMessage::MessageTooLong { length: fragment.length }.into())
            };
        }
        let index = ahead as usize;
        // Only one long message at a time is kept ahead of its turn, so that the bound on one
        // message bounds the whole to about twice that.
        if index > 0 && self.bytes_ahead(index) + fragment.length > self.max_message_len {
            return Ok(Accepted::Refused);
        }
        while self.slots.len() <= index {
            self.slots.push_back(None);
        }
        let in_order = self.in_order(index, fragment.offset);
        let Some(slot) = self.slots.get_mut(index) else { return Ok(Accepted::Refused) };
        match slot {
            // What authenticated replaces what anybody could have written.
            Some(kept) if kept.epoch < epoch => *slot = None,
            Some(kept) if kept.epoch > epoch => return Ok(Accepted::Refused),
            _ => {}
        }
        let partial = slot.get_or_insert_with(|| Partial {
            msg_type: fragment.msg_type,
            epoch,
            length: fragment.length,
            body: Vec::new(),
            received: RangeSet::default(),
        });
        let new = partial.merge(fragment)?;
        Ok(match (new, in_order) {
            (Merge::Refused, _) => Accepted::Refused,
            (Merge::Nothing, _) => Accepted::Old,
            (Merge::Something, true) => Accepted::InOrder,
            (Merge::Something, false) => Accepted::OutOfOrder,
        })
    }

    /// The next message, if it is complete.
    pub fn pop(&mut self) -> Option<Message> {
        if !self.is_ready() {
            return None;
        }
        let partial = self.slots.pop_front()??;
        let message_seq = self.next_seq as u16;
        // Behind message 65535 nothing more is expected; the counter never wraps.
        self.next_seq += 1;
        if self.slots.is_empty() {
            self.slots = VecDeque::new();
        }
        let Partial { msg_type, epoch, body, .. } = partial;
        Some(Message { msg_type, message_seq, epoch, body })
    }

    fn bytes_ahead(&self, except: usize) -> u32 {
        let ahead = self.slots.iter().enumerate().skip(1).filter(|(i, _)| *i != except);
        ahead.filter_map(|(_, slot)| slot.as_ref()).map(|p| p.length).sum()
    }

    /// Whether everything before `offset` in message `index` is there.
    fn in_order(&self, index: usize, offset: u32) -> bool {
        let earlier_complete = self
            .slots
            .iter()
            .take(index)
            .all(|slot| slot.as_ref().is_some_and(|p| p.received.covers(p.length)));
        let before = match self.slots.get(index) {
            Some(Some(partial)) => partial.received.covers(offset),
            _ => offset == 0,
        };
        earlier_complete && before
    }
}

enum Merge {
    Something,
    Nothing,
    Refused,
}

impl Partial {
    fn merge(&mut self, fragment: &Fragment<'_>) -> Result<Merge, PeerMisbehaved> {
        if fragment.msg_type != self.msg_type || fragment.length != self.length {
            return Err(PeerMisbehaved::FragmentMismatch);
        }
        if fragment.length == 0 {
            return Ok(Merge::Something);
        }
        let start = fragment.offset as usize;
        let end = start + fragment.body.len();
        let range = fragment.offset..end as u32;
        for overlap in self.received.overlaps(range.clone()) {
            let at = overlap.start as usize - start..overlap.end as usize - start;
            let kept = self.body.get(overlap.start as usize..overlap.end as usize);
            let again = fragment.body.get(at).unwrap_or_default();
            // What a handshake message says is not for everybody: only the verdict shows.
            if !bool::from(kept.unwrap_or_default().ct_eq(again)) {
                return Err(PeerMisbehaved::FragmentMismatch);
            }
        }
        let before = self.received.clone();
        let mut after = before.clone();
        after.insert(range);
        if after == before {
            return Ok(Merge::Nothing);
        }
        if after.pieces() > MAX_PIECES {
            return Ok(Merge::Refused);
        }
        if self.body.len() < end {
            // To the end of what arrived: at most the bound on a message.
            self.body.resize(end, 0);
        }
        if let Some(place) = self.body.get_mut(start..end) {
            place.copy_from_slice(fragment.body);
        }
        self.received = after;
        Ok(Merge::Something)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn fragment(seq: u16, length: u32, offset: u32, body: &[u8]) -> Fragment<'_> {
        let msg_type = HandshakeType::CERTIFICATE;
        Fragment { msg_type, length, message_seq: seq, offset, body }
    }

    /// req: 9147-5.2-06, 9147-5.2-07, 9147-5.2-08
    #[test]
    fn messages_come_out_in_order_and_far_ones_are_refused() {
        let mut r = Reassembly::new(1000);
        assert_eq!(r.accept(2, &fragment(1, 1, 0, b"b")), Ok(Accepted::OutOfOrder));
        assert!(r.pop().is_none());
        assert_eq!(
            r.accept(2, &fragment(MAX_MESSAGES_AHEAD as u16, 1, 0, b"x")),
            Ok(Accepted::Refused)
        );
        assert_eq!(r.accept(2, &fragment(0, 1, 0, b"a")), Ok(Accepted::InOrder));
        assert_eq!(r.pop().unwrap().body, b"a");
        assert_eq!(r.pop().unwrap().body, b"b");
        assert_eq!(r.accept(2, &fragment(1, 1, 0, b"b")), Ok(Accepted::Old));
        assert!(r.slots.is_empty());
    }

    /// req: 9147-5.5-02, 9147-5.5-07, 9147-5.5-08
    #[test]
    fn contradicting_fragments_are_an_error() {
        let start = |r: &mut Reassembly| r.accept(2, &fragment(0, 4, 0, b"ab")).unwrap();
        let mismatch = Err(Error::PeerMisbehaved(PeerMisbehaved::FragmentMismatch));
        let mut r = Reassembly::new(1000);
        start(&mut r);
        assert_eq!(r.accept(2, &fragment(0, 5, 2, b"cd")), mismatch, "another length");
        assert_eq!(r.accept(2, &fragment(0, 4, 1, b"xc")), mismatch, "other bytes");
        let mut other = fragment(0, 4, 2, b"cd");
        other.msg_type = HandshakeType::FINISHED;
        assert_eq!(r.accept(2, &other), mismatch, "another type");
        assert_eq!(r.accept(2, &fragment(0, 4, 1, b"bc")), Ok(Accepted::InOrder));
    }

    #[test]
    fn an_authenticated_fragment_replaces_a_forged_one() {
        let mut r = Reassembly::new(1000);
        r.accept(0, &fragment(1, 9, 0, b"forged")).unwrap();
        assert_eq!(r.accept(2, &fragment(1, 4, 0, b"true")), Ok(Accepted::OutOfOrder));
        assert_eq!(r.accept(0, &fragment(1, 9, 0, b"forged")), Ok(Accepted::Refused));
        r.accept(0, &fragment(0, 1, 0, b"a")).unwrap();
        r.pop();
        assert_eq!(r.pop().unwrap().body, b"true");
    }

    #[test]
    fn memory_is_bounded() {
        let mut r = Reassembly::new(100);
        let too_long = r.accept(2, &fragment(0, 101, 0, b"a"));
        assert_eq!(too_long, Err(InvalidMessage::MessageTooLong { length: 101 }.into()));
        assert_eq!(r.accept(0, &fragment(0, 101, 0, b"a")), Ok(Accepted::Refused));
        assert_eq!(r.accept(2, &fragment(1, 60, 0, &[1; 60])), Ok(Accepted::OutOfOrder));
        assert_eq!(r.accept(2, &fragment(2, 60, 0, &[1; 60])), Ok(Accepted::Refused));
        assert_eq!(r.accept(2, &fragment(0, 100, 0, &[1; 100])), Ok(Accepted::InOrder));
    }

    proptest! {
        /// Whatever way messages are cut, repeated, overlapped and shuffled, they come out whole
        /// and in order.
        /// req: 9147-5.5-04, 9147-5.5-05
        #[test]
        fn any_cut_and_order_gives_the_messages_back(
            bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..60), 1..6),
            cuts in proptest::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0_usize..30), 0..60),
            order in any::<u64>(),
        ) {
            let mut pieces = Vec::new();
            for (seq, body) in bodies.iter().enumerate() {
                let piece = |at: usize, len: usize| {
                    (seq, at, body[at..(at + len).min(body.len())].to_vec())
                };
                if body.is_empty() {
                    pieces.push(piece(0, 0));
                }
                for at in (0..body.len()).step_by(7) {
                    pieces.push(piece(at, 7));
                }
            }
            for (which, at, len) in cuts {
                let seq = which.index(bodies.len());
                if !bodies[seq].is_empty() {
                    let at = at.index(bodies[seq].len());
                    let end = (at + len.max(1)).min(bodies[seq].len());
                    pieces.push((seq, at, bodies[seq][at..end].to_vec()));
                }
            }
            // A seeded shuffle.
            let mut state = order | 1;
            for i in (1..pieces.len()).rev() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                pieces.swap(i, (state >> 33) as usize % (i + 1));
            }
            let mut r = Reassembly::new(1000);
            let mut out = Vec::new();
            for (seq, at, body) in &pieces {
                let whole = bodies[*seq].len() as u32;
                r.accept(2, &fragment(*seq as u16, whole, *at as u32, body)).unwrap();
                while let Some(message) = r.pop() {
                    out.push(message.body);
                }
            }
            prop_assert_eq!(out, bodies);
        }
    }
}
