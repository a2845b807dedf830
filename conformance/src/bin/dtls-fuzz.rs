//! `dtls-fuzz [--iterations N] [--seconds N] [--seed S] [--replay SESSION]`: bad input for every
//! state of a connection and for the listener, on the RustCrypto provider. The same seed does the
//! same again; `--replay` repeats one session.

use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dtls_conformance::fuzz::{self, Options, Progress};
use dtls_conformance::memory::Change;
use dtls_crypto_api::{CryptoError, CryptoProvider};
use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};
use lexopt::{Arg, ValueExt};

/// Inputs when nothing is said.
const ITERATIONS: u64 = 1_000_000;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("dtls-fuzz: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let mut options = Options {
        iterations: ITERATIONS,
        at_most: None,
        seed: fastrand::u64(..),
        measure,
        provider,
    };
    let (mut iterations, mut replay) = (None, None);
    let mut args = lexopt::Parser::from_env();
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("iterations") => iterations = Some(args.value()?.parse()?),
            Arg::Long("seconds") => {
                options.at_most = Some(Duration::from_secs(args.value()?.parse()?));
            }
            Arg::Long("seed") => options.seed = args.value()?.parse()?,
            Arg::Long("replay") => replay = Some(args.value()?.parse()?),
            other => return Err(other.unexpected().into()),
        }
    }
    if options.at_most.is_some() {
        options.iterations = u64::MAX;
    }
    options.iterations = iterations.unwrap_or(options.iterations);
    if let Some(session) = replay {
        let mut progress = Progress::default();
        fuzz::replay(&options, session, &mut progress)?;
        println!("session {session}: {} inputs, no fault", progress.inputs);
        return Ok(());
    }
    println!("seed {}", options.seed);
    let begun = Instant::now();
    let progress = fuzz::run(&options)?;
    for (state, inputs) in &progress.states {
        println!("{inputs:>9}  {state}");
    }
    println!(
        "{} sessions in {} s, {} ended by an error of the connection; a listener held at most {} bytes",
        progress.sessions,
        begun.elapsed().as_secs(),
        progress.failures,
        progress.listener_peak,
    );
    println!("{} inputs, 0 panics, peak {} bytes", progress.inputs, progress.peak);
    Ok(())
}

fn measure(code: &mut dyn FnMut()) -> Change {
    let info = allocation_counter::measure(code);
    let peak = i64::try_from(info.bytes_max).unwrap_or(i64::MAX);
    Change { allocations: info.count_total, net: info.bytes_current, peak }
}

fn provider(seed: u64) -> Arc<dyn CryptoProvider> {
    let random = Mutex::new(fastrand::Rng::with_seed(seed));
    Arc::new(RustCryptoProvider::with_random(Repeatable(random)))
}

/// Randomness that is none: for tests that can be repeated.
#[derive(Debug)]
struct Repeatable(Mutex<fastrand::Rng>);

impl RandomSource for Repeatable {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).fill(out);
        Ok(())
    }
}
