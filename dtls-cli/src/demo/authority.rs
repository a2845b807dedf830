//! A certificate authority for the length of the demo: certificates made with the provider's own
//! keys, written by rcgen.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dtls13::core::crypto::{CryptoProvider, Curve, HashAlgorithm, KeyKind, SigningKey};
use dtls13::core::crypto::{SignatureAlgorithm, Zeroizing};
use dtls13::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rcgen::{BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer};
use rcgen::{KeyIdMethod, KeyUsagePurpose, PublicKeyData, SerialNumber};

/// Certificates are valid from an hour ago, for clocks that are a little off, to tomorrow.
const BEFORE: Duration = Duration::from_secs(60 * 60);
const AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// An ECDSA P-256 key of the provider's, as rcgen sees it.
struct Key {
    key: Arc<dyn SigningKey>,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl Key {
    fn generate(provider: &dyn CryptoProvider) -> Result<Self, String> {
        let generated = provider
            .generate_private_key(KeyKind::Ecdsa(Curve::P256))
            .map_err(|error| error.to_string())?;
        Ok(Self { key: generated.key, pkcs8: generated.pkcs8 })
    }
}

/// Length of an uncompressed point on P-256, which ends the SubjectPublicKeyInfo.
const POINT_LEN: usize = 65;

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        let info = self.key.public_key();
        &info[info.len().saturating_sub(POINT_LEN)..]
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let algorithm = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256);
        self.key.sign(algorithm, message).map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// A server's credential and the authority to trust it by.
pub(super) struct Certificates {
    pub(super) authority: CertificateDer<'static>,
    pub(super) chain: Vec<CertificateDer<'static>>,
    pub(super) key: PrivateKeyDer<'static>,
}

/// Makes an authority and a server certificate for `name`.
pub(super) fn make(provider: &dyn CryptoProvider, name: &str) -> Result<Certificates, String> {
    let text = |error: rcgen::Error| error.to_string();
    let authority_key = Key::generate(provider)?;
    let mut params = params(1, &[])?;
    params.distinguished_name.push(DnType::CommonName, "dtls demo authority");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let authority = params.self_signed(&authority_key).map_err(text)?;
    let issuer = Issuer::new(params, authority_key);

    let key = Key::generate(provider)?;
    let mut params = self::params(2, &[name.to_owned()])?;
    params.distinguished_name.push(DnType::CommonName, name);
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let certificate = params.signed_by(&key, &issuer).map_err(text)?;
    Ok(Certificates {
        authority: authority.der().clone(),
        chain: vec![certificate.der().clone()],
        key: PrivatePkcs8KeyDer::from(key.pkcs8.to_vec()).into(),
    })
}

fn params(serial: u8, names: &[String]) -> Result<CertificateParams, String> {
    let mut params = CertificateParams::new(names).map_err(|error| error.to_string())?;
    let now = SystemTime::now();
    params.not_before = (now - BEFORE).into();
    params.not_after = (now + AFTER).into();
    params.serial_number = Some(SerialNumber::from(vec![serial]));
    params.key_identifier_method = KeyIdMethod::PreSpecified(vec![serial; 20]);
    params.distinguished_name = rcgen::DistinguishedName::new();
    Ok(params)
}
