//! What every exported function needs: what the host's pointers point to, answers, objects, and
//! the end of every panic.

#![allow(unsafe_code, reason = "reads and writes what the host's pointers point to")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::NonNull;

use dtls_crypto_api::{CryptoError, Secret, Zeroize};

use crate::abi::{self, Buffer, Bytes, Outcome};

const NULL: CryptoError = CryptoError::Backend("the host passed a pointer that cannot be one");
const PANICKED: CryptoError = CryptoError::Backend("the provider panicked");
const BROKEN: CryptoError = CryptoError::Backend("the provider panicked in this object before");

/// Does the work of an exported function. Nothing unwinds out of here.
pub(super) fn guard(work: impl FnOnce() -> Result<(), CryptoError>) -> Outcome {
    let error = match or_panicked(work) {
        Ok(()) => return Outcome::OK,
        Err(error) => error,
    };
    let reason = error.reason().unwrap_or_default();
    Outcome {
        error: error.number(),
        reason_len: reason.len() as u32,
        reason: reason.as_ptr().cast(),
    }
}

/// As [`guard`], for functions that have no way to say that they failed.
pub(super) fn guard_silently(work: impl FnOnce() -> Result<(), CryptoError>) {
    // Nobody is there to be told; what was half-done says so when it is used again.
    let _ = or_panicked(work);
}

fn or_panicked(work: impl FnOnce() -> Result<(), CryptoError>) -> Result<(), CryptoError> {
    // Unwind safety: what a panic may leave half-changed is inside a `Fragile` or is dropped here.
    // What several threads share is behind `Sync`, which has to withstand a panic anyway.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| {
        // The payload's drop can panic in its turn. That one's payload is left alone, since this
        // has to end somewhere.
        if let Err(payload) = catch_unwind(AssertUnwindSafe(|| drop(payload))) {
            std::mem::forget(payload);
        }
        Err(PANICKED)
    })
}

/// An object that is out of use once a call has panicked half-way through changing it.
pub(super) struct Fragile<T> {
    value: T,
    in_call: bool,
}

impl<T> Fragile<T> {
    pub(super) fn new(value: T) -> Self {
        Self { value, in_call: false }
    }

    /// The value, if it is whole.
    pub(super) fn get(&self) -> Result<&T, CryptoError> {
        if self.in_call { Err(BROKEN) } else { Ok(&self.value) }
    }

    /// The value for good, if it is whole.
    pub(super) fn into_inner(self) -> Result<T, CryptoError> {
        if self.in_call { Err(BROKEN) } else { Ok(self.value) }
    }

    /// Changes the value.
    pub(super) fn change<R>(
        &mut self,
        change: impl FnOnce(&mut T) -> Result<R, CryptoError>,
    ) -> Result<R, CryptoError> {
        self.get()?;
        self.in_call = true;
        let result = change(&mut self.value);
        self.in_call = false;
        result
    }

    /// Puts the value out of use.
    pub(super) fn break_off(&mut self) {
        self.in_call = true;
    }
}

/// The Rust object behind an opaque type of the header. The host holds a `Box` of it.
pub(super) trait Object: Sized {
    type Opaque;
}

/// The object that the host means.
///
/// # Safety
/// `object` is null or was written by [`hand_out`] for this type, is not freed before `'a` ends,
/// and is not changed by anybody before that.
pub(super) unsafe fn object<'a, T: Object>(object: *const T::Opaque) -> Result<&'a T, CryptoError> {
    // SAFETY: the caller vouches for the object.
    NonNull::new(object.cast_mut()).map(|object| unsafe { object.cast().as_ref() }).ok_or(NULL)
}

/// The object that the host means, to be changed.
///
/// # Safety
/// As for [`object`], and nobody else uses the object before `'a` ends.
pub(super) unsafe fn object_mut<'a, T: Object>(
    object: *mut T::Opaque,
) -> Result<&'a mut T, CryptoError> {
    // SAFETY: the caller vouches for the object.
    NonNull::new(object).map(|object| unsafe { object.cast().as_mut() }).ok_or(NULL)
}

/// The object that the host gives back.
///
/// # Safety
/// `object` is null or was written by [`hand_out`] for this type, and is used no more.
pub(super) unsafe fn take<T: Object>(object: *mut T::Opaque) -> Result<Box<T>, CryptoError> {
    // SAFETY: `hand_out` made it of a `Box`, and the caller gives that back.
    NonNull::new(object).map(|object| unsafe { Box::from_raw(object.cast().as_ptr()) }).ok_or(NULL)
}

/// Frees an object, or null.
///
/// # Safety
/// As for [`take`].
pub(super) unsafe extern "C" fn free<T: Object>(object: *mut T::Opaque) {
    guard_silently(|| {
        // SAFETY: as the caller says.
        drop(unsafe { take::<T>(object) }?);
        Ok(())
    });
}

/// A place of the host's that can be written.
pub(super) fn place<T>(out: *mut T) -> Result<NonNull<T>, CryptoError> {
    NonNull::new(out).filter(|out| out.is_aligned()).ok_or(NULL)
}

/// Gives an object to the host.
///
/// # Safety
/// Unless it is null, `out` is a place for a pointer.
pub(super) unsafe fn hand_out<T: Object>(
    out: *mut *mut T::Opaque,
    make: impl FnOnce() -> Result<T, CryptoError>,
) -> Result<(), CryptoError> {
    let out = place(out)?;
    let object = Box::into_raw(Box::new(make()?));
    // SAFETY: the caller vouches for the place.
    unsafe { out.write(object.cast()) };
    Ok(())
}

/// Gives bytes to the host, in memory of their own.
///
/// # Safety
/// Unless it is null, `out` is a place for a buffer.
pub(super) unsafe fn hand_out_bytes(out: *mut Buffer, bytes: &[u8]) -> Result<(), CryptoError> {
    let out = place(out)?;
    let len = bytes.len();
    let data = Box::into_raw(Box::<[u8]>::from(bytes)).cast();
    // SAFETY: the caller vouches for the place.
    unsafe { out.write(Buffer { data, len }) };
    Ok(())
}

/// Takes back what [`hand_out_bytes`] gave.
///
/// # Safety
/// `bytes` was written by [`hand_out_bytes`] or is empty, and is used no more.
pub(super) unsafe extern "C" fn bytes_free(bytes: Buffer) {
    // Memory of no bytes was never allocated.
    if bytes.len == 0 || bytes.data.is_null() {
        return;
    }
    let bytes = std::ptr::slice_from_raw_parts_mut(bytes.data, bytes.len);
    // SAFETY: it was a `Box` of this many bytes, and the caller gives it back.
    let mut bytes = unsafe { Box::from_raw(bytes) };
    bytes.zeroize();
}

/// The bytes of the host's.
///
/// # Safety
/// `bytes` is as the header says, for `'a`.
pub(super) unsafe fn bytes<'a>(bytes: Bytes) -> Result<&'a [u8], CryptoError> {
    // SAFETY: as the caller says.
    unsafe { abi::slice(bytes.data, bytes.len) }.ok_or(NULL)
}

/// The bytes of the host's, if there are any.
///
/// # Safety
/// Unless it is null, `bytes` points to what the header says, for `'a`.
pub(super) unsafe fn optional<'a>(bytes: *const Bytes) -> Result<Option<&'a [u8]>, CryptoError> {
    let Some(pointer) = NonNull::new(bytes.cast_mut()) else { return Ok(None) };
    let pointer = place(pointer.as_ptr())?;
    // SAFETY: as the caller says.
    unsafe { self::bytes(pointer.read()) }.map(Some)
}

/// Pieces of the host's.
///
/// # Safety
/// `data` points to `len` slices, each as the header says, for `'a`.
pub(super) unsafe fn pieces<'a>(
    data: *const Bytes,
    len: usize,
) -> Result<Vec<&'a [u8]>, CryptoError> {
    // SAFETY: as the caller says.
    let pieces = unsafe { abi::slice(data, len) }.ok_or(NULL)?;
    // SAFETY: as the caller says.
    pieces.iter().map(|piece| unsafe { bytes(*piece) }).collect()
}

/// As many bytes of the host's as the header says.
///
/// # Safety
/// Unless it is null, `data` points to `N` bytes that stay unchanged for `'a`.
pub(super) unsafe fn array<'a, const N: usize>(
    data: *const u8,
) -> Result<&'a [u8; N], CryptoError> {
    // SAFETY: as the caller says.
    unsafe { abi::slice(data, N) }.and_then(<[u8]>::first_chunk).ok_or(NULL)
}

/// A buffer of the host's.
///
/// # Safety
/// `buffer` is as the header says, for `'a`.
pub(super) unsafe fn buffer<'a>(buffer: Buffer) -> Result<&'a mut [u8], CryptoError> {
    // SAFETY: as the caller says.
    unsafe { abi::slice_mut(buffer.data, buffer.len) }.ok_or(NULL)
}

/// Fills a buffer of the host's with as many bytes as it is long.
///
/// # Safety
/// As for [`buffer`].
pub(super) unsafe fn fill(out: Buffer, bytes: &[u8]) -> Result<(), CryptoError> {
    // SAFETY: as the caller says.
    let out = unsafe { buffer(out) }?;
    if out.len() != bytes.len() {
        return Err(CryptoError::BadLength("output"));
    }
    out.copy_from_slice(bytes);
    Ok(())
}

/// Writes a secret into a buffer that may be longer, and its length.
///
/// # Safety
/// As for [`buffer`]; unless it is null, `len` is a place for a number.
pub(super) unsafe fn fill_secret(
    out: Buffer,
    len: *mut usize,
    secret: &Secret,
) -> Result<(), CryptoError> {
    let len = place(len)?;
    // SAFETY: as the caller says.
    let out = unsafe { buffer(out) }?;
    let room = out.get_mut(..secret.len()).ok_or(CryptoError::BadLength("secret"))?;
    room.copy_from_slice(secret.expose());
    // SAFETY: the caller vouches for the place.
    unsafe { len.write(secret.len()) };
    Ok(())
}

/// A secret that the host passes as bytes.
///
/// # Safety
/// As for [`bytes`].
pub(super) unsafe fn secret(bytes: Bytes) -> Result<Secret, CryptoError> {
    // SAFETY: as the caller says.
    Secret::new(unsafe { self::bytes(bytes) }?).ok_or(CryptoError::BadLength("secret"))
}
