//! `cargo xtask fips`: an OpenSSL FIPS module to test with, under `target/fips/`.
//!
//! It is built from the unmodified source of a version that has been validated, with the options its
//! security policy names, but by us and on this machine. So it is built *from* that source and is
//! itself not validated; who deploys brings a module of their own (`docs/fips.md`).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Context;

use crate::carried::Carried;
use crate::process;
use crate::setup;
use crate::stamp;
use crate::workspace;

/// OpenSSL 3.1.2. Later versions of this crate leave out files that the module is built from.
const SOURCE: Carried = Carried {
    krate: "openssl-src",
    version: "300.1.3",
    folder: "openssl",
    proof: "providers/fips/self_test.c",
};

/// What a security policy for this version tells to configure with, and no test programs.
const CONFIGURE: &[&str] = &["enable-fips", "no-tests"];

/// Part of the stamp: goes up when the recipe below changes.
const RECIPE: u32 = 1;

const MODULE: &str = "fips.so";
/// What `openssl fipsinstall` writes: the module's checksum, and how it is to run.
const CONFIG: &str = "fipsmodule.cnf";

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    println!("fips: the module is {}", build()?.module().display());
    Ok(())
}

/// An installed module.
pub(crate) struct Module(PathBuf);

impl Module {
    pub(crate) fn module(&self) -> PathBuf {
        self.0.join(MODULE)
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.0.join(CONFIG)
    }
}

/// Builds and installs the module unless that is done.
pub(crate) fn build() -> anyhow::Result<Module> {
    let folder = workspace::kept("fips");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    let stamp_file = folder.join("stamp");
    if !folder.join(MODULE).is_file() || !folder.join(CONFIG).is_file() {
        stamp::forget(&stamp_file)?;
    }
    stamp::up_to_date(&stamp_file, &stamp(), || install(&folder))?;
    Ok(Module(folder))
}

fn stamp() -> String {
    let Carried { krate, version, .. } = SOURCE;
    format!("{krate} {version}\n{}\nrecipe {RECIPE}\n", CONFIGURE.join(" "))
}

fn install(folder: &Path) -> anyhow::Result<()> {
    let Carried { krate, version, .. } = SOURCE;
    setup::debian_packages()?;
    println!("fips: building OpenSSL's FIPS module from {krate} {version}, half a minute, once");
    let source = folder.join("source");
    let log = folder.join("build.log");
    stamp::forget(&log)?;
    SOURCE.unpack(&source)?;

    let step = |command: &mut Command| process::logged(command.current_dir(&source), &log);
    step(Command::new("perl").arg("Configure").args(CONFIGURE))?;
    let jobs = process::jobs();
    for goal in ["build_generated", "providers/fips.so"] {
        step(Command::new("make").arg(format!("-j{jobs}")).arg(goal))?;
    }
    let module = folder.join(MODULE);
    // Moved, not written over: a program that has the old one loaded keeps it.
    fs::rename(source.join("providers").join(MODULE), &module)?;
    // The system's program runs the module's self tests and writes down that they passed.
    let mut fipsinstall = Command::new("openssl");
    fipsinstall.arg("fipsinstall").arg("-module").arg(&module);
    step(fipsinstall.arg("-out").arg(folder.join(CONFIG)))?;
    // Some 150 MB that nobody needs any more.
    fs::remove_dir_all(&source).with_context(|| format!("cannot remove {}", source.display()))
}
