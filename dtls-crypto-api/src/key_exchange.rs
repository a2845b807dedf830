//! Key exchange: one form for Diffie-Hellman, KEMs and hybrids.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::code_points::NamedGroup;
use crate::error::CryptoError;
use crate::secret::Secret;

/// The result of a key exchange, as it enters the key schedule. Leading zeros are kept
/// (RFC 8446 7.4.2).
pub type SharedSecret = Secret;

/// The client's half-done key exchange: its private part and the share to send.
pub trait KeyExchange: Send {
    /// The group.
    fn group(&self) -> NamedGroup;

    /// The bytes of `KeyShareEntry.key_exchange` ([`NamedGroup::client_share_len`] of them).
    fn share(&self) -> &[u8];

    /// Completes with the server's share.
    ///
    /// # Errors
    /// [`CryptoError::BadKeyShare`] for a share of the wrong length, a point that is not on the
    /// curve or not uncompressed, or an all-zero X25519/X448 result.
    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError>;
}

/// The server's side of a key exchange, done in one step.
#[derive(Debug)]
pub struct KxResponse {
    /// The share to answer with ([`NamedGroup::server_share_len`] bytes).
    pub share: Vec<u8>,
    /// The shared secret.
    pub secret: SharedSecret,
}
