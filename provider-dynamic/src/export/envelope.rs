//! Envelopes of an exported provider.

#![allow(unsafe_code, reason = "is called through pointers by the host")]

use std::sync::Arc;

use dtls_crypto_api::{Envelope, Zeroizing};

use super::border::{Object, array, bytes, guard, hand_out, hand_out_bytes, object};
use super::provider::provider;
use crate::abi::{self, Buffer, Bytes, Outcome, Provider};

/// An envelope.
pub(super) struct Exported(Arc<dyn Envelope>);

impl Object for Exported {
    type Opaque = abi::Envelope;
}

pub(super) unsafe extern "C" fn envelope_new(
    provider: *const Provider,
    key: *const u8,
    out: *mut *mut abi::Envelope,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let (provider, key) = (self::provider(provider)?, array(key)?);
        hand_out(out, || Ok(Exported(provider.envelope(key)?)))
    })
}

pub(super) unsafe extern "C" fn envelope_seal(
    envelope: *const abi::Envelope,
    aad: Bytes,
    plaintext: Bytes,
    sealed: *mut Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let envelope = object::<Exported>(envelope)?;
        hand_out_bytes(sealed, &envelope.0.seal(bytes(aad)?, bytes(plaintext)?)?)
    })
}

pub(super) unsafe extern "C" fn envelope_open(
    envelope: *const abi::Envelope,
    aad: Bytes,
    sealed: Bytes,
    plaintext: *mut Buffer,
) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        let envelope = object::<Exported>(envelope)?;
        // What is inside a ticket is secret.
        let opened = Zeroizing::new(envelope.0.open(bytes(aad)?, bytes(sealed)?)?);
        hand_out_bytes(plaintext, &opened)
    })
}
