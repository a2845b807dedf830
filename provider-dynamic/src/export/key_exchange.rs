//! Key exchanges of an exported provider.

#![allow(unsafe_code, reason = "is called through pointers by the host")]

use dtls_crypto_api::{CryptoError, KeyExchange, NamedGroup};

use super::border::{
    Object, bytes, fill_secret, guard, hand_out, hand_out_bytes, object, place, take,
};
use super::provider::provider;
use crate::abi::{self, Buffer, Bytes, Outcome, Provider};

/// The client's half-done key exchange, and its share once for all.
pub(super) struct Exported {
    key_exchange: Box<dyn KeyExchange>,
    share: Box<[u8]>,
}

impl Object for Exported {
    type Opaque = abi::KeyExchange;
}

fn named_group(group: u32) -> Result<NamedGroup, CryptoError> {
    u16::try_from(group).map(NamedGroup).map_err(|_| CryptoError::Unsupported("this group"))
}

pub(super) unsafe extern "C" fn key_exchange_new(
    provider: *const Provider,
    group: u32,
    out: *mut *mut abi::KeyExchange,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let provider = self::provider(provider)?;
        hand_out(out, || {
            let key_exchange = provider.start_key_exchange(named_group(group)?)?;
            let share = key_exchange.share().into();
            Ok(Exported { key_exchange, share })
        })
    })
}

pub(super) unsafe extern "C" fn key_exchange_share(key_exchange: *const abi::KeyExchange) -> Bytes {
    // SAFETY: as the header says.
    let exported = unsafe { object::<Exported>(key_exchange) };
    exported.map_or(Bytes::EMPTY, |exported| Bytes::from_slice(&exported.share))
}

pub(super) unsafe extern "C" fn key_exchange_complete(
    key_exchange: *mut abi::KeyExchange,
    peer_share: Bytes,
    secret: Buffer,
    secret_len: *mut usize,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        // First of all, since it is freed whatever comes next.
        let exported = take::<Exported>(key_exchange)?;
        let shared = exported.key_exchange.complete(bytes(peer_share)?)?;
        fill_secret(secret, secret_len, &shared)
    })
}

pub(super) unsafe extern "C" fn encapsulate(
    provider: *const Provider,
    group: u32,
    peer_share: Bytes,
    share: *mut Buffer,
    secret: Buffer,
    secret_len: *mut usize,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        place(share)?;
        let (provider, peer_share) = (self::provider(provider)?, bytes(peer_share)?);
        let response = provider.encapsulate(named_group(group)?, peer_share)?;
        fill_secret(secret, secret_len, &response.secret)?;
        // Last of all, since on failure nothing is returned.
        hand_out_bytes(share, &response.share)
    })
}
