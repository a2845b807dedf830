//! ECDH on the NIST curves (RFC 8446 4.2.8.2, 7.4.2): uncompressed points only.

use alloc::boxed::Box;
use alloc::vec::Vec;

use dtls_crypto_api::{CryptoError, KeyExchange, KxResponse, NamedGroup, SharedSecret};
use p256::elliptic_curve::SecretKey;
use p256::elliptic_curve::sec1::ToSec1Point;

use crate::curve::{NistCurve, decode_point, random_key};
use crate::random::RandomSource;

/// A key pair used for one exchange.
struct Ecdh<C: NistCurve> {
    secret: SecretKey<C>,
    share: Vec<u8>,
}

impl<C: NistCurve> Ecdh<C> {
    fn generate(random: &dyn RandomSource) -> Result<Self, CryptoError> {
        let secret = random_key::<C>(random)?;
        let share = secret.public_key().to_sec1_point(false).as_bytes().to_vec();
        Ok(Self { secret, share })
    }

    fn agree(&self, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        let peer = decode_point::<C>(peer_share).ok_or(CryptoError::BadKeyShare)?;
        let shared = self.secret.diffie_hellman(&peer);
        // The whole x coordinate, leading zeros included.
        SharedSecret::new(shared.raw_secret_bytes()).ok_or(CryptoError::BadLength("shared secret"))
    }
}

pub(super) fn start<C: NistCurve>(
    random: &dyn RandomSource,
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    Ok(Box::new(Ecdh::<C>::generate(random)?))
}

pub(super) fn respond<C: NistCurve>(
    random: &dyn RandomSource,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    let pair = Ecdh::<C>::generate(random)?;
    let secret = pair.agree(peer_share)?;
    Ok(KxResponse { share: pair.share, secret })
}

impl<C: NistCurve> KeyExchange for Ecdh<C> {
    fn group(&self) -> NamedGroup {
        C::GROUP
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        self.agree(peer_share)
    }
}
