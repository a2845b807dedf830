//! How a server accepts clients, and whom it trusts.

use std::path::Path;
use std::sync::Arc;

use dtls_core::crypto::{CipherSuite, CryptoProvider, FipsStatus, NamedGroup, SignatureScheme};
use dtls_core::{ClientAuth, CommonConfig, TimerConfig};
use pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use super::{Change, common_setters};
use crate::credential::CertifiedKey;
use crate::key_log::KeyLog;
use crate::verify::{RootStore, Verifier};
use crate::{Error, pem};

/// The most bytes of authorities' names a server sends to its clients. With a large store the
/// names would cost a round of datagrams; then none is sent, which means no preference.
const MAX_AUTHORITY_NAMES: usize = 1024;

/// How a server accepts clients. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    pub(crate) core: Arc<dtls_core::ServerConfig>,
    /// `None` when no client certificate is asked for.
    pub(crate) verifier: Option<Arc<Verifier>>,
    pub(crate) credential: Arc<CertifiedKey>,
    pub(crate) key_log: Option<Arc<dyn KeyLog>>,
}

impl ServerConfig {
    /// Begins a configuration. The next step says which clients are trusted.
    pub fn builder(provider: Arc<dyn CryptoProvider>) -> ServerConfigBuilder {
        ServerConfigBuilder { provider }
    }

    /// Key exchange groups, best first. To begin with all the provider has.
    ///
    /// # Errors
    /// [`Error::Config`] when there is none, or one the provider lacks.
    pub fn groups(self, groups: &[NamedGroup]) -> Result<Self, Error> {
        self.checked(|common| common.groups = groups.to_vec())
    }

    /// The protocol core's part of it, for who drives a [`dtls_core::Connection`] by hand: see
    /// [`Answers`](crate::Answers).
    pub fn core(&self) -> &Arc<dtls_core::ServerConfig> {
        &self.core
    }

    fn set_crls(&mut self, lists: &[CertificateRevocationListDer<'_>]) -> Result<(), Error> {
        match &mut self.verifier {
            Some(verifier) => Arc::make_mut(verifier).set_crls(lists),
            None => Ok(()),
        }
    }
}

impl Change for ServerConfig {
    fn common(&mut self) -> &mut CommonConfig {
        &mut Arc::make_mut(&mut self.core).common
    }

    fn check(&self) -> Result<(), Error> {
        self.core.check().map_err(Error::Config)
    }

    fn judges_chains(&self) -> bool {
        self.verifier.as_ref().is_some_and(|verifier| verifier.judges_chains())
    }

    fn credential(&self) -> Option<&CertifiedKey> {
        Some(&self.credential)
    }
}

common_setters!(ServerConfig);

/// The first step of a server's configuration: which clients are trusted.
#[derive(Clone, Debug)]
pub struct ServerConfigBuilder {
    provider: Arc<dyn CryptoProvider>,
}

impl ServerConfigBuilder {
    /// Every client; no certificate is asked for.
    pub fn with_no_client_auth(self) -> WantsServerCredential {
        let trust = Ok((ClientAuth::None, None, Vec::new()));
        WantsServerCredential { provider: self.provider, trust }
    }

    /// Clients with a chain to one of these authorities; with [`ClientAuth::Optional`] also
    /// those without a certificate.
    pub fn with_client_auth(self, roots: RootStore, auth: ClientAuth) -> WantsServerCredential {
        let mut names = roots.subjects();
        if names.iter().map(|name| name.len() + 2).sum::<usize>() > MAX_AUTHORITY_NAMES {
            names.clear();
        }
        let verifier = Verifier::roots(self.provider.clone(), roots);
        let trust = verifier.map(|verifier| (auth, Some(Arc::new(verifier)), names));
        WantsServerCredential { provider: self.provider, trust }
    }

    /// As [`Self::with_client_auth`], with the authorities in this PEM text.
    pub fn with_client_auth_pem(self, pem: &[u8], auth: ClientAuth) -> WantsServerCredential {
        match RootStore::from_pem(pem) {
            Ok(roots) => self.with_client_auth(roots, auth),
            Err(error) => WantsServerCredential { provider: self.provider, trust: Err(error) },
        }
    }
}

/// Whether certificates are asked for, who judges them, and the authorities named to clients.
type ClientTrust = (ClientAuth, Option<Arc<Verifier>>, Vec<Vec<u8>>);

/// The second step of a server's configuration: its own certificate.
#[derive(Clone, Debug)]
pub struct WantsServerCredential {
    provider: Arc<dyn CryptoProvider>,
    trust: Result<ClientTrust, Error>,
}

impl WantsServerCredential {
    /// The server shows this chain (end entity first) and signs with `key`.
    ///
    /// # Errors
    /// What the step before could not use: [`Error::NoRoots`], [`Error::BadRoot`],
    /// [`Error::BadPem`], [`Error::NoCertificate`]; those of [`CertifiedKey::new`]; and
    /// [`Error::Config`].
    pub fn with_cert(
        self,
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
    ) -> Result<ServerConfig, Error> {
        let credential = CertifiedKey::new(self.provider.as_ref(), chain, key)?;
        self.with_credential(credential)
    }

    /// As [`Self::with_cert`], from PEM text.
    ///
    /// # Errors
    /// As [`Self::with_cert`], and [`Error::BadPem`], [`Error::NoPrivateKey`].
    pub fn with_cert_pem(self, chain: &[u8], key: &[u8]) -> Result<ServerConfig, Error> {
        let (chain, key) = (pem::certificates(chain)?, pem::private_key(key)?);
        self.with_cert(chain, &key)
    }

    /// As [`Self::with_cert`], with a chain and key that were joined before.
    ///
    /// # Errors
    /// As [`Self::with_cert`].
    pub fn with_credential(self, credential: CertifiedKey) -> Result<ServerConfig, Error> {
        let (client_auth, verifier, authorities) = self.trust?;
        let mut core = dtls_core::ServerConfig::new(self.provider);
        core.client_auth = client_auth;
        core.authorities = authorities;
        let config = ServerConfig {
            core: Arc::new(core),
            verifier,
            credential: Arc::new(credential),
            key_log: None,
        };
        config.check()?;
        Ok(config)
    }
}
