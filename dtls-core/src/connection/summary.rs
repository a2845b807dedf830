//! What was agreed on.

use alloc::boxed::Box;

use dtls_crypto_api::{CipherSuite, NamedGroup, SignatureScheme};

/// The result of a handshake.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Summary {
    /// The cipher suite.
    pub cipher_suite: CipherSuite,
    /// The key exchange group.
    pub group: NamedGroup,
    /// What the server signed with.
    pub server_scheme: SignatureScheme,
    /// What the client signed with, if it showed a certificate.
    pub client_scheme: Option<SignatureScheme>,
    /// The application protocol.
    pub alpn: Option<Box<[u8]>>,
    /// The host name the client asked for.
    pub server_name: Option<Box<str>>,
    /// Whether a HelloRetryRequest was needed.
    pub retried: bool,
}
