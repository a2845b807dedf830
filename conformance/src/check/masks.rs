//! Record-number masks and the AEAD's nonce, straight through the provider's keys.

use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, RecordSecrets, nonce};

use super::{During, Mismatch, Report};
use crate::vectors;

/// The masks of both directions' keys, for every AEAD that uses the cipher.
///
/// # Errors
/// The first value that differs.
pub fn check_masks(provider: &dyn CryptoProvider) -> Result<Report, Mismatch> {
    let mut report = Report::default();
    for vector in vectors::load().record_number_masks {
        let name = &vector.name;
        let sample = vector.sample.array().during(name)?;
        for &aead in vector.aeads() {
            if !report.offered(provider, aead, name) {
                continue;
            }
            let key = vec![7; aead.key_len()];
            let secrets =
                RecordSecrets { aead, key: &key, iv: &[9; 12], record_number_key: &vector.key };
            let mut seal = provider.seal_key(&secrets).during(name)?;
            let mut open = provider.open_key(&secrets).during(name)?;
            let mask = seal.record_number_mask(&sample).during(name)?;
            report.same(format_args!("{name}, {aead:?}, sending"), mask, &vector.mask[..2])?;
            let opened = open.record_number_mask(&sample).during(name)?;
            report.same(format_args!("{name}, {aead:?}, receiving"), opened, &vector.mask[..2])?;
            let masked = [mask[0], mask[1] ^ 1];
            report.same(name, masked, &vector.masked_number_16bit_of_0001)?;
            report.same(name, [mask[0] ^ 1], &vector.masked_number_8bit_of_01)?;
        }
        report.same(name, &vector.mask[..5], &vector.mask_5)?;
        // ChaCha20 reads the sample as a counter, little end first, and a nonce.
        if let (Some(counter_bytes), Some(counter), Some(nonce), Some(block)) =
            (&vector.counter_bytes, vector.counter, &vector.nonce, &vector.key_stream_block)
        {
            report.same(name, counter.to_le_bytes(), counter_bytes)?;
            report.same(name, [&counter_bytes[..], nonce].concat(), &vector.sample)?;
            report.same(name, &block[..16], &vector.mask)?;
        }
    }
    Ok(report)
}

/// A record whose nonce is IV XOR number, sealed and opened.
///
/// # Errors
/// The first value that differs.
pub fn check_aead_nonce(provider: &dyn CryptoProvider) -> Result<Report, Mismatch> {
    let mut report = Report::default();
    let vector = vectors::load().aead_nonce;
    let name = &vector.name;
    let iv = vector.iv.array().during(name)?;
    report.same(name, nonce(&iv, vector.number), &vector.nonce)?;
    let aead = AeadAlgorithm::ChaCha20Poly1305;
    if report.offered(provider, aead, name) {
        let secrets = RecordSecrets {
            aead,
            key: &vector.key,
            iv: &iv,
            record_number_key: &vec![3; aead.key_len()],
        };
        let mut sealed = [&vector.plaintext[..], &vec![0; aead.tag_len()]].concat();
        let mut key = provider.seal_key(&secrets).during(name)?;
        key.seal(vector.number, &vector.aad, &mut sealed).during(name)?;
        report.same(name, &sealed, &vector.ciphertext)?;
        let mut key = provider.open_key(&secrets).during(name)?;
        let len = key.open(vector.number, &vector.aad, &mut sealed).during(name)?;
        report.same(name, &sealed[..len], &vector.plaintext)?;
    }
    Ok(report)
}
