//! What the tests share: the RustCrypto provider behind the C form without a library, and plug-ins
//! built with the C compiler.

#![allow(dead_code, reason = "not every test needs all of it")]
#![allow(unsafe_code, reason = "vouches for plug-ins")]

use std::path::{Path, PathBuf};
use std::process::Command;

use dtls_provider_dynamic::{DynamicProvider, abi, plugin_entry};
use dtls_provider_rustcrypto::RustCryptoProvider;

plugin_entry!(pub(crate) fn rustcrypto => RustCryptoProvider::new());

/// The plug-in behind an entry that is linked into the test.
pub(crate) fn linked(entry: abi::Entry) -> DynamicProvider {
    // SAFETY: every entry of these tests keeps to the header, or breaks it in a way that the test
    // is about.
    unsafe { DynamicProvider::linked("linked", entry) }.unwrap()
}

/// The C compiler; without one, the tests that need it fail.
pub(crate) fn compiler() -> Command {
    Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
}

/// Runs a compiler.
pub(crate) fn run(compiler: &mut Command) {
    let output = compiler.output();
    let output = output.unwrap_or_else(|error| panic!("these tests need a C compiler: {error}"));
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// The folder with `dtls_crypto_provider.h`.
pub(crate) fn headers() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dtls-crypto-api/c")
}

/// A shared library of `tests/c/plugin.c`, with `variant` defined.
pub(crate) fn c_plugin(variant: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let library = folder.join(format!("plugin-{variant}.so"));
    // Other tests may build and load the same one: each sees a whole file.
    let unfinished = folder.join(format!("plugin-{variant}-{}", std::process::id()));
    run(compiler()
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"])
        // What one variant uses is unused in another.
        .args(["-Wno-unused-function", "-Wno-unused-const-variable"])
        .arg(format!("-D{variant}"))
        .arg("-I")
        .arg(headers())
        .arg("-o")
        .arg(&unfinished)
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/c/plugin.c")));
    std::fs::rename(&unfinished, &library).unwrap();
    library
}
