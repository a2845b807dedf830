//! The provider as a whole: what it says about itself, its self test, randomness, envelopes.

mod common;

use common::{hex, provider};
use dtls_crypto_api::{CryptoError, CryptoProvider, FipsStatus};
use proptest::prelude::*;
use rstest::rstest;

#[test]
fn the_self_test_passes() {
    provider().self_test().unwrap();
}

#[test]
fn the_provider_tells_the_version_that_runs_and_claims_nothing() {
    let provider = provider();
    let offered = provider.capabilities();
    assert_eq!(offered.name, "openssl");
    assert!(offered.version.starts_with(['3', '4']), "{}", offered.version);
    assert_eq!(offered.cipher_suites.len(), 5);
    assert_eq!(offered.fips(), FipsStatus::None);
    assert!(offered.details.iter().any(|detail| detail.name == "CPU features"));
}

#[test]
fn random_bytes_differ_from_draw_to_draw_and_fill_any_length() {
    let mut draws = [[0; 48]; 8];
    for draw in &mut draws {
        provider().random(draw).unwrap();
    }
    draws.sort_unstable();
    assert!(draws.windows(2).all(|pair| pair[0] != pair[1]));
    assert_eq!(provider().random(&mut []), Ok(()));
    let mut long = vec![0; 1 << 20];
    provider().random(&mut long).unwrap();
    assert!(!long.ends_with(&[0; 16]));
}

/// The two vectors of c2sp.org/XAES-256-GCM.
#[rstest]
#[case(0x01, "", "ce546ef63c9cc60765923609b33a9a1974e96e52daf2fcf7075e2271")]
#[case(0x03, "c2sp.org/XAES-256-GCM", "986ec1832593df5443a179437fd083bf3fdb41abd740a21f71eb769d")]
fn an_envelope_is_a_nonce_and_then_xaes_256_gcm(
    #[case] key: u8,
    #[case] aad: &str,
    #[case] ciphertext: &str,
) {
    let envelope = provider().envelope(&[key; 32]).unwrap();
    let sealed = [b"ABCDEFGHIJKLMNOPQRSTUVWX", &hex(ciphertext)[..]].concat();
    assert_eq!(envelope.open(aad.as_bytes(), &sealed).unwrap(), b"XAES-256-GCM");
}

proptest! {
    #[test]
    fn an_envelope_opens_under_its_key_and_aad_only(
        key: [u8; 32],
        aad in prop::collection::vec(any::<u8>(), 0..40),
        plaintext in prop::collection::vec(any::<u8>(), 0..400),
        at: prop::sample::Index,
    ) {
        let envelope = provider().envelope(&key).unwrap();
        let sealed = envelope.seal(&aad, &plaintext).unwrap();
        prop_assert_eq!(sealed.len(), 24 + plaintext.len() + 16);
        prop_assert_ne!(&envelope.seal(&aad, &plaintext).unwrap(), &sealed);
        prop_assert_eq!(envelope.open(&aad, &sealed).unwrap(), plaintext);

        let refused = Err(CryptoError::BadEnvelope);
        let mut touched = sealed.clone();
        touched[at.index(sealed.len())] ^= 1;
        prop_assert_eq!(envelope.open(&aad, &touched), refused.clone());
        prop_assert_eq!(envelope.open(b"other", &sealed), refused.clone());
        prop_assert_eq!(envelope.open(&aad, &sealed[..at.index(sealed.len())]), refused.clone());
        let other = provider().envelope(&key.map(|byte| !byte)).unwrap();
        prop_assert_eq!(other.open(&aad, &sealed), refused);
    }
}

#[test]
fn one_envelope_serves_several_threads_at_once() {
    let envelope = provider().envelope(&[7; 32]).unwrap();
    std::thread::scope(|scope| {
        for text in 0..4_u8 {
            let envelope = envelope.clone();
            scope.spawn(move || {
                for _ in 0..100 {
                    let sealed = envelope.seal(b"aad", &[text; 50]).unwrap();
                    assert_eq!(envelope.open(b"aad", &sealed).unwrap(), [text; 50]);
                }
            });
        }
    });
}
