//! X25519 (RFC 7748), with the all-zero result refused (RFC 8446 7.4.2).

use alloc::boxed::Box;

use dtls_crypto_api::{CryptoError, KeyExchange, KxResponse, NamedGroup, SharedSecret};
use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::random::RandomSource;

/// A key pair used for one exchange. The scalar is drawn as bytes, so that a failing source is
/// an error and not a panic inside the curve crate.
struct X25519 {
    secret: StaticSecret,
    share: PublicKey,
}

impl X25519 {
    fn generate(random: &dyn RandomSource) -> Result<Self, CryptoError> {
        let mut scalar = Zeroizing::new([0; 32]);
        random.fill(scalar.as_mut())?;
        let secret = StaticSecret::from(*scalar);
        Ok(Self { share: PublicKey::from(&secret), secret })
    }

    fn agree(&self, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        let peer: [u8; 32] = peer_share.try_into().map_err(|_| CryptoError::BadKeyShare)?;
        let shared = self.secret.diffie_hellman(&PublicKey::from(peer));
        if !shared.was_contributory() {
            return Err(CryptoError::BadKeyShare);
        }
        SharedSecret::new(shared.as_bytes()).ok_or(CryptoError::BadLength("shared secret"))
    }
}

pub(super) fn start(random: &dyn RandomSource) -> Result<Box<dyn KeyExchange>, CryptoError> {
    Ok(Box::new(X25519::generate(random)?))
}

pub(super) fn respond(
    random: &dyn RandomSource,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    let pair = X25519::generate(random)?;
    let secret = pair.agree(peer_share)?;
    Ok(KxResponse { share: pair.share.as_bytes().to_vec(), secret })
}

impl KeyExchange for X25519 {
    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }

    fn share(&self) -> &[u8] {
        self.share.as_bytes()
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        self.agree(peer_share)
    }
}
