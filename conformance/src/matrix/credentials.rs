//! Keys and chains of the servers, and how a client judges them: an X.509 certificate (RFC 5280)
//! for the one name there is, signed by the server's provider, verified by webpki with the client's.
//!
//! A key is made once for a provider and shared by all its cells, since RSA keys take long.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dtls_core::{CertificateRejection, Credential};
use dtls_crypto_api::pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    CryptoProvider, Curve, KeyKind, SignatureAlgorithm, SignatureScheme, SigningKey,
};
use pki_types::{
    AlgorithmIdentifier, Der, InvalidSignature, PrivatePkcs8KeyDer, ServerName,
    SignatureVerificationAlgorithm, TrustAnchor, UnixTime, alg_id,
};

use super::cell::Player;

/// The host name all servers go by.
pub(super) const SERVER_NAME: &str = "matrix.example";

/// The smallest modulus that every provider takes: larger ones only cost time here.
const RSA_BITS: u16 = 2048;

/// A server's certificate with its key.
#[derive(Debug)]
pub(super) struct Identity {
    key: Arc<dyn SigningKey>,
    scheme: SignatureScheme,
    chain: Arc<[CertificateDer<'static>]>,
}

impl Identity {
    /// The credential, if the client takes the scheme.
    pub(super) fn credential(&self, wanted: &[SignatureScheme]) -> Option<Credential> {
        let credential = Credential { chain: self.chain.clone(), scheme: self.scheme };
        wanted.contains(&self.scheme).then_some(credential)
    }

    pub(super) fn sign(&self, scheme: SignatureScheme, message: &[u8]) -> Option<Vec<u8>> {
        self.key.sign(scheme.algorithm()?, message).ok()
    }
}

/// Two of a provider's keys are the same if these are.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
struct KeyForm {
    kind: KeyKind,
    /// An RSA key whose algorithm is RSASSA-PSS.
    only_pss: bool,
}

type Made<T> = Result<T, String>;

/// What was made for a provider, by its name and what it is; a failure is kept too.
type ByPlayer<K, T> = Mutex<HashMap<(String, K), Made<Arc<T>>>>;

/// The identities made so far.
#[derive(Default)]
pub(super) struct Credentials {
    keys: ByPlayer<KeyForm, dyn SigningKey>,
    identities: ByPlayer<SignatureScheme, Identity>,
}

impl Credentials {
    /// The identity with which this server signs with this scheme. Where its provider cannot
    /// generate a key, one of the others' makes it and the server's loads it.
    pub(super) fn identity(
        &self,
        server: &Player,
        scheme: SignatureScheme,
        others: &[Player],
    ) -> Made<Arc<Identity>> {
        let mut identities = self.identities.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (server.name().to_owned(), scheme);
        let make = || self.make(server, scheme, others).map(Arc::new);
        identities.entry(place).or_insert_with(make).clone()
    }

    fn make(&self, server: &Player, scheme: SignatureScheme, others: &[Player]) -> Made<Identity> {
        let what = |what: &str, error: &dyn core::fmt::Debug| {
            format!("{}: {what} for {scheme}: {error:?}", server.name())
        };
        let algorithm = scheme.algorithm().ok_or_else(|| what("no algorithm", &scheme))?;
        let form = key_form(algorithm).ok_or_else(|| what("no kind of key", &algorithm))?;
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let place = (server.name().to_owned(), form);
        let key = keys.entry(place).or_insert_with(|| new_key(server, form, others)).clone()?;
        let (_, signature_id) =
            identifiers(algorithm).ok_or_else(|| what("no identifier", &algorithm))?;
        let body = certificate_body(key.public_key(), &signature_id);
        let signature = key.sign(algorithm, &body).map_err(|error| what("cannot sign", &error))?;
        let certificate = der(
            SEQUENCE,
            &[&body, &der(SEQUENCE, &[&signature_id]), &der(BIT_STRING, &[&[0], &signature])],
        );
        Ok(Identity { key, scheme, chain: [certificate.into()].into() })
    }
}

fn key_form(algorithm: SignatureAlgorithm) -> Option<KeyForm> {
    use SignatureAlgorithm as S;
    let kind = match algorithm {
        S::Ecdsa(curve, _) => KeyKind::Ecdsa(curve),
        S::Ed25519 => KeyKind::Ed25519,
        S::Ed448 => KeyKind::Ed448,
        S::RsaPkcs1(_) | S::RsaPssRsae(_) | S::RsaPssPss(_) => KeyKind::Rsa(RSA_BITS),
        S::MlDsa44 => KeyKind::MlDsa44,
        S::MlDsa65 => KeyKind::MlDsa65,
        S::MlDsa87 => KeyKind::MlDsa87,
        _ => return None,
    };
    Some(KeyForm { kind, only_pss: matches!(algorithm, S::RsaPssPss(_)) })
}

fn new_key(server: &Player, form: KeyForm, others: &[Player]) -> Made<Arc<dyn SigningKey>> {
    let generates =
        |player: &&Player| player.capabilities().generate.iter().any(|o| o.id == form.kind);
    let maker = [server].into_iter().chain(others).find(generates).ok_or_else(|| {
        format!("{}: nobody here can generate a key of the kind {:?}", server.name(), form.kind)
    })?;
    let during = |what: &str, error: &dyn core::fmt::Debug| {
        format!("{}: {what} a key of the kind {:?}: {error:?}", server.name(), form.kind)
    };
    let made = maker
        .provider()
        .generate_private_key(form.kind)
        .map_err(|error| during("cannot generate", &error))?;
    if maker.name() == server.name() && !form.only_pss {
        return Ok(made.key);
    }
    let pkcs8 = if form.only_pss { only_for_pss(&made.pkcs8) } else { Some(made.pkcs8.to_vec()) };
    let pkcs8 = pkcs8.ok_or_else(|| during("cannot read the PKCS#8 form of", &form.kind))?;
    let pkcs8 = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(pkcs8));
    server.provider().load_private_key(&pkcs8).map_err(|error| during("cannot load", &error))
}

/// The same RSA key in PKCS#8 (RFC 5208 5) with the algorithm RSASSA-PSS (RFC 4055 3.1).
fn only_for_pss(pkcs8: &[u8]) -> Option<Vec<u8>> {
    let rsa: &[u8] = &alg_id::RSA_ENCRYPTION;
    let at = pkcs8.windows(rsa.len()).position(|window| window == rsa)?;
    // Version, algorithm, and then the key, which goes to the end.
    let key = pkcs8.get(at + rsa.len()..)?;
    Some(der(SEQUENCE, &[&der(INTEGER, &[&[0]]), &der(SEQUENCE, &[&RSA_PSS_ANY]), key]))
}

/// An RSASSA-PSS key that may be used with any hash.
const RSA_PSS_ANY: AlgorithmIdentifier = AlgorithmIdentifier::from_slice(&[
    0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a,
]);

/// Under which identifiers the public key and the signature of a certificate stand.
fn identifiers(
    algorithm: SignatureAlgorithm,
) -> Option<(AlgorithmIdentifier, AlgorithmIdentifier)> {
    use SignatureAlgorithm as S;
    use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384, Sha512};
    let pss = |hash| match hash {
        Sha256 => Some(alg_id::RSA_PSS_SHA256),
        Sha384 => Some(alg_id::RSA_PSS_SHA384),
        Sha512 => Some(alg_id::RSA_PSS_SHA512),
        _ => None,
    };
    Some(match algorithm {
        S::Ecdsa(Curve::P256, Sha256) => (alg_id::ECDSA_P256, alg_id::ECDSA_SHA256),
        S::Ecdsa(Curve::P384, Sha384) => (alg_id::ECDSA_P384, alg_id::ECDSA_SHA384),
        S::Ecdsa(Curve::P521, Sha512) => (alg_id::ECDSA_P521, alg_id::ECDSA_SHA512),
        S::Ed25519 => (alg_id::ED25519, alg_id::ED25519),
        S::Ed448 => (alg_id::ED448, alg_id::ED448),
        S::RsaPssRsae(hash) => (alg_id::RSA_ENCRYPTION, pss(hash)?),
        S::RsaPssPss(hash) => (RSA_PSS_ANY, pss(hash)?),
        S::MlDsa44 => (alg_id::ML_DSA_44, alg_id::ML_DSA_44),
        S::MlDsa65 => (alg_id::ML_DSA_65, alg_id::ML_DSA_65),
        S::MlDsa87 => (alg_id::ML_DSA_87, alg_id::ML_DSA_87),
        _ => return None,
    })
}

const INTEGER: u8 = 0x02;
const BIT_STRING: u8 = 0x03;
const OCTET_STRING: u8 = 0x04;
const OBJECT_IDENTIFIER: u8 = 0x06;
const UTF8_STRING: u8 = 0x0c;
const UTC_TIME: u8 = 0x17;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
/// dNSName in a GeneralName.
const DNS_NAME: u8 = 0x82;
/// The version and the extensions of a TBSCertificate.
const EXPLICIT_0: u8 = 0xa0;
const EXPLICIT_3: u8 = 0xa3;

const ID_COMMON_NAME: &[u8] = &[0x55, 4, 3];
const ID_SUBJECT_ALT_NAME: &[u8] = &[0x55, 29, 17];

/// The TBSCertificate of a leaf (RFC 5280 4.1).
fn certificate_body(public_key: &[u8], signature_id: &[u8]) -> Vec<u8> {
    let names = der(SEQUENCE, &[&der(DNS_NAME, &[SERVER_NAME.as_bytes()])]);
    let alternative_name = der(
        SEQUENCE,
        &[&der(OBJECT_IDENTIFIER, &[ID_SUBJECT_ALT_NAME]), &der(OCTET_STRING, &[&names])],
    );
    der(
        SEQUENCE,
        &[
            &der(EXPLICIT_0, &[&der(INTEGER, &[&[2]])]),
            &der(INTEGER, &[&[1]]),
            &der(SEQUENCE, &[signature_id]),
            &der(SEQUENCE, &[&authority()]),
            &der(
                SEQUENCE,
                &[&der(UTC_TIME, &[b"200101000000Z"]), &der(UTC_TIME, &[b"491231235959Z"])],
            ),
            &der(SEQUENCE, &[]),
            public_key,
            &der(EXPLICIT_3, &[&der(SEQUENCE, &[&alternative_name])]),
        ],
    )
}

/// The name of who signed, without its outermost header. Its key is the leaf's own.
fn authority() -> Vec<u8> {
    let name = der(UTF8_STRING, &[b"handshake matrix"]);
    let attribute = der(SEQUENCE, &[&der(OBJECT_IDENTIFIER, &[ID_COMMON_NAME]), &name]);
    der(SET, &[&attribute])
}

/// One DER element. None of them is longer than 64 KiB.
fn der(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    let content = parts.concat();
    let mut out = vec![tag];
    match content.len() {
        len @ 0..0x80 => out.push(len as u8),
        len @ 0x80..0x100 => out.extend_from_slice(&[0x81, len as u8]),
        len => out.extend_from_slice(&[0x82, (len >> 8) as u8, len as u8]),
    }
    out.extend_from_slice(&content);
    out
}

/// The content of an element that [`der`] could have made.
fn content(element: &[u8]) -> Option<&[u8]> {
    let header = match element.get(1)? {
        0x82 => 4,
        0x81 => 3,
        _ => 2,
    };
    element.get(header..)
}

/// How a client judges the chain of the server of its cell.
#[derive(Debug)]
pub(super) struct Judge {
    algorithm: ByProvider,
    anchor: TrustAnchor<'static>,
}

impl Judge {
    /// Trusts what was signed with the key of this identity.
    pub(super) fn new(client: &Player, identity: &Identity) -> Option<Self> {
        let algorithm = identity.scheme.algorithm()?;
        let (public_key_id, signature_id) = identifiers(algorithm)?;
        let public_key = content(identity.key.public_key())?.to_vec();
        Some(Self {
            algorithm: ByProvider {
                provider: client.provider().clone(),
                algorithm,
                public_key_id,
                signature_id,
            },
            anchor: TrustAnchor {
                subject: Der::from(authority()),
                subject_public_key_info: Der::from(public_key),
                name_constraints: None,
            },
        })
    }

    /// The verdict at this time since the Unix epoch.
    pub(super) fn judge(
        &self,
        chain: &[Vec<u8>],
        wall: Duration,
    ) -> Result<(), CertificateRejection> {
        let (leaf, rest) = chain.split_first().ok_or(CertificateRejection::Bad)?;
        let leaf = CertificateDer::from(&leaf[..]);
        let rest: Vec<_> = rest.iter().map(|entry| CertificateDer::from(&entry[..])).collect();
        let leaf = webpki::EndEntityCert::try_from(&leaf).map_err(|_| CertificateRejection::Bad)?;
        leaf.verify_for_usage(
            &[&self.algorithm],
            core::slice::from_ref(&self.anchor),
            &rest,
            UnixTime::since_unix_epoch(wall),
            webpki::KeyUsage::server_auth(),
            None,
            None,
        )
        .map_err(|_| CertificateRejection::UnknownIssuer)?;
        let name =
            ServerName::try_from(SERVER_NAME).map_err(|_| CertificateRejection::WrongName)?;
        leaf.verify_is_valid_for_subject_name(&name).map_err(|_| CertificateRejection::WrongName)
    }
}

/// webpki's view of the client's provider.
#[derive(Debug)]
struct ByProvider {
    provider: Arc<dyn CryptoProvider>,
    algorithm: SignatureAlgorithm,
    public_key_id: AlgorithmIdentifier,
    signature_id: AlgorithmIdentifier,
}

impl SignatureVerificationAlgorithm for ByProvider {
    fn verify_signature(
        &self,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), InvalidSignature> {
        // webpki hands over the bits of the key; a provider wants all of its information.
        let key = der(BIT_STRING, &[&[0], public_key]);
        let info = der(SEQUENCE, &[&der(SEQUENCE, &[&self.public_key_id]), &key]);
        let info = SubjectPublicKeyInfoDer::from(info);
        self.provider
            .verify_signature(self.algorithm, &info, message, signature)
            .map_err(|_| InvalidSignature)
    }

    fn public_key_alg_id(&self) -> AlgorithmIdentifier {
        self.public_key_id
    }

    fn signature_alg_id(&self) -> AlgorithmIdentifier {
        self.signature_id
    }
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;
    use dtls_provider_rustcrypto::RustCryptoProvider;

    #[test]
    fn a_chain_holds_only_as_it_was_signed_and_only_in_its_time() {
        let player = &Player::all(&[Arc::new(RustCryptoProvider::new())])[0];
        let credentials = Credentials::default();
        let identity = |scheme| credentials.identity(player, scheme, &[]).unwrap();
        let ed25519 = identity(SignatureScheme::ED25519);
        let judge = Judge::new(player, &ed25519).unwrap();
        let mut chain = vec![ed25519.chain[0].to_vec()];
        let in_2027 = Duration::from_secs(1_800_000_000);
        assert_eq!(judge.judge(&chain, in_2027), Ok(()));
        let refused = Err(CertificateRejection::UnknownIssuer);
        assert_eq!(judge.judge(&chain, in_2027 * 2), refused);
        *chain[0].last_mut().unwrap() ^= 1;
        assert_eq!(judge.judge(&chain, in_2027), refused);
        let other = identity(SignatureScheme::ECDSA_SECP256R1_SHA256);
        assert_eq!(judge.judge(&[other.chain[0].to_vec()], in_2027), refused);
        assert!(Arc::ptr_eq(&ed25519, &identity(SignatureScheme::ED25519)));
    }
}
