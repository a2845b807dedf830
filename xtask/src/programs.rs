//! The programs that are run on every provider, in release mode: `dtls`, `dtls-matrix`, `dtls-ct`.
//!
//! The system's OpenSSL and one built from source cannot be linked into one program, so there are
//! two builds of each. What the second one needs is under `target/vendored/`; see
//! [`vendored`].

use std::path::PathBuf;

use crate::process::{self, cargo};
use crate::{botan, setup, vendored, workspace};

/// Programs that cargo has built.
pub(crate) struct Programs {
    libraries: Libraries,
    folder: PathBuf,
}

/// Which libraries a program is linked with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Libraries {
    /// The system's OpenSSL, the Botan under `target/botan/`.
    Installed,
    /// OpenSSL and Botan as cargo builds them.
    Vendored,
}

impl Libraries {
    pub(crate) const ALL: [Self; 2] = [Self::Installed, Self::Vendored];

    /// In the names of reports.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Installed => "installed",
            Self::Vendored => "vendored",
        }
    }

    /// Features of `dtls-cli` and of `dtls-conformance`.
    const fn features(self) -> &'static [&'static str] {
        match self {
            Self::Installed => &["rustcrypto", "openssl", "fips", "botan"],
            Self::Vendored => &["rustcrypto", "openssl-vendored", "fips", "botan-vendored"],
        }
    }

    /// As cargo takes them. What RustCrypto does only when asked for is tried too.
    fn all_features(self) -> String {
        let packages = ["dtls-cli", "dtls-conformance"].into_iter();
        let choice = packages
            .flat_map(|package| self.features().iter().map(move |f| format!("{package}/{f}")));
        choice
            .chain(["plugin", "rustcrypto-opt-in"].map(|f| format!("dtls-conformance/{f}")))
            .collect::<Vec<_>>()
            .join(",")
    }
}

impl Programs {
    pub(crate) fn build(libraries: Libraries) -> anyhow::Result<Self> {
        setup::debian_packages()?;
        // For the vendored ones too: it is the same library, and then it is installed as well.
        botan::build()?;
        let mut build = cargo(&["build", "--release", "-p", "dtls-cli", "-p", "dtls-conformance"]);
        build.args(["--bin", "dtls", "--bin", "dtls-matrix", "--bin", "dtls-ct", "--features"]);
        build.arg(libraries.all_features());
        if libraries == Libraries::Installed {
            process::run(&mut build)?;
            process::run(&mut cargo(&["build", "--release", "-p", "dtls-plugin-openssl"]))?;
            return Ok(Self { libraries, folder: workspace::target().join("release") });
        }
        process::run(&mut vendored::in_folder(build))?;
        Ok(Self { libraries, folder: workspace::kept("vendored").join("release") })
    }

    /// `dtls` alone and with its default features: RustCrypto, and no C library to wait for.
    pub(crate) fn default_dtls() -> anyhow::Result<Self> {
        process::run(&mut cargo(&["build", "--release", "-p", "dtls-cli"]))?;
        let folder = workspace::target().join("release");
        Ok(Self { libraries: Libraries::Installed, folder })
    }

    pub(crate) const fn libraries(&self) -> Libraries {
        self.libraries
    }

    pub(crate) fn dtls(&self) -> PathBuf {
        self.folder.join("dtls")
    }

    pub(crate) fn matrix(&self) -> PathBuf {
        self.folder.join("dtls-matrix")
    }

    pub(crate) fn constant_time(&self) -> PathBuf {
        self.folder.join("dtls-ct")
    }

    /// The OpenSSL provider as a shared library.
    pub(crate) fn plugin(&self) -> PathBuf {
        self.folder.join("libdtls_plugin_openssl.so")
    }
}
