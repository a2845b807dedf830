//! The RustCrypto provider with one bug.

use std::sync::Arc;

use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    AeadAlgorithm, Capabilities, CipherSuite, CryptoError, CryptoProvider, Digest, Envelope,
    GeneratedKey, HashAlgorithm, HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup,
    OpenKey, RecordSecrets, SealKey, Secret, SignatureAlgorithm, SigningKey, generic,
};
use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};

use crate::bug::Bug;
use crate::hashes::{self, SharedHash, Truncated};
use crate::records::Keys;
use crate::{exchange, signatures};

/// The decorator.
#[derive(Debug)]
pub(crate) struct Broken {
    bug: Bug,
    inner: RustCryptoProvider,
    capabilities: Capabilities,
}

impl Broken {
    pub(crate) fn new(bug: Bug) -> Self {
        Self::over(bug, RustCryptoProvider::new())
    }

    /// Over a source of randomness that fails.
    pub(crate) fn without_randomness(bug: Bug) -> Self {
        Self::over(bug, RustCryptoProvider::with_random(Fails))
    }

    fn over(bug: Bug, inner: RustCryptoProvider) -> Self {
        let mut capabilities = inner.capabilities().clone();
        capabilities.name = format!("broken ({bug:?})");
        if bug == Bug::UnlistedSuite {
            let listed = |suite: CipherSuite| suite.aead() != Some(AeadAlgorithm::Aes128Ccm8);
            capabilities.cipher_suites.retain(|offered| listed(offered.id));
        }
        Self { bug, inner, capabilities }
    }
}

impl CryptoProvider for Broken {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        generic::self_test(self)
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        match self.bug {
            Bug::RandomConstant => {
                out.fill(0x17);
                Ok(())
            }
            Bug::RandomShort => {
                let len = out.len().saturating_sub(1);
                self.inner.random(&mut out[..len])
            }
            Bug::RandomFailureHidden => self.inner.random(out).or(Ok(())),
            _ => self.inner.random(out),
        }
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        match (self.bug, algorithm) {
            (Bug::ForkShared, _) => Ok(Box::new(SharedHash::new(&self.inner, algorithm))),
            (Bug::Sha384OfSha512, HashAlgorithm::Sha384) => {
                Ok(Box::new(Truncated(self.inner.hash(HashAlgorithm::Sha512)?)))
            }
            _ => self.inner.hash(algorithm),
        }
    }

    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        let only_first = self.bug == Bug::HmacOfFirstPiece;
        self.inner.hmac(algorithm, key, if only_first { &data[..data.len().min(1)] } else { data })
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
        let only_first = self.bug == Bug::HkdfOfFirstPiece;
        let info = if only_first { &info[..info.len().min(1)] } else { info };
        self.inner.hkdf_expand(algorithm, prk, info, out)
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        if self.bug == Bug::ExtractWithoutDerived {
            return hashes::extract_underived(&self.inner, algorithm, previous, input);
        }
        self.inner.schedule_extract(algorithm, prefix, previous, input)
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        if self.bug == Bug::LabelsOfTls {
            return hashes::expand_for_tls(&self.inner, algorithm, secret, label, out);
        }
        self.inner.schedule_expand(algorithm, secret, label, out)
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        Ok(Box::new(Keys::new(self.bug, &self.inner, secrets)?))
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        Ok(Box::new(Keys::new(self.bug, &self.inner, secrets)?))
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        exchange::start(self.bug, &self.inner, group)
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        exchange::encapsulate(self.bug, &self.inner, group, peer_share)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let key = self.inner.load_private_key(der)?;
        Ok(Arc::new(signatures::Key::new(self.bug, &self.inner, key)?))
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        let GeneratedKey { pkcs8, key } = self.inner.generate_private_key(kind)?;
        let key = Arc::new(signatures::Key::new(self.bug, &self.inner, key)?);
        Ok(GeneratedKey { pkcs8, key })
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        signatures::verify(self.bug, &self.inner, algorithm, public_key, message, signature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        match self.bug {
            Bug::EnvelopeNonceConstant => RustCryptoProvider::with_random(Stuck).envelope(key),
            Bug::EnvelopeWithoutAad => Ok(Arc::new(Unbound(self.inner.envelope(key)?))),
            _ => self.inner.envelope(key),
        }
    }
}

/// An envelope that forgets what it is for.
struct Unbound(Arc<dyn Envelope>);

impl Envelope for Unbound {
    fn seal(&self, _: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.0.seal(&[], plaintext)
    }

    fn open(&self, _: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.0.open(&[], sealed)
    }
}

/// A source that says the same for ever.
#[derive(Debug)]
struct Stuck;

impl RandomSource for Stuck {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        out.fill(0x5a);
        Ok(())
    }
}

/// A source that always fails.
#[derive(Debug)]
struct Fails;

impl RandomSource for Fails {
    fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}
