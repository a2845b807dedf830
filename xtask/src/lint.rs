//! `cargo xtask lint`: formatting, clippy, documentation, and cargo-deny's view of the dependencies.

use crate::botan;
use crate::process::{self, cargo};
use crate::workspace::EVERYTHING;

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    fmt()?;
    clippy()?;
    doc()?;
    deny()?;
    if let Some(reason) = advisories()? {
        println!("NOT RUN: {reason}");
    }
    Ok(())
}

pub(crate) fn fmt() -> anyhow::Result<()> {
    process::run(&mut cargo(&["fmt", "--all", "--check"]))
}

pub(crate) fn clippy() -> anyhow::Result<()> {
    botan::build()?;
    let mut command = cargo(&["clippy", "--all-targets"]);
    process::run(command.args(EVERYTHING).args(["--", "-D", "warnings"]))
}

pub(crate) fn doc() -> anyhow::Result<()> {
    botan::build()?;
    let mut command = cargo(&["doc", "--no-deps"]);
    process::run(command.args(EVERYTHING).env("RUSTDOCFLAGS", "-D warnings"))
}

/// The parts of cargo-deny that need nothing but the lock file and the packages themselves.
pub(crate) fn deny() -> anyhow::Result<()> {
    process::run(&mut cargo(&["deny", "--all-features", "check", "bans", "licenses", "sources"]))
}

/// Known vulnerabilities. The database is fetched over the network; where it cannot be reached the
/// reason is returned, and the caller has to show it.
pub(crate) fn advisories() -> anyhow::Result<Option<String>> {
    let fetched = process::succeeds(&mut cargo(&["deny", "fetch", "db"]));
    if !fetched {
        return Ok(Some("advisories: the database cannot be reached from here".to_owned()));
    }
    process::run(&mut cargo(&["deny", "--all-features", "check", "advisories"]))?;
    Ok(None)
}
