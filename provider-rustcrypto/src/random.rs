//! Where random bytes come from, and how they reach the cryptographic crates.

use core::fmt::Debug;

#[cfg(any(feature = "ml-dsa", feature = "rsa-signing"))]
use chacha20::ChaCha20Rng;
use dtls_crypto_api::CryptoError;
#[cfg(any(feature = "ml-dsa", feature = "rsa-signing"))]
use rand_core::SeedableRng;
#[cfg(any(feature = "ml-dsa", feature = "rsa-signing"))]
use zeroize::Zeroizing;

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

/// A generator for interfaces that want one of their own and have no way to hear of a failure.
/// It is seeded once from `source`, which is where a failure shows, and expands the seed with
/// ChaCha20. Made for one operation and dropped after it.
#[cfg(any(feature = "ml-dsa", feature = "rsa-signing"))]
pub(crate) fn seeded(source: &dyn RandomSource) -> Result<ChaCha20Rng, CryptoError> {
    let mut seed = Zeroizing::new([0; 32]);
    source.fill(seed.as_mut())?;
    Ok(ChaCha20Rng::from_seed(*seed))
}
