//! The way into the OpenSSL provider for vectors that fix private keys, or what ML-KEM draws. Its
//! randomness is the library's own, which cannot be made to fail.

use dtls_crypto_api::{CryptoError, KeyExchange, KxResponse, NamedGroup};
use dtls_provider_openssl::{OpenSslProvider, test_access};

use super::TestAccess;

/// [`TestAccess`] to this OpenSSL provider.
#[derive(Clone, Debug)]
pub struct OpenSslAccess(pub OpenSslProvider);

impl TestAccess for OpenSslAccess {
    fn key_exchange(
        &self,
        group: NamedGroup,
        private_key: &[u8],
    ) -> Result<Box<dyn KeyExchange>, CryptoError> {
        test_access::key_exchange(&self.0, group, private_key)
    }

    fn encapsulate(
        &self,
        group: NamedGroup,
        peer_share: &[u8],
        randomness: &[u8],
    ) -> Result<KxResponse, CryptoError> {
        test_access::encapsulate(&self.0, group, peer_share, randomness)
    }
}
