//! Records whose tag was cut, lengthened or changed.

use dtls_crypto_api::CryptoError;

use super::{Keys, distinct_bytes, suites};
use crate::check::tally::{Case, During, Tally, Verdict, holds, refused, same};

const AAD: &[u8] = b"record header";

/// Every record that is not exactly as it was sealed is refused, one shorter than a tag too, and
/// the key opens the right one afterwards.
pub(in crate::check) fn tags(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for (suite, aead) in suites(tally) {
        let plaintext = distinct_bytes(40);
        let case = Case::new(suite).input("aad", AAD).input("plaintext", &plaintext);
        tally.chain(&case, |tally| {
            let keys = Keys::new(aead);
            let sealed = keys.seal(provider, 5, AAD, &plaintext)?;
            let mut opener = keys.opener(provider)?;
            let tag_len = aead.tag_len();
            holds("length of the tag, sending", keys.sealer(provider)?.tag_len() == tag_len)?;
            holds("length of the tag, receiving", opener.tag_len() == tag_len)?;
            tally.holds("the plaintext is hidden", sealed[..40] != plaintext)?;

            let mut check = |what: String, mut record: Vec<u8>| {
                let opened = opener.open(5, AAD, &mut record);
                refused(what, opened, &[CryptoError::BadRecord])?;
                let mut right = sealed.clone();
                let len = opener.open(5, AAD, &mut right).during("the right record afterwards")?;
                same("plaintext", right.get(..len).unwrap_or(&[]), &plaintext)
            };
            let mut wrong = Vec::new();
            for len in 0..sealed.len() {
                wrong.push((format!("cut to {len} bytes"), sealed[..len].to_vec()));
            }
            for more in [1, 8, 16] {
                let longer = [&sealed[..], &vec![0; more]].concat();
                wrong.push((format!("{more} bytes longer"), longer));
            }
            for bit in 0..sealed.len() * 8 {
                let mut changed = sealed.clone();
                changed[bit / 8] ^= 1 << (bit % 8);
                wrong.push((format!("bit {bit} changed"), changed));
            }
            let (text, tag) = sealed.split_at(plaintext.len());
            wrong.push(("the tag in front".to_owned(), [tag, text].concat()));
            wrong.push(("a tag of zeros".to_owned(), [text, &vec![0; tag_len]].concat()));
            for (what, record) in wrong {
                check(what.clone(), record)?;
                tally.holds(what, true)?;
            }
            Ok(())
        });
    }
    Ok(())
}
