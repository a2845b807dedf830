//! The way into the RustCrypto provider for vectors that fix what is otherwise random: it takes its
//! randomness from whoever makes it, and uses what it draws as it is.

use std::sync::Arc;

use dtls_crypto_api::{CryptoError, CryptoProvider, KeyExchange, KxResponse, NamedGroup};
use dtls_provider_rustcrypto::{RandomSource, RustCryptoProvider};

use super::TestAccess;

/// [`TestAccess`] to the RustCrypto provider.
#[derive(Clone, Copy, Debug, Default)]
pub struct RustCryptoAccess;

impl TestAccess for RustCryptoAccess {
    fn key_exchange(
        &self,
        group: NamedGroup,
        private_key: &[u8],
    ) -> Result<Box<dyn KeyExchange>, CryptoError> {
        drawing(private_key).start_key_exchange(group)
    }

    fn encapsulate(
        &self,
        group: NamedGroup,
        peer_share: &[u8],
        randomness: &[u8],
    ) -> Result<KxResponse, CryptoError> {
        drawing(randomness).encapsulate(group, peer_share)
    }

    fn without_randomness(&self) -> Option<Arc<dyn CryptoProvider>> {
        Some(Arc::new(RustCryptoProvider::with_random(Failing)))
    }
}

/// A provider whose every draw is these bytes.
fn drawing(bytes: &[u8]) -> RustCryptoProvider {
    RustCryptoProvider::with_random(Fixed(bytes.to_vec()))
}

#[derive(Debug)]
struct Fixed(Vec<u8>);

impl RandomSource for Fixed {
    fn fill(&self, out: &mut [u8]) -> Result<(), CryptoError> {
        if out.len() != self.0.len() {
            return Err(CryptoError::RandomFailed);
        }
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

#[derive(Debug)]
struct Failing;

impl RandomSource for Failing {
    fn fill(&self, _: &mut [u8]) -> Result<(), CryptoError> {
        Err(CryptoError::RandomFailed)
    }
}
