//! What a plug-in hands out comes back to it exactly once, and the provider last of all.
//!
//! The plug-in here keeps a list of all that its host holds.

#![allow(unsafe_code, reason = "these are functions of a plug-in")]

mod common;

use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex};

use common::{linked, rustcrypto};
use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{
    AeadAlgorithm, CryptoProvider, Curve, HashAlgorithm, KeyKind, NamedGroup, RecordSecrets,
};
use dtls_provider_dynamic::abi::{
    Buffer, Bytes, Envelope, Hash, KeyExchange, OpenKey, Outcome, Provider, SealKey, SigningKey,
    Table,
};

/// Addresses of what the host holds.
static HELD: Mutex<BTreeSet<usize>> = Mutex::new(BTreeSet::new());
static HANDED_OUT: Mutex<usize> = Mutex::new(0);

fn hand_out(address: usize) {
    assert!(HELD.lock().unwrap().insert(address));
    *HANDED_OUT.lock().unwrap() += 1;
}

fn give_back(address: usize) {
    assert!(HELD.lock().unwrap().remove(&address), "given back and not held");
}

fn right() -> Table {
    // SAFETY: an entry's answer is a table.
    unsafe { *rustcrypto(1) }
}

/// Functions that write what they hand out through their arguments named after `hands`, and
/// functions that take `takes` back. All pass on to the right ones.
macro_rules! watched {
    (
        $(fn $maker:ident($($argument:ident: $type:ty),*) hands($($object:ident),*) bytes($($bytes:ident),*);)*
        $(end $taker:ident($taken:ident: $taken_type:ty $(, $more:ident: $more_type:ty)*) $(-> $result:ty)?;)*
    ) => {
        $(unsafe extern "C" fn $maker($($argument: $type),*) -> Outcome {
            // SAFETY: the host passes what the header says.
            let outcome = unsafe { right().$maker.unwrap()($($argument),*) };
            if outcome.error == 0 {
                // SAFETY: as above.
                $(hand_out(unsafe { *$object }.addr());)*
                // SAFETY: as above.
                $(hand_out(unsafe { *$bytes }.data.addr());)*
            }
            outcome
        })*
        $(unsafe extern "C" fn $taker($taken: $taken_type $(, $more: $more_type)*) $(-> $result)? {
            give_back($taken.addr());
            // SAFETY: the host passes what the header says.
            unsafe { right().$taker.unwrap()($taken $(, $more)*) }
        })*

        extern "C" fn plugin(_: u32) -> *const Table {
            static TABLE: LazyLock<Table> = LazyLock::new(|| Table {
                $($maker: Some($maker),)*
                $($taker: Some($taker),)*
                provider_free: Some(provider_free),
                bytes_free: Some(bytes_free),
                ..right()
            });
            &raw const *TABLE
        }
    };
}

watched! {
    fn provider_new(out: *mut *mut Provider) hands(out) bytes();
    fn hash_new(provider: *const Provider, hash: u32, out: *mut *mut Hash) hands(out) bytes();
    fn hash_fork(hash: *const Hash, out: *mut *mut Hash) hands(out) bytes();
    fn seal_key_new(
        provider: *const Provider, aead: u32, key: Bytes, iv: *const u8, number_key: Bytes,
        out: *mut *mut SealKey
    ) hands(out) bytes();
    fn open_key_new(
        provider: *const Provider, aead: u32, key: Bytes, iv: *const u8, number_key: Bytes,
        out: *mut *mut OpenKey
    ) hands(out) bytes();
    fn key_exchange_new(
        provider: *const Provider, group: u32, out: *mut *mut KeyExchange
    ) hands(out) bytes();
    fn encapsulate(
        provider: *const Provider, group: u32, peer_share: Bytes, share: *mut Buffer,
        secret: Buffer, secret_len: *mut usize
    ) hands() bytes(share);
    fn signing_key_load(
        provider: *const Provider, format: u32, der: Bytes, out: *mut *mut SigningKey
    ) hands(out) bytes();
    fn signing_key_generate(
        provider: *const Provider, kind: u32, pkcs8: *mut Buffer, out: *mut *mut SigningKey
    ) hands(out) bytes(pkcs8);
    fn sign(
        key: *const SigningKey, algorithm: u32, message: Bytes, signature: *mut Buffer
    ) hands() bytes(signature);
    fn envelope_new(
        provider: *const Provider, key: *const u8, out: *mut *mut Envelope
    ) hands(out) bytes();
    fn envelope_seal(
        envelope: *const Envelope, aad: Bytes, plaintext: Bytes, sealed: *mut Buffer
    ) hands() bytes(sealed);
    fn envelope_open(
        envelope: *const Envelope, aad: Bytes, sealed: Bytes, plaintext: *mut Buffer
    ) hands() bytes(plaintext);

    end hash_finish(hash: *mut Hash, out: Buffer) -> Outcome;
    end hash_free(hash: *mut Hash);
    end seal_key_free(key: *mut SealKey);
    end open_key_free(key: *mut OpenKey);
    end key_exchange_complete(
        key_exchange: *mut KeyExchange, peer_share: Bytes, secret: Buffer, secret_len: *mut usize
    ) -> Outcome;
    end key_exchange_free(key_exchange: *mut KeyExchange);
    end signing_key_free(key: *mut SigningKey);
    end envelope_free(envelope: *mut Envelope);
}

unsafe extern "C" fn provider_free(provider: *mut Provider) {
    give_back(provider.addr());
    assert!(HELD.lock().unwrap().is_empty(), "the provider goes before its objects");
    // SAFETY: the host passes what the header says.
    unsafe { right().provider_free.unwrap()(provider) }
}

unsafe extern "C" fn bytes_free(bytes: Buffer) {
    give_back(bytes.data.addr());
    // SAFETY: the host passes what the header says.
    unsafe { right().bytes_free.unwrap()(bytes) }
}

#[test]
fn what_a_plugin_hands_out_comes_back_once_and_the_provider_last() {
    let provider = linked(plugin);
    let secrets = RecordSecrets {
        aead: AeadAlgorithm::Aes128Gcm,
        key: &[1; 16],
        iv: &[2; 12],
        record_number_key: &[3; 16],
    };

    // Each kind of object twice: one goes while the provider is there, one outlives it.
    let mut hash = provider.hash(HashAlgorithm::Sha256).unwrap();
    let fork = hash.fork();
    drop(hash.fork());
    hash.fork().finish();
    let mut seal = provider.seal_key(&secrets).unwrap();
    drop(provider.seal_key(&secrets));
    let mut open = provider.open_key(&secrets).unwrap();
    drop(provider.open_key(&secrets));
    let started = || provider.start_key_exchange(NamedGroup::X25519).unwrap();
    let key_exchange = started();
    drop(started());
    started().complete(&[9; 32]).unwrap();
    started().complete(b"too short").unwrap_err();
    let answer = provider.encapsulate(NamedGroup::X25519, key_exchange.share()).unwrap();
    provider.encapsulate(NamedGroup::X25519, b"too short").unwrap_err();
    let made = provider.generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap();
    let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
    drop(provider.load_private_key(&der).unwrap());
    provider.load_private_key(&PrivateKeyDer::Pkcs1([][..].into())).unwrap_err();
    let envelope = provider.envelope(&[1; 32]).unwrap();
    drop(provider.envelope(&[1; 32]));

    drop(provider);
    assert_eq!(HELD.lock().unwrap().len(), 8, "seven objects and the provider");

    hash.update(b"data");
    assert_ne!(hash.finish(), fork.finish());
    let mut record = [0x61; 32];
    seal.seal(1, b"", &mut record).unwrap();
    assert_eq!(open.open(1, b"", &mut record), Ok(16));
    let secret = key_exchange.complete(&answer.share).unwrap();
    assert_eq!(secret.expose(), answer.secret.expose());
    made.key.sign(made.key.algorithms()[0], b"message").unwrap();
    let sealed = envelope.seal(b"", b"ticket").unwrap();
    assert_eq!(envelope.open(b"", &sealed).unwrap(), b"ticket");
    envelope.open(b"other", &sealed).unwrap_err();
    drop((seal, open, made));
    assert_eq!(HELD.lock().unwrap().len(), 2, "the envelope and the provider");
    drop(envelope);
    assert!(HELD.lock().unwrap().is_empty());
    // A provider, 4 hashes, 2 keys of each direction, 4 key exchanges, 2 signing keys, 2 envelopes,
    // and bytes 5 times.
    assert_eq!(*HANDED_OUT.lock().unwrap(), 22);
}
