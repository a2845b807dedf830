//! ML-KEM (FIPS 203): the post-quantum half of the hybrids.

use botan::{KeyDecapsulation, KeyEncapsulation, Privkey};
use dtls_crypto_api::{CryptoError, KeyExchange, KxResponse, NamedGroup, SharedSecret};
use spki::{AlgorithmIdentifierRef, ObjectIdentifier};
use zeroize::Zeroizing;

use super::{NO_SUCH_GROUP, new_key};
use crate::error::{failed, failed_drawing, refused};
use crate::random::Random;
use crate::{oid, public_key};

/// Length in bytes of the shared secret of every parameter set (FIPS 203 8).
const SECRET_LEN: usize = 32;

/// Botan's name of the parameter set, and the standards'.
fn parameter_set(group: NamedGroup) -> Result<(&'static str, ObjectIdentifier), CryptoError> {
    match group {
        NamedGroup::MLKEM768 => Ok(("ML-KEM-768", oid::ML_KEM_768)),
        NamedGroup::MLKEM1024 => Ok(("ML-KEM-1024", oid::ML_KEM_1024)),
        _ => Err(NO_SUCH_GROUP),
    }
}

/// The client's key pair.
pub(super) struct MlKem {
    group: NamedGroup,
    key: Privkey,
    share: Vec<u8>,
}

impl MlKem {
    pub(super) fn new(random: &Random, group: NamedGroup) -> Result<Self, CryptoError> {
        let (name, _) = parameter_set(group)?;
        Self::with_key(group, new_key(random, "ML-KEM", name)?)
    }

    /// With the seed `d || z` (FIPS 203 7.1), which is all that Botan keeps of a key.
    #[cfg(feature = "test-access")]
    pub(super) fn with_seed(group: NamedGroup, seed: &[u8]) -> Result<Self, CryptoError> {
        use pkcs8::der::asn1::OctetStringRef;
        use pkcs8::{PrivateKeyInfoRef, SecretDocument};

        let (_, oid) = parameter_set(group)?;
        let algorithm = AlgorithmIdentifierRef { oid, parameters: None };
        let der = OctetStringRef::new(seed)
            .and_then(|seed| SecretDocument::encode_msg(&PrivateKeyInfoRef::new(algorithm, seed)))
            .or(Err(CryptoError::BadLength("ML-KEM seed")))?;
        Self::with_key(group, Privkey::load_der(der.as_bytes()).map_err(failed("an ML-KEM seed"))?)
    }

    fn with_key(group: NamedGroup, key: Privkey) -> Result<Self, CryptoError> {
        let public = key.pubkey().and_then(|public| public.der_encode());
        let share = public_key::unwrap(&public.map_err(failed("encoding a key share"))?)?;
        Ok(Self { group, key, share })
    }
}

pub(super) fn respond(
    random: &Random,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    let (_, oid) = parameter_set(group)?;
    if group.client_share_len() != Some(peer_share.len()) {
        return Err(CryptoError::BadKeyShare);
    }
    let algorithm = AlgorithmIdentifierRef { oid, parameters: None };
    let der = public_key::wrap(algorithm, peer_share).or(Err(CryptoError::BadKeyShare))?;
    // Refuses coefficients that are not reduced (FIPS 203 7.2).
    let key = public_key::load(&der, CryptoError::BadKeyShare)?;
    let mut rng = random.generator()?;
    let (secret, share) = KeyEncapsulation::new(&key, "Raw")
        .and_then(|kem| kem.create_shared_key(&mut rng, &[], SECRET_LEN))
        .map_err(failed_drawing("ML-KEM encapsulation"))?;
    let secret = Zeroizing::new(secret);
    Ok(KxResponse { share, secret: to_secret(&secret)? })
}

impl KeyExchange for MlKem {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        if self.group.server_share_len() != Some(peer_share.len()) {
            return Err(CryptoError::BadKeyShare);
        }
        // A ciphertext of the right length always gives a secret, if not the peer's: ML-KEM
        // rejects implicitly, and the Finished messages then disagree.
        let secret = KeyDecapsulation::new(&self.key, "Raw")
            .and_then(|kem| kem.decrypt_shared_key(peer_share, &[], SECRET_LEN))
            .map(Zeroizing::new)
            .map_err(refused(CryptoError::BadKeyShare))?;
        to_secret(&secret)
    }
}

fn to_secret(bytes: &[u8]) -> Result<SharedSecret, CryptoError> {
    SharedSecret::new(bytes).ok_or(CryptoError::BadLength("shared secret"))
}
