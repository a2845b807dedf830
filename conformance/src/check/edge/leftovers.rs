//! A record that does not open leaves no plaintext behind, whatever is wrong with it.

use dtls_crypto_api::CryptoError;

use super::{Keys, distinct_bytes, suites};
use crate::check::tally::{Case, Tally, Verdict, holds, refused};

const AAD: &[u8] = b"record header";
/// So many bytes of plaintext in a row are no accident.
const TELLING: usize = 4;

pub(in crate::check) fn leftovers(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for (suite, aead) in suites(tally) {
        for len in [16, 60, 1200] {
            let plaintext = distinct_bytes(len);
            let keys = Keys::new(aead);
            let sealed = keys.seal(provider, 7, AAD, &plaintext)?;
            let last = sealed.len() - 1;
            for (what, number, aad, changed) in [
                ("the last byte of the tag", 7, AAD, Some(last)),
                ("the first byte of the tag", 7, AAD, Some(len)),
                ("the last byte of the text", 7, AAD, Some(len - 1)),
                ("the first byte of the text", 7, AAD, Some(0)),
                ("the additional data", 7, b"another header".as_slice(), None),
                ("the record number", 8, AAD, None),
            ] {
                let case = Case::new(format_args!("{suite}, {len} bytes"))
                    .comment(what)
                    .input("sealed", &sealed);
                tally.vector(&case, || {
                    let mut buf = sealed.clone();
                    if let Some(at) = changed {
                        buf[at] ^= 0x40;
                    }
                    let opened = keys.opener(provider)?.open(number, aad, &mut buf);
                    refused("opened", opened, &[CryptoError::BadRecord])?;
                    let mut windows = plaintext.windows(TELLING).zip(buf.windows(TELLING));
                    let left = windows.any(|(text, found)| text == found);
                    holds("no plaintext is left behind", !left)
                });
            }
        }
    }
    Ok(())
}
