//! Envelopes of a plug-in's.

#![allow(unsafe_code, reason = "calls a plug-in's functions")]

use std::sync::Arc;

use dtls_crypto_api::{CryptoError, Envelope};

use crate::abi::{self, Buffer, Bytes};
use crate::answer::{Owned, done};
use crate::instance::{Handle, Instance};

/// The most that a sealed envelope is longer than what is in it, in bytes.
const MAX_GROWTH: usize = 256;

/// An envelope.
pub(crate) struct LoadedEnvelope {
    handle: Handle<abi::Envelope>,
}

// SAFETY: the header lets several threads use an envelope at once.
unsafe impl Sync for LoadedEnvelope {}

impl LoadedEnvelope {
    pub(crate) fn new(instance: &Arc<Instance>, key: &[u8; 32]) -> Result<Self, CryptoError> {
        let functions = &instance.functions;
        // SAFETY: `envelope_new` makes what `envelope_free` frees; the provider is alive, and the
        // key is as long as the header says.
        let handle = unsafe {
            Handle::make(instance, functions.envelope_free, |out| {
                (functions.envelope_new)(instance.provider(), key.as_ptr(), out)
            })
        }?;
        Ok(Self { handle })
    }
}

impl Envelope for LoadedEnvelope {
    fn seal(&self, aad: &[u8], plaintext: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (functions, mut sealed) = (self.handle.functions(), Buffer::EMPTY);
        let max = plaintext.len().saturating_add(MAX_GROWTH);
        let (aad, plaintext) = (Bytes::from_slice(aad), Bytes::from_slice(plaintext));
        // SAFETY: the envelope is alive, and what is pointed to is for the time of the call.
        unsafe {
            let seal = functions.envelope_seal;
            done(seal(self.handle.as_ptr(), aad, plaintext, &raw mut sealed))?;
            Owned::new(functions, sealed).to_vec(max)
        }
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, CryptoError> {
        let (functions, mut plaintext) = (self.handle.functions(), Buffer::EMPTY);
        let max = sealed.len();
        let (aad, sealed) = (Bytes::from_slice(aad), Bytes::from_slice(sealed));
        // SAFETY: as in `seal`.
        unsafe {
            let open = functions.envelope_open;
            done(open(self.handle.as_ptr(), aad, sealed, &raw mut plaintext))?;
            Owned::new(functions, plaintext).to_vec(max)
        }
    }
}
