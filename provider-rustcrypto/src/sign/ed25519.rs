//! Ed25519 signing (RFC 8032, RFC 8410). Deterministic by definition.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use dtls_crypto_api::{CryptoError, GeneratedKey, SignatureAlgorithm, SigningKey};
use ed25519_dalek::Signer;
use pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::{NOT_ENCODED, NOT_THIS_KEY, secret_bytes};
use crate::random::RandomSource;

const CONTRADICTORY: CryptoError =
    CryptoError::BadPrivateKey("its seed has a wrong length or does not fit its public key");

struct Ed25519Key {
    secret: ed25519_dalek::SigningKey,
    public: Vec<u8>,
}

pub(super) fn from_pkcs8(info: PrivateKeyInfoRef<'_>) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let secret = ed25519_dalek::SigningKey::try_from(info).map_err(|_| CONTRADICTORY)?;
    Ok(Arc::new(Ed25519Key::new(secret)?))
}

pub(super) fn generate(random: &dyn RandomSource) -> Result<GeneratedKey, CryptoError> {
    let mut seed = Zeroizing::new([0; ed25519_dalek::SECRET_KEY_LENGTH]);
    random.fill(seed.as_mut())?;
    let secret = ed25519_dalek::SigningKey::from_bytes(&seed);
    let pkcs8 = secret_bytes(&secret.to_pkcs8_der().map_err(|_| NOT_ENCODED)?);
    Ok(GeneratedKey { pkcs8, key: Arc::new(Ed25519Key::new(secret)?) })
}

impl Ed25519Key {
    fn new(secret: ed25519_dalek::SigningKey) -> Result<Self, CryptoError> {
        let public =
            secret.verifying_key().to_public_key_der().map_err(|_| NOT_ENCODED)?.into_vec();
        Ok(Self { secret, public })
    }
}

impl fmt::Debug for Ed25519Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ed25519Key").finish_non_exhaustive()
    }
}

impl SigningKey for Ed25519Key {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &[SignatureAlgorithm::Ed25519]
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if algorithm != SignatureAlgorithm::Ed25519 {
            return Err(NOT_THIS_KEY);
        }
        Ok(self.secret.sign(message).to_bytes().to_vec())
    }
}
