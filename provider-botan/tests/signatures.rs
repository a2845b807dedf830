//! Signatures and keys: foreign ones verify and load, ours round trip, the rest is refused.

mod common;

use botan::MPI;
use common::{hex, provider};
use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384, Sha512};
use dtls_crypto_api::SignatureAlgorithm::{
    self as Algorithm, Ecdsa, Ed448, Ed25519, MlDsa44, MlDsa65, MlDsa87, RsaPkcs1, RsaPssPss,
    RsaPssRsae,
};
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, KeyKind};
use pkcs1::der::Encode;
use pkcs1::{RsaPrivateKeyRef, UintRef};
use rstest::rstest;

/// What OpenSSL signed.
const MESSAGE: &[u8] = b"A message signed by somebody else.";

/// A key or signature made by OpenSSL.
fn foreign(name: &str) -> Vec<u8> {
    let line = include_str!("../../provider-rustcrypto/tests/data/openssl.txt")
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
#[case(Ed448, "ed448", "ed448")]
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
fn a_foreign_signature_verifies_and_no_byte_of_it_may_change(
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

/// Botan itself would take every one of these RSA keys.
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

/// A modulus of the right size with an exponent that is 1, even, or needlessly long.
#[test]
fn an_rsa_key_with_a_strange_exponent_is_refused() {
    let signature = foreign("pkcs1_sha256.sig");
    let key = foreign("rsa2048.spki");
    let modulus_end = key.len() - 5;
    let with_exponent = |exponent: &[u8]| {
        // The three outer lengths grow with the exponent.
        let grown = exponent.len() as u16;
        let mut spki = [&key[..modulus_end], &[2, exponent.len() as u8], exponent].concat();
        for at in [2, 21, 26] {
            let old = u16::from_be_bytes([spki[at], spki[at + 1]]);
            spki[at..at + 2].copy_from_slice(&(old - 3 + grown).to_be_bytes());
        }
        spki
    };
    let check = |key: &[u8]| verify(RsaPkcs1(Sha256), key, MESSAGE, &signature);
    assert_eq!(check(&with_exponent(&[1, 0, 1])), Ok(()), "taken apart and put together");
    for exponent in [&[1][..], &[2], &[0], &[1, 0, 2], &[4, 0, 0, 0, 1], &[1; 32]] {
        assert_eq!(check(&with_exponent(exponent)), Err(CryptoError::BadPublicKey), "{exponent:?}");
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

/// Botan looks for PEM in what it is given as DER, and finds it inside of a key as well: an ML-DSA
/// key may hold any bytes.
#[test]
fn a_key_with_another_key_in_it_is_not_that_other_key() {
    let inner = botan::Pubkey::load_der(&foreign("ed25519.spki")).unwrap();
    let mut key = inner.pem_encode().unwrap().into_bytes();
    key.resize(1312, 0);
    let spki = [&hex("30820532300b060960864801650304031103820521 00")[..], &key].concat();
    let signature = foreign("ed25519.sig");
    let verified = verify(MlDsa44, &spki, MESSAGE, &signature);
    assert_eq!(verified, Err(CryptoError::BadPublicKey));
}

/// With the neutral element as the key, one signature would fit every message.
#[test]
fn an_ed25519_key_that_is_the_neutral_element_verifies_nothing() {
    let neutral = [&[1][..], &[0; 31]].concat();
    let spki = [&hex("302a300506032b6570032100")[..], &neutral].concat();
    let signature = [&neutral[..], &[0; 32]].concat();
    assert!(verify(Ed25519, &spki, b"anything", &signature).is_err());
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
#[case(sec1("p256"), "p256")]
#[case(sec1("p384"), "p384")]
#[case(sec1("p521"), "p521")]
#[case(pkcs8("ed25519"), "ed25519")]
#[case(pkcs8("ed448"), "ed448")]
#[case(pkcs8("rsa2048"), "rsa2048")]
#[case(pkcs8("pss2048"), "pss2048")]
#[case(pkcs8("pss2048_sha256"), "pss2048_sha256")]
#[case(PrivateKeyDer::Pkcs1(foreign("rsa2048.pkcs1").into()), "rsa2048")]
fn a_foreign_key_loads_and_signs(#[case] der: PrivateKeyDer<'static>, #[case] name: &str) {
    let key = provider().load_private_key(&der).unwrap();
    assert_eq!(key.public_key(), foreign(&format!("{name}.spki")));
    assert!(!key.algorithms().is_empty());
    for &algorithm in key.algorithms() {
        assert!(provider().capabilities().can_sign(algorithm));
        let signature = key.sign(algorithm, b"message").unwrap();
        assert_eq!(verify(algorithm, key.public_key(), b"message", &signature), Ok(()));
    }
    let other = key.sign(MlDsa44, b"message");
    assert!(matches!(other, Err(CryptoError::Unsupported(_))));
}

#[test]
fn a_restricted_pss_key_offers_only_its_own_hash() {
    let key = provider().load_private_key(&pkcs8("pss2048_sha256")).unwrap();
    assert_eq!(key.algorithms(), [RsaPssPss(Sha256)]);
}

/// RFC 8032 7.1, test 2, and 7.4, one octet: both forms of PKCS#8, with the public key and without.
#[rstest]
#[case(
    Ed25519,
    "302e020100300506032b657004220420",
    "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
    "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
    "72",
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)]
#[case(
    Ed448,
    "3047020100300506032b6571043b0439",
    "c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463afbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
    "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
    "03",
    "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00"
)]
fn eddsa_signs_as_rfc_8032_says(
    #[case] algorithm: Algorithm,
    #[case] header: &str,
    #[case] seed: &str,
    #[case] public: &str,
    #[case] message: &str,
    #[case] signature: &str,
) {
    let (seed, public) = (hex(seed), hex(public));
    let plain = [hex(header), seed].concat();
    // RFC 8410 7: version 1, and `[1]` with the bits of the public key.
    let [_, _, body @ ..] = &plain[..] else { panic!("cut off") };
    let mut body = [body, &[0x81, public.len() as u8 + 1, 0], &public].concat();
    body[2] = 1;
    let mut with_public = [&[0x30, 0x81, body.len() as u8], &body[..]].concat();
    if body.len() < 0x80 {
        with_public.remove(1);
    }
    for pkcs8 in [plain, with_public.clone()] {
        let key = provider().load_private_key(&PrivateKeyDer::Pkcs8(pkcs8.into())).unwrap();
        assert!(key.public_key().ends_with(&public));
        assert_eq!(key.sign(algorithm, &hex(message)).unwrap(), hex(signature));
        assert_eq!(verify(algorithm, key.public_key(), &hex(message), &hex(signature)), Ok(()));
    }
    *with_public.last_mut().unwrap() ^= 1;
    let refused = provider().load_private_key(&PrivateKeyDer::Pkcs8(with_public.into()));
    assert!(matches!(refused, Err(CryptoError::BadPrivateKey(_))));
}

fn refusal(der: &PrivateKeyDer<'_>) -> String {
    match provider().load_private_key(der) {
        Err(refusal @ CryptoError::BadPrivateKey(_)) => refusal.to_string(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn keys_that_are_damaged_or_of_another_form_are_refused() {
    let whole = foreign("p256.pkcs8");
    refusal(&PrivateKeyDer::Pkcs8(whole[..whole.len() - 1].into()));
    refusal(&PrivateKeyDer::Pkcs8([&whole[..], &[0]].concat().into()));
    refusal(&PrivateKeyDer::Sec1(whole.into()));
    refusal(&PrivateKeyDer::Pkcs8(Vec::new().into()));
    refusal(&PrivateKeyDer::Pkcs1(foreign("p256.sec1").into()));
}

/// PBES2 with PBKDF2 and AES-256-CBC, as `openssl genpkey -aes256` writes it, cut to its frame.
#[test]
fn an_encrypted_key_is_refused_with_that_reason() {
    let encrypted = hex("305f305b06092a864886f70d01050d304e302d06092a864886f70d01050c3020040c \
         000102030405060708090a0b02020800300c06082a864886f70d02090500301d0609608648016503040 \
         12a041000112233445566778899aabbccddeeff0400");
    assert!(refusal(&PrivateKeyDer::Pkcs8(encrypted.into())).contains("encrypted"));
}

/// Botan has the least of the private exponents, older libraries the inverse modulo the product.
#[test]
fn an_rsa_key_may_have_another_private_exponent() {
    let whole = foreign("rsa2048.pkcs1");
    let mut key = RsaPrivateKeyRef::try_from(&whole[..]).unwrap();
    let number = |value: &UintRef<'_>| MPI::new_from_bytes(value.as_bytes()).unwrap();
    let below = |value: &UintRef<'_>| number(value).mp_sub_u32(1).unwrap();
    let order = below(&key.prime1).mp_mul(&below(&key.prime2)).unwrap();
    let exponent = MPI::modular_inverse(&number(&key.public_exponent), &order).unwrap();
    let exponent = exponent.to_bin().unwrap();
    assert_ne!(key.private_exponent.as_bytes(), exponent);
    key.private_exponent = UintRef::new(&exponent).unwrap();
    let loaded = provider().load_private_key(&PrivateKeyDer::Pkcs1(key.to_der().unwrap().into()));
    assert_eq!(loaded.unwrap().public_key(), foreign("rsa2048.spki"));
}

/// SEC 1 allows the stored public key to be compressed.
#[test]
fn a_compressed_public_key_beside_the_private_one_is_compared_as_well() {
    // The stored key's own number and point, put together anew.
    let sec1 = foreign("p256.sec1");
    let (number, point) = (&sec1[7..39], &foreign("p256_compressed.spki")[26..]);
    let key = |form: u8| {
        let head = [&hex("30570201010420")[..], number, &hex("a00a06082a8648ce3d030107")].concat();
        let mut der = [&head[..], &hex("a124032200"), &[form], &point[1..]].concat();
        der[1] = (der.len() - 2) as u8;
        PrivateKeyDer::Sec1(der.into())
    };
    let loaded = provider().load_private_key(&key(point[0])).unwrap();
    assert_eq!(loaded.public_key(), foreign("p256.spki"));
    for form in [point[0] ^ 1, 4, 5, 0] {
        refusal(&key(form));
    }
}

/// Numbers that are out of range, or of which one no longer fits the others.
#[test]
fn contradictory_keys_are_refused() {
    for curve in ["p256", "p384", "p521"] {
        let mut other_public = foreign(&format!("{curve}.pkcs8"));
        *other_public.last_mut().unwrap() ^= 1;
        refusal(&PrivateKeyDer::Pkcs8(other_public.into()));
        let sec1 = foreign(&format!("{curve}.sec1"));
        let number = sec1.windows(2).position(|w| w[0] == 4 && w[1] >= 32).unwrap() + 2;
        let len = usize::from(sec1[number - 1]);
        for fill in [0x00, 0xff] {
            let mut out_of_range = sec1.clone();
            out_of_range[number..number + len].fill(fill);
            refusal(&PrivateKeyDer::Sec1(out_of_range.into()));
        }
    }
    // A bit in each of the numbers of an RSA key: their ends, from the last to the first.
    let whole = foreign("rsa2048.pkcs1");
    let mut rest = &whole[4..];
    let mut ends = Vec::new();
    while let [2, tail @ ..] = rest {
        let (len, body) = match tail {
            [0x82, a, b, body @ ..] => (usize::from(u16::from_be_bytes([*a, *b])), body),
            [0x81, a, body @ ..] | [a, body @ ..] => (usize::from(*a), body),
            [] => panic!("cut off"),
        };
        rest = &body[len..];
        ends.push(whole.len() - rest.len() - 1);
    }
    assert_eq!(ends.len(), 9, "the version and eight numbers");
    for end in ends {
        let mut touched = whole.clone();
        touched[end] ^= 2;
        refusal(&PrivateKeyDer::Pkcs1(touched.into()));
    }
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
            let key = made.key.public_key();
            assert_eq!(verify(algorithm, key, b"message", &signature), Ok(()));
            let refused = Err(CryptoError::BadSignature);
            assert_eq!(verify(algorithm, key, b"another", &signature), refused);
        }
        let again = provider.generate_private_key(kind).unwrap();
        assert_ne!(again.key.public_key(), made.key.public_key());
    }
    for bits in [1024, 2047, 2049, 8200] {
        let refused = provider.generate_private_key(KeyKind::Rsa(bits)).map(drop);
        assert!(matches!(refused, Err(CryptoError::Unsupported(_))), "{bits}");
    }
}

/// The private keys of RFC 9881 appendix C share one seed; the expanded form alone is refused.
#[rstest]
#[case(MlDsa44, 17, "d7b2b47254aae0db45e7930d4a98d2c97d8f1397d17")]
#[case(MlDsa65, 18, "48683d91978e31eb3dddb8b0473482d2b88a5f625949fd8f58a561e696bd4c27")]
#[case(MlDsa87, 19, "9792bcec2f2430686a82fccf3c2f5ff665e771d7ab41b90258cfa7e90ec97124")]
fn ml_dsa_keys_are_seeds_in_the_form_of_rfc_9881(
    #[case] algorithm: Algorithm,
    #[case] arc: u8,
    #[case] public: &str,
) {
    let seed: [u8; 32] = core::array::from_fn(|i| i as u8);
    let pkcs8 = |private: &[u8]| {
        let oid = [&hex("300b0609608648016503040300")[..12], &[arc]].concat();
        let private = [&[4, private.len() as u8], private].concat();
        let body = [&hex("020100")[..], &oid, &private].concat();
        PrivateKeyDer::Pkcs8([&[0x30, body.len() as u8], &body[..]].concat().into())
    };
    let key = provider().load_private_key(&pkcs8(&[&[0x80, 32], &seed[..]].concat())).unwrap();
    assert_eq!(key.algorithms(), [algorithm]);
    let bare = provider().load_private_key(&pkcs8(&seed)).unwrap();
    assert_eq!(bare.public_key(), key.public_key(), "as Botan writes it");
    let public = hex(&public[..public.len() & !1]);
    assert_eq!(key.public_key()[22..22 + public.len()], public);
    refusal(&pkcs8(&[&[4, 64], &[7; 64][..]].concat()));
    let signature = key.sign(algorithm, b"message").unwrap();
    assert_ne!(signature, key.sign(algorithm, b"message").unwrap(), "hedged");
}

#[test]
fn nothing_secret_is_printed() {
    let made = provider().generate_private_key(KeyKind::Ecdsa(Curve::P256)).unwrap();
    let printed = format!("{made:?}");
    assert!(printed.contains("Ecdsa(P256, Sha256)") && printed.len() < 120, "{printed}");
}
