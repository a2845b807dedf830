//! A provider kept to a policy: what the policy does not allow is not listed, and whoever asks
//! for it all the same is told that it is not offered.

use std::sync::Arc;

use dtls_core::crypto::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_core::crypto::{
    AeadAlgorithm, Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey,
    HashAlgorithm, HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey,
    RecordSecrets, SealKey, Secret, SignatureAlgorithm, SigningKey,
};

use super::Policy;

/// A provider of which only a part is used.
#[derive(Debug)]
pub struct Restricted {
    inner: Arc<dyn CryptoProvider>,
    policy: Policy,
    capabilities: Capabilities,
}

const BY_POLICY: CryptoError = CryptoError::Unsupported("what the policy does not allow");

impl Restricted {
    /// Keeps `inner` to the policy. Its name stays; the policy's stands in the details.
    pub fn new(inner: Arc<dyn CryptoProvider>, policy: Policy) -> Self {
        let capabilities = policy.apply(inner.capabilities());
        Self { inner, policy, capabilities }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    fn allow_aead(&self, aead: AeadAlgorithm) -> Result<(), CryptoError> {
        let mut suites = self.capabilities.cipher_suites.iter();
        allow(suites.any(|suite| suite.id.aead() == Some(aead)))
    }

    fn allow_key(&self, key: Arc<dyn SigningKey>) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let allowed = |algorithm: &&SignatureAlgorithm| self.capabilities.can_sign(**algorithm);
        let algorithms: Vec<_> = key.algorithms().iter().filter(allowed).copied().collect();
        allow(!algorithms.is_empty())?;
        Ok(Arc::new(RestrictedKey { inner: key, algorithms }))
    }
}

fn allow(allowed: bool) -> Result<(), CryptoError> {
    if allowed { Ok(()) } else { Err(BY_POLICY) }
}

impl CryptoProvider for Restricted {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        self.inner.self_test()
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.inner.random(out)
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        self.inner.hash(algorithm)
    }

    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        self.inner.hmac(algorithm, key, data)
    }

    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        self.inner.hkdf_extract(algorithm, salt, ikm)
    }

    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.hkdf_expand(algorithm, prk, info, out)
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        self.inner.schedule_extract(algorithm, prefix, previous, input)
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner.schedule_expand(algorithm, secret, label, out)
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        self.allow_aead(secrets.aead)?;
        self.inner.seal_key(secrets)
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        self.allow_aead(secrets.aead)?;
        self.inner.open_key(secrets)
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        allow(self.capabilities.has_group(group))?;
        self.inner.start_key_exchange(group)
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        allow(self.capabilities.has_group(group))?;
        self.inner.encapsulate(group, peer_share)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.allow_key(self.inner.load_private_key(der)?)
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        allow(self.capabilities.generate.iter().any(|offered| offered.id == kind))?;
        let made = self.inner.generate_private_key(kind)?;
        Ok(GeneratedKey { pkcs8: made.pkcs8, key: self.allow_key(made.key)? })
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        allow(self.capabilities.can_verify(algorithm))?;
        self.inner.verify_signature(algorithm, public_key, message, signature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        self.inner.envelope(key)
    }
}

/// A key that makes only the signatures the policy allows.
#[derive(Debug)]
struct RestrictedKey {
    inner: Arc<dyn SigningKey>,
    algorithms: Vec<SignatureAlgorithm>,
}

impl SigningKey for RestrictedKey {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithms
    }

    fn public_key(&self) -> &[u8] {
        self.inner.public_key()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        allow(self.algorithms.contains(&algorithm))?;
        self.inner.sign(algorithm, message)
    }
}
