//! HMAC, HKDF and the steps of the key schedule beyond the known answers: with every hash, with
//! input in pieces, and up to their limits.

use dtls_crypto_api::{
    CryptoError, CryptoProvider, DTLS13_PREFIX, HashAlgorithm, Label, Secret, TLS13_PREFIX,
};

use super::{distinct_bytes, hashes};
use crate::check::tally::{Case, During, Problem, Tally, Verdict, refused, same};

pub(in crate::check) fn kdf(tally: &mut Tally<'_>) -> Verdict {
    let provider = tally.provider();
    for hash in hashes(tally) {
        tally.vector(&Case::new(format_args!("{hash:?}, input in pieces")), || {
            pieces(provider, hash)
        });
        tally.vector(&Case::new(format_args!("{hash:?}, length of the output")), || {
            lengths(provider, hash)
        });
        for prefix in [DTLS13_PREFIX, TLS13_PREFIX] {
            let name = String::from_utf8_lossy(prefix);
            tally.vector(&Case::new(format_args!("{hash:?}, schedule of {name:?}")), || {
                schedule(provider, hash, *prefix)
            });
        }
        tally.vector(&Case::new(format_args!("{hash:?}, labels too long")), || {
            too_long(provider, hash)
        });
    }
    Ok(())
}

fn secret(len: usize) -> Result<Secret, Problem> {
    Secret::new(&distinct_bytes(len)).during("secret")
}

fn pieces(provider: &dyn CryptoProvider, hash: HashAlgorithm) -> Verdict {
    let bytes = distinct_bytes(200);
    let cuts: [&[&[u8]]; 4] = [
        &[&bytes],
        &[&bytes[..1], &bytes[1..]],
        &[&[], &bytes[..64], &[], &bytes[64..199], &bytes[199..], &[]],
        &[&bytes[..50], &bytes[50..100], &bytes[100..150], &bytes[150..]],
    ];
    let mac = provider.hmac(hash, &bytes[..40], cuts[0]).during("hmac")?;
    let key = secret(hash.output_len())?;
    let mut okm = vec![0; 100];
    provider.hkdf_expand(hash, &key, cuts[0], &mut okm).during("expand")?;
    for cut in cuts {
        same("HMAC", provider.hmac(hash, &bytes[..40], cut).during("hmac")?, mac)?;
        let mut out = vec![0; 100];
        provider.hkdf_expand(hash, &key, cut, &mut out).during("expand")?;
        same("HKDF", out, &okm)?;
    }
    let empty = provider.hmac(hash, &bytes[..40], &[]).during("hmac of nothing")?;
    same("HMAC of nothing", empty, provider.hmac(hash, &bytes[..40], &[&[]]).during("hmac")?)?;
    let zeros = vec![0; hash.output_len()];
    let extract = |salt| provider.hkdf_extract(hash, salt, &bytes).during("extract");
    same("no salt and a salt of zeros", extract(&[])?.expose(), extract(&zeros)?.expose())?;
    // RFC 5869 2.2: extracting is a MAC of the input under the salt.
    let mac = provider.hmac(hash, &bytes[..20], &[&bytes]).during("hmac")?;
    same("extract as HMAC", extract(&bytes[..20])?.expose(), mac)
}

/// Output of every length is the beginning of a longer one, up to 255 hashes.
fn lengths(provider: &dyn CryptoProvider, hash: HashAlgorithm) -> Verdict {
    let (key, most) = (secret(hash.output_len())?, 255 * hash.output_len());
    let mut longest = vec![0; most];
    provider.hkdf_expand(hash, &key, &[b"info"], &mut longest).during("the longest output")?;
    for len in [1, 12, 16, 31, 32, 33, 48, 64, 65, 255, 256, 1000, most - 1] {
        let mut out = vec![0; len];
        provider
            .hkdf_expand(hash, &key, &[b"info"], &mut out)
            .during(format_args!("{len} bytes"))?;
        same(format_args!("{len} bytes"), out, &longest[..len])?;
    }
    let more = provider.hkdf_expand(hash, &key, &[b"info"], &mut vec![0; most + 1]);
    refused("a byte more than 255 hashes", more, &[CryptoError::BadLength("")])
}

/// Both steps of the schedule in terms of plain HKDF (RFC 8446 7.1), as the RFC has it.
fn schedule(provider: &dyn CryptoProvider, hash: HashAlgorithm, prefix: [u8; 6]) -> Verdict {
    let expand = |from: &Secret, label: &[u8], context: &[u8], len: usize| {
        let info = [
            &(len as u16).to_be_bytes()[..],
            &[(prefix.len() + label.len()) as u8],
            &prefix,
            label,
            &[context.len() as u8],
            context,
        ];
        let mut out = vec![0; len];
        provider.hkdf_expand(hash, from, &info, &mut out).during("expand")?;
        Ok::<_, Problem>(out)
    };
    let (from, long) = (secret(hash.output_len())?, distinct_bytes(255));
    let lens = [1, 12, 16, 32, 48, 64, 200];
    for (label, context) in [
        (b"c hs traffic".as_slice(), &long[..hash.output_len()]),
        (b"key", &[]),
        (b"", b"context"),
        (&long[..200], &long[..]),
    ] {
        for len in lens {
            let mut out = vec![0; len];
            let whole = Label { prefix: &prefix, label, context };
            provider.schedule_expand(hash, &from, &whole, &mut out).during("schedule_expand")?;
            same(format_args!("{len} bytes expanded"), out, expand(&from, label, context, len)?)?;
        }
    }

    let zeros = vec![0; hash.output_len()];
    let empty = provider.hash(hash).during("hash")?.finish();
    let derived = expand(&from, b"derived", empty.as_ref(), hash.output_len())?;
    // As long as the secrets of the groups, the hybrids' and a PSK.
    for input in [32, 48, 56, 64, 66, 80] {
        let input = distinct_bytes(input);
        for (previous, salt) in [(None, &zeros), (Some(&from), &derived)] {
            for (input, ikm) in [(None, &zeros), (Some(&input[..]), &input)] {
                let got = provider.schedule_extract(hash, &prefix, previous, input);
                let want = provider.hkdf_extract(hash, salt, ikm).during("hkdf_extract")?;
                same("extracted", got.during("schedule_extract")?.expose(), want.expose())?;
            }
        }
    }
    Ok(())
}

fn too_long(provider: &dyn CryptoProvider, hash: HashAlgorithm) -> Verdict {
    let (from, long, mut out) = (secret(hash.output_len())?, distinct_bytes(256), [0; 32]);
    for (what, label, context) in
        [("a label of 250 bytes", &long[..250], &[][..]), ("a context of 256", b"key", &long[..])]
    {
        let label = Label { prefix: DTLS13_PREFIX, label, context };
        let expanded = provider.schedule_expand(hash, &from, &label, &mut out);
        refused(what, expanded, &[CryptoError::BadLength("")])?;
    }
    Ok(())
}
