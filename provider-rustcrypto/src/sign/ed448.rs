//! Ed448 signing (RFC 8032, RFC 8410), only with the feature `ed448`: the crate behind it is a
//! pre-release. Deterministic by definition.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use dtls_crypto_api::{CryptoError, GeneratedKey, SignatureAlgorithm, SigningKey};
use ed448_goldilocks::SECRET_KEY_LENGTH;
use pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::{NOT_ENCODED, NOT_THIS_KEY, secret_bytes};
use crate::random::RandomSource;

const CONTRADICTORY: CryptoError =
    CryptoError::BadPrivateKey("its seed has a wrong length or does not fit its public key");

struct Ed448Key {
    secret: ed448_goldilocks::SigningKey,
    public: Vec<u8>,
}

pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let secret = ed448_goldilocks::SigningKey::try_from(info).map_err(|_| CONTRADICTORY)?;
    Ok(Arc::new(Ed448Key::new(secret)?))
}

pub(super) fn generate(random: &dyn RandomSource) -> Result<GeneratedKey, CryptoError> {
    let mut seed = Zeroizing::new([0; SECRET_KEY_LENGTH]);
    random.fill(seed.as_mut())?;
    let secret = ed448_goldilocks::SigningKey::from(ed448_goldilocks::SecretKey::from(*seed));
    let pkcs8 = secret_bytes(&secret.to_pkcs8_der().map_err(|_| NOT_ENCODED)?);
    Ok(GeneratedKey { pkcs8, key: Arc::new(Ed448Key::new(secret)?) })
}

impl Ed448Key {
    fn new(secret: ed448_goldilocks::SigningKey) -> Result<Self, CryptoError> {
        let public =
            secret.verifying_key().to_public_key_der().map_err(|_| NOT_ENCODED)?.into_vec();
        Ok(Self { secret, public })
    }
}

impl fmt::Debug for Ed448Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed448Key").finish_non_exhaustive()
    }
}

impl SigningKey for Ed448Key {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &[SignatureAlgorithm::Ed448]
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if algorithm != SignatureAlgorithm::Ed448 {
            return Err(NOT_THIS_KEY);
        }
        Ok(self.secret.sign_raw(message).to_bytes().to_vec())
    }
}
