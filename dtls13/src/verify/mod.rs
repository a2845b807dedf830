//! Judging the peer's certificate chain: by trust anchors, by fingerprint, or not at all.

mod algorithms;
mod roots;

use std::sync::Arc;
use std::time::Duration;

use dtls_core::CertificateRejection;
use dtls_core::crypto::{CryptoProvider, HashAlgorithm};
use pki_types::{CertificateDer, CertificateRevocationListDer, ServerName, UnixTime};
use webpki::{
    CertRevocationList, EndEntityCert, ExpirationPolicy, KeyUsage, OwnedCertRevocationList,
    RevocationCheckDepth, RevocationOptionsBuilder, UnknownStatusPolicy,
};

pub use roots::RootStore;

use crate::Error;
use algorithms::Algorithm;

/// Whom to trust.
#[derive(Clone, Debug)]
enum Trust {
    /// Whoever has a chain to one of these.
    Roots(Arc<RootStore>),
    /// Whoever has exactly a certificate with one of these SHA-256 fingerprints.
    Pinned(Vec<[u8; 32]>),
    /// Everybody.
    Anybody,
}

/// Judges chains.
#[derive(Clone, Debug)]
pub(crate) struct Verifier {
    provider: Arc<dyn CryptoProvider>,
    algorithms: Arc<[Algorithm]>,
    trust: Trust,
    crls: Arc<[CertRevocationList<'static>]>,
}

impl Verifier {
    pub(crate) fn roots(
        provider: Arc<dyn CryptoProvider>,
        roots: RootStore,
    ) -> Result<Self, Error> {
        if roots.is_empty() {
            return Err(Error::NoRoots);
        }
        Ok(Self::new(provider, Trust::Roots(Arc::new(roots))))
    }

    pub(crate) fn pinned(provider: Arc<dyn CryptoProvider>, pins: Vec<[u8; 32]>) -> Self {
        Self::new(provider, Trust::Pinned(pins))
    }

    pub(crate) fn anybody(provider: Arc<dyn CryptoProvider>) -> Self {
        Self::new(provider, Trust::Anybody)
    }

    fn new(provider: Arc<dyn CryptoProvider>, trust: Trust) -> Self {
        let algorithms = algorithms::all(&provider).into();
        Self { provider, algorithms, trust, crls: Arc::new([]) }
    }

    /// Whether signatures in chains are verified at all.
    pub(crate) fn judges_chains(&self) -> bool {
        matches!(self.trust, Trust::Roots(_))
    }

    /// Judges by these revocation lists too.
    pub(crate) fn set_crls(
        &mut self,
        crls: &[CertificateRevocationListDer<'_>],
    ) -> Result<(), Error> {
        let parse = |der: &CertificateRevocationListDer<'_>| {
            let owned = OwnedCertRevocationList::from_der(der).map_err(|_| Error::BadCrl)?;
            Ok(CertRevocationList::from(owned))
        };
        self.crls = crls.iter().map(parse).collect::<Result<Vec<_>, Error>>()?.into();
        Ok(())
    }

    /// Judges a server's chain. `wall` is the time since the Unix epoch.
    pub(crate) fn verify_server(
        &self,
        chain: &[Vec<u8>],
        name: &ServerName<'_>,
        wall: Duration,
    ) -> Result<(), CertificateRejection> {
        self.verify(chain, Some(name), KeyUsage::server_auth(), wall)
    }

    /// Judges a client's chain.
    pub(crate) fn verify_client(
        &self,
        chain: &[Vec<u8>],
        wall: Duration,
    ) -> Result<(), CertificateRejection> {
        self.verify(chain, None, KeyUsage::client_auth(), wall)
    }

    fn verify(
        &self,
        chain: &[Vec<u8>],
        name: Option<&ServerName<'_>>,
        usage: KeyUsage,
        wall: Duration,
    ) -> Result<(), CertificateRejection> {
        let (end_entity, rest) = chain.split_first().ok_or(CertificateRejection::Bad)?;
        let roots = match &self.trust {
            Trust::Anybody => return Ok(()),
            Trust::Pinned(pins) => return self.verify_pinned(pins, end_entity),
            Trust::Roots(roots) => roots,
        };
        let end_entity = CertificateDer::from(end_entity.as_slice());
        let rest: Vec<_> = rest.iter().map(|der| CertificateDer::from(der.as_slice())).collect();
        let end_entity = EndEntityCert::try_from(&end_entity).map_err(|e| rejection(&e))?;
        let algorithms: Vec<_> = self.algorithms.iter().map(Algorithm::as_webpki).collect();
        let crls: Vec<_> = self.crls.iter().collect();
        let revocation = RevocationOptionsBuilder::new(&crls).ok().map(|builder| {
            builder
                .with_depth(RevocationCheckDepth::Chain)
                .with_status_policy(UnknownStatusPolicy::Deny)
                .with_expiration_policy(ExpirationPolicy::Enforce)
                .build()
        });
        end_entity
            .verify_for_usage(
                &algorithms,
                roots.anchors(),
                &rest,
                UnixTime::since_unix_epoch(wall),
                usage,
                revocation,
                None,
            )
            .map_err(|error| rejection(&error))?;
        name.map_or(Ok(()), |name| {
            end_entity.verify_is_valid_for_subject_name(name).map_err(|error| rejection(&error))
        })
    }

    fn verify_pinned(&self, pins: &[[u8; 32]], der: &[u8]) -> Result<(), CertificateRejection> {
        let hashed = self.provider.hash(HashAlgorithm::Sha256).map(|mut hash| {
            hash.update(der);
            hash.finish()
        });
        let fingerprint = hashed.map_err(|_| CertificateRejection::Other)?;
        if pins.iter().any(|pin| pin == fingerprint.as_ref()) {
            Ok(())
        } else {
            Err(CertificateRejection::UnknownIssuer)
        }
    }
}

/// What the core is told, and through the alert the peer.
fn rejection(error: &webpki::Error) -> CertificateRejection {
    use webpki::Error as E;
    match error {
        E::CertExpired { .. } => CertificateRejection::Expired,
        E::CertNotValidYet { .. } => CertificateRejection::NotValidYet,
        E::CertNotValidForName(_) => CertificateRejection::WrongName,
        E::CertRevoked => CertificateRejection::Revoked,
        E::UnknownIssuer => CertificateRejection::UnknownIssuer,
        E::CaUsedAsEndEntity
        | E::EmptyEkuExtension
        | E::EndEntityUsedAsCa
        | E::PathLenConstraintViolated
        | E::RequiredEkuNotFoundContext(_)
        | E::UnsupportedCertVersion
        | E::UnsupportedCriticalExtension
        | E::UnsupportedSignatureAlgorithmContext(_)
        | E::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => {
            CertificateRejection::Unsupported
        }
        E::CrlExpired { .. }
        | E::InvalidCrlSignatureForPublicKey
        | E::IssuerNotCrlSigner
        | E::UnknownRevocationStatus
        | E::UnsupportedCrlSignatureAlgorithmContext(_) => CertificateRejection::Other,
        _ => CertificateRejection::Bad,
    }
}
