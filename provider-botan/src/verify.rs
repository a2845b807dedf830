//! Verification of signatures against a SubjectPublicKeyInfo.
//!
//! Botan decides by the key alone what it is; here the key's own algorithm identifier has to fit
//! what is asked for, to the last parameter.

use botan::Pubkey;
use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{CryptoError, SignatureAlgorithm};
use pkcs1::RsaPublicKeyRef;
use spki::der::asn1::AnyRef;
use spki::{AlgorithmIdentifierRef, ObjectIdentifier, SubjectPublicKeyInfoRef};

use crate::curve::NistCurve;
use crate::public_key::{self, key_bytes, wrap};
use crate::{oid, rsa_key, scheme};

/// Verifies `signature` over `message`; the key's algorithm identifier has to fit `algorithm`.
pub(crate) fn verify(
    algorithm: SignatureAlgorithm,
    public_key: &SubjectPublicKeyInfoDer<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    let key = SubjectPublicKeyInfoRef::try_from(public_key.as_ref())
        .map_err(|_| CryptoError::BadPublicKey)?;
    let key = match algorithm {
        SignatureAlgorithm::Ecdsa(curve, _) => {
            let curve = NistCurve::of(curve).ok_or(CryptoError::Unsupported("this curve"))?;
            ecdsa_key(curve, public_key, &key)
        }
        SignatureAlgorithm::RsaPkcs1(_)
        | SignatureAlgorithm::RsaPssRsae(_)
        | SignatureAlgorithm::RsaPssPss(_) => rsa_public_key(algorithm, &key),
        SignatureAlgorithm::Ed25519 => plain_key(oid::ED25519, public_key, &key),
        SignatureAlgorithm::Ed448 => plain_key(oid::ED448, public_key, &key),
        SignatureAlgorithm::MlDsa44 => plain_key(oid::ML_DSA_44, public_key, &key),
        SignatureAlgorithm::MlDsa65 => plain_key(oid::ML_DSA_65, public_key, &key),
        SignatureAlgorithm::MlDsa87 => plain_key(oid::ML_DSA_87, public_key, &key),
        _ => Err(CryptoError::Unsupported("this signature algorithm")),
    }?;
    scheme::verify(algorithm, &key, message, signature)
}

fn load(der: &[u8]) -> Result<Pubkey, CryptoError> {
    public_key::load(der, CryptoError::BadPublicKey)
}

/// A named curve and an uncompressed point on it (RFC 5480 2.1.1.1, 2.2).
fn ecdsa_key(
    curve: &NistCurve,
    der: &[u8],
    key: &SubjectPublicKeyInfoRef<'_>,
) -> Result<Pubkey, CryptoError> {
    let (algorithm, parameters) = key.algorithm.oids().map_err(|_| CryptoError::BadPublicKey)?;
    if algorithm != oid::EC_PUBLIC_KEY
        || parameters != Some(curve.oid)
        || !curve.is_uncompressed(key_bytes(key)?)
    {
        return Err(CryptoError::BadPublicKey);
    }
    load(der)
}

/// A key whose algorithm has no parameters (RFC 8410 3, RFC 9881 2).
fn plain_key(
    oid: ObjectIdentifier,
    der: &[u8],
    key: &SubjectPublicKeyInfoRef<'_>,
) -> Result<Pubkey, CryptoError> {
    if key.algorithm.oid != oid || key.algorithm.parameters.is_some() {
        return Err(CryptoError::BadPublicKey);
    }
    load(der)
}

/// An RSA key that may be used so. Botan gets it as a plain one.
fn rsa_public_key(
    algorithm: SignatureAlgorithm,
    key: &SubjectPublicKeyInfoRef<'_>,
) -> Result<Pubkey, CryptoError> {
    if !rsa_key::algorithms(&key.algorithm)?.contains(&algorithm) {
        return Err(CryptoError::BadPublicKey);
    }
    let bytes = key_bytes(key)?;
    let numbers = RsaPublicKeyRef::try_from(bytes).map_err(|_| CryptoError::BadPublicKey)?;
    if !rsa_key::is_sound(&numbers) {
        return Err(CryptoError::BadPublicKey);
    }
    let plain = AlgorithmIdentifierRef { oid: oid::RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) };
    load(&wrap(plain, bytes)?)
}
