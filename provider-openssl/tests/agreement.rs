//! OpenSSL and the RustCrypto crates, which share no code, understand each other in everything
//! that both offer.

mod common;

use common::provider;
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    CipherSuite, CryptoProvider, HashAlgorithm, KeyKind, Label, NamedGroup, Offered, RecordSecrets,
    SignatureAlgorithm,
};
use dtls_provider_rustcrypto::RustCryptoProvider;

fn providers() -> [Box<dyn CryptoProvider>; 2] {
    [Box::new(provider()), Box::new(RustCryptoProvider::new())]
}

fn both<T: Copy + PartialEq>(
    list: impl Fn(&dyn CryptoProvider) -> Vec<Offered<T>>,
) -> impl Iterator<Item = T> {
    let [ours, theirs] = providers().map(|provider| list(&*provider));
    ours.into_iter().map(|offered| offered.id).filter(move |id| theirs.iter().any(|t| t.id == *id))
}

fn shared_groups() -> Vec<NamedGroup> {
    let all = |provider: &dyn CryptoProvider| {
        let offered = provider.capabilities();
        offered.groups.iter().chain(&offered.kem_halves).copied().collect::<Vec<_>>()
    };
    both(all).collect()
}

#[test]
fn keys_are_exchanged_both_ways() {
    let [ours, theirs] = providers();
    let groups = shared_groups();
    assert!(groups.len() >= 4, "{groups:?}");
    for group in groups {
        for (client, server) in [(&ours, &theirs), (&theirs, &ours)] {
            let started = client.start_key_exchange(group).unwrap();
            let answer = server.encapsulate(group, started.share()).unwrap();
            let secret = started.complete(&answer.share).unwrap();
            assert_eq!(secret.expose(), answer.secret.expose(), "{group}");
        }
    }
}

#[test]
fn records_are_sealed_by_one_and_opened_by_the_other() {
    let [ours, theirs] = providers();
    let suites: Vec<CipherSuite> = both(|p| p.capabilities().cipher_suites.clone()).collect();
    assert_eq!(suites.len(), 5);
    for aead in suites.into_iter().filter_map(CipherSuite::aead) {
        let (key, record_number_key) = (vec![0x51; aead.key_len()], vec![0x52; aead.key_len()]);
        let iv = [0x53; 12];
        let secrets =
            RecordSecrets { aead, key: &key, iv: &iv, record_number_key: &record_number_key };
        for (sealer, opener) in [(&ours, &theirs), (&theirs, &ours)] {
            let mut seal = sealer.seal_key(&secrets).unwrap();
            let mut open = opener.open_key(&secrets).unwrap();
            for (number, len) in [(0, 0), (1, 1), (2, 200), (1 << 48, 1200), (u64::MAX, 16640)] {
                let text: Vec<u8> = (0..len + seal.tag_len()).map(|i| i as u8).collect();
                let mut record = text.clone();
                seal.seal(number, b"a header", &mut record).unwrap();
                let sample = record.first_chunk().unwrap_or(&[0xff; 16]);
                let mask = seal.record_number_mask(sample).unwrap();
                assert_eq!(open.record_number_mask(sample), Ok(mask), "{aead:?}");
                assert_eq!(open.open(number, b"a header", &mut record), Ok(len), "{aead:?}");
                assert_eq!(record[..len], text[..len]);
            }
        }
    }
}

#[test]
fn signatures_are_made_by_one_and_verified_by_the_other() {
    let [ours, theirs] = providers();
    let mut seen = Vec::new();
    for (signer, verifier) in [(&ours, &theirs), (&theirs, &ours)] {
        for kind in signer.capabilities().generate.iter().map(|offered| offered.id) {
            if matches!(kind, KeyKind::Rsa(bits) if bits > 2048) {
                continue; // Takes long and differs in nothing but the time.
            }
            let made = signer.generate_private_key(kind).unwrap();
            let public = SubjectPublicKeyInfoDer::from(made.key.public_key());
            for &algorithm in made.key.algorithms() {
                if !verifier.capabilities().can_verify(algorithm) {
                    continue;
                }
                let signature = made.key.sign(algorithm, b"message").unwrap();
                let verified =
                    verifier.verify_signature(algorithm, &public, b"message", &signature);
                assert_eq!(verified, Ok(()), "{algorithm:?}");
                seen.push(algorithm);
            }
            // What one stores the other loads.
            if verifier.capabilities().generate.iter().any(|offered| offered.id == kind) {
                let der = PrivateKeyDer::Pkcs8(made.pkcs8.as_slice().into());
                let loaded = verifier.load_private_key(&der).unwrap();
                assert_eq!(loaded.public_key(), made.key.public_key(), "{kind:?}");
            }
        }
    }
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        assert!(seen.contains(&SignatureAlgorithm::RsaPssRsae(hash)));
        assert!(seen.contains(&SignatureAlgorithm::RsaPkcs1(hash)));
    }
    assert!(seen.len() >= 14, "{seen:?}");
}

#[test]
fn the_key_schedule_is_the_same() {
    let run = |provider: &dyn CryptoProvider, hash: HashAlgorithm| {
        let first = provider.schedule_extract(hash, b"dtls13", None, Some(&[9; 32])).unwrap();
        let second = provider.schedule_extract(hash, b"dtls13", Some(&first), None).unwrap();
        let mut out = vec![0; 200];
        for context in [0, 32, 64, 65, 255] {
            let context = vec![7; context];
            let label = Label { prefix: b"dtls13", label: b"any", context: &context };
            let (_, rest) = out.split_at_mut(40);
            provider.schedule_expand(hash, &second, &label, rest).unwrap();
        }
        let info = [3; 600];
        provider.hkdf_expand(hash, &second, &[&info], &mut out[..40]).unwrap();
        out
    };
    let [ours, theirs] = providers();
    for hash in [HashAlgorithm::Sha256, HashAlgorithm::Sha384, HashAlgorithm::Sha512] {
        assert_eq!(run(&*ours, hash), run(&*theirs, hash), "{hash:?}");
    }
}
