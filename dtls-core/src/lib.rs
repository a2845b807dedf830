//! DTLS 1.3 (RFC 9147) as a sans-IO state machine.
//!
//! This crate never opens a socket, reads a clock, spawns a thread or logs, and it holds no
//! cryptography: time comes in as an argument, ciphers through the
//! [`CryptoProvider`](crypto::CryptoProvider) of the configuration, observations leave as
//! [`Event`]s and [`Stats`]. It is `no_std` + `alloc` and has no `unsafe` code. Applications use
//! the crate `dtls13`, which adds sockets and certificate verification; this one is for those
//! who bring their own.
//!
//! # How a connection is driven
//!
//! ```text
//! datagram in ──► Connection::receive ──► application data, lent out of the datagram
//!                 Connection::need / resolve      certificates, signatures, verdicts
//!                 Connection::deadline / handle_deadline
//!                 Connection::poll_event
//! datagram out ◄── Connection::poll_transmit, Connection::seal_in_place
//! ```
//!
//! A server puts a [`Listener`] in front: until a client has shown that it receives at its
//! address there is no connection, and no state about it.
//!
//! # Example
//!
//! Client and server in one thread, joined by nothing but function calls:
//!
//! ```
//! use std::sync::Arc;
//! use dtls_core::crypto::{CryptoProvider, Curve, KeyKind, SignatureScheme, SigningKey};
//! use dtls_core::{
//!     Answer, ClientConfig, Connection, Credential, Inbound, NeedKind, Now, PathId, ServerConfig,
//! };
//! use dtls_provider_rustcrypto::RustCryptoProvider;
//!
//! # fn certificate(spki: &[u8]) -> Vec<u8> {
//! #     // The least a public key can stand in; real ones come from a certificate authority.
//! #     let mut tbs = vec![0x02, 1, 1, 0x30, 0, 0x30, 0, 0x30, 0, 0x30, 0];
//! #     tbs.extend_from_slice(spki);
//! #     let mut inner = vec![0x30, tbs.len() as u8];
//! #     inner.extend(tbs);
//! #     let mut outer = vec![0x30, 0x81, inner.len() as u8];
//! #     outer.extend(inner);
//! #     outer
//! # }
//! let provider: Arc<dyn CryptoProvider> = Arc::new(RustCryptoProvider::new());
//! let key = provider.generate_private_key(KeyKind::Ecdsa(Curve::P256))?.key;
//! let chain: Arc<[_]> = [certificate(key.public_key()).into()].into();
//! let scheme = SignatureScheme::ECDSA_SECP256R1_SHA256;
//!
//! let (now, path) = (Now::default(), PathId::default());
//! let config = Arc::new(ClientConfig::new(provider.clone()));
//! let mut client = Connection::client(config, Some("example.com".into()), now, path)?;
//! // This transport needs no proof of the client's address; a real server has a `Listener`.
//! let config = Arc::new(ServerConfig::new(provider));
//! let mut server = Connection::server(config, now, path, true)?;
//!
//! let mut datagram = [0; 1500];
//! while !(client.is_connected() && server.is_connected()) {
//!     for to_server in [true, false] {
//!         let (from, to) =
//!             if to_server { (&mut client, &mut server) } else { (&mut server, &mut client) };
//!         while let Some(transmit) = from.poll_transmit(now, &mut datagram, 1) {
//!             // Nothing but handshake yet, so nothing comes out for the application.
//!             assert!(to.receive(now, path, &mut datagram[..transmit.len]).next()?.is_none());
//!         }
//!         while let Some(need) = to.need().cloned() {
//!             let answer = match need.kind {
//!                 NeedKind::Credential(_) => {
//!                     Answer::Credential(Some(Credential { chain: chain.clone(), scheme }))
//!                 }
//!                 NeedKind::Signature { scheme, message } => {
//!                     let algorithm = scheme.algorithm().ok_or("unknown scheme")?;
//!                     Answer::Signature(Some(key.sign(algorithm, &message)?))
//!                 }
//!                 // Judging the chain is the caller's: never answer like this in earnest.
//!                 NeedKind::PeerCertificate(_) => Answer::PeerCertificate(Ok(())),
//!                 _ => unreachable!("no other need arises here"),
//!             };
//!             to.resolve(now, need.id, answer)?;
//!         }
//!     }
//! }
//!
//! let mut buffer = [0; 100];
//! let start = client.headroom();
//! buffer[start..start + 5].copy_from_slice(b"hello");
//! let record = client.seal_in_place(now, &mut buffer, start..start + 5)?;
//! let mut received = server.receive(now, path, &mut buffer[record]);
//! let Some(Inbound::Data { bytes, .. }) = received.next()? else { panic!("no data") };
//! assert_eq!(bytes, b"hello");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is here
//!
//! Full 1-RTT handshakes with server and client certificates, HelloRetryRequest for group and
//! cookie, ALPN, SNI; record-number encryption, fragmentation, ACKs and retransmission; key
//! updates; closing. Resumption, PSK, early data and connection IDs are not here yet.

#![no_std]
#![forbid(unsafe_code)]
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::expect_used, clippy::panic)
)]

extern crate alloc;

mod config;
pub mod connection;
mod error;
pub mod flight;
pub mod handshake;
pub mod key_schedule;
pub mod listener;
pub mod record;
mod time;
pub mod wire;

pub use config::{ClientAuth, ClientConfig, CommonConfig, DEFAULT_MTU, MIN_MTU, ServerConfig};
pub use connection::event::{Event, KeyLogLine};
pub use connection::need::{
    Answer, Credential, CredentialRequest, DecisionId, Need, NeedKind, PeerCertificate,
};
pub use connection::receive::{Inbound, Received};
pub use connection::stats::{Dropped, Stats};
pub use connection::summary::Summary;
pub use connection::transmit::Transmit;
pub use connection::{Connection, PathId};
pub use error::{
    CertificateRejection, Error, InvalidMessage, Limit, LocalError, PeerIncompatible,
    PeerMisbehaved, SendError, Timeout,
};
pub use flight::timer::TimerConfig;
pub use listener::{CookiePolicy, Incoming, Listener, Verdict};
pub use time::{Instant, Now};

/// The crate of the provider trait this core is built on.
pub use dtls_crypto_api as crypto;
