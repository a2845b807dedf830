//! What the provider offers and says about itself, and what it refuses although the module would do
//! it.

use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384, Sha512};
use dtls_crypto_api::SignatureAlgorithm::{self as Algorithm, Ecdsa, RsaPkcs1, RsaPssPss};
use dtls_crypto_api::{
    AeadAlgorithm, Capabilities, CipherSuite, CryptoError, CryptoProvider, Curve, FipsStatus,
    KeyKind, NamedGroup, Offered, RecordSecrets, SignatureScheme,
};
use dtls_provider_openssl::{FipsError, FipsOptions, OpenSslProvider};

use crate::{fips, installed};

/// Everything offered, with its status and what it is borrowed from.
fn marks(offered: &Capabilities) -> Vec<(FipsStatus, Option<&'static str>)> {
    fn of<T>(list: &[Offered<T>]) -> impl Iterator<Item = (FipsStatus, Option<&'static str>)> {
        list.iter().map(|offered| (offered.fips, offered.borrowed_from))
    }
    of(&offered.cipher_suites)
        .chain(of(&offered.groups))
        .chain(of(&offered.kem_halves))
        .chain(of(&offered.verify))
        .chain(of(&offered.sign))
        .chain(of(&offered.generate))
        .collect()
}

fn ids<T: Copy>(list: &[Offered<T>]) -> Vec<T> {
    list.iter().map(|offered| offered.id).collect()
}

fn detail(offered: &Capabilities, name: &str) -> Option<String> {
    offered.details.iter().find(|detail| detail.name == name).map(|detail| detail.value.clone())
}

#[test]
fn the_module_loads_and_tests_itself_again_when_asked() {
    let provider = fips();
    provider.self_test().unwrap();
    provider.self_test().unwrap();
}

#[test]
fn everything_offered_is_in_approved_mode_and_nothing_is_borrowed() {
    let provider = fips();
    let marks = marks(provider.capabilities());
    assert!(marks.len() > 30, "{}", marks.len());
    assert!(marks.iter().all(|mark| *mark == (FipsStatus::ApprovedMode, None)));
    assert_eq!(provider.capabilities().fips(), FipsStatus::ApprovedMode);
    assert_eq!(detail(provider.capabilities(), "FIPS certificate (attested)"), None);
}

#[test]
fn only_a_certificate_in_the_options_makes_it_attested_and_then_everything_is() {
    let options = FipsOptions { certificate: Some("4985".to_owned()), ..installed() };
    let provider = OpenSslProvider::fips(options).unwrap();
    let offered = provider.capabilities();
    assert!(marks(offered).iter().all(|mark| *mark == (FipsStatus::AttestedValidated, None)));
    assert_eq!(offered.fips(), FipsStatus::AttestedValidated);
    assert_eq!(detail(offered, "FIPS certificate (attested)").as_deref(), Some("4985"));
}

#[test]
fn the_module_is_told_by_name_version_and_file() {
    let provider = fips();
    let offered = provider.capabilities();
    assert_eq!(offered.name, "openssl-fips");
    assert_eq!(detail(offered, "FIPS module").as_deref(), Some("OpenSSL FIPS Provider 3.1.2"));
    assert!(detail(offered, "FIPS module file").unwrap().ends_with("fips.so"));
    // The version is libcrypto's, which loads the module and need not be of the same.
    assert_eq!(offered.version, OpenSslProvider::new().capabilities().version);
}

#[test]
fn a_module_3_1_2_offers_exactly_this() {
    let provider = fips();
    let offered = provider.capabilities();
    assert_eq!(
        ids(&offered.cipher_suites),
        [
            CipherSuite::TLS_AES_128_GCM_SHA256,
            CipherSuite::TLS_AES_256_GCM_SHA384,
            CipherSuite::TLS_AES_128_CCM_SHA256
        ]
    );
    let curves = [NamedGroup::SECP256R1, NamedGroup::SECP384R1, NamedGroup::SECP521R1];
    assert_eq!(ids(&offered.groups), curves);
    assert_eq!(ids(&offered.kem_halves), []);
    let (verify, sign) = (ids(&offered.verify), ids(&offered.sign));
    let is_approved = |algorithm: &Algorithm| {
        format!("{algorithm:?}").starts_with(['E', 'R']) && !is_eddsa(*algorithm)
    };
    assert!(verify.iter().chain(&sign).all(is_approved), "{verify:?}");
    // Nine of ECDSA and nine of RSA; three curves sign with one hash each.
    assert_eq!((verify.len(), sign.len()), (18, 12));
    let kinds = ids(&offered.generate);
    for curve in [Curve::P256, Curve::P384, Curve::P521] {
        assert!(kinds.contains(&KeyKind::Ecdsa(curve)));
    }
    assert!(kinds.iter().all(|kind| matches!(kind, KeyKind::Ecdsa(_) | KeyKind::Rsa(2048..))));
}

fn is_eddsa(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::Ed25519 | Algorithm::Ed448)
}

/// The type knows no SHA-1, so that this says: neither does the list of code points.
#[test]
fn no_signature_has_sha_1() {
    let schemes =
        fips().capabilities().verify.iter().filter_map(|o| o.id.scheme()).collect::<Vec<_>>();
    assert!(schemes.len() >= 12);
    let sha1 = [SignatureScheme(0x0201), SignatureScheme(0x0203)];
    assert!(sha1.iter().all(|scheme| !schemes.contains(scheme) && scheme.algorithm().is_none()));
    for pair in [Ecdsa(Curve::P256, Sha512), RsaPkcs1(Sha256), RsaPssPss(Sha384)] {
        assert!(fips().capabilities().can_verify(pair));
    }
}

/// The module would do X25519 and X448: it is we who refuse.
#[test]
fn a_group_that_is_not_approved_is_refused_when_asked_for_all_the_same() {
    let provider = fips();
    for group in [
        NamedGroup::X25519,
        NamedGroup::X448,
        NamedGroup::X25519MLKEM768,
        NamedGroup::SECP256R1MLKEM768,
        NamedGroup::SECP384R1MLKEM1024,
        NamedGroup::MLKEM768,
        NamedGroup::MLKEM1024,
        NamedGroup(0x0100),
    ] {
        let unsupported = |error| matches!(error, CryptoError::Unsupported(_));
        assert!(provider.start_key_exchange(group).map(drop).is_err_and(unsupported), "{group}");
        let share = vec![9; group.client_share_len().unwrap_or(32)];
        assert!(provider.encapsulate(group, &share).map(drop).is_err_and(unsupported), "{group}");
    }
}

#[test]
fn a_suite_that_is_not_approved_is_refused_when_asked_for_all_the_same() {
    let provider = fips();
    for aead in [AeadAlgorithm::ChaCha20Poly1305, AeadAlgorithm::Aes128Ccm8] {
        let key = vec![1; aead.key_len()];
        let secrets = RecordSecrets { aead, key: &key, iv: &[2; 12], record_number_key: &key };
        let unsupported = |error| matches!(error, CryptoError::Unsupported(_));
        assert!(provider.seal_key(&secrets).map(drop).is_err_and(unsupported), "{aead:?}");
        assert!(provider.open_key(&secrets).map(drop).is_err_and(unsupported), "{aead:?}");
    }
}

#[test]
fn hashes_are_sha_2_and_work() {
    for hash in [Sha256, Sha384, Sha512] {
        let mut running = fips().hash(hash).unwrap();
        running.update(b"abc");
        let fork = running.fork();
        assert_eq!(running.finish(), fork.finish());
    }
}

/// That they come from the module's generator is what makes the provider at all: loading fails when
/// the context's generator is another's.
#[test]
fn random_bytes_differ_from_draw_to_draw_and_thread_to_thread() {
    let provider = fips();
    let draw = || {
        let mut bytes = [0; 48];
        provider.random(&mut bytes).unwrap();
        bytes
    };
    let mut draws = vec![draw(), draw()];
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(draw)).collect();
        draws.extend(threads.into_iter().map(|thread| thread.join().unwrap()));
    });
    draws.sort_unstable();
    assert!(draws.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(provider.random(&mut []), Ok(()));
}

#[test]
fn nothing_and_what_could_forge_a_line_is_no_certificate() {
    for certificate in ["", "  ", "4985\nFIPS status  validated"] {
        let options = FipsOptions { certificate: Some(certificate.to_owned()), ..installed() };
        let error = OpenSslProvider::fips(options).unwrap_err();
        assert_eq!(error, FipsError::CertificateUnusable { certificate: certificate.to_owned() });
    }
}
