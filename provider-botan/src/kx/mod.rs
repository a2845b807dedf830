//! Key exchange: one file per family, put together here.

mod diffie_hellman;
mod ml_kem;

use botan::Privkey;
use dtls_crypto_api::{CryptoError, CryptoProvider, KeyExchange, KxResponse, NamedGroup, hybrid};

use crate::error::failed_drawing;
use crate::random::Random;
use diffie_hellman::DiffieHellman;
use ml_kem::MlKem;

const NO_SUCH_GROUP: CryptoError = CryptoError::Unsupported("this key exchange group");

/// The client's first step.
pub(crate) fn start<P: CryptoProvider>(
    provider: &P,
    random: &Random,
    group: NamedGroup,
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    match group {
        NamedGroup::MLKEM768 | NamedGroup::MLKEM1024 => Ok(Box::new(MlKem::new(random, group)?)),
        group if group.is_hybrid() => hybrid::start(provider, group),
        _ => Ok(Box::new(DiffieHellman::new(random, group)?)),
    }
}

/// The server's only step.
pub(crate) fn encapsulate<P: CryptoProvider>(
    provider: &P,
    random: &Random,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    match group {
        NamedGroup::MLKEM768 | NamedGroup::MLKEM1024 => ml_kem::respond(random, group, peer_share),
        group if group.is_hybrid() => hybrid::encapsulate(provider, group, peer_share),
        _ => diffie_hellman::respond(random, group, peer_share),
    }
}

/// The client's first step with a private key from outside.
#[cfg(feature = "test-access")]
pub(crate) fn with_private_key(
    group: NamedGroup,
    private_key: &[u8],
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    match group {
        NamedGroup::MLKEM768 | NamedGroup::MLKEM1024 => {
            Ok(Box::new(MlKem::with_seed(group, private_key)?))
        }
        _ => Ok(Box::new(DiffieHellman::with_scalar(group, private_key)?)),
    }
}

/// Whether the library can do this group, or bare KEM, that is no hybrid.
pub(crate) fn works(random: &Random, group: NamedGroup) -> bool {
    let share_len = match group {
        NamedGroup::MLKEM768 | NamedGroup::MLKEM1024 => {
            MlKem::new(random, group).map(|key| key.share().len())
        }
        _ => DiffieHellman::new(random, group).map(|key| key.share().len()),
    };
    share_len.ok() == group.client_share_len()
}

/// A new private key of Botan's.
fn new_key(random: &Random, algorithm: &str, parameters: &str) -> Result<Privkey, CryptoError> {
    Privkey::create(algorithm, parameters, &mut random.generator()?)
        .map_err(failed_drawing("this key exchange group"))
}
