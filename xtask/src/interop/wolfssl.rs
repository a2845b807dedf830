//! wolfSSL as a program of its own: its source, its own build, and our peer driver around it.
//!
//! The source travels inside the crate `wolfssl-sys`. That crate is fetched, never compiled and
//! never a dependency of a crate of ours: wolfSSL is GPL, and the peer stays a separate program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::carried::Carried;
use crate::process;
use crate::stamp::{self, Build};
use crate::workspace;

const SOURCE: Carried = Carried {
    krate: "wolfssl-sys",
    version: "5.3.0",
    folder: "wolfssl-src",
    proof: "configure.ac",
};

const CONFIGURE: &[&str] = &[
    "--enable-static",
    "--disable-shared",
    // The crate leaves tests, examples and certificates out.
    "--disable-examples",
    "--disable-crypttests",
    "--disable-benchmark",
    "--disable-oldtls",
    "--enable-dtls",
    "--enable-dtls13",
    "--enable-dtls-mtu",
    "--enable-dtls-frag-ch",
    "--enable-dtlscid",
    "--enable-hrrcookie",
    "--enable-session-ticket",
    "--enable-earlydata",
    "--enable-psk",
    "--enable-postauth",
    "--enable-aesccm",
    "--enable-curve25519",
    "--enable-ed25519",
    "--enable-mlkem",
    "--enable-pqc-hybrids",
    "--enable-supportedcurves",
    "--enable-sni",
    "--enable-alpn",
    "--enable-aesni",
    "--enable-sp=yes,4096",
    "--enable-sp-asm",
    // HAVE_SECRET_CALLBACK: key log. KEEP_PEER_CERT: the driver reports whether there was one.
    "CFLAGS=-O2 -g0 -DHAVE_SECRET_CALLBACK -DKEEP_PEER_CERT",
];

const LIBRARY: &str = "src/libwolfssl.la";
const ARCHIVE: &str = "src/.libs/libwolfssl.a";

/// Builds what is missing or outdated and returns the peer program's path.
pub(super) fn build() -> anyhow::Result<PathBuf> {
    let peers = workspace::kept("peers");
    fs::create_dir_all(&peers).with_context(|| format!("cannot create {}", peers.display()))?;
    let source = peers.join("wolfssl-src");
    let library = stamp::up_to_date(&peers.join("wolfssl.stamp"), &library_stamp(), || {
        build_library(&peers, &source)
    })?;

    let driver = workspace::root().join("conformance").join("peers").join("wolfssl_peer.c");
    let program = peers.join("wolfssl-peer");
    let text =
        fs::read_to_string(&driver).with_context(|| format!("cannot read {}", driver.display()))?;
    // A rebuilt library means a new program, whatever the driver's text.
    let stamp_file = peers.join("wolfssl-peer.stamp");
    if library == Build::Fresh {
        stamp::forget(&stamp_file)?;
    }
    stamp::up_to_date(&stamp_file, &text, || compile_driver(&driver, &source, &program))?;
    Ok(program)
}

fn library_stamp() -> String {
    let Carried { krate, version, .. } = SOURCE;
    format!("{krate} {version}\n{}\n", CONFIGURE.join("\n"))
}

fn build_library(peers: &Path, source: &Path) -> anyhow::Result<()> {
    let Carried { krate, version, .. } = SOURCE;
    println!("interop: building wolfSSL from {krate} {version}, about a minute, once");
    SOURCE.unpack(source)?;
    let log = peers.join("wolfssl-build.log");
    process::logged(
        Command::new("autoreconf").args(["--install", "--force"]).current_dir(source),
        &log,
    )?;
    process::logged(Command::new("./configure").args(CONFIGURE).current_dir(source), &log)?;
    let jobs = process::jobs();
    process::logged(
        Command::new("make").arg(format!("-j{jobs}")).arg(LIBRARY).current_dir(source),
        &log,
    )
}

fn compile_driver(driver: &Path, source: &Path, program: &Path) -> anyhow::Result<()> {
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-I"]);
    gcc.arg(source).arg(driver).arg(source.join(ARCHIVE));
    process::run(gcc.args(["-lm", "-lpthread", "-o"]).arg(program))
}
