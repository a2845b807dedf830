//! MACs: HMAC for the protocol, CMAC for envelopes.

use core::ffi::CStr;
use std::sync::Arc;

use openssl_sys as sys;

use super::error::{Failed, check};
use super::{Library, Params, bindings, owned};

owned! {
    /// A MAC method, fetched; needed until its contexts are made.
    Method, sys::EVP_MAC, sys::EVP_MAC_free
}

owned! {
    /// A MAC with its hash or cipher chosen, under a key of zeros until it gets its own.
    Mac, sys::EVP_MAC_CTX, sys::EVP_MAC_CTX_free
}

// SAFETY: it is only ever copied from.
unsafe impl Sync for Mac {}

owned! {
    /// A MAC in the making.
    MacKey, sys::EVP_MAC_CTX, sys::EVP_MAC_CTX_free
}

// SAFETY: through a shared reference it is only copied from.
unsafe impl Sync for MacKey {}

/// The length of key that CMAC with AES-256 wants; HMAC takes any.
const PLACEHOLDER_LEN: usize = 32;

impl Mac {
    pub(crate) fn fetch(
        library: &Arc<Library>,
        name: &CStr,
        params: &Params<'_>,
    ) -> Result<Self, Failed> {
        // SAFETY: valid arguments; the results are ours, and the context takes its own reference
        // to the method.
        unsafe {
            let method = sys::EVP_MAC_fetch(library.context(), name.as_ptr(), library.properties());
            let method = Method::own(library, method)?;
            library.own(bindings::EVP_MAC_get0_provider(method.raw()))?;
            let mac = Self::own(library, sys::EVP_MAC_CTX_new(method.raw()))?;
            // A CMAC without a key cannot be copied.
            let zeros = [0_u8; PLACEHOLDER_LEN];
            check(sys::EVP_MAC_init(mac.raw(), zeros.as_ptr(), zeros.len(), params.as_ptr()))?;
            Ok(mac)
        }
    }

    /// Begins a MAC under `key`.
    pub(crate) fn key(&self, key: &[u8]) -> Result<MacKey, Failed> {
        // SAFETY: the source is only read; the copy is ours. A slice's pointer is never null, which
        // would mean to keep the key.
        unsafe {
            let copy = MacKey::own(&self.library, sys::EVP_MAC_CTX_dup(self.raw()))?;
            check(sys::EVP_MAC_init(copy.raw(), key.as_ptr(), key.len(), core::ptr::null()))?;
            Ok(copy)
        }
    }
}

impl MacKey {
    /// A copy with the same key and the same bytes fed.
    pub(crate) fn fork(&self) -> Result<Self, Failed> {
        // SAFETY: the source is only read; the copy is ours.
        unsafe { Self::own(&self.library, sys::EVP_MAC_CTX_dup(self.raw())) }
    }

    pub(crate) fn update(&mut self, data: &[u8]) -> Result<(), Failed> {
        // SAFETY: `data` is valid for its length.
        check(unsafe { sys::EVP_MAC_update(self.raw(), data.as_ptr(), data.len()) })
    }

    /// Writes the MAC, which must fit, and returns its length.
    pub(crate) fn finish(self, out: &mut [u8]) -> Result<usize, Failed> {
        let mut len = 0;
        // SAFETY: `out` is valid for the length that is told.
        check(unsafe {
            sys::EVP_MAC_final(self.raw(), out.as_mut_ptr(), &raw mut len, out.len())
        })?;
        Ok(len)
    }
}
