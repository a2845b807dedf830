//! The provider itself: every call goes to the file that knows about it.

use std::sync::Arc;

use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey, RecordSecrets,
    SealKey, Secret, SignatureAlgorithm, SigningKey, generic,
};

use crate::random::Random;
use crate::{aead, capabilities, envelope, hash, kx, sign, verify};

/// Botan 3 behind the [`CryptoProvider`] trait.
#[derive(Clone, Debug)]
pub struct BotanProvider {
    random: Random,
    capabilities: Arc<Capabilities>,
}

impl BotanProvider {
    /// A provider that draws its randomness from the operating system, through Botan.
    ///
    /// It offers what the linked library can do: the first call in a process finds that out,
    /// which takes some twenty milliseconds.
    #[must_use]
    pub fn new() -> Self {
        Self { random: Random::system(), capabilities: capabilities::all() }
    }

    /// A provider that draws its randomness from another of Botan's generators, by the name that
    /// `botan_rng_init` has for it: `esdm-full`, `esdm-pr`, `jitter`, `user`, …. One is made for
    /// each operation, which for `user` means seeding it each time.
    ///
    /// A library without that generator makes every operation that needs randomness fail with
    /// [`CryptoError::RandomFailed`]; [`self_test`](CryptoProvider::self_test) tells.
    #[must_use]
    pub fn with_random(generator: &str) -> Self {
        Self { random: Random::of_type(generator), ..Self::new() }
    }
}

impl Default for BotanProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl CryptoProvider for BotanProvider {
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
        kx::start(self, &self.random, group)
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        kx::encapsulate(self, &self.random, group, peer_share)
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
        if !self.capabilities.can_verify(algorithm) {
            return Err(CryptoError::Unsupported("this signature algorithm"));
        }
        verify::verify(algorithm, public_key, message, signature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        envelope::new(self.random.clone(), key)
    }
}
