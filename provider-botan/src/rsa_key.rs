//! What is asked of an RSA key, whoever's it is. Botan takes an RSASSA-PSS key for a plain one
//! and does not look at its parameters, so that is done here.

use core::ops::RangeInclusive;

use dtls_crypto_api::{CryptoError, HashAlgorithm, SignatureAlgorithm};
use pkcs1::{RsaPssParamsOwned, RsaPublicKeyRef, UintRef};
use spki::AlgorithmIdentifierRef;

use crate::oid;
use crate::scheme::HASHES;

/// The sizes of modulus that are accepted, in bits. Below is too weak (NIST SP 800-131A); above,
/// a peer's chain would cost more time than it deserves.
pub(crate) const MODULUS_BITS: RangeInclusive<usize> = 2048..=8192;

/// The longest public exponent, in bits: a longer one makes each verification dear and nobody
/// uses it.
const MAX_EXPONENT_BITS: usize = 33;

/// How many bits a number has.
fn bits(number: &UintRef<'_>) -> usize {
    // `as_bytes` has no leading zero bytes, save for the number zero.
    let bytes = number.as_bytes();
    bytes.first().map_or(0, |first| bytes.len() * 8 - first.leading_zeros() as usize)
}

fn is_odd(number: &UintRef<'_>) -> bool {
    number.as_bytes().last().is_some_and(|last| last & 1 == 1)
}

/// Whether the modulus has an accepted size.
pub(crate) fn has_accepted_size(key: &RsaPublicKeyRef<'_>) -> bool {
    MODULUS_BITS.contains(&bits(&key.modulus))
}

/// Whether the numbers are such as an RSA public key has, and cost a bounded time.
pub(crate) fn is_sound(key: &RsaPublicKeyRef<'_>) -> bool {
    has_accepted_size(key)
        && is_odd(&key.modulus)
        && is_odd(&key.public_exponent)
        && (2..=MAX_EXPONENT_BITS).contains(&bits(&key.public_exponent))
}

/// The signature algorithms a key of this algorithm identifier may be used with, best first
/// (RFC 8446 4.2.3): an rsaEncryption key has NULL parameters, an RSASSA-PSS key none or such as
/// restrict it to one hash (RFC 4055 1.2, 3.1).
pub(crate) fn algorithms(
    algorithm: &AlgorithmIdentifierRef<'_>,
) -> Result<Vec<SignatureAlgorithm>, CryptoError> {
    match (algorithm.oid, algorithm.parameters) {
        (oid::RSA_ENCRYPTION, Some(parameters)) if parameters.is_null() => {
            let pss = HASHES.map(SignatureAlgorithm::RsaPssRsae);
            Ok([pss, HASHES.map(SignatureAlgorithm::RsaPkcs1)].concat())
        }
        (oid::RSASSA_PSS, None) => Ok(HASHES.map(SignatureAlgorithm::RsaPssPss).to_vec()),
        (oid::RSASSA_PSS, Some(parameters)) => {
            let restriction = parameters.decode_as().map_err(|_| CryptoError::BadPublicKey)?;
            let allowed = HASHES.into_iter().filter(|hash| allows(&restriction, *hash));
            Ok(allowed.map(SignatureAlgorithm::RsaPssPss).collect())
        }
        _ => Err(CryptoError::BadPublicKey),
    }
}

/// Whether a key restricted to these parameters may sign with this hash in TLS 1.3. The salt
/// length in a key is a minimum (RFC 4055 1.2).
fn allows(restriction: &RsaPssParamsOwned, hash: HashAlgorithm) -> bool {
    let oid = match hash {
        HashAlgorithm::Sha256 => oid::SHA256,
        HashAlgorithm::Sha384 => oid::SHA384,
        HashAlgorithm::Sha512 => oid::SHA512,
        _ => return false,
    };
    restriction.hash.oid == oid
        && restriction.mask_gen.oid == oid::MGF1
        && restriction.mask_gen.parameters.as_ref().is_some_and(|mask_hash| mask_hash.oid == oid)
        && usize::from(restriction.salt_len) <= hash.output_len()
}
