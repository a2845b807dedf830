//! Private keys as they are stored: taken apart strictly, and brought into the one form that
//! OpenSSL is then given.
//!
//! OpenSSL reads more forms than TLS knows, and believes a stored public key. So the structure is
//! read here, the public key that may stand in it is left out and compared with the one that
//! OpenSSL computes.

use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{CryptoError, SignatureAlgorithm};
use pkcs1::{RsaPrivateKeyRef, RsaPublicKeyRef};
use pkcs8::PrivateKeyInfoRef;
use sec1::{EcParameters, EcPrivateKey};
use spki::der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use spki::der::{Decode, Encode};
use spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfo};
use zeroize::Zeroizing;

use crate::ffi::{Failed, Key};
use crate::names::HASHES;
use crate::signature::{self, EC_PUBLIC_KEY, RSA_BITS, RSA_ENCRYPTION, RSASSA_PSS, pss_key_allows};
use crate::verify::bits;

const NOT_PKCS8: CryptoError = CryptoError::BadPrivateKey("it is not PKCS#8");
const NOT_SEC1: CryptoError = CryptoError::BadPrivateKey("it is not SEC1");
const NOT_PKCS1: CryptoError = CryptoError::BadPrivateKey("it is not PKCS#1");
const ENCRYPTED: CryptoError =
    CryptoError::BadPrivateKey("it is encrypted; decrypt it first (`openssl pkey`)");
const WRONG_SIZE: CryptoError =
    CryptoError::BadPrivateKey("the RSA modulus is not of 2048 to 8192 bits");
const NO_SUCH_CURVE: CryptoError = CryptoError::Unsupported("a key on this curve");
const NOT_THIS_KIND: CryptoError = CryptoError::Unsupported("this kind of private key");
const NOT_ENCODED: CryptoError = CryptoError::Backend("the key could not be encoded");
/// What a key is refused with whose parts are out of range or do not belong together.
pub(crate) const CONTRADICTORY: CryptoError =
    CryptoError::BadPrivateKey("its numbers are out of range or do not fit together");

/// The algorithm identifier of RSA keys without restrictions (RFC 3279 2.3.1).
const RSA_ALGORITHM: AlgorithmIdentifierRef<'static> =
    AlgorithmIdentifierRef { oid: RSA_ENCRYPTION, parameters: Some(AnyRef::NULL) };

/// A private key, taken apart.
pub(crate) struct PrivateKey<'a> {
    /// The key for OpenSSL: PKCS#8 version 1, without a public key.
    pub(crate) pkcs8: Zeroizing<Vec<u8>>,
    /// What such a key can sign, best first.
    pub(crate) algorithms: Vec<SignatureAlgorithm>,
    /// The algorithm identifier of its public key, as a certificate has it.
    identifier: AlgorithmIdentifierRef<'a>,
    public: Public<'a>,
}

/// Where the public key comes from.
enum Public<'a> {
    /// It is among the numbers of an RSA key.
    Rsa(Vec<u8>),
    /// OpenSSL computes it, and it has to be what stood in the file, if anything did.
    Computed { stated: [Option<&'a [u8]>; 2] },
}

/// Takes a key apart that is in any of the three forms PEM files hold.
pub(crate) fn decode<'a>(der: &'a PrivateKeyDer<'_>) -> Result<PrivateKey<'a>, CryptoError> {
    match der {
        PrivateKeyDer::Pkcs8(der) => from_pkcs8(der.secret_pkcs8_der()),
        PrivateKeyDer::Sec1(der) => from_sec1(der.secret_sec1_der()),
        PrivateKeyDer::Pkcs1(der) => from_rsa(RSA_ALGORITHM, der.secret_pkcs1_der()),
        _ => Err(CryptoError::Unsupported("this form of private key")),
    }
}

/// PKCS#8 (RFC 5958) names its algorithm.
fn from_pkcs8(der: &[u8]) -> Result<PrivateKey<'_>, CryptoError> {
    let info = PrivateKeyInfoRef::try_from(der)
        .map_err(|_| if is_encrypted(der) { ENCRYPTED } else { NOT_PKCS8 })?;
    let stated = match info.public_key {
        Some(bits) => Some(bits.as_bytes().ok_or(NOT_PKCS8)?),
        None => None,
    };
    let secret = info.private_key.as_bytes();
    match info.algorithm.oid {
        EC_PUBLIC_KEY => {
            let key = EcPrivateKey::try_from(secret).map_err(|_| NOT_PKCS8)?;
            from_ec(info.algorithm, &key, stated)
        }
        RSA_ENCRYPTION | RSASSA_PSS => from_rsa(info.algorithm, secret),
        oid => {
            let algorithm = signature::plain(oid).ok_or(NOT_THIS_KIND)?;
            if info.algorithm.parameters.is_some() {
                return Err(NOT_PKCS8);
            }
            Ok(PrivateKey {
                pkcs8: encode(info.algorithm, secret)?,
                algorithms: vec![algorithm],
                identifier: info.algorithm,
                public: Public::Computed { stated: [stated, None] },
            })
        }
    }
}

/// Whether this is an EncryptedPrivateKeyInfo (RFC 5958 3).
fn is_encrypted(der: &[u8]) -> bool {
    let fields = AnyRef::from_der(der).and_then(|whole| {
        whole.sequence(|reader| {
            AlgorithmIdentifierRef::decode(reader)?;
            <&OctetStringRef>::decode(reader)
        })
    });
    fields.is_ok()
}

/// SEC1 (RFC 5915) names its curve in its parameters.
fn from_sec1(der: &[u8]) -> Result<PrivateKey<'_>, CryptoError> {
    let key = EcPrivateKey::try_from(der).map_err(|_| NOT_SEC1)?;
    let curve = key.parameters.and_then(EcParameters::named_curve);
    let curve = curve.ok_or(CryptoError::BadPrivateKey("SEC1 without the name of a curve"))?;
    let curve = signature::named_curve(curve).ok_or(NO_SUCH_CURVE)?;
    from_ec(
        AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters: Some(curve.into()) },
        &key,
        None,
    )
}

fn from_ec<'a>(
    identifier: AlgorithmIdentifierRef<'a>,
    key: &EcPrivateKey<'a>,
    stated: Option<&'a [u8]>,
) -> Result<PrivateKey<'a>, CryptoError> {
    let oid = identifier.parameters_oid().map_err(|_| NOT_PKCS8)?;
    let curve = signature::curve(oid).ok_or(NO_SUCH_CURVE)?;
    if key.parameters.and_then(EcParameters::named_curve).is_some_and(|inner| inner != oid) {
        return Err(CONTRADICTORY);
    }
    let bare = EcPrivateKey { private_key: key.private_key, parameters: None, public_key: None };
    let secret = Zeroizing::new(bare.to_der().map_err(|_| NOT_ENCODED)?);
    Ok(PrivateKey {
        pkcs8: encode(identifier, &secret)?,
        algorithms: signature::signed_by(curve),
        identifier,
        public: Public::Computed { stated: [key.public_key, stated] },
    })
}

/// The identifier stays with the public key, so that it equals the certificate's; the restrictions
/// it may hold are enforced here and not by OpenSSL.
fn from_rsa<'a>(
    identifier: AlgorithmIdentifierRef<'a>,
    der: &'a [u8],
) -> Result<PrivateKey<'a>, CryptoError> {
    let key = RsaPrivateKeyRef::try_from(der).map_err(|_| NOT_PKCS1)?;
    // Before any arithmetic: checking a huge key would take long.
    if !RSA_BITS.contains(&bits(key.modulus.as_bytes())) {
        return Err(WRONG_SIZE);
    }
    let public =
        RsaPublicKeyRef { modulus: key.modulus, public_exponent: key.public_exponent }.to_der();
    let algorithms = if identifier.oid == RSASSA_PSS {
        let allowed = HASHES.map(|hash| pss_key_allows(&identifier, hash).map(|yes| (hash, yes)));
        let mut algorithms = Vec::new();
        for hash in allowed {
            let (hash, allowed) = hash.ok_or(NOT_PKCS8)?;
            if allowed {
                algorithms.push(SignatureAlgorithm::RsaPssPss(hash));
            }
        }
        algorithms
    } else {
        let pss = HASHES.map(SignatureAlgorithm::RsaPssRsae);
        let pkcs1 = HASHES.map(SignatureAlgorithm::RsaPkcs1);
        pss.into_iter().chain(pkcs1).collect()
    };
    Ok(PrivateKey {
        pkcs8: encode(RSA_ALGORITHM, der)?,
        algorithms,
        identifier,
        public: Public::Rsa(public.map_err(|_| NOT_ENCODED)?),
    })
}

/// PKCS#8 version 1 (RFC 5208).
pub(crate) fn encode(
    algorithm: AlgorithmIdentifierRef<'_>,
    secret: &[u8],
) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let secret = OctetStringRef::new(secret).map_err(|_| NOT_ENCODED)?;
    let der = PrivateKeyInfoRef::new(algorithm, secret).to_der();
    der.map(Zeroizing::new).map_err(|_| NOT_ENCODED)
}

impl PrivateKey<'_> {
    /// Whether the key is of numbers that have a range or have to fit together, and not any bytes.
    pub(crate) fn has_parts(&self) -> bool {
        matches!(self.identifier.oid, EC_PUBLIC_KEY | RSA_ENCRYPTION | RSASSA_PSS)
    }

    /// The public key of `key`, which was made from this, as a SubjectPublicKeyInfo. If one was
    /// stated, it has to be that.
    pub(crate) fn public_key(&self, key: &Key) -> Result<Vec<u8>, CryptoError> {
        let computed;
        let public = match &self.public {
            Public::Rsa(public) => public,
            Public::Computed { stated } => {
                computed = key.public_bytes().map_err(|Failed| NOT_ENCODED)?;
                let fits = |stated: &&[u8]| *stated == computed || is_compressed(stated, &computed);
                if !stated.iter().flatten().all(fits) {
                    return Err(CONTRADICTORY);
                }
                &computed
            }
        };
        let subject_public_key = BitStringRef::from_bytes(public).map_err(|_| NOT_ENCODED)?;
        SubjectPublicKeyInfo { algorithm: self.identifier, subject_public_key }
            .to_der()
            .map_err(|_| NOT_ENCODED)
    }
}

/// Whether `stated` is the compressed form of an uncompressed point (SEC 1 2.3.3).
fn is_compressed(stated: &[u8], point: &[u8]) -> bool {
    let (Some((&form, x)), Some((4, coordinates))) = (stated.split_first(), point.split_first())
    else {
        return false;
    };
    let (point_x, point_y) = coordinates.split_at(coordinates.len() / 2);
    x == point_x && point_y.last().is_some_and(|low| form == 2 | (low & 1))
}
