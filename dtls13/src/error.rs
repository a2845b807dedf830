//! Everything that can go wrong above the protocol core, each by its name.

use std::fmt;
use std::io;
use std::sync::Arc;

use dtls_core::SendError;
use dtls_core::crypto::CryptoError;

use crate::FailedProvider;

/// What went wrong.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Error {
    /// The connection failed: the peer broke the protocol, was refused, refused us, or is silent.
    Connection(dtls_core::Error),
    /// A datagram was not sent. The connection goes on.
    Send(SendError),
    /// The socket failed.
    Io(Arc<io::Error>),
    /// The time given to the call is over.
    TimedOut,
    /// The peer has closed the connection with close_notify, and all its data was read.
    ClosedByPeer,
    /// The connection was closed on this side.
    Closed,
    /// The peer began a new connection from the same address, and it took this one's place.
    Replaced,
    /// The endpoint is bound without a server configuration and accepts nobody.
    NotListening,
    /// The endpoint has as many connections as it may have, or one to this address already.
    TooManyConnections,
    /// The server's name is neither a host name nor an IP address.
    InvalidServerName(String),
    /// Text that should be PEM is not, or is damaged.
    BadPem,
    /// No certificate where there should be one.
    NoCertificate,
    /// No private key where there should be one.
    NoPrivateKey,
    /// A certificate of ours cannot be read.
    BadCertificate {
        /// Its place in the chain; 0 is the end entity.
        index: usize,
    },
    /// The private key cannot be used.
    BadPrivateKey(CryptoError),
    /// The private key belongs to another certificate.
    KeyMismatch,
    /// There is no trust anchor, so that nobody could be trusted.
    NoRoots,
    /// A trust anchor cannot be read.
    BadRoot,
    /// A certificate revocation list cannot be read.
    BadCrl,
    /// A certificate fingerprint is not 32 bytes of hexadecimal digits.
    BadFingerprint,
    /// A configuration asks for what its provider lacks, or for nothing at all.
    Config(dtls_core::Error),
    /// A backend could not be set up: a FIPS module or a shared library that cannot be used.
    Provider(Arc<dyn std::error::Error + Send + Sync>),
    /// None of the providers of a [`FailoverConfig`](crate::FailoverConfig) works.
    NoWorkingProvider(Vec<FailedProvider>),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connection(error) | Self::Config(error) => error.fmt(f),
            Self::Send(error) => write!(f, "not sent: {error}"),
            Self::Io(error) => write!(f, "the socket failed: {error}"),
            Self::TimedOut => f.write_str("timed out"),
            Self::ClosedByPeer => f.write_str("the peer closed the connection"),
            Self::Closed => f.write_str("the connection is closed"),
            Self::Replaced => f.write_str("the peer began a new connection from the same address"),
            Self::NotListening => f.write_str("this endpoint has no server configuration"),
            Self::TooManyConnections => f.write_str("the endpoint has no room for this connection"),
            Self::InvalidServerName(name) => {
                write!(f, "\"{name}\" is neither a host name nor an IP address")
            }
            Self::BadPem => f.write_str("the PEM text is damaged"),
            Self::NoCertificate => f.write_str("there is no certificate in it"),
            Self::NoPrivateKey => f.write_str("there is no private key in it"),
            Self::BadCertificate { index: 0 } => {
                f.write_str("the end entity's certificate cannot be read")
            }
            Self::BadCertificate { index } => {
                write!(f, "certificate {index} behind the end entity's cannot be read")
            }
            Self::BadPrivateKey(error) => write!(f, "the private key cannot be used: {error}"),
            Self::KeyMismatch => {
                f.write_str("the private key does not belong to the end entity's certificate")
            }
            Self::NoRoots => f.write_str("there is no trust anchor"),
            Self::BadRoot => f.write_str("a trust anchor cannot be read"),
            Self::BadCrl => f.write_str("a certificate revocation list cannot be read"),
            Self::Provider(error) => error.fmt(f),
            Self::NoWorkingProvider(failed) => {
                f.write_str("no provider works")?;
                for (index, provider) in failed.iter().enumerate() {
                    write!(f, "{}{provider}", if index == 0 { ": " } else { "; " })?;
                }
                Ok(())
            }
            Self::BadFingerprint => f.write_str("a SHA-256 fingerprint is 64 hexadecimal digits"),
        }
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Connection(error) | Self::Config(error) => Some(error),
            Self::Send(error) => Some(error),
            Self::Io(error) => Some(error.as_ref()),
            Self::BadPrivateKey(error) => Some(error),
            Self::Provider(error) => Some(error.as_ref()),
            _ => None,
        }
    }
}

impl From<dtls_core::Error> for Error {
    fn from(error: dtls_core::Error) -> Self {
        match error {
            dtls_core::Error::Local(
                dtls_core::LocalError::Config(_) | dtls_core::LocalError::MtuTooSmall,
            ) => Self::Config(error),
            _ => Self::Connection(error),
        }
    }
}

impl From<SendError> for Error {
    fn from(error: SendError) -> Self {
        Self::Send(error)
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Io(Arc::new(error))
    }
}

#[cfg(feature = "fips")]
impl From<crate::provider::FipsError> for Error {
    fn from(error: crate::provider::FipsError) -> Self {
        Self::Provider(Arc::new(error))
    }
}

#[cfg(feature = "plugin")]
impl From<crate::provider::LoadError> for Error {
    fn from(error: crate::provider::LoadError) -> Self {
        Self::Provider(Arc::new(error))
    }
}
