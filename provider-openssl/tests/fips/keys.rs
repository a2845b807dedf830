//! Keys in FIPS mode: loaded, generated and verified with as in the default library, except for what
//! is not approved.

use std::process::Command;

use dtls_crypto_api::HashAlgorithm::Sha256;
use dtls_crypto_api::SignatureAlgorithm::{
    self as Algorithm, Ecdsa, Ed448, Ed25519, RsaPkcs1, RsaPssPss, RsaPssRsae,
};
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, KeyKind};
use rstest::rstest;

use crate::common::{hex, line, provider};
use crate::fips;

const MESSAGE: &[u8] = b"A message signed by somebody else.";

/// A key or signature of the `openssl` command's.
fn stored(name: &str) -> Vec<u8> {
    let file = include_str!("../../../provider-rustcrypto/tests/data/openssl.txt");
    hex(line(file, name))
}

fn verify(algorithm: Algorithm, key: &str, signature: &str) -> Result<(), CryptoError> {
    let key = stored(&format!("{key}.spki"));
    let signature = stored(&format!("{signature}.sig"));
    let key = SubjectPublicKeyInfoDer::from(&key[..]);
    fips().verify_signature(algorithm, &key, MESSAGE, &signature)
}

#[rstest]
#[case(Ecdsa(Curve::P256, Sha256), "p256", "ecdsa_p256_sha256")]
#[case(Ecdsa(Curve::P384, Sha256), "p384", "ecdsa_p384_sha256")]
#[case(Ecdsa(Curve::P521, Sha256), "p521", "ecdsa_p521_sha256")]
#[case(RsaPkcs1(Sha256), "rsa2048", "pkcs1_sha256")]
#[case(RsaPssRsae(Sha256), "rsa2048", "rsae_sha256")]
#[case(RsaPssRsae(Sha256), "rsa2056", "rsae_2056")]
#[case(RsaPssPss(Sha256), "pss2048", "pss_sha256")]
#[case(RsaPssPss(Sha256), "pss2048_sha256", "pss_restricted")]
fn a_stored_signature_verifies(
    #[case] algorithm: Algorithm,
    #[case] key: &str,
    #[case] signature: &str,
) {
    assert_eq!(verify(algorithm, key, signature), Ok(()));
}

#[rstest]
#[case::rsa_of_1024_bits(RsaPkcs1(Sha256), "rsa1024", "pkcs1_1024")]
// FIPS 186-5 5.1 wants more than 2^16.
#[case::rsa_exponent_3(RsaPkcs1(Sha256), "rsa_e3", "pkcs1_e3")]
#[case::pss_key_for_rsae(RsaPssRsae(Sha256), "pss2048", "pss_sha256")]
#[case::compressed_point(Ecdsa(Curve::P256, Sha256), "p256_compressed", "ecdsa_p256_sha256")]
fn a_public_key_that_is_not_approved_is_refused(
    #[case] algorithm: Algorithm,
    #[case] key: &str,
    #[case] signature: &str,
) {
    assert_eq!(verify(algorithm, key, signature), Err(CryptoError::BadPublicKey));
}

#[rstest]
#[case(Ed25519, "ed25519")]
#[case(Ed448, "ed448")]
fn eddsa_is_unsupported_in_every_direction(#[case] algorithm: Algorithm, #[case] name: &str) {
    let unsupported = |error| matches!(error, CryptoError::Unsupported(_));
    assert!(verify(algorithm, name, name).is_err_and(unsupported));
    let der = PrivateKeyDer::Pkcs8(stored(&format!("{name}.pkcs8")).into());
    assert!(fips().load_private_key(&der).map(drop).is_err_and(unsupported));
    for kind in [KeyKind::Ed25519, KeyKind::Ed448] {
        assert!(fips().generate_private_key(kind).map(drop).is_err_and(unsupported));
    }
}

#[test]
fn ml_dsa_is_unsupported_in_a_module_without_it() {
    for kind in [KeyKind::MlDsa44, KeyKind::MlDsa65, KeyKind::MlDsa87] {
        let made = fips().generate_private_key(kind).map(drop);
        assert!(matches!(made, Err(CryptoError::Unsupported(_))));
    }
    let key = stored("p256.spki");
    let key = SubjectPublicKeyInfoDer::from(&key[..]);
    let verified = fips().verify_signature(Algorithm::MlDsa65, &key, MESSAGE, &[0; 3309]);
    assert!(matches!(verified, Err(CryptoError::Unsupported(_))));
}

#[rstest]
#[case(PrivateKeyDer::Pkcs8(stored("p256.pkcs8").into()), "p256")]
#[case(PrivateKeyDer::Pkcs8(stored("p521.pkcs8").into()), "p521")]
#[case(PrivateKeyDer::Sec1(stored("p384.sec1").into()), "p384")]
#[case(PrivateKeyDer::Pkcs8(stored("rsa2048.pkcs8").into()), "rsa2048")]
#[case(PrivateKeyDer::Pkcs1(stored("rsa2048.pkcs1").into()), "rsa2048")]
#[case(PrivateKeyDer::Pkcs8(stored("pss2048_sha256.pkcs8").into()), "pss2048_sha256")]
fn a_stored_key_loads_and_signs(#[case] der: PrivateKeyDer<'static>, #[case] name: &str) {
    let provider = fips();
    let key = provider.load_private_key(&der).unwrap();
    assert_eq!(key.public_key(), stored(&format!("{name}.spki")));
    let public = SubjectPublicKeyInfoDer::from(key.public_key());
    for &algorithm in key.algorithms() {
        let signature = key.sign(algorithm, b"message").unwrap();
        let verified = provider.verify_signature(algorithm, &public, b"message", &signature);
        assert_eq!(verified, Ok(()), "{algorithm:?}");
    }
}

#[test]
fn an_rsa_key_below_2048_bits_is_neither_made_nor_loaded() {
    for bits in [0, 512, 1024, 2047] {
        let made = fips().generate_private_key(KeyKind::Rsa(bits)).map(drop);
        assert_eq!(made, Err(CryptoError::Unsupported("an RSA key of this size")));
    }
    let der = PrivateKeyDer::Pkcs1(rsa_of_1024_bits().into());
    let refused = fips().load_private_key(&der).map(drop);
    let why = "the RSA modulus is not of 2048 to 8192 bits";
    assert_eq!(refused, Err(CryptoError::BadPrivateKey(why)));
}

/// FIPS 186-5 5.1, which the module checks. The default library takes such a key.
#[test]
fn an_rsa_key_with_exponent_3_is_not_loaded() {
    let command = "genpkey -algorithm RSA -pkeyopt rsa_keygen_pubexp:3 -outform DER";
    let made = Command::new("openssl").args(command.split(' ')).output().unwrap();
    // PKCS#8 or PKCS#1, as the version of the command has it.
    let der = PrivateKeyDer::try_from(&made.stdout[..]).unwrap();
    provider().load_private_key(&der).unwrap();
    let refused = fips().load_private_key(&der).map(drop);
    let why = "its numbers are out of range or do not fit together";
    assert_eq!(refused, Err(CryptoError::BadPrivateKey(why)));
}

/// A key of the right form whose modulus is short; its size is seen before its numbers are.
fn rsa_of_1024_bits() -> Vec<u8> {
    fn field(tag: u8, content: &[u8]) -> Vec<u8> {
        let len = (content.len() as u16).to_be_bytes();
        [&[tag, 0x82, len[0], len[1]], content].concat()
    }
    let (modulus, half) = ([&[0, 0xc5][..], &[0x5d; 127]].concat(), [0x61; 64]);
    let mut numbers = [&[2, 1, 0][..], &[2, 0x81, 129], &modulus, &[2, 3, 1, 0, 1]].concat();
    numbers.extend([&[2, 0x81, 128][..], &[0x11; 128]].concat());
    for _ in 0..5 {
        numbers.extend([&[2, 64][..], &half].concat());
    }
    field(0x30, &numbers)
}

#[test]
fn keys_of_every_listed_kind_are_made_and_load_again() {
    let provider = fips();
    for kind in provider.capabilities().generate.iter().map(|offered| offered.id) {
        if matches!(kind, KeyKind::Rsa(bits) if bits > 2048) {
            continue; // Takes long and differs in nothing but the time.
        }
        let made = provider.generate_private_key(kind).unwrap();
        let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
        let loaded = provider.load_private_key(&der).unwrap();
        assert_eq!(loaded.public_key(), made.key.public_key(), "{kind:?}");
    }
}

#[test]
fn a_key_whose_parts_contradict_each_other_is_refused() {
    for name in ["p256", "p384", "p521"] {
        let mut touched = stored(&format!("{name}.pkcs8"));
        *touched.last_mut().unwrap() ^= 1;
        let refused = fips().load_private_key(&PrivateKeyDer::Pkcs8(touched.into())).map(drop);
        let why = "its numbers are out of range or do not fit together";
        assert_eq!(refused, Err(CryptoError::BadPrivateKey(why)));
    }
}
