//! A provider answers the same through the C form as it does directly.

mod common;

use common::{linked, rustcrypto};
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    CipherSuite, CryptoError, CryptoProvider, Curve, HashAlgorithm, KeyKind, Label, NamedGroup,
    RecordSecrets, Secret, SignatureAlgorithm,
};
use dtls_provider_rustcrypto::RustCryptoProvider;
use rstest::rstest;

const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

/// The provider itself, and the same behind the border.
fn both() -> [Box<dyn CryptoProvider>; 2] {
    [Box::new(RustCryptoProvider::new()), Box::new(linked(rustcrypto))]
}

/// That both give the same answer, and what it is.
fn same<T: PartialEq + std::fmt::Debug>(ask: impl Fn(&dyn CryptoProvider) -> T) -> T {
    let [direct, loaded] = both().map(|provider| ask(&*provider));
    assert_eq!(direct, loaded);
    direct
}

fn exposed(secret: Result<Secret, CryptoError>) -> Result<Vec<u8>, CryptoError> {
    secret.map(|secret| secret.expose().to_vec())
}

#[test]
fn capabilities_come_through_whole() {
    let capabilities = same(|p| format!("{:?}", p.capabilities()));
    assert!(capabilities.contains("TLS_AES_128_GCM_SHA256"));
    assert_eq!(same(|p| p.self_test()), Ok(()));
}

#[test]
fn random_bytes_are_all_filled() {
    let [_, loaded] = both();
    let (mut a, mut b) = ([0; 64], [0; 64]);
    loaded.random(&mut a).unwrap();
    loaded.random(&mut b).unwrap();
    assert_ne!(a, b);
    assert!(a[56..].iter().any(|byte| *byte != 0));
    assert_eq!(loaded.random(&mut []), Ok(()));
}

#[test]
fn hashes_and_their_forks() {
    for algorithm in HASHES {
        let digests = same(|p| {
            let mut hash = p.hash(algorithm).unwrap();
            assert_eq!(hash.algorithm(), algorithm);
            hash.update(b"");
            hash.update(b"client hello");
            let mut fork = hash.fork();
            fork.update(b"server hello");
            let forked_again = fork.fork();
            hash.update(b"something else");
            drop(hash.fork());
            [hash.finish(), fork.finish(), forked_again.finish()].map(|d| d.as_ref().to_vec())
        });
        assert_eq!(digests[1], digests[2]);
        assert_ne!(digests[0], digests[1]);
        assert_eq!(digests[0].len(), algorithm.output_len());
    }
}

#[test]
fn hmac_and_hkdf() {
    for algorithm in HASHES {
        for data in [&[][..], &[b"".as_slice()], &[b"one", b"", b"two"]] {
            let mac = same(|p| p.hmac(algorithm, b"key", data).map(|mac| mac.as_ref().to_vec()));
            assert_eq!(mac.unwrap().len(), algorithm.output_len());
        }
        let prk = same(|p| exposed(p.hkdf_extract(algorithm, b"", b"ikm"))).unwrap();
        let prk = Secret::new(&prk).unwrap();
        for (len, right) in [(0, true), (1, true), (700, true), (255 * 64 + 1, false)] {
            let expanded = same(|p| {
                let mut out = vec![0; len];
                p.hkdf_expand(algorithm, &prk, &[b"info", b"more"], &mut out).map(|()| out)
            });
            assert_eq!(expanded.is_ok(), right);
        }
    }
}

#[test]
fn the_key_schedule() {
    let previous = Secret::new(&[7; 32]).unwrap();
    for algorithm in HASHES {
        let steps = [(None, None), (None, Some(&b"psk"[..])), (Some(&previous), None)];
        let mut secrets = Vec::new();
        for (previous, input) in steps.into_iter().chain([(Some(&previous), Some(&b"dhe"[..]))]) {
            let step = |p: &dyn CryptoProvider| {
                exposed(p.schedule_extract(algorithm, b"dtls13", previous, input))
            };
            secrets.push(same(step).unwrap());
        }
        secrets.dedup();
        assert_eq!(secrets.len(), 4);

        for (label, context, right) in
            [(1, 0, true), (12, 64, true), (249, 255, true), (250, 0, false)]
        {
            let (label, context) = (vec![b'l'; label], vec![b'c'; context]);
            let label = Label { prefix: b"tls13 ", label: &label, context: &context };
            let expanded = same(|p| {
                let mut out = [0; 44];
                p.schedule_expand(algorithm, &previous, &label, &mut out).map(|()| out)
            });
            assert_eq!(expanded.is_ok(), right);
        }
    }
}

#[test]
fn records_of_every_suite() {
    let [direct, loaded] = both();
    let suites: Vec<_> = loaded.capabilities().cipher_suites.iter().map(|o| o.id).collect();
    assert_eq!(suites.len(), 5);
    for aead in suites.into_iter().filter_map(CipherSuite::aead) {
        let (key, record_number_key) = (vec![0x51; aead.key_len()], vec![0x52; aead.key_len()]);
        let secrets = RecordSecrets {
            aead,
            key: &key,
            iv: &[0x53; 12],
            record_number_key: &record_number_key,
        };
        let mut seals = [&direct, &loaded].map(|p| p.seal_key(&secrets).unwrap());
        let mut opens = [&direct, &loaded].map(|p| p.open_key(&secrets).unwrap());
        let tag_len = aead.tag_len();
        assert!(seals.iter().all(|key| key.tag_len() == tag_len));
        assert!(opens.iter().all(|key| key.tag_len() == tag_len));

        for (number, len) in [(0, 0), (1, 1), (7, 200), (1 << 48, 1200), (u64::MAX, 16640)] {
            let aad = vec![0x2f; len % 301];
            let text: Vec<u8> = (0..len + tag_len).map(|i| i as u8).collect();
            let sealed = seals.each_mut().map(|key| {
                let mut record = text.clone();
                key.seal(number, &aad, &mut record).unwrap();
                // A number is used once, and no lower one after it.
                assert_eq!(
                    key.seal(number, &aad, &mut record.clone()),
                    Err(CryptoError::RecordNumberReused)
                );
                record
            });
            assert_eq!(sealed[0], sealed[1], "{aead:?}");
            let sample = sealed[0].first_chunk().unwrap_or(&[0xff; 16]);
            let masks = [
                seals[0].record_number_mask(sample).unwrap(),
                seals[1].record_number_mask(sample).unwrap(),
                opens[0].record_number_mask(sample).unwrap(),
                opens[1].record_number_mask(sample).unwrap(),
            ];
            assert!(masks.iter().all(|mask| *mask == masks[0]), "{aead:?}");

            let mut damaged = sealed[0].clone();
            *damaged.last_mut().unwrap() ^= 1;
            for key in &mut opens {
                let mut record = damaged.clone();
                assert_eq!(key.open(number, &aad, &mut record), Err(CryptoError::BadRecord));
                assert!(record.iter().all(|byte| *byte == 0), "{aead:?}");
                let mut record = sealed[0].clone();
                assert_eq!(key.open(number, &aad, &mut record), Ok(len));
                assert_eq!(record[..len], text[..len]);
            }
        }

        let mut seals = [&direct, &loaded].map(|p| p.seal_key(&secrets).unwrap());
        for len in [0, tag_len - 1] {
            let refused = seals.each_mut().map(|key| key.seal(0, b"", &mut vec![1; len]));
            assert_eq!(refused, [Err(CryptoError::BadLength("record")); 2]);
            let refused = opens.each_mut().map(|key| key.open(0, b"", &mut vec![1; len]));
            assert_eq!(refused, [Err(CryptoError::BadRecord); 2]);
        }

        for (key_len, mask_len) in [(0, aead.key_len()), (aead.key_len(), 3), (1000, 1000)] {
            let (key, record_number_key) = (vec![1; key_len], vec![1; mask_len]);
            let wrong =
                RecordSecrets { key: &key, record_number_key: &record_number_key, ..secrets };
            let refused = [&direct, &loaded].map(|p| p.seal_key(&wrong).err());
            assert_eq!(refused[0], refused[1]);
            assert!(matches!(refused[1], Some(CryptoError::BadLength(_))), "{refused:?}");
            assert_eq!(loaded.open_key(&wrong).err(), refused[0]);
        }
    }
}

#[test]
fn key_exchange_in_every_group_and_both_roles() {
    let [direct, loaded] = both();
    let offered = loaded.capabilities();
    let groups: Vec<_> = offered.groups.iter().chain(&offered.kem_halves).map(|o| o.id).collect();
    assert!(groups.len() >= 9, "{groups:?}");
    for group in groups {
        for (client, server) in [(&direct, &loaded), (&loaded, &direct), (&loaded, &loaded)] {
            let started = client.start_key_exchange(group).unwrap();
            assert_eq!(started.group(), group);
            let answer = server.encapsulate(group, started.share()).unwrap();
            let secret = started.complete(&answer.share).unwrap();
            assert_eq!(secret.expose(), answer.secret.expose(), "{group}");
        }
        for bad in [&[][..], &[0; 32], &[4; 5000]] {
            let refused = same(|p| {
                let completed = p.start_key_exchange(group).unwrap().complete(bad);
                (completed.err(), p.encapsulate(group, bad).err())
            });
            assert_eq!(refused, (Some(CryptoError::BadKeyShare), Some(CryptoError::BadKeyShare)));
        }
    }
}

#[test]
fn what_is_not_offered_is_refused_in_the_same_words() {
    let unknown = NamedGroup(0x9999);
    let refused = same(|p| p.start_key_exchange(unknown).err());
    assert!(matches!(refused, Some(CryptoError::Unsupported(_))));
    assert_eq!(same(|p| p.encapsulate(unknown, b"share").err()), refused);
    // Whether there is Ed448 depends on what else is built beside this.
    let refused = same(|p| p.generate_private_key(KeyKind::Ed448).err());
    assert!(refused.is_none_or(|error| matches!(error, CryptoError::Unsupported(_))));
    let key = SubjectPublicKeyInfoDer::from(&[0x30, 0][..]);
    same(|p| p.verify_signature(SignatureAlgorithm::Ed448, &key, b"", b"")).unwrap_err();
}

#[rstest]
#[case(KeyKind::Ecdsa(Curve::P256))]
#[case(KeyKind::Ecdsa(Curve::P384))]
#[case(KeyKind::Ecdsa(Curve::P521))]
#[case(KeyKind::Ed25519)]
#[case(KeyKind::MlDsa44)]
#[case(KeyKind::MlDsa87)]
#[case(KeyKind::Rsa(2048))]
fn a_key_is_made_stored_loaded_and_used_on_either_side(#[case] kind: KeyKind) {
    let providers = both();
    for (maker, loader) in [(0, 1), (1, 0), (1, 1)].map(|(a, b)| (&providers[a], &providers[b])) {
        let made = maker.generate_private_key(kind).unwrap();
        let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
        let key = loader.load_private_key(&der).unwrap();
        assert_eq!(key.public_key(), made.key.public_key());
        assert_eq!(key.algorithms(), made.key.algorithms());
        assert!(!key.algorithms().is_empty());
        let public = SubjectPublicKeyInfoDer::from(key.public_key());
        for &algorithm in key.algorithms() {
            let signature = key.sign(algorithm, b"message").unwrap();
            for verifier in &providers {
                let verify = |message: &[u8], signature: &[u8]| {
                    verifier.verify_signature(algorithm, &public, message, signature)
                };
                assert_eq!(verify(b"message", &signature), Ok(()), "{algorithm:?}");
                assert_eq!(verify(b"another", &signature), Err(CryptoError::BadSignature));
                assert_eq!(verify(b"message", &[]), Err(CryptoError::BadSignature));
            }
        }
        let other = SignatureAlgorithm::Ed448;
        assert_eq!(key.sign(other, b"").err(), made.key.sign(other, b"").err());
    }
}

/// PKCS#8 holds the other two encodings inside.
#[test]
fn keys_are_loaded_from_every_encoding() {
    let [direct, loaded] = both();
    let made = direct.generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap();
    let (scalar, point) = (&made.pkcs8[36..68], &made.pkcs8[made.pkcs8.len() - 65..]);
    let curve = [0xa0, 10, 6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
    let sec1 =
        [&[0x30, 119, 2, 1, 1, 4, 32], scalar, &curve, &[0xa1, 68, 3, 66, 0], point].concat();
    let key = loaded.load_private_key(&PrivateKeyDer::Sec1(sec1.as_slice().into())).unwrap();
    assert_eq!(key.public_key(), made.key.public_key());

    let made = direct.generate_private_key(KeyKind::Rsa(2048)).unwrap();
    let pkcs1 = PrivateKeyDer::Pkcs1(made.pkcs8[26..].into());
    let key = loaded.load_private_key(&pkcs1).unwrap();
    assert_eq!(key.public_key(), made.key.public_key());

    for der in [&[][..], b"no key", &made.pkcs8[..100]] {
        for encoding in [
            PrivateKeyDer::Pkcs8(der.into()),
            PrivateKeyDer::Sec1(der.into()),
            PrivateKeyDer::Pkcs1(der.into()),
        ] {
            let refused = same(|p| p.load_private_key(&encoding).err());
            assert!(matches!(refused, Some(CryptoError::BadPrivateKey(_))), "{refused:?}");
        }
    }
}

#[test]
fn a_public_key_that_does_not_fit_is_refused() {
    let [direct, _] = both();
    let made = direct.generate_private_key(KeyKind::Ed25519).unwrap();
    let public = SubjectPublicKeyInfoDer::from(made.key.public_key());
    let algorithm = SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256);
    let refused = same(|p| p.verify_signature(algorithm, &public, b"message", b"signature"));
    assert_eq!(refused, Err(CryptoError::BadPublicKey));
}

#[test]
fn envelopes_sealed_by_one_are_opened_by_the_other() {
    let envelopes = both().map(|provider| provider.envelope(&[9; 32]).unwrap());
    for (sealer, opener) in [(0, 1), (1, 0), (1, 1)].map(|(a, b)| (&envelopes[a], &envelopes[b])) {
        for len in [0, 1, 3000] {
            let plaintext = vec![0x61; len];
            let sealed = sealer.seal(b"aad", &plaintext).unwrap();
            assert!(sealed.len() > len);
            assert_eq!(opener.open(b"aad", &sealed), Ok(plaintext));
            assert_eq!(opener.open(b"other", &sealed), Err(CryptoError::BadEnvelope));
            assert_eq!(opener.open(b"aad", &[]), Err(CryptoError::BadEnvelope));
        }
    }
}
