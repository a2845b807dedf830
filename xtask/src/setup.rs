//! `cargo xtask setup`: installs what the other commands need and this machine lacks.
//!
//! Written for a fresh Debian machine with Rust and git. It can be repeated: what is there is left
//! alone. What cannot be installed is said loudly; the command that needs it then fails by itself.

use std::process::Command;

use anyhow::bail;

use crate::embedded::TARGET;
use crate::process::{self, cargo};

/// A program that has to be there, and the Debian package that brings it.
const PROGRAMS: &[(&str, &str)] = &[
    // wolfSSL's source comes without a `configure`; its autogen makes one.
    ("autoreconf", "autoconf"),
    ("automake", "automake"),
    ("libtoolize", "libtool"),
    ("make", "make"),
    ("gcc", "gcc"),
    // Certificates for the interop matrix, from a program that is neither of the two peers.
    ("openssl", "openssl"),
];

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    nextest()?;
    cargo_tool("deny", "cargo-deny")?;
    debian_packages()?;
    embedded_target();
    Ok(())
}

/// The test runner; `cargo xtask test` calls this too.
pub(crate) fn nextest() -> anyhow::Result<()> {
    cargo_tool("nextest", "cargo-nextest")
}

fn cargo_tool(subcommand: &str, package: &str) -> anyhow::Result<()> {
    if process::succeeds(&mut cargo(&[subcommand, "--version"])) {
        println!("setup: {package} is there");
        return Ok(());
    }
    println!("setup: installing {package}");
    process::run(&mut cargo(&["install", "--locked", package]))
}

/// Debian's packages for building and feeding the foreign peers; `cargo xtask interop` calls this too.
pub(crate) fn debian_packages() -> anyhow::Result<()> {
    let missing: Vec<_> =
        PROGRAMS.iter().filter(|(program, _)| !process::installed(program)).collect();
    if missing.is_empty() {
        println!("setup: the build tools for foreign peers are there");
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|(_, package)| *package).collect();
    if !process::installed("apt-get") {
        bail!("please install {}: this machine has no apt-get", packages.join(", "));
    }
    println!("setup: installing {}", packages.join(", "));
    process::run(apt_get().args(["-qq", "update"]))?;
    process::run(apt_get().args(["-qq", "-y", "install", "--no-install-recommends"]).args(packages))
}

fn apt_get() -> Command {
    let root = process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let mut command = if root {
        Command::new("apt-get")
    } else {
        let mut sudo = Command::new("sudo");
        sudo.arg("apt-get");
        sudo
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    command
}

fn embedded_target() {
    if crate::embedded::target_is_installed() {
        println!("setup: the target {TARGET} is there");
        return;
    }
    if process::run(Command::new("rustup").args(["target", "add", TARGET])).is_err() {
        println!("setup: NOT INSTALLED: the target {TARGET}; `cargo xtask embedded` cannot run");
    }
}
