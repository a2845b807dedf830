//! The provider itself: every call goes to the file that knows about it.

use core::fmt;
use std::sync::Arc;

use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey, RecordSecrets,
    SealKey, Secret, SignatureAlgorithm, SigningKey, generic, hybrid,
};

use crate::capabilities::{Hybrids, Wishes};
use crate::envelope::Envelopes;
use crate::ffi::{Failed, Library};
use crate::fips::{FipsError, FipsOptions, Module};
use crate::hash::Hashes;
use crate::record::Protections;
use crate::schedule::KeyDerivation;
use crate::verify::ExponentRule;
use crate::{capabilities, kx, sign, verify};

/// OpenSSL 3 behind the [`CryptoProvider`] trait.
///
/// A clone shares everything with the original.
#[derive(Clone)]
pub struct OpenSslProvider(Arc<Fetched>);

/// What was fetched from one library, once.
struct Fetched {
    capabilities: Capabilities,
    hashes: Hashes,
    key_derivation: Option<KeyDerivation>,
    protections: Protections,
    envelopes: Option<Envelopes>,
    exponents: ExponentRule,
    hybrids: Hybrids,
    library: Arc<Library>,
}

impl Fetched {
    fn from(library: Arc<Library>, wishes: &Wishes, exponents: ExponentRule) -> Self {
        let hashes = Hashes::fetch(&library);
        let aeads = wishes.suites.iter().filter_map(|suite| suite.aead());
        let protections = Protections::fetch(&library, aeads);
        let (has_hash, has_aead) = (|hash| hashes.has(hash), |aead| protections.has(aead));
        let capabilities = capabilities::discover(&library, wishes, has_hash, has_aead);
        Self {
            capabilities,
            hashes,
            key_derivation: KeyDerivation::fetch(&library).ok(),
            protections,
            envelopes: Envelopes::fetch(&library).ok(),
            exponents,
            hybrids: wishes.hybrids,
            library,
        }
    }

    /// What no handshake can do without.
    fn missing(&self) -> Option<&'static str> {
        let offered = &self.capabilities;
        [
            (self.key_derivation.is_some(), "TLS 1.3 key derivation"),
            (self.envelopes.is_some(), "CMAC and AES-256-GCM"),
            (!offered.cipher_suites.is_empty(), "cipher suite"),
            (!offered.groups.is_empty(), "key exchange group"),
            (!offered.verify.is_empty(), "signature algorithm"),
        ]
        .into_iter()
        .find_map(|(there, what)| (!there).then_some(what))
    }
}

impl OpenSslProvider {
    #[cfg(feature = "test-access")]
    pub(crate) fn library(&self) -> &Arc<Library> {
        &self.0.library
    }

    /// A provider on the process's default library context: what the system's or the application's
    /// OpenSSL configuration says, holds for it.
    ///
    /// What the linked libcrypto lacks is not offered: version 3.0 has no ML-KEM and no ML-DSA, and
    /// a system that was configured for FIPS has no ChaCha20.
    #[must_use]
    pub fn new() -> Self {
        let library = Arc::new(Library::default_context());
        // RFC 8017 3.1.
        let exponents = ExponentRule { min: 3 };
        Self(Arc::new(Fetched::from(library, &capabilities::EVERYTHING, exponents)))
    }

    /// A provider that uses nothing but the approved algorithms of a FIPS module.
    ///
    /// The module is loaded into a library context of its own, configured before it is loaded, and
    /// made to run its self test. Whatever it lacks or FIPS 140 does not approve is not offered,
    /// also where the module would allow it. Everything offered has the status
    /// [`FipsStatus::ApprovedMode`](dtls_crypto_api::FipsStatus::ApprovedMode), or, with a
    /// certificate in the options,
    /// [`FipsStatus::AttestedValidated`](dtls_crypto_api::FipsStatus::AttestedValidated).
    ///
    /// Takes some tenths of a second. A process may have several, and the default provider beside
    /// them. A module stays loaded until the process ends, and is not loaded again with other
    /// settings.
    ///
    /// # Errors
    /// A [`FipsError`] that names the file and the fault. Without a module that works there is no
    /// provider.
    pub fn fips(options: FipsOptions) -> Result<Self, FipsError> {
        let module = Module::load(&options)?;
        let wishes = capabilities::approved(module.status, module.approves_eddsa);
        // FIPS 186-5 5.1: above 2^16.
        let exponents = ExponentRule { min: 65537 };
        let mut fetched = Fetched::from(module.library, &wishes, exponents);
        fetched.capabilities.details.extend(module.details);
        match fetched.missing() {
            Some(missing) => Err(FipsError::Incomplete { module: options.module_path, missing }),
            None => Ok(Self(Arc::new(fetched))),
        }
    }

    fn key_derivation(&self) -> Result<&KeyDerivation, CryptoError> {
        self.0.key_derivation.as_ref().ok_or(CryptoError::Unsupported("key derivation"))
    }

    /// Whether an offered group is put together here from two halves; a group that is not offered
    /// is answered with an error.
    fn has_halves(&self, group: NamedGroup) -> Result<bool, CryptoError> {
        if !self.0.capabilities.has_group(group) {
            return Err(kx::NO_SUCH_GROUP);
        }
        Ok(group.is_hybrid() && self.0.hybrids == Hybrids::FromHalves)
    }
}

impl Default for OpenSslProvider {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for OpenSslProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSslProvider")
            .field("name", &self.0.capabilities.name)
            .field("version", &self.0.capabilities.version)
            .finish_non_exhaustive()
    }
}

impl CryptoProvider for OpenSslProvider {
    fn capabilities(&self) -> &Capabilities {
        &self.0.capabilities
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        let module = self.0.library.module_self_test();
        module.map_err(|Failed| CryptoError::SelfTestFailed("FIPS module"))?;
        generic::self_test(self)
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.library.random(out).map_err(|Failed| CryptoError::RandomFailed)
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        self.0.hashes.start(algorithm)
    }

    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        self.0.hashes.hmac(algorithm, key, data)
    }

    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        self.key_derivation()?.hkdf_extract(algorithm, salt, ikm)
    }

    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        self.key_derivation()?.hkdf_expand(algorithm, prk, info, out)
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        self.key_derivation()?.schedule_extract(algorithm, *prefix, previous, input)
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        match self.key_derivation()?.schedule_expand(algorithm, secret, label, out)? {
            Some(()) => Ok(()),
            None => generic::schedule_expand(self, algorithm, secret, label, out),
        }
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        self.0.protections.seal_key(secrets)
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        self.0.protections.open_key(secrets)
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        if self.has_halves(group)? {
            hybrid::start(self, group)
        } else {
            kx::start(&self.0.library, group)
        }
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        if self.has_halves(group)? {
            hybrid::encapsulate(self, group, peer_share)
        } else {
            kx::encapsulate(&self.0.library, group, peer_share)
        }
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        sign::load(&self.0.library, &self.0.capabilities, der)
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        sign::generate(&self.0.library, &self.0.capabilities, kind)
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        if !self.0.capabilities.can_verify(algorithm) {
            return Err(CryptoError::Unsupported("this signature algorithm"));
        }
        let (library, exponents) = (&self.0.library, self.0.exponents);
        verify::verify(library, exponents, algorithm, public_key, message, signature)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        let envelopes = self.0.envelopes.as_ref().ok_or(CryptoError::Unsupported("envelopes"))?;
        envelopes.with_key(key)
    }
}
