//! Messages on their way out: cut into fragments, sent, acknowledged piece by piece, sent again
//! (RFC 9147 5.5, 5.8, 7.2).

use alloc::vec::Vec;
use core::ops::Range;

use super::ranges::RangeSet;
use crate::time::Instant;
use crate::wire::RecordNumber;
use crate::wire::handshake::HandshakeType;

/// Records sent in one go before waiting for an ACK or the timer (RFC 9147 5.8.3).
pub const MAX_RECORDS_PER_TRANSMISSION: u32 = 10;

/// A message to be delivered.
#[derive(Debug)]
pub struct OutgoingMessage {
    /// The epoch it is sent in, every time.
    pub epoch: u64,
    /// Its type.
    pub msg_type: HandshakeType,
    /// Its number.
    pub message_seq: u16,
    /// Its body.
    pub body: Vec<u8>,
    acked: RangeSet,
    /// An empty message has no bytes to acknowledge, so it has a flag.
    empty_acked: bool,
}

impl OutgoingMessage {
    /// A message nothing of which has been sent.
    pub fn new(epoch: u64, msg_type: HandshakeType, message_seq: u16, body: Vec<u8>) -> Self {
        let acked = RangeSet::default();
        Self { epoch, msg_type, message_seq, body, acked, empty_acked: false }
    }

    /// Marks a range as acknowledged. Returns whether that is news.
    fn acknowledge(&mut self, range: &Range<u32>) -> bool {
        if self.body.is_empty() {
            return !core::mem::replace(&mut self.empty_acked, true);
        }
        let news = self.acked.first_gap(range.start, range.end).is_some();
        self.acked.insert(range.clone());
        news
    }

    fn is_acked(&self) -> bool {
        if self.body.is_empty() { self.empty_acked } else { self.acked.covers(self.body_len()) }
    }

    /// Length of the body in bytes. Messages of ours are far below 2^24 bytes.
    pub const fn body_len(&self) -> u32 {
        self.body.len() as u32
    }

    /// The next range at or behind `from` that is not acknowledged.
    fn next_unacked(&self, from: u32) -> Option<Range<u32>> {
        if self.body.is_empty() {
            return (!self.empty_acked && from == 0).then_some(0..0);
        }
        self.acked.first_gap(from, self.body_len())
    }
}

/// A place in a flight: message, and offset in its body.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    message: usize,
    offset: u32,
}

/// A piece of a message as it goes into a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// Which message of the flight.
    pub message: usize,
    /// Which bytes of its body.
    pub range: Range<u32>,
}

#[derive(Debug)]
struct SentPiece {
    number: RecordNumber,
    piece: Piece,
}

/// What an ACK did to a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AckEffect {
    /// It named no record of this flight.
    None,
    /// Parts are acknowledged; the rest is to be sent again.
    Partial,
    /// All is acknowledged.
    Complete,
}

/// Messages that are sent together and acknowledged together.
#[derive(Debug, Default)]
pub struct Flight {
    messages: Vec<OutgoingMessage>,
    sent: Vec<SentPiece>,
    /// Where the transmission under way goes on, or where the next one begins.
    cursor: Position,
    /// Where a transmission that has gone once around ends.
    wrap_at: Option<Position>,
    records_left: u32,
    /// When the flight is sent again.
    deadline: Option<Instant>,
    first_sent: Option<Instant>,
    last_sent: Option<Instant>,
    retransmissions: u32,
    any_acked: bool,
    /// A hint of the peer's has made us send again since the timer last did.
    hinted: bool,
}

impl Flight {
    /// Adds a message at the end. Call [`Self::start`] when the flight is complete.
    pub fn push(&mut self, message: OutgoingMessage) {
        self.messages.push(message);
    }

    /// Whether there are no messages.
    pub const fn is_empty(&self) -> bool {
        self.messages.is_empty()
    }

    /// The messages.
    pub fn messages(&self) -> &[OutgoingMessage] {
        &self.messages
    }

    /// Begins the first transmission.
    pub const fn start(&mut self) {
        self.cursor = Position { message: 0, offset: 0 };
        self.wrap_at = None;
        self.records_left = MAX_RECORDS_PER_TRANSMISSION;
    }

    /// Sends again what is not acknowledged. When the last transmission had to stop before the
    /// end, this one goes on from there and comes around, so that a peer that never sends an ACK
    /// still gets everything.
    pub fn retransmit(&mut self) {
        self.records_left = MAX_RECORDS_PER_TRANSMISSION;
        self.retransmissions += 1;
        self.deadline = None;
        self.hinted = false;
        if self.peek().is_some() && self.cursor > Position::default() {
            self.wrap_at = Some(self.cursor);
        } else {
            self.start();
        }
    }

    /// The timer has run out while the transmission was held up. It goes on where it is.
    pub const fn timed_out_held_up(&mut self) {
        self.retransmissions += 1;
        self.deadline = None;
        self.hinted = false;
    }

    /// The peer says that it has received something of the flight and can acknowledge nothing:
    /// its beginning was lost. Sends again, once for each time the timer does. Returns whether
    /// it did.
    pub const fn hint(&mut self) -> bool {
        let again = !self.any_acked && !self.hinted && !self.sent.is_empty();
        if again {
            self.start();
            self.hinted = true;
        }
        again
    }

    /// The next piece to send, of at most `max_len` body bytes and in `epoch` only if one is
    /// given. Nothing when the transmission is complete or has sent as many records as it may.
    pub fn next_piece(&mut self, max_len: usize, epoch: Option<u64>) -> Option<Piece> {
        let mut piece = self.peek()?;
        let message = self.messages.get(piece.message)?;
        if epoch.is_some_and(|e| e != message.epoch) {
            return None;
        }
        let max_len = u32::try_from(max_len).unwrap_or(u32::MAX);
        if max_len == 0 && !piece.range.is_empty() {
            return None;
        }
        piece.range.end = piece.range.end.min(piece.range.start.saturating_add(max_len));
        self.cursor = if piece.range.end >= message.body_len() {
            Position { message: piece.message + 1, offset: 0 }
        } else {
            Position { message: piece.message, offset: piece.range.end }
        };
        Some(piece)
    }

    /// The epoch of the next piece, if there is one to send now.
    pub fn next_epoch(&self) -> Option<u64> {
        let piece = self.peek()?;
        self.messages.get(piece.message).map(|m| m.epoch)
    }

    /// Whether the transmission under way is done with the first message.
    pub const fn is_past_first_message(&self) -> bool {
        self.cursor.message > 0
    }

    /// Whether a transmission has begun and has more to send.
    pub fn is_sending(&self) -> bool {
        self.peek().is_some()
    }

    fn peek(&self) -> Option<Piece> {
        if self.records_left == 0 {
            return None;
        }
        match (self.peek_from(self.cursor), self.wrap_at) {
            (Some(piece), None) => Some(piece),
            // Still on the way to the end of the flight.
            (Some(piece), Some(end)) if self.cursor >= end => Some(piece),
            // Around already, so only up to where this transmission began.
            (Some(piece), Some(end)) => {
                let at = Position { message: piece.message, offset: piece.range.start };
                (at < end).then_some(piece)
            }
            (None, Some(end)) if self.cursor >= end => {
                let piece = self.peek_from(Position::default())?;
                let at = Position { message: piece.message, offset: piece.range.start };
                (at < end).then_some(piece)
            }
            (None, _) => None,
        }
    }

    fn peek_from(&self, from: Position) -> Option<Piece> {
        self.messages.iter().enumerate().skip(from.message).find_map(|(index, message)| {
            let start = if index == from.message { from.offset } else { 0 };
            message.next_unacked(start).map(|range| Piece { message: index, range })
        })
    }

    /// Notes that these pieces were sent in one record.
    pub fn record_sent(&mut self, number: RecordNumber, pieces: impl IntoIterator<Item = Piece>) {
        self.records_left = self.records_left.saturating_sub(1);
        self.sent.extend(pieces.into_iter().map(|piece| SentPiece { number, piece }));
    }

    /// Notes that the transmission reached the socket at `now`; the timer runs from here.
    pub fn transmitted(&mut self, now: Instant, deadline: Option<Instant>) {
        self.first_sent.get_or_insert(now);
        self.last_sent = Some(now);
        self.deadline = deadline;
    }

    /// Takes in the numbers of an ACK. An acknowledgement of any earlier transmission counts.
    pub fn acknowledge(&mut self, numbers: &[RecordNumber]) -> AckEffect {
        let Self { sent, messages, .. } = self;
        let mut progress = false;
        sent.retain(|entry| {
            if !numbers.contains(&entry.number) {
                return true;
            }
            if let Some(message) = messages.get_mut(entry.piece.message) {
                progress |= message.acknowledge(&entry.piece.range);
            }
            false
        });
        // An ACK for bytes that were acknowledged before must not make us send again: each
        // transmission would give the peer more such records to name.
        if !progress {
            return AckEffect::None;
        }
        self.any_acked = true;
        if self.messages.iter().all(OutgoingMessage::is_acked) {
            return AckEffect::Complete;
        }
        // The rest is sent again at once (RFC 9147 7.2); this is an answer, so the count of
        // fruitless tries begins anew.
        self.start();
        self.retransmissions = 0;
        AckEffect::Partial
    }

    /// When the flight is to be sent again.
    pub const fn deadline(&self) -> Option<Instant> {
        self.deadline
    }

    /// Sets or clears the time at which the flight is to be sent again.
    pub const fn set_deadline(&mut self, deadline: Option<Instant>) {
        self.deadline = deadline;
    }

    /// How often it was sent again since the last answer.
    pub const fn retransmissions(&self) -> u32 {
        self.retransmissions
    }

    /// Whether any part of it was acknowledged.
    pub const fn any_acked(&self) -> bool {
        self.any_acked
    }

    /// When it was sent last.
    pub const fn last_sent(&self) -> Option<Instant> {
        self.last_sent
    }

    /// The time from first transmission to `now`, if it was sent only once.
    pub fn clean_round_trip(&self, now: Instant) -> Option<core::time::Duration> {
        let clean = self.retransmissions == 0 && !self.any_acked && !self.hinted;
        (clean && self.first_sent == self.last_sent)
            .then(|| self.first_sent.map(|sent| now - sent))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    use proptest::prelude::*;

    fn flight(lens: &[usize]) -> Flight {
        let mut flight = Flight::default();
        for (i, len) in lens.iter().enumerate() {
            let body = vec![i as u8; *len];
            flight.push(OutgoingMessage::new(2, HandshakeType::CERTIFICATE, i as u16, body));
        }
        flight.start();
        flight
    }

    /// Sends one transmission in records of `max` bytes, one piece each.
    fn transmit(flight: &mut Flight, next: &mut u64, max: usize) -> Vec<(RecordNumber, Piece)> {
        let mut out = Vec::new();
        while let Some(piece) = flight.next_piece(max, None) {
            let number = RecordNumber::new(2, *next);
            *next += 1;
            flight.record_sent(number, [piece.clone()]);
            out.push((number, piece));
        }
        out
    }

    /// req: 9147-5.8.3-01
    #[test]
    fn ten_records_go_out_at_once_and_the_rest_on_an_ack() {
        let (mut f, mut next) = (flight(&[1500]), 0);
        let first = transmit(&mut f, &mut next, 100);
        assert_eq!(first.len(), 10);
        let numbers: Vec<_> = first.iter().map(|(n, _)| *n).collect();
        assert_eq!(f.acknowledge(&numbers), AckEffect::Partial);
        let second = transmit(&mut f, &mut next, 100);
        assert_eq!(second.len(), 5);
        assert_eq!(second[0].1.range, 1000..1100);
        let numbers: Vec<_> = second.iter().map(|(n, _)| *n).collect();
        assert_eq!(f.acknowledge(&numbers), AckEffect::Complete);
    }

    /// req: 9147-5.8.1-01, 9147-7.2-01, 9147-7.2-02
    #[test]
    fn only_what_is_not_acknowledged_is_sent_again() {
        let (mut f, mut next) = (flight(&[300, 0, 50]), 0);
        let sent = transmit(&mut f, &mut next, 100);
        assert_eq!(sent.len(), 5);
        assert_eq!(f.acknowledge(&[sent[1].0, sent[3].0]), AckEffect::Partial);
        let again: Vec<_> = transmit(&mut f, &mut next, 100).into_iter().map(|(_, p)| p).collect();
        assert_eq!(again, [sent[0].1.clone(), sent[2].1.clone(), sent[4].1.clone()]);
    }

    /// req: 9147-7.2-04
    #[test]
    fn an_ack_for_the_first_transmission_settles_the_second() {
        let (mut f, mut next) = (flight(&[300]), 0);
        let sent = transmit(&mut f, &mut next, 300);
        f.retransmit();
        transmit(&mut f, &mut next, 120);
        assert_eq!(f.acknowledge(&[RecordNumber::new(2, 99)]), AckEffect::None);
        assert_eq!(f.acknowledge(&[sent[0].0]), AckEffect::Complete);
    }

    #[test]
    fn acknowledging_the_same_bytes_twice_sends_nothing_again() {
        let (mut f, mut next) = (flight(&[300]), 0);
        let first = transmit(&mut f, &mut next, 100);
        f.retransmit();
        let second = transmit(&mut f, &mut next, 100);
        assert_eq!(f.acknowledge(&[first[0].0]), AckEffect::Partial);
        assert_eq!(transmit(&mut f, &mut next, 100).len(), 2);
        assert_eq!(f.acknowledge(&[second[0].0]), AckEffect::None);
        assert_eq!(transmit(&mut f, &mut next, 100), []);
    }

    #[test]
    fn a_peer_that_never_acknowledges_still_gets_everything() {
        let (mut f, mut next) = (flight(&[2500]), 0);
        let mut got = RangeSet::default();
        for _ in 0..4 {
            for (_, piece) in transmit(&mut f, &mut next, 100) {
                got.insert(piece.range);
            }
            f.retransmit();
        }
        assert!(got.covers(2500));
    }

    proptest! {
        /// req: 9147-5.5-01, 9147-5.5-06
        #[test]
        fn one_transmission_never_overlaps_itself(lens in proptest::collection::vec(0_usize..500, 1..6), max in 1_usize..200, acks in any::<u64>(), rounds in 1_usize..6) {
            let (mut f, mut next) = (flight(&lens), 0);
            let mut bits = acks;
            for _ in 0..rounds {
                let sent = transmit(&mut f, &mut next, max);
                prop_assert!(sent.len() <= 10);
                for (i, (_, a)) in sent.iter().enumerate() {
                    for (_, b) in &sent[i + 1..] {
                        let apart = a.message != b.message || a.range.end <= b.range.start || b.range.end <= a.range.start;
                        prop_assert!(apart, "{a:?} {b:?}");
                        prop_assert!(a != b);
                    }
                }
                let acked: Vec<_> = sent.iter().filter(|_| { bits = bits.rotate_left(7).wrapping_mul(31); bits & 1 == 1 }).map(|(n, _)| *n).collect();
                if f.acknowledge(&acked) == AckEffect::Complete {
                    prop_assert!(f.next_piece(max, None).is_none());
                    return Ok(());
                }
                f.retransmit();
            }
        }
    }
}
