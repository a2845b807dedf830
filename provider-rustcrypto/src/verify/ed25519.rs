//! Ed25519 verification (RFC 8032, RFC 8410).

use dtls_crypto_api::CryptoError;
use ed25519_dalek::{Signature, VerifyingKey};
use spki::SubjectPublicKeyInfoRef;

use super::key_bytes;
use crate::oid;

pub(super) fn verify(
    key: &SubjectPublicKeyInfoRef<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    // RFC 8410 3: the parameters are absent.
    if key.algorithm.oid != oid::ED25519 || key.algorithm.parameters.is_some() {
        return Err(CryptoError::BadPublicKey);
    }
    let key = key_bytes(key)?.try_into().map_err(|_| CryptoError::BadPublicKey)?;
    let key = VerifyingKey::from_bytes(key).map_err(|_| CryptoError::BadPublicKey)?;
    let signature = Signature::from_slice(signature).map_err(|_| CryptoError::BadSignature)?;
    // Strict: no point of small order, where one signature would fit many messages.
    key.verify_strict(message, &signature).map_err(|_| CryptoError::BadSignature)
}
