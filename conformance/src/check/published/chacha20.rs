//! ChaCha20-Poly1305 (RFC 8439): the AEAD, and the key stream that masks record numbers.

use dtls_crypto_api::{AeadAlgorithm, RecordSecrets};

use crate::check::tally::{Case, During, Tally, Verdict, same};
use crate::vectors;

const AEAD: AeadAlgorithm = AeadAlgorithm::ChaCha20Poly1305;

/// Sections 2.8.2 and A.5.
pub(in crate::check) fn aead(tally: &mut Tally<'_>) -> Verdict {
    super::records(tally, AEAD, &vectors::published().chacha20_poly1305);
    Ok(())
}

/// Blocks of sections 2.3.2, 2.4.2 and A.1: a sample is a counter and a nonce, and the mask is
/// the beginning of that block (RFC 9147 4.2.3). Those here have counters that make sense, where
/// samples of real records have any.
pub(in crate::check) fn keystream(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for answer in vectors::published().chacha20_keystream {
        let case = Case::new(&answer.name)
            .input("record-number key", &answer.key)
            .input("sample", &answer.sample);
        tally.vector(&case, || {
            let sample = answer.sample.array().during("sample")?;
            let secrets = RecordSecrets {
                aead: AEAD,
                key: &[7; 32],
                iv: &[9; 12],
                record_number_key: &answer.key,
            };
            let mut seal = provider.seal_key(&secrets).during("key to seal")?;
            let mut open = provider.open_key(&secrets).during("key to open")?;
            let want = &answer.keystream[..2];
            same("mask, sending", seal.record_number_mask(&sample).during("mask")?, want)?;
            same("mask, receiving", open.record_number_mask(&sample).during("mask")?, want)
        });
    }
    Ok(())
}
