//! `dtls demo` on a provider, short: the program as somebody would first try it.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::process;
use crate::programs::Programs;
use crate::provider::Provider;

/// Enough to see that data flows; the demo's own number is for measuring.
const ECHOES: &str = "200";

pub(super) fn run(provider: Provider, programs: &Programs) -> anyhow::Result<Duration> {
    let start = Instant::now();
    let mut demo = Command::new(programs.dtls());
    process::run(demo.args(["demo", "--count", ECHOES]).args(provider.arguments(programs)?))?;
    Ok(start.elapsed())
}
