//! Hashes with a bug.

use std::sync::{Arc, Mutex, PoisonError};

use dtls_crypto_api::{
    CryptoError, CryptoProvider, Digest, HashAlgorithm, HashContext, Label, Secret, TLS13_PREFIX,
    generic,
};
use dtls_provider_rustcrypto::RustCryptoProvider;

/// A hash whose forks all write into the same message.
pub(crate) struct SharedHash {
    inner: RustCryptoProvider,
    algorithm: HashAlgorithm,
    message: Arc<Mutex<Vec<u8>>>,
}

impl SharedHash {
    pub(crate) fn new(inner: &RustCryptoProvider, algorithm: HashAlgorithm) -> Self {
        Self { inner: inner.clone(), algorithm, message: Arc::default() }
    }
}

impl HashContext for SharedHash {
    fn algorithm(&self) -> HashAlgorithm {
        self.algorithm
    }

    fn update(&mut self, data: &[u8]) {
        self.message.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(data);
    }

    fn fork(&self) -> Box<dyn HashContext> {
        let message = self.message.clone();
        Box::new(Self { inner: self.inner.clone(), algorithm: self.algorithm, message })
    }

    fn finish(self: Box<Self>) -> Digest {
        let mut hash = self.inner.hash(self.algorithm).unwrap();
        hash.update(&self.message.lock().unwrap_or_else(PoisonError::into_inner));
        hash.finish()
    }
}

/// A hash that says it is SHA-384 and is the beginning of SHA-512.
pub(crate) struct Truncated(pub(crate) Box<dyn HashContext>);

impl HashContext for Truncated {
    fn algorithm(&self) -> HashAlgorithm {
        HashAlgorithm::Sha384
    }

    fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    fn fork(&self) -> Box<dyn HashContext> {
        Box::new(Self(self.0.fork()))
    }

    fn finish(self: Box<Self>) -> Digest {
        Digest::new(&self.0.finish().as_ref()[..HashAlgorithm::Sha384.output_len()]).unwrap()
    }
}

/// The expand step with the prefix of another protocol.
pub(crate) fn expand_for_tls(
    provider: &RustCryptoProvider,
    algorithm: HashAlgorithm,
    secret: &Secret,
    label: &Label<'_>,
    out: &mut [u8],
) -> Result<(), CryptoError> {
    let label = Label { prefix: TLS13_PREFIX, ..*label };
    generic::schedule_expand(provider, algorithm, secret, &label, out)
}

/// The extract step that forgets to derive its salt.
pub(crate) fn extract_underived(
    provider: &RustCryptoProvider,
    algorithm: HashAlgorithm,
    previous: Option<&Secret>,
    input: Option<&[u8]>,
) -> Result<Secret, CryptoError> {
    let zeros = vec![0; algorithm.output_len()];
    let salt = previous.map_or(&zeros[..], Secret::expose);
    provider.hkdf_extract(algorithm, salt, input.unwrap_or(&zeros))
}
