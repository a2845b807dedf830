//! `cargo xtask prepare`: everything that is built from foreign source, in the order in which the
//! other commands want it. Each of them builds what it needs by itself; `cargo xtask ci` runs this
//! beside its first steps, of which many keep only one processor busy.

use std::env;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::time::Instant;

use anyhow::Context;

use crate::programs::{Libraries, Programs};
use crate::{botan, fips, interop, process};

/// A library, program or module, and how it is built unless it is there.
type Foreign = (&'static str, fn() -> anyhow::Result<()>);

const FOREIGN: &[Foreign] = &[
    ("Botan", botan::build),
    ("wolfSSL", interop::prepare),
    ("the FIPS module", || fips::build().map(drop)),
    ("OpenSSL, and the programs with it", || Programs::build(Libraries::Vendored).map(drop)),
];

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    for (name, build) in FOREIGN {
        let start = Instant::now();
        build().with_context(|| format!("cannot build {name}"))?;
        println!("prepare: {name} is there, {:.0} seconds", start.elapsed().as_secs_f64());
    }
    Ok(())
}

/// This command, running beside others. Who needs something that it builds at the moment waits at
/// its stamp; what it could not build is built again, and the error shown, by who needs it.
pub(crate) struct Beside(Child);

impl Beside {
    pub(crate) fn start() -> anyhow::Result<Self> {
        let mut command = Command::new(env::current_exe()?);
        // A group of its own, so that it can be ended together with the compilers it runs.
        let child = command.arg("prepare").process_group(0).spawn();
        Ok(Self(child.context("cannot start `xtask prepare`")?))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        if matches!(self.0.try_wait(), Ok(None)) {
            let group = format!("-{}", self.0.id());
            process::succeeds(Command::new("kill").args(["-TERM", "--", &group]));
        }
        let _ = self.0.wait();
    }
}
