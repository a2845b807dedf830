//! Verification of signatures against a SubjectPublicKeyInfo.

mod ecdsa;
mod ed25519;
#[cfg(feature = "ed448")]
mod ed448;
#[cfg(feature = "ml-dsa")]
pub(crate) mod ml_dsa;
mod rsa;

#[cfg(feature = "ml-dsa")]
use ::ml_dsa::{MlDsa44, MlDsa65, MlDsa87};
use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{CryptoError, Curve, SignatureAlgorithm};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use spki::SubjectPublicKeyInfoRef;

/// Verifies `signature` over `message`; the key's algorithm identifier has to fit `algorithm`.
pub(crate) fn verify(
    algorithm: SignatureAlgorithm,
    public_key: &SubjectPublicKeyInfoDer<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let key = SubjectPublicKeyInfoRef::try_from(public_key.as_ref())
        .map_err(|_| CryptoError::BadPublicKey)?;
    match algorithm {
        SignatureAlgorithm::Ecdsa(Curve::P256, hash) => {
            ecdsa::verify::<NistP256>(hash, &key, message, signature)
        }
        SignatureAlgorithm::Ecdsa(Curve::P384, hash) => {
            ecdsa::verify::<NistP384>(hash, &key, message, signature)
        }
        SignatureAlgorithm::Ecdsa(Curve::P521, hash) => {
            ecdsa::verify::<NistP521>(hash, &key, message, signature)
        }
        SignatureAlgorithm::Ed25519 => ed25519::verify(&key, message, signature),
        #[cfg(feature = "ed448")]
        SignatureAlgorithm::Ed448 => ed448::verify(&key, message, signature),
        #[cfg(feature = "ml-dsa")]
        SignatureAlgorithm::MlDsa44 => ml_dsa::verify::<MlDsa44>(key, message, signature),
        #[cfg(feature = "ml-dsa")]
        SignatureAlgorithm::MlDsa65 => ml_dsa::verify::<MlDsa65>(key, message, signature),
        #[cfg(feature = "ml-dsa")]
        SignatureAlgorithm::MlDsa87 => ml_dsa::verify::<MlDsa87>(key, message, signature),
        SignatureAlgorithm::RsaPkcs1(hash) => {
            rsa::verify(rsa::Padding::Pkcs1, hash, &key, message, signature)
        }
        SignatureAlgorithm::RsaPssRsae(hash) => {
            rsa::verify(rsa::Padding::PssRsae, hash, &key, message, signature)
        }
        SignatureAlgorithm::RsaPssPss(hash) => {
            rsa::verify(rsa::Padding::PssPss, hash, &key, message, signature)
        }
        _ => Err(CryptoError::Unsupported("this signature algorithm")),
    }
}

/// The key's bits, which are whole bytes in every kind of key here.
fn key_bytes<'a>(key: &SubjectPublicKeyInfoRef<'a>) -> Result<&'a [u8], CryptoError> {
    key.subject_public_key.as_bytes().ok_or(CryptoError::BadPublicKey)
}
