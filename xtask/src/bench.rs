//! `cargo xtask bench`: the criterion benchmarks of the conformance kit. What they measured last
//! stands in `docs/performance.md`.

use crate::process::{self, cargo};

pub(crate) fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut bench = cargo(&["bench", "-p", "dtls-conformance", "--"]);
    process::run(bench.args(args.raw_args()?))
}
