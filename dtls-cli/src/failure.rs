//! Why the program ends without success, and with which exit status.

use std::fmt;
use std::process::ExitCode;

/// Why the program failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The peer, the network or time.
    Peer(String),
    /// A provider did not pass the conformance kit.
    Vectors(String),
    /// What the user gave: arguments, files, keys. The text says what to do about it.
    Usage(String),
}

impl Failure {
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Peer(_) | Self::Vectors(_) => ExitCode::from(1),
            Self::Usage(_) => ExitCode::from(2),
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::Peer(text) | Self::Vectors(text) | Self::Usage(text)) = self;
        f.write_str(text)
    }
}

impl From<dtls13::Error> for Failure {
    fn from(error: dtls13::Error) -> Self {
        match error {
            dtls13::Error::Config(_) | dtls13::Error::InvalidServerName(_) => {
                Self::Usage(error.to_string())
            }
            _ => Self::Peer(error.to_string()),
        }
    }
}
