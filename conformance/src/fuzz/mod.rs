//! An attack with bad input on every state of a connection, and on the listener.
//!
//! A *session* brings a connection of either role to some state with an honest peer: at any step
//! of the handshake, with or without a retry, with a question open, connected, after key updates,
//! closing, failed. Then it gets datagrams that are noise, damaged copies of honest ones, records
//! of epoch 0 around damaged or invented messages, and, from a peer that holds the keys, records
//! that authenticate around such content: that is how the parsers behind the AEAD are reached.
//! Every so often a session attacks a listener instead.
//!
//! After each input nothing may have panicked, what is polled must come to an end, and the memory
//! the connection holds must stay below [`MAX_CONNECTION_BYTES`]. Every session follows from one
//! seed, which is all it takes to see it again.

mod door;
mod forge;
mod keyring;
mod mutate;
mod session;

use core::fmt;
use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use dtls_core::Error;
use dtls_core::listener::pool::{MAX_HELLO_LEN, MAX_KNOWN, MAX_STRANGERS};
use dtls_crypto_api::CryptoProvider;
use fastrand::Rng;

use crate::memory::Measure;
use crate::pair::Identity;

/// The most heap a connection may hold whatever it is sent, with the default configuration:
/// messages under reassembly up to 64 KiB in turn and 64 KiB ahead of their turn, in buffers that
/// double as they grow; 16 KiB of records before their keys; 32 KiB for everything else.
pub const MAX_CONNECTION_BYTES: i64 = (4 * 64 + 16 + 32) << 10;

/// The most heap a listener may hold: its pool, in buffers that double as they grow, and 256
/// bytes of administration for each hello in it.
pub const MAX_LISTENER_BYTES: i64 =
    ((MAX_STRANGERS + MAX_KNOWN) as u32 * (2 * MAX_HELLO_LEN + 256)) as i64;

/// One session in so many attacks a listener.
const LISTENER_EVERY: u64 = 1024;

/// Makes the provider of a session: the same randomness for the same seed.
pub type Providers = fn(u64) -> Arc<dyn CryptoProvider>;

/// What is to be done.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Inputs to feed at least.
    pub iterations: u64,
    /// Stop after so long, whatever is left.
    pub at_most: Option<Duration>,
    /// What all sessions' seeds follow from.
    pub seed: u64,
    /// How memory is measured.
    pub measure: Measure,
    /// Where cryptography comes from.
    pub provider: Providers,
}

/// What was done so far.
#[derive(Clone, Debug, Default)]
pub struct Progress {
    /// Datagrams fed.
    pub inputs: u64,
    /// Sessions begun.
    pub sessions: u64,
    /// Connections that failed with an error, as they should.
    pub failures: u64,
    /// The most heap one connection held, in bytes.
    pub peak: i64,
    /// The most heap a listener held, in bytes.
    pub listener_peak: i64,
    /// Inputs by the state in which the attack on a connection began.
    pub states: BTreeMap<String, u64>,
    /// The last datagram.
    pub last: Vec<u8>,
}

/// What must not happen.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A panic.
    Panic,
    /// More heap was held than is allowed.
    Memory(i64),
    /// This call does not run dry.
    Endless(&'static str),
    /// A listener's answer is too long for its question.
    Amplified {
        /// Bytes of the question.
        received: usize,
        /// Bytes of the answer.
        sent: usize,
    },
    /// Somebody without keys has ended a connection that has them.
    Killed(Error),
    /// A connection could not be made.
    Setup(Error),
    /// The harness itself is at fault.
    Harness(&'static str),
}

/// A fault and how to see it again.
#[derive(Debug)]
pub struct Failure {
    /// What happened.
    pub fault: Fault,
    /// The seed of the session.
    pub session: u64,
    /// The datagram at which it happened.
    pub datagram: Vec<u8>,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} in the session --replay {}, at the datagram ", self.fault, self.session)?;
        self.datagram.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl core::error::Error for Failure {}

/// Runs sessions until there were enough inputs.
///
/// # Errors
/// The first fault.
pub fn run(options: &Options) -> Result<Progress, Box<Failure>> {
    let begun = Instant::now();
    let mut seeds = Rng::with_seed(options.seed);
    let mut progress = Progress::default();
    while progress.inputs < options.iterations
        && options.at_most.is_none_or(|at_most| begun.elapsed() < at_most)
    {
        replay(options, seeds.u64(..), &mut progress)?;
    }
    Ok(progress)
}

/// Runs the session of one seed.
///
/// # Errors
/// The first fault.
pub fn replay(
    options: &Options,
    session: u64,
    progress: &mut Progress,
) -> Result<(), Box<Failure>> {
    let mut rng = Rng::with_seed(session);
    let provider = (options.provider)(rng.u64(..));
    progress.sessions += 1;
    let attack = || {
        let identity = Identity::new(provider.as_ref()).map_err(|e| Fault::Setup(e.into()))?;
        if session.is_multiple_of(LISTENER_EVERY) {
            door::run(&provider, options.measure, rng, progress)
        } else {
            session::run(&provider, &identity, options.measure, rng, progress)
        }
    };
    let result = catch_unwind(AssertUnwindSafe(attack)).unwrap_or(Err(Fault::Panic));
    let datagram = || progress.last.clone();
    result.map_err(|fault| Box::new(Failure { fault, session, datagram: datagram() }))
}
