//! `cargo xtask embedded`: the crates that promise `no_std` build for a microcontroller, with no
//! operating system to lean on. The random source is then given by the caller.

use std::process::Command;

use anyhow::bail;

use crate::process::{self, cargo};

/// Cortex-M4F and M7F: no operating system, no `std`, common in the field.
pub(crate) const TARGET: &str = "thumbv7em-none-eabihf";
const CRATES: &[&str] = &["dtls-crypto-api", "dtls-core", "dtls-provider-rustcrypto"];

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    check()
}

pub(crate) fn check() -> anyhow::Result<()> {
    if !target_is_installed() {
        bail!("the target {TARGET} is not installed: run `rustup target add {TARGET}`");
    }
    let mut build = cargo(&["build", "--target", TARGET, "--no-default-features"]);
    for name in CRATES {
        build.args(["-p", name]);
    }
    process::run(&mut build)
}

pub(crate) fn target_is_installed() -> bool {
    // The compiler knows where it would look for the target's libraries.
    let mut rustc = Command::new("rustc");
    rustc.args(["--target", TARGET, "--print", "target-libdir"]);
    process::output(&mut rustc).is_ok_and(|folder| std::path::Path::new(folder.trim()).is_dir())
}
