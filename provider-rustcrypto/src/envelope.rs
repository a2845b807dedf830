//! Envelopes for tickets and cookies: XChaCha20-Poly1305 under a random nonce.
//!
//! A server seals one cookie per ClientHello, so somebody else decides how many there are. With
//! 24 bytes of nonce two alike are out of reach whatever that number is; with the 12 of AES-GCM a
//! key would have to be counted and retired after 2^32 seals (NIST SP 800-38D 8.3).

use alloc::sync::Arc;
use alloc::vec::Vec;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Tag, XChaCha20Poly1305, XNonce};
use dtls_crypto_api::{CryptoError, Envelope};

use crate::random::RandomSource;

/// Length in bytes of the nonce, which comes first.
const NONCE_LEN: usize = 24;
/// Length in bytes of the tag, which comes last.
const TAG_LEN: usize = 16;

struct XChaChaEnvelope {
    cipher: XChaCha20Poly1305,
    random: Arc<dyn RandomSource>,
}

pub(crate) fn new(random: Arc<dyn RandomSource>, key: &[u8; 32]) -> Arc<dyn Envelope> {
    Arc::new(XChaChaEnvelope { cipher: XChaCha20Poly1305::new(key.into()), random })
}

impl Envelope for XChaChaEnvelope {
    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut nonce = XNonce::default();
        self.random.fill(&mut nonce)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + plaintext.len() + TAG_LEN);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        let (_, text) = sealed.split_at_mut(NONCE_LEN);
        let tag = self
            .cipher
            .encrypt_inout_detached(&nonce, aad, text.into())
            .map_err(|_| CryptoError::BadLength("envelope"))?;
        sealed.extend_from_slice(&tag);
        Ok(sealed)
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let parts = sealed.split_first_chunk::<NONCE_LEN>().and_then(|(nonce, rest)| {
            rest.split_last_chunk::<TAG_LEN>().map(|(text, tag)| (nonce, text, tag))
        });
        let (nonce, text, tag) = parts.ok_or(CryptoError::BadEnvelope)?;
        let (nonce, tag): (&XNonce, &Tag) = (nonce.into(), tag.into());
        let mut text = text.to_vec();
        // Authenticates first: nothing is decrypted when this fails.
        self.cipher
            .decrypt_inout_detached(nonce, aad, text.as_mut_slice().into(), tag)
            .map_err(|_| CryptoError::BadEnvelope)?;
        Ok(text)
    }
}
