//! Keys that protect records (RFC 9147 4, 4.2.3).

use crate::code_points::AeadAlgorithm;
use crate::error::CryptoError;

/// Length in bytes of the AEAD's IV and nonce in TLS 1.3.
pub const IV_LEN: usize = 12;

/// Length in bytes of the ciphertext sample that the record-number mask is made from.
pub const SAMPLE_LEN: usize = 16;

/// What one epoch and direction's protection is made from. The slices are secrets of the
/// caller's; a provider copies what it needs and zeroizes its copy on drop.
#[derive(Clone, Copy)]
pub struct RecordSecrets<'a> {
    /// The AEAD.
    pub aead: AeadAlgorithm,
    /// `[sender]_write_key`: [`AeadAlgorithm::key_len`] bytes.
    pub key: &'a [u8],
    /// `[sender]_write_iv`.
    pub iv: &'a [u8; IV_LEN],
    /// `sn_key`: as long as `key`.
    pub record_number_key: &'a [u8],
}

/// Protects the records one side sends in one epoch. All key schedules are computed once, when
/// it is made.
///
/// The nonce of a record is `iv` XOR the 64-bit record number, left-padded to 12 bytes; the
/// epoch is not part of it (RFC 9147 4, RFC 8446 5.3).
pub trait SealKey: Send {
    /// Encrypts in place. `buf` holds the inner plaintext followed by [`Self::tag_len`] bytes of
    /// room for the tag; both are written. `aad` is the record header before masking.
    ///
    /// # Errors
    /// [`CryptoError::RecordNumberReused`] when `number` is not above the last one sealed, and
    /// [`CryptoError::BadLength`] when `buf` is shorter than the tag.
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError>;

    /// The mask to XOR onto the record number, from the first 16 bytes of the ciphertext.
    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError>;

    /// Length in bytes of the tag.
    fn tag_len(&self) -> usize;
}

/// Opens the records one side receives in one epoch. See [`SealKey`].
pub trait OpenKey: Send {
    /// Decrypts in place and returns the length of the inner plaintext, which then stands at the
    /// beginning of `buf`.
    ///
    /// # Errors
    /// [`CryptoError::BadRecord`] when the record does not authenticate or is shorter than the
    /// tag. `buf` then holds no plaintext.
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError>;

    /// As [`SealKey::record_number_mask`].
    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError>;

    /// Length in bytes of the tag.
    fn tag_len(&self) -> usize;
}

/// The nonce of a record: `iv` XOR the number, left-padded (RFC 8446 5.3).
pub fn nonce(iv: &[u8; IV_LEN], number: u64) -> [u8; IV_LEN] {
    let mut nonce = *iv;
    for (byte, n) in nonce.iter_mut().skip(4).zip(number.to_be_bytes()) {
        *byte ^= n;
    }
    nonce
}

#[cfg(test)]
mod tests {
    use super::nonce;

    /// req: 9147-4-16, 9147bis-4-01
    #[test]
    fn the_nonce_is_the_iv_xor_the_sequence_number() {
        // RFC 9001 A.5: the same construction, packet number 654360564.
        let iv = [0xe0, 0x45, 0x9b, 0x34, 0x74, 0xbd, 0xd0, 0xe4, 0x4a, 0x41, 0xc1, 0x44];
        let want = [0xe0, 0x45, 0x9b, 0x34, 0x74, 0xbd, 0xd0, 0xe4, 0x6d, 0x41, 0x7e, 0xb0];
        assert_eq!(nonce(&iv, 654_360_564), want);
    }
}
