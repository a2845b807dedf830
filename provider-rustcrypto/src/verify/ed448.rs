//! Ed448 verification (RFC 8032, RFC 8410), only with the feature `ed448`.

use dtls_crypto_api::CryptoError;
use ed448_goldilocks::{PUBLIC_KEY_LENGTH, Signature, VerifyingKey};
use spki::SubjectPublicKeyInfoRef;

use super::key_bytes;
use crate::oid;

pub(super) fn verify(
    key: &SubjectPublicKeyInfoRef<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    // RFC 8410 3: the parameters are absent.
    if key.algorithm.oid != oid::ED448 || key.algorithm.parameters.is_some() {
        return Err(CryptoError::BadPublicKey);
    }
    let key: [u8; PUBLIC_KEY_LENGTH] =
        key_bytes(key)?.try_into().map_err(|_| CryptoError::BadPublicKey)?;
    let key = VerifyingKey::from_bytes(&key).map_err(|_| CryptoError::BadPublicKey)?;
    let signature = Signature::from_slice(signature).map_err(|_| CryptoError::BadSignature)?;
    key.verify_raw(&signature, message).map_err(|_| CryptoError::BadSignature)
}
