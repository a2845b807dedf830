//! The provider itself: every call goes to the file that knows about it.

use alloc::boxed::Box;
use alloc::sync::Arc;

use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey, RecordSecrets,
    SealKey, Secret, SignatureAlgorithm, SigningKey, generic,
};

use crate::random::RandomSource;
use crate::{aead, capabilities, envelope, hash, kx, sign, verify};

/// The RustCrypto and dalek crates behind the [`CryptoProvider`] trait.
#[derive(Clone, Debug)]
pub struct RustCryptoProvider {
    random: Arc<dyn RandomSource>,
    capabilities: Arc<Capabilities>,
}

impl RustCryptoProvider {
    /// A provider that draws its randomness from the operating system.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn new() -> Self {
        Self::with_random(crate::random::OsRandom)
    }

    /// A provider that draws its randomness from `source`, for systems without an operating
    /// system's source.
    #[must_use]
    pub fn with_random(source: impl RandomSource + 'static) -> Self {
        Self { random: Arc::new(source), capabilities: Arc::new(capabilities::all()) }
    }
}

#[cfg(feature = "std")]
impl Default for RustCryptoProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl CryptoProvider for RustCryptoProvider {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        generic::self_test(self)
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.random.fill(out)
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        hash::start(algorithm)
    }

    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        hash::hmac(algorithm, key, data)
    }

    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        hash::hkdf_extract(algorithm, salt, ikm)
    }

    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        hash::hkdf_expand(algorithm, prk, info, out)
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        generic::schedule_extract(self, algorithm, prefix, previous, input)
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        generic::schedule_expand(self, algorithm, secret, label, out)
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        aead::seal_key(secrets)
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        aead::open_key(secrets)
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        kx::start(self, &*self.random, group)
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        kx::encapsulate(self, &*self.random, group, peer_share)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        sign::load(&self.random, der)
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        sign::generate(&self.random, kind)
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        verify::verify(algorithm, public_key, message, signature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        Ok(envelope::new(self.random.clone(), key))
    }
}
