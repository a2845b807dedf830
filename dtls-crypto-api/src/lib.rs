//! What a cryptographic backend has to offer to a DTLS 1.3 (RFC 9147) stack.
//!
//! The protocol core of this workspace never touches a cipher: everything it needs goes through
//! one object-safe trait, [`CryptoProvider`]. This crate holds that trait, the code points it
//! speaks of, and the few things every backend shares (the hybrid key exchange built from two
//! halves, the generic form of the TLS 1.3 key schedule). It is `no_std` + `alloc`, and has no
//! `unsafe` code.
//!
//! # Writing a provider
//!
//! 1. List in a [`Capabilities`] exactly what works, in your order of preference. What is not
//!    listed is never asked for. What you borrow from another library, say in
//!    [`Offered::borrowed_from`].
//! 2. Implement [`CryptoProvider`]. The trait has no provided methods, so a wrapper that forgets
//!    one does not compile; where your library has nothing of its own, call the free functions
//!    in [`generic`] and [`hybrid`].
//! 3. Implement [`SealKey`] and [`OpenKey`] with every key schedule computed once, when the
//!    object is made: the core calls `seal` and `record_number_mask` once per record and
//!    nothing that takes time besides.
//! 4. Run the crate `dtls-conformance` against it.
//!
//! Every provider function may be called from several threads at once; the objects it hands out
//! are used by one connection at a time unless they are handed out as `Arc`.
//!
//! # Example: asking a provider
//!
//! Everything goes through the trait object, whoever stands behind it:
//!
//! ```
//! use dtls_crypto_api::{CipherSuite, CryptoError, CryptoProvider, NamedGroup};
//!
//! /// A fresh 16-byte identifier.
//! fn identifier(provider: &dyn CryptoProvider) -> Result<[u8; 16], CryptoError> {
//!     let mut id = [0; 16];
//!     provider.random(&mut id)?;
//!     Ok(id)
//! }
//!
//! /// Whether two ends with these providers can agree on something post-quantum.
//! fn is_post_quantum(a: &dyn CryptoProvider, b: &dyn CryptoProvider) -> bool {
//!     let groups = NamedGroup::KNOWN.iter().filter(|group| group.is_hybrid());
//!     groups.clone().any(|g| a.capabilities().has_group(*g) && b.capabilities().has_group(*g))
//! }
//! # let _ = (identifier, is_post_quantum, CipherSuite::KNOWN);
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod capabilities;
mod code_points;
mod error;
pub mod generic;
mod hash;
pub mod hybrid;
mod key_exchange;
mod label;
mod numbers;
mod provider;
mod record_keys;
mod secret;
mod self_test;
mod signature;

pub use capabilities::{Capabilities, Detail, FipsStatus, Offered};
pub use code_points::{AeadAlgorithm, CipherSuite, HashAlgorithm, NamedGroup, SignatureScheme};
pub use error::CryptoError;
pub use hash::{Digest, HashContext};
pub use key_exchange::{KeyExchange, KxResponse, SharedSecret};
pub use label::{DTLS13_PREFIX, Label, TLS13_PREFIX};
pub use provider::{CryptoProvider, Envelope};
pub use record_keys::{IV_LEN, OpenKey, RecordSecrets, SAMPLE_LEN, SealKey, nonce};
pub use secret::{MAX_SECRET_LEN, Secret};
pub use signature::{Curve, GeneratedKey, KeyKind, SignatureAlgorithm, SigningKey};

/// The types of `rustls-pki-types` that appear in this crate's interface.
pub mod pki_types {
    pub use pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer};
}
pub use subtle::ConstantTimeEq;
pub use zeroize::{Zeroize, Zeroizing};
