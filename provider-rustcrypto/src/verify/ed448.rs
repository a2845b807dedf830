//! Ed448 verification (RFC 8032, RFC 8410), only with the feature `ed448`.

use dtls_crypto_api::CryptoError;
use ed448_goldilocks::{CompressedEdwardsY, PUBLIC_KEY_LENGTH, Signature, VerifyingKey};
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
    if !is_canonical(&key) {
        return Err(CryptoError::BadPublicKey);
    }
    let key = VerifyingKey::from_bytes(&key).map_err(|_| CryptoError::BadPublicKey)?;
    let signature = Signature::from_slice(signature).map_err(|_| CryptoError::BadSignature)?;
    if !is_canonical(signature.r_bytes()) {
        return Err(CryptoError::BadSignature);
    }
    key.verify_raw(&signature, message).map_err(|_| CryptoError::BadSignature)
}

/// Whether these bytes are the encoding of a point (RFC 8032 5.2.3). The crate ignores the seven
/// unused bits, and takes coordinates that are not reduced.
fn is_canonical(point: &[u8; PUBLIC_KEY_LENGTH]) -> bool {
    let decoded = CompressedEdwardsY(*point).decompress_unchecked();
    decoded.into_option().is_some_and(|decoded| decoded.compress().0 == *point)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// y = 1, x = 0.
    const NEUTRAL: [u8; PUBLIC_KEY_LENGTH] = {
        let mut point = [0; PUBLIC_KEY_LENGTH];
        point[0] = 1;
        point
    };

    #[test]
    fn a_point_has_one_encoding() {
        assert!(is_canonical(&NEUTRAL));
        for unused in 0..7 {
            let mut point = NEUTRAL;
            point[56] = 1 << unused;
            assert!(!is_canonical(&point), "bit {unused} of the last byte");
        }
        let mut negative_zero = NEUTRAL;
        negative_zero[56] = 0x80;
        assert!(!is_canonical(&negative_zero));
        // p + 1 with p = 2^448 - 2^224 - 1: the same y, not reduced.
        let mut not_reduced = [0; PUBLIC_KEY_LENGTH];
        not_reduced[28..56].fill(0xff);
        assert!(!is_canonical(&not_reduced));
    }
}
