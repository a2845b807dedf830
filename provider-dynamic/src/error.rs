//! Why a plug-in could not be loaded.

use std::error::Error;
use std::fmt;
use std::path::{Path, PathBuf};

use dtls_crypto_api::CryptoError;

use crate::abi::ABI_VERSION;

/// Why a shared library could not be loaded as a provider. Nothing of it stays loaded.
#[derive(Debug)]
#[non_exhaustive]
pub enum LoadError {
    /// The file is not there, is no shared library for this machine, or needs libraries or
    /// symbols that are not there; the source says which.
    CannotOpen {
        /// The file, as it was asked for.
        file: PathBuf,
        /// What the system says.
        source: Box<dyn Error + Send + Sync>,
    },
    /// The shared library lacks the symbol `dtls_crypto_plugin`: it is something else.
    NotAPlugin {
        /// The file.
        file: PathBuf,
    },
    /// The plug-in answered without a table of functions, against the rules of the interface.
    NoTable {
        /// The file.
        file: PathBuf,
    },
    /// The plug-in was built for another version of the interface.
    WrongVersion {
        /// The file.
        file: PathBuf,
        /// The version this program speaks.
        wanted: u32,
        /// The version the plug-in speaks.
        found: u32,
    },
    /// The plug-in's table ends before the last function.
    TruncatedTable {
        /// The file.
        file: PathBuf,
        /// The least size in bytes.
        wanted: usize,
        /// The size in bytes that the plug-in says its table has.
        found: usize,
    },
    /// A function in the plug-in's table is a null pointer.
    MissingFunction {
        /// The file.
        file: PathBuf,
        /// The function's name in the table.
        function: &'static str,
    },
    /// The plug-in is what it should be, but its provider could not be made.
    InitFailed {
        /// The file.
        file: PathBuf,
        /// What the plug-in says.
        source: CryptoError,
    },
    /// What the plug-in says it can do makes no sense.
    BadCapabilities {
        /// The file.
        file: PathBuf,
        /// The part that makes none, and why.
        what: &'static str,
    },
}

impl LoadError {
    /// The file that could not be loaded.
    pub fn file(&self) -> &Path {
        match self {
            Self::CannotOpen { file, .. }
            | Self::NotAPlugin { file }
            | Self::NoTable { file }
            | Self::WrongVersion { file, .. }
            | Self::TruncatedTable { file, .. }
            | Self::MissingFunction { file, .. }
            | Self::InitFailed { file, .. }
            | Self::BadCapabilities { file, .. } => file,
        }
    }
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let file = self.file().display();
        match self {
            Self::CannotOpen { source, .. } => {
                write!(f, "{file} cannot be loaded as a shared library: {source}")
            }
            Self::NotAPlugin { .. } => write!(
                f,
                "{file} is a shared library but no plug-in: it does not export dtls_crypto_plugin"
            ),
            Self::NoTable { .. } => {
                write!(f, "the plug-in {file} is broken: it returns no table of functions")
            }
            Self::WrongVersion { wanted, found, .. } => write!(
                f,
                "the plug-in {file} speaks version {found} of the interface and this program \
                 version {wanted}; build it against dtls_crypto_provider.h of version {wanted}"
            ),
            Self::TruncatedTable { wanted, found, .. } => write!(
                f,
                "the plug-in {file} is broken: its table has {found} bytes, and version \
                 {ABI_VERSION} of the interface has {wanted}"
            ),
            Self::MissingFunction { function, .. } => {
                write!(f, "the plug-in {file} is broken: it has no function {function}")
            }
            Self::InitFailed { source, .. } => {
                write!(f, "the plug-in {file} could not start: {source}")
            }
            Self::BadCapabilities { what, .. } => {
                write!(f, "the plug-in {file} is broken: among what it can do, {what}")
            }
        }
    }
}

impl Error for LoadError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::CannotOpen { source, .. } => Some(source.as_ref()),
            Self::InitFailed { source, .. } => Some(source),
            _ => None,
        }
    }
}
