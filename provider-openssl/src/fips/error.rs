//! Why there is no FIPS mode.

use core::fmt;
use std::path::{Path, PathBuf};

use crate::ffi::Reasons;

/// Why a FIPS module cannot be used. Each says what to do; none leaves a provider behind that works
/// without the module.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FipsError {
    /// The module's file is missing or cannot be read.
    ModuleUnreadable {
        /// The file.
        module: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// The configuration's file is missing or cannot be read.
    ConfigUnreadable {
        /// The file.
        config: PathBuf,
        /// What the operating system says.
        reason: String,
    },
    /// The configuration does not configure a FIPS module.
    ConfigWithoutModule {
        /// The file.
        config: PathBuf,
    },
    /// The configuration turns off a check without which the module is not in its approved mode.
    ConfigWeakened {
        /// The file.
        config: PathBuf,
        /// The setting.
        setting: String,
    },
    /// The configuration holds a setting whose meaning reaches beyond the module's section: a
    /// directive, another section's name, a variable, a line that goes on.
    ConfigUnusable {
        /// The file.
        config: PathBuf,
        /// The setting.
        setting: String,
    },
    /// The module's path cannot be written into a configuration of OpenSSL's.
    PathUnusable {
        /// The path.
        module: PathBuf,
    },
    /// The operating system does not load the file as a module.
    NotLoaded {
        /// The file.
        module: PathBuf,
        /// What the library says.
        reason: String,
    },
    /// The module is not registered: the configuration holds no checksum, and the module asks for
    /// one.
    NotRegistered {
        /// The module.
        module: PathBuf,
        /// The configuration.
        config: PathBuf,
        /// What the library says.
        reason: String,
    },
    /// The module was loaded and found itself changed, or another than the one that is registered,
    /// or one of its known-answer tests failed.
    SelfTestFailed {
        /// The module.
        module: PathBuf,
        /// The configuration.
        config: PathBuf,
        /// What the library says.
        reason: String,
    },
    /// The module runs in this process already, for a provider made with other settings. It is left
    /// alone: a wrong checksum would put it out of service.
    RunsDifferently {
        /// The module.
        module: PathBuf,
        /// The configuration that differs.
        config: PathBuf,
    },
    /// The file is a module of OpenSSL's, but offers no approved algorithms.
    NotAFipsModule {
        /// The file.
        module: PathBuf,
    },
    /// What is given as the certificate's number is empty or holds a control character.
    CertificateUnusable {
        /// What was given.
        certificate: String,
    },
    /// The module lacks something that every handshake needs.
    Incomplete {
        /// The module.
        module: PathBuf,
        /// What it lacks.
        missing: &'static str,
    },
}

impl FipsError {
    /// Tells the ways apart in which loading fails.
    pub(super) fn not_loaded(
        module: &Path,
        config: &Path,
        has_checksum: bool,
        reasons: Reasons,
    ) -> Self {
        let (module, config, reason) = (module.to_owned(), config.to_owned(), reasons.text);
        if reasons.not_loaded {
            Self::NotLoaded { module, reason }
        } else if has_checksum {
            Self::SelfTestFailed { module, config, reason }
        } else {
            Self::NotRegistered { module, config, reason }
        }
    }
}

impl fmt::Display for FipsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ModuleUnreadable { module, reason } => write!(
                f,
                "the FIPS module {} cannot be read: {reason}; give the path of the module's shared \
                 library",
                module.display()
            ),
            Self::ConfigUnreadable { config, reason } => write!(
                f,
                "the FIPS configuration {} cannot be read: {reason}; `openssl fipsinstall` writes \
                 it when the module is installed",
                config.display()
            ),
            Self::ConfigWithoutModule { config } => write!(
                f,
                "{} does not configure a FIPS module: it has no section with a `module-mac`; give \
                 the file that `openssl fipsinstall` wrote, not the openssl.cnf that includes it",
                config.display()
            ),
            Self::ConfigWeakened { config, setting } => write!(
                f,
                "{} turns a check of the FIPS module off (`{setting}`), which is no approved mode; \
                 install the module anew with `openssl fipsinstall`",
                config.display()
            ),
            Self::ConfigUnusable { config, setting } => write!(
                f,
                "{} holds what `openssl fipsinstall` does not write (`{setting}`): a section of a \
                 FIPS module has plain settings only; install the module anew",
                config.display()
            ),
            Self::PathUnusable { module } => write!(
                f,
                "the path of the FIPS module, {}, is not UTF-8, holds a control character or ends in \
                 a blank; move the module",
                module.display()
            ),
            Self::NotLoaded { module, reason } => write!(
                f,
                "{} does not load as an OpenSSL module: {reason}; it has to be a FIPS module for \
                 this system and processor",
                module.display()
            ),
            Self::NotRegistered { module, config, reason } => write!(
                f,
                "the FIPS module {} is not registered: {} holds no `module-mac` for it ({reason}); \
                 install it with `openssl fipsinstall`",
                module.display(),
                config.display()
            ),
            Self::SelfTestFailed { module, config, reason } => write!(
                f,
                "the FIPS module {} fails its self test: {reason}; it is damaged, or it is not the \
                 one that {} was written for; install a good copy with `openssl fipsinstall` and \
                 start the program anew",
                module.display(),
                config.display()
            ),
            Self::RunsDifferently { module, config } => write!(
                f,
                "the FIPS module {} runs in this process already, and not with the settings in {}; \
                 use the configuration that it runs with, or start the program anew",
                module.display(),
                config.display()
            ),
            Self::NotAFipsModule { module } => write!(
                f,
                "{} is an OpenSSL module but not a FIPS module: it has no approved SHA-256 and \
                 random generator",
                module.display()
            ),
            Self::CertificateUnusable { certificate } => write!(
                f,
                "{certificate:?} is no certificate's number; give the one under which the module is \
                 validated, or none"
            ),
            Self::Incomplete { module, missing } => write!(
                f,
                "the FIPS module {} offers no {missing}, without which there is no handshake",
                module.display()
            ),
        }
    }
}

impl core::error::Error for FipsError {}
