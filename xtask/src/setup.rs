//! `cargo xtask setup`: installs what the other commands need and this machine lacks.
//!
//! Written for a fresh Debian machine with Rust and git. It can be repeated: what is there is left
//! alone. What cannot be installed is said loudly; the command that needs it then fails by itself.

use std::collections::BTreeSet;
use std::process::Command;

use anyhow::bail;

use crate::embedded::TARGET;
use crate::process::{self, cargo};

/// Something a Debian package brings, and how to see that it is there.
struct Need {
    there: There,
    package: &'static str,
}

enum There {
    /// A program of this name.
    Program(&'static str),
    /// A library with headers, by its name in pkg-config.
    Headers(&'static str),
    /// Modules of Perl: the program alone is part of every Debian, most of its modules are not.
    Perl(&'static [&'static str]),
}

use There::{Headers, Perl, Program};

impl Need {
    const fn new(there: There, package: &'static str) -> Self {
        Self { there, package }
    }

    fn is_there(&self) -> bool {
        match self.there {
            Program(name) => process::installed(name),
            Headers(name) => process::succeeds(Command::new("pkg-config").args(["--exists", name])),
            Perl(modules) => {
                let modules = modules.iter().map(|module| format!("-M{module}"));
                process::succeeds(Command::new("perl").args(modules).args(["-e", "1"]))
            }
        }
    }
}

const NEEDS: &[Need] = &[
    // The system's OpenSSL, for the OpenSSL provider.
    Need::new(Program("pkg-config"), "pkg-config"),
    Need::new(Headers("openssl"), "libssl-dev"),
    // OpenSSL and its FIPS module from source.
    Need::new(Perl(&["File::Compare", "FindBin", "IPC::Cmd", "Pod::Usage"]), "perl"),
    // Botan from source.
    Need::new(Program("g++"), "g++"),
    Need::new(Program("python3"), "python3"),
    // wolfSSL's source comes without a `configure`; its autogen makes one.
    Need::new(Program("autoreconf"), "autoconf"),
    Need::new(Program("automake"), "automake"),
    Need::new(Program("libtoolize"), "libtool"),
    Need::new(Program("make"), "make"),
    Need::new(Program("gcc"), "gcc"),
    // Certificates for the interop matrix, from a program that is neither of the two peers; and
    // the installation of the FIPS module.
    Need::new(Program("openssl"), "openssl"),
    // The evidence for constant time: the program, and the headers by which code speaks to it.
    Need::new(Program("valgrind"), "valgrind"),
    Need::new(Headers("valgrind"), "valgrind"),
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

/// Debian's packages for what is built from C source, and for feeding foreign peers; the commands
/// that build such things call this too.
pub(crate) fn debian_packages() -> anyhow::Result<()> {
    let missing = NEEDS.iter().filter(|need| !need.is_there());
    let packages: BTreeSet<&str> = missing.map(|need| need.package).collect();
    if packages.is_empty() {
        println!("setup: the build tools and C libraries are there");
        return Ok(());
    }
    let names = packages.iter().copied().collect::<Vec<_>>().join(", ");
    if !process::installed("apt-get") {
        bail!("please install {names}: this machine has no apt-get");
    }
    println!("setup: installing {names}");
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
