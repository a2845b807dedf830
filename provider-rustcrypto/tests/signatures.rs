//! Signatures and keys: foreign ones verify and load, ours round trip, the rest is refused.

mod common;

use common::{hex, provider};
use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384, Sha512};
use dtls_crypto_api::SignatureAlgorithm::{
    self as Algorithm, Ecdsa, Ed25519, RsaPkcs1, RsaPssPss, RsaPssRsae,
};
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, KeyKind};
use rstest::rstest;

/// What OpenSSL signed.
const MESSAGE: &[u8] = b"A message signed by somebody else.";

/// A key or signature made by OpenSSL.
fn foreign(name: &str) -> Vec<u8> {
    let line = include_str!("data/openssl.txt")
        .lines()
        .find_map(|line| line.strip_prefix(&format!("{name} ")));
    hex(line.unwrap_or_else(|| panic!("no {name}")))
}

fn verify(
    algorithm: Algorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    provider().verify_signature(algorithm, &SubjectPublicKeyInfoDer::from(key), message, signature)
}

/// req: 8446-4.2.3-02
#[rstest]
#[case(Ecdsa(Curve::P256, Sha256), "p256", "ecdsa_p256_sha256")]
#[case(Ecdsa(Curve::P256, Sha384), "p256", "ecdsa_p256_sha384")]
#[case(Ecdsa(Curve::P256, Sha512), "p256", "ecdsa_p256_sha512")]
#[case(Ecdsa(Curve::P384, Sha256), "p384", "ecdsa_p384_sha256")]
#[case(Ecdsa(Curve::P384, Sha384), "p384", "ecdsa_p384_sha384")]
#[case(Ecdsa(Curve::P384, Sha512), "p384", "ecdsa_p384_sha512")]
#[case(Ecdsa(Curve::P521, Sha256), "p521", "ecdsa_p521_sha256")]
#[case(Ecdsa(Curve::P521, Sha384), "p521", "ecdsa_p521_sha384")]
#[case(Ecdsa(Curve::P521, Sha512), "p521", "ecdsa_p521_sha512")]
#[case(Ed25519, "ed25519", "ed25519")]
#[cfg_attr(feature = "ed448", case(Algorithm::Ed448, "ed448", "ed448"))]
#[case(RsaPkcs1(Sha256), "rsa2048", "pkcs1_sha256")]
#[case(RsaPkcs1(Sha384), "rsa2048", "pkcs1_sha384")]
#[case(RsaPkcs1(Sha512), "rsa2048", "pkcs1_sha512")]
#[case(RsaPkcs1(Sha256), "rsa_e3", "pkcs1_e3")]
#[case(RsaPssRsae(Sha256), "rsa2048", "rsae_sha256")]
#[case(RsaPssRsae(Sha384), "rsa2048", "rsae_sha384")]
#[case(RsaPssRsae(Sha512), "rsa2048", "rsae_sha512")]
#[case(RsaPssRsae(Sha256), "rsa2056", "rsae_2056")]
#[case(RsaPssPss(Sha256), "pss2048", "pss_sha256")]
#[case(RsaPssPss(Sha384), "pss2048", "pss_sha384")]
#[case(RsaPssPss(Sha512), "pss2048", "pss_sha512")]
#[case(RsaPssPss(Sha256), "pss2048_sha256", "pss_restricted")]
fn a_foreign_signature_verifies_and_no_bit_of_it_may_change(
    #[case] algorithm: Algorithm,
    #[case] key: &str,
    #[case] signature: &str,
) {
    assert!(provider().capabilities().can_verify(algorithm));
    let key = foreign(&format!("{key}.spki"));
    let signature = foreign(&format!("{signature}.sig"));
    assert_eq!(verify(algorithm, &key, MESSAGE, &signature), Ok(()));
    let refused = Err(CryptoError::BadSignature);
    assert_eq!(verify(algorithm, &key, b"another message", &signature), refused);
    for at in (0..signature.len()).step_by(7) {
        let mut touched = signature.clone();
        touched[at] ^= 0x10;
        assert_eq!(verify(algorithm, &key, MESSAGE, &touched), refused, "byte {at}");
    }
    let longer = [&signature[..], &[0]].concat();
    for wrong_length in [&signature[1..], &signature[..signature.len() - 1], &longer, &[]] {
        assert_eq!(verify(algorithm, &key, MESSAGE, wrong_length), refused);
    }
}

/// req: 8446-4.2.3-02, 8446-4.2.3-04
#[rstest]
#[case::rsae_with_pss_key(RsaPssRsae(Sha256), "pss2048", "pss_sha256")]
#[case::pss_with_rsae_key(RsaPssPss(Sha256), "rsa2048", "rsae_sha256")]
#[case::pkcs1_with_pss_key(RsaPkcs1(Sha256), "pss2048", "pss_sha256")]
#[case::hash_the_key_forbids(RsaPssPss(Sha384), "pss2048_sha256", "pss_restricted")]
#[case::rsa_of_1024_bits(RsaPkcs1(Sha256), "rsa1024", "pkcs1_1024")]
#[case::other_curve(Ecdsa(Curve::P384, Sha256), "p256", "ecdsa_p256_sha256")]
#[case::compressed_point(Ecdsa(Curve::P256, Sha256), "p256_compressed", "ecdsa_p256_sha256")]
#[case::ecdsa_with_ed25519_key(Ecdsa(Curve::P256, Sha256), "ed25519", "ed25519")]
#[case::ed25519_with_ec_key(Ed25519, "p256", "ecdsa_p256_sha256")]
fn a_key_that_does_not_fit_the_algorithm_is_refused(
    #[case] algorithm: Algorithm,
    #[case] key: &str,
    #[case] signature: &str,
) {
    let key = foreign(&format!("{key}.spki"));
    let signature = foreign(&format!("{signature}.sig"));
    assert_eq!(verify(algorithm, &key, MESSAGE, &signature), Err(CryptoError::BadPublicKey));
}

/// req: 8446-4.2.3-02
#[rstest]
#[case::salt_of_20_bytes("rsae_salt20")]
#[case::mask_with_another_hash("rsae_mgf384")]
#[case::another_padding("pkcs1_sha256")]
fn pss_with_other_parameters_is_refused(#[case] signature: &str) {
    let key = foreign("rsa2048.spki");
    let signature = foreign(&format!("{signature}.sig"));
    let refused = Err(CryptoError::BadSignature);
    assert_eq!(verify(RsaPssRsae(Sha256), &key, MESSAGE, &signature), refused);
}

#[test]
fn a_damaged_public_key_is_refused() {
    let algorithm = Ecdsa(Curve::P256, Sha256);
    let (key, signature) = (foreign("p256.spki"), foreign("ecdsa_p256_sha256.sig"));
    let mut off_curve = key.clone();
    *off_curve.last_mut().unwrap() ^= 1;
    for damaged in [&[][..], &key[..key.len() - 1], &[&key[..], &[0]].concat(), &off_curve] {
        let refused = verify(algorithm, damaged, MESSAGE, &signature);
        assert_eq!(refused, Err(CryptoError::BadPublicKey));
    }
}

/// The same two numbers in other encodings, and numbers out of range.
#[test]
fn an_ecdsa_signature_has_one_encoding_only() {
    fn integer(value: &[u8]) -> Vec<u8> {
        [&[2, value.len() as u8], value].concat()
    }
    fn sequence(r: &[u8], s: &[u8]) -> Vec<u8> {
        let body = [integer(r), integer(s)].concat();
        [&[0x30, body.len() as u8][..], &body].concat()
    }
    let key = foreign("p256.spki");
    let signature = foreign("ecdsa_p256_sha256.sig");
    let (r_len, r_end) = (usize::from(signature[3]), usize::from(signature[3]) + 4);
    let (r, s) = (&signature[4..4 + r_len], &signature[r_end + 2..]);
    let check = |signature: &[u8]| verify(Ecdsa(Curve::P256, Sha256), &key, MESSAGE, signature);
    assert_eq!(check(&sequence(r, s)), Ok(()), "taken apart and put together");

    let long_length = [&[0x30, 0x81, signature[1]], &signature[2..]].concat();
    let indefinite = [&[0x30, 0x80], &signature[2..], &[0, 0]].concat();
    let order = hex("00ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    for wrong in [
        long_length,
        indefinite,
        sequence(&[&[0], r].concat(), s),
        sequence(r, &[&[0], s].concat()),
        sequence(&[0], s),
        sequence(r, &[0]),
        sequence(&order, s),
        sequence(r, &order),
        sequence(r, &[]),
        [&[0x31], &signature[1..]].concat(),
    ] {
        assert_eq!(check(&wrong), Err(CryptoError::BadSignature), "{wrong:02x?}");
    }
}

/// With the neutral element as the key, one signature would fit every message.
#[test]
fn an_ed25519_key_of_small_order_verifies_nothing() {
    let neutral = [&[1][..], &[0; 31]].concat();
    let spki = [&hex("302a300506032b6570032100")[..], &neutral].concat();
    let signature = [&neutral[..], &[0; 32]].concat();
    assert!(verify(Ed25519, &spki, b"anything", &signature).is_err());
}

/// RFC 8032 7.1, tests 1 to 3.
#[rstest]
#[case(
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
    "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
    "",
    "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
)]
#[case(
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)]
#[case(
    "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
    "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
    "af82",
    "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"
)]
fn ed25519_signs_as_rfc_8032_says(
    #[case] seed: &str,
    #[case] public: &str,
    #[case] message: &str,
    #[case] signature: &str,
) {
    let pkcs8 = hex(&format!("302e020100300506032b657004220420{seed}"));
    let key = provider().load_private_key(&PrivateKeyDer::Pkcs8(pkcs8.into())).unwrap();
    assert_eq!(key.public_key(), hex(&format!("302a300506032b6570032100{public}")));
    assert_eq!(key.sign(Ed25519, &hex(message)).unwrap(), hex(signature));
    assert_eq!(verify(Ed25519, key.public_key(), &hex(message), &hex(signature)), Ok(()));
}

fn pkcs8(name: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Pkcs8(foreign(&format!("{name}.pkcs8")).into())
}

fn sec1(name: &str) -> PrivateKeyDer<'static> {
    PrivateKeyDer::Sec1(foreign(&format!("{name}.sec1")).into())
}

#[rstest]
#[case(pkcs8("p256"), "p256")]
#[case(pkcs8("p384"), "p384")]
#[case(pkcs8("p521"), "p521")]
#[case(pkcs8("ed25519"), "ed25519")]
#[case(sec1("p256"), "p256")]
#[case(sec1("p384"), "p384")]
#[case(sec1("p521"), "p521")]
#[cfg_attr(feature = "ed448", case(pkcs8("ed448"), "ed448"))]
#[cfg_attr(feature = "rsa-signing", case(pkcs8("rsa2048"), "rsa2048"))]
#[cfg_attr(feature = "rsa-signing", case(pkcs8("pss2048"), "pss2048"))]
#[cfg_attr(feature = "rsa-signing", case(pkcs8("pss2048_sha256"), "pss2048_sha256"))]
#[cfg_attr(
    feature = "rsa-signing",
    case(PrivateKeyDer::Pkcs1(foreign("rsa2048.pkcs1").into()), "rsa2048")
)]
fn a_foreign_key_loads_and_signs(#[case] der: PrivateKeyDer<'static>, #[case] name: &str) {
    let key = provider().load_private_key(&der).unwrap();
    assert_eq!(key.public_key(), foreign(&format!("{name}.spki")));
    assert!(!key.algorithms().is_empty());
    for &algorithm in key.algorithms() {
        assert!(provider().capabilities().can_sign(algorithm));
        let signature = key.sign(algorithm, b"message").unwrap();
        assert_eq!(verify(algorithm, key.public_key(), b"message", &signature), Ok(()));
    }
    let other = key.sign(RsaPkcs1(Sha512), b"message");
    assert!(matches!(other, Err(CryptoError::Unsupported(_))));
}

#[cfg(not(feature = "rsa-signing"))]
#[test]
fn an_rsa_key_is_refused_with_the_name_of_the_feature_it_needs() {
    let pkcs1 = PrivateKeyDer::Pkcs1(foreign("rsa2048.pkcs1").into());
    for der in [pkcs8("rsa2048"), pkcs8("pss2048"), pkcs1] {
        let refused = provider().load_private_key(&der).unwrap_err();
        assert!(matches!(refused, CryptoError::Unsupported(_)));
        assert!(refused.to_string().contains("`rsa-signing`"), "{refused}");
    }
}

#[cfg(feature = "rsa-signing")]
#[test]
fn a_restricted_pss_key_offers_only_its_own_hash() {
    let key = provider().load_private_key(&pkcs8("pss2048_sha256")).unwrap();
    assert_eq!(key.algorithms(), [RsaPssPss(Sha256)]);
}

#[test]
fn keys_that_are_damaged_or_of_another_form_are_refused() {
    let whole = foreign("p256.pkcs8");
    let load = |der: PrivateKeyDer<'_>| provider().load_private_key(&der).map(drop);
    let cut = PrivateKeyDer::Pkcs8(whole[..whole.len() - 1].into());
    assert!(matches!(load(cut), Err(CryptoError::BadPrivateKey(_))));
    let longer = [&whole[..], &[0]].concat();
    assert!(matches!(
        load(PrivateKeyDer::Pkcs8(longer.into())),
        Err(CryptoError::BadPrivateKey(_))
    ));
    // The last byte belongs to the public key inside: it no longer fits the private one.
    let mut contradictory = whole.clone();
    *contradictory.last_mut().unwrap() ^= 1;
    assert!(matches!(
        load(PrivateKeyDer::Pkcs8(contradictory.into())),
        Err(CryptoError::BadPrivateKey(_))
    ));
    let not_sec1 = PrivateKeyDer::Sec1(whole.into());
    assert!(matches!(load(not_sec1), Err(CryptoError::BadPrivateKey(_))));
    assert!(matches!(
        load(PrivateKeyDer::Pkcs8(Vec::new().into())),
        Err(CryptoError::BadPrivateKey(_))
    ));
}

#[test]
fn every_listed_kind_of_key_is_made_signs_and_loads_again() {
    let provider = provider();
    for kind in provider.capabilities().generate.iter().map(|offered| offered.id) {
        if kind == KeyKind::Rsa(3072) || kind == KeyKind::Rsa(4096) {
            continue; // Takes long and differs in nothing but the time.
        }
        let made = provider.generate_private_key(kind).unwrap();
        let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
        let loaded = provider.load_private_key(&der).unwrap();
        assert_eq!(loaded.public_key(), made.key.public_key());
        assert_eq!(loaded.algorithms(), made.key.algorithms());
        for &algorithm in loaded.algorithms() {
            let signature = loaded.sign(algorithm, b"message").unwrap();
            assert_eq!(verify(algorithm, made.key.public_key(), b"message", &signature), Ok(()));
        }
        let again = provider.generate_private_key(kind).unwrap();
        assert_ne!(again.key.public_key(), made.key.public_key());
    }
    assert!(provider.generate_private_key(KeyKind::Rsa(1024)).is_err());
}

#[test]
fn nothing_secret_is_printed() {
    let made = provider().generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap();
    let printed = format!("{made:?} {:?}", provider().random(&mut [0; 4]));
    assert!(!printed.contains("secret"), "{printed}");
    assert!(printed.len() < 200, "{printed}");
}

#[test]
fn two_ecdsa_signatures_of_one_message_differ() {
    let key = provider().load_private_key(&pkcs8("p256")).unwrap();
    let algorithm = Ecdsa(Curve::P256, Sha256);
    assert_ne!(key.sign(algorithm, b"m").unwrap(), key.sign(algorithm, b"m").unwrap());
}
