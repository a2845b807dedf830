//! ML-KEM (FIPS 203): the post-quantum half of the hybrids.

use alloc::boxed::Box;
use alloc::vec::Vec;

use dtls_crypto_api::{CryptoError, KeyExchange, KxResponse, NamedGroup, SharedSecret};
use ml_kem::kem::{Ciphertext, Decapsulate, Decapsulator, Kem};
use ml_kem::{B32, KeyExport, KeyInit, MlKem768, MlKem1024, SharedKey, TryKeyInit};
use zeroize::Zeroizing;

use crate::random::RandomSource;

/// One parameter set.
pub(super) trait ParameterSet: Kem<DecapsulationKey: Decapsulate + KeyInit + Send> {
    const GROUP: NamedGroup;

    /// ML-KEM.Encaps_internal (FIPS 203 6.2) with the random value `m`.
    fn encapsulate(key: &Self::EncapsulationKey, m: &B32) -> (Ciphertext<Self>, SharedKey);
}

impl ParameterSet for MlKem768 {
    const GROUP: NamedGroup = NamedGroup::MLKEM768;

    fn encapsulate(key: &Self::EncapsulationKey, m: &B32) -> (Ciphertext<Self>, SharedKey) {
        key.encapsulate_deterministic(m)
    }
}

impl ParameterSet for MlKem1024 {
    const GROUP: NamedGroup = NamedGroup::MLKEM1024;

    fn encapsulate(key: &Self::EncapsulationKey, m: &B32) -> (Ciphertext<Self>, SharedKey) {
        key.encapsulate_deterministic(m)
    }
}

/// The client's key pair.
struct MlKem<K: ParameterSet> {
    key: K::DecapsulationKey,
    share: Vec<u8>,
}

pub(super) fn start<K: ParameterSet>(
    random: &dyn RandomSource,
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    let mut seed = Zeroizing::new(ml_kem::Key::<K::DecapsulationKey>::default());
    random.fill(&mut seed)?;
    let key = K::DecapsulationKey::new(&seed);
    let share = key.encapsulation_key().to_bytes().to_vec();
    Ok(Box::new(MlKem::<K> { key, share }))
}

pub(super) fn respond<K: ParameterSet>(
    random: &dyn RandomSource,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    // Refuses a wrong length and coefficients that are not reduced (FIPS 203 7.2).
    let key =
        K::EncapsulationKey::new_from_slice(peer_share).map_err(|_| CryptoError::BadKeyShare)?;
    let mut m = Zeroizing::new(B32::default());
    random.fill(&mut m)?;
    let (ciphertext, secret) = K::encapsulate(&key, &m);
    let secret = Zeroizing::new(secret);
    Ok(KxResponse { share: ciphertext.to_vec(), secret: to_secret(&secret)? })
}

impl<K: ParameterSet> KeyExchange for MlKem<K> {
    fn group(&self) -> NamedGroup {
        K::GROUP
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        // A ciphertext of the right length always gives a secret, if not the peer's: ML-KEM
        // rejects implicitly, and the Finished messages then disagree.
        let secret = self
            .key
            .decapsulate_slice(peer_share)
            .map(Zeroizing::new)
            .map_err(|_| CryptoError::BadKeyShare)?;
        to_secret(&secret)
    }
}

fn to_secret(bytes: &[u8]) -> Result<SharedSecret, CryptoError> {
    SharedSecret::new(bytes).ok_or(CryptoError::BadLength("shared secret"))
}
