//! The trait itself.

use alloc::boxed::Box;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt::Debug;

use pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};

use crate::capabilities::Capabilities;
use crate::code_points::{HashAlgorithm, NamedGroup};
use crate::error::CryptoError;
use crate::hash::{Digest, HashContext};
use crate::key_exchange::{KeyExchange, KxResponse};
use crate::label::Label;
use crate::record_keys::{OpenKey, RecordSecrets, SealKey};
use crate::secret::Secret;
use crate::signature::{GeneratedKey, KeyKind, SignatureAlgorithm, SigningKey};

/// A source of all the cryptography a DTLS 1.3 connection needs.
///
/// Object-safe, shared by many connections and threads. It has no provided methods on purpose:
/// a decorator that forgets to forward one does not compile. Where a backend has nothing of its
/// own, it calls the functions in [`generic`](crate::generic) and [`hybrid`](crate::hybrid).
///
/// A function asked for something that [`Capabilities`] does not list answers
/// [`CryptoError::Unsupported`].
pub trait CryptoProvider: Debug + Send + Sync {
    /// What this provider offers, in order of preference. The same answer every time.
    fn capabilities(&self) -> &Capabilities;

    /// Tests that the provider works, now: what a module has as its own self test, or
    /// [`generic::self_test`](crate::generic::self_test). Takes milliseconds; for start-up and
    /// health checks.
    ///
    /// # Errors
    /// [`CryptoError::SelfTestFailed`] with the part that is broken.
    fn self_test(&self) -> Result<(), CryptoError>;

    /// Fills `out` with bytes from a cryptographically secure source.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`]; `out` must then not be used.
    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError>;

    /// Begins a hash.
    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError>;

    /// HMAC (RFC 2104) over the concatenation of `data`.
    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError>;

    /// HKDF-Extract (RFC 5869 2.2). An empty salt means as many zeros as the hash is long.
    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError>;

    /// HKDF-Expand (RFC 5869 2.3) with the concatenation of `info`; fills all of `out`, at most
    /// 255 times the hash length.
    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError>;

    /// One extract step of the TLS 1.3 key schedule (RFC 8446 7.1).
    ///
    /// Without `previous` this is `HKDF-Extract(0, input)`. With it, the salt is
    /// `Derive-Secret(previous, "derived", "")`, which the provider computes itself, since the
    /// TLS 1.3 KDF of a FIPS module does exactly this in one step. A missing `input` means as
    /// many zeros as the hash is long. [`generic::schedule_extract`](crate::generic::schedule_extract)
    /// does it from [`Self::hash`], [`Self::hkdf_extract`] and [`Self::hkdf_expand`].
    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError>;

    /// `HKDF-Expand-Label` (RFC 8446 7.1): fills all of `out`, at most 65535 bytes.
    /// [`generic::schedule_expand`](crate::generic::schedule_expand) does it from
    /// [`Self::hkdf_expand`].
    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError>;

    /// A key that protects the records we send in one epoch.
    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError>;

    /// A key that opens the records we receive in one epoch.
    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError>;

    /// The client's first step: a fresh key pair. Never reused (RFC 9846 4.2.8).
    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError>;

    /// The server's only step, the same for Diffie-Hellman, KEM and hybrid groups.
    ///
    /// # Errors
    /// [`CryptoError::BadKeyShare`] as for [`KeyExchange::complete`]; for ML-KEM also when the
    /// encapsulation key fails the check of FIPS 203 7.2.
    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError>;

    /// Loads a private key from PKCS#8, SEC1 or PKCS#1.
    fn load_private_key(&self, der: &PrivateKeyDer<'_>)
    -> Result<Arc<dyn SigningKey>, CryptoError>;

    /// Makes a new private key.
    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError>;

    /// Verifies a signature over `message` (not its hash) with a public key.
    ///
    /// The key's own algorithm identifier has to fit: an `RsaPssRsae` signature wants an
    /// rsaEncryption key, an `RsaPssPss` one an RSASSA-PSS key, ECDSA the named curve.
    ///
    /// # Errors
    /// [`CryptoError::BadPublicKey`] when the key does not fit, [`CryptoError::BadSignature`]
    /// when the signature does not verify or is not canonical.
    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError>;

    /// An envelope that seals session tickets under this key.
    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError>;
}

/// Authenticated encryption of small things, such as tickets, that a server gives to a peer and
/// wants back unread and unchanged. Shareable; draws its own nonce for each seal.
pub trait Envelope: Send + Sync {
    /// Seals `plaintext`, bound to `aad`. Longer than the plaintext by a nonce and a tag.
    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError>;

    /// Opens what [`Self::seal`] made with the same key and `aad`.
    ///
    /// # Errors
    /// [`CryptoError::BadEnvelope`] for anything else.
    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError>;
}
