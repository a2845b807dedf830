//! Everything that can end a connection, each by its name and with the alert it causes.

use core::fmt;

use dtls_crypto_api::{CipherSuite, CryptoError, NamedGroup, SignatureScheme};

use crate::wire::alert::AlertDescription;
use crate::wire::extension::ExtensionType;
use crate::wire::handshake::HandshakeType;

/// Why a connection ended. Every `Error` is fatal to its connection and sticky: each later call
/// returns the same one.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Error {
    /// A message or record content could not be parsed.
    InvalidMessage(InvalidMessage),
    /// The peer broke a rule of the protocol.
    PeerMisbehaved(PeerMisbehaved),
    /// The peer keeps the rules, but has nothing in common with us.
    PeerIncompatible(PeerIncompatible),
    /// The peer's certificate was not accepted.
    PeerCertificate(CertificateRejection),
    /// The peer ended the connection with this alert.
    AlertReceived(AlertDescription),
    /// The peer did not answer.
    Timeout(Timeout),
    /// The provider failed where the peer has no part in it.
    Crypto(CryptoError),
    /// What the caller supplied does not work.
    Local(LocalError),
    /// An AEAD, epoch or message number limit was reached (RFC 9147 4.5.3, 8).
    LimitReached(Limit),
}

/// Which message or content could not be parsed. The alert is decode_error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum InvalidMessage {
    /// The body of a handshake message.
    Handshake(HandshakeType),
    /// An extension.
    Extension(ExtensionType),
    /// The content of an ACK record.
    Ack,
    /// The content of an alert record.
    Alert,
    /// A fragment or its header inside a protected record.
    Fragment,
    /// A handshake or alert record without content.
    EmptyRecord,
    /// A certificate from which no public key can be read.
    CertificateEncoding,
    /// A server's Certificate without certificates.
    EmptyCertificate,
    /// Finished of the wrong length.
    FinishedLength,
    /// A message longer than this stack accepts.
    MessageTooLong {
        /// Its length in bytes.
        length: u32,
    },
}

/// How the peer broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerMisbehaved {
    /// A handshake message that does not belong there.
    UnexpectedMessage(HandshakeType),
    /// A handshake message under the keys of another epoch than its own.
    WrongEpoch {
        /// The message.
        message: HandshakeType,
        /// The epoch it came in.
        epoch: u64,
    },
    /// Application data in an epoch that carries none.
    ApplicationDataInHandshakeEpoch,
    /// Another message stands behind one that ends an epoch.
    MessageBehindKeyChange,
    /// Fragments of one message contradict each other.
    FragmentMismatch,
    /// An ACK names a record of a later epoch.
    AckForLaterEpoch,
    /// An extension type occurs twice.
    DuplicateExtension(ExtensionType),
    /// An extension stands in a message that must not hold it.
    MisplacedExtension(ExtensionType),
    /// An extension came that was never offered.
    UnofferedExtension(ExtensionType),
    /// A required extension is missing.
    MissingExtension(ExtensionType),
    /// The legacy_cookie of a DTLS 1.3 ClientHello is not empty.
    LegacyCookie,
    /// legacy_compression_methods is not just the null method.
    LegacyCompression,
    /// The server echoed a session ID.
    SessionIdEchoed,
    /// The server selected a version that was not offered.
    UnofferedVersion(u16),
    /// A server that can speak DTLS 1.3 was made to choose an older version.
    Downgrade,
    /// The server selected a suite that was not offered.
    UnofferedCipherSuite(CipherSuite),
    /// The suite differs from that of the HelloRetryRequest.
    CipherSuiteChanged,
    /// The server sent a share in a group we sent none for.
    KeyShareForUnofferedGroup(NamedGroup),
    /// The share's group differs from that of the HelloRetryRequest.
    GroupChanged,
    /// The peer's key share is not valid.
    BadKeyShare,
    /// A ClientHello has two shares for one group, or one for a group it does not support.
    InconsistentKeyShares,
    /// A HelloRetryRequest that would change nothing.
    RetryWithoutChange,
    /// A HelloRetryRequest for a group not offered, or already sent.
    RetryForWrongGroup(NamedGroup),
    /// A second HelloRetryRequest.
    SecondRetry,
    /// The second ClientHello differs from the first where it must not.
    ClientHelloChanged,
    /// The second ClientHello's shares are not the one asked for.
    WrongKeyShareAfterRetry,
    /// The cookie is not ours, is stale, or is for another address.
    BadCookie,
    /// pre_shared_key is not the last extension.
    PskNotLast,
    /// The server chose an application protocol that was not offered.
    UnofferedAlpn,
    /// certificate_request_context has the wrong content.
    WrongRequestContext,
    /// CertificateVerify uses a scheme that was not offered or is not for handshakes.
    UnofferedSignatureScheme(SignatureScheme),
    /// CertificateVerify uses a scheme that does not fit the certificate's key.
    SchemeForOtherKey(SignatureScheme),
    /// The signature of CertificateVerify does not verify.
    BadCertificateVerify,
    /// The Finished does not verify.
    BadFinished,
    /// KeyUpdate with a value other than 0 and 1.
    IllegalKeyUpdate,
}

/// What we have nothing in common in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PeerIncompatible {
    /// The peer does not speak DTLS 1.3.
    Dtls13Required,
    /// The server answered with HelloVerifyRequest: it speaks DTLS 1.2 or older.
    HelloVerifyRequest,
    /// No cipher suite.
    NoCommonCipherSuite,
    /// No key exchange group.
    NoCommonGroup,
    /// No application protocol.
    NoCommonAlpn,
    /// The client sent no certificate and one is required.
    ClientCertificateRequired,
    /// No certificate of ours fits what the client asked for.
    NoCertificate,
}

/// Why the caller rejected the peer's certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CertificateRejection {
    /// Damaged, or its signature is wrong.
    Bad,
    /// Not for this name.
    WrongName,
    /// Expired.
    Expired,
    /// Not valid yet.
    NotValidYet,
    /// Revoked.
    Revoked,
    /// No trust anchor.
    UnknownIssuer,
    /// Of an unusable kind or for another use.
    Unsupported,
    /// Valid, but not let in.
    AccessDenied,
    /// Something else.
    Other,
}

/// What we waited for in vain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Timeout {
    /// The handshake did not complete within its deadline.
    Handshake,
    /// A message was retransmitted as often as configured without being acknowledged.
    Retransmissions,
    /// The caller did not answer a `Need` in time.
    Need,
}

/// What the caller supplied and does not work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LocalError {
    /// The answer is for another need than the open one.
    WrongAnswer,
    /// The credential's scheme was not among those asked for.
    CredentialScheme,
    /// Signing failed.
    SigningFailed,
    /// The application closed the connection before the handshake was complete.
    Canceled,
    /// The path MTU is too small to carry anything.
    MtuTooSmall,
    /// The configuration offers nothing the provider has.
    Config(&'static str),
}

/// A limit of the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Limit {
    /// Too many records failed to deprotect under one key.
    FailedRecords,
    /// No more records can be sent under the key.
    SentRecords,
    /// No more handshake messages can be numbered.
    MessageSequence,
    /// No further epoch.
    Epoch,
}

impl Error {
    /// The alert that tells the peer, or `None` where it is told nothing.
    pub fn alert(&self) -> Option<AlertDescription> {
        use AlertDescription as A;
        Some(match self {
            Self::InvalidMessage(InvalidMessage::EmptyRecord) => A::UNEXPECTED_MESSAGE,
            Self::InvalidMessage(InvalidMessage::MessageTooLong { .. }) => A::ILLEGAL_PARAMETER,
            Self::InvalidMessage(_) => A::DECODE_ERROR,
            Self::PeerMisbehaved(how) => how.alert(),
            Self::PeerIncompatible(what) => what.alert(),
            Self::PeerCertificate(why) => why.alert(),
            Self::AlertReceived(_) | Self::Timeout(_) | Self::LimitReached(_) => return None,
            Self::Local(LocalError::Canceled) => A::CLOSE_NOTIFY,
            Self::Crypto(_) | Self::Local(_) => A::INTERNAL_ERROR,
        })
    }
}

impl PeerMisbehaved {
    /// The alert for this misbehaviour.
    pub fn alert(self) -> AlertDescription {
        use AlertDescription as A;
        match self {
            Self::UnexpectedMessage(_)
            | Self::WrongEpoch { .. }
            | Self::ApplicationDataInHandshakeEpoch
            | Self::MessageBehindKeyChange
            | Self::SecondRetry => A::UNEXPECTED_MESSAGE,
            Self::UnofferedExtension(_) => A::UNSUPPORTED_EXTENSION,
            Self::MissingExtension(_) => A::MISSING_EXTENSION,
            Self::BadCertificateVerify | Self::BadFinished => A::DECRYPT_ERROR,
            Self::FragmentMismatch
            | Self::AckForLaterEpoch
            | Self::DuplicateExtension(_)
            | Self::MisplacedExtension(_)
            | Self::LegacyCookie
            | Self::LegacyCompression
            | Self::SessionIdEchoed
            | Self::UnofferedVersion(_)
            | Self::Downgrade
            | Self::UnofferedCipherSuite(_)
            | Self::CipherSuiteChanged
            | Self::KeyShareForUnofferedGroup(_)
            | Self::GroupChanged
            | Self::BadKeyShare
            | Self::InconsistentKeyShares
            | Self::RetryWithoutChange
            | Self::RetryForWrongGroup(_)
            | Self::ClientHelloChanged
            | Self::WrongKeyShareAfterRetry
            | Self::BadCookie
            | Self::PskNotLast
            | Self::UnofferedAlpn
            | Self::WrongRequestContext
            | Self::UnofferedSignatureScheme(_)
            | Self::SchemeForOtherKey(_)
            | Self::IllegalKeyUpdate => A::ILLEGAL_PARAMETER,
        }
    }
}

impl PeerIncompatible {
    /// The alert for this incompatibility.
    pub const fn alert(self) -> AlertDescription {
        use AlertDescription as A;
        match self {
            Self::Dtls13Required => A::PROTOCOL_VERSION,
            Self::HelloVerifyRequest => A::UNEXPECTED_MESSAGE,
            Self::NoCommonCipherSuite | Self::NoCommonGroup | Self::NoCertificate => {
                A::HANDSHAKE_FAILURE
            }
            Self::NoCommonAlpn => A::NO_APPLICATION_PROTOCOL,
            Self::ClientCertificateRequired => A::CERTIFICATE_REQUIRED,
        }
    }
}

impl CertificateRejection {
    /// The alert for this rejection.
    pub const fn alert(self) -> AlertDescription {
        use AlertDescription as A;
        match self {
            Self::Bad | Self::WrongName => A::BAD_CERTIFICATE,
            Self::Expired | Self::NotValidYet => A::CERTIFICATE_EXPIRED,
            Self::Revoked => A::CERTIFICATE_REVOKED,
            Self::UnknownIssuer => A::UNKNOWN_CA,
            Self::Unsupported => A::UNSUPPORTED_CERTIFICATE,
            Self::AccessDenied => A::ACCESS_DENIED,
            Self::Other => A::CERTIFICATE_UNKNOWN,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidMessage(what) => write!(f, "the peer sent something unreadable: {what:?}"),
            Self::PeerMisbehaved(how) => write!(f, "the peer broke the protocol: {how:?}"),
            Self::PeerIncompatible(PeerIncompatible::Dtls13Required) => {
                f.write_str("the peer does not speak DTLS 1.3")
            }
            Self::PeerIncompatible(PeerIncompatible::HelloVerifyRequest) => f.write_str(
                "the peer does not speak DTLS 1.3: it answered with a HelloVerifyRequest of DTLS 1.2",
            ),
            Self::PeerIncompatible(what) => {
                write!(f, "the peer and this configuration have nothing in common: {what:?}")
            }
            Self::PeerCertificate(why) => write!(f, "the peer's certificate is refused: {why:?}"),
            Self::AlertReceived(alert) => {
                write!(f, "the peer ended the connection with the alert {alert}")
            }
            Self::Timeout(Timeout::Handshake) => {
                f.write_str("the handshake did not complete in time")
            }
            Self::Timeout(Timeout::Retransmissions) => {
                f.write_str("the peer does not answer: all retransmissions went unacknowledged")
            }
            Self::Timeout(Timeout::Need) => {
                f.write_str("a decision asked of the application was not made in time")
            }
            Self::Crypto(error) => write!(f, "cryptography failed: {error}"),
            Self::Local(what) => write!(f, "what the application supplied does not work: {what:?}"),
            Self::LimitReached(what) => write!(f, "a limit of the protocol is reached: {what:?}"),
        }
    }
}

impl core::error::Error for Error {}

impl From<CryptoError> for Error {
    fn from(error: CryptoError) -> Self {
        match error {
            CryptoError::BadKeyShare => Self::PeerMisbehaved(PeerMisbehaved::BadKeyShare),
            other => Self::Crypto(other),
        }
    }
}

impl From<InvalidMessage> for Error {
    fn from(what: InvalidMessage) -> Self {
        Self::InvalidMessage(what)
    }
}

impl From<PeerMisbehaved> for Error {
    fn from(how: PeerMisbehaved) -> Self {
        Self::PeerMisbehaved(how)
    }
}

impl From<PeerIncompatible> for Error {
    fn from(what: PeerIncompatible) -> Self {
        Self::PeerIncompatible(what)
    }
}

/// Why a call to send was refused. Nothing has changed; the connection goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SendError {
    /// The handshake is not complete.
    NotConnected,
    /// The connection is closed for sending.
    Closed,
    /// The payload does not fit one datagram.
    TooLarge {
        /// The most bytes that fit now.
        max: usize,
    },
    /// The buffer lacks room around the payload.
    NoRoom {
        /// Bytes wanted before the payload.
        headroom: usize,
        /// Bytes wanted behind the payload.
        tailroom: usize,
    },
    /// The key is used up and the new one is not yet agreed on: wait for the peer's ACK.
    KeyExhausted,
    /// A limit of the protocol ends what was asked for.
    LimitReached(Limit),
    /// The provider failed.
    Crypto(CryptoError),
}

impl fmt::Display for SendError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotConnected => f.write_str("the handshake is not complete"),
            Self::Closed => f.write_str("the connection is closed for sending"),
            Self::TooLarge { max } => {
                write!(f, "the payload exceeds the {max} bytes of a datagram")
            }
            Self::NoRoom { headroom, tailroom } => {
                write!(
                    f,
                    "the buffer needs {headroom} bytes before and {tailroom} behind the payload"
                )
            }
            Self::KeyExhausted => f.write_str("the sending key is used up; an update is under way"),
            Self::LimitReached(what) => write!(f, "a limit of the protocol is reached: {what:?}"),
            Self::Crypto(error) => write!(f, "cryptography failed: {error}"),
        }
    }
}

impl core::error::Error for SendError {}

impl From<CryptoError> for SendError {
    fn from(error: CryptoError) -> Self {
        Self::Crypto(error)
    }
}
