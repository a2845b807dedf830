//! Public keys as `SubjectPublicKeyInfo` (RFC 5280 4.1.2.7), the one form in which every version
//! of Botan takes and gives every kind of key.

use botan::Pubkey;
use dtls_crypto_api::CryptoError;
use spki::der::Encode;
use spki::der::asn1::BitStringRef;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfo, SubjectPublicKeyInfoRef};

use crate::error::refused;

/// How every PEM text begins (RFC 7468 2).
const PEM_BEGINS: &[u8] = b"-----BEGIN ";

/// Hands a key to Botan, or gives `refusal` if it is none.
///
/// Botan takes PEM too, and takes for it whatever has this text anywhere in it: a key of one kind
/// whose bytes spell out another key would be read as that other one. No honest key has eleven
/// such bytes.
pub(crate) fn load(der: &[u8], refusal: CryptoError) -> Result<Pubkey, CryptoError> {
    if der.windows(PEM_BEGINS.len()).any(|bytes| bytes == PEM_BEGINS) {
        return Err(refusal);
    }
    Pubkey::load_der(der).map_err(refused(refusal))
}

/// Puts a key's own bytes under its algorithm.
pub(crate) fn wrap(
    algorithm: AlgorithmIdentifierRef<'_>,
    key: &[u8],
) -> Result<Vec<u8>, CryptoError> {
    BitStringRef::from_bytes(key)
        .and_then(|subject_public_key| {
            SubjectPublicKeyInfo { algorithm, subject_public_key }.to_der()
        })
        .map_err(|_| CryptoError::BadPublicKey)
}

/// The key's own bytes; its bits are whole bytes in every kind of key here.
pub(crate) fn key_bytes<'a>(key: &SubjectPublicKeyInfoRef<'a>) -> Result<&'a [u8], CryptoError> {
    key.subject_public_key.as_bytes().ok_or(CryptoError::BadPublicKey)
}

/// The own bytes of a key that Botan holds.
pub(crate) fn unwrap(der: &[u8]) -> Result<Vec<u8>, CryptoError> {
    let key = SubjectPublicKeyInfoRef::try_from(der).map_err(|_| CryptoError::BadPublicKey)?;
    key_bytes(&key).map(<[u8]>::to_vec)
}
