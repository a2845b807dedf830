//! being written
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
