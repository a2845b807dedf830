//! Record protection keys: one AEAD and one mask, both ready to use (RFC 9147 4).

use alloc::boxed::Box;

use aes::{Aes128Enc, Aes256Enc};
use aes_gcm::AesGcm;
use aes_gcm::aead::array::typenum::Unsigned;
use aes_gcm::aead::consts::{U8, U12, U16};
use aes_gcm::aead::{AeadInOut, KeyInit};
use ccm::Ccm;
use chacha20poly1305::ChaCha20Poly1305;
use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, IV_LEN, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey, nonce,
};
use zeroize::Zeroize;

use crate::mask::{Aes128Mask, Aes256Mask, ChaChaMask, RecordNumberMask};

// GCM and CCM only ever run the block cipher forwards: the encrypt-only types keep half the
// round keys.
type Aes128Gcm = AesGcm<Aes128Enc, U12>;
type Aes256Gcm = AesGcm<Aes256Enc, U12>;
type Aes128Ccm = Ccm<Aes128Enc, U16, U12>;
type Aes128Ccm8 = Ccm<Aes128Enc, U8, U12>;

/// The key for the records we send.
pub(crate) fn seal_key(secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
    Ok(match secrets.aead {
        AeadAlgorithm::Aes128Gcm => Sealer::<Aes128Gcm, Aes128Mask>::boxed(secrets)?,
        AeadAlgorithm::Aes256Gcm => Sealer::<Aes256Gcm, Aes256Mask>::boxed(secrets)?,
        AeadAlgorithm::ChaCha20Poly1305 => Sealer::<ChaCha20Poly1305, ChaChaMask>::boxed(secrets)?,
        AeadAlgorithm::Aes128Ccm => Sealer::<Aes128Ccm, Aes128Mask>::boxed(secrets)?,
        AeadAlgorithm::Aes128Ccm8 => Sealer::<Aes128Ccm8, Aes128Mask>::boxed(secrets)?,
        _ => return Err(CryptoError::Unsupported("this AEAD")),
    })
}

/// The key for the records we receive.
pub(crate) fn open_key(secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
    Ok(match secrets.aead {
        AeadAlgorithm::Aes128Gcm => Opener::<Aes128Gcm, Aes128Mask>::boxed(secrets)?,
        AeadAlgorithm::Aes256Gcm => Opener::<Aes256Gcm, Aes256Mask>::boxed(secrets)?,
        AeadAlgorithm::ChaCha20Poly1305 => Opener::<ChaCha20Poly1305, ChaChaMask>::boxed(secrets)?,
        AeadAlgorithm::Aes128Ccm => Opener::<Aes128Ccm, Aes128Mask>::boxed(secrets)?,
        AeadAlgorithm::Aes128Ccm8 => Opener::<Aes128Ccm8, Aes128Mask>::boxed(secrets)?,
        _ => return Err(CryptoError::Unsupported("this AEAD")),
    })
}

/// What both directions hold.
struct Protection<A, M> {
    aead: A,
    mask: M,
    iv: [u8; IV_LEN],
}

impl<A: AeadInOut<NonceSize = U12> + KeyInit, M: RecordNumberMask> Protection<A, M> {
    const TAG_LEN: usize = A::TagSize::USIZE;

    fn new(secrets: &RecordSecrets<'_>) -> Result<Self, CryptoError> {
        let aead =
            A::new_from_slice(secrets.key).map_err(|_| CryptoError::BadLength("record key"))?;
        Ok(Self { aead, mask: M::new(secrets.record_number_key)?, iv: *secrets.iv })
    }
}

// The ciphers wipe their own state.
impl<A, M> Drop for Protection<A, M> {
    fn drop(&mut self) {
        self.iv.zeroize();
    }
}

/// Seals records and remembers the last number.
struct Sealer<A, M> {
    protection: Protection<A, M>,
    last: Option<u64>,
}

impl<A, M> Sealer<A, M>
where
    A: AeadInOut<NonceSize = U12> + KeyInit + Send + 'static,
    M: RecordNumberMask + 'static,
{
    fn boxed(secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        Ok(Box::new(Self { protection: Protection::new(secrets)?, last: None }))
    }
}

impl<A, M> SealKey for Sealer<A, M>
where
    A: AeadInOut<NonceSize = U12> + KeyInit + Send,
    M: RecordNumberMask,
{
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        if self.last.is_some_and(|last| number <= last) {
            return Err(CryptoError::RecordNumberReused);
        }
        let (plaintext, tag_room) = buf
            .split_at_mut_checked(buf.len().wrapping_sub(self.tag_len()))
            .ok_or(CryptoError::BadLength("record"))?;
        let Protection { aead, iv, .. } = &self.protection;
        let nonce = nonce(iv, number).into();
        let tag = aead
            .encrypt_inout_detached(&nonce, aad, plaintext.into())
            .map_err(|_| CryptoError::BadLength("record"))?;
        tag_room.copy_from_slice(&tag);
        self.last = Some(number);
        Ok(())
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok(self.protection.mask.mask(sample))
    }

    fn tag_len(&self) -> usize {
        Protection::<A, M>::TAG_LEN
    }
}

/// Opens records.
struct Opener<A, M> {
    protection: Protection<A, M>,
}

impl<A, M> Opener<A, M>
where
    A: AeadInOut<NonceSize = U12> + KeyInit + Send + 'static,
    M: RecordNumberMask + 'static,
{
    fn boxed(secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        Ok(Box::new(Self { protection: Protection::new(secrets)? }))
    }
}

impl<A, M> OpenKey for Opener<A, M>
where
    A: AeadInOut<NonceSize = U12> + KeyInit + Send,
    M: RecordNumberMask,
{
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        let len = buf.len().wrapping_sub(self.tag_len());
        let opened = buf.split_at_mut_checked(len).and_then(|(ciphertext, tag)| {
            let tag: &_ = (&*tag).try_into().ok()?;
            let Protection { aead, iv, .. } = &self.protection;
            let nonce = nonce(iv, number).into();
            aead.decrypt_inout_detached(&nonce, aad, ciphertext.into(), tag).ok()
        });
        if opened.is_none() {
            // CCM decrypts before it can check; wipe for every cipher alike.
            buf.fill(0);
            return Err(CryptoError::BadRecord);
        }
        Ok(len)
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        Ok(self.protection.mask.mask(sample))
    }

    fn tag_len(&self) -> usize {
        Protection::<A, M>::TAG_LEN
    }
}

#[cfg(test)]
mod tests {
    use zeroize::ZeroizeOnDrop;

    use super::*;

    #[test]
    fn every_cipher_wipes_its_keys() {
        fn wiped<T: ZeroizeOnDrop>() {}
        wiped::<Aes128Gcm>();
        wiped::<Aes256Gcm>();
        wiped::<ChaCha20Poly1305>();
        wiped::<Aes128Enc>(); // All that a CCM key holds.
        wiped::<Aes128Mask>();
        wiped::<Aes256Mask>();
        wiped::<ChaChaMask>();
    }

    /// An idle connection keeps one key of each; there may be a hundred thousand of them.
    #[test]
    fn the_keys_of_an_idle_connection_are_small() {
        let pair =
            size_of::<Sealer<Aes128Gcm, Aes128Mask>>() + size_of::<Opener<Aes128Gcm, Aes128Mask>>();
        assert!(pair <= 1536, "AES-128-GCM: {pair} bytes");
        let pair =
            size_of::<Sealer<Aes256Gcm, Aes256Mask>>() + size_of::<Opener<Aes256Gcm, Aes256Mask>>();
        assert!(pair <= 2048, "AES-256-GCM: {pair} bytes");
    }
}
