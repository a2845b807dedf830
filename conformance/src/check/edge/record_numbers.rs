//! Record numbers and the nonces made of them (RFC 8446 5.3, RFC 9147 4).

use dtls_crypto_api::{CryptoError, nonce};

use super::{IV, Keys, distinct_bytes, suites};
use crate::check::tally::{Case, During, Tally, Verdict, refused, same};

const AAD: &[u8] = b"record header";
/// Each differs from all others in one place of the nonce.
const NUMBERS: [u64; 12] = [
    0,
    1,
    2,
    0xff,
    0x100,
    0x0102_0304,
    0xffff_ffff,
    0x1_0000_0000,
    0x0001_0203_0405_0607,
    0x7fff_ffff_ffff_ffff,
    0x8000_0000_0000_0000,
    u64::MAX,
];

pub(in crate::check) fn record_numbers(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let plaintext = distinct_bytes(48);
    for (suite, aead) in suites(tally) {
        let keys = Keys::new(aead);
        tally.chain(&Case::new(format_args!("{suite}, nonces")), |tally| {
            let mut sealer = keys.sealer(provider)?;
            let mut opener = keys.opener(provider)?;
            let mut records = Vec::new();
            for number in NUMBERS {
                let mut sealed = [&plaintext[..], &vec![0; aead.tag_len()]].concat();
                sealer.seal(number, AAD, &mut sealed).during(format_args!("seal {number:#x}"))?;
                // The same nonce made of another IV: number 0 leaves it as it is.
                let as_iv = Keys { iv: nonce(&IV, number), ..keys };
                let want = as_iv.seal(provider, 0, AAD, &plaintext)?;
                tally.same(format_args!("number {number:#x} sealed"), &sealed, want)?;
                records.push((number, sealed));
            }
            // Records arrive in any order, and old ones again: that is not the key's concern.
            for (number, sealed) in records.iter().rev().chain(&records) {
                let mut buf = sealed.clone();
                let what = format_args!("number {number:#x}");
                let len = opener.open(*number, AAD, &mut buf).during(what)?;
                tally.same(what, buf.get(..len).during("length")?, &plaintext)?;
            }
            for (number, sealed) in &records {
                for other in NUMBERS.into_iter().filter(|other| other != number) {
                    let opened = opener.open(other, AAD, &mut sealed.clone());
                    let what = format_args!("number {number:#x} opened as {other:#x}");
                    refused(what, opened, &[CryptoError::BadRecord])?;
                }
            }
            tally.holds("every record has its own number", true)
        });
        tally.vector(&Case::new(format_args!("{suite}, numbers used again")), || {
            let mut sealer = keys.sealer(provider)?;
            let mut seal = |number| {
                sealer.seal(number, AAD, &mut [&plaintext[..], &vec![0; aead.tag_len()]].concat())
            };
            let reused = [CryptoError::RecordNumberReused];
            seal(3).during("seal 3")?;
            refused("3 again", seal(3), &reused)?;
            refused("2 after 3", seal(2), &reused)?;
            refused("0 after 3", seal(0), &reused)?;
            seal(4).during("4 after refusals")?;
            seal(1 << 40).during("a number far ahead")?;
            refused("5 after that", seal(5), &reused)?;
            seal(u64::MAX).during("the last number")?;
            refused("the last number again", seal(u64::MAX), &reused)?;
            refused("0 after the last", seal(0), &reused)
        });
        tally.vector(&Case::new(format_args!("{suite}, the first number is 0 or any")), || {
            same("0", keys.seal(provider, 0, AAD, &[])?, keys.seal(provider, 0, AAD, &[])?)?;
            keys.seal(provider, u64::MAX, AAD, &[]).map(drop)
        });
    }
    Ok(())
}
