//! Key exchanges of a plug-in's.

#![allow(unsafe_code, reason = "calls a plug-in's functions")]

use std::sync::Arc;

use dtls_crypto_api::{
    CryptoError, KeyExchange, KxResponse, MAX_SECRET_LEN, NamedGroup, Secret, SharedSecret,
};

use crate::abi::{self, Buffer, Bytes, Outcome};
use crate::answer::{MAX_BYTES, Owned, STRANGE_BYTES, copy, done};
use crate::instance::{Handle, Instance};

/// The client's half-done key exchange.
pub(crate) struct LoadedKeyExchange {
    handle: Handle<abi::KeyExchange>,
    group: NamedGroup,
    share: Vec<u8>,
}

impl LoadedKeyExchange {
    pub(crate) fn start(instance: &Arc<Instance>, group: NamedGroup) -> Result<Self, CryptoError> {
        let functions = &instance.functions;
        // SAFETY: `key_exchange_new` makes what `key_exchange_free` frees; the provider is alive.
        let handle = unsafe {
            Handle::make(instance, functions.key_exchange_free, |out| {
                (functions.key_exchange_new)(instance.provider(), group.0.into(), out)
            })
        }?;
        // SAFETY: the share belongs to the key exchange, which is alive, and is copied at once.
        let share = unsafe { copy((functions.key_exchange_share)(handle.as_ptr()), MAX_BYTES) }?;
        has_len(&share, group.client_share_len())?;
        Ok(Self { handle, group, share })
    }
}

impl KeyExchange for LoadedKeyExchange {
    fn group(&self) -> NamedGroup {
        self.group
    }

    fn share(&self) -> &[u8] {
        &self.share
    }

    fn complete(self: Box<Self>, peer_share: &[u8]) -> Result<SharedSecret, CryptoError> {
        let (key_exchange, instance) = self.handle.give_up();
        let complete = instance.functions.key_exchange_complete;
        // SAFETY: the key exchange is alive and given away here; its plug-in lives until the end
        // of this function.
        shared_secret(|secret, len| unsafe {
            complete(key_exchange, Bytes::from_slice(peer_share), secret, len)
        })
    }
}

/// The server's side.
pub(crate) fn encapsulate(
    instance: &Arc<Instance>,
    group: NamedGroup,
    peer_share: &[u8],
) -> Result<KxResponse, CryptoError> {
    let encapsulate = instance.functions.encapsulate;
    let (provider, peer_share) = (instance.provider(), Bytes::from_slice(peer_share));
    let (mut share, mut returned) = (Buffer::EMPTY, None);
    // SAFETY: the provider is alive, and what is pointed to is for the time of the call. Only a
    // successful one has returned the bytes, which then go back even if the secret is refused.
    let secret = shared_secret(|secret, len| unsafe {
        let out = &raw mut share;
        let outcome = encapsulate(provider, group.0.into(), peer_share, out, secret, len);
        returned = (outcome.error == 0).then(|| Owned::new(&instance.functions, share));
        outcome
    })?;
    let share = returned.ok_or(STRANGE_BYTES)?.to_vec(MAX_BYTES)?;
    has_len(&share, group.server_share_len())?;
    Ok(KxResponse { share, secret })
}

/// The secret that `call` wrote, with the length it says.
///
/// `call` is a call of a plug-in's function.
fn shared_secret(
    call: impl FnOnce(Buffer, *mut usize) -> Outcome,
) -> Result<SharedSecret, CryptoError> {
    let mut room = Secret::zeros(MAX_SECRET_LEN).ok_or(STRANGE_BYTES)?;
    let mut len = 0;
    let outcome = call(Buffer::from_slice(room.as_mut()), &raw mut len);
    // SAFETY: this is the answer of a plug-in that the caller keeps loaded.
    unsafe { done(outcome) }?;
    // No key exchange ends in nothing.
    let secret = room.expose().get(..len).filter(|secret| !secret.is_empty());
    secret.and_then(Secret::new).ok_or(STRANGE_BYTES)
}

/// Whether a share is as long as its group says, where the group is known.
fn has_len(share: &[u8], len: Option<usize>) -> Result<(), CryptoError> {
    if len.map_or(share.is_empty(), |len| share.len() != len) {
        return Err(STRANGE_BYTES);
    }
    Ok(())
}
