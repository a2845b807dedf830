//! The providers everything is proven on, and how the programs are told to use one.

use std::ffi::OsString;

use crate::fips;
use crate::programs::{Libraries, Programs};

/// A provider as linked with certain libraries: OpenSSL of the system and from source are two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Provider {
    RustCrypto,
    OpenSsl,
    OpenSslFips,
    Botan,
    /// The OpenSSL provider, loaded from a shared library.
    Plugin,
    OpenSslVendored,
    OpenSslVendoredFips,
}

impl Provider {
    pub(crate) const ALL: [Self; 7] = [
        Self::RustCrypto,
        Self::OpenSsl,
        Self::OpenSslFips,
        Self::Botan,
        Self::Plugin,
        Self::OpenSslVendored,
        Self::OpenSslVendoredFips,
    ];

    /// On xtask's command line, in tables and in the names of reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::RustCrypto => "rustcrypto",
            Self::OpenSsl => "openssl",
            Self::OpenSslFips => "openssl-fips",
            Self::Botan => "botan",
            Self::Plugin => "plugin",
            Self::OpenSslVendored => "openssl-vendored",
            Self::OpenSslVendoredFips => "openssl-vendored-fips",
        }
    }

    pub(crate) fn from_name(name: &str) -> Result<Self, lexopt::Error> {
        Self::ALL.into_iter().find(|provider| provider.name() == name).ok_or_else(|| {
            let names = Self::ALL.map(Self::name).join(", ");
            format!("there is no provider `{name}`, only {names}").into()
        })
    }

    pub(crate) const fn libraries(self) -> Libraries {
        match self {
            Self::OpenSslVendored | Self::OpenSslVendoredFips => Libraries::Vendored,
            _ => Libraries::Installed,
        }
    }

    /// The name it has within a program.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::RustCrypto => "rustcrypto",
            Self::OpenSsl | Self::OpenSslVendored => "openssl",
            Self::OpenSslFips | Self::OpenSslVendoredFips => "openssl-fips",
            Self::Botan => "botan",
            Self::Plugin => "plugin",
        }
    }

    /// The arguments that make `dtls` use it.
    pub(crate) fn arguments(self, programs: &Programs) -> anyhow::Result<Vec<OsString>> {
        let named = || vec!["--provider".into(), self.own_name().into()];
        Ok(match self {
            Self::Plugin => vec!["--plugin".into(), programs.plugin().into()],
            Self::OpenSslFips | Self::OpenSslVendoredFips => {
                let module = fips::build()?;
                let mut arguments = named();
                arguments.extend(["--fips-module".into(), module.module().into()]);
                arguments.extend(["--fips-config".into(), module.config().into()]);
                arguments
            }
            _ => named(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Provider;

    #[test]
    fn every_provider_is_found_by_its_name() {
        for provider in Provider::ALL {
            assert_eq!(Provider::from_name(provider.name()).unwrap(), provider);
        }
        let error = Provider::from_name("ring").unwrap_err().to_string();
        assert!(error.contains("botan"), "{error}");
    }
}
