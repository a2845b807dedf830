//! ML-DSA signing (FIPS 204, RFC 9881), only with the feature `ml-dsa`. Hedged: fresh randomness
//! goes into every signature.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use dtls_crypto_api::{CryptoError, GeneratedKey, SignatureAlgorithm, SigningKey};
use ml_dsa::{Keypair, Seed};
use pkcs8::{EncodePrivateKey, EncodePublicKey, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use super::{NOT_ENCODED, NOT_THIS_KEY, secret_bytes};
use crate::random::{RandomSource, seeded};
use crate::verify::ml_dsa::ParameterSet;

/// The expanded form alone does not give the seed back, so it is not taken (RFC 9881 6).
const NOT_A_SEED: CryptoError =
    CryptoError::BadPrivateKey("it is not the seed form of an ML-DSA key");

struct MlDsaKey<P: ParameterSet> {
    secret: ml_dsa::SigningKey<P>,
    public: Vec<u8>,
    random: Arc<dyn RandomSource>,
}

pub(super) fn from_pkcs8<P: ParameterSet>(
    random: &Arc<dyn RandomSource>,
    info: PrivateKeyInfoRef<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let secret = ml_dsa::SigningKey::<P>::try_from(info).map_err(|_| NOT_A_SEED)?;
    Ok(Arc::new(MlDsaKey::new(random, secret)?))
}

pub(super) fn generate<P: ParameterSet>(
    random: &Arc<dyn RandomSource>,
) -> Result<GeneratedKey, CryptoError> {
    let mut seed = Zeroizing::new(Seed::default());
    random.fill(&mut seed)?;
    let secret = ml_dsa::SigningKey::<P>::from_seed(&seed);
    let pkcs8 = secret_bytes(&secret.to_pkcs8_der().map_err(|_| NOT_ENCODED)?);
    Ok(GeneratedKey { pkcs8, key: Arc::new(MlDsaKey::new(random, secret)?) })
}

impl<P: ParameterSet> MlDsaKey<P> {
    fn new(
        random: &Arc<dyn RandomSource>,
        secret: ml_dsa::SigningKey<P>,
    ) -> Result<Self, CryptoError> {
        let public =
            secret.verifying_key().to_public_key_der().map_err(|_| NOT_ENCODED)?.into_vec();
        Ok(Self { secret, public, random: random.clone() })
    }
}

impl<P: ParameterSet> fmt::Debug for MlDsaKey<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MlDsaKey").field("algorithms", &P::ALGORITHMS).finish_non_exhaustive()
    }
}

impl<P: ParameterSet> SigningKey for MlDsaKey<P> {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        P::ALGORITHMS
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if !P::ALGORITHMS.contains(&algorithm) {
            return Err(NOT_THIS_KEY);
        }
        let signature = self
            .secret
            .expanded_key()
            .sign_randomized(message, &[], &mut seeded(&*self.random)?)
            .map_err(|_| CryptoError::Backend("ML-DSA signing"))?;
        Ok(signature.encode().to_vec())
    }
}
