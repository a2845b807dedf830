//! A way in for known answers, which fix what is otherwise the provider's own: no part of the
//! interface, and without the feature `test-access` not there.

use dtls_crypto_api::{CryptoError, Curve, KeyExchange, KxResponse, NamedGroup};
use sec1::EcPrivateKey;
use spki::der::Encode;
use spki::der::asn1::{AnyRef, OctetStringRef};
use spki::{AlgorithmIdentifierRef, ObjectIdentifier};
use zeroize::Zeroizing;

use crate::OpenSslProvider;
use crate::ffi::{Failed, Key};
use crate::kx;
use crate::names::{self, Group};
use crate::private_key::encode;
use crate::signature::{EC_PUBLIC_KEY, name_of};

const NO_SUCH_KEY: CryptoError = CryptoError::Unsupported("a private key of this group");
const NOT_ENCODED: CryptoError = CryptoError::BadLength("private key");

/// id-X25519 (RFC 8410 3).
const X25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.110");
/// id-X448.
const X448: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.111");
/// id-alg-ml-kem-768 (RFC 9935 3).
const ML_KEM_768: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.2");
/// id-alg-ml-kem-1024.
const ML_KEM_1024: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.16.840.1.101.3.4.4.3");

/// What stands before the seed in RFC 9935 6: `[0] IMPLICIT OCTET STRING (SIZE (64))`.
const ML_KEM_SEED_HEADER: [u8; 2] = [0x80, 64];

/// The client's side of a key exchange with a private key from outside: 32 bytes for X25519 and
/// 56 for X448 (RFC 7748), the scalar as long as the field and big end first for a NIST curve, the
/// 64 bytes `d || z` of FIPS 203 for ML-KEM.
pub fn key_exchange(
    provider: &OpenSslProvider,
    group: NamedGroup,
    private_key: &[u8],
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    let (kind, pkcs8) = match names::group(group) {
        Some(Group::Nist(_)) => (names::EC, elliptic(group, private_key)?),
        Some(Group::Montgomery(kind) | Group::Kem(kind)) => (kind, plain(group, private_key)?),
        _ => return Err(NO_SUCH_KEY),
    };
    Key::from_pkcs8(provider.library(), kind, &pkcs8)
        .and_then(|key| kx::with_key(group, key))
        .map_err(|Failed| CryptoError::Backend("a private key from outside"))
}

/// The server's side of a key encapsulation with its randomness from outside: the 32 bytes `m` of
/// FIPS 203.
pub fn encapsulate(
    provider: &OpenSslProvider,
    group: NamedGroup,
    peer_share: &[u8],
    randomness: &[u8],
) -> Result<KxResponse, CryptoError> {
    match names::group(group) {
        Some(Group::Kem(_)) => {
            kx::encapsulate_with(provider.library(), group, peer_share, randomness)
        }
        _ => Err(CryptoError::Unsupported("randomness from outside for this group")),
    }
}

/// RFC 5915 in PKCS#8.
fn elliptic(group: NamedGroup, scalar: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let curve = match group {
        NamedGroup::SECP256R1 => Curve::P256,
        NamedGroup::SECP384R1 => Curve::P384,
        NamedGroup::SECP521R1 => Curve::P521,
        _ => return Err(NO_SUCH_KEY),
    };
    let parameters = name_of(curve).map(AnyRef::from);
    let key = EcPrivateKey { private_key: scalar, parameters: None, public_key: None };
    let key = key.to_der().map(Zeroizing::new).or(Err(NOT_ENCODED))?;
    encode(AlgorithmIdentifierRef { oid: EC_PUBLIC_KEY, parameters }, &key)
}

/// RFC 8410 7 and RFC 9935 6.
fn plain(group: NamedGroup, private_key: &[u8]) -> Result<Zeroizing<Vec<u8>>, CryptoError> {
    let seed = || Zeroizing::new([&ML_KEM_SEED_HEADER, private_key].concat());
    let octets = || {
        let key = OctetStringRef::new(private_key).and_then(|key| key.to_der());
        key.map(Zeroizing::new).or(Err(NOT_ENCODED))
    };
    let (oid, key) = match group {
        NamedGroup::X25519 => (X25519, octets()?),
        NamedGroup::X448 => (X448, octets()?),
        NamedGroup::MLKEM768 => (ML_KEM_768, seed()),
        NamedGroup::MLKEM1024 => (ML_KEM_1024, seed()),
        _ => return Err(NO_SUCH_KEY),
    };
    encode(AlgorithmIdentifierRef { oid, parameters: None }, &key)
}
