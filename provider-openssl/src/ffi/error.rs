//! How a call into libcrypto fails.

use core::ffi::{CStr, c_char, c_int};
use core::ptr;

use openssl_sys as sys;

/// A call failed. The thread's error queue, where the library leaves its reasons, is empty again:
/// left full it would confuse whoever uses OpenSSL next on this thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Failed;

/// To be called as soon as a call has failed.
pub(super) fn failed() -> Failed {
    // SAFETY: touches only the calling thread's queue.
    unsafe { sys::ERR_clear_error() };
    Failed
}

/// OpenSSL's return codes: above zero for success, zero or below for failure.
pub(super) fn check(code: c_int) -> Result<(), Failed> {
    if code > 0 { Ok(()) } else { Err(failed()) }
}

/// A length as OpenSSL's older functions take it.
pub(super) fn int(len: usize) -> Result<c_int, Failed> {
    c_int::try_from(len).map_err(|_| Failed)
}

/// Why a call failed, in the library's own words.
#[derive(Debug)]
pub(crate) struct Reasons {
    /// The first cause first.
    pub(crate) text: String,
    /// Whether the operating system would not load a shared library.
    pub(crate) not_loaded: bool,
}

/// The library's number for errors of loading (`ERR_LIB_DSO`).
const LOADER: c_int = 37;

impl Reasons {
    /// Empties the thread's error queue into words.
    pub(super) fn take() -> Self {
        let (mut reasons, mut not_loaded) = (Vec::new(), false);
        loop {
            let (mut data, mut flags) = (ptr::null(), 0);
            // SAFETY: the out-parameters are valid, and null is allowed for those of no interest.
            let code = unsafe {
                let (file, line, func) = (ptr::null_mut(), ptr::null_mut(), ptr::null_mut());
                sys::ERR_get_error_all(file, line, func, &raw mut data, &raw mut flags)
            };
            if code == 0 {
                return Self { text: reasons.join("; "), not_loaded };
            }
            not_loaded |= sys::ERR_GET_LIB(code) == LOADER;
            // What is not marked as text may be anything.
            let data = if flags & sys::ERR_TXT_STRING == 0 { ptr::null() } else { data };
            // SAFETY: either null or a string that lives as long as the library; `data` lives
            // until the queue is touched again.
            let (reason, data) = unsafe { (text(sys::ERR_reason_error_string(code)), text(data)) };
            let reason = reason.unwrap_or_else(|| format!("error {code:#x}"));
            reasons.push(match data {
                Some(data) if !data.is_empty() => format!("{reason} ({data})"),
                _ => reason,
            });
        }
    }
}

/// # Safety
/// `string` is null or a C string.
pub(super) unsafe fn text(string: *const c_char) -> Option<String> {
    // SAFETY: the caller's promise.
    (!string.is_null()).then(|| unsafe { CStr::from_ptr(string) }.to_string_lossy().into_owned())
}
