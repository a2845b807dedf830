//! DTLS 1.3 (RFC 9147) for Rust: secure datagrams with the cryptography of your choice.

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
