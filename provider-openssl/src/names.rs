//! OpenSSL's names of what the protocol names by code points.

use core::ffi::CStr;

use dtls_crypto_api::{Curve, HashAlgorithm, NamedGroup, SignatureAlgorithm};

/// The hashes of the key schedule and of signatures.
pub(crate) const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

/// The curves of ECDSA.
pub(crate) const CURVES: [Curve; 3] = [Curve::P256, Curve::P384, Curve::P521];

/// The key type of the NIST curves.
pub(crate) const EC: &CStr = c"EC";
/// The key type of rsaEncryption. Keys restricted to PSS are held as this, too: the restriction is
/// ours to enforce.
pub(crate) const RSA: &CStr = c"RSA";

pub(crate) fn hash(algorithm: HashAlgorithm) -> Option<&'static CStr> {
    Some(match algorithm {
        HashAlgorithm::Sha256 => c"SHA2-256",
        HashAlgorithm::Sha384 => c"SHA2-384",
        HashAlgorithm::Sha512 => c"SHA2-512",
        _ => return None,
    })
}

pub(crate) fn curve(curve: Curve) -> Option<&'static CStr> {
    Some(match curve {
        Curve::P256 => c"P-256",
        Curve::P384 => c"P-384",
        Curve::P521 => c"P-521",
        _ => return None,
    })
}

/// How a group exchanges keys.
#[derive(Clone, Copy)]
pub(crate) enum Group {
    /// Diffie-Hellman on a NIST curve.
    Nist(&'static CStr),
    /// Diffie-Hellman on a Montgomery curve, which is its own key type.
    Montgomery(&'static CStr),
    /// Key encapsulation, of this key type.
    Kem(&'static CStr),
    /// A hybrid; where the library has it as a whole, it is a KEM of this key type.
    Hybrid(&'static CStr),
}

pub(crate) fn group(group: NamedGroup) -> Option<Group> {
    Some(match group {
        NamedGroup::SECP256R1 => Group::Nist(c"P-256"),
        NamedGroup::SECP384R1 => Group::Nist(c"P-384"),
        NamedGroup::SECP521R1 => Group::Nist(c"P-521"),
        NamedGroup::X25519 => Group::Montgomery(c"X25519"),
        NamedGroup::X448 => Group::Montgomery(c"X448"),
        NamedGroup::MLKEM768 => Group::Kem(c"ML-KEM-768"),
        NamedGroup::MLKEM1024 => Group::Kem(c"ML-KEM-1024"),
        NamedGroup::X25519MLKEM768 => Group::Hybrid(c"X25519MLKEM768"),
        NamedGroup::SECP256R1MLKEM768 => Group::Hybrid(c"SecP256r1MLKEM768"),
        NamedGroup::SECP384R1MLKEM1024 => Group::Hybrid(c"SecP384r1MLKEM1024"),
        _ => return None,
    })
}

/// The key type whose keys make these signatures, and the signature algorithm's own name.
pub(crate) fn signature(algorithm: SignatureAlgorithm) -> Option<(&'static CStr, &'static CStr)> {
    Some(match algorithm {
        SignatureAlgorithm::Ecdsa(..) => (EC, c"ECDSA"),
        SignatureAlgorithm::Ed25519 => (c"ED25519", c"ED25519"),
        SignatureAlgorithm::Ed448 => (c"ED448", c"ED448"),
        SignatureAlgorithm::RsaPkcs1(_)
        | SignatureAlgorithm::RsaPssRsae(_)
        | SignatureAlgorithm::RsaPssPss(_) => (RSA, c"RSA"),
        SignatureAlgorithm::MlDsa44 => (c"ML-DSA-44", c"ML-DSA-44"),
        SignatureAlgorithm::MlDsa65 => (c"ML-DSA-65", c"ML-DSA-65"),
        SignatureAlgorithm::MlDsa87 => (c"ML-DSA-87", c"ML-DSA-87"),
        _ => return None,
    })
}
