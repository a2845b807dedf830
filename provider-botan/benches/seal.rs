//! Sealing a record of 1200 bytes, per suite: Botan's own calls, with input and output apart as
//! its interface wants them, and ours, in place. The difference is what the trait costs.

use std::time::Duration;

use botan::{Cipher, CipherDirection};
use criterion::{Criterion, criterion_group, criterion_main};
use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, RecordSecrets, nonce};
use dtls_provider_botan::BotanProvider;

const LEN: usize = 1200;

/// As long as a unified header with everything in it.
const AAD: [u8; 13] = [0x2f; 13];

const AEADS: [(AeadAlgorithm, &str); 5] = [
    (AeadAlgorithm::Aes128Gcm, "AES-128/GCM"),
    (AeadAlgorithm::Aes256Gcm, "AES-256/GCM"),
    (AeadAlgorithm::ChaCha20Poly1305, "ChaCha20Poly1305"),
    (AeadAlgorithm::Aes128Ccm, "AES-128/CCM(16,3)"),
    (AeadAlgorithm::Aes128Ccm8, "AES-128/CCM(8,3)"),
];

fn seal(c: &mut Criterion) {
    for (aead, name) in AEADS {
        let mut group = c.benchmark_group(name);
        group.warm_up_time(Duration::from_millis(300)).measurement_time(Duration::from_secs(2));

        let (key, iv) = (vec![0x11; aead.key_len()], [0x22; 12]);
        let mut cipher = Cipher::new(name, CipherDirection::Encrypt).expect("offered");
        cipher.set_key(&key).expect("a key of the right length");
        let (plaintext, mut sealed) = (vec![0x33; LEN], vec![0; LEN + aead.tag_len()]);
        let mut number = 0;
        group.bench_function("botan", |b| {
            b.iter(|| {
                number += 1;
                cipher.set_associated_data(&AAD).expect("sealing");
                cipher.start(&nonce(&iv, number)).expect("sealing");
                cipher.finish_into(&plaintext, &mut sealed).expect("sealing")
            });
        });

        let secrets = RecordSecrets { aead, key: &key, iv: &iv, record_number_key: &key };
        let mut sealer = BotanProvider::new().seal_key(&secrets).expect("offered");
        group.bench_function("ours", |b| {
            b.iter(|| {
                number += 1;
                sealer.seal(number, &AAD, &mut sealed).expect("sealing");
            });
        });
        group.bench_function("mask", |b| {
            b.iter(|| sealer.record_number_mask(&[0x44; 16]).expect("masking"));
        });
        group.finish();
    }
}

criterion_group!(benches, seal);
criterion_main!(benches);
