//! A provider that counts what it is asked for, how often it fails, and the time it takes.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use dtls_core::crypto::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_core::crypto::{
    Capabilities, CryptoError, CryptoProvider, Digest, Envelope, GeneratedKey, HashAlgorithm,
    HashContext, KeyExchange, KeyKind, KxResponse, Label, NamedGroup, OpenKey, RecordSecrets,
    SAMPLE_LEN, SealKey, Secret, SharedSecret, SignatureAlgorithm, SigningKey,
};

use super::statistics::{Operation, OperationStatistics, Statistics};

/// A provider whose work is counted: also that of the record keys, signing keys, key exchanges and
/// envelopes it hands out. Of a hash only the beginning counts.
///
/// Counting costs a few atomic additions a call, and no allocation per record. Taking the time
/// costs two looks at the clock more; [`Self::without_times`] spares them.
///
/// ```
/// # #[cfg(feature = "rustcrypto")]
/// # fn main() -> Result<(), dtls13::core::crypto::CryptoError> {
/// use dtls13::provider::{self, Counted, Operation};
/// use std::sync::Arc;
///
/// let counted = Arc::new(Counted::new(provider::rustcrypto()));
/// let config = dtls13::ClientConfig::builder(counted.clone());
/// // Connections later:
/// # use dtls13::core::crypto::CryptoProvider;
/// # counted.random(&mut [0; 32])?;
/// println!("{}", counted.statistics());
/// assert_eq!(counted.statistics().get(Operation::Random).calls, 1);
/// # let _ = config;
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "rustcrypto"))]
/// # fn main() {}
/// ```
#[derive(Debug)]
pub struct Counted {
    inner: Arc<dyn CryptoProvider>,
    counters: Arc<Counters>,
}

impl Counted {
    /// Counts, and takes the time.
    pub fn new(inner: Arc<dyn CryptoProvider>) -> Self {
        Self { inner, counters: Arc::new(Counters::new(true)) }
    }

    /// Counts without looking at the clock.
    pub fn without_times(inner: Arc<dyn CryptoProvider>) -> Self {
        Self { inner, counters: Arc::new(Counters::new(false)) }
    }

    /// The counters as they are now. Work that goes on elsewhere may be counted in part.
    pub fn statistics(&self) -> Statistics {
        self.counters.read()
    }

    /// Failures so far for which the provider is at fault. Cheaper than [`Self::statistics`].
    pub fn faults(&self) -> u64 {
        let counters = self.counters.counters.iter();
        counters.map(|counter| counter.faults.load(Ordering::Relaxed)).sum()
    }
}

/// Whether the provider is at fault, and not what it was given or who sent it. A peer must not be
/// able to cause one of these, or it could make a [`FailoverConfig`](crate::FailoverConfig) give
/// up a provider that is well.
fn is_fault(error: CryptoError) -> bool {
    matches!(
        error,
        CryptoError::RandomFailed | CryptoError::SelfTestFailed(_) | CryptoError::Backend(_)
    )
}

/// The counters of one operation, on a cache line of their own: sealing and opening go on at the
/// same time in different threads.
#[derive(Default)]
#[repr(align(64))]
struct Counter {
    calls: AtomicU64,
    failures: AtomicU64,
    faults: AtomicU64,
    nanoseconds: AtomicU64,
}

struct Counters {
    timed: bool,
    counters: Vec<Counter>,
}

impl fmt::Debug for Counters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Counters").field("timed", &self.timed).finish_non_exhaustive()
    }
}

impl Counters {
    fn new(timed: bool) -> Self {
        Self { timed, counters: Operation::ALL.iter().map(|_| Counter::default()).collect() }
    }

    fn count<T>(
        &self,
        operation: Operation,
        work: impl FnOnce() -> Result<T, CryptoError>,
    ) -> Result<T, CryptoError> {
        let start = self.timed.then(Instant::now);
        let result = work();
        // `Operation::ALL` has the operations in the order of their discriminants.
        let Some(counter) = self.counters.get(operation as usize) else { return result };
        if let Some(start) = start {
            let nanoseconds = start.elapsed().as_nanos() as u64;
            counter.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        }
        counter.calls.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = &result {
            counter.failures.fetch_add(1, Ordering::Relaxed);
            if is_fault(*error) {
                counter.faults.fetch_add(1, Ordering::Relaxed);
            }
        }
        result
    }

    fn read(&self) -> Statistics {
        let read = |(operation, counter): (&Operation, &Counter)| OperationStatistics {
            operation: *operation,
            calls: counter.calls.load(Ordering::Relaxed),
            failures: counter.failures.load(Ordering::Relaxed),
            faults: counter.faults.load(Ordering::Relaxed),
            time: Duration::from_nanos(counter.nanoseconds.load(Ordering::Relaxed)),
        };
        Statistics::new(Operation::ALL.iter().zip(&self.counters).map(read).collect())
    }
}

impl CryptoProvider for Counted {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn self_test(&self) -> Result<(), CryptoError> {
        self.counters.count(Operation::SelfTest, || self.inner.self_test())
    }

    fn random(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.counters.count(Operation::Random, || self.inner.random(out))
    }

    fn hash(&self, algorithm: HashAlgorithm) -> Result<Box<dyn HashContext>, CryptoError> {
        self.counters.count(Operation::Hash, || self.inner.hash(algorithm))
    }

    fn hmac(
        &self,
        algorithm: HashAlgorithm,
        key: &[u8],
        data: &[&[u8]],
    ) -> Result<Digest, CryptoError> {
        self.counters.count(Operation::Hmac, || self.inner.hmac(algorithm, key, data))
    }

    fn hkdf_extract(
        &self,
        algorithm: HashAlgorithm,
        salt: &[u8],
        ikm: &[u8],
    ) -> Result<Secret, CryptoError> {
        let work = || self.inner.hkdf_extract(algorithm, salt, ikm);
        self.counters.count(Operation::HkdfExtract, work)
    }

    fn hkdf_expand(
        &self,
        algorithm: HashAlgorithm,
        prk: &Secret,
        info: &[&[u8]],
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        let work = || self.inner.hkdf_expand(algorithm, prk, info, out);
        self.counters.count(Operation::HkdfExpand, work)
    }

    fn schedule_extract(
        &self,
        algorithm: HashAlgorithm,
        prefix: &[u8; 6],
        previous: Option<&Secret>,
        input: Option<&[u8]>,
    ) -> Result<Secret, CryptoError> {
        let work = || self.inner.schedule_extract(algorithm, prefix, previous, input);
        self.counters.count(Operation::ScheduleExtract, work)
    }

    fn schedule_expand(
        &self,
        algorithm: HashAlgorithm,
        secret: &Secret,
        label: &Label<'_>,
        out: &mut [u8],
    ) -> Result<(), CryptoError> {
        let work = || self.inner.schedule_expand(algorithm, secret, label, out);
        self.counters.count(Operation::ScheduleExpand, work)
    }

    fn seal_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn SealKey>, CryptoError> {
        let work = || self.inner.seal_key(secrets);
        let inner = self.counters.count(Operation::MakeSealKey, work)?;
        Ok(Box::new(CountedKey { inner, counters: self.counters.clone() }))
    }

    fn open_key(&self, secrets: &RecordSecrets<'_>) -> Result<Box<dyn OpenKey>, CryptoError> {
        let work = || self.inner.open_key(secrets);
        let inner = self.counters.count(Operation::MakeOpenKey, work)?;
        Ok(Box::new(CountedKey { inner, counters: self.counters.clone() }))
    }

    fn start_key_exchange(&self, group: NamedGroup) -> Result<Box<dyn KeyExchange>, CryptoError> {
        let work = || self.inner.start_key_exchange(group);
        let inner = self.counters.count(Operation::StartKeyExchange, work)?;
        Ok(Box::new(CountedKey { inner, counters: self.counters.clone() }))
    }

    fn encapsulate(&self, group: NamedGroup, peer_share: &[u8]) -> Result<KxResponse, CryptoError> {
        let work = || self.inner.encapsulate(group, peer_share);
        self.counters.count(Operation::Encapsulate, work)
    }

    fn load_private_key(
        &self,
        der: &PrivateKeyDer<'_>,
    ) -> Result<Arc<dyn SigningKey>, CryptoError> {
        let work = || self.inner.load_private_key(der);
        let inner = self.counters.count(Operation::LoadPrivateKey, work)?;
        Ok(Arc::new(CountedKey { inner, counters: self.counters.clone() }))
    }

    fn generate_private_key(&self, kind: KeyKind) -> Result<GeneratedKey, CryptoError> {
        let work = || self.inner.generate_private_key(kind);
        let made = self.counters.count(Operation::GeneratePrivateKey, work)?;
        let key = Arc::new(CountedKey { inner: made.key, counters: self.counters.clone() });
        Ok(GeneratedKey { pkcs8: made.pkcs8, key })
    }

    fn verify_signature(
        &self,
        algorithm: SignatureAlgorithm,
        public_key: &SubjectPublicKeyInfoDer<'_>,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), CryptoError> {
        let work = || self.inner.verify_signature(algorithm, public_key, message, signature);
        self.counters.count(Operation::Verify, work)
    }

    fn envelope(&self, key: &[u8; 32]) -> Result<Arc<dyn Envelope>, CryptoError> {
        let inner = self.counters.count(Operation::MakeEnvelope, || self.inner.envelope(key))?;
        Ok(Arc::new(CountedKey { inner, counters: self.counters.clone() }))
    }
}

/// Something the provider handed out that does work of its own.
struct CountedKey<K> {
    inner: K,
    counters: Arc<Counters>,
}

impl SealKey for CountedKey<Box<dyn SealKey>> {
    fn seal(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<(), CryptoError> {
        self.counters.count(Operation::Seal, || self.inner.seal(number, aad, buf))
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        let work = || self.inner.record_number_mask(sample);
        self.counters.count(Operation::RecordNumberMask, work)
    }

    fn tag_len(&self) -> usize {
        self.inner.tag_len()
    }
}

impl OpenKey for CountedKey<Box<dyn OpenKey>> {
    fn open(&mut self, number: u64, aad: &[u8], buf: &mut [u8]) -> Result<usize, CryptoError> {
        self.counters.count(Operation::Open, || self.inner.open(number, aad, buf))
    }

    fn record_number_mask(&mut self, sample: &[u8; SAMPLE_LEN]) -> Result<[u8; 2], CryptoError> {
        let work = || self.inner.record_number_mask(sample);
        self.counters.count(Operation::RecordNumberMask, work)
    }

    fn tag_len(&self) -> usize {
        self.inner.tag_len()
    }
}

impl KeyExchange for CountedKey<Box<dyn KeyExchange>> {
    fn group(&self) -> NamedGroup {
        self.inner.group()
    }

    fn share(&self) -> &[u8] {
        self.inner.share()
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        let Self { inner, counters } = *self;
        counters.count(Operation::CompleteKeyExchange, || inner.complete(peer_share))
    }
}

impl fmt::Debug for CountedKey<Arc<dyn SigningKey>> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.inner.fmt(f)
    }
}

impl SigningKey for CountedKey<Arc<dyn SigningKey>> {
    fn algorithms(&self) -> &[SignatureAlgorithm] {
        self.inner.algorithms()
    }

    fn public_key(&self) -> &[u8] {
        self.inner.public_key()
    }

    fn sign(&self, algorithm: SignatureAlgorithm, message: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.counters.count(Operation::Sign, || self.inner.sign(algorithm, message))
    }
}

impl Envelope for CountedKey<Arc<dyn Envelope>> {
    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.counters.count(Operation::EnvelopeSeal, || self.inner.seal(aad, plaintext))
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        self.counters.count(Operation::EnvelopeOpen, || self.inner.open(aad, sealed))
    }
}
