//! The transcript hash (RFC 8446 4.4.1, RFC 9147 5.2): every message with its four-byte header.

use alloc::boxed::Box;
use alloc::vec::Vec;

use dtls_crypto_api::{CryptoError, CryptoProvider, Digest, HashAlgorithm, HashContext};

use crate::wire::handshake::{HandshakeType, transcript_header};

/// The hash over all messages so far; before the suite is known, the messages themselves.
#[derive(Default)]
pub struct Transcript {
    unhashed: Vec<u8>,
    hash: Option<Box<dyn HashContext>>,
}

impl core::fmt::Debug for Transcript {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Transcript")
    }
}

impl Transcript {
    /// An empty transcript whose hash is not known yet.
    pub const fn new() -> Self {
        Self { unhashed: Vec::new(), hash: None }
    }

    /// Adds a message.
    pub fn add(&mut self, msg_type: HandshakeType, body: &[u8]) {
        let header = transcript_header(msg_type, body.len() as u32);
        if let Some(hash) = &mut self.hash {
            hash.update(&header);
            hash.update(body);
        } else {
            self.unhashed.extend_from_slice(&header);
            self.unhashed.extend_from_slice(body);
        }
    }

    /// Chooses the hash, once the suite is known. Later calls do nothing: the suite does not
    /// change after a HelloRetryRequest.
    pub fn start(
        &mut self,
        provider: &dyn CryptoProvider,
        algorithm: HashAlgorithm,
    ) -> Result<(), CryptoError> {
        if self.hash.is_none() {
            let mut hash = provider.hash(algorithm)?;
            hash.update(&self.unhashed);
            self.unhashed = Vec::new();
            self.hash = Some(hash);
        }
        Ok(())
    }

    /// Puts the synthetic message_hash in the place of ClientHello1, which must be all there is.
    pub fn retry(
        &mut self,
        provider: &dyn CryptoProvider,
        algorithm: HashAlgorithm,
    ) -> Result<(), CryptoError> {
        self.start(provider, algorithm)?;
        let first_hello = self.current()?;
        *self = Self::after_retry(provider, algorithm, first_hello.as_ref())?;
        Ok(())
    }

    /// A transcript that begins with the hash of a ClientHello1 not kept.
    pub fn after_retry(
        provider: &dyn CryptoProvider,
        algorithm: HashAlgorithm,
        first_hello_hash: &[u8],
    ) -> Result<Self, CryptoError> {
        let mut transcript = Self::new();
        transcript.start(provider, algorithm)?;
        transcript.add(HandshakeType::MESSAGE_HASH, first_hello_hash);
        Ok(transcript)
    }

    /// The hash over all messages so far.
    pub fn current(&self) -> Result<Digest, CryptoError> {
        let hash = self.hash.as_ref().ok_or(CryptoError::Backend("transcript hash not chosen"))?;
        Ok(hash.fork().finish())
    }
}
