//! `cargo xtask botan`: Botan 3, with the modules we need, under `target/botan/`: what the cargo
//! feature `botan` links in this workspace (`BOTAN_INCLUDE_DIR` and `BOTAN_LIB_DIR` in
//! `.cargo/config.toml`), since no Debian up to 12 has a Botan 3.
//!
//! It is the library that the feature `botan-vendored` builds: minutes once, instead of once for
//! every profile and folder of cargo. So this also proves that feature.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::carried::copy_folder;
use crate::process::{self, cargo};
use crate::setup;
use crate::stamp;
use crate::vendored;
use crate::workspace;

/// Which modules are left out: set in `.cargo/config.toml`, with the reason.
const MODULES: &str = "BOTAN_CONFIGURE_DISABLE_MODULES";

const ARCHIVE: &str = "libbotan-3.a";

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    build()?;
    println!("botan: the library is {}", archive(&workspace::kept("botan")).display());
    Ok(())
}

/// Builds and installs the library unless that is done.
pub(crate) fn build() -> anyhow::Result<()> {
    let folder = workspace::kept("botan");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    stamp::up_to_date(&folder.join("stamp"), &stamp()?, || install(&folder)).map(drop)
}

fn archive(folder: &Path) -> PathBuf {
    folder.join("lib").join(ARCHIVE)
}

fn stamp() -> anyhow::Result<String> {
    let Ok(modules) = env::var(MODULES) else {
        bail!("{MODULES} is not set: run this as `cargo xtask`, which reads .cargo/config.toml");
    };
    let lock = workspace::root().join("Cargo.lock");
    let lock =
        fs::read_to_string(&lock).with_context(|| format!("cannot read {}", lock.display()))?;
    let version = locked(&lock, "botan-src").context("Cargo.lock does not name botan-src")?;
    Ok(format!("botan-src {version}\nwithout {modules}\n"))
}

/// The version of a package in `Cargo.lock`.
fn locked<'a>(lock: &'a str, package: &str) -> Option<&'a str> {
    let (_, entry) = lock.split_once(&format!("name = \"{package}\"\nversion = \""))?;
    entry.split_once('"').map(|(version, _)| version)
}

fn install(folder: &Path) -> anyhow::Result<()> {
    setup::debian_packages()?;
    println!("botan: building Botan 3 with the modules we need, three minutes, once");
    let log = folder.join("build.log");
    stamp::forget(&log)?;
    // Cargo would not notice a changed list of modules.
    let mut clean = vendored::in_folder(cargo(&["clean", "--release", "-p", "botan-sys"]));
    process::logged(&mut clean, &log)?;
    let mut build =
        vendored::in_folder(cargo(&["build", "--release", "-p", "dtls-provider-botan"]));
    build.args(["--features", "vendored", "--message-format", "json"]);
    let messages = process::output_with_log(&mut build, &log)?;
    let built = linked_folder(&messages).context("cargo did not say where it built Botan")?;

    let [include, library] = ["include", "lib"].map(|name| folder.join(name));
    for old in [&include, &library].into_iter().filter(|old| old.exists()) {
        fs::remove_dir_all(old).with_context(|| format!("cannot remove {}", old.display()))?;
    }
    let headers = built.join("build").join("include").join("public").join("botan");
    copy_folder(&headers, &include.join("botan-3").join("botan"))
        .with_context(|| format!("cannot copy {}", headers.display()))?;
    fs::create_dir_all(&library)?;
    let from = built.join(ARCHIVE);
    fs::copy(&from, archive(folder)).with_context(|| format!("cannot copy {}", from.display()))?;
    Ok(())
}

/// Where the build script of `botan-sys` told the linker to look, in cargo's messages.
fn linked_folder(messages: &str) -> Option<PathBuf> {
    let message = messages
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|message| message["reason"] == "build-script-executed")
        .find(|message| {
            message["package_id"].as_str().is_some_and(|id| id.contains("botan-sys"))
        })?;
    let mut paths = message["linked_paths"].as_array()?.iter().filter_map(Value::as_str);
    Some(paths.find_map(|path| path.strip_prefix("native="))?.into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{linked_folder, locked};

    #[test]
    fn the_version_is_that_of_the_package_of_exactly_this_name() {
        let lock = "[[package]]\nname = \"botan-src-extra\"\nversion = \"1.0.0\"\n\n\
                    [[package]]\nname = \"botan-src\"\nversion = \"0.31300.1\"\n";
        assert_eq!(locked(lock, "botan-src"), Some("0.31300.1"));
        assert_eq!(locked(lock, "botan"), None);
    }

    #[test]
    fn the_library_is_where_the_build_script_says() {
        let messages = r#"
{"reason":"build-script-executed","package_id":"registry+x#libc@0.2.1","linked_paths":[]}
{"reason":"build-script-executed","package_id":"registry+x#botan-sys@1.2.3","linked_paths":["native=/t/out/botan-build"]}
{"reason":"build-finished","success":true}"#;
        assert_eq!(linked_folder(messages).unwrap(), Path::new("/t/out/botan-build"));
        assert!(linked_folder("").is_none());
    }
}
