//! The keys of all epochs that are alive, both directions (RFC 9147 4.2.1, 6.1).

use alloc::vec::Vec;
use core::time::Duration;

use dtls_crypto_api::{AeadAlgorithm, CryptoError, CryptoProvider, SAMPLE_LEN};

use crate::handshake::HANDSHAKE_EPOCH;
use crate::key_schedule::{RecordKeys, TrafficSecret};
use crate::record::open::{DropReason, Opened, ReadEpoch};
use crate::record::seal::{PlaintextWriter, SealError, WriteEpoch};
use crate::time::Instant;
use crate::wire::ContentType;
use crate::wire::header::CiphertextHeader;

/// Records a second for which a sleeping epoch's key is rebuilt. Stragglers of the last epoch
/// come within a round trip; a forger with old epoch bits must not make us compute key
/// schedules at line rate.
const MAX_WAKES_PER_SECOND: u32 = 256;

/// How long old application data may still be on its way (RFC 9147 4.2.1): TCP's maximum segment
/// lifetime.
const SEGMENT_LIFETIME: Duration = Duration::from_secs(120);

/// All epochs of one connection.
#[derive(Debug)]
pub(crate) struct Epochs {
    /// Sending side of epoch 0.
    pub(crate) plaintext: PlaintextWriter,
    /// Ascending.
    read: Vec<ReadSlot>,
    /// Ascending.
    write: Vec<WriteEpoch>,
}

#[derive(Debug)]
struct ReadSlot {
    read: ReadEpoch,
    keys: RecordKeys,
    /// When an epoch that is no longer current goes.
    expires: Option<Instant>,
    /// How often the sleeping key was rebuilt in the second that began then.
    wakes: u32,
    wakes_since: Instant,
}

impl ReadSlot {
    /// Rebuilds the key of a sleeping epoch, unless that was done too often lately.
    fn wake(&mut self, provider: &dyn CryptoProvider, now: Instant) -> Result<(), DropReason> {
        if now - self.wakes_since >= Duration::from_secs(1) {
            self.wakes = 0;
            self.wakes_since = now;
        }
        if self.wakes >= MAX_WAKES_PER_SECOND {
            return Err(DropReason::UnknownEpoch);
        }
        self.wakes += 1;
        self.read.wake(provider, &self.keys).map_err(|_| DropReason::UnknownEpoch)
    }
}

impl Epochs {
    pub(crate) const fn new(plaintext: PlaintextWriter) -> Self {
        Self { plaintext, read: Vec::new(), write: Vec::new() }
    }

    /// Adds a receiving epoch. An older one with the same low bits goes: the two could not be
    /// told apart.
    pub(crate) fn add_read(
        &mut self,
        provider: &dyn CryptoProvider,
        epoch: u64,
        secret: &TrafficSecret,
        aead: AeadAlgorithm,
    ) -> Result<(), CryptoError> {
        let keys = secret.record_keys(provider, aead)?;
        let read = ReadEpoch::new(provider, epoch, &keys)?;
        self.read.retain(|slot| slot.read.epoch() & 3 != epoch & 3);
        let wakes_since = Instant::from_origin(Duration::ZERO);
        self.read.push(ReadSlot { read, keys, expires: None, wakes: 0, wakes_since });
        Ok(())
    }

    pub(crate) fn add_write(
        &mut self,
        provider: &dyn CryptoProvider,
        epoch: u64,
        secret: &TrafficSecret,
        aead: AeadAlgorithm,
    ) -> Result<(), CryptoError> {
        let keys = secret.record_keys(provider, aead)?;
        self.write.push(WriteEpoch::new(provider, epoch, &keys)?);
        Ok(())
    }

    /// The newest receiving epoch.
    pub(crate) fn newest_read(&self) -> Option<u64> {
        self.read.last().map(|slot| slot.read.epoch())
    }

    /// The epoch new records are sent in: 0 before there are keys.
    pub(crate) fn newest_write(&self) -> u64 {
        self.write.last().map_or(0, WriteEpoch::epoch)
    }

    /// The sending side of the newest epoch with keys.
    pub(crate) fn newest_writer(&mut self) -> Option<&mut WriteEpoch> {
        self.write.last_mut()
    }

    /// The sending side of `epoch`, which is not 0.
    pub(crate) fn writer(&mut self, epoch: u64) -> Option<&mut WriteEpoch> {
        self.write.iter_mut().find(|write| write.epoch() == epoch)
    }

    /// Whether some epoch's records carry these bits.
    pub(crate) fn has_read(&self, epoch_bits: u8) -> bool {
        self.read.iter().any(|slot| slot.read.epoch() & 3 == u64::from(epoch_bits))
    }

    /// Opens a record in place with the keys its epoch bits name.
    pub(crate) fn open(
        &mut self,
        provider: &dyn CryptoProvider,
        now: Instant,
        record: &mut [u8],
        header: &CiphertextHeader,
    ) -> Result<(u64, Opened), DropReason> {
        let bits = u64::from(header.epoch_bits);
        let slot = self.read.iter_mut().find(|slot| slot.read.epoch() & 3 == bits);
        let slot = slot.ok_or(DropReason::UnknownEpoch)?;
        let dormant = slot.read.is_dormant();
        if dormant {
            if header.encrypted_len < SAMPLE_LEN {
                return Err(DropReason::BadLength);
            }
            slot.wake(provider, now)?;
        }
        let opened = slot.read.open(record, header);
        if dormant {
            slot.read.put_to_sleep();
        }
        opened.map(|opened| (slot.read.epoch(), opened))
    }

    /// The failures of the epoch with these bits, and the counts at which to ask for new keys
    /// and to give up.
    pub(crate) fn failures(&self, epoch_bits: u8) -> Option<(u64, u64, u64)> {
        let bits = u64::from(epoch_bits);
        let slot = self.read.iter().find(|slot| slot.read.epoch() & 3 == bits)?;
        let limits = slot.read.limits();
        Some((slot.read.failures(), limits.request_update_at(), limits.failed))
    }

    /// Drops one old receiving epoch.
    pub(crate) fn drop_read(&mut self, epoch_bits: u8) {
        self.read.retain(|slot| slot.read.epoch() & 3 != u64::from(epoch_bits));
    }

    /// From now on every receiving epoch below `current` is only for stragglers.
    pub(crate) fn retire_below(&mut self, current: u64, now: Instant, lifetime: Duration) {
        for slot in &mut self.read {
            if slot.read.epoch() < current && slot.expires.is_none() {
                slot.read.put_to_sleep();
                // Only the handshake's epoch has to outlive the peer's retransmissions.
                let old_data = slot.read.epoch() > HANDSHAKE_EPOCH;
                let lifetime = if old_data { lifetime.min(SEGMENT_LIFETIME) } else { lifetime };
                slot.expires = Some(now + lifetime);
            }
        }
    }

    /// An old epoch is still used: it stays for another lifetime.
    pub(crate) fn renew(&mut self, epoch: u64, now: Instant, lifetime: Duration) {
        for slot in self.read.iter_mut().filter(|slot| slot.read.epoch() == epoch) {
            slot.expires = slot.expires.map(|_| now + lifetime);
        }
    }

    /// When the next old epoch goes.
    pub(crate) fn expiry(&self) -> Option<Instant> {
        self.read.iter().filter_map(|slot| slot.expires).min()
    }

    /// Lets epochs go whose time has come.
    pub(crate) fn expire(&mut self, now: Instant) {
        self.read.retain(|slot| slot.expires.is_none_or(|expires| expires > now));
        if self.read.len() < 2 {
            self.read.shrink_to_fit();
        }
    }

    /// Lets sending epochs go that are neither current nor used by an unacknowledged message.
    pub(crate) fn keep_writers(&mut self, in_use: impl Fn(u64) -> bool) {
        let newest = self.newest_write();
        self.write.retain(|write| write.epoch() == newest || in_use(write.epoch()));
        self.write.shrink_to_fit();
    }

    /// Forgets all sending keys.
    pub(crate) fn forget_writers(&mut self) {
        self.write = Vec::new();
    }

    /// Forgets all receiving keys.
    pub(crate) fn forget_readers(&mut self) {
        self.read = Vec::new();
    }

    /// Makes a record in `epoch` in place: `out` has room for the header, then holds the
    /// content.
    pub(crate) fn seal(
        &mut self,
        epoch: u64,
        out: &mut [u8],
        content_len: usize,
        content_type: ContentType,
    ) -> Result<(u64, usize), SealError> {
        if epoch == 0 {
            return self.plaintext.seal(out, content_len, content_type);
        }
        let writer = self.writer(epoch).ok_or(SealError::Exhausted)?;
        writer.seal(out, content_len, content_type)
    }
}
