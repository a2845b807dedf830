//! RSASSA-PSS with other parameters than those that TLS fixes: the mask from the same hash, and a
//! salt as long as the hash (RFC 8446 4.2.3).

use dtls_crypto_api::{CryptoError, SignatureAlgorithm};

use super::HASHES;
use crate::check::tally::{Case, During, Tally, Verdict, refused};
use crate::vectors::{FOREIGN_MESSAGE, Foreign};

/// Signatures made with a key whose algorithm is rsaEncryption.
pub(in crate::check) fn pss_with_rsa_keys(tally: &mut Tally<'_>) -> Verdict {
    let others = ["_salt_0", "_salt_20", "_salt_max", "_mgf1_sha1"];
    pss(tally, "rsa2048.spki", "rsae", &others)
}

/// Signatures made with a key whose algorithm is RSASSA-PSS.
pub(in crate::check) fn pss_with_pss_keys(tally: &mut Tally<'_>) -> Verdict {
    pss(tally, "pss2048.spki", "pss", &["_salt_20"])
}

fn pss(tally: &mut Tally<'_>, key: &str, family: &str, others: &[&str]) -> Verdict {
    let (provider, foreign) = (tally.provider(), Foreign::load());
    for hash in HASHES {
        let bits = hash.output_len() * 8;
        let algorithm = match family {
            "rsae" => SignatureAlgorithm::RsaPssRsae(hash),
            _ => SignatureAlgorithm::RsaPssPss(hash),
        };
        if !provider.capabilities().can_verify(algorithm) {
            tally.not_offered(format_args!("{algorithm:?}"), 1);
            continue;
        }
        let public = foreign.get(key);
        let verify = |signature: &[u8]| {
            provider.verify_signature(algorithm, &public.into(), FOREIGN_MESSAGE, signature)
        };
        let right = foreign.get(&format!("{family}_sha{bits}.sig")).to_vec();
        tally.vector(&Case::new(format_args!("{algorithm:?}, as it should be")), || {
            verify(&right).during("verify")
        });
        let mut wrong: Vec<_> = others
            .iter()
            .map(|other| {
                let name = format!("{family}_sha{bits}{other}.sig");
                let signature = foreign.get(&name).to_vec();
                (name, signature)
            })
            .collect();
        wrong.extend([
            ("PKCS#1 v1.5".to_owned(), foreign.get(&format!("pkcs1_sha{bits}.sig")).to_vec()),
            ("empty".to_owned(), Vec::new()),
            ("a zero in front".to_owned(), [&[0], &right[..]].concat()),
            ("a zero behind".to_owned(), [&right[..], &[0]].concat()),
            ("one byte short".to_owned(), right[1..].to_vec()),
            ("zeros".to_owned(), vec![0; right.len()]),
            ("one".to_owned(), [vec![0; right.len() - 1], vec![1]].concat()),
            ("larger than the modulus".to_owned(), vec![0xff; right.len()]),
        ]);
        for (what, signature) in wrong {
            let case = Case::new(format_args!("{algorithm:?}, {what}"))
                .input("public key", public)
                .input("message", FOREIGN_MESSAGE)
                .input("signature", &signature);
            tally.vector(&case, || {
                refused("signature", verify(&signature), &[CryptoError::BadSignature])
            });
        }
    }
    Ok(())
}
