//! `cargo xtask fuzz`: damaged and random datagrams against every state of both roles, by the
//! harness of the conformance kit. A failure prints the seed that replays it.

use std::process::Command;

use lexopt::{Arg, ValueExt};

use crate::process::{self, cargo};

/// What CI spends on it: enough to notice a panic on the common paths, in well under a minute.
const CI_ITERATIONS: &str = "100000";

pub(crate) fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut harness = harness();
    while let Some(arg) = args.next()? {
        let flag = match arg {
            Arg::Long(flag @ ("iterations" | "seconds" | "seed")) => format!("--{flag}"),
            other => return Err(other.unexpected().into()),
        };
        let value: u64 = args.value()?.parse()?;
        harness.arg(flag).arg(value.to_string());
    }
    process::run(&mut harness)
}

/// The short run of CI.
pub(crate) fn short() -> anyhow::Result<()> {
    process::run(harness().args(["--iterations", CI_ITERATIONS]))
}

fn harness() -> Command {
    cargo(&["run", "--release", "-p", "dtls-conformance", "--bin", "dtls-fuzz", "--"])
}
