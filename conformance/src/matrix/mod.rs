//! The handshake matrix: every client provider × every server provider × suite × group ×
//! certificate scheme.
//!
//! Each [`Cell`] is a whole connection. The server's chain is signed with its provider's key and
//! judged by webpki with the client's provider; ping and pong go both ways before and after both
//! ends have changed their keys; exporters have to agree; then both close. A cell that one of the
//! two providers has no means for is played too: it has to end with an alert and a clear error at
//! both ends.
//!
//! Cells are played on a simulated link that loses, repeats and delays datagrams, or over real UDP
//! on the loopback interface. All that is random about the simulated link comes from a seed.
//!
//! ```
//! use std::sync::Arc;
//! use dtls_conformance::matrix::{self, Options, Player};
//! use dtls_crypto_api::CryptoProvider;
//! use dtls_provider_rustcrypto::RustCryptoProvider;
//!
//! // A provider of yours stands here beside the others.
//! let providers: [Arc<dyn CryptoProvider>; 1] = [Arc::new(RustCryptoProvider::new())];
//! let players = Player::all(&providers);
//! let cell = "rustcrypto/rustcrypto/TLS_AES_128_GCM_SHA256/X25519/ed25519";
//! let cell = matrix::find(&players, cell)?;
//! let report = matrix::run(&[cell], &Options::default());
//! assert!(report.is_success(), "{}", report.text());
//! # Ok::<(), matrix::UnknownCell>(())
//! ```

mod cell;
mod credentials;
mod end;
mod link;
mod play;
mod report;
mod select;
mod simulated;
mod udp;

pub use cell::{Cell, Expected, Player, UnknownCell, cells, find, refusals};
pub use play::{Options, Transport, run};
pub use report::{CellReport, MatrixReport, PlayerReport};
pub use select::{Cover, covering};
