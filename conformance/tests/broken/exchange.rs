//! Key exchange with a bug.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use dtls_crypto_api::{
    CryptoError, CryptoProvider, KeyExchange, KxResponse, NamedGroup, Secret, SharedSecret,
};
use dtls_provider_rustcrypto::RustCryptoProvider;
use p256::elliptic_curve::sec1::ToSec1Point;
use x25519_dalek::{PublicKey, StaticSecret};

use crate::bug::Bug;

/// Length of the elliptic half of SecP256r1MLKEM768 in a share, and in a secret.
const POINT: usize = 65;
const HALF_OF_SECRET: usize = 32;

pub(crate) fn start(
    bug: Bug,
    inner: &RustCryptoProvider,
    group: NamedGroup,
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    let exchange = inner.start_key_exchange(group)?;
    let share = match (bug, group) {
        (Bug::ClientShareReused, NamedGroup::X25519) => {
            return Ok(Box::new(Reused(PublicKey::from(&secret_key()).to_bytes())));
        }
        (Bug::HybridExchanged, NamedGroup::SECP256R1MLKEM768) => {
            let (point, kem) = exchange.share().split_at(POINT);
            [kem, point].concat()
        }
        _ => exchange.share().to_vec(),
    };
    Ok(Box::new(Exchange { bug, group, inner: exchange, share }))
}

pub(crate) fn encapsulate(
    bug: Bug,
    inner: &RustCryptoProvider,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    let peer_share = given(bug, group, peer_share, group.client_share_len());
    match (bug, group) {
        (Bug::ServerShareReused, NamedGroup::X25519) => {
            inner.encapsulate(group, &peer_share)?;
            let share = PublicKey::from(&secret_key()).to_bytes().to_vec();
            Ok(KxResponse { share, secret: agree(&peer_share)? })
        }
        (Bug::HybridExchanged, NamedGroup::SECP256R1MLKEM768) => {
            let (kem, point) = peer_share.split_at(peer_share.len().saturating_sub(POINT));
            let response = inner.encapsulate(group, &[point, kem].concat())?;
            let (point, kem) = response.share.split_at(POINT);
            Ok(KxResponse { share: [kem, point].concat(), secret: exchanged(&response.secret) })
        }
        (Bug::NotForThreads, _) => alone(|| inner.encapsulate(group, &peer_share)),
        _ => match inner.encapsulate(group, &peer_share) {
            Err(CryptoError::BadKeyShare) if is_zero(bug, group, &peer_share) => {
                let share = inner.start_key_exchange(group)?.share().to_vec();
                Ok(KxResponse { share, secret: Secret::zeros(32).unwrap() })
            }
            result => result,
        },
    }
}

/// The client's side.
struct Exchange {
    bug: Bug,
    group: NamedGroup,
    inner: Box<dyn KeyExchange>,
    share: Vec<u8>,
}

impl KeyExchange for Exchange {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        let (bug, group) = (self.bug, self.group);
        let peer_share = given(bug, group, peer_share, group.server_share_len());
        if bug == Bug::HybridExchanged && group == NamedGroup::SECP256R1MLKEM768 {
            let (kem, point) = peer_share.split_at(peer_share.len().saturating_sub(POINT));
            return Ok(exchanged(&self.inner.complete(&[point, kem].concat())?));
        }
        match self.inner.complete(&peer_share) {
            Err(CryptoError::BadKeyShare) if is_zero(bug, group, &peer_share) => {
                Ok(Secret::zeros(32).unwrap())
            }
            result => result,
        }
    }
}

/// An X25519 client that is always the same.
struct Reused([u8; 32]);

impl KeyExchange for Reused {
    fn group(&self) -> NamedGroup {
        NamedGroup::X25519
    }

    fn share(&self) -> &[u8] {
        &self.0
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        agree(peer_share)
    }
}

fn secret_key() -> StaticSecret {
    StaticSecret::from([0x42; 32])
}

fn agree(peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
    let peer: [u8; 32] = peer_share.try_into().map_err(|_| CryptoError::BadKeyShare)?;
    let secret = secret_key().diffie_hellman(&PublicKey::from(peer));
    Secret::new(secret.as_bytes()).ok_or(CryptoError::BadKeyShare)
}

/// The peer's share as the bug has it.
fn given(bug: Bug, group: NamedGroup, share: &[u8], len: Option<usize>) -> Vec<u8> {
    match bug {
        Bug::LengthPanics => assert!(len == Some(share.len()), "a share of {} bytes", share.len()),
        Bug::CompressedPoint if group == NamedGroup::SECP256R1 => {
            if let Ok(point) = p256::PublicKey::from_sec1_bytes(share) {
                return point.to_sec1_point(false).as_bytes().to_vec();
            }
        }
        _ => {}
    }
    share.to_vec()
}

fn is_zero(bug: Bug, group: NamedGroup, share: &[u8]) -> bool {
    bug == Bug::ZeroSecret && group == NamedGroup::X25519 && share.len() == 32
}

fn exchanged(secret: &Secret) -> Secret {
    let (first, second) = secret.expose().split_at(HALF_OF_SECRET);
    Secret::new(&[second, first].concat()).unwrap()
}

/// Fails when another is at it, and takes long enough to be met.
fn alone<T>(work: impl FnOnce() -> Result<T, CryptoError>) -> Result<T, CryptoError> {
    static AT_WORK: AtomicUsize = AtomicUsize::new(0);
    let others = AT_WORK.fetch_add(1, Ordering::SeqCst);
    thread::sleep(Duration::from_millis(5));
    let result = if others == 0 { work() } else { Err(CryptoError::Backend("busy")) };
    AT_WORK.fetch_sub(1, Ordering::SeqCst);
    result
}
