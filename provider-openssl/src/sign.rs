//! Private keys: loading, generating, signing.

use core::fmt;
use std::sync::Arc;

use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{
    Capabilities, CryptoError, GeneratedKey, KeyKind, SignatureAlgorithm, SigningKey,
};

use crate::ffi::{Failed, Key, Library, Params};
use crate::names;
use crate::private_key;
use crate::signature::{self, RSA_BITS};

/// What asks a key for a signature of another kind.
const NOT_THIS_KEY: CryptoError =
    CryptoError::Unsupported("this signature algorithm with this key");
/// What a provider answers for a kind of key that it does not sign with.
const NOT_THIS_KIND: CryptoError = CryptoError::Unsupported("this kind of private key");

/// Loads a key from any of the three forms PEM files hold.
pub(crate) fn load(
    library: &Arc<Library>,
    capabilities: &Capabilities,
    der: &PrivateKeyDer<'_>,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    decode(library, capabilities, der, Origin::Stored)
}

/// Where a key comes from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// A file: whether it is whole has to be seen.
    Stored,
    /// This library, just now. Looking for primes in it again would take long.
    Generated,
}

fn decode(
    library: &Arc<Library>,
    capabilities: &Capabilities,
    der: &PrivateKeyDer<'_>,
    origin: Origin,
) -> Result<Arc<dyn SigningKey>, CryptoError> {
    let stored = private_key::decode(der)?;
    let mut algorithms = stored.algorithms.clone();
    algorithms.retain(|algorithm| capabilities.can_sign(*algorithm));
    let first = algorithms.first().copied();
    let (kind, _) = first.and_then(names::signature).ok_or(NOT_THIS_KIND)?;
    let key = Key::from_pkcs8(library, kind, &stored.pkcs8);
    let key = key.map_err(|Failed| private_key::CONTRADICTORY)?;
    if origin == Origin::Stored && stored.has_parts() {
        key.check().map_err(|Failed| private_key::CONTRADICTORY)?;
    }
    let public = stored.public_key(&key)?;
    Ok(Arc::new(OpenSslKey { key, public, algorithms }))
}

/// Makes a new key.
pub(crate) fn generate(
    library: &Arc<Library>,
    capabilities: &Capabilities,
    kind: KeyKind,
) -> Result<GeneratedKey, CryptoError> {
    let bits;
    let params = Params::new();
    let (name, params) = match kind {
        KeyKind::Ecdsa(curve) => {
            let curve = names::curve(curve).ok_or(NOT_GENERATED)?;
            (names::EC, params.text(c"group", curve))
        }
        KeyKind::Rsa(wanted) if RSA_BITS.contains(&usize::from(wanted)) => {
            bits = usize::from(wanted).to_ne_bytes();
            (names::RSA, params.unsigned(c"bits", &bits))
        }
        KeyKind::Rsa(_) => return Err(CryptoError::Unsupported("an RSA key of this size")),
        KeyKind::Ed25519 => (c"ED25519", params),
        KeyKind::Ed448 => (c"ED448", params),
        KeyKind::MlDsa44 => (c"ML-DSA-44", params),
        KeyKind::MlDsa65 => (c"ML-DSA-65", params),
        KeyKind::MlDsa87 => (c"ML-DSA-87", params),
        _ => return Err(NOT_GENERATED),
    };
    let same = |offered: KeyKind| match (offered, kind) {
        // Of RSA keys the usual sizes are listed, but any in the range can be made.
        (KeyKind::Rsa(_), KeyKind::Rsa(_)) => true,
        _ => offered == kind,
    };
    if !capabilities.generate.iter().any(|offered| same(offered.id)) {
        return Err(NOT_GENERATED);
    }
    let key = Key::generate(library, name, &params);
    let pkcs8 = key.and_then(|key| key.to_pkcs8());
    let pkcs8 = pkcs8.map_err(|Failed| CryptoError::Backend("key generation"))?;
    let der = PrivateKeyDer::Pkcs8(pkcs8.as_slice().into());
    let key = decode(library, capabilities, &der, Origin::Generated)?;
    Ok(GeneratedKey { key, pkcs8 })
}

const NOT_GENERATED: CryptoError = CryptoError::Unsupported("generating this kind of key");

struct OpenSslKey {
    key: Key,
    public: Vec<u8>,
    algorithms: Vec<SignatureAlgorithm>,
}

impl fmt::Debug for OpenSslKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenSslKey").field("algorithms", &self.algorithms).finish_non_exhaustive()
    }
}

impl SigningKey for OpenSslKey {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        &self.algorithms
    }

    fn public_key(&self) -> &[u8] {
        &self.public
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        if !self.algorithms.contains(&algorithm) {
            return Err(NOT_THIS_KEY);
        }
        let (hash, params) = signature::parameters(algorithm);
        let signature = self.key.sign(hash, &params, message);
        signature.map_err(|Failed| CryptoError::Backend("signing"))
    }
}
