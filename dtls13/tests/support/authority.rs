// A certificate authority: rcgen writes, the provider's keys sign. (The front page's example
// includes this file, which forbids an inner comment.)

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use dtls13::core::crypto::{Curve, HashAlgorithm, KeyKind, SigningKey};
use dtls13::core::crypto::{SignatureAlgorithm, Zeroizing};
use dtls13::pki_types::{
    CertificateDer, CertificateRevocationListDer, PrivateKeyDer, PrivatePkcs8KeyDer,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CustomExtension, DnType,
    ExtendedKeyUsagePurpose, IsCa, Issuer, KeyIdMethod, KeyUsagePurpose, PublicKeyData,
    RevokedCertParams, SerialNumber,
};

/// An ECDSA P-256 key of the provider's, as rcgen sees it.
struct Key {
    key: Arc<dyn SigningKey>,
    pkcs8: Zeroizing<Vec<u8>>,
}

impl Key {
    fn generate() -> Self {
        let provider = dtls13::provider::rustcrypto();
        let made = provider.generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap();
        Self { key: made.key, pkcs8: made.pkcs8 }
    }
}

impl PublicKeyData for Key {
    fn der_bytes(&self) -> &[u8] {
        // The uncompressed point ends the SubjectPublicKeyInfo.
        let info = self.key.public_key();
        &info[info.len() - 65..]
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }
}

impl rcgen::SigningKey for Key {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        let algorithm = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256);
        Ok(self.key.sign(algorithm, message).unwrap())
    }
}

/// What an end entity's certificate says.
#[derive(Clone, Debug)]
pub(crate) struct Leaf {
    pub(crate) names: Vec<String>,
    /// Days from now from which, and to which it is valid.
    pub(crate) days: (i64, i64),
    pub(crate) usage: ExtendedKeyUsagePurpose,
    pub(crate) serial: u8,
}

impl Leaf {
    pub(crate) fn server(name: &str) -> Self {
        let usage = ExtendedKeyUsagePurpose::ServerAuth;
        Self { names: vec![name.to_owned()], days: (-1, 30), usage, serial: 7 }
    }

    pub(crate) fn client() -> Self {
        let usage = ExtendedKeyUsagePurpose::ClientAuth;
        Self { names: vec!["client.example".to_owned()], days: (-1, 30), usage, serial: 8 }
    }
}

/// A chain and the key to it.
pub(crate) struct Issued {
    pub(crate) chain: Vec<CertificateDer<'static>>,
    pub(crate) key: PrivateKeyDer<'static>,
}

pub(crate) struct Authority {
    certificate: CertificateDer<'static>,
    issuer: Issuer<'static, Key>,
    /// Certificates between this authority and the root, this one's first.
    above: Vec<CertificateDer<'static>>,
}

impl Authority {
    pub(crate) fn new(name: &str) -> Self {
        let key = Key::generate();
        let params = authority_params(name);
        let certificate = params.self_signed(&key).unwrap().der().clone();
        Self { certificate, issuer: Issuer::new(params, key), above: Vec::new() }
    }

    /// An authority below this one, whose certificate is at least `padding` bytes long.
    pub(crate) fn intermediate(&self, name: &str, padding: usize) -> Self {
        let key = Key::generate();
        let mut params = authority_params(name);
        let octets = [&[0x04, 0x82][..], &(padding as u16).to_be_bytes(), &vec![7; padding]];
        let extension =
            CustomExtension::from_oid_content(&[1, 3, 6, 1, 4, 1, 99999, 1], octets.concat());
        params.custom_extensions.push(extension);
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let mut above = vec![certificate.clone()];
        above.extend(self.above.iter().cloned());
        Self { certificate, issuer: Issuer::new(params, key), above }
    }

    pub(crate) fn certificate(&self) -> CertificateDer<'static> {
        self.certificate.clone()
    }

    pub(crate) fn issue(&self, leaf: &Leaf) -> Issued {
        let key = Key::generate();
        let mut params = CertificateParams::new(leaf.names.clone()).unwrap();
        params.not_before = days_from_now(leaf.days.0).into();
        params.not_after = days_from_now(leaf.days.1).into();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, "leaf");
        params.serial_number = Some(SerialNumber::from(vec![leaf.serial]));
        params.key_identifier_method = KeyIdMethod::PreSpecified(vec![leaf.serial; 20]);
        params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        params.extended_key_usages = vec![leaf.usage.clone()];
        let certificate = params.signed_by(&key, &self.issuer).unwrap().der().clone();
        let mut chain = vec![certificate];
        chain.extend(self.above.iter().cloned());
        Issued { chain, key: PrivatePkcs8KeyDer::from(key.pkcs8.to_vec()).into() }
    }

    /// A revocation list with these serial numbers.
    pub(crate) fn revoke(&self, serials: &[u8]) -> CertificateRevocationListDer<'static> {
        let revoked = |serial: &u8| RevokedCertParams {
            serial_number: SerialNumber::from(vec![*serial]),
            revocation_time: days_from_now(-1).into(),
            reason_code: None,
            invalidity_date: None,
        };
        let params = CertificateRevocationListParams {
            this_update: days_from_now(-1).into(),
            next_update: days_from_now(1).into(),
            crl_number: SerialNumber::from(vec![1]),
            issuing_distribution_point: None,
            revoked_certs: serials.iter().map(revoked).collect(),
            key_identifier_method: KeyIdMethod::PreSpecified(vec![1; 20]),
        };
        params.signed_by(&self.issuer).unwrap().into()
    }
}

fn authority_params(name: &str) -> CertificateParams {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.not_before = days_from_now(-1).into();
    params.not_after = days_from_now(30).into();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.serial_number = Some(SerialNumber::from(vec![1]));
    params.key_identifier_method = KeyIdMethod::PreSpecified(name.as_bytes().to_vec());
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn days_from_now(days: i64) -> SystemTime {
    let span = Duration::from_secs(days.unsigned_abs() * 24 * 60 * 60);
    if days < 0 { SystemTime::now() - span } else { SystemTime::now() + span }
}
