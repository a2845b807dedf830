//! A configuration that moves to another provider when one fails, and back when it heals.

mod standing;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::thread;
use std::time::Instant;

use dtls_core::crypto::CryptoProvider;

use super::ConfigSource;
use crate::Error;
use crate::provider::Counted;

pub use standing::{FailedProvider, FailoverOptions, ProviderFailure, Standing};

/// The same configuration for several providers, in order of preference. Each new connection gets
/// that of the first provider that works.
///
/// A provider counts as failed when its self test fails, when its configuration cannot be made,
/// or when it errs [`FailoverOptions::fault_threshold`] times after a self test without another
/// having passed. Self tests are made when the first new connection comes after
/// [`FailoverOptions::test_interval`], on a thread of their own: no connection waits for one. A
/// failed provider is used again once its self test passes; one that kept erring although its
/// tests pass is left alone for longer each time.
///
/// What counts as erring is what [`Counted`] calls a fault: failures that no peer can cause.
/// Connections that exist keep their provider and share its fate.
///
/// List only providers you would accept for every connection: with a FIPS module first and
/// another library second, connections go on without the module when it fails. A server's
/// providers should offer the same suites and groups, so that a cookie one of them has made leads
/// to a handshake with the other.
///
/// Clones are the same `FailoverConfig`.
///
/// ```
/// # #[cfg(all(feature = "blocking", feature = "rustcrypto"))]
/// # fn main() -> Result<(), dtls13::Error> {
/// use dtls13::blocking::Endpoint;
/// use dtls13::{ClientConfig, FailoverConfig, provider};
///
/// // Two different backends in a real program.
/// let providers = [provider::rustcrypto(), provider::rustcrypto()];
/// let failover = FailoverConfig::new(providers, |provider| {
///     ClientConfig::builder(provider).with_pinned_fingerprint([7; 32]).with_no_client_auth()
/// })?;
/// let connect = |endpoint: &Endpoint, to| endpoint.connect(to, "server.example", &failover);
/// # let _ = connect;
/// # Ok(())
/// # }
/// # #[cfg(not(all(feature = "blocking", feature = "rustcrypto")))]
/// # fn main() {}
/// ```
pub struct FailoverConfig<C> {
    inner: Arc<Inner<C>>,
}

impl<C> Clone for FailoverConfig<C> {
    fn clone(&self) -> Self {
        Self { inner: self.inner.clone() }
    }
}

impl<C> fmt::Debug for FailoverConfig<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.standings()).finish()
    }
}

struct Inner<C> {
    candidates: Vec<Candidate<C>>,
    make: Box<MakeConfig<C>>,
    options: FailoverOptions,
    /// When the last round of self tests began.
    tested_at: Mutex<Instant>,
    /// Held while a round is under way.
    testing: Mutex<()>,
}

type MakeConfig<C> = dyn Fn(Arc<dyn CryptoProvider>) -> Result<C, Error> + Send + Sync;

struct Candidate<C> {
    provider: Arc<Counted>,
    state: Mutex<State<C>>,
}

struct State<C> {
    /// `None` until one could be made.
    config: Option<C>,
    failure: Option<ProviderFailure>,
    /// Faults up to the last self test that was passed.
    faults_before: u64,
    /// How often the provider kept erring without having got through a round in between.
    setbacks: u32,
    /// Before this it is not used again, whatever its self test says.
    rest_until: Option<Instant>,
}

impl<C> State<C> {
    fn is_resting(&self) -> bool {
        self.rest_until.is_some_and(|until| Instant::now() < until)
    }
}

/// The most doublings of the time for which a provider that keeps erring is left alone: an hour
/// with the default interval.
const MAX_DOUBLINGS: u32 = 6;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C: Clone + Send + Sync + 'static> FailoverConfig<C> {
    /// A configuration for each of these providers, made by `make`; the first is the favourite.
    /// Tests all of them.
    ///
    /// # Errors
    /// What `make` returns for a provider that works, and [`Error::NoWorkingProvider`].
    pub fn new(
        providers: impl IntoIterator<Item = Arc<dyn CryptoProvider>>,
        make: impl Fn(Arc<dyn CryptoProvider>) -> Result<C, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        Self::with_options(providers, FailoverOptions::default(), make)
    }

    /// As [`Self::new`], with options of its own.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_options(
        providers: impl IntoIterator<Item = Arc<dyn CryptoProvider>>,
        options: FailoverOptions,
        make: impl Fn(Arc<dyn CryptoProvider>) -> Result<C, Error> + Send + Sync + 'static,
    ) -> Result<Self, Error> {
        let candidate = |provider| Candidate {
            provider: Arc::new(Counted::without_times(provider)),
            state: Mutex::new(State {
                config: None,
                failure: None,
                faults_before: 0,
                setbacks: 0,
                rest_until: None,
            }),
        };
        let inner = Inner {
            candidates: providers.into_iter().map(candidate).collect(),
            make: Box::new(make),
            options,
            tested_at: Mutex::new(Instant::now()),
            testing: Mutex::new(()),
        };
        inner.test_all();
        for candidate in &inner.candidates {
            // A provider that works and has no configuration is a mistake of the caller's, and
            // should not be found out on the day the others fail.
            if let Some(ProviderFailure::Config(error)) = &lock(&candidate.state).failure {
                return Err((**error).clone());
            }
        }
        inner.choose()?;
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Tests all providers now, on this thread. A maintenance thread that calls this more often
    /// than the interval finds failures before connections do. Those that were to be left alone
    /// for a while are used again if their test passes.
    pub fn check(&self) {
        *lock(&self.inner.tested_at) = Instant::now();
        self.inner.test_all();
    }
}

impl<C> FailoverConfig<C> {
    /// How each provider does, in order of preference.
    pub fn standings(&self) -> Vec<Standing> {
        let candidates = self.inner.candidates.iter().enumerate();
        candidates
            .map(|(index, candidate)| candidate.standing(index, &lock(&candidate.state)))
            .collect()
    }
}

impl<C: Clone + Send + Sync + 'static> ConfigSource<C> for FailoverConfig<C> {
    fn config(&self) -> Result<C, Error> {
        if self.inner.is_due() {
            let inner = self.inner.clone();
            let round = move || inner.test_due();
            let thread = thread::Builder::new().name("dtls13-self-test".to_owned()).spawn(round);
            if thread.is_err() {
                self.inner.test_due();
            }
        }
        self.inner.choose()
    }
}

impl<C: Clone> Inner<C> {
    /// Whether a round of self tests is due. Says so once.
    fn is_due(&self) -> bool {
        let mut tested_at = lock(&self.tested_at);
        let due = tested_at.elapsed() >= self.options.test_interval;
        if due {
            *tested_at = Instant::now();
        }
        due
    }

    /// The configuration of the first provider that works.
    fn choose(&self) -> Result<C, Error> {
        for (index, candidate) in self.candidates.iter().enumerate() {
            let mut state = lock(&candidate.state);
            let faults = candidate.faults().saturating_sub(state.faults_before);
            if state.failure.is_none() && faults >= self.options.fault_threshold.max(1) {
                state.failure = Some(ProviderFailure::Faults(faults));
                let rest = self.options.test_interval * (1 << state.setbacks.min(MAX_DOUBLINGS));
                state.setbacks += 1;
                state.rest_until = Instant::now().checked_add(rest);
                self.tell(index, candidate, state);
                continue;
            }
            if let (None, Some(config)) = (&state.failure, &state.config) {
                return Ok(config.clone());
            }
        }
        let failed = self.candidates.iter().filter_map(|candidate| {
            let why = lock(&candidate.state).failure.clone()?;
            Some(FailedProvider { name: candidate.name(), why })
        });
        Err(Error::NoWorkingProvider(failed.collect()))
    }

    /// Tests every provider.
    fn test_all(&self) {
        let _testing = lock(&self.testing);
        for index in 0..self.candidates.len() {
            self.test(index, true);
        }
    }

    /// Tests every provider but those to be left alone, unless a round is under way already.
    fn test_due(&self) {
        let _testing = match self.testing.try_lock() {
            Ok(guard) => guard,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            Err(TryLockError::WouldBlock) => return,
        };
        for index in 0..self.candidates.len() {
            self.test(index, false);
        }
    }

    fn test(&self, index: usize, even_if_resting: bool) {
        let Some(candidate) = self.candidates.get(index) else { return };
        let left_alone = |state: &State<C>| !even_if_resting && state.is_resting();
        if left_alone(&lock(&candidate.state)) {
            return;
        }
        // The lock is free while the provider works: connections go on.
        let tested = candidate.provider.self_test().map_err(ProviderFailure::SelfTest);
        let needs_config = tested.is_ok() && lock(&candidate.state).config.is_none();
        let made = needs_config.then(|| (self.make)(candidate.provider.clone()));

        let mut state = lock(&candidate.state);
        if left_alone(&state) {
            // It has been given up in the meantime.
            return;
        }
        let failed_before = state.failure.is_some();
        let failure = match (tested, made) {
            (Err(why), _) => Some(why),
            (Ok(()), Some(Err(error))) => Some(ProviderFailure::Config(Box::new(error))),
            (Ok(()), Some(Ok(config))) => {
                state.config = Some(config);
                None
            }
            (Ok(()), None) => None,
        };
        if failure.is_none() {
            if !failed_before {
                state.setbacks = 0;
            }
            state.faults_before = candidate.faults();
            state.rest_until = None;
        }
        let changed = failure.is_some() != failed_before;
        state.failure = failure;
        if changed {
            self.tell(index, candidate, state);
        }
    }

    fn tell(&self, index: usize, candidate: &Candidate<C>, state: MutexGuard<'_, State<C>>) {
        if let Some(observer) = &self.options.observer {
            let standing = candidate.standing(index, &state);
            // The observer may well ask for all standings.
            drop(state);
            observer(&standing);
        }
    }
}

impl<C> Candidate<C> {
    fn name(&self) -> String {
        self.provider.capabilities().name.clone()
    }

    fn faults(&self) -> u64 {
        self.provider.faults()
    }

    fn standing(&self, index: usize, state: &State<C>) -> Standing {
        Standing {
            name: self.name(),
            index,
            failure: state.failure.clone(),
            statistics: self.provider.statistics(),
        }
    }
}
