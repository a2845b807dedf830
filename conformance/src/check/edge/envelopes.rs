//! Envelopes of tickets and cookies: they come back as they went, or not at all.

use dtls_crypto_api::CryptoError;

use super::distinct_bytes;
use crate::check::tally::{Case, During, Tally, Verdict, holds, refused, same};

const AAD: &[u8] = b"ticket";
const REFUSAL: [CryptoError; 1] = [CryptoError::BadEnvelope];

pub(in crate::check) fn envelopes(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    let envelope = provider.envelope(&[0x42; 32]).during("envelope")?;
    for len in [0, 1, 15, 16, 17, 200, 16_384, 65_535] {
        let text = distinct_bytes(len);
        for aad in [&[][..], AAD, &distinct_bytes(300)] {
            let name = format!("{len} bytes, {} bytes of additional data", aad.len());
            tally.vector(&Case::new(name), || {
                let sealed = envelope.seal(aad, &text).during("seal")?;
                same("text", envelope.open(aad, &sealed).during("open")?, &text)?;
                let again = provider.envelope(&[0x42; 32]).during("the same key again")?;
                same("text", again.open(aad, &sealed).during("open")?, &text)?;
                holds("a nonce and a tag besides", sealed.len() >= text.len() + 12 + 16)?;
                let shows = len >= 8 && sealed.windows(8).any(|window| window == &text[..8]);
                holds("the text is hidden", !shows)
            });
        }
    }
    let text = distinct_bytes(60);
    let sealed = envelope.seal(AAD, &text).during("seal")?;
    tally.vector(&Case::new("a nonce of its own"), || {
        let again = envelope.seal(AAD, &text).during("seal")?;
        holds("two envelopes differ in front", sealed[..12] != again[..12])?;
        let alike = sealed.iter().zip(&again).filter(|(a, b)| a == b).count();
        holds("and everywhere else", alike < sealed.len() / 4)
    });
    for (what, key, aad) in [
        ("another key", [0x43; 32], AAD),
        (
            "a key that differs in one bit",
            {
                let mut key = [0x42; 32];
                key[31] ^= 1;
                key
            },
            AAD,
        ),
        ("no additional data", [0x42; 32], &[]),
        ("shorter additional data", [0x42; 32], b"ticke"),
        ("longer additional data", [0x42; 32], b"ticket\0"),
    ] {
        tally.vector(&Case::new(what), || {
            let opened = provider.envelope(&key).during("envelope")?.open(aad, &sealed);
            refused("open", opened, &REFUSAL)
        });
    }
    tally.chain(&Case::new("damaged").input("sealed", &sealed), |tally| {
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            refused(format_args!("byte {at} changed"), envelope.open(AAD, &changed), &REFUSAL)?;
            tally.holds("refused", true)?;
            let cut = envelope.open(AAD, &sealed[..at]);
            refused(format_args!("cut to {at} bytes"), cut, &REFUSAL)?;
            tally.holds("refused", true)?;
        }
        let longer = envelope.open(AAD, &[&sealed[..], &[0]].concat());
        refused("a byte behind", longer, &REFUSAL)?;
        tally.holds("refused", true)?;
        refused("a byte in front", envelope.open(AAD, &[&[0], &sealed[..]].concat()), &REFUSAL)?;
        tally.holds("refused", true)
    });
    Ok(())
}
