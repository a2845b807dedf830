//! How a client connects, and whom it trusts.

use std::path::Path;
use std::sync::Arc;

use dtls_core::crypto::{CipherSuite, CryptoProvider, FipsStatus, NamedGroup, SignatureScheme};
use dtls_core::{CommonConfig, TimerConfig};
use pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use super::{Change, common_setters};
use crate::credential::CertifiedKey;
use crate::key_log::KeyLog;
use crate::verify::{RootStore, Verifier};
use crate::{Error, pem};

/// How a client connects. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    pub(crate) core: Arc<dtls_core::ClientConfig>,
    pub(crate) verifier: Arc<Verifier>,
    pub(crate) credential: Option<Arc<CertifiedKey>>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
}

impl ClientConfig {
    /// Begins a configuration. The next step says which servers are trusted.
    pub fn builder(provider: Arc<dyn CryptoProvider>) -> ClientConfigBuilder {
        ClientConfigBuilder { provider }
    }

    /// Key exchange groups, best first; a share is sent for the first and for the first that is
    /// no hybrid. To begin with all the provider has.
    ///
    /// # Errors
    /// [`Error::Config`] when there is none, or one the provider lacks.
    pub fn groups(mut self, groups: &[NamedGroup]) -> Result<Self, Error> {
        let core = Arc::make_mut(&mut self.core);
        core.common.groups = groups.to_vec();
        core.key_shares = dtls_core::ClientConfig::default_key_shares(groups);
        self.check()?;
        Ok(self)
    }

    /// The protocol core's part of it, for who drives a [`dtls_core::Connection`] by hand: see
    /// [`Answers`](crate::Answers).
    pub fn core(&self) -> &Arc<dtls_core::ClientConfig> {
        &self.core
    }

    fn set_crls(&mut self, lists: &[CertificateRevocationListDer<'_>]) -> Result<(), Error> {
        Arc::make_mut(&mut self.verifier).set_crls(lists)
    }
}

impl Change for ClientConfig {
    fn common(&mut self) -> &mut CommonConfig {
        &mut Arc::make_mut(&mut self.core).common
    }

    fn check(&self) -> Result<(), Error> {
        self.core.check().map_err(Error::Config)
    }

    fn judges_chains(&self) -> bool {
        self.verifier.judges_chains()
    }

    fn credential(&self) -> Option<&CertifiedKey> {
        self.credential.as_deref()
    }
}

common_setters!(ClientConfig);

/// The first step of a client's configuration: which servers are trusted.
#[derive(Clone, Debug)]
pub struct ClientConfigBuilder {
    provider: Arc<dyn CryptoProvider>,
}

impl ClientConfigBuilder {
    /// Servers with a chain to one of these authorities.
    pub fn with_roots(self, roots: RootStore) -> WantsClientCredential {
        let verifier = Verifier::roots(self.provider.clone(), roots);
        self.next(verifier)
    }

    /// Servers with a chain to one of the authorities in this PEM text.
    pub fn with_roots_pem(self, pem: &[u8]) -> WantsClientCredential {
        let provider = self.provider.clone();
        self.next(RootStore::from_pem(pem).and_then(|roots| Verifier::roots(provider, roots)))
    }

    /// Servers with a chain to an authority Mozilla trusts.
    #[cfg(feature = "webpki-roots")]
    pub fn with_webpki_roots(self) -> WantsClientCredential {
        self.with_roots(RootStore::webpki())
    }

    /// Servers with a chain to an authority the operating system trusts.
    #[cfg(feature = "native-roots")]
    pub fn with_native_roots(self) -> WantsClientCredential {
        let provider = self.provider.clone();
        self.next(RootStore::native().and_then(|roots| Verifier::roots(provider, roots)))
    }

    /// The server whose certificate (DER) has this SHA-256 hash, whatever its name, its issuer
    /// and its dates.
    pub fn with_pinned_fingerprint(self, sha256: [u8; 32]) -> WantsClientCredential {
        self.with_pinned_fingerprints(vec![sha256])
    }

    /// As [`Self::with_pinned_fingerprint`], with any of these: the current and the next one.
    pub fn with_pinned_fingerprints(self, sha256: Vec<[u8; 32]>) -> WantsClientCredential {
        let verifier = if sha256.is_empty() {
            Err(Error::NoRoots)
        } else {
            Ok(Verifier::pinned(self.provider.clone(), sha256))
        };
        self.next(verifier)
    }

    /// What should not be used outside of experiments.
    pub fn dangerous(self) -> Dangerous {
        Dangerous(self)
    }

    fn next(self, verifier: Result<Verifier, Error>) -> WantsClientCredential {
        WantsClientCredential { provider: self.provider, verifier }
    }
}

/// What should not be used outside of experiments.
#[derive(Clone, Debug)]
pub struct Dangerous(ClientConfigBuilder);

impl Dangerous {
    /// Any server at all, an attacker's included: the connection is encrypted, but nobody knows
    /// to whom.
    pub fn with_no_verification(self) -> WantsClientCredential {
        let verifier = Verifier::anybody(self.0.provider.clone());
        self.0.next(Ok(verifier))
    }
}

/// The second step of a client's configuration: its own certificate.
#[derive(Clone, Debug)]
pub struct WantsClientCredential {
    provider: Arc<dyn CryptoProvider>,
    verifier: Result<Verifier, Error>,
}

impl WantsClientCredential {
    /// The client shows no certificate.
    ///
    /// # Errors
    /// What the step before could not use: [`Error::NoRoots`], [`Error::BadRoot`],
    /// [`Error::BadPem`], [`Error::NoCertificate`]; and [`Error::Config`].
    pub fn with_no_client_auth(self) -> Result<ClientConfig, Error> {
        self.finish(None)
    }

    /// The client shows this chain (end entity first) to servers that ask, and signs with `key`.
    ///
    /// # Errors
    /// As [`Self::with_no_client_auth`] and [`CertifiedKey::new`].
    pub fn with_client_cert(
        self,
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
    ) -> Result<ClientConfig, Error> {
        let credential = CertifiedKey::new(self.provider.as_ref(), chain, key)?;
        self.with_credential(credential)
    }

    /// As [`Self::with_client_cert`], from PEM text.
    ///
    /// # Errors
    /// As [`Self::with_client_cert`], and [`Error::BadPem`], [`Error::NoPrivateKey`].
    pub fn with_client_cert_pem(self, chain: &[u8], key: &[u8]) -> Result<ClientConfig, Error> {
        let (chain, key) = (pem::certificates(chain)?, pem::private_key(key)?);
        self.with_client_cert(chain, &key)
    }

    /// As [`Self::with_client_cert`], with a chain and key that were joined before.
    ///
    /// # Errors
    /// As [`Self::with_no_client_auth`].
    pub fn with_credential(self, credential: CertifiedKey) -> Result<ClientConfig, Error> {
        self.finish(Some(Arc::new(credential)))
    }

    fn finish(self, credential: Option<Arc<CertifiedKey>>) -> Result<ClientConfig, Error> {
        let config = ClientConfig {
            core: Arc::new(dtls_core::ClientConfig::new(self.provider)),
            verifier: Arc::new(self.verifier?),
            credential,
            key_log: None,
        };
        config.check()?;
        Ok(config)
    }
}
