//! Questions the core asks its caller: whatever may block or is policy.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;

use dtls_crypto_api::SignatureScheme;
use dtls_crypto_api::pki_types::CertificateDer;

use crate::error::CertificateRejection;

/// Names one question of one connection. An answer to another than the open question is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecisionId(pub(crate) u64);

/// An open question. Until it is answered the connection acknowledges what it received, keeps a
/// bounded amount of what comes next, and obeys [`TimerConfig::need_timeout`].
///
/// [`TimerConfig::need_timeout`]: crate::TimerConfig::need_timeout
#[derive(Clone, Debug)]
pub struct Need {
    /// What an answer has to name.
    pub id: DecisionId,
    /// The question.
    pub kind: NeedKind,
}

/// What is asked.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum NeedKind {
    /// Which certificate do we show? Answer with [`Answer::Credential`].
    Credential(CredentialRequest),
    /// Sign this message with the key of the credential chosen before. Answer with
    /// [`Answer::Signature`].
    Signature {
        /// The scheme of the chosen credential.
        scheme: SignatureScheme,
        /// The message to sign (not its hash).
        message: Vec<u8>,
    },
    /// Is this chain good? Answer with [`Answer::PeerCertificate`].
    PeerCertificate(PeerCertificate),
}

/// What the peer says about the certificates it accepts.
#[derive(Clone, Debug, Default)]
pub struct CredentialRequest {
    /// The host name the client asked for; on a client always `None`.
    pub server_name: Option<String>,
    /// Application protocols the client offered; on a client empty.
    pub alpn: Vec<Vec<u8>>,
    /// Schemes the peer accepts in CertificateVerify, in its order of preference.
    pub schemes: Vec<SignatureScheme>,
    /// Schemes the peer accepts in the chain's certificates.
    pub schemes_cert: Vec<SignatureScheme>,
    /// Distinguished names (DER) of the authorities the peer trusts; empty means no preference.
    pub authorities: Vec<Vec<u8>>,
}

/// A chain to be judged.
#[derive(Clone, Debug)]
pub struct PeerCertificate {
    /// Certificates in DER, end entity first. Never empty.
    pub chain: Vec<Vec<u8>>,
    /// The name the server has to have; on a server `None`.
    pub server_name: Option<String>,
}

/// A certificate chain of ours and the scheme to sign with.
#[derive(Clone, Debug)]
pub struct Credential {
    /// The chain, end entity first.
    pub chain: Arc<[CertificateDer<'static>]>,
    /// One of the schemes the peer accepts.
    pub scheme: SignatureScheme,
}

/// The caller's answer to a [`Need`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Answer {
    /// This one; or none fits. A client without one goes on without; a server cannot.
    Credential(Option<Credential>),
    /// The signature, or `None` when the key could not be used.
    Signature(Option<Vec<u8>>),
    /// The verdict on the peer's chain.
    PeerCertificate(Result<(), CertificateRejection>),
}
