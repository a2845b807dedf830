//! X448 (RFC 7748), only with the feature `x448`: the crate behind it is a pre-release.

use alloc::boxed::Box;

use dtls_crypto_api::{
    ConstantTimeEq, CryptoError, KeyExchange, KxResponse, NamedGroup, SharedSecret,
};
use x448::X448_BASEPOINT_BYTES;
use zeroize::Zeroizing;

use crate::random::RandomSource;

/// Length in bytes of a scalar, a share and a shared secret.
const LEN: usize = 56;

/// A key pair used for one exchange.
struct X448 {
    scalar: Zeroizing<[u8; LEN]>,
    share: [u8; LEN],
}

impl X448 {
    fn generate(random: &dyn RandomSource) -> Result<Self, CryptoError> {
        let mut scalar = Zeroizing::new([0; LEN]);
        random.fill(scalar.as_mut())?;
        let share = x448::x448_unchecked(*scalar, X448_BASEPOINT_BYTES);
        Ok(Self { scalar, share })
    }

    fn agree(&self, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        let peer: [u8; LEN] = peer_share.try_into().map_err(|_| CryptoError::BadKeyShare)?;
        let shared = Zeroizing::new(x448::x448_unchecked(*self.scalar, peer));
        // RFC 8446 7.4.2.
        if shared.ct_eq(&[0; LEN]).into() {
            return Err(CryptoError::BadKeyShare);
        }
        SharedSecret::new(shared.as_ref()).ok_or(CryptoError::BadLength("shared secret"))
    }
}

pub(super) fn start(random: &dyn RandomSource) -> Result<Box<dyn KeyExchange>, CryptoError> {
    Ok(Box::new(X448::generate(random)?))
}

pub(super) fn respond(
    random: &dyn RandomSource,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    let pair = X448::generate(random)?;
    let secret = pair.agree(peer_share)?;
    Ok(KxResponse { share: pair.share.to_vec(), secret })
}

impl KeyExchange for X448 {
    fn group(&self) -> NamedGroup {
        NamedGroup::X448
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        self.agree(peer_share)
    }
}
