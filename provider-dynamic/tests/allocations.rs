//! A record that crosses the border costs no allocation, on neither side of it.

mod common;

use common::{linked, rustcrypto};
use dtls_crypto_api::{CipherSuite, CryptoProvider, RecordSecrets};

#[test]
fn sealing_opening_and_masking_allocate_nothing() {
    let provider = linked(rustcrypto);
    let suites = &provider.capabilities().cipher_suites;
    assert_eq!(suites.len(), 5);
    for aead in suites.iter().filter_map(|offered| CipherSuite::aead(offered.id)) {
        let key = vec![1; aead.key_len()];
        let secrets = RecordSecrets { aead, key: &key, iv: &[2; 12], record_number_key: &key };
        let mut seal = provider.seal_key(&secrets).unwrap();
        let mut open = provider.open_key(&secrets).unwrap();
        let mut record = vec![0; 1200 + aead.tag_len()];
        let counted = allocation_counter::measure(|| {
            for number in 0..10 {
                seal.seal(number, b"header", &mut record).unwrap();
                seal.record_number_mask(&[7; 16]).unwrap();
                open.record_number_mask(&[7; 16]).unwrap();
                assert_eq!(open.open(number, b"header", &mut record), Ok(1200));
                // A forgery costs none either.
                open.open(number, b"header", &mut record).unwrap_err();
                seal.seal(number, b"header", &mut record).unwrap_err();
            }
        });
        assert_eq!(counted.count_total, 0, "{aead:?}");
    }
}
