//! Random bytes, from one of Botan's generators.

use std::borrow::Cow;

use botan::RandomNumberGenerator;
use dtls_crypto_api::CryptoError;

/// Which of Botan's generators is used, by Botan's name for it.
///
/// A generator object must not be shared by threads, so one is made for each operation. The
/// system's holds no state and costs an allocation.
#[derive(Clone, Debug)]
pub(crate) struct Random {
    kind: Cow<'static, str>,
}

impl Random {
    pub(crate) fn system() -> Self {
        Self { kind: Cow::Borrowed("system") }
    }

    pub(crate) fn of_type(kind: &str) -> Self {
        Self { kind: Cow::Owned(kind.to_owned()) }
    }

    /// A generator for one operation.
    pub(crate) fn generator(&self) -> Result<RandomNumberGenerator, CryptoError> {
        RandomNumberGenerator::new_of_type(&*self.kind).map_err(|_| CryptoError::RandomFailed)
    }

    pub(crate) fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        self.generator()?.fill(out).map_err(|_| CryptoError::RandomFailed)
    }
}
