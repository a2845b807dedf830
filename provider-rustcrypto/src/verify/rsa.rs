//! RSA verification (RFC 8017), with PKCS#1 v1.5 and PSS padding.

use dtls_crypto_api::{CryptoError, HashAlgorithm};
use rsa::pkcs1::RsaPublicKeyRef;
use rsa::pkcs1v15::Pkcs1v15Sign;
use rsa::pss::Pss;
use rsa::traits::SignatureScheme;
use rsa::{BoxedUint, RsaPublicKey};
use spki::der::AnyRef;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};

use super::key_bytes;
use crate::hash::{self, with_hash};
use crate::oid;
use crate::rsa_key::{MODULUS_BITS, allows};

/// How the hash is padded, and with that the kind of key that is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Padding {
    /// RSASSA-PKCS1-v1_5 with an rsaEncryption key.
    Pkcs1,
    /// RSASSA-PSS with an rsaEncryption key.
    PssRsae,
    /// RSASSA-PSS with an RSASSA-PSS key.
    PssPss,
}

pub(super) fn verify(
    padding: Padding,
    hash: HashAlgorithm,
    key: &SubjectPublicKeyInfoRef<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    check_algorithm(padding, hash, &key.algorithm)?;
    let key = public_key(key_bytes(key)?)?;
    let digest = hash::digest(hash, message)?;
    with_hash!(hash, H => {
        let verified = match padding {
            Padding::Pkcs1 => Pkcs1v15Sign::new::<H>().verify(&key, digest.as_ref(), signature),
            // The salt is exactly as long as the hash (RFC 8446 4.2.3).
            Padding::PssRsae | Padding::PssPss => {
                Pss::<H>::new().verify(&key, digest.as_ref(), signature)
            }
        };
        verified.map_err(|_| CryptoError::BadSignature)
    })
}

/// Whether the key may be used so: an rsaEncryption key has NULL parameters, an RSASSA-PSS key
/// none or such as allow this hash (RFC 4055 1.2, 3.1).
fn check_algorithm(
    padding: Padding,
    hash: HashAlgorithm,
    algorithm: &AlgorithmIdentifierRef<'_>,
) -> Result<(), CryptoError> {
    let fits = if padding == Padding::PssPss {
        algorithm.oid == oid::RSASSA_PSS
            && algorithm.parameters.is_none_or(|parameters| {
                parameters.decode_as().is_ok_and(|restriction| allows(&restriction, hash))
            })
    } else {
        algorithm.oid == oid::RSA_ENCRYPTION && algorithm.parameters.is_some_and(AnyRef::is_null)
    };
    fits.then_some(()).ok_or(CryptoError::BadPublicKey)
}

fn public_key(der: &[u8]) -> Result<RsaPublicKey, CryptoError> {
    let key = RsaPublicKeyRef::try_from(der).map_err(|_| CryptoError::BadPublicKey)?;
    let modulus = integer(key.modulus.as_bytes())?;
    let exponent = integer(key.public_exponent.as_bytes())?;
    RsaPublicKey::new_with_size_limits(modulus, exponent, MODULUS_BITS)
        .map_err(|_| CryptoError::BadPublicKey)
}

fn integer(big_endian: &[u8]) -> Result<BoxedUint, CryptoError> {
    // Bounds the work on a hostile certificate before any arithmetic.
    let bits = big_endian.len().saturating_mul(8);
    if bits > *MODULUS_BITS.end() {
        return Err(CryptoError::BadPublicKey);
    }
    let bits = u32::try_from(bits).map_err(|_| CryptoError::BadPublicKey)?;
    BoxedUint::from_be_slice(big_endian, bits).map_err(|_| CryptoError::BadPublicKey)
}
