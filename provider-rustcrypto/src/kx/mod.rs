//! Key exchange: one file per family, put together here.

mod ml_kem;
mod nist;
mod x25519;
#[cfg(feature = "x448")]
mod x448;

use alloc::boxed::Box;

use ::ml_kem::{MlKem768, MlKem1024};
use dtls_crypto_api::{CryptoError, CryptoProvider, KeyExchange, KxResponse, NamedGroup, hybrid};
use p256::NistP256;
use p384::NistP384;
use p521::NistP521;

use crate::random::RandomSource;

const NO_SUCH_GROUP: CryptoError = CryptoError::Unsupported("this key exchange group");

/// The client's first step.
pub(crate) fn start<P: CryptoProvider>(
    provider: &P,
    random: &dyn RandomSource,
    group: NamedGroup,
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    match group {
        NamedGroup::X25519 => x25519::start(random),
        NamedGroup::SECP256R1 => nist::start::<NistP256>(random),
        NamedGroup::SECP384R1 => nist::start::<NistP384>(random),
        NamedGroup::SECP521R1 => nist::start::<NistP521>(random),
        NamedGroup::MLKEM768 => ml_kem::start::<MlKem768>(random),
        NamedGroup::MLKEM1024 => ml_kem::start::<MlKem1024>(random),
        #[cfg(feature = "x448")]
        NamedGroup::X448 => x448::start(random),
        group if group.is_hybrid() => hybrid::start(provider, group),
        _ => Err(NO_SUCH_GROUP),
    }
}

/// The server's only step.
pub(crate) fn encapsulate<P: CryptoProvider>(
    provider: &P,
    random: &dyn RandomSource,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    match group {
        NamedGroup::X25519 => x25519::respond(random, peer_share),
        NamedGroup::SECP256R1 => nist::respond::<NistP256>(random, peer_share),
        NamedGroup::SECP384R1 => nist::respond::<NistP384>(random, peer_share),
        NamedGroup::SECP521R1 => nist::respond::<NistP521>(random, peer_share),
        NamedGroup::MLKEM768 => ml_kem::respond::<MlKem768>(random, peer_share),
        NamedGroup::MLKEM1024 => ml_kem::respond::<MlKem1024>(random, peer_share),
        #[cfg(feature = "x448")]
        NamedGroup::X448 => x448::respond(random, peer_share),
        group if group.is_hybrid() => hybrid::encapsulate(provider, group, peer_share),
        _ => Err(NO_SUCH_GROUP),
    }
}
