//! ECDSA signing on the NIST curves.
//!
//! Nonces follow RFC 6979 with fresh randomness mixed in (its section 3.6): a weak random source
//! cannot betray the key, and a fault attack does not meet the same nonce twice.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use dtls_crypto_api::{CryptoError, GeneratedKey, SignatureAlgorithm, SigningKey};
use ecdsa::hazmat::sign_prehashed_rfc6979;
use p256::elliptic_curve::{FieldBytes, SecretKey};
use pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use sec1::EcPrivateKey;
use zeroize::Zeroizing;

use super::{NOT_ENCODED, NOT_THIS_KEY, secret_bytes};
use crate::curve::{NistCurve, random_key};
use crate::hash;
use crate::random::RandomSource;

const CONTRADICTORY: CryptoError =
    CryptoError::BadPrivateKey("its number is out of range or does not fit its public key");

struct EcdsaKey<C: NistCurve> {
    secret: SecretKey<C>,
    public: Vec<u8>,
    algorithm: [SignatureAlgorithm; 1],
    random: Arc<dyn RandomSource>,
}

pub(super) fn from_pkcs8<C: NistCurve>(
    random: &Arc<dyn RandomSource>,
    info: PrivateKeyInfoRef<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let secret = SecretKey::<C>::try_from(info).map_err(|_| CONTRADICTORY)?;
    Ok(Arc::new(EcdsaKey::new(random, secret)?))
}

pub(super) fn from_sec1<C: NistCurve>(
    random: &Arc<dyn RandomSource>,
    key: EcPrivateKey<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let secret = SecretKey::<C>::try_from(key).map_err(|_| CONTRADICTORY)?;
    Ok(Arc::new(EcdsaKey::new(random, secret)?))
}

pub(super) fn generate<C: NistCurve>(
    random: &Arc<dyn RandomSource>,
) -> Result<GeneratedKey, CryptoError> {
    let secret = random_key::<C>(&**random)?;
    let pkcs8 = secret_bytes(&secret.to_pkcs8_der().map_err(|_| NOT_ENCODED)?);
    Ok(GeneratedKey { pkcs8, key: Arc::new(EcdsaKey::new(random, secret)?) })
}

impl<C: NistCurve> EcdsaKey<C> {
    fn new(random: &Arc<dyn RandomSource>, secret: SecretKey<C>) -> Result<Self, CryptoError> {
        let public = secret.public_key().to_public_key_der().map_err(|_| NOT_ENCODED)?.into_vec();
        let (curve, hash) = C::SIGNS;
        let algorithm = [SignatureAlgorithm::Ecdsa(curve, hash)];
        Ok(Self { secret, public, algorithm, random: random.clone() })
    }
}

impl<C: NistCurve> fmt::Debug for EcdsaKey<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EcdsaKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

impl<C: NistCurve> SigningKey for EcdsaKey<C> {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithm
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if !self.algorithm.contains(&algorithm) {
            return Err(NOT_THIS_KEY);
        }
        let (_, hash) = C::SIGNS;
        let digest = hash::digest(hash, message)?;
        let mut added = Zeroizing::new(FieldBytes::<C>::default());
        self.random.fill(&mut added)?;
        let scalar = Zeroizing::new(self.secret.to_nonzero_scalar());
        let (signature, _) =
            sign_prehashed_rfc6979::<C, C::Digest>(&scalar, digest.as_ref(), &added);
        Ok(C::encode_signature(&signature))
    }
}
