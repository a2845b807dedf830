//! Where things are: the workspace root and the folders under `target/` that xtask fills.

use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace's `Cargo.toml`.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask is a folder of the workspace")
}

/// Where cargo puts what it builds.
pub(crate) fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A folder for what is built from foreign source: peers, libraries, modules. Apart from cargo's own
/// folders, so that a changed `CARGO_TARGET_DIR` does not build it a second time.
pub(crate) fn kept(name: &str) -> PathBuf {
    root().join("target").join(name)
}

/// What the whole workspace is checked and tested with: every feature that has cargo build no C
/// library from source. Cargo's own `--all-features` would build OpenSSL and Botan. Botan has to be
/// under `target/botan/` for it (`cargo xtask botan`), OpenSSL's headers in the system.
pub(crate) const EVERYTHING: &[&str] = &[
    "--workspace",
    "--features",
    "dtls-provider-rustcrypto/rsa-signing,dtls-provider-rustcrypto/x448,\
     dtls-provider-rustcrypto/ed448,dtls-provider-rustcrypto/ml-dsa,\
     dtls-provider-openssl/fips-tests,\
     dtls13/rustcrypto,dtls13/rsa-signing,dtls13/openssl,dtls13/fips,dtls13/botan,dtls13/plugin,\
     dtls13/blocking,dtls13/tokio,dtls13/webpki-roots,dtls13/native-roots,\
     dtls-conformance/rustcrypto,dtls-conformance/openssl,dtls-conformance/fips,\
     dtls-conformance/botan,dtls-conformance/plugin,dtls-conformance/rustcrypto-opt-in,\
     dtls-cli/rustcrypto,dtls-cli/openssl,dtls-cli/fips,dtls-cli/botan",
];
