//! The cases: what is run under valgrind, one in a process.

mod comparison;
mod connection;
mod fragments;
mod planted;
mod record;
mod schedule;

use std::sync::Arc;

use dtls_crypto_api::{CipherSuite, CryptoProvider};

/// Why a case could not be judged: something else than its timing is wrong.
pub(crate) type Failure = Box<dyn std::error::Error>;

type Provider = Arc<dyn CryptoProvider>;

/// What a case runs.
#[derive(Clone, Copy)]
pub(crate) enum Run {
    /// Our code on top of a provider, and the provider's own: nothing may depend on a secret but
    /// what is declared.
    WithProvider(fn(&Provider) -> Result<(), Failure>),
    /// Our code that needs no provider.
    Alone(fn() -> Result<(), Failure>),
    /// A mistake made on purpose: it has to be caught.
    Planted(fn() -> Result<(), Failure>),
}

/// One case.
#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) run: Run,
}

const fn with_provider(name: &'static str, run: fn(&Provider) -> Result<(), Failure>) -> Case {
    Case { name, run: Run::WithProvider(run) }
}

const fn planted(name: &'static str, run: fn() -> Result<(), Failure>) -> Case {
    Case { name, run: Run::Planted(run) }
}

/// All of them; each planted one before ours of its kind.
pub(crate) const ALL: &[Case] = &[
    planted("planted-comparison", planted::comparison),
    planted("planted-finished", planted::finished),
    Case { name: "comparison", run: Run::Alone(comparison::digests_and_secrets) },
    planted("planted-index", planted::index),
    with_provider("key-schedule", schedule::schedule),
    planted("planted-record-number", planted::record_number),
    with_provider("record-number-forged", record::forged_number),
    with_provider("record-number", record::number),
    planted("planted-padding", planted::padding),
    with_provider("padding", record::padding),
    planted("planted-fragments", planted::fragments),
    Case { name: "fragments", run: Run::Alone(fragments::reassembly) },
    with_provider("cookie", connection::cookie),
    with_provider("finished-refused", connection::finished_refused),
    planted("planted-data", planted::data),
    with_provider("connection", connection::connection),
];

/// The suites a case goes through.
fn suites(provider: &Provider) -> Vec<CipherSuite> {
    provider.capabilities().cipher_suites.iter().map(|offered| offered.id).collect()
}

/// Fails a case whose secrets did not come where they were to be watched, or came out wrong.
fn hold(what: &str, holds: bool) -> Result<(), Failure> {
    if holds { Ok(()) } else { Err(format!("does not hold: {what}").into()) }
}
