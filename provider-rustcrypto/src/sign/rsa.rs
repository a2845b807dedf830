//! RSA-PSS signing (RFC 8017 8.1), only with the feature `rsa-signing`.
//!
//! The private operation is blinded but not constant-time (RUSTSEC-2023-0071). PKCS#1 v1.5 is
//! not offered: TLS 1.3 has no use for it but in certificates, which are signed elsewhere.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use dtls_crypto_api::{CryptoError, GeneratedKey, HashAlgorithm, SignatureAlgorithm, SigningKey};
use pkcs8::{EncodePrivateKey, PrivateKeyInfoRef};
use rsa::RsaPrivateKey;
use rsa::pkcs1::{self, EncodeRsaPublicKey, RsaPrivateKeyRef};
use rsa::pss::Pss;
use rsa::traits::{PublicKeyParts, SignatureScheme};
use spki::der::Encode;
use spki::der::asn1::BitStringRef;
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfo};

use super::{NOT_ENCODED, secret_bytes};
use crate::hash::{self, with_hash};
use crate::oid;
use crate::random::{RandomSource, seeded};
use crate::rsa_key::{MODULUS_BITS, allows};

const MALFORMED: CryptoError =
    CryptoError::BadPrivateKey("it is no RSA key, or its numbers do not fit together");
const WRONG_SIZE: CryptoError =
    CryptoError::BadPrivateKey("the RSA modulus is not of 2048 to 8192 bits");

const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

struct RsaKey {
    secret: RsaPrivateKey,
    public: Vec<u8>,
    algorithms: Vec<SignatureAlgorithm>,
    random: Arc<dyn RandomSource>,
}

pub(super) fn from_pkcs1(
    random: &Arc<dyn RandomSource>,
    der: &[u8],
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    Ok(Arc::new(RsaKey::new(random, decode(der)?, pkcs1::ALGORITHM_ID)?))
}

pub(super) fn from_pkcs8(
    random: &Arc<dyn RandomSource>,
    info: &PrivateKeyInfoRef<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let secret = decode(info.private_key.as_bytes())?;
    Ok(Arc::new(RsaKey::new(random, secret, info.algorithm)?))
}

pub(super) fn generate(
    random: &Arc<dyn RandomSource>,
    bits: u16,
) -> Result<GeneratedKey, CryptoError> {
    let bits = usize::from(bits);
    if !MODULUS_BITS.contains(&bits) {
        return Err(CryptoError::Unsupported("an RSA key of this size"));
    }
    let secret = RsaPrivateKey::new(&mut seeded(&**random)?, bits)
        .map_err(|_| CryptoError::Backend("RSA key generation"))?;
    let pkcs8 = secret_bytes(&secret.to_pkcs8_der().map_err(|_| NOT_ENCODED)?);
    Ok(GeneratedKey { pkcs8, key: Arc::new(RsaKey::new(random, secret, pkcs1::ALGORITHM_ID)?) })
}

fn decode(der: &[u8]) -> Result<RsaPrivateKey, CryptoError> {
    let key = RsaPrivateKeyRef::try_from(der).map_err(|_| MALFORMED)?;
    // Before any arithmetic: checking a huge key would take long.
    if key.modulus.as_bytes().len().saturating_mul(8) > *MODULUS_BITS.end() {
        return Err(WRONG_SIZE);
    }
    RsaPrivateKey::try_from(key).map_err(|_| MALFORMED)
}

impl RsaKey {
    /// `algorithm` goes into the public key as it is, so that it equals the certificate's.
    fn new(
        random: &Arc<dyn RandomSource>,
        mut secret: RsaPrivateKey,
        algorithm: AlgorithmIdentifierRef<'_>,
    ) -> Result<Self, CryptoError> {
        let bits = usize::try_from(secret.n().bits()).unwrap_or(usize::MAX);
        if !MODULUS_BITS.contains(&bits) {
            return Err(WRONG_SIZE);
        }
        secret.precompute().map_err(|_| MALFORMED)?;
        let key = secret.as_public_key().to_pkcs1_der().map_err(|_| NOT_ENCODED)?;
        let subject_public_key =
            BitStringRef::from_bytes(key.as_bytes()).map_err(|_| NOT_ENCODED)?;
        let public = SubjectPublicKeyInfo { algorithm, subject_public_key }
            .to_der()
            .map_err(|_| NOT_ENCODED)?;
        let algorithms = algorithms(&algorithm)?;
        Ok(Self { secret, public, algorithms, random: random.clone() })
    }
}

/// What a key of this algorithm identifier may sign (RFC 8446 4.2.3, RFC 4055 1.2).
fn algorithms(
    algorithm: &AlgorithmIdentifierRef<'_>,
) -> Result<Vec<SignatureAlgorithm>, CryptoError> {
    if algorithm.oid != oid::RSASSA_PSS {
        return Ok(HASHES.map(SignatureAlgorithm::RsaPssRsae).to_vec());
    }
    let Some(parameters) = algorithm.parameters else {
        return Ok(HASHES.map(SignatureAlgorithm::RsaPssPss).to_vec());
    };
    let restriction = parameters.decode_as().map_err(|_| MALFORMED)?;
    let allowed = HASHES.into_iter().filter(|hash| allows(&restriction, *hash));
    Ok(allowed.map(SignatureAlgorithm::RsaPssPss).collect())
}

impl fmt::Debug for RsaKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RsaKey").field("algorithms", &self.algorithms).finish_non_exhaustive()
    }
}

impl SigningKey for RsaKey {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithms
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (SignatureAlgorithm::RsaPssRsae(hash) | SignatureAlgorithm::RsaPssPss(hash)) =
            algorithm
        else {
            return Err(super::NOT_THIS_KEY);
        };
        if !self.algorithms.contains(&algorithm) {
            return Err(super::NOT_THIS_KEY);
        }
        let digest = hash::digest(hash, message)?;
        let mut rng = seeded(&*self.random)?;
        with_hash!(hash, H => {
            // Draws the salt, as long as the hash, and the blinding factor.
            Pss::<H>::new()
                .sign(Some(&mut rng), &self.secret, digest.as_ref())
                .map_err(|_| CryptoError::Backend("RSA signing"))
        })
    }
}
