//! What a plug-in answers against the rules is found out and becomes an error.
//!
//! Each plug-in here is the right one with one function replaced.

#![allow(unsafe_code, reason = "these are functions of plug-ins")]

mod common;

use std::sync::LazyLock;

use common::{linked, rustcrypto};
use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, CryptoProvider, Curve, HashAlgorithm, KeyKind, NamedGroup,
    RecordSecrets,
};
use dtls_provider_dynamic::abi::{
    Buffer, Bytes, Envelope, Hash, KeyExchange, Numbers, OpenKey, Outcome, Provider, SealKey,
    SigningKey, Table,
};

/// An entry whose table is the right one but for some functions.
macro_rules! plugin_but {
    ($name:ident: $($field:ident = $function:expr),*) => {
        extern "C" fn $name(version: u32) -> *const Table {
            static TABLE: LazyLock<Table> = LazyLock::new(|| {
                // SAFETY: an entry's answer is a table.
                let right = unsafe { *rustcrypto(1) };
                Table { $($field: Some($function),)* ..right }
            });
            assert_eq!(version, 1);
            &raw const *TABLE
        }
    };
}

fn is_backend<T>(result: Result<T, CryptoError>) -> bool {
    matches!(result.err(), Some(CryptoError::Backend(_)))
}

const SECRETS: RecordSecrets<'static> = RecordSecrets {
    aead: AeadAlgorithm::Aes128Ccm,
    key: &[1; 16],
    iv: &[2; 12],
    record_number_key: &[3; 16],
};

#[test]
fn an_object_that_is_not_there() {
    unsafe extern "C" fn hash_new(_: *const Provider, _: u32, _: *mut *mut Hash) -> Outcome {
        Outcome::OK
    }
    plugin_but!(plugin: hash_new = hash_new);
    assert!(is_backend(linked(plugin).hash(HashAlgorithm::Sha256)));
}

#[test]
fn an_error_number_of_its_own() {
    unsafe extern "C" fn self_test(_: *const Provider) -> Outcome {
        Outcome { error: 4711, ..Outcome::OK }
    }
    plugin_but!(plugin: self_test = self_test);
    let error = CryptoError::Backend("the plug-in answered with an unknown error number");
    assert_eq!(linked(plugin).self_test(), Err(error));
}

#[test]
fn a_share_that_its_group_cannot_have() {
    unsafe extern "C" fn short(_: *const KeyExchange) -> Bytes {
        Bytes::from_slice(&[4; 31])
    }
    unsafe extern "C" fn null(_: *const KeyExchange) -> Bytes {
        Bytes { len: 32, ..Bytes::EMPTY }
    }
    unsafe extern "C" fn endless(_: *const KeyExchange) -> Bytes {
        Bytes { len: usize::MAX, ..Bytes::from_slice(&[4]) }
    }
    plugin_but!(plugin_short: key_exchange_share = short);
    plugin_but!(plugin_null: key_exchange_share = null);
    plugin_but!(plugin_endless: key_exchange_share = endless);
    for plugin in [plugin_short, plugin_null, plugin_endless] {
        assert!(is_backend(linked(plugin).start_key_exchange(NamedGroup::X25519)));
    }
}

#[test]
fn a_secret_of_an_impossible_length() {
    /// Takes the length to answer with from the peer's share, for which it is not meant.
    unsafe extern "C" fn complete(
        key_exchange: *mut KeyExchange,
        share: Bytes,
        _: Buffer,
        secret_len: *mut usize,
    ) -> Outcome {
        // SAFETY: the host passes what the header says; the entry's answer is a table.
        unsafe {
            (*rustcrypto(1)).key_exchange_free.unwrap()(key_exchange);
            secret_len.write(share.len);
        }
        Outcome::OK
    }
    plugin_but!(plugin: key_exchange_complete = complete);
    let provider = linked(plugin);
    let complete_with =
        |len| provider.start_key_exchange(NamedGroup::X25519).unwrap().complete(&vec![0; len]);
    for len in [0, 81, 100_000] {
        assert!(is_backend(complete_with(len)), "{len}");
    }
    assert_eq!(complete_with(80).unwrap().len(), 80);
}

#[test]
fn a_servers_share_of_the_wrong_length_goes_back_to_its_plugin() {
    unsafe extern "C" fn encapsulate(
        provider: *const Provider,
        _: u32,
        share: Bytes,
        out: *mut Buffer,
        secret: Buffer,
        secret_len: *mut usize,
    ) -> Outcome {
        // Another group's share.
        let (x25519, table) = (NamedGroup::X25519.0.into(), rustcrypto(1));
        // SAFETY: the host passes what the header says; the entry's answer is a table.
        unsafe {
            let share = Bytes { len: 32, ..share };
            (*table).encapsulate.unwrap()(provider, x25519, share, out, secret, secret_len)
        }
    }
    plugin_but!(plugin: encapsulate = encapsulate);
    let provider = linked(plugin);
    let share = provider.start_key_exchange(NamedGroup::X25519).unwrap().share().to_vec();
    assert!(provider.encapsulate(NamedGroup::X25519, &share).is_ok());
    assert!(is_backend(provider.encapsulate(NamedGroup::X448, &share)));
}

#[test]
fn bytes_that_are_too_many_or_nowhere() {
    unsafe extern "C" fn endless(
        _: *const SigningKey,
        _: u32,
        _: Bytes,
        signature: *mut Buffer,
    ) -> Outcome {
        // SAFETY: the host passes what the header says.
        unsafe { signature.write(Buffer { data: signature.cast(), len: 1 << 40 }) };
        Outcome::OK
    }
    unsafe extern "C" fn null(
        _: *const SigningKey,
        _: u32,
        _: Bytes,
        signature: *mut Buffer,
    ) -> Outcome {
        // SAFETY: the host passes what the header says.
        unsafe { signature.write(Buffer { len: 64, ..Buffer::EMPTY }) };
        Outcome::OK
    }
    /// Knows nothing of these bytes.
    unsafe extern "C" fn bytes_free(_: Buffer) {}
    plugin_but!(plugin_endless: sign = endless, bytes_free = bytes_free);
    plugin_but!(plugin_null: sign = null, bytes_free = bytes_free);
    for plugin in [plugin_endless, plugin_null] {
        let key = linked(plugin).generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap().key;
        assert!(is_backend(key.sign(key.algorithms()[0], b"message")));
    }
}

#[test]
fn algorithms_that_are_too_many_or_nowhere() {
    unsafe extern "C" fn null(_: *const SigningKey) -> Numbers {
        Numbers { len: 1, ..Numbers::EMPTY }
    }
    unsafe extern "C" fn endless(_: *const SigningKey) -> Numbers {
        Numbers { data: &raw const NUMBER, len: usize::MAX }
    }
    static NUMBER: u32 = 0x0403;
    plugin_but!(plugin_null: signing_key_algorithms = null);
    plugin_but!(plugin_endless: signing_key_algorithms = endless);
    for plugin in [plugin_null, plugin_endless] {
        assert!(is_backend(linked(plugin).generate_private_key(KeyKind::Ed25519)));
    }
}

#[test]
fn an_algorithm_of_a_later_version_is_passed_over() {
    unsafe extern "C" fn algorithms(_: *const SigningKey) -> Numbers {
        Numbers { data: NUMBERS.as_ptr(), len: NUMBERS.len() }
    }
    static NUMBERS: [u32; 3] = [0x00ff_0001, 0x0807, 0xfefe];
    plugin_but!(plugin: signing_key_algorithms = algorithms);
    let made = linked(plugin).generate_private_key(KeyKind::Ed25519).unwrap();
    assert_eq!(made.key.algorithms(), [dtls_crypto_api::SignatureAlgorithm::Ed25519]);
}

#[test]
fn an_envelope_that_grows_beyond_measure() {
    unsafe extern "C" fn envelope_open(
        envelope: *const Envelope,
        aad: Bytes,
        sealed: Bytes,
        out: *mut Buffer,
    ) -> Outcome {
        // SAFETY: the host passes what the header says; the entry's answer is a table.
        unsafe { (*rustcrypto(1)).envelope_seal.unwrap()(envelope, aad, sealed, out) }
    }
    plugin_but!(plugin: envelope_open = envelope_open);
    let envelope = linked(plugin).envelope(&[1; 32]).unwrap();
    assert!(envelope.seal(b"", b"ticket").is_ok());
    assert!(is_backend(envelope.open(b"", b"ticket")));
}

#[test]
fn a_failed_open_that_leaves_plaintext_is_wiped() {
    unsafe extern "C" fn open(_: *mut OpenKey, _: u64, _: Bytes, _: Buffer) -> Outcome {
        Outcome { error: CryptoError::BadRecord.number(), ..Outcome::OK }
    }
    plugin_but!(plugin: open = open);
    let mut record = *b"plaintext of somebody's";
    let opened = linked(plugin).open_key(&SECRETS).unwrap().open(0, b"", &mut record);
    assert_eq!(opened, Err(CryptoError::BadRecord));
    assert_eq!(record, [0; 23]);
}

#[test]
fn a_plugin_that_does_not_watch_record_numbers_is_watched() {
    unsafe extern "C" fn seal(_: *mut SealKey, number: u64, _: Bytes, _: Buffer) -> Outcome {
        // Fails once, which does not use the number up.
        Outcome { error: if number == 9 { 10 } else { 0 }, ..Outcome::OK }
    }
    plugin_but!(plugin: seal = seal);
    let mut key = linked(plugin).seal_key(&SECRETS).unwrap();
    let mut seal = |number| key.seal(number, b"", &mut [0; 20]);
    assert_eq!(seal(8), Ok(()));
    assert_eq!(seal(9), Err(CryptoError::RandomFailed));
    assert_eq!(seal(8), Err(CryptoError::RecordNumberReused));
    assert_eq!(seal(7), Err(CryptoError::RecordNumberReused));
    assert_eq!(seal(10), Ok(()));
}

#[test]
#[should_panic(expected = "a hash in progress failed in a plug-in")]
fn a_hash_that_fails_half_way_cannot_go_on() {
    unsafe extern "C" fn hash_fork(_: *const Hash, _: *mut *mut Hash) -> Outcome {
        Outcome { error: 12, ..Outcome::OK }
    }
    plugin_but!(plugin: hash_fork = hash_fork);
    let _ = linked(plugin).hash(HashAlgorithm::Sha256).unwrap().fork();
}
