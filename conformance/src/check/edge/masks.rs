//! Record-number masks beyond the known answers: both directions agree, and every byte of the
//! sample counts, the first four too, which ChaCha20 takes as its block counter.

use dtls_crypto_api::SAMPLE_LEN;

use super::{Keys, distinct_bytes, suites};
use crate::check::tally::{Case, During, Tally, Verdict, same, wrong};

pub(in crate::check) fn masks(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for (suite, aead) in suites(tally) {
        tally.vector(&Case::new(suite), || {
            let keys = Keys::new(aead);
            let (mut sealer, mut opener) = (keys.sealer(provider)?, keys.opener(provider)?);
            let mut sample: [u8; SAMPLE_LEN] =
                distinct_bytes(SAMPLE_LEN).try_into().during("16")?;
            let whole = sealer.record_number_mask(&sample).during("mask")?;
            for at in 0..SAMPLE_LEN {
                // Three changes, since two masks of 16 bits may be the same by accident.
                let mut unmoved = true;
                for change in [0x01, 0x80, 0xff] {
                    sample[at] ^= change;
                    let sending = sealer.record_number_mask(&sample).during("mask")?;
                    let receiving = opener.record_number_mask(&sample).during("mask")?;
                    same("mask, receiving", receiving, sending)?;
                    unmoved &= sending == whole;
                    sample[at] ^= change;
                }
                if unmoved {
                    let what = format_args!("mask with byte {at} of the sample changed");
                    return Err(wrong(what, "the same", "another"));
                }
            }
            // As often as anybody asks, between records too.
            sealer.seal(1, &[], &mut vec![0; aead.tag_len() + 20]).during("seal")?;
            same("mask again", sealer.record_number_mask(&sample).during("mask")?, whole)
        });
    }
    Ok(())
}
