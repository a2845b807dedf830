//! Where random bytes come from, and how they reach the cryptographic crates.

use core::convert::Infallible;
use core::fmt::Debug;

use dtls_crypto_api::CryptoError;
use rand_core::{TryCryptoRng, TryRng};

/// A source of cryptographically secure random bytes.
///
/// On a hosted system [`RustCryptoProvider::new`](crate::RustCryptoProvider::new) uses the
/// operating system's. An embedded target hands its own to
/// [`RustCryptoProvider::with_random`](crate::RustCryptoProvider::with_random): a hardware
/// generator, or a deterministic generator that was seeded by one. Everything the provider draws
/// (keys, key shares, signature nonces, envelope nonces, the protocol's random values) comes
/// from here, so its quality is the quality of the whole.
pub trait RandomSource: Debug + Send + Sync {
    /// Fills all of `out`.
    ///
    /// # Errors
    /// [`CryptoError::RandomFailed`] when the source cannot deliver; `out` is then not used.
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError>;
}

/// The operating system's source.
#[cfg(feature = "std")]
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct OsRandom;

#[cfg(feature = "std")]
impl RandomSource for OsRandom {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        getrandom::fill(out).map_err(|_| CryptoError::RandomFailed)
    }
}

/// A [`RandomSource`] for interfaces that cannot be told of a failure: it hands out zeros then,
/// and remembers. Whoever uses one asks [`Self::finish`] before the result goes anywhere.
pub(crate) struct LatchedRng<'a> {
    source: &'a dyn RandomSource,
    outcome: Result<(), CryptoError>,
}

impl<'a> LatchedRng<'a> {
    pub(crate) fn new(source: &'a dyn RandomSource) -> Self {
        Self { source, outcome: Ok(()) }
    }

    /// Whether every byte handed out was random.
    pub(crate) fn finish(self) -> Result<(), CryptoError> {
        self.outcome
    }
}

impl TryRng for LatchedRng<'_> {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        let mut bytes = [0; 4];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u32::from_le_bytes(bytes))
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        let mut bytes = [0; 8];
        self.try_fill_bytes(&mut bytes)?;
        Ok(u64::from_le_bytes(bytes))
    }

    fn try_fill_bytes(&mut self, out: &mut [u8]) -> Result<(), Infallible> {
        if let Err(error) = self.source.fill(out) {
            out.fill(0);
            self.outcome = Err(error);
        }
        Ok(())
    }
}

impl TryCryptoRng for LatchedRng<'_> {}
