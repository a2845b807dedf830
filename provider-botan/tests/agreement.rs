//! Botan and the RustCrypto crates, which share no code, understand each other.

mod common;

use common::provider;
use dtls_crypto_api::pki_types::{PrivateKeyDer, SubjectPublicKeyInfoDer};
use dtls_crypto_api::{
    CipherSuite, CryptoProvider, HashAlgorithm, KeyKind, NamedGroup, RecordSecrets,
    SignatureAlgorithm,
};
use dtls_provider_rustcrypto::RustCryptoProvider;

/// Each of the two in either place.
fn pairs() -> [[Box<dyn CryptoProvider>; 2]; 2] {
    let (botan, rust) = (provider, RustCryptoProvider::new);
    [[Box::new(botan()), Box::new(rust())], [Box::new(rust()), Box::new(botan())]]
}

#[test]
fn secrets_are_the_same_in_every_group_both_offer() {
    for [client, server] in pairs() {
        let groups = NamedGroup::KNOWN.iter().copied();
        let has = |group: &NamedGroup| {
            client.capabilities().has_group(*group) && server.capabilities().has_group(*group)
        };
        let groups: Vec<_> = groups.filter(has).collect();
        assert!(groups.len() >= 9, "{groups:?}");
        for group in groups {
            let started = client.start_key_exchange(group).unwrap();
            let answer = server.encapsulate(group, started.share()).unwrap();
            let secret = started.complete(&answer.share).unwrap();
            assert_eq!(secret.expose(), answer.secret.expose(), "{group}");
        }
    }
}

#[test]
fn records_of_every_suite_and_their_masks_are_the_same() {
    for [sealer, opener] in pairs() {
        for aead in CipherSuite::KNOWN.iter().filter_map(|suite| suite.aead()) {
            let (key, record_number_key) = (vec![0x51; aead.key_len()], vec![0x52; aead.key_len()]);
            let iv = [0x53; 12];
            let secrets =
                RecordSecrets { aead, key: &key, iv: &iv, record_number_key: &record_number_key };
            let mut seal = sealer.seal_key(&secrets).unwrap();
            let mut open = opener.open_key(&secrets).unwrap();
            // Shorter after longer: what the long one left behind must not show.
            let lengths = [0, 1, 16_640, 2, 1200, 15, 17];
            let aads = [&b""[..], b"head", &[7; 300]];
            let records = lengths.into_iter().flat_map(|len| aads.map(|aad| (len, aad)));
            for (number, (len, aad)) in (0..).zip(records) {
                let text: Vec<u8> = (0..len + aead.tag_len()).map(|i| i as u8).collect();
                let mut record = text.clone();
                seal.seal(number, aad, &mut record).unwrap();
                let sample = record.first_chunk().unwrap_or(&[0xff; 16]);
                let mask = seal.record_number_mask(sample).unwrap();
                assert_eq!(open.record_number_mask(sample), Ok(mask), "{aead:?}");
                assert_eq!(open.open(number, aad, &mut record), Ok(len), "{aead:?}");
                assert_eq!(record[..len], text[..len]);
            }
        }
    }
}

#[test]
fn signatures_verify_and_stored_keys_load_on_the_other_side() {
    let mut seen = Vec::new();
    for [signer, verifier] in pairs() {
        for kind in signer.capabilities().generate.iter().map(|offered| offered.id) {
            if matches!(kind, KeyKind::Rsa(bits) if bits > 2048) {
                continue; // Takes long and differs in nothing but the time.
            }
            let made = signer.generate_private_key(kind).unwrap();
            let public = SubjectPublicKeyInfoDer::from(made.key.public_key());
            let both =
                |algorithm: &&SignatureAlgorithm| verifier.capabilities().can_verify(**algorithm);
            for &algorithm in made.key.algorithms().iter().filter(both) {
                let signature = made.key.sign(algorithm, b"message").unwrap();
                let verified =
                    verifier.verify_signature(algorithm, &public, b"message", &signature);
                assert_eq!(verified, Ok(()), "{algorithm:?}");
                seen.push(algorithm);
            }
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
