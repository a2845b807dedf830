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
//!    nothing else.
//! 4. Run the crate `dtls-conformance` against it.
//!
//! Every provider function may be called from several threads at once; the objects it hands out
//! are used by one connection at a time unless they are handed out as `Arc`.
//!
//! # Example: a decorator
//!
//! Wrapping a provider needs no more than forwarding. This one refuses to hand out random bytes
//! after a given number of calls, as a test of error handling might want:
//!
//! ```
//! use dtls_crypto_api::{CryptoError, CryptoProvider};
//! use core::sync::atomic::{AtomicUsize, Ordering};
//!
//! /// Counts how often a provider was asked for random bytes.
//! #[derive(Debug)]
//! struct CountedRandom<P> { inner: P, calls: AtomicUsize }
//!
//! impl<P: CryptoProvider> CountedRandom<P> {
//!     fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
//!         self.calls.fetch_add(1, Ordering::Relaxed);
//!         self.inner.random(out)
//!     }
//! }
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
mod provider;
mod record_keys;
mod secret;
mod signature;

pub use capabilities::{Capabilities, FipsStatus, Offered};
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
