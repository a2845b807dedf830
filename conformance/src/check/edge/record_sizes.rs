//! Records of every size a record can have, and additional data of every length.

use dtls_crypto_api::CryptoError;

use super::{Keys, distinct_bytes, suites};
use crate::check::tally::{Case, During, Tally, Verdict, refused, same, wrong};

/// Around the blocks of the ciphers, what a datagram carries, and the largest inner plaintext
/// with all its room for padding (RFC 8446 5.2).
const PLAINTEXTS: [usize; 18] =
    [0, 1, 15, 16, 17, 31, 32, 33, 63, 64, 65, 255, 256, 257, 1200, 16384, 16385, 16384 + 256];
/// Longer than any header with a connection ID of 255 bytes.
const LONGEST_AAD: usize = 300;

pub(in crate::check) fn record_sizes(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let aad = distinct_bytes(LONGEST_AAD);
    for (suite, aead) in suites(tally) {
        let keys = Keys::new(aead);
        for len in PLAINTEXTS {
            let plaintext = distinct_bytes(len);
            tally.vector(&Case::new(format_args!("{suite}, {len} bytes")), || {
                let mut sealed = keys.seal(provider, 1, &aad[..13], &plaintext)?;
                let opened = keys.opener(provider)?.open(1, &aad[..13], &mut sealed);
                same("plaintext", &sealed[..opened.during("open")?], &plaintext)
            });
        }
        let plaintext = distinct_bytes(33);
        let mut seen = Vec::new();
        for len in 0..=LONGEST_AAD {
            tally.vector(&Case::new(format_args!("{suite}, {len} bytes of header")), || {
                let sealed = keys.seal(provider, 1, &aad[..len], &plaintext)?;
                let mut opener = keys.opener(provider)?;
                let mut buf = sealed.clone();
                let opened = opener.open(1, &aad[..len], &mut buf).during("open")?;
                same("plaintext", &buf[..opened], &plaintext)?;
                let longer = [&aad[..len], &[0]].concat();
                let longer = opener.open(1, &longer, &mut sealed.clone());
                refused("a zero more in the header", longer, &[CryptoError::BadRecord])?;
                if let Some((last, shorter)) = aad[..len].split_last() {
                    let changed = [shorter, &[last ^ 1]].concat();
                    let changed = opener.open(1, &changed, &mut sealed.clone());
                    let what = "the header's last byte changed";
                    refused(what, changed, &[CryptoError::BadRecord])?;
                }
                let tag = sealed[plaintext.len()..].to_vec();
                if seen.contains(&tag) {
                    return Err(wrong("tag", "that of another header", "one of its own"));
                }
                seen.push(tag);
                Ok(())
            });
        }
        tally.chain(&Case::new(format_args!("{suite}, every byte of a header")), |tally| {
            let sealed = keys.seal(provider, 1, &aad, &plaintext)?;
            let mut opener = keys.opener(provider)?;
            for at in 0..LONGEST_AAD {
                let mut changed = aad.clone();
                changed[at] ^= 0x80;
                let opened = opener.open(1, &changed, &mut sealed.clone());
                let refusal = opened == Err(CryptoError::BadRecord);
                tally.holds(format_args!("refused with byte {at} changed"), refusal)?;
            }
            Ok(())
        });
        tally.vector(&Case::new(format_args!("{suite}, no room for the tag")), || {
            let mut sealer = keys.sealer(provider)?;
            for room in 0..aead.tag_len() {
                let sealed = sealer.seal(1, &[], &mut vec![0; room]);
                let what = format_args!("seal in a buffer of {room} bytes");
                refused(what, sealed, &[CryptoError::BadLength("")])?;
            }
            Ok(())
        });
        tally.vector(&Case::new(format_args!("{suite}, keys of other lengths")), || {
            let right = keys.secrets();
            for len in [0, 15, 17, 24, 31, 33].into_iter().filter(|len| *len != aead.key_len()) {
                for secrets in [
                    dtls_crypto_api::RecordSecrets { key: &[1; 33][..len], ..right },
                    dtls_crypto_api::RecordSecrets { record_number_key: &[1; 33][..len], ..right },
                ] {
                    let what = format_args!("a key of {len} bytes");
                    let errors = [CryptoError::BadLength("")];
                    refused(what, provider.seal_key(&secrets).map(drop), &errors)?;
                    refused(what, provider.open_key(&secrets).map(drop), &errors)?;
                }
            }
            Ok(())
        });
    }
    Ok(())
}
