//! DTLS 1.3 (RFC 9147) for Rust: secure datagrams with the cryptography of your choice.
//!
//! This is the crate to depend on. It joins the protocol core ([`dtls_core`], without sockets and
//! clocks) with a provider of cryptography, the judgement of certificates, and endpoints:
//!
//! - [`provider`] has the backends this build was made with; a configuration names the one it
//!   uses, and any other `Arc<dyn CryptoProvider>` does as well. [`provider::Restricted`] keeps
//!   one to a policy, [`provider::Counted`] counts what it does.
//! - [`ClientConfig`] and [`ServerConfig`] say who is trusted, what is shown, and what is offered.
//! - `blocking` (feature `blocking`, on by default) has endpoints for threads, `tokio` (feature
//!   `tokio`) the same for tasks: `Endpoint`, `Incoming`, `Connection`. One socket carries many
//!   connections, told apart by address.
//! - [`FailoverConfig`] moves new connections to another provider when one fails; it is a
//!   [`ConfigSource`], as is whatever else chooses the configuration of each new connection.
//! - [`Answers`] is for who drives a [`dtls_core::Connection`] over a transport of their own.
//!
//! # Example
//!
//! A server and a client in one process:
//!
//! ```
//! # #[cfg(not(all(feature = "blocking", feature = "rustcrypto")))]
//! # fn main() {}
//! # #[cfg(all(feature = "blocking", feature = "rustcrypto"))]
//! # mod authority {
//! #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/authority.rs"));
//! # }
//! # #[cfg(all(feature = "blocking", feature = "rustcrypto"))]
//! # fn main() -> Result<(), dtls13::Error> {
//! use dtls13::blocking::Endpoint;
//! use dtls13::{ClientConfig, RootStore, ServerConfig, provider};
//!
//! # let authority = authority::Authority::new("authority");
//! # let made = authority.issue(&authority::Leaf::server("server.example"));
//! # let (chain, key, root) = (made.chain, made.key, authority.certificate());
//! // `chain` and `key` are the server's, `root` is the authority's certificate; `dtls13::pem`
//! // reads them from files.
//! let config = ServerConfig::builder(provider::rustcrypto())
//!     .with_no_client_auth()
//!     .with_cert(chain, &key)?;
//! let server = Endpoint::server("127.0.0.1:0", config)?;
//! let address = server.local_address();
//! std::thread::spawn(move || -> Result<(), dtls13::Error> {
//!     let connection = server.accept()?.accept()?;
//!     let question = connection.recv()?;
//!     connection.send(&question)
//! });
//!
//! let mut roots = RootStore::new();
//! roots.add(&root)?;
//! let config = ClientConfig::builder(provider::rustcrypto())
//!     .with_roots(roots)
//!     .with_no_client_auth()?;
//! let endpoint = Endpoint::bind("127.0.0.1:0")?;
//! let connection = endpoint.connect(address, "server.example", &config)?;
//! connection.send(b"ping")?;
//! assert_eq!(connection.recv()?, b"ping");
//! # Ok(())
//! # }
//! ```
//!
//! # What datagrams are like
//!
//! As with UDP, a datagram may be lost, doubled by nobody (a replay is dropped), and overtaken by
//! another; it is never altered. What is longer than a connection's `max_payload` is refused.
//! Handshake messages are cut to the MTU and sent again until they are acknowledged.
//!
//! # Features
//!
//! | feature | default | adds |
//! |---|---|---|
//! | `rustcrypto` | yes | [`provider::rustcrypto`]: pure Rust, needs nothing |
//! | `rsa-signing` | no | RSA keys of one's own with `rustcrypto`, whose private operation is not constant-time (RUSTSEC-2023-0071) |
//! | `openssl` | no | [`provider::openssl`] on the system's OpenSSL, 3.0 or newer |
//! | `openssl-vendored` | no | the same on an OpenSSL built from source |
//! | `fips` | no | [`provider::openssl_fips`]: OpenSSL with a FIPS module of yours; with either of the above |
//! | `botan` | no | [`provider::botan`] on the system's Botan 3 |
//! | `botan-vendored` | no | the same on a Botan built from source |
//! | `plugin` | no | [`provider::plugin`]: a provider in a shared library, loaded at run time |
//! | `blocking` | yes | `blocking`: endpoints for threads |
//! | `tokio` | no | `tokio`: endpoints for tasks |
//! | `webpki-roots` | no | Mozilla's trust anchors |
//! | `native-roots` | no | the operating system's trust anchors |
//!
//! Without any backend the crate builds all the same, and takes a provider of your own. Whoever
//! then calls one of the functions above is told by the compiler which feature it needs.
//!
//! Features add and never change what is there: none switches a provider or a default.

#![forbid(unsafe_code)]

mod answers;
#[cfg(feature = "blocking")]
pub mod blocking;
mod config;
mod credential;
#[cfg(any(feature = "blocking", feature = "tokio"))]
mod endpoint;
mod error;
mod key_log;
pub mod pem;
pub mod provider;
#[cfg(feature = "tokio")]
pub mod tokio;
mod verify;

pub use answers::Answers;
pub use config::{
    ClientConfig, ClientConfigBuilder, ConfigSource, Dangerous, FailedProvider, FailoverConfig,
    FailoverOptions, ProviderFailure, ServerConfig, ServerConfigBuilder, Standing,
    WantsClientCredential, WantsServerCredential,
};
pub use credential::CertifiedKey;
#[cfg(any(feature = "blocking", feature = "tokio"))]
pub use endpoint::{EndpointOptions, Stats};
pub use error::Error;
pub use key_log::KeyLog;
pub use verify::RootStore;

pub use dtls_core as core;
pub use dtls_core::{ClientAuth, CookiePolicy, Summary, TimerConfig};
pub use pki_types;
