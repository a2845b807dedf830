//! The kit against providers that are broken in one way each: it catches every one of them, and
//! has nothing against the decorator that breaks nothing.

mod bug;
mod exchange;
mod hashes;
mod provider;
mod records;
mod signatures;

use std::sync::Arc;

use dtls_conformance::check::{TestAccess, groups};
use dtls_conformance::report::{Report, Status, text};
use dtls_conformance::{Options, check};
use dtls_crypto_api::CryptoProvider;
use rstest::rstest;

use bug::Bug;
use provider::Broken;

/// Lets the kit see the provider without randomness, and nothing else.
#[derive(Debug)]
struct Access(Bug);

impl TestAccess for Access {
    fn without_randomness(&self) -> Option<Arc<dyn CryptoProvider>> {
        Some(Arc::new(Broken::without_randomness(self.0)))
    }
}

fn run(bug: Bug, only: Vec<String>) -> Report {
    let options = Options { only, access: Some(Arc::new(Access(bug))), ..Options::default() };
    check(&Broken::new(bug), &options)
}

#[rstest]
#[case(Bug::MaskLittleEndian, "masks_aes_128_gcm", "mask, sending")]
#[case(Bug::MaskLittleEndian, "masks_chacha20", "mask, sending")]
#[case(Bug::MaskWithoutCounter, "record_masks", "mask with byte 0 of the sample changed")]
#[case(Bug::MaskWithoutCounter, "chacha20_masks_rfc_8439", "mask, sending")]
#[case(Bug::TagBytesChecked(0), "record_tags", "cut to 16 bytes")]
#[case(Bug::TagBytesChecked(4), "record_tags", "bit 352 changed")]
#[case(Bug::TagBytesChecked(7), "record_tags", "bit 376 changed")]
#[case(Bug::PlaintextLeft, "record_leftovers", "no plaintext is left behind")]
#[case(Bug::NonceLittleEndian, "record_numbers", "number 0x1 sealed")]
#[case(Bug::NonceWithoutIv, "record_numbers", "number 0x1 sealed")]
#[case(Bug::NonceConstant, "record_numbers", "number 0x1 sealed")]
#[case(Bug::NumberReused, "record_numbers", "3 again")]
#[case(Bug::AadBytesCounted(0), "record_sizes", "a zero more in the header")]
#[case(Bug::AadBytesCounted(32), "record_sizes", "a zero more in the header")]
#[case(Bug::AadBytesCounted(255), "record_sizes", "a zero more in the header")]
#[case(Bug::Ccm8WithLongTag, "record_tags", "length of the tag, sending")]
#[case(Bug::Ccm8WithLongTag, "aes_128_ccm_8_sp_800_38c", "ciphertext and tag")]
#[case(Bug::LongRecordsRefused, "record_sizes", "seal")]
#[case(Bug::ForkShared, "hash_forks", "the first")]
#[case(Bug::Sha384OfSha512, "sha_384_fips_180", "digest")]
#[case(Bug::HmacOfFirstPiece, "kdf_edges", "HMAC")]
#[case(Bug::HkdfOfFirstPiece, "kdf_edges", "HKDF")]
#[case(Bug::LabelsOfTls, "key_schedule_dtls13", "dtls13: derived 1")]
#[case(Bug::LabelsOfTls, "kdf_edges", "1 bytes expanded")]
#[case(Bug::ExtractWithoutDerived, "key_schedule_core", "client handshake")]
#[case(Bug::ExtractWithoutDerived, "kdf_edges", "extracted")]
#[case(Bug::ZeroSecret, "x25519_low_order", "server")]
#[case(Bug::CompressedPoint, "p256_points", "server")]
#[case(Bug::ClientShareReused, "key_exchange_fresh", "two shares differ")]
#[case(Bug::ServerShareReused, "key_exchange_fresh", "two shares differ")]
#[case(Bug::HybridExchanged, "key_exchange_hybrids", "first half")]
#[case(Bug::LengthPanics, "key_exchange_lengths", "no panic")]
#[case(Bug::PssSaltLength, "rsa_pss_rsae_parameters", "signature")]
#[case(Bug::LooseSignature, "ecdsa_p256_encodings", "signature")]
#[case(Bug::LooseSignature, "ecdsa_p384_encodings", "signature")]
#[case(Bug::LooseSignature, "ecdsa_p521_encodings", "signature")]
#[case(Bug::PssWithRsaKey, "keys_of_another_kind", "key")]
#[case(Bug::PublicKeyOfAnother, "generated_keys", "public key")]
#[case(Bug::PublicKeyOfAnother, "private_keys_damaged", "public key")]
#[case(Bug::SignsWithAny, "generated_keys", "sign with RsaPkcs1(Sha256)")]
#[case(Bug::EnvelopeNonceConstant, "envelopes", "two envelopes differ in front")]
#[case(Bug::EnvelopeWithoutAad, "envelopes", "open")]
#[case(Bug::RandomConstant, "randomness", "every byte is drawn")]
#[case(Bug::RandomShort, "randomness", "every byte is drawn")]
#[case(Bug::RandomFailureHidden, "failing_randomness", "random")]
#[case(Bug::UnlistedSuite, "unoffered", "seal_key")]
#[case(Bug::NotForThreads, "threads", "server")]
fn every_bug_is_caught_by_the_group_that_looks_for_it(
    #[case] bug: Bug,
    #[case] group: &str,
    #[case] step: &str,
) {
    let report = run(bug, vec![group.to_owned()]);
    let caught = report.group(group).expect("the kit has the group");
    let text = text(std::slice::from_ref(&report));
    assert!(!report.passed() && caught.status() == Status::Failed, "{text}");
    assert!(caught.failures.iter().any(|failure| failure.what == step), "{text}");
}

#[test]
fn the_decorator_itself_breaks_nothing() {
    // The vectors of Wycheproof are many and do not look at what is decorated otherwise.
    let ids = groups().map(|group| group.id().to_owned());
    let report = run(Bug::None, ids.filter(|id| !id.ends_with("wycheproof")).collect());
    assert!(report.passed(), "{}", text(std::slice::from_ref(&report)));
}
