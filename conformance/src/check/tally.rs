//! What a group of vectors works with: the provider, the options, and the count of what became
//! of each vector.

use std::any::Any;
use std::fmt;
use std::mem::discriminant;
use std::panic::{AssertUnwindSafe, catch_unwind};

use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, CryptoProvider, HashAlgorithm, KeyExchange, KxResponse, NamedGroup,
    SignatureAlgorithm,
};

use super::Options;
use crate::report::{Failure, Group, Input, MAX_FAILURES_KEPT, Untried, hex};

/// What one vector comes to.
pub type Verdict = Result<(), Problem>;

/// Why a vector did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// The provider's answer is wrong.
    Wrong {
        /// The step.
        what: String,
        /// What came out.
        got: String,
        /// What should have.
        want: String,
    },
    /// The vector cannot be tried, for this reason.
    Skipped(String),
    /// The provider does not offer this, which the vector needs.
    NotOffered(String),
}

/// The wrong answer of a step.
pub fn wrong(what: impl fmt::Display, got: impl fmt::Display, want: impl fmt::Display) -> Problem {
    Problem::Wrong { what: what.to_string(), got: got.to_string(), want: want.to_string() }
}

/// Compares bytes.
pub fn same(what: impl fmt::Display, got: impl AsRef<[u8]>, want: impl AsRef<[u8]>) -> Verdict {
    let (got, want) = (got.as_ref(), want.as_ref());
    if got == want { Ok(()) } else { Err(wrong(what, hex(got), hex(want))) }
}

/// States something that has to hold.
pub fn holds(what: impl fmt::Display, holds: bool) -> Verdict {
    if holds { Ok(()) } else { Err(wrong(what, "does not hold", "holds")) }
}

/// Wants a refusal with one of these errors; what they carry is not compared.
#[allow(clippy::needless_pass_by_value, reason = "the result of a call is handed on as it comes")]
pub fn refused<T>(
    what: impl fmt::Display,
    result: Result<T, CryptoError>,
    errors: &[CryptoError],
) -> Verdict {
    let got = match result {
        Ok(_) => "accepted".to_owned(),
        Err(error) if errors.iter().any(|e| discriminant(e) == discriminant(&error)) => {
            return Ok(());
        }
        Err(error) => format!("error: {error:?}"),
    };
    let wanted: Vec<String> = errors.iter().map(|error| format!("{error:?}")).collect();
    Err(wrong(what, got, format!("error: {}", wanted.join(" or "))))
}

/// Names the step that has to succeed.
pub trait During<T> {
    /// The value, or the step as a wrong answer.
    fn during(self, what: impl fmt::Display) -> Result<T, Problem>;
}

impl<T, E: fmt::Debug> During<T> for Result<T, E> {
    fn during(self, what: impl fmt::Display) -> Result<T, Problem> {
        self.map_err(|error| wrong(what, format_args!("error: {error:?}"), "success"))
    }
}

impl<T> During<T> for Option<T> {
    fn during(self, what: impl fmt::Display) -> Result<T, Problem> {
        self.ok_or_else(|| wrong(what, "nothing", "a value"))
    }
}

/// A vector: its name, what its author says about it, and what goes in.
#[derive(Clone, Debug, Default)]
pub struct Case<'a> {
    name: String,
    comment: &'a str,
    inputs: Vec<(&'static str, &'a [u8])>,
}

impl<'a> Case<'a> {
    /// A vector of this name or number.
    pub fn new(name: impl fmt::Display) -> Self {
        Self { name: name.to_string(), comment: "", inputs: Vec::new() }
    }

    /// With its author's comment.
    #[must_use]
    pub fn comment(mut self, comment: &'a str) -> Self {
        self.comment = comment;
        self
    }

    /// With this input.
    #[must_use]
    pub fn input(mut self, name: &'static str, bytes: &'a [u8]) -> Self {
        self.inputs.push((name, bytes));
        self
    }
}

/// Runs the vectors of one group and counts them.
pub struct Tally<'a> {
    provider: &'a dyn CryptoProvider,
    options: &'a Options,
    group: Group,
}

impl<'a> Tally<'a> {
    pub(super) fn new(
        provider: &'a dyn CryptoProvider,
        options: &'a Options,
        group: Group,
    ) -> Self {
        Self { provider, options, group }
    }

    pub(super) fn finish(self) -> Group {
        self.group
    }

    /// The provider under test.
    pub fn provider(&self) -> &'a dyn CryptoProvider {
        self.provider
    }

    /// What the kit was asked for.
    pub fn options(&self) -> &'a Options {
        self.options
    }

    /// Tries one vector and counts it once. A panic of the provider is a wrong answer.
    pub fn vector(&mut self, case: &Case<'_>, test: impl FnOnce() -> Verdict) {
        let verdict = caught(test);
        if verdict.is_ok() {
            self.group.passed += 1;
        }
        self.settle(case, verdict);
    }

    /// Tries a vector of several values, each compared and counted by [`Self::same`] and
    /// [`Self::holds`]. The first one that differs ends it, since the rest follows from it.
    pub fn chain(&mut self, case: &Case<'_>, test: impl FnOnce(&mut Self) -> Verdict) {
        let verdict = caught(|| test(self));
        self.settle(case, verdict);
    }

    /// One value of a chain.
    pub fn same(
        &mut self,
        what: impl fmt::Display,
        got: impl AsRef<[u8]>,
        want: impl AsRef<[u8]>,
    ) -> Verdict {
        same(what, got, want)?;
        self.group.passed += 1;
        Ok(())
    }

    /// One property of a chain.
    pub fn holds(&mut self, what: impl fmt::Display, true_: bool) -> Verdict {
        holds(what, true_)?;
        self.group.passed += 1;
        Ok(())
    }

    /// Counts vectors that are not tried, for this reason.
    pub fn skip(&mut self, reason: impl fmt::Display, vectors: usize) {
        add_untried(&mut self.group.skipped, reason.to_string(), vectors);
    }

    /// Counts vectors that need something the provider does not offer.
    pub fn not_offered(&mut self, what: impl fmt::Display, vectors: usize) {
        add_untried(&mut self.group.not_offered, what.to_string(), vectors);
    }

    /// Whether the provider has a suite with this AEAD.
    pub fn has_aead(&self, aead: AeadAlgorithm) -> bool {
        let suites = &self.provider.capabilities().cipher_suites;
        suites.iter().any(|suite| suite.id.aead() == Some(aead))
    }

    /// Whether the provider has this hash. Hashes are in no list: they come with suites and
    /// signatures, and one that a suite or signature needs has to be there.
    pub fn has_hash(&self, hash: HashAlgorithm) -> bool {
        use SignatureAlgorithm as S;
        let capabilities = self.provider.capabilities();
        let signatures = capabilities.verify.iter().chain(&capabilities.sign);
        let needed = capabilities.cipher_suites.iter().any(|suite| suite.id.hash() == Some(hash))
            || signatures.map(|offered| offered.id).any(|algorithm| match algorithm {
                S::Ecdsa(_, of) | S::RsaPkcs1(of) | S::RsaPssRsae(of) | S::RsaPssPss(of) => {
                    of == hash
                }
                _ => false,
            });
        needed || !matches!(self.provider.hash(hash), Err(CryptoError::Unsupported(_)))
    }

    /// The client's side of a key exchange with a known private key; the vector is skipped when
    /// nobody gave the kit a way to do that ([`Options::access`]).
    pub fn with_private_key(
        &self,
        group: NamedGroup,
        private_key: &[u8],
    ) -> Result<Box<dyn KeyExchange>, Problem> {
        let skipped = || Problem::Skipped("the provider takes no private keys from outside".into());
        let access = self.options.access.as_ref().ok_or_else(skipped)?;
        match access.key_exchange(group, private_key) {
            Err(CryptoError::Unsupported(_)) => Err(skipped()),
            other => other.during("private key"),
        }
    }

    /// The server's side of a key exchange with known randomness: the provider's answer, or why
    /// it cannot be asked.
    pub fn with_randomness(
        &self,
        group: NamedGroup,
        peer_share: &[u8],
        randomness: &[u8],
    ) -> Result<Result<KxResponse, CryptoError>, Problem> {
        let skipped = || Problem::Skipped("the provider takes no randomness from outside".into());
        let access = self.options.access.as_ref().ok_or_else(skipped)?;
        match access.encapsulate(group, peer_share, randomness) {
            Err(CryptoError::Unsupported(_)) => Err(skipped()),
            answer => Ok(answer),
        }
    }

    pub(super) fn settle(&mut self, case: &Case<'_>, verdict: Verdict) {
        match verdict {
            Ok(()) => {}
            Err(Problem::Skipped(reason)) => self.skip(reason, 1),
            Err(Problem::NotOffered(what)) => self.not_offered(what, 1),
            Err(Problem::Wrong { what, got, want }) => self.fail(case, what, got, want),
        }
    }

    fn fail(&mut self, case: &Case<'_>, what: String, got: String, want: String) {
        self.group.failed += 1;
        if self.group.failures.len() >= MAX_FAILURES_KEPT {
            return;
        }
        let inputs = case.inputs.iter();
        self.group.failures.push(Failure {
            vector: case.name.clone(),
            comment: case.comment.to_owned(),
            inputs: inputs
                .map(|(name, bytes)| Input { name: (*name).to_owned(), hex: hex(bytes) })
                .collect(),
            what,
            got,
            want,
        });
    }
}

/// Runs a test; a panic is a wrong answer and ends nothing else.
pub(super) fn caught(test: impl FnOnce() -> Verdict) -> Verdict {
    catch_unwind(AssertUnwindSafe(test)).unwrap_or_else(|panic| {
        Err(wrong("no panic", format_args!("panic: {}", message(panic.as_ref())), "an answer"))
    })
}

fn message(panic: &(dyn Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

fn add_untried(list: &mut Vec<Untried>, reason: String, vectors: usize) {
    match list.iter_mut().find(|untried| untried.reason == reason) {
        Some(untried) => untried.vectors += vectors,
        None => list.push(Untried { reason, vectors }),
    }
}
