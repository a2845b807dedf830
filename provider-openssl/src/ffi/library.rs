//! A library context with the property query that every fetch from it carries.

use core::ffi::{CStr, c_char, c_int, c_uint};
use core::ptr::{self, NonNull};

use openssl_sys as sys;

use super::bindings;
use super::error::{Failed, check, failed};

/// What [`Library::text`] can tell: `OpenSSL_version(3)`.
#[derive(Clone, Copy)]
pub(crate) enum LibraryText {
    /// The version of the libcrypto that runs, such as `3.0.19`.
    Version = 6,
    /// The processor features that it uses.
    CpuFeatures = 9,
}

/// Bits of security asked of the random generator: what its strongest form gives.
const RANDOM_STRENGTH: c_uint = 256;

/// Where algorithms are fetched from.
pub(crate) struct Library {
    /// `None` is the process's default context.
    pub(super) context: Option<NonNull<sys::OSSL_LIB_CTX>>,
    /// What every fetch asks for; `None` asks for nothing in particular.
    pub(super) properties: Option<&'static CStr>,
    /// Where everything has to come from; `None` allows anything. Loaded for this library.
    pub(super) module: Option<NonNull<sys::OSSL_PROVIDER>>,
}

// SAFETY: OpenSSL locks library contexts itself.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Sync for Library {}

impl Library {
    /// The default context, as the system's or the application's configuration made it.
    pub(crate) fn default_context() -> Self {
        // Without this, OpenSSL would take its tables down at exit under threads that still run.
        sys::init();
        Self { context: None, properties: None, module: None }
    }

    pub(super) fn context(&self) -> *mut sys::OSSL_LIB_CTX {
        self.context.map_or(ptr::null_mut(), NonNull::as_ptr)
    }

    pub(super) fn properties(&self) -> *const c_char {
        self.properties.map_or(ptr::null(), CStr::as_ptr)
    }

    /// Fails for what does not come from the module that everything has to come from. The property
    /// query should have seen to that; this does not rely on it.
    pub(super) fn own(&self, provider: *const sys::OSSL_PROVIDER) -> Result<(), Failed> {
        let foreign = |module: NonNull<_>| !ptr::eq(module.as_ptr(), provider);
        if self.module.is_some_and(foreign) { Err(Failed) } else { Ok(()) }
    }

    /// Fills `out` from the context's random generator.
    pub(crate) fn random(&self, out: &mut [u8]) -> Result<(), Failed> {
        // SAFETY: `out` is valid for its length.
        check(unsafe {
            bindings::RAND_bytes_ex(self.context(), out.as_mut_ptr(), out.len(), RANDOM_STRENGTH)
        })
    }

    /// What the libcrypto that is linked tells about itself.
    pub(crate) fn text(what: LibraryText) -> String {
        // SAFETY: any number is allowed; the answer is a static string.
        let text = unsafe { CStr::from_ptr(sys::OpenSSL_version(what as c_int)) };
        text.to_string_lossy().into_owned()
    }

    /// Whether there is a key type of this name.
    pub(crate) fn has_key_type(&self, name: &CStr) -> bool {
        self.has(name, &KEY_TYPES)
    }

    /// Whether there is a key exchange of this name.
    pub(crate) fn has_key_exchange(&self, name: &CStr) -> bool {
        self.has(name, &KEY_EXCHANGES)
    }

    /// Whether there is a key encapsulation of this name.
    pub(crate) fn has_kem(&self, name: &CStr) -> bool {
        self.has(name, &KEMS)
    }

    /// Whether there is a signature algorithm of this name.
    pub(crate) fn has_signature(&self, name: &CStr) -> bool {
        self.has(name, &SIGNATURES)
    }

    fn has<T>(&self, name: &CStr, methods: &Methods<T>) -> bool {
        // SAFETY: valid arguments; what is fetched is asked where it comes from and freed, by the
        // functions of its own kind.
        unsafe {
            let method = (methods.fetch)(self.context(), name.as_ptr(), self.properties());
            if method.is_null() {
                failed();
                return false;
            }
            let ours = self.own((methods.provider)(method));
            (methods.free)(method);
            ours.is_ok()
        }
    }
}

/// The functions of one kind of method.
struct Methods<T> {
    fetch: unsafe extern "C" fn(*mut sys::OSSL_LIB_CTX, *const c_char, *const c_char) -> *mut T,
    provider: unsafe extern "C" fn(*const T) -> *const sys::OSSL_PROVIDER,
    free: unsafe extern "C" fn(*mut T),
}

const KEY_TYPES: Methods<bindings::KeyManagement> = Methods {
    fetch: bindings::EVP_KEYMGMT_fetch,
    provider: bindings::EVP_KEYMGMT_get0_provider,
    free: bindings::EVP_KEYMGMT_free,
};

const KEY_EXCHANGES: Methods<bindings::KeyExchange> = Methods {
    fetch: bindings::EVP_KEYEXCH_fetch,
    provider: bindings::EVP_KEYEXCH_get0_provider,
    free: bindings::EVP_KEYEXCH_free,
};

const KEMS: Methods<bindings::KeyEncapsulation> = Methods {
    fetch: bindings::EVP_KEM_fetch,
    provider: bindings::EVP_KEM_get0_provider,
    free: bindings::EVP_KEM_free,
};

const SIGNATURES: Methods<sys::EVP_SIGNATURE> = Methods {
    fetch: sys::EVP_SIGNATURE_fetch,
    provider: bindings::EVP_SIGNATURE_get0_provider,
    free: sys::EVP_SIGNATURE_free,
};

impl Drop for Library {
    fn drop(&mut self) {
        if let Some(module) = self.module {
            // SAFETY: it was loaded for this library, and is not asked for anything any more. Only
            // a module that turned out not to work comes here (`fips::running` keeps the others), so
            // no other thread has used it.
            unsafe { sys::OSSL_PROVIDER_unload(module.as_ptr()) };
            failed();
        }
        if let Some(context) = self.context {
            // SAFETY: it is ours, and whatever was made in it keeps this library alive.
            unsafe { sys::OSSL_LIB_CTX_free(context.as_ptr()) }
        }
    }
}
