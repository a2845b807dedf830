//! SHA-2 (FIPS 180-4), HMAC (RFC 4231) and HKDF (RFC 5869).

use dtls_crypto_api::HashAlgorithm;

use crate::check::tally::{Case, During, Tally, Verdict, same};
use crate::vectors::{self, Bytes};

/// How a long message is cut up: no multiple of a block or of a word.
const PIECE: usize = 997;

/// The digests of NIST's examples.
pub(in crate::check) fn hash(tally: &mut Tally<'_>, algorithm: HashAlgorithm) -> Verdict {
    let provider = tally.provider();
    if !tally.has_hash(algorithm) {
        tally.not_offered(format_args!("{algorithm:?}"), 1);
        return Ok(());
    }
    for answer in vectors::published().hash {
        let want = of(algorithm, [&answer.sha256, &answer.sha384, &answer.sha512]);
        let message = answer.message.repeat(answer.repeat);
        let case = Case::new(&answer.name).input("message", &message);
        tally.vector(&case, || {
            let mut whole = provider.hash(algorithm).during("hash")?;
            whole.update(&message);
            same("digest", whole.finish(), want)?;
            let mut pieces = provider.hash(algorithm).during("hash")?;
            message.chunks(PIECE).for_each(|piece| pieces.update(piece));
            pieces.update(&[]);
            same("digest of pieces", pieces.finish(), want)
        });
    }
    Ok(())
}

/// The tags of RFC 4231, of which one is truncated there.
pub(in crate::check) fn hmac(tally: &mut Tally<'_>, algorithm: HashAlgorithm) -> Verdict {
    let provider = tally.provider();
    if !tally.has_hash(algorithm) {
        tally.not_offered(format_args!("{algorithm:?}"), 1);
        return Ok(());
    }
    for answer in vectors::published().hmac {
        let want = of(algorithm, [&answer.sha256, &answer.sha384, &answer.sha512]);
        let case =
            Case::new(&answer.name).input("key", &answer.key).input("message", &answer.message);
        tally.vector(&case, || {
            let (head, tail) = answer.message.split_at(answer.message.len() / 3);
            for message in [&[&answer.message[..]][..], &[head, &[], tail]] {
                let tag = provider.hmac(algorithm, &answer.key, message).during("tag")?;
                let shown = tag.as_ref().get(..want.len()).during("length of the tag")?;
                same("tag", shown, want)?;
            }
            Ok(())
        });
    }
    Ok(())
}

/// The cases of RFC 5869 with SHA-256, both steps.
pub(in crate::check) fn hkdf(tally: &mut Tally<'_>) -> Verdict {
    let (provider, algorithm) = (tally.provider(), HashAlgorithm::Sha256);
    for answer in vectors::published().hkdf {
        let case = Case::new(&answer.name)
            .input("input key", &answer.ikm)
            .input("salt", &answer.salt)
            .input("info", &answer.info);
        tally.vector(&case, || {
            let extracted = provider.hkdf_extract(algorithm, &answer.salt, &answer.ikm);
            let prk = extracted.during("extract")?;
            same("extracted", prk.expose(), &answer.prk)?;
            let (head, tail) = answer.info.split_at(answer.info.len() / 3);
            for info in [&[&answer.info[..]][..], &[head, &[], tail]] {
                let mut out = vec![0; answer.okm.len()];
                provider.hkdf_expand(algorithm, &prk, info, &mut out).during("expand")?;
                same("expanded", out, &answer.okm)?;
            }
            Ok(())
        });
    }
    Ok(())
}

/// The one that belongs to the hash, of answers in the order of their length.
fn of(algorithm: HashAlgorithm, [sha256, sha384, sha512]: [&Bytes; 3]) -> &Bytes {
    match algorithm {
        HashAlgorithm::Sha256 => sha256,
        HashAlgorithm::Sha384 => sha384,
        _ => sha512,
    }
}
