//! `cargo xtask test`: every test of the workspace, with nextest, and every example in the docs.

use crate::process::{self, cargo};
use crate::setup;

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    all()
}

pub(crate) fn all() -> anyhow::Result<()> {
    setup::nextest()?;
    // nextest does not run doc tests. They go first, so that the run ends with nextest's summary.
    process::run(&mut cargo(&["test", "--doc", "--workspace", "--all-features"]))?;
    process::run(&mut cargo(&["nextest", "run", "--workspace", "--all-features"]))
}
