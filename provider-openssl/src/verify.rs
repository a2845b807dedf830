//! Verification of signatures against a SubjectPublicKeyInfo.

use std::sync::Arc;

use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{CryptoError, Curve, SignatureAlgorithm};
use pkcs1::RsaPublicKeyRef;
use spki::der::AnyRef;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use crate::ffi::{Failed, Key, KeyParts, Library, Params};
use crate::signature::{self, EC_PUBLIC_KEY, RSA_BITS, RSA_ENCRYPTION, RSASSA_PSS};
use crate::{kx, names};

/// Which RSA public exponents are accepted.
#[derive(Clone, Copy)]
pub(crate) struct ExponentRule {
    /// The least.
    pub(crate) min: u64,
}

/// The largest RSA public exponent that is accepted: more than 33 bits only cost time.
const MAX_EXPONENT: u64 = (1 << 33) - 1;

/// Verifies `signature` over `message`; the key's algorithm identifier has to fit `algorithm`.
pub(crate) fn verify(
    library: &Arc<Library>,
    exponents: ExponentRule,
    algorithm: SignatureAlgorithm,
    public_key: &SubjectPublicKeyInfoDer<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let key = SubjectPublicKeyInfoRef::try_from(public_key.as_ref());
    let key = key.ok().and_then(|key| load(library, exponents, algorithm, &key));
    let key = key.ok_or(CryptoError::BadPublicKey)?;
    let (hash, params) = signature::parameters(algorithm);
    // ECDSA signatures in another encoding than DER's only one are refused by OpenSSL itself.
    key.verify(hash, &params, message, signature).map_err(|Failed| CryptoError::BadSignature)
}

/// The key, if it is one for `algorithm`.
fn load(
    library: &Arc<Library>,
    exponents: ExponentRule,
    algorithm: SignatureAlgorithm,
    spki: &SubjectPublicKeyInfoRef<'_>,
) -> Option<Key> {
    // The key's bits are whole bytes in every kind of key here.
    let bytes = spki.subject_public_key.as_bytes()?;
    match algorithm {
        SignatureAlgorithm::Ecdsa(curve, _) => ec_key(library, curve, &spki.algorithm, bytes),
        SignatureAlgorithm::RsaPkcs1(_) | SignatureAlgorithm::RsaPssRsae(_) => {
            // RFC 3279 2.3.1: the parameters are NULL.
            let null = spki.algorithm.parameters.is_some_and(AnyRef::is_null);
            let fits = spki.algorithm.oid == RSA_ENCRYPTION && null;
            if fits { rsa_key(library, exponents, bytes) } else { None }
        }
        SignatureAlgorithm::RsaPssPss(hash) => {
            let fits = spki.algorithm.oid == RSASSA_PSS
                && signature::pss_key_allows(&spki.algorithm, hash) == Some(true);
            if fits { rsa_key(library, exponents, bytes) } else { None }
        }
        _ => {
            let fits = signature::plain(spki.algorithm.oid) == Some(algorithm)
                && spki.algorithm.parameters.is_none()
                && !is_of_small_order(algorithm, bytes);
            let (kind, _) = names::signature(algorithm)?;
            if fits { Key::from_public_bytes(library, kind, bytes).ok() } else { None }
        }
    }
}

fn ec_key(
    library: &Arc<Library>,
    curve: Curve,
    algorithm: &AlgorithmIdentifierRef<'_>,
    point: &[u8],
) -> Option<Key> {
    let (oid, named) = algorithm.oids().ok()?;
    if oid != EC_PUBLIC_KEY || signature::curve(named?) != Some(curve) {
        return None;
    }
    kx::nist_point(library, names::curve(curve)?, point).ok()
}

fn rsa_key(library: &Arc<Library>, exponents: ExponentRule, der: &[u8]) -> Option<Key> {
    let key = RsaPublicKeyRef::try_from(der).ok()?;
    // Before any arithmetic: a huge key would take long.
    if !RSA_BITS.contains(&bits(key.modulus.as_bytes())) {
        return None;
    }
    let exponent = key.public_exponent.as_bytes();
    if exponent.len() > size_of::<u64>() {
        return None;
    }
    let value = exponent.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    if value % 2 == 0 || value < exponents.min || value > MAX_EXPONENT {
        return None;
    }
    let (modulus, exponent) = (native(key.modulus.as_bytes()), native(exponent));
    let params = Params::new().unsigned(c"n", &modulus).unsigned(c"e", &exponent);
    Key::from_params(library, names::RSA, KeyParts::Public, &params).ok()
}

/// Length in bits of a big-endian number.
pub(crate) fn bits(big_endian: &[u8]) -> usize {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let top = big_endian.get(zeros).map_or(0, |byte| byte.leading_zeros() as usize);
    (big_endian.len() - zeros) * 8 - top
}

/// A big-endian number in the machine's byte order, as OpenSSL's parameters want it.
fn native(big_endian: &[u8]) -> Vec<u8> {
    let mut number = big_endian.to_vec();
    if cfg!(target_endian = "little") {
        number.reverse();
    }
    number
}

/// Whether an Edwards curve's public key is a point of small order: with such a key one signature
/// fits many messages. RFC 8032 does not ask for this, and OpenSSL does not look.
///
/// Public data, so the comparison need not take the same time for all of it.
fn is_of_small_order(algorithm: SignatureAlgorithm, key: &[u8]) -> bool {
    match algorithm {
        SignatureAlgorithm::Ed25519 => {
            let Ok(mut y) = <[u8; 32]>::try_from(key) else { return false };
            y[31] &= 0x7f; // The sign of x.
            SMALL_ORDER_25519.contains(&y)
        }
        SignatureAlgorithm::Ed448 => {
            let Ok(y) = <[u8; 57]>::try_from(key) else { return false };
            // The prime is 2^448 - 2^224 - 1; these are 0, 1, -1, and 0 and 1 not reduced.
            let near_prime = |low| {
                let mut number = [0xff; 56];
                (number[28], number[0]) = (0xfe, low);
                number
            };
            let small = |low| {
                let mut number = [0; 56];
                number[0] = low;
                number
            };
            [small(0), small(1), near_prime(0xfe), near_prime(0xff)]
                .iter()
                .any(|low| y[..56] == *low)
                || (y[..28] == [0; 28] && y[28..56] == [0xff; 28])
        }
        _ => false,
    }
}

/// The y coordinates of the points of order 1, 2, 4 and 8 on Curve25519 in Edwards form, and the
/// two of them that have a second encoding, not reduced by the prime.
const SMALL_ORDER_25519: [[u8; 32]; 7] = [
    number_25519(0x00, 0x00),
    number_25519(0x01, 0x00),
    number_25519(0xec, 0x7f),
    number_25519(0xed, 0x7f),
    number_25519(0xee, 0x7f),
    [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98,
        0xf0, 0xd5, 0xdf, 0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53,
        0xfc, 0x05,
    ],
    [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67,
        0x0f, 0x2a, 0x20, 0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac,
        0x03, 0x7a,
    ],
];

/// A small number, or one near the prime 2^255 - 19.
const fn number_25519(first: u8, last: u8) -> [u8; 32] {
    let mut number = [if last == 0 { 0 } else { 0xff }; 32];
    number[0] = first;
    number[31] = last;
    number
}
