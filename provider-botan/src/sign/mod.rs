//! Private keys: loading, generating, signing.
//!
//! Every form of key is taken apart here and handed to Botan in the one form it knows for that
//! kind: Botan reads only the older PKCS#8 without a public key (RFC 5208) and no SEC1, and does
//! not find contradictions by itself.

mod ecdsa;
mod rsa;
mod seeded;

use std::fmt;
use std::sync::Arc;

use botan::Privkey;
use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{CryptoError, GeneratedKey, KeyKind, SignatureAlgorithm, SigningKey};
use pkcs8::PrivateKeyInfoRef;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode, Tag, Tagged};
use zeroize::Zeroizing;

use crate::curve::NistCurve;
use crate::error::failed_drawing;
use crate::random::Random;
use crate::{oid, scheme};
use seeded::Seeded;

const NOT_PKCS8: CryptoError = CryptoError::BadPrivateKey("it is not PKCS#8");
const ENCRYPTED: CryptoError =
    CryptoError::BadPrivateKey("it is encrypted; decrypt it before it is loaded");
const NO_SUCH_KIND: CryptoError = CryptoError::Unsupported("this kind of private key");
const NO_SUCH_CURVE: CryptoError = CryptoError::Unsupported("a key on this curve");
/// What a key that was just made or decoded cannot run into.
const NOT_ENCODED: CryptoError = CryptoError::Backend("the key could not be encoded");

/// A private key of Botan's, which wipes it.
struct BotanKey {
    key: Privkey,
    public: Vec<u8>,
    algorithms: Vec<SignatureAlgorithm>,
    random: Random,
}

impl fmt::Debug for BotanKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BotanKey").field("algorithms", &self.algorithms).finish_non_exhaustive()
    }
}

impl SigningKey for BotanKey {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithms
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if !self.algorithms.contains(&algorithm) {
            return Err(CryptoError::Unsupported("this signature algorithm with this key"));
        }
        scheme::sign(algorithm, &self.key, &mut self.random.generator()?, message)
    }
}

/// Loads a key from any of the three forms PEM files hold.
pub(crate) fn load(
    random: &Random,
    der: &PrivateKeyDer<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let loaded = match der {
        PrivateKeyDer::Pkcs8(der) => load_pkcs8(random, der.secret_pkcs8_der()),
        PrivateKeyDer::Sec1(der) => ecdsa::from_sec1(der.secret_sec1_der()),
        PrivateKeyDer::Pkcs1(der) => rsa::from_pkcs1(random, der.secret_pkcs1_der()),
        _ => Err(CryptoError::Unsupported("this form of private key")),
    }?;
    let Loaded { key, public, algorithms } = loaded;
    Ok(Arc::new(BotanKey { key, public, algorithms, random: random.clone() }))
}

/// A key that was found sound, with its `SubjectPublicKeyInfo`.
struct Loaded {
    key: Privkey,
    public: Vec<u8>,
    algorithms: Vec<SignatureAlgorithm>,
}

impl Loaded {
    /// Of the kinds of key whose public form Botan writes as the standards do.
    fn new(key: Privkey, algorithm: SignatureAlgorithm) -> Result<Self, CryptoError> {
        let public = key.pubkey().and_then(|public| public.der_encode());
        let public = public.map_err(|_| NOT_ENCODED)?;
        Ok(Self { key, public, algorithms: vec![algorithm] })
    }
}

/// PKCS#8 (RFC 5958) names its algorithm.
fn load_pkcs8(random: &Random, der: &[u8]) -> Result<Loaded, CryptoError> {
    if is_encrypted(der) {
        return Err(ENCRYPTED);
    }
    let info = PrivateKeyInfoRef::try_from(der).map_err(|_| NOT_PKCS8)?;
    match info.algorithm.oid {
        oid::EC_PUBLIC_KEY => ecdsa::from_pkcs8(&info),
        oid::RSA_ENCRYPTION | oid::RSASSA_PSS => rsa::from_pkcs8(random, &info),
        oid => Seeded::of_oid(oid).ok_or(NO_SUCH_KIND)?.load(&info),
    }
}

/// The tag of a SEQUENCE as it is encoded (X.690 8.9).
const SEQUENCE: u8 = 0x30;

/// Encrypted PKCS#8 begins with an algorithm where the plain one has a version (RFC 5958 3).
fn is_encrypted(der: &[u8]) -> bool {
    let Ok(outer) = AnyRef::from_der(der) else {
        return false;
    };
    outer.tag() == Tag::Sequence && outer.value().first() == Some(&SEQUENCE)
}

/// What a key that is only a seed signs.
pub(crate) fn single_algorithm(kind: KeyKind) -> Option<SignatureAlgorithm> {
    Seeded::of_kind(kind).map(|seeded| seeded.algorithm)
}

/// Makes a new key, and loads it as anybody else's.
pub(crate) fn generate(random: &Random, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
    let pkcs8 = match kind {
        KeyKind::Ecdsa(curve) => {
            let curve = NistCurve::of(curve).ok_or(NO_SUCH_CURVE)?;
            create(random, "ECDSA", curve.name)?
        }
        KeyKind::Rsa(bits) => rsa::generate(random, bits)?,
        kind => Seeded::of_kind(kind).ok_or(NO_SUCH_KIND)?.generate(random)?,
    };
    let key = load(random, &PrivateKeyDer::Pkcs8(pkcs8.as_slice().into()))?;
    Ok(GeneratedKey { pkcs8, key })
}

/// A new key of Botan's, as PKCS#8 in Botan's way.
fn create(
    random: &Random,
    algorithm: &str,
    parameters: &str,
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    Privkey::create(algorithm, parameters, &mut random.generator()?)
        .and_then(|key| key.der_encode())
        .map(Zeroizing::new)
        .map_err(failed_drawing("generating this kind of key"))
}
