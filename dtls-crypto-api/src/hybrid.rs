//! The ECDHE-ML-KEM hybrids, put together once from a provider's two halves.
//!
//! Both halves come from the same provider, so that a FIPS claim covers the whole. The order of
//! the halves differs: X25519MLKEM768 puts ML-KEM first, the NIST curve hybrids put the curve
//! first, on the wire and in the shared secret alike.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::code_points::NamedGroup;
use crate::error::CryptoError;
use crate::key_exchange::{KeyExchange, KxResponse, SharedSecret};
use crate::provider::CryptoProvider;
use crate::secret::Secret;

/// The two groups a hybrid is made of, in wire order, or `None` if the group is no hybrid.
pub const fn halves(group: NamedGroup) -> Option<(NamedGroup, NamedGroup)> {
    match group {
        NamedGroup::X25519MLKEM768 => Some((NamedGroup::MLKEM768, NamedGroup::X25519)),
        NamedGroup::SECP256R1MLKEM768 => Some((NamedGroup::SECP256R1, NamedGroup::MLKEM768)),
        NamedGroup::SECP384R1MLKEM1024 => Some((NamedGroup::SECP384R1, NamedGroup::MLKEM1024)),
        _ => None,
    }
}

const NOT_A_HYBRID: CryptoError = CryptoError::Unsupported("this hybrid group");

/// The client's first step: starts both halves.
///
/// # Errors
/// [`CryptoError::Unsupported`] when `group` is no hybrid or the provider lacks a half.
pub fn start<P: CryptoProvider + ?Sized>(
    provider: &P,
    group: NamedGroup,
) -> Result<Box<dyn KeyExchange>, CryptoError> {
    let (first, second) = halves(group).ok_or(NOT_A_HYBRID)?;
    let first = provider.start_key_exchange(first)?;
    let second = provider.start_key_exchange(second)?;
    let mut share = Vec::with_capacity(first.share().len() + second.share().len());
    share.extend_from_slice(first.share());
    share.extend_from_slice(second.share());
    Ok(Box::new(Hybrid { group, first, second, share }))
}

/// The server's step: answers both halves.
///
/// # Errors
/// [`CryptoError::BadKeyShare`] when the client's share has the wrong length or a half refuses
/// its part.
pub fn encapsulate<P: CryptoProvider + ?Sized>(
    provider: &P,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    let (first, second) = halves(group).ok_or(NOT_A_HYBRID)?;
    let split = first.client_share_len().ok_or(NOT_A_HYBRID)?;
    if group.client_share_len() != Some(peer_share.len()) {
        return Err(CryptoError::BadKeyShare);
    }
    let (share_1, share_2) = peer_share.split_at_checked(split).ok_or(CryptoError::BadKeyShare)?;
    let first = provider.encapsulate(first, share_1)?;
    let second = provider.encapsulate(second, share_2)?;
    let mut share = first.share;
    share.extend_from_slice(&second.share);
    Ok(KxResponse { share, secret: join(&first.secret, &second.secret)? })
}

struct Hybrid {
    group: NamedGroup,
    first: Box<dyn KeyExchange>,
    second: Box<dyn KeyExchange>,
    share: Vec<u8>,
}

impl KeyExchange for Hybrid {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        let split = self.first.group().server_share_len().ok_or(NOT_A_HYBRID)?;
        if self.group.server_share_len() != Some(peer_share.len()) {
            return Err(CryptoError::BadKeyShare);
        }
        let (share_1, share_2) =
            peer_share.split_at_checked(split).ok_or(CryptoError::BadKeyShare)?;
        let first = self.first.complete(share_1)?;
        let second = self.second.complete(share_2)?;
        join(&first, &second)
    }
}

fn join(first: &Secret, second: &Secret) -> Result<SharedSecret, CryptoError> {
    let mut joined = Secret::zeros(first.len() + second.len())
        .ok_or(CryptoError::BadLength("hybrid shared secret"))?;
    let (head, tail) = joined.as_mut().split_at_mut(first.len());
    head.copy_from_slice(first.expose());
    tail.copy_from_slice(second.expose());
    Ok(joined)
}
