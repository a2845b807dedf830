//! wolfSSL as a program of its own: its source, its own build, and our peer driver around it.
//!
//! The source travels inside the crate `wolfssl-sys`. That crate is fetched, never compiled and
//! never a dependency of a crate of ours: wolfSSL is GPL, and the peer stays a separate program.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process::{self, cargo};
use crate::workspace;

/// The crate that carries the source, at the version whose build was tried.
const CRATE: &str = "wolfssl-sys";
const CRATE_VERSION: &str = "5.3.0";

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
    let peers = workspace::peers();
    fs::create_dir_all(&peers).with_context(|| format!("cannot create {}", peers.display()))?;
    let source = peers.join("wolfssl-src");
    let library = up_to_date(&peers.join("wolfssl.stamp"), &library_stamp(), || {
        build_library(&peers, &source)
    })?;

    let driver = workspace::root().join("conformance").join("peers").join("wolfssl_peer.c");
    let program = peers.join("wolfssl-peer");
    let text =
        fs::read_to_string(&driver).with_context(|| format!("cannot read {}", driver.display()))?;
    // A rebuilt library means a new program, whatever the driver's text.
    let stamp = peers.join("wolfssl-peer.stamp");
    if library == Build::Fresh {
        forget(&stamp)?;
    }
    up_to_date(&stamp, &text, || compile_driver(&driver, &source, &program))?;
    Ok(program)
}

#[derive(PartialEq, Eq)]
enum Build {
    Fresh,
    Cached,
}

/// Runs `build` unless the stamp file already says exactly `stamp`.
fn up_to_date(
    file: &Path,
    stamp: &str,
    build: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Build> {
    if fs::read_to_string(file).is_ok_and(|found| found == stamp) {
        return Ok(Build::Cached);
    }
    forget(file)?;
    build()?;
    fs::write(file, stamp).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(Build::Fresh)
}

fn forget(file: &Path) -> anyhow::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

fn library_stamp() -> String {
    format!("{CRATE} {CRATE_VERSION}\n{}\n", CONFIGURE.join("\n"))
}

fn build_library(peers: &Path, source: &Path) -> anyhow::Result<()> {
    println!("interop: building wolfSSL from {CRATE} {CRATE_VERSION}, about a minute, once");
    if source.exists() {
        fs::remove_dir_all(source)?;
    }
    copy_folder(&fetch_source(peers)?, source)?;
    let log = peers.join("wolfssl-build.log");
    logged(Command::new("autoreconf").args(["--install", "--force"]).current_dir(source), &log)?;
    logged(Command::new("./configure").args(CONFIGURE).current_dir(source), &log)?;
    let jobs = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    logged(Command::new("make").arg(format!("-j{jobs}")).arg(LIBRARY).current_dir(source), &log)
}

/// Lets cargo fetch the crate, through a throw-away package that names it, and returns the folder
/// of wolfSSL's source in cargo's own cache.
fn fetch_source(peers: &Path) -> anyhow::Result<PathBuf> {
    let package = peers.join("fetch");
    fs::create_dir_all(package.join("src"))?;
    // The empty [workspace] table keeps cargo from looking for ours.
    let manifest = format!(
        "[package]\nname = \"fetch\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n\
         [dependencies]\n{CRATE} = \"={CRATE_VERSION}\"\n\n[workspace]\n"
    );
    fs::write(package.join("Cargo.toml"), manifest)?;
    fs::write(package.join("src").join("lib.rs"), "")?;
    let metadata =
        process::output(cargo(&["metadata", "--format-version", "1"]).current_dir(&package))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata)?;
    let manifest = metadata["packages"]
        .as_array()
        .into_iter()
        .flatten()
        .find(|package| package["name"] == CRATE)
        .and_then(|package| package["manifest_path"].as_str())
        .with_context(|| format!("cargo metadata does not name {CRATE}"))?;
    let folder = Path::new(manifest).with_file_name("wolfssl-src");
    if !folder.join("configure.ac").is_file() {
        bail!("{CRATE} {CRATE_VERSION} no longer carries wolfSSL's source");
    }
    Ok(folder)
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

fn compile_driver(driver: &Path, source: &Path, program: &Path) -> anyhow::Result<()> {
    let mut gcc = Command::new("gcc");
    gcc.args(["-std=c11", "-D_GNU_SOURCE", "-O2", "-Wall", "-Wextra", "-Werror", "-I"]);
    gcc.arg(source).arg(driver).arg(source.join(ARCHIVE));
    process::run(gcc.args(["-lm", "-lpthread", "-o"]).arg(program))
}

/// Runs with the output appended to a file, since a build says thousands of lines; they are needed
/// only when it fails.
fn logged(command: &mut Command, log: &Path) -> anyhow::Result<()> {
    let file = fs::OpenOptions::new().create(true).append(true).open(log)?;
    let command = command.stdout(file.try_clone()?).stderr(file);
    process::run(command).with_context(|| format!("see {}", log.display()))
}
