//! Envelopes for tickets and cookies: XAES-256-GCM (c2sp.org/XAES-256-GCM) under a random nonce.
//!
//! A server seals one cookie per ClientHello, so somebody else decides how many there are. Plain
//! AES-GCM with its 12 random bytes would have to count its seals and retire a key after 2^32
//! (NIST SP 800-38D 8.3). XAES takes 24: the first 12 derive a key for this one seal, by a counter
//! mode KDF with CMAC (SP 800-108), the other 12 are the IV under it. Both steps are approved ones,
//! so that this serves FIPS mode as well.

use std::sync::Arc;

use dtls_crypto_api::{CryptoError, Envelope};
use zeroize::Zeroizing;

use crate::ffi::{
    Aead, AeadContext, AeadMode, Cipher, Direction, Failed, Library, Mac, MacKey, Params,
};

/// Length in bytes of the nonce's part that derives the key.
const SALT_LEN: usize = 12;
/// Length in bytes of the part that is the IV.
const IV_LEN: usize = 12;
/// Length in bytes of the nonce, which comes first.
const NONCE_LEN: usize = SALT_LEN + IV_LEN;
/// Length in bytes of the tag, which comes last.
const TAG_LEN: usize = 16;
/// Length in bytes of an AES block, which is what CMAC puts out.
const BLOCK_LEN: usize = 16;
/// Length in bytes of a key.
const KEY_LEN: usize = 32;

/// The two functions, fetched.
pub(crate) struct Envelopes {
    cmac: Mac,
    gcm: Arc<Aead>,
    library: Arc<Library>,
}

impl Envelopes {
    pub(crate) fn fetch(library: &Arc<Library>) -> Result<Self, Failed> {
        let cmac = Mac::fetch(library, c"CMAC", &Params::new().text(c"cipher", c"AES-256-CBC"))?;
        let cipher = Cipher::fetch(library, c"AES-256-GCM")?;
        let gcm = Arc::new(Aead { cipher, mode: AeadMode::Stream, tag_len: TAG_LEN });
        Ok(Self { cmac, gcm, library: library.clone() })
    }

    pub(crate) fn with_key(&self, key: &[u8; KEY_LEN]) -> Result<Arc<dyn Envelope>, CryptoError> {
        let kdf = self.cmac.key(key);
        let kdf = kdf.map_err(|Failed| CryptoError::Backend("setting an envelope key up"))?;
        Ok(Arc::new(XAesEnvelope { kdf, gcm: self.gcm.clone(), library: self.library.clone() }))
    }
}

struct XAesEnvelope {
    /// CMAC with the key in place.
    kdf: MacKey,
    gcm: Arc<Aead>,
    library: Arc<Library>,
}

impl XAesEnvelope {
    /// AES-256-GCM under the key that the nonce's first part derives.
    fn derived(&self, salt: [u8; SALT_LEN], direction: Direction) -> Result<AeadContext, Failed> {
        let mut key = Zeroizing::new([0; KEY_LEN]);
        for (counter, half) in (1..).zip(key.chunks_exact_mut(BLOCK_LEN)) {
            let mut mac = self.kdf.fork()?;
            // A 16-bit counter, the label, a zero, the context.
            mac.update(&[0, counter, b'X', 0])?;
            mac.update(&salt)?;
            mac.finish(half)?;
        }
        self.gcm.key(direction, key.as_ref())
    }
}

fn split(nonce: [u8; NONCE_LEN]) -> ([u8; SALT_LEN], [u8; IV_LEN]) {
    let (mut salt, mut iv) = ([0; SALT_LEN], [0; IV_LEN]);
    salt.copy_from_slice(&nonce[..SALT_LEN]);
    iv.copy_from_slice(&nonce[SALT_LEN..]);
    (salt, iv)
}

impl Envelope for XAesEnvelope {
    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let mut nonce = [0; NONCE_LEN];
        self.library.random(&mut nonce).map_err(|Failed| CryptoError::RandomFailed)?;
        let mut sealed = Vec::with_capacity(NONCE_LEN + plaintext.len() + TAG_LEN);
        sealed.extend_from_slice(&nonce);
        sealed.extend_from_slice(plaintext);
        sealed.extend_from_slice(&[0; TAG_LEN]);
        let (_, rest) = sealed.split_at_mut(NONCE_LEN);
        let (text, tag) = rest.split_at_mut(plaintext.len());
        let (salt, iv) = split(nonce);
        self.derived(salt, Direction::Seal)
            .and_then(|mut gcm| gcm.seal(&iv, aad, text, tag))
            .map_err(|Failed| CryptoError::Backend("sealing an envelope"))?;
        Ok(sealed)
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let parts = sealed.split_first_chunk::<NONCE_LEN>().and_then(|(nonce, rest)| {
            rest.split_last_chunk::<TAG_LEN>().map(|(text, tag)| (*nonce, text, *tag))
        });
        let (nonce, text, mut tag) = parts.ok_or(CryptoError::BadEnvelope)?;
        let (salt, iv) = split(nonce);
        // Wiped if it turns out not to be authentic.
        let mut text = Zeroizing::new(text.to_vec());
        self.derived(salt, Direction::Open)
            .and_then(|mut gcm| gcm.open(&iv, aad, &mut text, &mut tag))
            .map_err(|Failed| CryptoError::BadEnvelope)?;
        Ok(core::mem::take(&mut *text))
    }
}
