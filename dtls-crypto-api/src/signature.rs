//! Signatures and private keys.

use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use zeroize::Zeroizing;

use crate::code_points::{HashAlgorithm, SignatureScheme};
use crate::error::CryptoError;

/// A NIST curve used for ECDSA.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
}

/// A signature algorithm by key type *and* hash.
///
/// This is finer than [`SignatureScheme`]: certificate chains hold pairs, such as P-256 with
/// SHA-384, that have no TLS 1.3 code point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// ECDSA, signature in DER.
    Ecdsa(Curve, HashAlgorithm),
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// Ed448 (RFC 8032).
    Ed448,
    /// RSASSA-PKCS1-v1_5; the key's algorithm is rsaEncryption.
    RsaPkcs1(HashAlgorithm),
    /// RSASSA-PSS with MGF1 of the same hash and a salt as long as the hash; the key's
    /// algorithm is rsaEncryption.
    RsaPssRsae(HashAlgorithm),
    /// The same, but the key's algorithm is RSASSA-PSS.
    RsaPssPss(HashAlgorithm),
    /// ML-DSA-44 (FIPS 204), empty context.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

impl SignatureAlgorithm {
    /// The TLS 1.3 scheme that names this algorithm, where there is one.
    pub fn scheme(self) -> Option<SignatureScheme> {
        SignatureScheme::KNOWN.iter().copied().find(|s| s.algorithm() == Some(self))
    }
}

/// A kind of private key that can be generated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum KeyKind {
    /// An ECDSA key.
    Ecdsa(Curve),
    /// An Ed25519 key.
    Ed25519,
    /// An Ed448 key.
    Ed448,
    /// An RSA key with a modulus of this many bits.
    Rsa(u16),
    /// An ML-DSA-44 key.
    MlDsa44,
    /// An ML-DSA-65 key.
    MlDsa65,
    /// An ML-DSA-87 key.
    MlDsa87,
}

/// A loaded private key. Signing is synchronous; a key that lives elsewhere (an HSM, a remote
/// signer) is used through the connection's `Need`, not through this trait.
pub trait SigningKey: fmt::Debug + Send + Sync {
    /// What the key can make, best first.
    fn algorithms(&self) -> &[SignatureAlgorithm];

    /// The public key as a DER `SubjectPublicKeyInfo`, to be compared with the certificate's.
    fn public_key(&self) -> &[u8];

    /// Signs `message` (not its hash).
    ///
    /// # Errors
    /// [`CryptoError::Unsupported`] when `algorithm` is not one of [`Self::algorithms`].
    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError>;
}

/// A private key made by [`generate_private_key`](crate::CryptoProvider::generate_private_key).
pub struct GeneratedKey {
    /// The key as PKCS#8 DER, to be stored.
    pub pkcs8: Zeroizing<Vec<u8>>,
    /// The same key, loaded.
    pub key: Arc<dyn SigningKey>,
}

impl fmt::Debug for GeneratedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GeneratedKey").field("key", &self.key).finish_non_exhaustive()
    }
}
