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

/// Foreign peers and what is needed to build them. Apart from cargo's own folders, so that a
/// changed `CARGO_TARGET_DIR` does not build them a second time.
pub(crate) fn peers() -> PathBuf {
    root().join("target").join("peers")
}
