//! `cargo xtask test`: every test of the workspace, with nextest, and every example in the docs.
//! The first time it also builds what the tests of the C backends need: Botan, and a FIPS module.

use crate::process::{self, cargo};
use crate::workspace::EVERYTHING;
use crate::{botan, fips, setup};

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    all()
}

pub(crate) fn all() -> anyhow::Result<()> {
    setup::nextest()?;
    // What the tests of the C backends need; both are there after the first time.
    botan::build()?;
    fips::build()?;
    // nextest does not run doc tests. They go first, so that the run ends with nextest's summary.
    process::run(cargo(&["test", "--doc"]).args(EVERYTHING))?;
    process::run(cargo(&["nextest", "run", "--no-fail-fast"]).args(EVERYTHING))
}
