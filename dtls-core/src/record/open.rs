//! Opening the records of one epoch (RFC 9147 4.2.2, 4.2.3, 4.5).

use alloc::boxed::Box;
use core::ops::Range;

use dtls_crypto_api::{CryptoError, CryptoProvider, OpenKey, SAMPLE_LEN};

use super::limits::{KeyLimits, key_limits};
use super::number::reconstruct;
use super::padding::{ContentEnd, content_end};
use super::replay::ReplayWindow;
use crate::key_schedule::RecordKeys;
use crate::wire::ContentType;
use crate::wire::header::{CiphertextHeader, MAX_CONTENT_LEN, MAX_ENCRYPTED_LEN};

/// Why a record was dropped. None of these touches any state but a counter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum DropReason {
    /// The header does not parse, or its length reaches past the datagram.
    Malformed,
    /// There is no key for the epoch.
    UnknownEpoch,
    /// The encrypted record is shorter than 16 bytes or longer than allowed.
    BadLength,
    /// It does not authenticate.
    NotAuthentic,
    /// Its number was seen before, or is too old to tell.
    Replayed,
    /// The inner plaintext has no content type, or too much content.
    BadInnerPlaintext,
    /// A content type or connection ID that was not negotiated.
    NotNegotiated,
    /// It came before the keys for it, and the buffer for such records is full.
    BufferFull,
    /// It came after the peer's close_notify.
    AfterClose,
    /// A plaintext record that can no longer be believed.
    Unprotected,
    /// A fragment too far ahead to keep, or of another epoch than its message.
    FragmentRefused,
    /// The connection is over.
    Closed,
}

/// A record that authenticated and is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Opened {
    /// Its sequence number.
    pub sequence: u64,
    /// The inner content type.
    pub content_type: ContentType,
    /// Where in the record the content stands.
    pub content: Range<usize>,
}

/// Receiving state of one epoch.
pub struct ReadEpoch {
    epoch: u64,
    key: ReadKey,
    window: ReplayWindow,
    failures: u64,
    limits: KeyLimits,
}

enum ReadKey {
    /// Key schedules computed, ready.
    Live(Box<dyn OpenKey>),
    /// Kept for stragglers as secrets only; the key is rebuilt for each of them.
    Dormant,
}

impl core::fmt::Debug for ReadEpoch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "ReadEpoch({})", self.epoch)
    }
}

impl ReadEpoch {
    /// The receiving state of a new epoch.
    pub fn new(
        provider: &dyn CryptoProvider,
        epoch: u64,
        keys: &RecordKeys,
    ) -> Result<Self, CryptoError> {
        Ok(Self {
            epoch,
            key: ReadKey::Live(provider.open_key(&keys.secrets())?),
            window: ReplayWindow::default(),
            failures: 0,
            limits: key_limits(keys.aead()),
        })
    }

    /// The epoch.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The highest sequence number deprotected.
    pub const fn highest(&self) -> Option<u64> {
        self.window.highest()
    }

    /// Records that failed to deprotect.
    pub const fn failures(&self) -> u64 {
        self.failures
    }

    /// The limits of its key.
    pub const fn limits(&self) -> KeyLimits {
        self.limits
    }

    /// Drops the computed key schedules. From now on [`Self::wake`] has to come before
    /// [`Self::open`].
    pub fn put_to_sleep(&mut self) {
        self.key = ReadKey::Dormant;
    }

    /// Whether the epoch has to be woken before it can open anything.
    pub const fn is_dormant(&self) -> bool {
        matches!(self.key, ReadKey::Dormant)
    }

    /// Rebuilds the key.
    pub fn wake(
        &mut self,
        provider: &dyn CryptoProvider,
        keys: &RecordKeys,
    ) -> Result<(), CryptoError> {
        self.key = ReadKey::Live(provider.open_key(&keys.secrets())?);
        Ok(())
    }

    /// Opens `record` in place; it begins with `header` and ends with the encrypted record. The
    /// replay window moves only when the record has authenticated.
    pub fn open(
        &mut self,
        record: &mut [u8],
        header: &CiphertextHeader,
    ) -> Result<Opened, DropReason> {
        let ReadKey::Live(key) = &mut self.key else { return Err(DropReason::UnknownEpoch) };
        if header.encrypted_len > MAX_ENCRYPTED_LEN {
            return Err(DropReason::BadLength);
        }
        let (head, sealed) =
            record.split_at_mut_checked(header.header_len).ok_or(DropReason::Malformed)?;
        // A record too short to sample counts as a failed deprotection (RFC 9147 4.2.3).
        let Some(sample) = sealed.first_chunk::<SAMPLE_LEN>() else {
            self.failures += 1;
            return Err(DropReason::BadLength);
        };
        let mask = key.record_number_mask(sample).map_err(|_| DropReason::NotAuthentic)?;
        let masked = head
            .get_mut(header.sequence_at..header.sequence_at + header.sequence_len)
            .ok_or(DropReason::Malformed)?;
        let mut wire = 0_u16;
        for (byte, mask) in masked.iter_mut().zip(mask) {
            *byte ^= mask;
            wire = (wire << 8) | u16::from(*byte);
        }
        let sequence = reconstruct(self.window.highest(), wire, header.sequence_len);

        let Ok(inner_len) = key.open(sequence, head, sealed) else {
            self.failures += 1;
            return Err(DropReason::NotAuthentic);
        };
        if !self.window.is_new(sequence) {
            return Err(DropReason::Replayed);
        }
        self.window.mark(sequence);

        let inner = sealed.get(..inner_len).ok_or(DropReason::BadInnerPlaintext)?;
        let ContentEnd { content_len, content_type } = content_end(inner);
        if content_type == 0 || inner_len > MAX_CONTENT_LEN + 1 {
            return Err(DropReason::BadInnerPlaintext);
        }
        Ok(Opened {
            sequence,
            content_type: ContentType(content_type),
            content: header.header_len..header.header_len + content_len,
        })
    }
}
