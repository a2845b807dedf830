//! What it costs to seal a record.

use std::time::{Duration, Instant};

use dtls13::core::crypto::{AeadAlgorithm, CryptoError, CryptoProvider, IV_LEN, RecordSecrets};

/// Bytes of plaintext in each record: what a datagram on most paths has room for.
pub(super) const RECORD_LEN: usize = 1200;
/// The longest header without a connection ID (RFC 9147 4), which is what is authenticated.
const HEADER_LEN: usize = 5;
/// Records between two looks at the clock, so that looking costs nothing to speak of.
const BATCH: u32 = 16;
/// Batches at least, however slow: the first ones fill caches, and a median needs some.
const LEAST_BATCHES: usize = 9;

/// The median cost of one record in nanoseconds, from batches sealed one after the other for
/// about `time`.
pub(super) fn seal(
    provider: &dyn CryptoProvider,
    aead: AeadAlgorithm,
    time: Duration,
) -> Result<u64, CryptoError> {
    let (mut iv, mut keys) = ([0; IV_LEN], vec![0; 2 * aead.key_len()]);
    provider.random(&mut iv)?;
    provider.random(&mut keys)?;
    let (key, record_number_key) = keys.split_at(aead.key_len());
    let secrets = RecordSecrets { aead, key, iv: &iv, record_number_key };
    let mut key = provider.seal_key(&secrets)?;
    let header = [0x2c; HEADER_LEN];
    let mut record = vec![0; RECORD_LEN + key.tag_len()];
    let mut batches = Vec::new();
    let mut number = 0;
    let start = Instant::now();
    while batches.len() < LEAST_BATCHES || start.elapsed() < time {
        let begun = Instant::now();
        for _ in 0..BATCH {
            key.seal(number, &header, &mut record)?;
            number += 1;
        }
        batches.push(begun.elapsed() / BATCH);
    }
    batches.sort_unstable();
    let median = batches[batches.len() / 2].as_nanos();
    Ok(u64::try_from(median).unwrap_or(u64::MAX))
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;

    #[test]
    fn every_suite_can_be_measured() {
        let provider = dtls13::provider::rustcrypto();
        for suite in &provider.capabilities().cipher_suites {
            let aead = suite.id.aead().unwrap();
            let cost = seal(provider.as_ref(), aead, Duration::from_millis(1)).unwrap();
            // Copying so many bytes alone takes longer.
            assert!(cost >= 5, "{}: {cost} ns", suite.id);
        }
    }
}
