//! Holding a provider to known answers, and to what is asked of it where none are published.
//!
//! [`check`] runs every group of vectors against a provider and tells in a
//! [`Report`] what became of each vector. Nothing that could not be tried counts
//! as passed, and no failure, not even a panic of the provider, ends the run.
//! [`provider_tests!`](crate::provider_tests) makes one `#[test]` of each group.
//!
//! A new group is a row of the table in `groups.rs` and a function that takes a [`Tally`].

#![allow(clippy::unnecessary_wraps, reason = "every group has one shape; some cannot err")]

#[cfg(feature = "botan")]
mod botan;
mod der;
mod edge;
mod groups;
mod key_schedule;
mod masks;
#[cfg(feature = "openssl")]
mod openssl;
mod psk;
mod published;
mod records;
#[cfg(feature = "rustcrypto")]
mod rustcrypto;
mod spec;
mod tally;
mod trace;
mod wycheproof;

use std::fmt;
use std::sync::Arc;

use dtls_crypto_api::{CryptoError, CryptoProvider, KeyExchange, KxResponse, NamedGroup};

use crate::report::{self, Group, Report, Status};

#[cfg(feature = "botan")]
pub use botan::BotanAccess;
#[cfg(feature = "openssl")]
pub use openssl::OpenSslAccess;
#[cfg(feature = "rustcrypto")]
pub use rustcrypto::RustCryptoAccess;
pub use spec::{Needs, Spec};
pub use tally::{Case, During, Problem, Tally, Verdict, holds, refused, same, wrong};

/// What to run.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Only groups whose id or title contains one of these words, in upper or lower case; all
    /// groups if there is none.
    pub only: Vec<String>,
    /// Also what takes seconds: RSA keys are generated, iterated functions iterated to the end.
    pub slow: bool,
    /// The way into the provider that its author opens to tests, if there is one.
    pub access: Option<Arc<dyn TestAccess>>,
}

impl Options {
    /// Everything, slow or not.
    pub fn thorough() -> Self {
        Self { slow: true, ..Self::default() }
    }
}

/// How long a group takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// Less than a second or so with optimised cryptography.
    Quick,
    /// Longer: runs when [`Options::slow`] says so.
    Slow,
}

/// What an author can open to tests beyond the trait, where private keys and random values are
/// always the provider's own. Without it, the vectors that fix them are skipped, and say so.
/// Each function may go without: what is not written here answers as not offered.
pub trait TestAccess: fmt::Debug + Send + Sync {
    /// The client's side of a key exchange with a private key from outside: 32 bytes for X25519
    /// and 56 for X448 (RFC 7748), the scalar as long as the field and big end first for a NIST
    /// curve, the 64 bytes `d || z` of FIPS 203 for ML-KEM.
    fn key_exchange(
        &self,
        group: NamedGroup,
        private_key: &[u8],
    ) -> Result<Box<dyn KeyExchange>, CryptoError> {
        let _ = (group, private_key);
        Err(CryptoError::Unsupported("a private key from outside"))
    }

    /// The server's side of a key exchange with its randomness from outside: a private key as
    /// above, or the 32 bytes `m` of FIPS 203 for ML-KEM.
    fn encapsulate(
        &self,
        group: NamedGroup,
        peer_share: &[u8],
        randomness: &[u8],
    ) -> Result<KxResponse, CryptoError> {
        let _ = (group, peer_share, randomness);
        Err(CryptoError::Unsupported("randomness from outside"))
    }

    /// The same provider over a source of randomness that fails every time.
    fn without_randomness(&self) -> Option<Arc<dyn CryptoProvider>> {
        None
    }
}

/// Every group there is, in the order in which they run.
pub fn groups() -> impl Iterator<Item = &'static Spec> {
    groups::SPECS.iter().chain(wycheproof::SPECS)
}

/// Those of them that the options want.
pub fn wanted(options: &Options) -> impl Iterator<Item = &'static Spec> {
    groups().filter(|spec| spec.is_wanted(options))
}

/// Runs every group that the options want against a provider.
pub fn check(provider: &dyn CryptoProvider, options: &Options) -> Report {
    check_watched(provider, options, |_| ())
}

/// As [`check`], and calls `begins` with each group before it runs, so that somebody who waits
/// can be told.
pub fn check_watched(
    provider: &dyn CryptoProvider,
    options: &Options,
    mut begins: impl FnMut(&'static Spec),
) -> Report {
    let run = |spec: &'static Spec| {
        begins(spec);
        spec.run(provider, options)
    };
    let groups = wanted(options).map(run).collect();
    let capabilities = provider.capabilities();
    let details = capabilities.details.iter();
    Report {
        provider: capabilities.name.clone(),
        version: capabilities.version.clone(),
        fips: capabilities.fips().to_string(),
        details: details.map(|detail| (detail.name.clone(), detail.value.clone())).collect(),
        groups,
    }
}

/// Runs one group, prints what became of it and returns it: the body of each test that
/// [`provider_tests!`](crate::provider_tests) writes.
///
/// # Panics
/// When a vector of the group fails, or there is no such group.
pub fn test_group(provider: &dyn CryptoProvider, options: &Options, id: &str) -> Group {
    let Some(spec) = groups().find(|spec| spec.id() == id) else {
        panic!("the kit has no group {id}");
    };
    let group = spec.run(provider, options);
    let text = report::group_text(&group);
    assert!(group.status() != Status::Failed, "{}:\n{text}", provider.capabilities().name);
    print!("{text}");
    group
}

/// One `#[test]` per group of the kit for a provider: in a test file of yours,
///
/// ```
/// # mod tests {
/// # use dtls_provider_rustcrypto::RustCryptoProvider as MyProvider;
/// dtls_conformance::provider_tests!(MyProvider::new());
/// # }
/// ```
///
/// The expression is evaluated once in each test and must be of a type that implements
/// [`CryptoProvider`]; for an `Arc<dyn CryptoProvider>` write `*my_provider()`. A second one of
/// type [`Options`] may follow it. A test passes when no vector of its group fails; that an
/// algorithm is not offered is printed (`cargo test -- --nocapture`) and stands in the report.
#[macro_export]
macro_rules! provider_tests {
    ($provider:expr $(,)?) => {
        $crate::provider_tests!($provider, $crate::Options::default());
    };
    ($provider:expr, $options:expr $(,)?) => {
        $crate::group_tests!($provider, $options);
        $crate::wycheproof_tests!($provider, $options);
    };
}
