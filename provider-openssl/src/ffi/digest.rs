//! Hashes.

use core::ffi::CStr;
use core::ptr;
use std::sync::Arc;

use openssl_sys as sys;

use super::error::{Failed, check};
use super::{Library, bindings, owned};

owned! {
    /// A hash function, fetched.
    Hash, sys::EVP_MD, sys::EVP_MD_free
}

// SAFETY: a fetched method is never changed.
unsafe impl Sync for Hash {}

owned! {
    /// A hash in the making.
    HashState, sys::EVP_MD_CTX, sys::EVP_MD_CTX_free
}

impl Hash {
    pub(crate) fn fetch(library: &Arc<Library>, name: &CStr) -> Result<Self, Failed> {
        // SAFETY: valid arguments; the result is ours.
        unsafe {
            let raw = sys::EVP_MD_fetch(library.context(), name.as_ptr(), library.properties());
            let hash = Self::own(library, raw)?;
            library.own(bindings::EVP_MD_get0_provider(raw))?;
            Ok(hash)
        }
    }

    pub(crate) fn start(&self) -> Result<HashState, Failed> {
        let state = HashState::new(&self.library)?;
        // SAFETY: both are valid, and the context takes its own reference to the method.
        check(unsafe { sys::EVP_DigestInit_ex(state.raw(), self.raw(), ptr::null_mut()) })?;
        Ok(state)
    }
}

impl HashState {
    pub(super) fn new(library: &Arc<Library>) -> Result<Self, Failed> {
        // SAFETY: the result is ours.
        unsafe { Self::own(library, sys::EVP_MD_CTX_new()) }
    }

    pub(super) fn context(&mut self) -> *mut sys::EVP_MD_CTX {
        self.raw()
    }

    pub(crate) fn update(&mut self, data: &[u8]) -> Result<(), Failed> {
        // SAFETY: `data` is valid for its length.
        check(unsafe { sys::EVP_DigestUpdate(self.raw(), data.as_ptr().cast(), data.len()) })
    }

    pub(crate) fn fork(&self) -> Result<Self, Failed> {
        let fork = Self::new(&self.library)?;
        // SAFETY: both are valid, and the source is only read.
        check(unsafe { sys::EVP_MD_CTX_copy_ex(fork.raw(), self.raw()) })?;
        Ok(fork)
    }

    /// Writes the hash and returns its length.
    pub(crate) fn finish(self, out: &mut [u8; MAX_HASH_LEN]) -> Result<usize, Failed> {
        let mut len = 0;
        // SAFETY: `out` has room for the longest hash there is.
        check(unsafe { sys::EVP_DigestFinal_ex(self.raw(), out.as_mut_ptr(), &raw mut len) })?;
        Ok(len as usize)
    }
}

/// `EVP_MAX_MD_SIZE`.
pub(crate) const MAX_HASH_LEN: usize = 64;
