//! The known answers of `data/vectors.json`: the file against itself and the core, and the
//! RustCrypto provider against what requirements name.

use dtls_conformance::check::{Options, test_group};
use dtls_conformance::vectors::{self, Bytes};
use dtls_core::record::number::reconstruct;
use dtls_crypto_api::{CipherSuite, nonce};
use dtls_provider_rustcrypto::RustCryptoProvider;
use x25519_dalek::{PublicKey, StaticSecret};

/// Runs one group of the kit, from which nothing may be missing.
fn passes(id: &str) {
    let group = test_group(&RustCryptoProvider::new(), &Options::default(), id);
    assert!(group.passed > 0);
    assert_eq!(group.not_offered, []);
}

/// req: 9147-4.2.3-01, 9147-4.2.3-02, 9147-4.2.3-04
#[test]
fn masks_are_the_published_ones() {
    for id in [
        "masks_aes_128_gcm",
        "masks_aes_256_gcm",
        "masks_chacha20",
        "masks_aes_128_ccm",
        "masks_aes_128_ccm_8",
    ] {
        passes(id);
    }
}

/// req: 9147-4-16, 9147bis-4-01
#[test]
fn the_nonce_is_the_iv_xor_the_number() {
    let vector = vectors::load().aead_nonce;
    assert_eq!(nonce(&vector.iv.array().unwrap(), vector.number), vector.nonce[..]);
    for record in vectors::load().records {
        assert_eq!(nonce(&record.iv.array().unwrap(), record.number), record.nonce[..]);
    }
    passes("nonce_chacha20");
}

/// req: 9147-5.2-02
#[test]
fn the_transcript_of_rfc_8448_comes_out() {
    passes("transcript");
}

/// req: 8446-7.1-01
#[test]
fn the_key_schedule_comes_out_under_both_prefixes() {
    passes("key_schedule_tls13");
    passes("key_schedule_dtls13");
}

/// req: 9147-5.9-01, 8446-7.3-01, 9147-4.2.3-03
#[test]
fn the_stages_of_the_core_are_the_key_schedule() {
    passes("key_schedule_core");
}

/// req: 8446-7.5-01, 8446-7.5-02
#[test]
fn exported_keying_material_is_made_in_two_steps() {
    passes("exporter");
}

/// req: 8446-7.1-01, 9147-5.9-01
#[test]
fn labels_are_encoded_with_the_prefix_of_dtls() {
    passes("hkdf_labels");
}

#[test]
fn binders_come_out_for_all_kinds_of_psk() {
    passes("psk_binders");
}

/// req: 9147-4-06, 9147-4-17, 9147-4.2.3-04
#[test]
fn every_step_of_record_protection_agrees() {
    passes("record_protection");
}

/// req: 9147-4-06, 9147-4-17, 9147-4.2.3-04, 9147-4.2.3-06
#[test]
fn records_of_our_form_are_sealed_byte_for_byte() {
    passes("records_sealed");
}

/// req: 9147-4-07, 9147-4-08, 9147-4-10, 9147-4-12, 9147-4-17, 9147-4.2.2-03, 8446-5.1-04
#[test]
fn records_of_every_form_are_opened_once() {
    passes("records_opened");
}

/// req: 9147-4.2.2-01, 9147-4.2.2-02, 9147-4.2.2-03
#[test]
fn numbers_are_rebuilt_from_their_low_bits() {
    let vectors = vectors::load().number_reconstruction;
    assert!(!vectors.is_empty());
    for vector in vectors {
        let number = reconstruct(vector.highest, vector.wire, vector.bits / 8);
        assert_eq!(number, vector.number, "{vector:?}");
    }
}

/// req: 8446-4.2.3-02, 8446-4.4.3-02, 8446-4.4.4-01, 9147-5.2-02, 9147-5.9-01, 9147-6.1-03
/// 9147-6.1-04 (and the hellos of epoch 0)
#[test]
fn a_recorded_handshake_is_played_again_from_both_sides() {
    passes("recorded_handshake");
}

/// What no provider enters into: the parts of the file that follow from one another.
#[test]
fn the_file_agrees_with_itself() {
    let file = vectors::load();
    for mask in &file.record_number_masks {
        assert_eq!(mask.mask[..5], mask.mask_5[..], "{}", mask.name);
        // ChaCha20 reads the sample as a counter, little end first, and a nonce.
        if mask.cipher == "ChaCha20" {
            let (counter, nonce) = (mask.counter_bytes.as_ref().unwrap(), mask.nonce.as_ref());
            assert_eq!(mask.counter.unwrap().to_le_bytes(), counter[..]);
            assert_eq!([&counter[..], nonce.unwrap()].concat(), mask.sample[..]);
            assert_eq!(mask.key_stream_block.as_ref().unwrap()[..16], mask.mask[..]);
        }
    }
    for record in &file.records {
        assert_eq!(record.suite().and_then(CipherSuite::name), Some(&record.cipher_suite[..]));
        let inner = &record.inner_plaintext;
        let (content, rest) = inner.split_at(record.content.len());
        assert_eq!(content, &record.content[..]);
        assert_eq!(rest[0], record.content_type);
        assert_eq!(rest[1..], vec![0; record.padding_length][..]);
    }
    let (schedule, psk) = (&file.key_schedule, &file.psk_binder);
    assert_eq!(psk.psk, schedule.tls13.ticket_psk);
    assert_eq!(psk.ticket_nonce, schedule.ticket_nonce);
    let messages = &file.rfc8448_handshake.messages;
    assert_eq!(messages.server_finished[4..], schedule.tls13.server_verify_data[..]);
    assert_eq!(messages.client_finished[4..], schedule.tls13.client_verify_data[..]);
}

#[test]
fn the_shared_secret_of_rfc_8448_comes_from_both_private_keys() {
    let handshake = vectors::load().rfc8448_handshake;
    let secret = |key: &Bytes| StaticSecret::from(key.array::<32>().unwrap());
    let (client, server) =
        (secret(&handshake.client_private_key), secret(&handshake.server_private_key));
    assert_eq!(PublicKey::from(&client).as_bytes()[..], handshake.client_public_key[..]);
    assert_eq!(PublicKey::from(&server).as_bytes()[..], handshake.server_public_key[..]);
    let (to_server, to_client) = (PublicKey::from(&server), PublicKey::from(&client));
    assert_eq!(client.diffie_hellman(&to_server).as_bytes()[..], handshake.shared_secret[..]);
    assert_eq!(server.diffie_hellman(&to_client).as_bytes()[..], handshake.shared_secret[..]);
}
