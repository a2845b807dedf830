//! Private keys: loading, generating, signing.

mod ecdsa;
mod ed25519;
#[cfg(feature = "ed448")]
mod ed448;
#[cfg(feature = "ml-dsa")]
mod ml_dsa;
#[cfg(feature = "rsa-signing")]
mod rsa;

use alloc::sync::Arc;
use alloc::vec::Vec;

#[cfg(feature = "ml-dsa")]
use ::ml_dsa::{MlDsa44, MlDsa65, MlDsa87};
use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{CryptoError, Curve, GeneratedKey, KeyKind, SigningKey};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;
use pkcs8::{AssociatedOid, PrivateKeyInfoRef, SecretDocument};
use sec1::{EcParameters, EcPrivateKey};
use zeroize::Zeroizing;

use crate::oid;
use crate::random::RandomSource;

const NOT_PKCS8: CryptoError = CryptoError::BadPrivateKey("it is not PKCS#8");
const NOT_SEC1: CryptoError = CryptoError::BadPrivateKey("it is not SEC1");
const NO_SUCH_CURVE: CryptoError = CryptoError::Unsupported("a key on this curve");
#[cfg(not(feature = "rsa-signing"))]
const NO_RSA: CryptoError =
    CryptoError::Unsupported("RSA signing (the feature `rsa-signing` is not enabled)");
/// What asks a key for a signature of another kind.
const NOT_THIS_KEY: CryptoError =
    CryptoError::Unsupported("this signature algorithm with this key");
/// What a key that was just made or decoded cannot run into.
const NOT_ENCODED: CryptoError = CryptoError::Backend("the key could not be encoded");

/// Loads a key from any of the three forms PEM files hold.
pub(crate) fn load(
    random: &Arc<dyn RandomSource>,
    der: &PrivateKeyDer<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    match der {
        PrivateKeyDer::Pkcs8(der) => load_pkcs8(random, der.secret_pkcs8_der()),
        PrivateKeyDer::Sec1(der) => load_sec1(random, der.secret_sec1_der()),
        #[cfg(feature = "rsa-signing")]
        PrivateKeyDer::Pkcs1(der) => rsa::from_pkcs1(random, der.secret_pkcs1_der()),
        #[cfg(not(feature = "rsa-signing"))]
        PrivateKeyDer::Pkcs1(_) => Err(NO_RSA),
        _ => Err(CryptoError::Unsupported("this form of private key")),
    }
}

/// PKCS#8 (RFC 5958) names its algorithm.
fn load_pkcs8(
    random: &Arc<dyn RandomSource>,
    der: &[u8],
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| NOT_PKCS8)?;
    match info.algorithm.oid {
        oid::EC_PUBLIC_KEY => match info.algorithm.parameters_oid().map_err(|_| NOT_PKCS8)? {
            NistP256::OID => ecdsa::from_pkcs8::<NistP256>(random, info),
            NistP384::OID => ecdsa::from_pkcs8::<NistP384>(random, info),
            NistP521::OID => ecdsa::from_pkcs8::<NistP521>(random, info),
            _ => Err(NO_SUCH_CURVE),
        },
        oid::ED25519 => ed25519::from_pkcs8(info),
        #[cfg(feature = "rsa-signing")]
        oid::RSA_ENCRYPTION | oid::RSASSA_PSS => rsa::from_pkcs8(random, &info),
        #[cfg(not(feature = "rsa-signing"))]
        oid::RSA_ENCRYPTION | oid::RSASSA_PSS => Err(NO_RSA),
        #[cfg(feature = "ed448")]
        oid::ED448 => ed448::from_pkcs8(info),
        #[cfg(feature = "ml-dsa")]
        oid::ML_DSA_44 => ml_dsa::from_pkcs8::<MlDsa44>(random, info),
        #[cfg(feature = "ml-dsa")]
        oid::ML_DSA_65 => ml_dsa::from_pkcs8::<MlDsa65>(random, info),
        #[cfg(feature = "ml-dsa")]
        oid::ML_DSA_87 => ml_dsa::from_pkcs8::<MlDsa87>(random, info),
        _ => Err(CryptoError::Unsupported("this kind of private key")),
    }
}

/// SEC1 (RFC 5915) names its curve in its parameters.
fn load_sec1(
    random: &Arc<dyn RandomSource>,
    der: &[u8],
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let key = EcPrivateKey::try_from(der).map_err(|_| NOT_SEC1)?;
    match key.parameters.and_then(EcParameters::named_curve) {
        Some(NistP256::OID) => ecdsa::from_sec1::<NistP256>(random, key),
        Some(NistP384::OID) => ecdsa::from_sec1::<NistP384>(random, key),
        Some(NistP521::OID) => ecdsa::from_sec1::<NistP521>(random, key),
        Some(_) => Err(NO_SUCH_CURVE),
        None => Err(CryptoError::BadPrivateKey("SEC1 without the name of a curve")),
    }
}

/// Makes a new key.
pub(crate) fn generate(
    random: &Arc<dyn RandomSource>,
    kind: KeyKind,
) -> Result<GeneratedKey, CryptoError> {
    match kind {
        KeyKind::Ecdsa(Curve::P256) => ecdsa::generate::<NistP256>(random),
        KeyKind::Ecdsa(Curve::P384) => ecdsa::generate::<NistP384>(random),
        KeyKind::Ecdsa(Curve::P521) => ecdsa::generate::<NistP521>(random),
        KeyKind::Ed25519 => ed25519::generate(&**random),
        #[cfg(feature = "rsa-signing")]
        KeyKind::Rsa(bits) => rsa::generate(random, bits),
        #[cfg(feature = "ed448")]
        KeyKind::Ed448 => ed448::generate(&**random),
        #[cfg(feature = "ml-dsa")]
        KeyKind::MlDsa44 => ml_dsa::generate::<MlDsa44>(random),
        #[cfg(feature = "ml-dsa")]
        KeyKind::MlDsa65 => ml_dsa::generate::<MlDsa65>(random),
        #[cfg(feature = "ml-dsa")]
        KeyKind::MlDsa87 => ml_dsa::generate::<MlDsa87>(random),
        _ => Err(CryptoError::Unsupported("generating this kind of key")),
    }
}

/// A document's bytes in the form the trait hands out; the document wipes itself.
fn secret_bytes(document: &SecretDocument) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(document.as_bytes().to_vec())
}
