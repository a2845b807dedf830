//! DTLS 1.3 (RFC 9147) for Rust: secure datagrams with the cryptography of your choice.
//!
//! This is the crate to depend on. It joins the protocol core ([`dtls_core`], without sockets and
//! clocks) with a provider of cryptography, the judgement of certificates, and endpoints:
//!
//! - [`provider`] has the backends this build was made with; a configuration names the one it
//!   uses, and any other `Arc<dyn CryptoProvider>` does as well.
//! - [`ClientConfig`] and [`ServerConfig`] say who is trusted, what is shown, and what is offered.
//! - `blocking` (feature `blocking`, on by default) has endpoints for threads, `tokio` (feature
//!   `tokio`) the same for tasks: `Endpoint`, `Incoming`, `Connection`. One socket carries many
//!   connections, told apart by address.
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
//! - `rustcrypto` (default): the pure Rust backend. `rsa-signing` adds RSA keys to it: read its
//!   warning.
//! - `blocking` (default), `tokio`: the endpoints.
//! - `webpki-roots`: Mozilla's trust anchors. `native-roots`: the operating system's.
//!
//! Features add and never change what is there.

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
    ClientConfig, ClientConfigBuilder, Dangerous, ServerConfig, ServerConfigBuilder,
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
