//! What this provider offers, in its order of preference.

use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use dtls_crypto_api::{
    Capabilities, CipherSuite, Curve, Detail, HashAlgorithm, KeyKind, NamedGroup, Offered,
    SignatureAlgorithm,
};

const HASHES: [HashAlgorithm; 3] =
    [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512];

/// The whole list.
pub(crate) fn all() -> Capabilities {
    Capabilities {
        name: String::from("rustcrypto"),
        version: env!("CARGO_PKG_VERSION").to_string(),
        details: details(),
        cipher_suites: offer(vec![
            CipherSuite::TLS_AES_128_GCM_SHA256,
            CipherSuite::TLS_AES_256_GCM_SHA384,
            CipherSuite::TLS_CHACHA20_POLY1305_SHA256,
            CipherSuite::TLS_AES_128_CCM_SHA256,
            CipherSuite::TLS_AES_128_CCM_8_SHA256,
        ]),
        groups: offer(groups()),
        kem_halves: offer(vec![NamedGroup::MLKEM768, NamedGroup::MLKEM1024]),
        verify: offer(verify()),
        sign: offer(sign()),
        generate: offer(generate()),
    }
}

/// Without the standard library nobody can be asked.
fn details() -> Vec<Detail> {
    vec![
        #[cfg(feature = "std")]
        Detail::new("CPU features", crate::cpu::features()),
    ]
}

fn offer<T>(list: Vec<T>) -> Vec<Offered<T>> {
    list.into_iter().map(Offered::new).collect()
}

fn groups() -> Vec<NamedGroup> {
    vec![
        NamedGroup::X25519MLKEM768,
        NamedGroup::X25519,
        NamedGroup::SECP256R1,
        NamedGroup::SECP384R1,
        NamedGroup::SECP521R1,
        #[cfg(feature = "x448")]
        NamedGroup::X448,
        NamedGroup::SECP256R1MLKEM768,
        NamedGroup::SECP384R1MLKEM1024,
    ]
}

/// First what can be signed too, then RSA, then the pairs that only chains hold.
fn verify() -> Vec<SignatureAlgorithm> {
    let mut list = without_rsa();
    list.extend(HASHES.map(SignatureAlgorithm::RsaPssRsae));
    list.extend(HASHES.map(SignatureAlgorithm::RsaPssPss));
    list.extend(HASHES.map(SignatureAlgorithm::RsaPkcs1));
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        let pairs = HASHES.map(|hash| SignatureAlgorithm::Ecdsa(curve, hash));
        list.extend(pairs.into_iter().filter(|pair| pair.scheme().is_none()));
    }
    list
}

fn sign() -> Vec<SignatureAlgorithm> {
    let mut list = without_rsa();
    if cfg!(feature = "rsa-signing") {
        list.extend(HASHES.map(SignatureAlgorithm::RsaPssRsae));
        list.extend(HASHES.map(SignatureAlgorithm::RsaPssPss));
    }
    list
}

fn without_rsa() -> Vec<SignatureAlgorithm> {
    vec![
        SignatureAlgorithm::Ecdsa(Curve::P256, HashAlgorithm::Sha256),
        SignatureAlgorithm::Ed25519,
        SignatureAlgorithm::Ecdsa(Curve::P384, HashAlgorithm::Sha384),
        SignatureAlgorithm::Ecdsa(Curve::P521, HashAlgorithm::Sha512),
        #[cfg(feature = "ed448")]
        SignatureAlgorithm::Ed448,
        #[cfg(feature = "ml-dsa")]
        SignatureAlgorithm::MlDsa44,
        #[cfg(feature = "ml-dsa")]
        SignatureAlgorithm::MlDsa65,
        #[cfg(feature = "ml-dsa")]
        SignatureAlgorithm::MlDsa87,
    ]
}

/// Of RSA keys the usual sizes; every multiple of eight in between can be made too.
fn generate() -> Vec<KeyKind> {
    vec![
        KeyKind::Ecdsa(Curve::P256),
        KeyKind::Ed25519,
        KeyKind::Ecdsa(Curve::P384),
        KeyKind::Ecdsa(Curve::P521),
        #[cfg(feature = "rsa-signing")]
        KeyKind::Rsa(2048),
        #[cfg(feature = "rsa-signing")]
        KeyKind::Rsa(3072),
        #[cfg(feature = "rsa-signing")]
        KeyKind::Rsa(4096),
        #[cfg(feature = "ed448")]
        KeyKind::Ed448,
        #[cfg(feature = "ml-dsa")]
        KeyKind::MlDsa44,
        #[cfg(feature = "ml-dsa")]
        KeyKind::MlDsa65,
        #[cfg(feature = "ml-dsa")]
        KeyKind::MlDsa87,
    ]
}
