//! The [`CryptoProvider`](dtls_crypto_api::CryptoProvider) of the DTLS 1.3 stack that stands on
//! [Botan 3](https://botan.randombit.net), a C++ library. It reaches it through the crate `botan`
//! and has no `unsafe` code of its own.
//!
//! # What it offers
//!
//! - Suites: AES-128-GCM, AES-256-GCM, ChaCha20-Poly1305, AES-128-CCM, and AES-128-CCM-8, which
//!   RFC 9147 4.5.3 wants nobody to use unasked and which therefore stands last.
//! - Groups: X25519MLKEM768, X25519, P-256, P-384, P-521, X448, SecP256r1MLKEM768,
//!   SecP384r1MLKEM1024; ML-KEM-768 and ML-KEM-1024 as halves.
//! - Signing and verifying: ECDSA on the three curves, Ed25519, Ed448, RSA with PSS and PKCS#1 v1.5
//!   padding and keys of 2048 to 8192 bits, ML-DSA-44, -65 and -87.
//!
//! That is what Botan 3.8 and later can do in full. What an older or a smaller build of the
//! library lacks is found out when the first provider of a process is made, and not offered:
//! ML-KEM and ML-DSA came with 3.6, X448 and Ed448 with 3.4.
//!
//! There is no FIPS mode.
//!
//! # What is borrowed
//!
//! The record numbers of the ChaCha20-Poly1305 suite are encrypted with a block of ChaCha20 at a
//! counter that the record gives (RFC 9147 4.2.3). Botan's C interface cannot begin at a counter,
//! so this block comes from the crate `chacha20`, and
//! [`Offered::borrowed_from`](dtls_crypto_api::Offered::borrowed_from) says so. The records
//! themselves, and everything else, are Botan's work.
//!
//! # What is not left to Botan
//!
//! Botan judges a key by what it holds. Here a key also has to be what its name says: an
//! RSASSA-PSS key is no rsaEncryption key and keeps to its parameters, a curve is a named one, a
//! point is uncompressed, and nothing that was stored in a private key contradicts the rest.
//! SEC1, and PKCS#8 with a public key in it, are read here, since Botan does not.
//!
//! Signatures with ECDSA are deterministic where Botan was built so, as it usually is (RFC 6979).
//!
//! # Randomness
//!
//! [`BotanProvider::new`] takes it from the operating system through Botan;
//! [`BotanProvider::with_random`] from another of Botan's generators. Botan itself draws a little
//! for blinding, always from the operating system. A source that fails makes the call fail with
//! [`CryptoError::RandomFailed`](dtls_crypto_api::CryptoError::RandomFailed).
//!
//! # Linking
//!
//! By default the system's library is linked: `libbotan-3-dev` on Debian 13 and Ubuntu 25.04,
//! `botan3-devel` on Fedora, `botan` from Homebrew. `BOTAN_INCLUDE_DIR` (the folder that holds
//! `botan-3/`) and `BOTAN_LIB_DIR` point to one elsewhere; if it is a static one, the C++ runtime
//! is linked too. Botan 2 does not do.
//!
//! Without Botan 3 the build stops, and the error names these packages; but with few jobs the
//! build of the crate `botan-sys` may stop first, with *Unable to find the headers corresponding
//! with any supported version of Botan* or *`BOTAN_INCLUDE_DIR` does not point to a valid
//! location*. It means the same.
//!
//! The feature `vendored` builds Botan from the source in the crate `botan-src` and links it
//! statically, which takes a C++20 compiler, `make`, Python and a quarter of an hour on two
//! cores. `BOTAN_CONFIGURE_DISABLE_MODULES` leaves out modules; the list with which this project
//! builds it, in three minutes, stands in `.cargo/config.toml` of its repository.
//!
//! # Records
//!
//! A record takes no memory from the heap in this crate, once the longest has made room for the
//! others, and none inside of Botan save about one piece for each with CCM. One that does not
//! open costs some two microseconds more than one that does, and a few pieces, since Botan makes
//! an exception of it and the crate `botan` a text.
//!
//! # Side channels
//!
//! Botan is written for constant time in what touches secrets, and uses the processor's AES and
//! carry-less multiplication where it finds them at run time. It wipes its keys. What this crate
//! holds of secrets (IVs, the mask key of ChaCha20, the key of an envelope) it wipes as well.
//!
//! # Example
//!
//! ```
//! use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, NamedGroup, RecordSecrets};
//! use dtls_provider_botan::BotanProvider;
//!
//! # fn main() -> Result<(), dtls_crypto_api::CryptoError> {
//! let provider = BotanProvider::new();
//! provider.self_test()?;
//!
//! // A client and a server agree on a secret.
//! let client = provider.start_key_exchange(NamedGroup::X25519)?;
//! let server = provider.encapsulate(NamedGroup::X25519, client.share())?;
//! let secret = client.complete(&server.share)?;
//! assert_eq!(secret.expose(), server.secret.expose());
//!
//! // One seals a record in place, the other opens it.
//! let secrets = RecordSecrets {
//!     aead: AeadAlgorithm::ChaCha20Poly1305,
//!     key: &[1; 32],
//!     iv: &[2; 12],
//!     record_number_key: &[3; 32],
//! };
//! let mut record = *b"hello, peer                 "; // 12 bytes and room for the tag
//! provider.seal_key(&secrets)?.seal(0, b"header", &mut record)?;
//! let len = provider.open_key(&secrets)?.open(0, b"header", &mut record)?;
//! assert_eq!(&record[..len], b"hello, peer ");
//! # Ok(())
//! # }
//! ```

#![forbid(unsafe_code)]

mod aead;
mod capabilities;
mod curve;
mod envelope;
mod error;
mod hash;
mod kx;
mod mask;
mod oid;
mod provider;
mod public_key;
mod random;
mod rsa_key;
mod scheme;
mod sign;
#[cfg(feature = "test-access")]
#[doc(hidden)]
pub mod test_access;
mod verify;

pub use provider::BotanProvider;
