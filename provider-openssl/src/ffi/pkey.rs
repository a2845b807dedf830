//! Keys: made, taken apart, put together.

use core::ffi::{CStr, c_int};
use core::ptr;
use std::sync::Arc;

use openssl_sys as sys;
use zeroize::Zeroizing;

use super::error::{Failed, check};
use super::{Library, Params, bindings, owned};

owned! {
    /// A key or a key pair.
    Key, sys::EVP_PKEY, sys::EVP_PKEY_free
}

// SAFETY: keys here are never changed once they are made.
unsafe impl Sync for Key {}

owned! {
    /// One operation with keys.
    Operation, sys::EVP_PKEY_CTX, sys::EVP_PKEY_CTX_free
}

/// Which part of a key a list of parameters gives.
#[derive(Clone, Copy)]
pub(crate) enum KeyParts {
    Public,
    #[cfg(test)]
    Private,
}

impl KeyParts {
    fn selection(self) -> c_int {
        match self {
            Self::Public => sys::EVP_PKEY_PUBLIC_KEY,
            #[cfg(test)]
            Self::Private => sys::EVP_PKEY_KEYPAIR,
        }
    }
}

/// The structure of a private key that names its algorithm (RFC 5208).
const PKCS8: &CStr = c"PrivateKeyInfo";

impl Key {
    /// Takes a key over that was just made, if it is held where it has to be.
    ///
    /// # Safety
    /// As for `own`.
    unsafe fn made(library: &Arc<Library>, raw: *mut sys::EVP_PKEY) -> Result<Self, Failed> {
        // SAFETY: the caller's promise; the key is valid when its provider is asked for.
        unsafe {
            let key = Self::own(library, raw)?;
            library.own(bindings::EVP_PKEY_get0_provider(raw))?;
            Ok(key)
        }
    }

    /// Makes a new key pair.
    pub(crate) fn generate(
        library: &Arc<Library>,
        kind: &CStr,
        params: &Params<'_>,
    ) -> Result<Self, Failed> {
        let operation = Operation::of_kind(library, kind)?;
        let mut key = ptr::null_mut();
        // SAFETY: valid arguments; the key is ours.
        unsafe {
            check(sys::EVP_PKEY_keygen_init(operation.raw()))?;
            check(sys::EVP_PKEY_CTX_set_params(operation.raw(), params.as_ptr()))?;
            check(sys::EVP_PKEY_generate(operation.raw(), &raw mut key))?;
            Self::made(library, key)
        }
    }

    /// A key from its numbers and points.
    pub(crate) fn from_params(
        library: &Arc<Library>,
        kind: &CStr,
        parts: KeyParts,
        params: &Params<'_>,
    ) -> Result<Self, Failed> {
        let operation = Operation::of_kind(library, kind)?;
        let mut key = ptr::null_mut();
        // SAFETY: valid arguments, the parameters are only read; the key is ours.
        unsafe {
            check(sys::EVP_PKEY_fromdata_init(operation.raw()))?;
            let (raw, params) = (operation.raw(), params.as_ptr());
            check(sys::EVP_PKEY_fromdata(raw, &raw mut key, parts.selection(), params))?;
            Self::made(library, key)
        }
    }

    /// A public key of a kind whose keys are plain bytes.
    pub(crate) fn from_public_bytes(
        library: &Arc<Library>,
        kind: &CStr,
        bytes: &[u8],
    ) -> Result<Self, Failed> {
        // SAFETY: `bytes` is valid for its length; the key is ours.
        unsafe {
            let raw = sys::EVP_PKEY_new_raw_public_key_ex(
                library.context(),
                kind.as_ptr(),
                library.properties(),
                bytes.as_ptr(),
                bytes.len(),
            );
            Self::made(library, raw)
        }
    }

    /// A private key from PKCS#8 (version 1) in DER, of this kind and no other.
    pub(crate) fn from_pkcs8(
        library: &Arc<Library>,
        kind: &CStr,
        der: &[u8],
    ) -> Result<Self, Failed> {
        let mut key = ptr::null_mut();
        let (mut data, mut len) = (der.as_ptr(), der.len());
        // SAFETY: valid arguments; `data` and `len` describe `der`, and `key` is written only by
        // the decoder.
        let decoded = unsafe {
            let decoder = Decoder::own(
                library,
                sys::OSSL_DECODER_CTX_new_for_pkey(
                    &raw mut key,
                    c"DER".as_ptr(),
                    PKCS8.as_ptr(),
                    kind.as_ptr(),
                    sys::EVP_PKEY_KEYPAIR,
                    library.context(),
                    library.properties(),
                ),
            )?;
            check(sys::OSSL_DECODER_from_data(decoder.raw(), &raw mut data, &raw mut len))
        };
        // SAFETY: the key is ours, or null.
        let key = unsafe { Self::made(library, key) };
        decoded.and(key)
    }

    /// The key pair as PKCS#8 in DER.
    pub(crate) fn to_pkcs8(&self) -> Result<Zeroizing<Vec<u8>>, Failed> {
        let (mut data, mut len) = (ptr::null_mut::<u8>(), 0);
        // SAFETY: valid arguments. What was encoded is `len` bytes that are ours: they are copied,
        // then wiped and freed.
        unsafe {
            let encoder = Encoder::own(
                &self.library,
                sys::OSSL_ENCODER_CTX_new_for_pkey(
                    self.raw(),
                    sys::EVP_PKEY_KEYPAIR,
                    c"DER".as_ptr(),
                    PKCS8.as_ptr(),
                    self.library.properties(),
                ),
            )?;
            check(sys::OSSL_ENCODER_to_data(encoder.raw(), &raw mut data, &raw mut len))?;
            if data.is_null() {
                return Err(Failed);
            }
            let copy = Zeroizing::new(core::slice::from_raw_parts(data, len).to_vec());
            bindings::CRYPTO_clear_free(data.cast(), len, c"".as_ptr(), 0);
            Ok(copy)
        }
    }

    /// The public key as bytes: a point, uncompressed, or what else the kind has.
    pub(crate) fn public_bytes(&self) -> Result<Vec<u8>, Failed> {
        // The second is all that keys have which only sign.
        self.octets(c"encoded-pub-key").or_else(|Failed| self.octets(c"pub"))
    }

    fn octets(&self, name: &CStr) -> Result<Vec<u8>, Failed> {
        let mut len = 0;
        // SAFETY: without a buffer this only tells the length.
        check(unsafe {
            let (key, none) = (self.raw(), ptr::null_mut());
            sys::EVP_PKEY_get_octet_string_param(key, name.as_ptr(), none, 0, &raw mut len)
        })?;
        let mut bytes = vec![0; len];
        // SAFETY: `bytes` is valid for the length that is told.
        check(unsafe {
            let (key, out, room) = (self.raw(), bytes.as_mut_ptr(), bytes.len());
            sys::EVP_PKEY_get_octet_string_param(key, name.as_ptr(), out, room, &raw mut len)
        })?;
        bytes.truncate(len);
        Ok(bytes)
    }

    /// Whether the parts of a key pair are in range and fit together.
    pub(crate) fn check(&self) -> Result<(), Failed> {
        let operation = Operation::with_key(self)?;
        // SAFETY: a valid operation with a key.
        check(unsafe { sys::EVP_PKEY_check(operation.raw()) })
    }

    pub(crate) fn library(&self) -> &Arc<Library> {
        &self.library
    }

    pub(super) fn as_ptr(&self) -> *mut sys::EVP_PKEY {
        self.raw()
    }
}

impl Operation {
    fn of_kind(library: &Arc<Library>, kind: &CStr) -> Result<Self, Failed> {
        // SAFETY: valid arguments; the result is ours.
        unsafe {
            let (context, properties) = (library.context(), library.properties());
            let raw = sys::EVP_PKEY_CTX_new_from_name(context, kind.as_ptr(), properties);
            Self::own(library, raw)
        }
    }

    pub(super) fn with_key(key: &Key) -> Result<Self, Failed> {
        let library = &key.library;
        // SAFETY: valid arguments; the result is ours, and takes its own reference to the key.
        unsafe {
            let (context, properties) = (library.context(), library.properties());
            let raw = bindings::EVP_PKEY_CTX_new_from_pkey(context, key.raw(), properties);
            Self::own(library, raw)
        }
    }

    pub(super) fn as_ptr(&self) -> *mut sys::EVP_PKEY_CTX {
        self.raw()
    }
}

owned! {
    /// Reads a key.
    Decoder, sys::OSSL_DECODER_CTX, sys::OSSL_DECODER_CTX_free
}

owned! {
    /// Writes a key.
    Encoder, sys::OSSL_ENCODER_CTX, sys::OSSL_ENCODER_CTX_free
}
