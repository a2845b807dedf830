//! Our own certificate: a chain, the key to it, and which signature to make with it.

use std::sync::Arc;

use dtls_core::crypto::{Capabilities, CryptoProvider, FipsStatus, SignatureScheme, SigningKey};
use dtls_core::{Credential, CredentialRequest};
use pki_types::{CertificateDer, PrivateKeyDer};
use webpki::EndEntityCert;

use crate::Error;

/// A certificate chain and the private key of its end entity.
#[derive(Clone, Debug)]
pub struct CertifiedKey {
    chain: Arc<[CertificateDer<'static>]>,
    key: Arc<dyn SigningKey>,
    fips: FipsStatus,
}

impl CertifiedKey {
    /// Joins a chain (end entity first) and a private key.
    ///
    /// # Errors
    /// [`Error::NoCertificate`], [`Error::BadCertificate`], [`Error::BadPrivateKey`] and
    /// [`Error::KeyMismatch`].
    pub fn new(
        provider: &dyn CryptoProvider,
        chain: Vec<CertificateDer<'static>>,
        key: &PrivateKeyDer<'_>,
    ) -> Result<Self, Error> {
        let key = provider.load_private_key(key).map_err(Error::BadPrivateKey)?;
        let fips = status(key.as_ref(), provider.capabilities());
        Ok(Self { fips, ..Self::with_key(chain, key)? })
    }

    /// Joins a chain and a key that is loaded already, or lives elsewhere. Nothing is known of
    /// such a key's FIPS status: see [`Self::with_fips`].
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_key(
        chain: Vec<CertificateDer<'static>>,
        key: Arc<dyn SigningKey>,
    ) -> Result<Self, Error> {
        let end_entity = chain.first().ok_or(Error::NoCertificate)?;
        for (index, certificate) in chain.iter().enumerate() {
            webpki::anchor_from_trusted_cert(certificate)
                .map_err(|_| Error::BadCertificate { index })?;
        }
        let parsed =
            EndEntityCert::try_from(end_entity).map_err(|_| Error::BadCertificate { index: 0 })?;
        if parsed.subject_public_key_info().as_ref() != key.public_key() {
            return Err(Error::KeyMismatch);
        }
        Ok(Self { chain: chain.into(), key, fips: FipsStatus::None })
    }

    /// Attests the FIPS status of a key that lives elsewhere, in a module of its own.
    #[must_use]
    pub fn with_fips(mut self, status: FipsStatus) -> Self {
        self.fips = status;
        self
    }

    /// The least FIPS status of the signatures this key may come to make in a handshake.
    pub fn fips(&self) -> FipsStatus {
        self.fips
    }

    /// The chain, end entity first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The first scheme the peer accepts that this key can make, with the chain.
    pub(crate) fn choose(&self, request: &CredentialRequest) -> Option<Credential> {
        let fits = |scheme: &SignatureScheme| {
            scheme.allowed_in_certificate_verify()
                && scheme.algorithm().is_some_and(|a| self.key.algorithms().contains(&a))
        };
        let scheme = request.schemes.iter().copied().find(fits)?;
        Some(Credential { chain: self.chain.clone(), scheme })
    }

    /// Signs, or `None` when the key cannot.
    pub(crate) fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Option<Vec<u8>> {
        self.key.sign(scheme.algorithm()?, message).ok()
    }
}

/// The least status of what the key signs handshakes with.
fn status(key: &dyn SigningKey, has: &Capabilities) -> FipsStatus {
    let in_handshakes = key.algorithms().iter().filter(|algorithm| {
        algorithm.scheme().is_some_and(SignatureScheme::allowed_in_certificate_verify)
    });
    let status = |algorithm| {
        let offered = has.sign.iter().find(|offered| offered.id == algorithm);
        offered.map_or(FipsStatus::None, |offered| offered.fips)
    };
    in_handshakes.copied().map(status).min().unwrap_or_default()
}
