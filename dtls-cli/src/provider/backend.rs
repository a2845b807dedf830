//! The backends that have a name on the command line, in this build or not.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use dtls13::core::crypto::CryptoProvider;

use crate::failure::Failure;

/// A backend by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Backend {
    RustCrypto,
    OpenSsl,
    OpenSslFips,
    Botan,
}

/// A FIPS module and its configuration.
#[derive(Clone, Debug)]
#[cfg_attr(not(feature = "fips"), expect(dead_code, reason = "only FIPS mode reads it"))]
pub(super) struct FipsModule {
    pub(super) module: PathBuf,
    pub(super) config: PathBuf,
    pub(super) certificate: Option<String>,
}

impl Backend {
    const ALL: [Self; 4] = [Self::RustCrypto, Self::OpenSsl, Self::OpenSslFips, Self::Botan];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::RustCrypto => "rustcrypto",
            Self::OpenSsl => "openssl",
            Self::OpenSslFips => "openssl-fips",
            Self::Botan => "botan",
        }
    }

    /// Those this program was built with.
    pub(super) fn built() -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(|backend| backend.is_built())
    }

    const fn is_built(self) -> bool {
        match self {
            Self::RustCrypto => cfg!(feature = "rustcrypto"),
            Self::OpenSsl => cfg!(feature = "openssl"),
            Self::OpenSslFips => cfg!(feature = "fips"),
            Self::Botan => cfg!(feature = "botan"),
        }
    }

    /// What to build the program with to have it.
    const fn features(self) -> &'static str {
        match self {
            Self::RustCrypto => "`rustcrypto`",
            Self::OpenSsl => "`openssl` (the system's library) or `openssl-vendored` (from source)",
            Self::OpenSslFips => "`fips`",
            Self::Botan => "`botan` (the system's library) or `botan-vendored` (from source)",
        }
    }

    /// The backend of this name, if this program was built with it.
    pub(super) fn from_name(name: &str) -> Result<Self, String> {
        let Some(backend) = Self::ALL.into_iter().find(|backend| backend.name() == name) else {
            return Err(format!("there is no such provider; {Built}"));
        };
        if backend.is_built() { Ok(backend) } else { Err(backend.missing()) }
    }

    fn missing(self) -> String {
        format!("{Built}; for {self} build dtls-cli with its feature {}", self.features())
    }

    /// The provider. Only FIPS mode needs the module.
    pub(super) fn make(
        self,
        module: Option<&FipsModule>,
    ) -> Result<Arc<dyn CryptoProvider>, Failure> {
        match self {
            #[cfg(feature = "rustcrypto")]
            Self::RustCrypto => Ok(dtls13::provider::rustcrypto()),
            #[cfg(feature = "openssl")]
            Self::OpenSsl => Ok(dtls13::provider::openssl()),
            #[cfg(feature = "fips")]
            Self::OpenSslFips => fips(module),
            #[cfg(feature = "botan")]
            Self::Botan => Ok(dtls13::provider::botan()),
            #[allow(unreachable_patterns, reason = "with all features there is nothing left")]
            _ => {
                let _ = module;
                Err(Failure::Usage(self.missing()))
            }
        }
    }
}

#[cfg(feature = "fips")]
fn fips(module: Option<&FipsModule>) -> Result<Arc<dyn CryptoProvider>, Failure> {
    let Some(FipsModule { module, config, certificate }) = module.cloned() else {
        let text = "FIPS mode needs your module: --fips-module FILE (the shared library) and \
                    --fips-config FILE (what `openssl fipsinstall` wrote)";
        return Err(Failure::Usage(text.to_owned()));
    };
    let options =
        dtls13::provider::FipsOptions { module_path: module, config_path: config, certificate };
    dtls13::provider::openssl_fips(options).map_err(|error| Failure::Usage(error.to_string()))
}

impl fmt::Display for Backend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// What this program has, as a part of a sentence.
pub(super) struct Built;

impl fmt::Display for Built {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = Backend::built().map(Backend::name).collect();
        match &names[..] {
            [] => f.write_str("this program was built without backends (--plugin FILE loads one)"),
            names => write!(f, "this program was built with {}", names.join(", ")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Backend;

    #[test]
    fn a_name_leads_to_its_backend_or_to_the_feature_that_adds_it() {
        for backend in Backend::ALL {
            match Backend::from_name(backend.name()) {
                Ok(found) => assert_eq!(found, backend),
                Err(text) => assert!(text.contains(backend.features()), "{text}"),
            }
        }
        let text = Backend::from_name("ring").unwrap_err();
        for built in Backend::built() {
            assert!(text.contains(built.name()), "{text}");
        }
    }

    #[test]
    fn every_backend_is_made_by_its_own_name() {
        for backend in Backend::built().filter(|backend| *backend != Backend::OpenSslFips) {
            assert_eq!(backend.make(None).unwrap().capabilities().name, backend.name());
        }
    }

    #[test]
    fn fips_mode_without_a_module_is_refused() {
        let error = Backend::OpenSslFips.make(None).unwrap_err().to_string();
        let wanted = if cfg!(feature = "fips") { "--fips-module" } else { "`fips`" };
        assert!(error.contains(wanted), "{error}");
    }
}
