//! What every provider of the DTLS 1.3 stack is held to, and the programs that hold it to it.
//!
//! * [`vectors`] are the known answers of `data/vectors.json`; [`check`] compares a
//!   [`CryptoProvider`](dtls_crypto_api::CryptoProvider) and the core's record layer and key
//!   schedule with them. A provider of yours is checked the same way as ours.
//! * [`pair`] is a client and a server in memory under virtual time; `load` makes them work for
//!   benchmarks, [`memory`] watches what they hold.
//! * [`fuzz`] attacks every state of a connection, and the listener, with bad input.
//!
//! ```
//! use dtls_conformance::check;
//! use dtls_provider_rustcrypto::RustCryptoProvider;
//!
//! let report = check::all(&RustCryptoProvider::new())?;
//! assert!(report.not_offered.is_empty());
//! println!("{} values agree", report.passed);
//! # Ok::<(), check::Mismatch>(())
//! ```

#![forbid(unsafe_code)]

pub mod check;
pub mod fuzz;
#[cfg(feature = "rustcrypto")]
pub mod load;
pub mod memory;
pub mod pair;
pub mod vectors;
