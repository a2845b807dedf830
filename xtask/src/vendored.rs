//! What is built on libraries that cargo itself builds from source (the features `openssl-vendored`
//! and `botan-vendored`). It has a target folder of its own, `target/vendored/`: in the ordinary
//! one, every change between the two ways would build again what depends on the library.
//!
//! Always in release mode, so that each library is built once.

use std::process::Command;

use crate::workspace;

/// The same cargo command, in that folder.
pub(crate) fn in_folder(mut cargo: Command) -> Command {
    cargo.arg("--target-dir").arg(workspace::kept("vendored"));
    cargo
}
