//! Envelopes for tickets and cookies: XChaCha20-Poly1305 under a random nonce.
//!
//! How many cookies are sealed is for the senders of ClientHellos to say, not for us. A random
//! nonce of 24 bytes does not repeat however many there are, while one of 12 would bound what a
//! key may seal. Botan takes ChaCha20-Poly1305 with a nonce of 24 bytes for this construction
//! (draft-irtf-cfrg-xchacha-03).

use std::sync::Arc;

use botan::{Cipher, CipherDirection};
use dtls_crypto_api::{CryptoError, Envelope};
use zeroize::Zeroizing;

use crate::error::failed;
use crate::random::Random;

/// Length in bytes of the nonce, which comes first.
const NONCE_LEN: usize = 24;
/// Length in bytes of the tag, which comes last.
const TAG_LEN: usize = 16;

/// Threads share an envelope and must not share a Botan cipher, so one is made for each call;
/// ChaCha20 has no key schedule to lose by that.
struct XChaChaEnvelope {
    key: Zeroizing<[u8; 32]>,
    random: Random,
}

pub(crate) fn new(random: Random, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
    let envelope = XChaChaEnvelope { key: Zeroizing::new(*key), random };
    // A library without the cipher is found out now.
    envelope.cipher(CipherDirection::Encrypt)?;
    Ok(Arc::new(envelope))
}

impl XChaChaEnvelope {
    fn cipher(&self, direction: CipherDirection) -> Result<Cipher, CryptoError> {
        let mut cipher = Cipher::new("ChaCha20Poly1305", direction).map_err(failed("envelopes"))?;
        cipher.set_key(&*self.key).map_err(failed("envelopes"))?;
        Ok(cipher)
    }
}

impl Envelope for XChaChaEnvelope {
    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut sealed = vec![0; NONCE_LEN + plaintext.len() + TAG_LEN];
        let (nonce, text) = sealed.split_at_mut(NONCE_LEN);
        self.random.fill(nonce)?;
        let mut cipher = self.cipher(CipherDirection::Encrypt)?;
        cipher
            .set_associated_data(aad)
            .and_then(|()| cipher.start(nonce))
            .and_then(|()| cipher.finish_into(plaintext, text))
            .map_err(failed("sealing an envelope"))?;
        Ok(sealed)
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (nonce, text) = sealed.split_at_checked(NONCE_LEN).ok_or(CryptoError::BadEnvelope)?;
        let len = text.len().checked_sub(TAG_LEN).ok_or(CryptoError::BadEnvelope)?;
        let mut cipher = self.cipher(CipherDirection::Decrypt)?;
        let mut plaintext = vec![0; len];
        cipher
            .set_associated_data(aad)
            .and_then(|()| cipher.start(nonce))
            .and_then(|()| cipher.finish_into(text, &mut plaintext))
            .map_err(|_| CryptoError::BadEnvelope)?;
        Ok(plaintext)
    }
}
