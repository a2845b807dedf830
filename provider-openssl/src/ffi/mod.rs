//! All calls into libcrypto, and all `unsafe` code of this crate.
//!
//! Everything here knows its [`Library`]: a library context and a property query. The default
//! provider and the FIPS provider differ in nothing else, so what the tests of one prove holds for
//! the other. Each type owns one object of OpenSSL's and keeps the library alive; their functions
//! are safe to call with anything.

#![allow(unsafe_code, reason = "this module is the border to a C library")]

mod bindings;
mod cipher;
mod digest;
mod error;
mod kdf;
mod library;
mod mac;
mod module;
mod params;
mod pkey;
mod pkey_operations;

pub(crate) use cipher::{
    Aead, AeadContext, AeadMode, BlockContext, Cipher, Direction, StreamContext,
};
pub(crate) use digest::{Hash, HashState, MAX_HASH_LEN};
pub(crate) use error::{Failed, Reasons};
pub(crate) use kdf::Kdf;
pub(crate) use library::{Library, LibraryText};
pub(crate) use mac::{Mac, MacKey};
pub(crate) use module::ModuleFacts;
pub(crate) use params::Params;
pub(crate) use pkey::{Key, KeyParts};

/// Defines a type that owns one object of OpenSSL's: freed on drop, before its library is let go.
macro_rules! owned {
    ($(#[$doc:meta])* $name:ident, $raw:ty, $free:path) => {
        $(#[$doc])*
        pub(crate) struct $name {
            raw: ::core::ptr::NonNull<$raw>,
            #[allow(dead_code, reason = "held so that the library outlives the object")]
            library: ::std::sync::Arc<$crate::ffi::Library>,
        }

        impl $name {
            /// Takes `raw` over; null means that the call which made it failed.
            ///
            /// # Safety
            /// A `raw` that is not null is valid, nobody else's, and belongs to `library`.
            unsafe fn own(
                library: &::std::sync::Arc<$crate::ffi::Library>,
                raw: *mut $raw,
            ) -> Result<Self, $crate::ffi::Failed> {
                match ::core::ptr::NonNull::new(raw) {
                    Some(raw) => Ok(Self { raw, library: library.clone() }),
                    None => Err($crate::ffi::error::failed()),
                }
            }

            fn raw(&self) -> *mut $raw {
                self.raw.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: the object is ours and is not used again; its library still stands,
                // since fields are dropped after this.
                unsafe { $free(self.raw()) }
            }
        }

        // SAFETY: OpenSSL 3 binds none of these objects to the thread that made it.
        unsafe impl Send for $name {}
    };
}
use owned;
