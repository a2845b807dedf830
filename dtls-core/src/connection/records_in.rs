//! One record in: which keys, is it authentic, what does it hold (RFC 9147 4.1, 4.2.2, 4.5).

use core::ops::Range;

use dtls_crypto_api::SAMPLE_LEN;

use super::Connection;
use crate::error::{Error, InvalidMessage, Limit, PeerMisbehaved};
use crate::handshake::APPLICATION_EPOCH;
use crate::record::open::{DropReason, Opened};
use crate::time::Now;
use crate::wire::alert::parse_alert;
use crate::wire::header::{CiphertextHeader, PlaintextRecord, RecordKind};
use crate::wire::{ContentType, RecordNumber};

/// What keeping a record costs beyond its bytes.
const HELD_OVERHEAD: usize = 64;

/// Application data found in a record.
#[derive(Clone, Debug)]
pub(super) struct DataAt {
    pub(super) number: RecordNumber,
    pub(super) range: Range<usize>,
}

/// What became of the bytes at the front of a datagram.
pub(super) struct Step {
    /// How many bytes are done with.
    pub(super) consumed: usize,
    pub(super) data: Option<DataAt>,
}

impl Connection {
    /// Processes the record at the front of `bytes`. What cannot be told apart from noise takes
    /// the rest of the datagram with it.
    pub(super) fn record_received(&mut self, now: Now, bytes: &mut [u8]) -> Result<Step, Error> {
        let all = Step { consumed: bytes.len(), data: None };
        let Some(first) = bytes.first() else { return Ok(all) };
        match RecordKind::of(*first) {
            RecordKind::Plaintext => {
                let Ok(record) = PlaintextRecord::parse(bytes) else {
                    self.stats.dropped.count(DropReason::Malformed);
                    return Ok(all);
                };
                let consumed = record.record_len;
                self.plaintext_received(now, &record)?;
                Ok(Step { consumed, data: None })
            }
            RecordKind::Ciphertext => {
                let header = match CiphertextHeader::parse(bytes, 0) {
                    Ok(header) if !header.has_cid => header,
                    // No connection ID was negotiated (RFC 9147 9.1).
                    Ok(_) => {
                        self.stats.dropped.count(DropReason::NotNegotiated);
                        return Ok(all);
                    }
                    Err(_) => {
                        self.stats.dropped.count(DropReason::Malformed);
                        return Ok(all);
                    }
                };
                let consumed = header.header_len + header.encrypted_len;
                let record = bytes.get_mut(..consumed).unwrap_or_default();
                let data = self.ciphertext_received(now, record, &header)?;
                Ok(Step { consumed, data })
            }
            RecordKind::Unknown => {
                self.stats.dropped.count(DropReason::Malformed);
                Ok(all)
            }
        }
    }

    fn plaintext_received(&mut self, now: Now, record: &PlaintextRecord<'_>) -> Result<(), Error> {
        // Only epoch 0 has plaintext records in DTLS 1.3.
        if record.epoch != 0 {
            self.stats.dropped.count(DropReason::UnknownEpoch);
            return Ok(());
        }
        let number = RecordNumber::new(0, record.sequence);
        match record.content_type {
            ContentType::HANDSHAKE if self.is_connected() => {
                self.stats.dropped.count(DropReason::Unprotected);
                Ok(())
            }
            ContentType::HANDSHAKE => {
                self.stats.records_received += 1;
                self.handshake_received(now, number, record.fragment)
            }
            // A peer whose records authenticate has no more use for alerts and ACKs that
            // anybody could have written.
            _ if self.peer_authenticated || self.is_connected() => {
                self.stats.dropped.count(DropReason::Unprotected);
                Ok(())
            }
            ContentType::ALERT => {
                if let Ok(alert) = parse_alert(record.fragment) {
                    return self.alert_received(number, alert);
                }
                self.stats.dropped.count(DropReason::Malformed);
                Ok(())
            }
            _ => self.ack_received(now.monotonic, 0, record.fragment),
        }
    }

    fn ciphertext_received(
        &mut self,
        now: Now,
        record: &mut [u8],
        header: &CiphertextHeader,
    ) -> Result<Option<DataAt>, Error> {
        if !self.is_connected() && self.comes_before_its_time(header.epoch_bits) {
            self.hold(record, header);
            return Ok(None);
        }
        let provider = self.role.common().provider.as_ref();
        let opened = self.epochs.open(provider, now.monotonic, record, header);
        let (epoch, opened) = match opened {
            Ok(opened) => opened,
            Err(reason) => {
                self.stats.dropped.count(reason);
                self.check_failures(header.epoch_bits)?;
                return Ok(None);
            }
        };
        self.stats.records_received += 1;
        self.authenticated(now, epoch);
        self.content_received(now, epoch, &opened, record)
    }

    /// Records of epochs whose keys are not there yet, or whose data must wait for the peer's
    /// Finished. In the handshake the two bits name the epoch.
    fn comes_before_its_time(&self, epoch_bits: u8) -> bool {
        match epoch_bits {
            2 => !self.epochs.has_read(2),
            3 => true,
            _ => false,
        }
    }

    /// Keeps a record for later, within the bound.
    fn hold(&mut self, record: &[u8], header: &CiphertextHeader) {
        if header.encrypted_len < SAMPLE_LEN {
            self.stats.dropped.count(DropReason::BadLength);
            return;
        }
        let cost = record.len() + HELD_OVERHEAD;
        if self.held_bytes + cost > self.config().max_held_bytes {
            self.stats.dropped.count(DropReason::BufferFull);
            return;
        }
        self.held_bytes += cost;
        self.held.push_back(record.to_vec());
    }

    /// The first kept record that can be read now.
    pub(super) fn take_held(&mut self) -> Option<alloc::vec::Vec<u8>> {
        let connected = self.is_connected();
        let epochs = &self.epochs;
        let ready = self.held.iter().position(|record| {
            let bits = record.first().map_or(0, |flags| flags & 3);
            epochs.has_read(bits) && (connected || bits == 2)
        })?;
        let record = self.held.remove(ready)?;
        self.held_bytes -= record.len() + HELD_OVERHEAD;
        if self.held.is_empty() {
            self.held = alloc::collections::VecDeque::new();
        }
        Some(record)
    }

    /// Too many failures end the use of a key (RFC 9147 4.5.3).
    fn check_failures(&mut self, epoch_bits: u8) -> Result<(), Error> {
        let Some((failures, request_at, limit)) = self.epochs.failures(epoch_bits) else {
            return Ok(());
        };
        if failures >= limit {
            let newest = self.epochs.newest_read().unwrap_or(0);
            if newest & 3 == u64::from(epoch_bits) {
                return Err(Error::LimitReached(Limit::FailedRecords));
            }
            // New keys are in use already, so the old ones simply go.
            self.epochs.drop_read(epoch_bits);
        } else if failures >= request_at && failures.is_multiple_of(request_at) {
            self.want_key_update(true);
        }
        Ok(())
    }

    /// A record of `epoch` is the peer's beyond doubt.
    fn authenticated(&mut self, now: Now, epoch: u64) {
        self.peer_authenticated = true;
        // Whoever has handshake keys has received our ServerHello at its address.
        self.amplification = None;
        self.last_activity = now.monotonic;
        if epoch > APPLICATION_EPOCH && Some(epoch) == self.epochs.newest_read() {
            let lifetime = self.config().old_epoch_lifetime;
            self.epochs.retire_below(epoch, now.monotonic, lifetime);
        }
    }

    fn content_received(
        &mut self,
        now: Now,
        epoch: u64,
        opened: &Opened,
        record: &[u8],
    ) -> Result<Option<DataAt>, Error> {
        let number = RecordNumber::new(epoch, opened.sequence);
        // What stands behind the peer's close_notify is ignored; only that it has received ours
        // is still worth knowing.
        let behind_close = self.closing.peer.is_some_and(|close| number > close);
        if behind_close && opened.content_type != ContentType::ACK {
            self.stats.dropped.count(DropReason::AfterClose);
            return Ok(None);
        }
        let content = record.get(opened.content.clone()).unwrap_or_default();
        match opened.content_type {
            ContentType::APPLICATION_DATA if epoch >= APPLICATION_EPOCH => {
                Ok(Some(DataAt { number, range: opened.content.clone() }))
            }
            ContentType::APPLICATION_DATA => {
                Err(PeerMisbehaved::ApplicationDataInHandshakeEpoch.into())
            }
            ContentType::HANDSHAKE => self.handshake_received(now, number, content).map(|()| None),
            ContentType::ACK => self.ack_received(now.monotonic, epoch, content).map(|()| None),
            ContentType::ALERT => {
                let bad = if content.is_empty() {
                    InvalidMessage::EmptyRecord
                } else {
                    InvalidMessage::Alert
                };
                let alert = parse_alert(content).map_err(|_| bad)?;
                self.alert_received(number, alert).map(|()| None)
            }
            // RFC 9147bis 4.5.2: a record with a bad inner type is discarded.
            _ => {
                self.stats.dropped.count(DropReason::NotNegotiated);
                Ok(None)
            }
        }
    }
}
