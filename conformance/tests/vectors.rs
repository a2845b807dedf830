//! The known answers of `data/vectors.json` against the RustCrypto provider and the core.

use dtls_conformance::check;
use dtls_crypto_api::CryptoProvider;
use dtls_provider_rustcrypto::RustCryptoProvider;

/// Runs a check that nothing may be missing from.
fn passes(check: fn(&dyn CryptoProvider) -> Result<check::Report, check::Mismatch>) {
    let report = check(&RustCryptoProvider::new()).unwrap_or_else(|mismatch| panic!("{mismatch}"));
    assert_eq!(report.not_offered, Vec::<String>::new());
    assert!(report.passed > 0, "a check that looks at nothing proves nothing");
    println!("{} values", report.passed);
}

/// req: 9147-4.2.3-01, 9147-4.2.3-02, 9147-4.2.3-04
#[test]
fn masks_are_the_published_ones() {
    passes(check::check_masks);
}

/// req: 9147-4-16, 9147bis-4-01
#[test]
fn the_nonce_is_the_iv_xor_the_number() {
    passes(check::check_aead_nonce);
}

/// req: 9147-5.2-02
#[test]
fn the_transcript_of_rfc_8448_comes_out() {
    passes(check::check_transcript);
}

/// req: 8446-7.1-01
#[test]
fn the_key_schedule_comes_out_under_both_prefixes() {
    passes(check::check_key_schedule);
}

/// req: 9147-5.9-01, 8446-7.3-01, 9147-4.2.3-03
#[test]
fn the_stages_of_the_core_are_the_key_schedule() {
    passes(check::check_core_key_schedule);
}

/// req: 8446-7.5-01, 8446-7.5-02
#[test]
fn exported_keying_material_is_made_in_two_steps() {
    passes(check::check_exporter);
}

/// req: 8446-7.1-01, 9147-5.9-01
#[test]
fn labels_are_encoded_with_the_prefix_of_dtls() {
    passes(check::check_hkdf_labels);
}

#[test]
fn binders_come_out_for_all_kinds_of_psk() {
    passes(check::check_psk_binder);
}

/// req: 9147-4-06, 9147-4-17, 9147-4.2.3-04
#[test]
fn every_step_of_record_protection_agrees() {
    passes(check::check_protection);
}

/// req: 9147-4-06, 9147-4-17, 9147-4.2.3-04, 9147-4.2.3-06
#[test]
fn records_of_our_form_are_sealed_byte_for_byte() {
    passes(check::check_sealed);
}

/// req: 9147-4-07, 9147-4-08, 9147-4-10, 9147-4-12, 9147-4-17, 9147-4.2.2-03, 8446-5.1-04
#[test]
fn records_of_every_form_are_opened_once() {
    passes(check::check_opened);
}

/// req: 9147-4.2.2-01, 9147-4.2.2-02, 9147-4.2.2-03
#[test]
fn numbers_are_rebuilt_from_their_low_bits() {
    passes(check::check_number_reconstruction);
}

/// req: 8446-4.2.3-02, 8446-4.4.3-02, 8446-4.4.4-01, 9147-5.2-02, 9147-5.9-01, 9147-6.1-03
/// 9147-6.1-04 (and the hellos of epoch 0)
#[test]
fn a_recorded_handshake_is_played_again_from_both_sides() {
    passes(check::check_trace);
}

#[test]
fn every_check_is_in_the_list() {
    let report = check::all(&RustCryptoProvider::new()).unwrap();
    let sum: usize =
        check::ALL.iter().map(|(_, check)| check(&RustCryptoProvider::new()).unwrap().passed).sum();
    assert_eq!(report.passed, sum);
    assert_eq!(check::ALL.len(), 13);
}
