//! Mistakes made on purpose, each of a kind that the cases beside it watch for. One that is not
//! caught means that the method does not work here: no debug information, an optimiser that made
//! the branch go away, a valgrind that does not understand the requests.
//!
//! Each is a function that is never inlined, so that the report names it.

use core::hint::black_box;

use dtls_crypto_api::Digest;

use super::{Failure, hold};
use crate::secrets::{public_value, secret_copy};

/// A comparison that stops at the first byte that differs.
pub(super) fn comparison() -> Result<(), Failure> {
    let mac = secret_copy(&[1; 32]);
    let same = public_value(equal_until_they_differ(&mac, &[1; 32]));
    hold("they are equal", same)
}

#[inline(never)]
fn equal_until_they_differ(a: &[u8], b: &[u8]) -> bool {
    for (a, b) in a.iter().zip(b) {
        if black_box(a) != b {
            return false;
        }
    }
    a.len() == b.len()
}

/// A Finished that is compared as any slice is.
pub(super) fn finished() -> Result<(), Failure> {
    let want = Digest::new(&secret_copy(&[1; 48])).ok_or("a digest")?;
    let same = public_value(compared_as_slices(black_box(&want), black_box(&[1; 48])));
    hold("they are equal", same)
}

#[inline(never)]
fn compared_as_slices(want: &Digest, received: &[u8]) -> bool {
    want.as_ref() == received
}

/// A table that a secret is an index into.
pub(super) fn index() -> Result<(), Failure> {
    let key = secret_copy(&[7; 16]);
    let table: [u8; 256] = core::array::from_fn(|at| at as u8);
    let found = public_value(looked_up(black_box(&table), &key));
    hold("it was found", found == 7 * 16)
}

#[inline(never)]
fn looked_up(table: &[u8; 256], key: &[u8]) -> u8 {
    key.iter().fold(0, |sum, byte| sum + table[usize::from(*byte)])
}

/// A record number reconstructed by comparing, while nobody knows yet whether it is genuine.
pub(super) fn record_number() -> Result<(), Failure> {
    let wire = secret_copy(&0xff_f0_u16.to_be_bytes());
    let wire = u16::from_be_bytes([wire[0], wire[1]]);
    hold("it is reconstructed", public_value(reconstructed(0x2_0010, wire)) == 0x1_fff0)
}

#[inline(never)]
fn reconstructed(expected: u64, wire: u16) -> u64 {
    let candidate = (expected & !0xffff) | u64::from(wire);
    if candidate > expected + 0x8000 {
        black_box(candidate - 0x1_0000)
    } else if candidate + 0x8000 < expected {
        black_box(candidate + 0x1_0000)
    } else {
        candidate
    }
}

/// Padding that is looked through from its end until something else comes.
pub(super) fn padding() -> Result<(), Failure> {
    let mut inner = vec![0; 100];
    inner[..3].copy_from_slice(b"ab\x17");
    let inner = secret_copy(&inner);
    let len = public_value(scanned_from_the_end(&inner));
    hold("the content ends there", len == Some(2))
}

#[inline(never)]
fn scanned_from_the_end(inner: &[u8]) -> Option<usize> {
    inner.iter().rposition(|byte| *byte != 0)
}

/// Fragments that are put together with a look at what they say.
pub(super) fn fragments() -> Result<(), Failure> {
    let body = secret_copy(&[0; 64]);
    let mut message = vec![0xff; 64];
    copied_but_zeros(&mut message, &body);
    hold("nothing was copied", public_value(message[0]) == 0xff)
}

#[inline(never)]
fn copied_but_zeros(message: &mut [u8], body: &[u8]) {
    for (to, from) in message.iter_mut().zip(body) {
        if *from != 0 {
            *to = black_box(*from);
        }
    }
}

/// Application data whose first byte decides what becomes of it.
pub(super) fn data() -> Result<(), Failure> {
    let data = secret_copy(b"application data");
    hold("it was dispatched", public_value(dispatched(&data)) == 1)
}

#[inline(never)]
fn dispatched(data: &[u8]) -> u32 {
    match data.first() {
        Some(b'a') => black_box(1),
        Some(b'b') => black_box(2),
        _ => black_box(3),
    }
}
