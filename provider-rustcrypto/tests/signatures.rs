//! Keys made here sign, and what they sign verifies, and nothing else does.

mod common;

use common::provider;
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{CryptoError, CryptoProvider, Curve, KeyKind};
use rstest::rstest;

#[rstest]
#[case::p256(KeyKind::Ecdsa(Curve::P256))]
#[case::p384(KeyKind::Ecdsa(Curve::P384))]
#[case::p521(KeyKind::Ecdsa(Curve::P521))]
#[case::ed25519(KeyKind::Ed25519)]
fn a_generated_key_signs_and_loads_again(#[case] kind: KeyKind) {
    let provider = provider();
    let made = provider.generate_private_key(kind).unwrap();
    let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
    let loaded = provider.load_private_key(&der).unwrap();
    assert_eq!(loaded.public_key(), made.key.public_key());
    let public = SubjectPublicKeyInfoDer::from(loaded.public_key());
    for &algorithm in loaded.algorithms() {
        let mut signature = loaded.sign(algorithm, b"message").unwrap();
        provider.verify_signature(algorithm, &public, b"message", &signature).unwrap();
        let other = provider.verify_signature(algorithm, &public, b"Message", &signature);
        assert_eq!(other, Err(CryptoError::BadSignature));
        signature.push(0);
        let longer = provider.verify_signature(algorithm, &public, b"message", &signature);
        assert_eq!(longer, Err(CryptoError::BadSignature));
    }
}
