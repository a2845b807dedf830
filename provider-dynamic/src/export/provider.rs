//! The exported provider itself: made, asked what it can do, tested, and drawn random bytes from.

#![allow(unsafe_code, reason = "is called through pointers by the host")]

use dtls_crypto_api::{CryptoError, CryptoProvider};

use super::Make;
use super::border::{Object, buffer, guard, hand_out, object};
use super::capabilities;
use crate::abi::{self, Buffer, Outcome};

/// A provider and what it can do in C form.
pub(super) struct Exported {
    provider: Box<dyn CryptoProvider>,
    capabilities: capabilities::Exported,
}

impl Object for Exported {
    type Opaque = abi::Provider;
}

/// The provider that the host means.
///
/// # Safety
/// As for [`object`].
pub(super) unsafe fn provider<'a>(
    provider: *const abi::Provider,
) -> Result<&'a dyn CryptoProvider, CryptoError> {
    // SAFETY: as the caller says.
    unsafe { object::<Exported>(provider) }.map(|exported| &*exported.provider)
}

// Here and in the files beside this one: the host keeps to the header, which is what each unsafe
// block rests on.

pub(super) unsafe extern "C" fn provider_new<M: Make>(out: *mut *mut abi::Provider) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe {
        hand_out(out, || {
            let provider = M::make()?;
            let capabilities = capabilities::Exported::new(provider.capabilities());
            Ok(Exported { provider, capabilities })
        })
    })
}

pub(super) unsafe extern "C" fn capabilities(
    provider: *const abi::Provider,
) -> *const abi::Capabilities {
    // SAFETY: as the header says.
    let exported = unsafe { object::<Exported>(provider) };
    exported.map_or(std::ptr::null(), |exported| exported.capabilities.as_ptr())
}

pub(super) unsafe extern "C" fn self_test(provider: *const abi::Provider) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe { self::provider(provider) }?.self_test())
}

pub(super) unsafe extern "C" fn random(provider: *const abi::Provider, out: Buffer) -> Outcome {
    // SAFETY: as the header says.
    guard(|| unsafe { self::provider(provider)?.random(buffer(out)?) })
}
