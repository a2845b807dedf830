//! Sealing the records of one epoch (RFC 9147 4, 4.2.3).

use alloc::boxed::Box;

use dtls_crypto_api::{AeadAlgorithm, CryptoError, CryptoProvider, SAMPLE_LEN, SealKey};

use super::limits::{KeyLimits, MAX_SEQUENCE, key_limits};
use crate::key_schedule::RecordKeys;
use crate::wire::ContentType;
use crate::wire::header::{
    CIPHERTEXT_HEADER_LEN, MAX_CONTENT_LEN, PLAINTEXT_HEADER_LEN, ciphertext_header,
    plaintext_header,
};

/// Where in the header this stack sends the 16-bit sequence number stands.
const SEQUENCE_AT: usize = 1;

/// Records of a key that application data leaves to the KeyUpdate that replaces it, its
/// retransmissions, ACKs and alerts.
const RESERVE: u64 = 1024;

/// Why a record could not be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SealError {
    /// The key or the number space is used up.
    Exhausted,
    /// The buffer is too small, or the content too long for a record.
    NoRoom,
    /// The provider failed.
    Crypto(CryptoError),
}

impl From<CryptoError> for SealError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}

/// What a record adds to its content under one AEAD.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expansion {
    /// Header bytes before the content.
    pub before: usize,
    /// Content type, padding at most, and tag behind it.
    pub behind: usize,
}

impl Expansion {
    /// The expansion of a protected record.
    pub const fn of(aead: AeadAlgorithm) -> Self {
        let tag = aead.tag_len();
        // Content type and padding together bring the encrypted record to 16 bytes at least.
        let inner_min = SAMPLE_LEN.saturating_sub(tag);
        let behind = if inner_min > 1 { inner_min + tag } else { 1 + tag };
        Self { before: CIPHERTEXT_HEADER_LEN, behind }
    }

    /// All bytes a record of content that needs no padding adds.
    pub const fn total(tag_len: usize) -> usize {
        CIPHERTEXT_HEADER_LEN + 1 + tag_len
    }
}

/// Sending state of one epoch.
pub struct WriteEpoch {
    epoch: u64,
    next: u64,
    key: Box<dyn SealKey>,
    limits: KeyLimits,
}

impl core::fmt::Debug for WriteEpoch {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "WriteEpoch({}, next {})", self.epoch, self.next)
    }
}

impl WriteEpoch {
    /// The sending state of a new epoch: numbers begin at 0.
    pub fn new(
        provider: &dyn CryptoProvider,
        epoch: u64,
        keys: &RecordKeys,
    ) -> Result<Self, CryptoError> {
        let key = provider.seal_key(&keys.secrets())?;
        Ok(Self { epoch, next: 0, key, limits: key_limits(keys.aead()) })
    }

    /// The epoch.
    pub const fn epoch(&self) -> u64 {
        self.epoch
    }

    /// The sequence number the next record gets.
    pub const fn next_sequence(&self) -> u64 {
        self.next
    }

    /// The limits of its key.
    pub const fn limits(&self) -> KeyLimits {
        self.limits
    }

    /// Length in bytes of the AEAD's tag.
    pub fn tag_len(&self) -> usize {
        self.key.tag_len()
    }

    /// Starts at another number than 0, for tests against known answers.
    #[must_use]
    pub const fn starting_at(mut self, sequence: u64) -> Self {
        self.next = sequence;
        self
    }

    /// Makes a record in place. `out` has room for the header, then holds `content_len` bytes of
    /// content, then has room for what [`Expansion`] says. Returns the sequence number and the
    /// record's length.
    pub fn seal(
        &mut self,
        out: &mut [u8],
        content_len: usize,
        content_type: ContentType,
    ) -> Result<(u64, usize), SealError> {
        let reserve = if content_type == ContentType::APPLICATION_DATA { RESERVE } else { 0 };
        if self.next >= self.limits.sent - reserve {
            return Err(SealError::Exhausted);
        }
        if content_len > MAX_CONTENT_LEN {
            return Err(SealError::NoRoom);
        }
        let tag_len = self.key.tag_len();
        let encrypted_len = (content_len + 1 + tag_len).max(SAMPLE_LEN);
        let record_len = CIPHERTEXT_HEADER_LEN + encrypted_len;
        let record = out.get_mut(..record_len).ok_or(SealError::NoRoom)?;
        let (head, body) =
            record.split_first_chunk_mut::<CIPHERTEXT_HEADER_LEN>().ok_or(SealError::NoRoom)?;
        let inner_end = encrypted_len - tag_len;
        let [content_type_byte, padding @ ..] =
            body.get_mut(content_len..inner_end).ok_or(SealError::NoRoom)?
        else {
            return Err(SealError::NoRoom);
        };
        *content_type_byte = content_type.0;
        padding.fill(0);
        let sequence = self.next;
        *head = ciphertext_header(self.epoch, sequence, encrypted_len as u16);
        self.key.seal(sequence, head, body)?;
        self.next += 1;
        let sample = body.first_chunk::<SAMPLE_LEN>().ok_or(SealError::NoRoom)?;
        let mask = self.key.record_number_mask(sample)?;
        for (byte, mask) in head.iter_mut().skip(SEQUENCE_AT).zip(mask) {
            *byte ^= mask;
        }
        Ok((sequence, record_len))
    }
}

/// Sending state of epoch 0: plaintext records.
#[derive(Debug, Default)]
pub struct PlaintextWriter {
    next: u64,
}

impl PlaintextWriter {
    /// A writer whose first record gets this sequence number. A server that answered a
    /// ClientHello without keeping state goes on from the number of the record it answered.
    pub const fn starting_at(sequence: u64) -> Self {
        Self { next: sequence }
    }

    /// Makes a record in place; see [`WriteEpoch::seal`].
    pub fn seal(
        &mut self,
        out: &mut [u8],
        content_len: usize,
        content_type: ContentType,
    ) -> Result<(u64, usize), SealError> {
        if self.next > MAX_SEQUENCE {
            return Err(SealError::Exhausted);
        }
        if content_len > MAX_CONTENT_LEN {
            return Err(SealError::NoRoom);
        }
        let record_len = PLAINTEXT_HEADER_LEN + content_len;
        if out.len() < record_len {
            return Err(SealError::NoRoom);
        }
        let head = out.first_chunk_mut::<PLAINTEXT_HEADER_LEN>().ok_or(SealError::NoRoom)?;
        let sequence = self.next;
        *head = plaintext_header(content_type, sequence, content_len as u16);
        self.next += 1;
        Ok((sequence, record_len))
    }
}
