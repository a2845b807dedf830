//! A provider, its signing keys and its envelopes serve several threads at once; other objects
//! move from one to another.

mod common;

use std::thread;

use common::{linked, rustcrypto};
use dtls_crypto_api::pki_types::SubjectPublicKeyInfoDer;
use dtls_crypto_api::{
    AeadAlgorithm, CryptoProvider, HashAlgorithm, KeyKind, NamedGroup, RecordSecrets,
    SignatureAlgorithm,
};

const ROUNDS: u8 = 100;

#[test]
fn several_threads_use_what_is_shared_at_once() {
    let provider = linked(rustcrypto);
    let key = provider.generate_private_key(KeyKind::Ed25519).unwrap().key;
    let envelope = provider.envelope(&[1; 32]).unwrap();
    let expected = provider.hmac(HashAlgorithm::Sha256, b"key", &[b"data"]).unwrap();
    let work = || {
        for round in 0..ROUNDS {
            let mac = provider.hmac(HashAlgorithm::Sha256, b"key", &[b"data"]);
            assert_eq!(mac, Ok(expected));
            let started = provider.start_key_exchange(NamedGroup::X25519).unwrap();
            let answer = provider.encapsulate(NamedGroup::X25519, started.share()).unwrap();
            assert!(started.complete(&answer.share).is_ok());
            let signature = key.sign(SignatureAlgorithm::Ed25519, &[round]).unwrap();
            let public = SubjectPublicKeyInfoDer::from(key.public_key());
            let algorithm = SignatureAlgorithm::Ed25519;
            assert_eq!(provider.verify_signature(algorithm, &public, &[round], &signature), Ok(()));
            let sealed = envelope.seal(b"", &[round]).unwrap();
            assert_eq!(envelope.open(b"", &sealed).unwrap(), [round]);
        }
    };
    thread::scope(|scope| {
        let threads = [scope.spawn(work), scope.spawn(work)];
        for thread in threads {
            thread.join().unwrap();
        }
    });
}

#[test]
fn what_belongs_to_one_connection_moves_between_threads() {
    let provider = linked(rustcrypto);
    let secrets = RecordSecrets {
        aead: AeadAlgorithm::ChaCha20Poly1305,
        key: &[1; 32],
        iv: &[2; 12],
        record_number_key: &[3; 32],
    };
    let mut seal = provider.seal_key(&secrets).unwrap();
    let mut open = provider.open_key(&secrets).unwrap();
    let mut hash = provider.hash(HashAlgorithm::Sha384).unwrap();
    let started = provider.start_key_exchange(NamedGroup::X25519MLKEM768).unwrap();
    hash.update(b"first half, ");
    let expected = {
        let mut whole = provider.hash(HashAlgorithm::Sha384).unwrap();
        whole.update(b"first half, second half");
        whole.finish()
    };
    let answer = provider.encapsulate(NamedGroup::X25519MLKEM768, started.share()).unwrap();
    let mut record = *b"a record and room for a tag     ";
    seal.seal(1, b"aad", &mut record).unwrap();
    // The library's last user is on the other thread as well.
    drop((provider, seal));
    let (digest, secret) = thread::spawn(move || {
        hash.update(b"second half");
        assert_eq!(open.open(1, b"aad", &mut record), Ok(16));
        (hash.finish(), started.complete(&answer.share).unwrap())
    })
    .join()
    .unwrap();
    assert_eq!(digest, expected);
    assert_eq!(secret.len(), 64);
}
