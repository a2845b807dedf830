//! The way into the Botan provider for vectors that fix private keys. Its generators of randomness
//! are Botan's own: one of them can be had that fails, and none that repeats what it is told.

use std::sync::Arc;

use dtls_crypto_api::{CryptoError, CryptoProvider, KeyExchange, NamedGroup};
use dtls_provider_botan::{BotanProvider, test_access};

use super::TestAccess;

/// [`TestAccess`] to the Botan provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct BotanAccess;

/// A generator of Botan's that is never seeded, and so refuses every draw.
const NEVER_SEEDED: &str = "null";

impl TestAccess for BotanAccess {
    fn key_exchange(
        &self,
        group: NamedGroup,
        private_key: &[u8],
    ) -> Result<Box<dyn KeyExchange>, CryptoError> {
        test_access::key_exchange(group, private_key)
    }

    fn without_randomness(&self) -> Option<Arc<dyn CryptoProvider>> {
        Some(Arc::new(BotanProvider::with_random(NEVER_SEEDED)))
    }
}
