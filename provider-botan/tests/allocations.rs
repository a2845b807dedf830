//! What a record costs in heap of ours, counted by a global allocator. Botan's own does not pass
//! through it.

mod common;

use common::provider;
use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, RecordSecrets};
use rstest::rstest;

#[rstest]
fn a_record_is_sealed_opened_and_masked_without_an_allocation(
    #[values(
        AeadAlgorithm::Aes128Gcm,
        AeadAlgorithm::Aes256Gcm,
        AeadAlgorithm::ChaCha20Poly1305,
        AeadAlgorithm::Aes128Ccm,
        AeadAlgorithm::Aes128Ccm8
    )]
    aead: AeadAlgorithm,
) {
    let key = vec![1; aead.key_len()];
    let secrets = RecordSecrets { aead, key: &key, iv: &[2; 12], record_number_key: &key };
    let mut sealer = provider().seal_key(&secrets).unwrap();
    let mut opener = provider().open_key(&secrets).unwrap();
    let mut buf = vec![0; (16 << 10) + aead.tag_len()];
    let mut one_record = |number: u64, len: usize| {
        let record = &mut buf[..len + aead.tag_len()];
        sealer.seal(number, b"header", record).unwrap();
        let mask = sealer.record_number_mask(&[3; 16]).unwrap();
        assert_eq!(opener.record_number_mask(&[3; 16]), Ok(mask));
        assert_eq!(opener.open(number, b"header", record), Ok(len));
    };
    // The longest record makes room for the others.
    one_record(0, 16 << 10);
    let allocated = allocation_counter::measure(|| {
        for (number, len) in (1..).zip([0, 1, 64, 1200, 16 << 10]) {
            one_record(number, len);
        }
    });
    assert_eq!(allocated.count_total, 0);
}
