//! ECDSA verification (FIPS 186-5, RFC 5480, RFC 3279 2.2.3): any of the three hashes on any of
//! the three curves.

use dtls_crypto_api::{CryptoError, HashAlgorithm};
use ecdsa::hazmat::verify_prehashed;
use spki::SubjectPublicKeyInfoRef;

use super::key_bytes;
use crate::curve::{NistCurve, decode_point};
use crate::{hash, oid};

pub(super) fn verify<C: NistCurve>(
    hash: HashAlgorithm,
    key: &SubjectPublicKeyInfoRef<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let (algorithm, curve) = key.algorithm.oids().map_err(|_| CryptoError::BadPublicKey)?;
    if algorithm != oid::EC_PUBLIC_KEY || curve != Some(C::OID) {
        return Err(CryptoError::BadPublicKey);
    }
    let key = decode_point::<C>(key_bytes(key)?).ok_or(CryptoError::BadPublicKey)?;
    let digest = hash::digest(hash, message)?;
    let signature = C::decode_signature(signature).ok_or(CryptoError::BadSignature)?;
    verify_prehashed(&key.to_projective(), digest.as_ref(), &signature)
        .map_err(|_| CryptoError::BadSignature)
}
