//! Which signature algorithm goes with which key, and how OpenSSL is told.

use core::ffi::CStr;
use core::ops::RangeInclusive;

use dtls_crypto_api::{Curve, HashAlgorithm, SignatureAlgorithm};
use pkcs1::RsaPssParamsOwned;
use spki::{AlgorithmIdentifierRef, ObjectIdentifier};

use crate::ffi::Params;
use crate::names;

/// id-ecPublicKey (RFC 5480 2.1.1).
pub(crate) const EC_PUBLIC_KEY: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
/// The curves by name (RFC 5480 2.1.1.1), and the hash TLS 1.3 pairs each with (RFC 8446 4.2.3).
static CURVES: [(ObjectIdentifier, Curve, HashAlgorithm); 3] = [
    (ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7"), Curve::P256, HashAlgorithm::Sha256),
    (ObjectIdentifier::new_unwrap("1.3.132.0.34"), Curve::P384, HashAlgorithm::Sha384),
    (ObjectIdentifier::new_unwrap("1.3.132.0.35"), Curve::P521, HashAlgorithm::Sha512),
];
/// rsaEncryption (RFC 3279 2.3.1).
pub(crate) const RSA_ENCRYPTION: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");
/// id-RSASSA-PSS (RFC 4055 3.1).
pub(crate) const RSASSA_PSS: ObjectIdentifier =
    ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.10");

/// The sizes of RSA modulus that are accepted, in bits. Below is too weak (NIST SP 800-131A);
/// above, a peer's chain would cost more time than it deserves.
pub(crate) const RSA_BITS: RangeInclusive<usize> = 2048..=8192;

/// Algorithms whose keys are plain bytes and whose identifiers have no parameters (RFC 8410 3,
/// RFC 9881 2).
const PLAIN: [(ObjectIdentifier, SignatureAlgorithm); 5] = [
    (ObjectIdentifier::new_unwrap("1.3.101.112"), SignatureAlgorithm::Ed25519),
    (ObjectIdentifier::new_unwrap("1.3.101.113"), SignatureAlgorithm::Ed448),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.17"), SignatureAlgorithm::MlDsa44),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.18"), SignatureAlgorithm::MlDsa65),
    (ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.3.19"), SignatureAlgorithm::MlDsa87),
];

/// The algorithm of a key whose key type has only one.
pub(crate) fn plain(oid: ObjectIdentifier) -> Option<SignatureAlgorithm> {
    PLAIN.iter().find(|(known, _)| *known == oid).map(|(_, algorithm)| *algorithm)
}

/// The curve of this name.
pub(crate) fn curve(oid: ObjectIdentifier) -> Option<Curve> {
    CURVES.iter().find(|(known, ..)| *known == oid).map(|(_, curve, _)| *curve)
}

/// The name, to be kept for as long as one likes, if there is a curve to it.
pub(crate) fn named_curve(oid: ObjectIdentifier) -> Option<&'static ObjectIdentifier> {
    CURVES.iter().find(|(known, ..)| *known == oid).map(|(known, ..)| known)
}

/// The name of this curve.
#[cfg(feature = "test-access")]
pub(crate) fn name_of(curve: Curve) -> Option<&'static ObjectIdentifier> {
    CURVES.iter().find(|(_, known, _)| *known == curve).map(|(name, ..)| name)
}

/// What a key on this curve signs.
pub(crate) fn signed_by(curve: Curve) -> Vec<SignatureAlgorithm> {
    let own = CURVES.iter().find(|(_, known, _)| *known == curve);
    own.map(|(_, curve, hash)| SignatureAlgorithm::Ecdsa(*curve, *hash)).into_iter().collect()
}

/// id-mgf1 (RFC 4055 2.1).
const MGF1: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.8");

/// The hashes' identifiers (RFC 4055 2.1).
fn hash_oid(hash: HashAlgorithm) -> Option<ObjectIdentifier> {
    Some(match hash {
        HashAlgorithm::Sha256 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.1"),
        HashAlgorithm::Sha384 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.2"),
        HashAlgorithm::Sha512 => ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.2.3"),
        _ => return None,
    })
}

/// Whether an RSASSA-PSS key may be used with this hash in TLS 1.3, where the mask has the same
/// hash and the salt is as long. Parameters restrict a key, none do not; the salt length in them
/// is a minimum (RFC 4055 1.2). `None` if they are malformed.
pub(crate) fn pss_key_allows(
    key: &AlgorithmIdentifierRef<'_>,
    hash: HashAlgorithm,
) -> Option<bool> {
    let Some(parameters) = key.parameters else { return Some(true) };
    let restriction: RsaPssParamsOwned = parameters.decode_as().ok()?;
    let mask_hash = restriction.mask_gen.parameters.as_ref().map(|algorithm| algorithm.oid);
    let wanted = hash_oid(hash);
    Some(
        Some(restriction.hash.oid) == wanted
            && restriction.mask_gen.oid == MGF1
            && mask_hash == wanted
            && usize::from(restriction.salt_len) <= hash.output_len(),
    )
}

/// What OpenSSL is told for one algorithm: the hash, if it is a choice, and the padding.
pub(crate) fn parameters(
    algorithm: SignatureAlgorithm,
) -> (Option<&'static CStr>, Params<'static>) {
    let params = Params::new();
    match algorithm {
        SignatureAlgorithm::Ecdsa(_, hash) => (names::hash(hash), params),
        SignatureAlgorithm::RsaPkcs1(hash) => {
            (names::hash(hash), params.text(c"pad-mode", c"pkcs1"))
        }
        SignatureAlgorithm::RsaPssRsae(hash) | SignatureAlgorithm::RsaPssPss(hash) => {
            // The mask's hash is the same when nothing is said; the salt is as long (RFC 8446
            // 4.2.3).
            let params = params.text(c"pad-mode", c"pss").text(c"saltlen", c"digest");
            let name = names::hash(hash);
            // OpenSSL reads these before the hash of the operation, and where it has none by then
            // it takes SHA-1 for the time being, which a FIPS module refuses to sign with.
            (name, name.map_or_else(Params::new, |name| params.text(c"digest", name)))
        }
        _ => (None, params),
    }
}
