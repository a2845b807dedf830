//! `cargo xtask ci`: everything that has to hold before a change lands, in order, each step timed.
//!
//! It stops at the first failure and names it, unless told to keep going. A step that cannot run on
//! this machine is shown as NOT RUN with the reason, never as passed. The tests come last, so that
//! the test runner's own summary closes the output.
//!
//! What is built from foreign source is built beside the first steps ([`prepare`](crate::prepare)).

use std::time::{Duration, Instant};

use anyhow::bail;

use crate::prepare::Beside;
use crate::programs::{Libraries, Programs};
use crate::{compliance, conformance, deps, embedded, features, fuzz, interop, lint, test};

enum Outcome {
    Passed,
    NotRun(String),
}

type Step = (&'static str, fn() -> anyhow::Result<Outcome>);

/// Cheap and likely to fail first; what needs release builds and real time last.
const STEPS: &[Step] = &[
    ("fmt", || lint::fmt().map(passed)),
    ("dependency rule", || deps::check().map(passed)),
    ("deny", || lint::deny().map(passed)),
    ("advisories", || Ok(lint::advisories()?.map_or(Outcome::Passed, Outcome::NotRun))),
    ("compliance", || compliance::run(lexopt::Parser::from_args(["--check"])).map(passed)),
    ("embedded", || embedded::check().map(passed)),
    ("fuzz (short)", || fuzz::short().map(passed)),
    ("clippy", || lint::clippy().map(passed)),
    ("doc", || lint::doc().map(passed)),
    ("features", || features::check().map(passed)),
    ("interop wolfssl", || {
        interop::wolfssl_matrix(&Programs::build(Libraries::Installed)?).map(passed)
    }),
    ("conformance", || conformance::all().map(passed)),
    (LAST, || test::all().map(passed)),
];

/// The summary of the steps stands before this one.
const LAST: &str = "test";

pub(crate) fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut keep_going = false;
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("keep-going") => keep_going = true,
            other => return Err(other.unexpected().into()),
        }
    }
    // Ended when a step fails.
    let _beside = Beside::start()?;
    let start = Instant::now();
    let mut done = Vec::new();
    let mut failed = Vec::new();
    for (name, step) in STEPS {
        if *name == LAST {
            summary(&done);
        }
        println!("\n==== {name} ====");
        let start = Instant::now();
        let result = match step() {
            Ok(Outcome::Passed) => "ok".to_owned(),
            Ok(Outcome::NotRun(reason)) => format!("NOT RUN: {reason}"),
            Err(error) => {
                eprintln!("{name}: {error:#}");
                failed.push(*name);
                "FAILED".to_owned()
            }
        };
        done.push((*name, result, start.elapsed()));
        if !failed.is_empty() && !keep_going {
            break;
        }
    }
    let seconds = start.elapsed().as_secs();
    if !failed.is_empty() {
        summary(&done);
        bail!("failed after {seconds} seconds: {}", failed.join(", "));
    }
    println!("ci: every step passed, {seconds} seconds");
    Ok(())
}

fn passed((): ()) -> Outcome {
    Outcome::Passed
}

fn summary(done: &[(&str, String, Duration)]) {
    println!("\n{:<18} {:>8}  result", "step", "seconds");
    for (name, result, time) in done {
        println!("{name:<18} {:>8.1}  {result}", time.as_secs_f64());
    }
}
