//! What a plug-in's function answered, checked.

#![allow(unsafe_code, reason = "reads what a plug-in's pointers point to")]

use std::str;

use dtls_crypto_api::CryptoError;

use crate::abi::{self, Buffer, Bytes, Functions, Outcome, Text};
use crate::texts;

/// The longest signature, private key or key share taken from a plug-in, in bytes. An RSA key of
/// 16384 bits and the largest ML-DSA signature are far below.
pub(crate) const MAX_BYTES: usize = 65535;

const STRANGE_ERROR: CryptoError =
    CryptoError::Backend("the plug-in answered with an unknown error number");
/// What a plug-in put out cannot be what it was asked for.
pub(crate) const STRANGE_BYTES: CryptoError =
    CryptoError::Backend("the plug-in answered with an impossible number of bytes");
const NO_REASON: &str = "the plug-in's reason is missing or not fit to be shown";

/// The outcome as the trait has it.
///
/// # Safety
/// `outcome` is the answer of a plug-in whose library is loaded.
pub(crate) unsafe fn done(outcome: Outcome) -> Result<(), CryptoError> {
    if outcome.error == 0 {
        return Ok(());
    }
    let error = CryptoError::from_number(outcome.error, NO_REASON).ok_or(STRANGE_ERROR)?;
    if error.reason().is_none() {
        return Err(error);
    }
    let reason = Text { data: outcome.reason, len: outcome.reason_len as usize };
    // SAFETY: the caller vouches for the answer, and with it for the reason (header, Errors).
    let reason = unsafe { text(reason, texts::MAX_LEN) }.filter(|reason| !reason.is_empty());
    let reason = reason.and_then(texts::keep).unwrap_or(NO_REASON);
    Err(CryptoError::from_number(outcome.error, reason).unwrap_or(error))
}

/// The text of a plug-in, or `None` when it is no UTF-8 or too long.
///
/// # Safety
/// Unless it is empty or null, `text` points to that many bytes, unchanged for `'a`.
pub(crate) unsafe fn text<'a>(text: Text, max: usize) -> Option<&'a str> {
    if text.len > max {
        return None;
    }
    // SAFETY: the caller vouches for the bytes.
    let bytes = unsafe { abi::slice(text.data.cast::<u8>(), text.len) }?;
    str::from_utf8(bytes).ok()
}

/// A copy of a plug-in's bytes, if they are at most `max`.
///
/// # Safety
/// Unless it is empty or null, `bytes` points to that many bytes, unchanged until this returns.
pub(crate) unsafe fn copy(bytes: Bytes, max: usize) -> Result<Vec<u8>, CryptoError> {
    if bytes.len > max {
        return Err(STRANGE_BYTES);
    }
    // SAFETY: the caller vouches for the bytes.
    unsafe { abi::slice(bytes.data, bytes.len) }.map(<[u8]>::to_vec).ok_or(STRANGE_BYTES)
}

/// Bytes that a plug-in allocated; they go back to it.
pub(crate) struct Owned<'a> {
    bytes: Buffer,
    functions: &'a Functions,
}

impl<'a> Owned<'a> {
    /// Takes them over.
    ///
    /// # Safety
    /// A function of this table has just returned `bytes` in a successful call, or it is
    /// [`Buffer::EMPTY`].
    pub(crate) unsafe fn new(functions: &'a Functions, bytes: Buffer) -> Self {
        Self { bytes, functions }
    }

    /// A copy of the bytes, if they are at most `max`.
    pub(crate) fn to_vec(&self, max: usize) -> Result<Vec<u8>, CryptoError> {
        let bytes = Bytes { data: self.bytes.data, len: self.bytes.len };
        // SAFETY: whoever called `new` vouched that the plug-in returned these bytes; they are
        // ours until they are freed.
        unsafe { copy(bytes, max) }
    }
}

impl Drop for Owned<'_> {
    fn drop(&mut self) {
        // SAFETY: the bytes came from this table's plug-in, and nobody reads them after this.
        unsafe { (self.functions.bytes_free)(self.bytes) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn outcome(error: u32, reason: &'static [u8]) -> Result<(), CryptoError> {
        let reason_len = reason.len() as u32;
        let outcome = Outcome { error, reason_len, reason: reason.as_ptr().cast() };
        // SAFETY: the reason is static.
        unsafe { done(outcome) }
    }

    #[rstest]
    #[case::success(0, b"ignored", Ok(()))]
    #[case::with_reason(12, b"out of memory", Err(CryptoError::Backend("out of memory")))]
    #[case::reason_not_read(2, b"ignored", Err(CryptoError::BadRecord))]
    #[case::no_reason(1, b"", Err(CryptoError::Unsupported(NO_REASON)))]
    #[case::not_utf8(1, b"\xff\xfe", Err(CryptoError::Unsupported(NO_REASON)))]
    #[case::too_long(8, &[b'x'; 201], Err(CryptoError::BadLength(NO_REASON)))]
    #[case::unknown(13, b"text", Err(STRANGE_ERROR))]
    #[case::far_out(u32::MAX, b"", Err(STRANGE_ERROR))]
    fn an_outcome_becomes_the_error_it_names(
        #[case] error: u32,
        #[case] reason: &'static [u8],
        #[case] expected: Result<(), CryptoError>,
    ) {
        assert_eq!(outcome(error, reason), expected);
    }

    #[test]
    fn a_null_reason_is_no_reason() {
        let null = Outcome { error: 12, reason_len: 7, reason: std::ptr::null() };
        // SAFETY: a null pointer is not followed.
        let error = unsafe { done(null) };
        assert_eq!(error, Err(CryptoError::Backend(NO_REASON)));
    }
}
