//! The [`CryptoProvider`](dtls_crypto_api::CryptoProvider) of the DTLS 1.3 stack that is written
//! in Rust all the way down: the RustCrypto crates and the dalek curves. It is the backend for
//! embedded systems and for whoever wants to build with nothing but a Rust compiler. `no_std` +
//! `alloc`, no `unsafe` of its own.
//!
//! # What it offers
//!
//! - Suites: AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305, AES-128-CCM, and AES-128-CCM-8, which
//!   RFC 9147 4.5.3 wants nobody to use unasked and which therefore stands last.
//! - Groups: X25519MLKEM768, X25519, P-256, P-384, P-521, SecP256r1MLKEM768, SecP384r1MLKEM1024;
//!   ML-KEM-768 and ML-KEM-1024 as halves.
//! - Signing and verifying with ECDSA on the three curves and Ed25519; verifying RSA, PKCS#1 v1.5
//!   and PSS, with keys of 2048 to 8192 bits.
//!
//! # Randomness
//!
//! With the feature `std` (on by default) [`RustCryptoProvider::new`] takes it from the operating
//! system. Without, [`RustCryptoProvider::with_random`] takes a [`RandomSource`] of the caller's.
//! Either is the only source of everything random here; when it fails, the call fails with
//! [`CryptoError::RandomFailed`](dtls_crypto_api::CryptoError::RandomFailed).
//!
//! # Optional features
//!
//! Each is off by default for the reason given.
//!
//! - `rsa-signing`: RSA-PSS signing, RSA keys loaded and generated. The private operation of the
//!   `rsa` crate is blinded but not constant-time (RUSTSEC-2023-0071): an attacker who can time
//!   many signatures over a network may learn the key. Verifying needs no secret and no feature.
//! - `x448`, `ed448`: Curve448, from crates that are pre-releases.
//! - `ml-dsa`: ML-DSA signatures (FIPS 204), from a crate that nobody has audited.
//!
//! # Side channels
//!
//! AES and GHASH use the processor's instructions where they are found at run time (x86 with
//! AES-NI and CLMUL, AArch64 with the cryptography extension), and bit-sliced constant-time code
//! elsewhere. Secret keys and states are wiped when dropped; copies that the compiler leaves on
//! the stack are not.
//!
//! # Example
//!
//! ```
//! # #[cfg(feature = "std")]
//! # fn main() -> Result<(), dtls_crypto_api::CryptoError> {
//! use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, NamedGroup, RecordSecrets};
//! use dtls_provider_rustcrypto::RustCryptoProvider;
//!
//! let provider = RustCryptoProvider::new();
//!
//! // A client and a server agree on a secret.
//! let client = provider.start_key_exchange(NamedGroup::X25519MLKEM768)?;
//! let server = provider.encapsulate(NamedGroup::X25519MLKEM768, client.share())?;
//! let secret = client.complete(&server.share)?;
//! assert_eq!(secret.expose(), server.secret.expose());
//!
//! // One seals a record in place, the other opens it.
//! let secrets = RecordSecrets {
//!     aead: AeadAlgorithm::Aes128Gcm,
//!     key: &[1; 16],
//!     iv: &[2; 12],
//!     record_number_key: &[3; 16],
//! };
//! let mut record = *b"hello, peer                 "; // 12 bytes and room for the tag
//! provider.seal_key(&secrets)?.seal(0, b"header", &mut record)?;
//! let len = provider.open_key(&secrets)?.open(0, b"header", &mut record)?;
//! assert_eq!(&record[..len], b"hello, peer ");
//! # Ok(())
//! # }
//! # #[cfg(not(feature = "std"))]
//! # fn main() {}
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

mod aead;
mod capabilities;
#[cfg(feature = "std")]
mod cpu;
mod curve;
mod envelope;
mod hash;
mod kx;
mod mask;
mod oid;
mod provider;
mod random;
mod rsa_key;
mod sign;
mod verify;

pub use provider::RustCryptoProvider;
pub use random::RandomSource;
