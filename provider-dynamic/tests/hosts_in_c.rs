//! A host that breaks the rules gets an error where that can be: pointers that are null, numbers
//! of nothing, buffers of the wrong length.

#![allow(unsafe_code, reason = "calls the exported functions as a host in C does")]

mod common;

use std::ptr::{null, null_mut};

use common::rustcrypto;
use dtls_crypto_api::{CryptoError, HashAlgorithm, NamedGroup};
use dtls_provider_dynamic::abi::{Buffer, Bytes, Outcome, Provider, Table};

const UNSUPPORTED: u32 = 1;
const BAD_LENGTH: u32 = 8;
const BACKEND: u32 = 12;

fn table() -> Table {
    // SAFETY: an entry's answer is a table.
    unsafe { *rustcrypto(1) }
}

/// Calls a function of the table.
macro_rules! call {
    ($name:ident($($argument:expr),*)) => {{
        let function = table().$name.unwrap();
        // SAFETY: what is wrong with the arguments is something that the plug-in finds.
        unsafe { function($($argument),*) }
    }};
}

struct Made(*mut Provider);

impl Made {
    fn new() -> Self {
        let mut provider = null_mut();
        assert_eq!(call!(provider_new(&raw mut provider)).error, 0);
        Self(provider)
    }
}

impl Drop for Made {
    fn drop(&mut self) {
        call!(provider_free(self.0));
    }
}

fn error(outcome: Outcome) -> u32 {
    let named = CryptoError::from_number(outcome.error, "").expect("an error");
    // Those that need a reason have one.
    assert_eq!(named.reason().is_some(), outcome.reason_len > 0 && !outcome.reason.is_null());
    outcome.error
}

#[test]
fn null_pointers_are_refused() {
    let made = Made::new();
    let bad = Bytes { data: null(), len: 5 };
    let (mut hash, mut bytes, mut len) = (null_mut(), Buffer::EMPTY, 0);
    let mut room = [0; 80];
    let room = Buffer::from_slice(&mut room);
    let x25519 = NamedGroup::X25519.0.into();
    let outcomes = [
        call!(provider_new(null_mut())),
        call!(self_test(null())),
        call!(random(null(), Buffer::EMPTY)),
        call!(random(made.0, Buffer { data: null_mut(), len: 5 })),
        call!(hash_new(null(), 4, &raw mut hash)),
        call!(hash_new(made.0, 4, null_mut())),
        call!(hash_fork(null(), &raw mut hash)),
        call!(hash_finish(null_mut(), room)),
        call!(hmac(made.0, 4, bad, null(), 0, room)),
        call!(hmac(made.0, 4, Bytes::EMPTY, null(), 3, room)),
        call!(hmac(made.0, 4, Bytes::EMPTY, &raw const bad, 1, room)),
        call!(schedule_extract(made.0, 4, null(), null(), null(), room)),
        call!(schedule_extract(made.0, 4, b"dtls13".as_ptr(), null(), &raw const bad, room)),
        call!(seal_key_new(made.0, 1, Bytes::EMPTY, null(), Bytes::EMPTY, null_mut())),
        call!(seal(null_mut(), 0, Bytes::EMPTY, room)),
        call!(open(null_mut(), 0, Bytes::EMPTY, room)),
        call!(seal_mask(null_mut(), [0; 16].as_ptr(), [0; 2].as_mut_ptr())),
        call!(open_mask(null_mut(), [0; 16].as_ptr(), [0; 2].as_mut_ptr())),
        call!(key_exchange_new(made.0, x25519, null_mut())),
        call!(key_exchange_complete(null_mut(), Bytes::EMPTY, room, &raw mut len)),
        call!(encapsulate(made.0, x25519, bad, &raw mut bytes, room, &raw mut len)),
        call!(encapsulate(made.0, x25519, Bytes::EMPTY, null_mut(), room, &raw mut len)),
        call!(signing_key_load(made.0, 1, bad, null_mut())),
        call!(signing_key_generate(made.0, 0x17, &raw mut bytes, null_mut())),
        call!(sign(null(), 0x0403, Bytes::EMPTY, &raw mut bytes)),
        call!(verify(null(), 0x0403, Bytes::EMPTY, Bytes::EMPTY, Bytes::EMPTY)),
        call!(envelope_new(made.0, null(), null_mut())),
        call!(envelope_seal(null(), Bytes::EMPTY, Bytes::EMPTY, &raw mut bytes)),
        call!(envelope_open(null(), Bytes::EMPTY, Bytes::EMPTY, &raw mut bytes)),
    ];
    for (i, outcome) in outcomes.into_iter().enumerate() {
        assert_eq!(error(outcome), BACKEND, "call {i}");
    }
    assert!(hash.is_null() && bytes.data.is_null());
}

#[test]
fn what_has_no_answer_takes_null_pointers() {
    call!(bytes_free(Buffer::EMPTY));
    call!(provider_free(null_mut()));
    call!(hash_update(null_mut(), Bytes::EMPTY));
    call!(hash_free(null_mut()));
    call!(seal_key_free(null_mut()));
    call!(open_key_free(null_mut()));
    call!(key_exchange_free(null_mut()));
    call!(signing_key_free(null_mut()));
    call!(envelope_free(null_mut()));
    assert!(call!(capabilities(null())).is_null());
    assert_eq!(call!(key_exchange_share(null())).len, 0);
    assert_eq!(call!(signing_key_algorithms(null())).len, 0);
    assert_eq!(call!(signing_key_public(null())).len, 0);
}

#[test]
fn numbers_of_nothing_are_unsupported() {
    let made = Made::new();
    let (mut bytes, mut len) = (Buffer::EMPTY, 0);
    let mut room = [0; 80];
    let room = Buffer::from_slice(&mut room);
    let (empty, iv) = (Bytes::EMPTY, [0; 12]);
    let outcomes = [
        call!(hash_new(made.0, 99, &mut null_mut())),
        call!(hkdf_extract(made.0, 99, empty, empty, room)),
        call!(seal_key_new(made.0, 99, empty, iv.as_ptr(), empty, &mut null_mut())),
        call!(open_key_new(made.0, 99, empty, iv.as_ptr(), empty, &mut null_mut())),
        call!(key_exchange_new(made.0, 0x1_001d, &mut null_mut())),
        call!(encapsulate(made.0, 99, empty, &raw mut bytes, room, &raw mut len)),
        call!(signing_key_load(made.0, 99, empty, &mut null_mut())),
        call!(signing_key_generate(made.0, 99, &raw mut bytes, &mut null_mut())),
        call!(verify(made.0, 99, empty, empty, empty)),
    ];
    for (i, outcome) in outcomes.into_iter().enumerate() {
        assert_eq!(error(outcome), UNSUPPORTED, "call {i}");
    }
}

#[test]
fn outputs_of_another_length_than_the_answer_are_refused() {
    let made = Made::new();
    let mut out = [0; 33];
    let out = Buffer::from_slice(&mut out);
    let (sha256, empty) = (HashAlgorithm::Sha256.number(), Bytes::EMPTY);
    let long = [0; 81];
    let long = Bytes::from_slice(&long);
    assert_eq!(error(call!(hmac(made.0, sha256, empty, null(), 0, out))), BAD_LENGTH);
    assert_eq!(error(call!(hkdf_extract(made.0, sha256, empty, empty, out))), BAD_LENGTH);
    assert_eq!(error(call!(hkdf_expand(made.0, sha256, long, null(), 0, out))), BAD_LENGTH);

    let mut hash = null_mut();
    assert_eq!(call!(hash_new(made.0, sha256, &raw mut hash)).error, 0);
    assert_eq!(error(call!(hash_finish(hash, out))), BAD_LENGTH);

    // A hash that was fed from nowhere has missed something.
    assert_eq!(call!(hash_new(made.0, sha256, &raw mut hash)).error, 0);
    call!(hash_update(hash, Bytes { data: null(), len: 3 }));
    assert_eq!(error(call!(hash_finish(hash, Buffer { len: 32, ..out }))), BACKEND);

    let mut key_exchange = null_mut();
    let x25519 = NamedGroup::X25519.0.into();
    assert_eq!(call!(key_exchange_new(made.0, x25519, &raw mut key_exchange)).error, 0);
    let share = call!(key_exchange_share(key_exchange));
    let (mut room, mut len, mut answer) = ([0; 31], 0, Buffer::EMPTY);
    let room = Buffer::from_slice(&mut room);
    let outcome = call!(encapsulate(made.0, x25519, share, &raw mut answer, room, &raw mut len));
    assert_eq!(error(outcome), BAD_LENGTH);
    assert!(answer.data.is_null(), "nothing is returned by a call that failed");
    call!(key_exchange_free(key_exchange));
}
