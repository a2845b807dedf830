//! Key derivation functions.

use core::ffi::CStr;
use std::sync::Arc;

use openssl_sys as sys;

use super::error::{Failed, check};
use super::{Library, Params, bindings, owned};

owned! {
    /// A key derivation function, fetched.
    Kdf, sys::EVP_KDF, sys::EVP_KDF_free
}

// SAFETY: a fetched method is never changed.
unsafe impl Sync for Kdf {}

owned! {
    /// One use of a key derivation function.
    Context, sys::EVP_KDF_CTX, sys::EVP_KDF_CTX_free
}

impl Kdf {
    pub(crate) fn fetch(library: &Arc<Library>, name: &CStr) -> Result<Self, Failed> {
        // SAFETY: valid arguments; the result is ours.
        unsafe {
            let raw = sys::EVP_KDF_fetch(library.context(), name.as_ptr(), library.properties());
            let kdf = Self::own(library, raw)?;
            library.own(bindings::EVP_KDF_get0_provider(raw))?;
            Ok(kdf)
        }
    }

    /// Fills all of `out`.
    pub(crate) fn derive(&self, params: &Params<'_>, out: &mut [u8]) -> Result<(), Failed> {
        // SAFETY: the context takes its own reference to the method; `out` is valid for its length
        // and the parameters live through the call.
        unsafe {
            let context = Context::own(&self.library, sys::EVP_KDF_CTX_new(self.raw()))?;
            check(sys::EVP_KDF_derive(context.raw(), out.as_mut_ptr(), out.len(), params.as_ptr()))
        }
    }
}
