//! A provider that can be broken and healed while it is in use.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use dtls13::core::crypto::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls13::core::crypto::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey, RecordSecrets,
    SealKey, Secret, SignatureAlgorithm, SigningKey,
};

/// RustCrypto behind two switches, under a name of its own.
#[derive(Debug)]
pub(crate) struct Breakable {
    inner: Arc<dyn CryptoProvider>,
    capabilities: Capabilities,
    /// Its self test fails.
    sick: AtomicBool,
    /// Everything but its self test fails.
    erring: AtomicBool,
    /// Key exchanges it made: how a test sees whose turn it was.
    exchanges: AtomicU64,
}

impl Breakable {
    pub(crate) fn new(name: &str) -> Arc<Self> {
        let inner = dtls13::provider::rustcrypto();
        let capabilities = Capabilities { name: name.to_owned(), ..inner.capabilities().clone() };
        Self::claiming(inner, capabilities)
    }

    /// A provider that says of itself what somebody else says.
    pub(crate) fn claiming(
        inner: Arc<dyn CryptoProvider>,
        capabilities: Capabilities,
    ) -> Arc<Self> {
        Arc::new(Self {
            inner,
            capabilities,
            sick: AtomicBool::new(false),
            erring: AtomicBool::new(false),
            exchanges: AtomicU64::new(0),
        })
    }

    pub(crate) fn set_sick(&self, sick: bool) {
        self.sick.store(sick, Ordering::Relaxed);
    }

    pub(crate) fn set_erring(&self, erring: bool) {
        self.erring.store(erring, Ordering::Relaxed);
    }

    pub(crate) fn exchanges(&self) -> u64 {
        self.exchanges.load(Ordering::Relaxed)
    }

    fn inner(&self) -> Result<&dyn CryptoProvider, CryptoError> {
        if self.erring.load(Ordering::Relaxed) {
            return Err(CryptoError::Backend("switched off by the test"));
        }
        Ok(self.inner.as_ref())
    }
}

impl CryptoProvider for Breakable {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        if self.sick.load(Ordering::Relaxed) {
            return Err(CryptoError::SelfTestFailed("what the test broke"));
        }
        Ok(())
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.inner()?.random(out)
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        self.inner()?.hash(algorithm)
    }

    fn hmac(&self, h: HashAlgorithm, key: &[u8], data: &[&[u8]]) -> Result<Digest, CryptoError> {
        self.inner()?.hmac(h, key, data)
    }

    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        self.inner()?.hkdf_extract(algorithm, salt, ikm)
    }

    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner()?.hkdf_expand(algorithm, prk, info, out)
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        self.inner()?.schedule_extract(algorithm, prefix, previous, input)
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.inner()?.schedule_expand(algorithm, secret, label, out)
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        self.inner()?.seal_key(secrets)
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        self.inner()?.open_key(secrets)
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        let started = self.inner()?.start_key_exchange(group)?;
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        Ok(started)
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        let response = self.inner()?.encapsulate(group, peer_share)?;
        self.exchanges.fetch_add(1, Ordering::Relaxed);
        Ok(response)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        self.inner()?.load_private_key(der)
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        self.inner()?.generate_private_key(kind)
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        self.inner()?.verify_signature(algorithm, public_key, message, signature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        self.inner()?.envelope(key)
    }
}
