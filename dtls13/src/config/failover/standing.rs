//! What a failover is told, and what it tells of its providers.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use dtls_core::crypto::CryptoError;

use crate::Error;
use crate::provider::Statistics;

/// When a provider is given up, and when it is looked at again.
#[derive(Clone)]
#[non_exhaustive]
pub struct FailoverOptions {
    /// How long after a round of self tests the next is due: 60 s.
    pub test_interval: Duration,
    /// Faults between two passed self tests from which on a provider counts as failed: 3.
    pub fault_threshold: u64,
    pub(super) observer: Option<Arc<Observer>>,
}

pub(super) type Observer = dyn Fn(&Standing) + Send + Sync;

impl Default for FailoverOptions {
    fn default() -> Self {
        Self { test_interval: Duration::from_secs(60), fault_threshold: 3, observer: None }
    }
}

impl fmt::Debug for FailoverOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FailoverOptions")
            .field("test_interval", &self.test_interval)
            .field("fault_threshold", &self.fault_threshold)
            .finish_non_exhaustive()
    }
}

impl FailoverOptions {
    /// Sets [`Self::test_interval`].
    #[must_use]
    pub fn test_interval(mut self, interval: Duration) -> Self {
        self.test_interval = interval;
        self
    }

    /// Sets [`Self::fault_threshold`].
    #[must_use]
    pub fn fault_threshold(mut self, faults: u64) -> Self {
        self.fault_threshold = faults;
        self
    }

    /// Tells `observer` whenever a provider fails or works again. It is called on whatever thread
    /// found out, and should be quick.
    #[must_use]
    pub fn observer(mut self, observer: impl Fn(&Standing) + Send + Sync + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }
}

/// Why a provider is not used.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum ProviderFailure {
    /// Its self test failed.
    SelfTest(CryptoError),
    /// It erred so many times.
    Faults(u64),
    /// No configuration can be made with it.
    Config(Box<Error>),
}

impl fmt::Display for ProviderFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SelfTest(error) => error.fmt(f),
            Self::Faults(faults) => write!(f, "it erred {faults} times"),
            Self::Config(error) => write!(f, "no configuration can be made with it: {error}"),
        }
    }
}

/// A provider that is not used, by its name.
#[derive(Clone, Debug)]
pub struct FailedProvider {
    /// Name of the provider, from its capabilities.
    pub name: String,
    /// Why it is not used.
    pub why: ProviderFailure,
}

impl fmt::Display for FailedProvider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.why)
    }
}

/// How a provider of a [`FailoverConfig`](crate::FailoverConfig) does.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Standing {
    /// Name of the provider, from its capabilities.
    pub name: String,
    /// Its place in the list; 0 is the first choice.
    pub index: usize,
    /// Why it is not used, if it is not.
    pub failure: Option<ProviderFailure>,
    /// What was counted of it: no times.
    pub statistics: Statistics,
}
