//! Keys that are a seed and nothing else: Ed25519 and Ed448 (RFC 8410), ML-DSA (RFC 9881).

use botan::Privkey;
use dtls_crypto_api::{CryptoError, KeyKind, SignatureAlgorithm};
use pkcs8::der::asn1::OctetStringRef;
use pkcs8::spki::AlgorithmIdentifierRef;
use pkcs8::{ObjectIdentifier, PrivateKeyInfoRef, SecretDocument};
use zeroize::Zeroizing;

use super::{Loaded, NOT_ENCODED, NOT_PKCS8, create};
use crate::error::refused;
use crate::oid;
use crate::public_key::unwrap;
use crate::random::Random;

const CONTRADICTORY: CryptoError =
    CryptoError::BadPrivateKey("its seed has a wrong length or does not fit its public key");
/// An expanded ML-DSA key alone does not give its seed back, and Botan wants the seed.
const NOT_A_SEED: CryptoError =
    CryptoError::BadPrivateKey("it is not the seed form of an ML-DSA key");

/// Length in bytes of an ML-DSA seed (FIPS 204 5.1).
const ML_DSA_SEED_LEN: usize = 32;

/// What stands before the seed in RFC 9881 6: `[0] IMPLICIT OCTET STRING (SIZE (32))`.
const ML_DSA_SEED_HEADER: [u8; 2] = [0x80, ML_DSA_SEED_LEN as u8];

/// One of these kinds of key.
pub(super) struct Seeded {
    kind: KeyKind,
    pub(super) algorithm: SignatureAlgorithm,
    oid: ObjectIdentifier,
    /// Botan's name of the algorithm, and its parameter set.
    name: (&'static str, &'static str),
}

const KINDS: [Seeded; 5] = [
    Seeded {
        kind: KeyKind::Ed25519,
        algorithm: SignatureAlgorithm::Ed25519,
        oid: oid::ED25519,
        name: ("Ed25519", ""),
    },
    Seeded {
        kind: KeyKind::Ed448,
        algorithm: SignatureAlgorithm::Ed448,
        oid: oid::ED448,
        name: ("Ed448", ""),
    },
    Seeded {
        kind: KeyKind::MlDsa44,
        algorithm: SignatureAlgorithm::MlDsa44,
        oid: oid::ML_DSA_44,
        name: ("ML-DSA", "ML-DSA-4x4"),
    },
    Seeded {
        kind: KeyKind::MlDsa65,
        algorithm: SignatureAlgorithm::MlDsa65,
        oid: oid::ML_DSA_65,
        name: ("ML-DSA", "ML-DSA-6x5"),
    },
    Seeded {
        kind: KeyKind::MlDsa87,
        algorithm: SignatureAlgorithm::MlDsa87,
        oid: oid::ML_DSA_87,
        name: ("ML-DSA", "ML-DSA-8x7"),
    },
];

impl Seeded {
    pub(super) fn of_oid(oid: ObjectIdentifier) -> Option<&'static Self> {
        KINDS.iter().find(|seeded| seeded.oid == oid)
    }

    pub(super) fn of_kind(kind: KeyKind) -> Option<&'static Self> {
        KINDS.iter().find(|seeded| seeded.kind == kind)
    }

    fn is_ml_dsa(&self) -> bool {
        !matches!(self.kind, KeyKind::Ed25519 | KeyKind::Ed448)
    }

    pub(super) fn load(&self, info: &PrivateKeyInfoRef<'_>) -> Result<Loaded, CryptoError> {
        // RFC 8410 3, RFC 9881 2: the parameters are absent.
        if info.algorithm.parameters.is_some() {
            return Err(NOT_PKCS8);
        }
        let key = info.private_key.as_bytes();
        // Up to version 3.13 Botan has the bare seed of ML-DSA where RFC 9881 has a choice.
        let key = if self.is_ml_dsa() { ml_dsa_seed(key)? } else { key };
        let plain = self.encode(key)?;
        let key = Privkey::load_der(plain.as_bytes()).map_err(refused(CONTRADICTORY))?;
        let loaded = Loaded::new(key, self.algorithm)?;
        let public = unwrap(&loaded.public)?;
        if info.public_key.is_some_and(|stored| stored.as_bytes() != Some(&public)) {
            return Err(CONTRADICTORY);
        }
        Ok(loaded)
    }

    /// A new key as PKCS#8, in the form of the standards.
    pub(super) fn generate(&self, random: &Random) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
        let (algorithm, parameters) = self.name;
        let made = create(random, algorithm, parameters)?;
        if !self.is_ml_dsa() {
            return Ok(made);
        }
        let made = PrivateKeyInfoRef::try_from(made.as_slice()).map_err(|_| NOT_ENCODED)?;
        let seed = ml_dsa_seed(made.private_key.as_bytes())?;
        let choice = Zeroizing::new([&ML_DSA_SEED_HEADER[..], seed].concat());
        Ok(self.encode(&choice)?.to_bytes())
    }

    /// PKCS#8 in its older form, the one Botan reads.
    fn encode(&self, key: &[u8]) -> Result<SecretDocument, CryptoError> {
        let algorithm = AlgorithmIdentifierRef { oid: self.oid, parameters: None };
        OctetStringRef::new(key)
            .and_then(|key| SecretDocument::encode_msg(&PrivateKeyInfoRef::new(algorithm, key)))
            .map_err(|_| NOT_ENCODED)
    }
}

/// The seed, from the choice of RFC 9881 6 or as Botan writes it: bare.
fn ml_dsa_seed(key: &[u8]) -> Result<&[u8], CryptoError> {
    let seed = key.strip_prefix(&ML_DSA_SEED_HEADER).unwrap_or(key);
    (seed.len() == ML_DSA_SEED_LEN).then_some(seed).ok_or(NOT_A_SEED)
}
