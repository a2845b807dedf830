//! Parameter lists, as OpenSSL 3 takes them.

use core::ffi::{CStr, c_char, c_uint, c_void};
use core::marker::PhantomData;
use core::ptr;

use openssl_sys::OSSL_PARAM;

// OSSL_PARAM(3).
const UNSIGNED_INTEGER: c_uint = 2;
const UTF8_STRING: c_uint = 4;
const OCTET_STRING: c_uint = 5;

/// The longest list anybody here builds, and its end mark.
const MAX_ENTRIES: usize = 8;

const END: OSSL_PARAM = OSSL_PARAM {
    key: ptr::null(),
    data_type: 0,
    data: ptr::null_mut(),
    data_size: 0,
    return_size: 0,
};

/// Named values that are lent to one call. OpenSSL reads them and keeps nothing.
pub(crate) struct Params<'a> {
    entries: [OSSL_PARAM; MAX_ENTRIES],
    len: usize,
    lent: PhantomData<&'a [u8]>,
}

impl<'a> Params<'a> {
    pub(crate) fn new() -> Self {
        Self { entries: [END; MAX_ENTRIES], len: 0, lent: PhantomData }
    }

    pub(crate) fn text(self, key: &'static CStr, value: &'a CStr) -> Self {
        self.with(key, UTF8_STRING, value.to_bytes())
    }

    pub(crate) fn octets(self, key: &'static CStr, value: &'a [u8]) -> Self {
        self.with(key, OCTET_STRING, value)
    }

    /// A number of any length in the machine's byte order.
    pub(crate) fn unsigned(self, key: &'static CStr, value: &'a [u8]) -> Self {
        self.with(key, UNSIGNED_INTEGER, value)
    }

    fn with(mut self, key: &'static CStr, data_type: c_uint, value: &'a [u8]) -> Self {
        assert!(self.len + 1 < MAX_ENTRIES, "room is made for every list in this crate");
        self.entries[self.len] = OSSL_PARAM {
            key: key.as_ptr().cast::<c_char>(),
            data_type,
            data: value.as_ptr().cast::<c_void>().cast_mut(),
            data_size: value.len(),
            return_size: 0,
        };
        self.len += 1;
        self
    }

    /// The list, valid as long as `self`. What takes it only reads, whatever its type says.
    pub(super) fn as_ptr(&self) -> *mut OSSL_PARAM {
        self.entries.as_ptr().cast_mut()
    }
}
