//! Datagrams out: alerts, ACKs, flights cut to the MTU, and application data sealed in the
//! caller's own buffer (RFC 9147 4.3, 5.5).

use alloc::vec::Vec;
use core::ops::Range;

use super::{Amplification, Connection, PathId, Purpose};
use crate::error::{Error, Limit, SendError};
use crate::flight::outgoing::Piece;
use crate::handshake::APPLICATION_EPOCH;
use crate::record::seal::{Expansion, SealError};
use crate::time::{Instant, Now};
use crate::wire::ContentType;
use crate::wire::ack::put_ack;
use crate::wire::alert::encode_alert;
use crate::wire::handshake::{HANDSHAKE_HEADER_LEN, put_fragment_header};
use crate::wire::header::{CIPHERTEXT_HEADER_LEN, MAX_CONTENT_LEN, PLAINTEXT_HEADER_LEN};

/// What [`Connection::poll_transmit`] wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transmit {
    /// Where to send it.
    pub path: PathId,
    /// Bytes written.
    pub len: usize,
    /// Length of each datagram but the last, which may be shorter: ready for segmentation
    /// offload.
    pub segment_size: usize,
}

/// The datagram size of a flight that is not answered: what every IPv4 path carries, less
/// headers. Not less, since each further fragment is one more that can be lost.
const FALLBACK_MTU: usize = 548;

/// Probes kept in reserve for a transmission that the amplification limit holds up.
const PROBES: usize = 3;
/// Bytes of a probe: a record with a fragment of some thirty bytes.
const PROBE_LEN: usize = 64;

/// The fewest bytes of a handshake fragment worth a header of its own.
const MIN_FRAGMENT: usize = 1;

impl Connection {
    /// Writes what is to be sent into `out`, up to `max_segments` datagrams back to back, all of
    /// one size but the last. `None` when there is nothing to send.
    ///
    /// `out` should have room for `max_segments` datagrams of [`Self::mtu`] bytes.
    pub fn poll_transmit(
        &mut self,
        now: Now,
        out: &mut [u8],
        max_segments: usize,
    ) -> Option<Transmit> {
        if let Err(error) = self.update_if_wanted(now.monotonic) {
            self.fail(error);
        }
        let mut len = 0;
        let mut segment_size = 0;
        for segment in 0..max_segments.max(1) {
            let room = out.get_mut(len..).unwrap_or_default();
            let cap = if segment == 0 { self.flight_mtu() } else { segment_size };
            let cap = cap.min(room.len()).min(self.amplification_room());
            let datagram = room.get_mut(..cap).unwrap_or_default();
            let written = self.write_datagram(now.monotonic, datagram);
            if written == 0 {
                break;
            }
            self.stats.datagrams_sent += 1;
            self.stats.bytes_sent += written as u64;
            if let Some(amplification) = &mut self.amplification {
                amplification.sent += written as u64;
            }
            len += written;
            if self.amplification.as_ref().is_some_and(|a| a.probe) {
                self.end_probe();
                segment_size = written;
                break;
            }
            if segment == 0 {
                segment_size = written;
            } else if written < segment_size {
                break;
            }
        }
        self.watch_held_up(now.monotonic);
        (len > 0).then_some(Transmit { path: self.path, len, segment_size })
    }

    /// The largest datagram for what is not application data.
    fn flight_mtu(&self) -> usize {
        let mtu = if self.narrow_path { self.mtu.min(FALLBACK_MTU) } else { self.mtu };
        mtu.max(crate::config::MIN_MTU)
    }

    /// Bytes that may be sent to an address that has not shown it receives there: three times
    /// what came from it (RFC 9147 5.1), of which some is kept for probes.
    fn amplification_room(&self) -> usize {
        let Some(Amplification { received, sent, probe }) = self.amplification else {
            return usize::MAX;
        };
        let room = usize::try_from((received * 3).saturating_sub(sent)).unwrap_or(usize::MAX);
        if probe { room.min(PROBE_LEN) } else { room.saturating_sub(PROBES * PROBE_LEN) }
    }

    fn end_probe(&mut self) {
        if let Some(amplification) = &mut self.amplification {
            amplification.probe = false;
        }
    }

    /// A transmission that is held up by the amplification limit gets a timer too. Without it
    /// both ends would wait for ever when the client's one ACK is lost: when the timer runs out,
    /// a small probe from the reserve makes the client speak again.
    fn watch_held_up(&mut self, now: Instant) {
        if self.amplification.is_none() {
            return;
        }
        let timeout = self.timer.timeout();
        for exchange in &mut self.exchanges {
            let timed = exchange.purpose != Purpose::Handshake { timed: false };
            if timed && exchange.flight.is_sending() && exchange.flight.deadline().is_none() {
                exchange.flight.set_deadline(Some(now + timeout));
            }
        }
    }

    fn write_datagram(&mut self, now: Instant, out: &mut [u8]) -> usize {
        let mut at = 0;
        if self.closing.error.is_none() {
            at += self.write_ack(now, out);
            match self.write_flights(now, out, at) {
                Ok(end) => at = end,
                Err(error) => {
                    self.fail(error);
                }
            }
        }
        if !self.has_flight_pieces() || self.closing.error.is_some() {
            at += self.write_alert(out.get_mut(at..).unwrap_or_default());
        }
        at
    }

    fn has_flight_pieces(&self) -> bool {
        self.exchanges.iter().any(|e| e.flight.next_epoch().is_some())
    }

    /// Header bytes before, and bytes behind the content of a record in `epoch`.
    fn overhead(&mut self, epoch: u64) -> (usize, usize) {
        if epoch == 0 {
            return (PLAINTEXT_HEADER_LEN, 0);
        }
        let tag_len = self.epochs.writer(epoch).map_or(16, |writer| writer.tag_len());
        (CIPHERTEXT_HEADER_LEN, Expansion::total(tag_len) - CIPHERTEXT_HEADER_LEN)
    }

    /// Writes an alert that is pending, in the newest epoch.
    fn write_alert(&mut self, out: &mut [u8]) -> usize {
        let Some(alert) = self.closing.alert else { return 0 };
        let epoch = self.closing.alert_epoch.unwrap_or_else(|| self.alert_epoch());
        let (before, _) = self.overhead(epoch);
        let Some(content) = out.get_mut(before..before + 2) else { return 0 };
        content.copy_from_slice(&encode_alert(alert));
        match self.epochs.seal(epoch, out, 2, ContentType::ALERT) {
            Ok((_, len)) => {
                self.closing.alert = None;
                self.stats.records_sent += 1;
                len
            }
            Err(SealError::NoRoom) => 0,
            Err(_) => {
                // Alerts are a courtesy; without keys there is nobody to tell.
                self.closing.alert = None;
                0
            }
        }
    }

    /// Writes an ACK that is due, in the newest epoch (RFC 9147 7).
    fn write_ack(&mut self, now: Instant, out: &mut [u8]) -> usize {
        if !self.acks.due || !self.version_agreed {
            return 0;
        }
        let epoch = self.ack_epoch();
        let (before, behind) = self.overhead(epoch);
        let entries = Self::ack_entries_in(out.len().saturating_sub(before + behind));
        if entries == 0 {
            return 0;
        }
        let mut content = Vec::new();
        put_ack(&mut content, self.acks.list.newest(entries).iter().copied());
        let Some(place) = out.get_mut(before..before + content.len()) else { return 0 };
        place.copy_from_slice(&content);
        self.acks.due = false;
        self.acks.deadline = None;
        if self.is_connected() {
            // Each record is acknowledged once, and again when it comes again.
            self.acks.list.clear();
        }
        self.repeat_ack(now);
        match self.epochs.seal(epoch, out, content.len(), ContentType::ACK) {
            Ok((_, len)) => {
                self.stats.records_sent += 1;
                len
            }
            Err(_) => 0,
        }
    }

    /// Writes records of all flights under way, from `at` on. Returns where they end.
    fn write_flights(
        &mut self,
        now: Instant,
        out: &mut [u8],
        mut at: usize,
    ) -> Result<usize, Error> {
        for index in 0..self.exchanges.len() {
            while let Some(epoch) =
                self.exchanges.get(index).and_then(|exchange| exchange.flight.next_epoch())
            {
                let record = out.get_mut(at..).unwrap_or_default();
                let written = self.write_flight_record(index, epoch, record)?;
                if written == 0 {
                    break;
                }
                at += written;
                self.finish_transmission(now, index);
            }
        }
        Ok(at)
    }

    /// Writes one record with as much of a flight as fits. Returns its length, 0 if nothing fits.
    fn write_flight_record(
        &mut self,
        index: usize,
        epoch: u64,
        out: &mut [u8],
    ) -> Result<usize, Error> {
        let (before, behind) = self.overhead(epoch);
        let room = out.len().saturating_sub(before + behind).min(MAX_CONTENT_LEN);
        let Some(exchange) = self.exchanges.get_mut(index) else { return Ok(0) };
        let flight = &mut exchange.flight;
        let mut content: Vec<u8> = Vec::with_capacity(room);
        let mut pieces: Vec<Piece> = Vec::new();
        while content.len() + HANDSHAKE_HEADER_LEN + MIN_FRAGMENT <= room {
            let space = room - content.len() - HANDSHAKE_HEADER_LEN;
            let Some(piece) = flight.next_piece(space, Some(epoch)) else { break };
            if let Some(message) = flight.messages().get(piece.message) {
                let range = piece.range.start as usize..piece.range.end as usize;
                let body = message.body.get(range).unwrap_or_default();
                put_fragment_header(
                    &mut content,
                    message.msg_type,
                    message.body_len(),
                    message.message_seq,
                    piece.range.start,
                    body.len() as u32,
                );
                content.extend_from_slice(body);
            }
            let ends_record = flight.messages().get(piece.message).is_some_and(|message| {
                message.msg_type.ends_epoch() && piece.range.end == message.body_len()
            });
            pieces.push(piece);
            if ends_record {
                break;
            }
        }
        if pieces.is_empty() {
            return Ok(0);
        }
        let place = out.get_mut(before..before + content.len()).unwrap_or_default();
        place.copy_from_slice(&content);
        let (sequence, len) = self
            .epochs
            .seal(epoch, out, content.len(), ContentType::HANDSHAKE)
            .map_err(|error| match error {
            SealError::Crypto(error) => Error::Crypto(error),
            _ => Error::LimitReached(Limit::SentRecords),
        })?;
        self.stats.records_sent += 1;
        if let Some(exchange) = self.exchanges.get_mut(index) {
            let number = crate::wire::RecordNumber::new(epoch, sequence);
            exchange.flight.record_sent(number, pieces);
        }
        Ok(len)
    }

    /// When a transmission is complete, its timer starts.
    fn finish_transmission(&mut self, now: Instant, index: usize) {
        let Some(exchange) = self.exchanges.get(index) else { return };
        if exchange.flight.next_epoch().is_some() {
            return;
        }
        let deadline = self.retransmit_at(now, exchange.purpose);
        if let Some(exchange) = self.exchanges.get_mut(index) {
            exchange.flight.transmitted(now, deadline);
        }
    }

    /// Bytes [`Self::seal_in_place`] wants before the payload.
    pub const fn headroom(&self) -> usize {
        CIPHERTEXT_HEADER_LEN
    }

    /// Bytes [`Self::seal_in_place`] wants behind the payload at most.
    pub fn tailroom(&self) -> usize {
        self.established.as_ref().map_or(17, |e| Expansion::of(e.suite.aead).behind)
    }

    /// The largest payload that fits one record and one datagram now.
    pub fn max_payload(&self) -> usize {
        let tag_len = self.established.as_ref().map_or(16, |e| e.suite.aead.tag_len());
        self.mtu.saturating_sub(Expansion::total(tag_len)).min(MAX_CONTENT_LEN)
    }

    /// Makes a record of application data around `payload` within `buf`, without copying and
    /// without allocating, and returns where the record stands: that is what to send on
    /// [`Self::path`]. Several records may be put into one datagram.
    ///
    /// `buf` has [`Self::headroom`] bytes before the payload and [`Self::tailroom`] behind it.
    ///
    /// Call [`Self::poll_transmit`] now and then also when nothing is received: sending is what
    /// makes a key update due.
    ///
    /// # Errors
    /// A [`SendError`] changes nothing; in particular the payload is untouched.
    pub fn seal_in_place(
        &mut self,
        now: Now,
        buf: &mut [u8],
        payload: Range<usize>,
    ) -> Result<Range<usize>, SendError> {
        let Some(established) = &self.established else { return Err(SendError::NotConnected) };
        if self.closing.local || self.closing.error.is_some() {
            return Err(SendError::Closed);
        }
        let aead = established.suite.aead;
        let (len, max) = (payload.len(), self.max_payload());
        if len > max {
            return Err(SendError::TooLarge { max });
        }
        let Expansion { before, behind } = Expansion::of(aead);
        let no_room = SendError::NoRoom { headroom: before, tailroom: behind };
        let start = payload.start.checked_sub(before).ok_or(no_room)?;
        let record = buf.get_mut(start..payload.end.saturating_add(behind)).ok_or(no_room)?;
        let writer = self.epochs.newest_writer().ok_or(SendError::NotConnected)?;
        debug_assert!(writer.epoch() >= APPLICATION_EPOCH);
        let sealed = writer.seal(record, len, ContentType::APPLICATION_DATA);
        let (_, record_len) = match sealed {
            Ok(sealed) => sealed,
            Err(SealError::Exhausted) => {
                self.want_key_update(false);
                return Err(SendError::KeyExhausted);
            }
            Err(SealError::NoRoom) => return Err(no_room),
            Err(SealError::Crypto(error)) => return Err(SendError::Crypto(error)),
        };
        if writer.next_sequence() >= writer.limits().begin_update_at() {
            self.want_key_update(false);
        }
        self.last_activity = now.monotonic;
        self.stats.records_sent += 1;
        self.stats.bytes_sent += record_len as u64;
        Ok(start..start + record_len)
    }
}
