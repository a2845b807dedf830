//! A short run of the fuzz harness; the long one is `cargo xtask fuzz`.

use std::sync::{Arc, Mutex};

use dtls_conformance::fuzz::{self, Options, Progress};
use dtls_conformance::memory::Change;
use dtls_crypto_api::{CryptoError, CryptoProvider};
use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};

fn measure(code: &mut dyn FnMut()) -> Change {
    let info = allocation_counter::measure(code);
    let peak = i64::try_from(info.bytes_max).unwrap_or(i64::MAX);
    Change { allocations: info.count_total, net: info.bytes_current, peak }
}

#[derive(Debug)]
struct Repeatable(Mutex<fastrand::Rng>);

impl RandomSource for Repeatable {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.0.lock().unwrap().fill(out);
        Ok(())
    }
}

fn provider(seed: u64) -> Arc<dyn CryptoProvider> {
    let random = Mutex::new(fastrand::Rng::with_seed(seed));
    Arc::new(RustCryptoProvider::with_random(Repeatable(random)))
}

fn options(iterations: u64, seed: u64) -> Options {
    Options { iterations, at_most: None, seed, measure, provider }
}

/// The states of both roles in which a connection can be found.
const STATES: [&str; 16] = [
    "client WAIT_SH",
    "client WAIT_SH (after a retry)",
    "client WAIT_EE",
    "client WAIT_CERT_CR",
    "client WAIT_CERT_VERDICT (question open)",
    "client WAIT_CV",
    "client WAIT_FINISHED",
    "client CONNECTED",
    "client FAILED",
    "server START",
    "server WAIT_SECOND_CH",
    "server RECVD_CH (question open)",
    "server WAIT_CERT",
    "server WAIT_FINISHED",
    "server CONNECTED",
    "server FAILED",
];

/// req: 9147-4.5.2-01, 9147bis-4.5.2-01, 9147-11-07
#[test]
fn bad_input_in_any_state_neither_panics_nor_grows_memory_nor_kills_what_has_keys() {
    // One seed, so that the test means the same every time; CI takes a new one each run.
    let options = options(20_000, 1);
    let progress = fuzz::run(&options).unwrap_or_else(|failure| panic!("{failure}"));
    assert!(progress.inputs >= options.iterations);
    assert!(progress.peak > 0, "nothing was measured");
    let missing: Vec<_> =
        STATES.into_iter().filter(|state| !progress.states.contains_key(*state)).collect();
    assert!(missing.is_empty(), "never attacked: {missing:?} of {:#?}", progress.states);
}

#[test]
fn the_same_seed_does_the_same_again() {
    let run = |seed| fuzz::run(&options(1_000, seed)).unwrap_or_else(|failure| panic!("{failure}"));
    let seen = |progress: Progress| {
        (progress.inputs, progress.sessions, progress.failures, progress.states, progress.last)
    };
    assert_eq!(seen(run(7)), seen(run(7)));
    assert_ne!(seen(run(7)), seen(run(8)));
}
