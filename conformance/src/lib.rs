//! What every provider of the DTLS 1.3 stack is held to, and the programs that hold it to it.
//!
//! * [`check()`] holds a [`CryptoProvider`](dtls_crypto_api::CryptoProvider), and the core's
//!   record layer and key schedule on top of it, to published vectors and to what is asked of it
//!   beyond them; [`provider_tests!`] makes a test of each group, [`mod@report`] prints what came
//!   out as text, JSON, JUnit's XML or HTML. A provider of yours is checked the same way as ours.
//! * [`vectors`] are the known answers of `data/vectors.json`.
//! * [`pair`] is a client and a server in memory under virtual time; `load` makes them work for
//!   benchmarks, [`memory`] watches what they hold.
//! * [`fuzz`] attacks every state of a connection, and the listener, with bad input.
//!
//! ```
//! use dtls_conformance::{Options, report};
//! use dtls_provider_rustcrypto::RustCryptoProvider;
//!
//! let options = Options { only: vec!["RFC 8448".to_owned()], ..Options::default() };
//! let report = dtls_conformance::check(&RustCryptoProvider::new(), &options);
//! println!("{}", report::text(std::slice::from_ref(&report)));
//! assert!(report.passed());
//! ```

#![forbid(unsafe_code)]

pub mod check;
pub mod fuzz;
#[cfg(feature = "rustcrypto")]
pub mod load;
pub mod matrix;
pub mod memory;
pub mod pair;
pub mod report;
pub mod vectors;

pub use check::{Options, check};
