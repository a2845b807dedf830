//! Record-number masks and the AEAD's nonce, straight through the provider's keys.

use dtls_crypto_api::{AeadAlgorithm, RecordSecrets};

use super::tally::{Case, During, Tally, Verdict, same};
use crate::vectors;

/// The masks of both directions' keys for one AEAD.
pub(super) fn masks(tally: &mut Tally<'_>, aead: AeadAlgorithm) -> Verdict {
    let provider = tally.provider();
    for vector in vectors::load().record_number_masks {
        if !vector.aeads().contains(&aead) {
            continue;
        }
        let case = Case::new(&vector.name)
            .input("record-number key", &vector.key)
            .input("sample", &vector.sample);
        tally.vector(&case, || {
            let sample = vector.sample.array().during("sample")?;
            let key = vec![7; aead.key_len()];
            let secrets =
                RecordSecrets { aead, key: &key, iv: &[9; 12], record_number_key: &vector.key };
            let mut seal = provider.seal_key(&secrets).during("seal key")?;
            let mut open = provider.open_key(&secrets).during("open key")?;
            let mask = seal.record_number_mask(&sample).during("mask")?;
            same("mask, sending", mask, &vector.mask[..2])?;
            let opened = open.record_number_mask(&sample).during("mask")?;
            same("mask, receiving", opened, &vector.mask[..2])?;
            let masked = [mask[0], mask[1] ^ 1];
            same("16-bit number 1", masked, &vector.masked_number_16bit_of_0001)?;
            same("8-bit number 1", [mask[0] ^ 1], &vector.masked_number_8bit_of_01)
        });
    }
    Ok(())
}

/// A record whose nonce is IV XOR number, sealed and opened.
pub(super) fn aead_nonce(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let vector = vectors::load().aead_nonce;
    let case = Case::new(&vector.name)
        .input("key", &vector.key)
        .input("iv", &vector.iv)
        .input("aad", &vector.aad)
        .input("plaintext", &vector.plaintext);
    tally.vector(&case, || {
        let aead = AeadAlgorithm::ChaCha20Poly1305;
        let secrets = RecordSecrets {
            aead,
            key: &vector.key,
            iv: &vector.iv.array().during("iv")?,
            record_number_key: &vec![3; aead.key_len()],
        };
        let mut sealed = [&vector.plaintext[..], &vec![0; aead.tag_len()]].concat();
        let mut key = provider.seal_key(&secrets).during("seal key")?;
        key.seal(vector.number, &vector.aad, &mut sealed).during("seal")?;
        same("sealed", &sealed, &vector.ciphertext)?;
        let mut key = provider.open_key(&secrets).during("open key")?;
        let len = key.open(vector.number, &vector.aad, &mut sealed).during("open")?;
        same("opened", &sealed[..len], &vector.plaintext)
    });
    Ok(())
}
