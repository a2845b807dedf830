//! Hashes, HMAC and HKDF against the published vectors; envelopes; a random source that fails.

mod common;

use common::{Broken, Stuck, hex, provider};
use dtls_crypto_api::HashAlgorithm::{self, Sha256, Sha384, Sha512};
use dtls_crypto_api::pki_types::PrivateKeyDer;
use dtls_crypto_api::{
    CryptoError, CryptoProvider, Curve, KeyKind, NamedGroup, Secret, SignatureAlgorithm,
};
use dtls_provider_rustcrypto::RustCryptoProvider;
use proptest::prelude::*;
use rstest::rstest;

/// FIPS 180-4's example message.
#[rstest]
#[case(Sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")]
#[case(
    Sha384,
    "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
)]
#[case(
    Sha512,
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
)]
fn a_hash_goes_in_pieces_and_forks_stay_apart(#[case] hash: HashAlgorithm, #[case] want: &str) {
    let mut context = provider().hash(hash).unwrap();
    assert_eq!(context.algorithm(), hash);
    context.update(b"a");
    let mut fork = context.fork();
    context.update(b"bc");
    fork.update(b"x");
    assert_eq!(context.finish().as_ref(), hex(want));
    assert_ne!(fork.finish().as_ref(), hex(want));
}

/// RFC 4231, test cases 1, 2 and 6 (a key longer than a block).
#[rstest]
#[case(Sha256, &[0x0b; 20], b"Hi There", "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7")]
#[case(
    Sha256,
    b"Jefe",
    b"what do ya want for nothing?",
    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
)]
#[case(Sha256, &[0xaa; 131], b"Test Using Larger Than Block-Size Key - Hash Key First", "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54")]
#[case(Sha384, &[0x0b; 20], b"Hi There", "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6")]
#[case(
    Sha384,
    b"Jefe",
    b"what do ya want for nothing?",
    "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
)]
#[case(Sha512, &[0x0b; 20], b"Hi There", "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854")]
fn hmac_is_that_of_rfc_4231(
    #[case] hash: HashAlgorithm,
    #[case] key: &[u8],
    #[case] data: &[u8],
    #[case] want: &str,
) {
    let whole = provider().hmac(hash, key, &[data]).unwrap();
    assert_eq!(whole.as_ref(), hex(want));
    let (first, second) = data.split_at(3);
    assert_eq!(provider().hmac(hash, key, &[first, b"", second]).unwrap(), whole);
}

/// RFC 5869 A.1 to A.3.
#[rstest]
#[case(
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    "000102030405060708090a0b0c",
    "f0f1f2f3f4f5f6f7f8f9",
    "077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5",
    "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865"
)]
#[case(
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f404142434445464748494a4b4c4d4e4f",
    "606162636465666768696a6b6c6d6e6f707172737475767778797a7b7c7d7e7f808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9fa0a1a2a3a4a5a6a7a8a9aaabacadaeaf",
    "b0b1b2b3b4b5b6b7b8b9babbbcbdbebfc0c1c2c3c4c5c6c7c8c9cacbcccdcecfd0d1d2d3d4d5d6d7d8d9dadbdcdddedfe0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff",
    "06a6b88c5853361a06104c9ceb35b45cef760014904671014a193f40c15fc244",
    "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87"
)]
#[case(
    "0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b",
    "",
    "",
    "19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04",
    "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8"
)]
fn hkdf_is_that_of_rfc_5869(
    #[case] ikm: &str,
    #[case] salt: &str,
    #[case] info: &str,
    #[case] prk: &str,
    #[case] okm: &str,
) {
    let extracted = provider().hkdf_extract(Sha256, &hex(salt), &hex(ikm)).unwrap();
    assert_eq!(extracted.expose(), hex(prk));
    let (info, okm) = (hex(info), hex(okm));
    let mut out = vec![0; okm.len()];
    let (first, second) = info.split_at(info.len() / 3);
    provider().hkdf_expand(Sha256, &extracted, &[first, second], &mut out).unwrap();
    assert_eq!(out, okm);
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

proptest! {
    #[test]
    fn an_envelope_opens_under_its_key_and_aad_only(
        key: [u8; 32],
        aad in prop::collection::vec(any::<u8>(), 0..40),
        plaintext in prop::collection::vec(any::<u8>(), 0..400),
        flip: prop::sample::Index,
    ) {
        let envelope = provider().envelope(&key).unwrap();
        let sealed = envelope.seal(&aad, &plaintext).unwrap();
        prop_assert_ne!(&envelope.seal(&aad, &plaintext).unwrap(), &sealed);
        prop_assert_eq!(envelope.open(&aad, &sealed).unwrap(), plaintext);

        let refused = Err(CryptoError::BadEnvelope);
        let mut touched = sealed.clone();
        touched[flip.index(sealed.len())] ^= 1;
        prop_assert_eq!(envelope.open(&aad, &touched), refused.clone());
        prop_assert_eq!(envelope.open(b"other", &sealed), refused.clone());
        prop_assert_eq!(envelope.open(&aad, &sealed[..flip.index(sealed.len())]), refused.clone());
        let other = provider().envelope(&key.map(|byte| !byte)).unwrap();
        prop_assert_eq!(other.open(&aad, &sealed), refused);
    }
}

/// The XChaCha20-Poly1305 draft's vector (draft-irtf-cfrg-xchacha-03 A.3.1).
#[test]
fn an_envelope_is_nonce_then_xchacha20_poly1305() {
    let key: [u8; 32] = core::array::from_fn(|i| 0x80 + i as u8);
    let sealed = hex("404142434445464748494a4b4c4d4e4f5051525354555657
         bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb
         731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b452
         2f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9
         21f9664c97637da9768812f615c68b13b52e
         c0875924c1c7987947deafd8780acf49");
    let text = b"Ladies and Gentlemen of the class of '99: If I could offer you only one tip for \
                 the future, sunscreen would be it.";
    let opened = provider().envelope(&key).unwrap().open(&hex("50515253c0c1c2c3c4c5c6c7"), &sealed);
    assert_eq!(opened.unwrap(), text);
}

#[test]
fn a_random_source_that_fails_fails_every_call_and_panics_nowhere() {
    let failed = CryptoError::RandomFailed;
    let broken = RustCryptoProvider::with_random(Broken);
    assert_eq!(broken.random(&mut [0; 8]), Err(failed));
    assert_eq!(broken.envelope(&[0; 32]).unwrap().seal(b"", b""), Err(failed));
    let offered = broken.capabilities();
    for group in offered.groups.iter().chain(&offered.kem_halves).map(|offered| offered.id) {
        assert_eq!(broken.start_key_exchange(group).map(drop), Err(failed), "{group}");
        let share = provider().start_key_exchange(group).unwrap();
        let answered = broken.encapsulate(group, share.share()).map(drop);
        assert_eq!(answered, Err(failed), "{group}");
    }
    for kind in offered.generate.iter().map(|offered| offered.id) {
        assert_eq!(broken.generate_private_key(kind).map(drop), Err(failed), "{kind:?}");
        if kind == KeyKind::Rsa(3072) || kind == KeyKind::Rsa(4096) {
            continue;
        }
        let good = provider().generate_private_key(kind).unwrap();
        let key = broken.load_private_key(&PrivateKeyDer::Pkcs8(good.pkcs8.as_slice().into()));
        let key = key.unwrap();
        let algorithm = key.algorithms()[0];
        let deterministic =
            matches!(algorithm, SignatureAlgorithm::Ed25519 | SignatureAlgorithm::Ed448);
        assert_eq!(key.sign(algorithm, b"message").is_ok(), deterministic, "{kind:?}");
    }
}

/// Zeros are no scalar; for ever drawing again would hang.
#[test]
fn a_random_source_that_is_stuck_does_not_hang_the_nist_curves() {
    for byte in [0x00, 0xff] {
        let stuck = RustCryptoProvider::with_random(Stuck(byte));
        let started = stuck.start_key_exchange(NamedGroup::SECP256R1).map(drop);
        assert_eq!(started, Err(CryptoError::RandomFailed));
        let made = stuck.generate_private_key(KeyKind::Ecdsa(Curve::P384)).map(drop);
        assert_eq!(made, Err(CryptoError::RandomFailed));
    }
}

#[test]
fn the_provider_prints_no_state() {
    let printed = format!("{:?}", provider());
    assert!(printed.contains("OsRandom"), "{printed}");
}

#[test]
fn the_self_test_passes() {
    provider().self_test().unwrap();
}
