//! HMAC and HKDF at their limits, envelopes, a random source that fails, several threads.

mod common;

use common::{hex, provider};
use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384};
use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, KeyKind, Secret};
use dtls_provider_botan::BotanProvider;
use rstest::rstest;

/// RFC 4231, test case 6, and a key longer than Botan takes.
#[test]
fn an_hmac_key_may_be_longer_than_a_block() {
    let data: &[u8] = b"Test Using Larger Than Block-Size Key - Hash Key First";
    let mac = provider().hmac(Sha256, &[0xaa; 131], &[&data[..20], b"", &data[20..]]).unwrap();
    let want = hex("60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    assert_eq!(mac.as_ref(), want);

    let huge = vec![0x5a; 20_000];
    let mut hash = provider().hash(Sha256).unwrap();
    hash.update(&huge);
    let hashed = hash.finish();
    let provider = provider();
    let mac = provider.hmac(Sha256, &huge, &[data]).unwrap();
    assert_eq!(mac, provider.hmac(Sha256, hashed.as_ref(), &[data]).unwrap());
    let prk = provider.hkdf_extract(Sha256, &huge, data).unwrap();
    assert_eq!(prk.expose(), mac.as_ref());
    assert_eq!(provider.hmac(Sha384, &[], &[]).unwrap().as_ref().len(), 48);
}

/// RFC 5869 A.3: no salt and no info.
#[test]
fn hkdf_takes_nothing_for_salt_and_info() {
    let prk = provider().hkdf_extract(Sha256, &[], &[0x0b; 22]).unwrap();
    let want = hex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
    assert_eq!(prk.expose(), want);
    let mut okm = [0; 42];
    provider().hkdf_expand(Sha256, &prk, &[], &mut okm).unwrap();
    let want =
        hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
    assert_eq!(okm[..], want);
}

#[test]
fn hkdf_expands_to_255_blocks_and_no_further() {
    let prk = Secret::new(&[1; 48]).unwrap();
    let mut out = vec![0; 255 * 48 + 1];
    let too_long = provider().hkdf_expand(Sha384, &prk, &[], &mut out);
    assert!(matches!(too_long, Err(CryptoError::BadLength(_))));
    out.pop();
    assert_eq!(provider().hkdf_expand(Sha384, &prk, &[], &mut out), Ok(()));
    assert!(!out.ends_with(&[0; 16]), "the last block is written");
    assert_eq!(provider().hkdf_expand(Sha384, &prk, &[], &mut []), Ok(()));
}

/// The vector of draft-irtf-cfrg-xchacha-03 A.3.1.
#[test]
fn an_envelope_is_nonce_then_xchacha20_poly1305() {
    let key: [u8; 32] = core::array::from_fn(|i| 0x80 + i as u8);
    let sealed = hex("404142434445464748494a4b4c4d4e4f5051525354555657
         bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb
         731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452
         2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9
         21f9664c97637da9768812f615c68b13b52e
         c0875924c1c7987947deafd8780acf49");
    let aad = hex("50515253c0c1c2c3c4c5c6c7");
    let envelope = provider().envelope(&key).unwrap();
    let opened = envelope.open(&aad, &sealed).unwrap();
    assert!(opened.starts_with(b"Ladies and Gentlemen of the class of '99"));

    let again = envelope.seal(&aad, &opened).unwrap();
    assert_ne!(again, sealed, "a nonce of its own");
    assert_eq!(envelope.open(&aad, &again).unwrap(), opened);
    let refused = Err(CryptoError::BadEnvelope);
    assert_eq!(envelope.open(b"other", &sealed), refused);
    for len in 0..sealed.len() {
        assert_eq!(envelope.open(&aad, &sealed[..len]), refused, "{len}");
    }
    for at in 0..sealed.len() {
        let mut touched = sealed.clone();
        touched[at] ^= 1;
        assert_eq!(envelope.open(&aad, &touched), refused, "byte {at}");
    }
}

/// A generator that this library was not built with, and one that is there and never seeded.
#[rstest]
fn a_random_source_that_fails_fails_every_call_and_panics_nowhere(
    #[values("no such generator", "null")] generator: &str,
) {
    let failed = CryptoError::RandomFailed;
    let broken = BotanProvider::with_random(generator);
    assert_eq!(broken.random(&mut [0; 8]), Err(failed));
    assert_eq!(broken.envelope(&[0; 32]).unwrap().seal(b"", b""), Err(failed));
    assert!(matches!(broken.self_test(), Err(CryptoError::SelfTestFailed("random"))));
    let offered = broken.capabilities();
    for group in offered.groups.iter().chain(&offered.kem_halves).map(|offered| offered.id) {
        assert_eq!(broken.start_key_exchange(group).map(drop), Err(failed), "{group}");
        let share = provider().start_key_exchange(group).unwrap();
        let answered = broken.encapsulate(group, share.share()).map(drop);
        assert_eq!(answered, Err(failed), "{group}");
    }
    for kind in offered.generate.iter().map(|offered| offered.id) {
        assert_eq!(broken.generate_private_key(kind).map(drop), Err(failed), "{kind:?}");
    }
    // ECDSA and EdDSA need none to sign; these are hedged and salted.
    for kind in [KeyKind::MlDsa44, KeyKind::Rsa(2048)] {
        let good = provider().generate_private_key(kind).unwrap();
        let der = PrivateKeyDer::Pkcs8(good.pkcs8.as_slice().into());
        let signed =
            broken.load_private_key(&der).and_then(|key| key.sign(key.algorithms()[0], b"message"));
        assert_eq!(signed, Err(failed), "{kind:?}");
    }
}

#[test]
fn another_generator_of_botans_can_be_chosen() {
    let provider = BotanProvider::with_random("user");
    let (mut a, mut b) = ([0; 32], [0; 32]);
    provider.random(&mut a).unwrap();
    provider.random(&mut b).unwrap();
    assert_ne!(a, b);
    assert_eq!(provider.random(&mut []), Ok(()));
}

/// One key and one provider for all: what the trait shares, Botan's objects must bear.
#[test]
fn threads_share_a_provider_and_its_keys() {
    let provider = provider();
    let kinds = [KeyKind::Ecdsa(Curve::P256), KeyKind::Ed25519, KeyKind::MlDsa44];
    let keys = kinds.map(|kind| provider.generate_private_key(kind).unwrap().key);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for key in keys.iter().cycle().take(30) {
                    let algorithm = key.algorithms()[0];
                    let signature = key.sign(algorithm, b"message").unwrap();
                    let public = key.public_key().into();
                    provider.verify_signature(algorithm, &public, b"message", &signature).unwrap();
                }
            });
        }
    });
}

#[test]
fn the_self_test_passes_and_the_library_tells_its_version() {
    let provider = provider();
    provider.self_test().unwrap();
    let told = provider.capabilities();
    assert_eq!(told.name, "botan");
    assert!(told.version.starts_with("3."), "{}", told.version);
    let details: Vec<_> = told.details.iter().map(|detail| detail.value.as_str()).collect();
    assert!(details[0].contains(&told.version), "{details:?}");
}
