//! The table of groups: what each is called, what it needs of a provider, and what it runs.

use std::time::Instant;

use dtls_crypto_api::{
    AeadAlgorithm, Capabilities, CryptoProvider, KeyKind, NamedGroup, Offered, SignatureAlgorithm,
};

use super::tally::{Case, Tally, Verdict, caught, wrong};
use super::{Options, Pace};
use crate::report::Group;

/// What a provider has to offer so that a group can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Nothing beyond what every provider has: hashes, HKDF, randomness.
    Nothing,
    /// A cipher suite with this AEAD.
    Aead(AeadAlgorithm),
    /// This group, as a whole or as the half of a hybrid.
    Group(NamedGroup),
    /// Verification of these signatures.
    Verify(SignatureAlgorithm),
    /// Making these signatures.
    Sign(SignatureAlgorithm),
    /// Keys of this kind.
    Generate(KeyKind),
}

impl Needs {
    /// The offer that meets it, if there is one.
    fn of(self, capabilities: &Capabilities) -> Option<Offered<()>> {
        fn find<T>(list: &[Offered<T>], is: impl Fn(&T) -> bool) -> Option<Offered<()>> {
            let Offered { fips, borrowed_from, .. } = list.iter().find(|o| is(&o.id))?;
            Some(Offered { id: (), fips: *fips, borrowed_from: *borrowed_from })
        }
        match self {
            Self::Nothing => Some(Offered::new(())),
            Self::Aead(aead) => find(&capabilities.cipher_suites, |s| s.aead() == Some(aead)),
            Self::Group(group) => find(&capabilities.groups, |g| *g == group)
                .or_else(|| find(&capabilities.kem_halves, |g| *g == group)),
            Self::Verify(algorithm) => find(&capabilities.verify, |a| *a == algorithm),
            Self::Sign(algorithm) => find(&capabilities.sign, |a| *a == algorithm),
            Self::Generate(kind) => find(&capabilities.generate, |k| *k == kind),
        }
    }
}

/// One row of the table.
#[derive(Clone, Copy)]
pub struct Spec {
    pub(super) id: &'static str,
    pub(super) algorithm: &'static str,
    pub(super) source: &'static str,
    pub(super) needs: Needs,
    pub(super) pace: Pace,
    pub(super) run: fn(&mut Tally<'_>) -> Verdict,
}

impl Spec {
    /// The group's id, which is also the name of its test.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// `AES-128-GCM / Wycheproof`.
    pub fn title(&self) -> String {
        format!("{} / {}", self.algorithm, self.source)
    }

    /// Whether the filter of the options lets it run.
    pub(super) fn is_wanted(&self, options: &Options) -> bool {
        let names = [self.id.to_lowercase(), self.title().to_lowercase()];
        let asked = |word: &String| names.iter().any(|name| name.contains(&word.to_lowercase()));
        options.only.is_empty() || options.only.iter().any(asked)
    }

    /// Runs it against a provider.
    pub(super) fn run(&self, provider: &dyn CryptoProvider, options: &Options) -> Group {
        let begun = Instant::now();
        let mut group = Group {
            id: self.id.to_owned(),
            algorithm: self.algorithm.to_owned(),
            source: self.source.to_owned(),
            ..Group::default()
        };
        let offered = self.needs.of(provider.capabilities());
        group.borrowed_from = offered.and_then(|offer| offer.borrowed_from).map(str::to_owned);
        let mut tally = Tally::new(provider, options, group);
        let case = Case::new(self.title());
        if offered.is_none() {
            tally.not_offered(self.algorithm, 1);
        } else if self.pace == Pace::Slow && !options.slow {
            tally.skip("slow, and slow groups were not asked for", 1);
        } else {
            let verdict = caught(|| (self.run)(&mut tally));
            tally.settle(&case, verdict);
        }
        let mut group = tally.finish();
        let totals = group.totals();
        if totals == crate::report::Totals::default() {
            let mut tally = Tally::new(provider, options, group);
            tally.settle(&case, Err(wrong("vectors", "none", "at least one")));
            group = tally.finish();
        }
        group.milliseconds = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        group
    }
}

/// Writes a table of groups: the constant `SPECS`, and a macro with one `#[test]` for each row,
/// which [`provider_tests!`](crate::provider_tests) calls. The `$` in front stands for itself.
macro_rules! group_table {
    ($d:tt $tests:ident
        $($id:ident: $algorithm:expr, $source:expr, $needs:expr, $pace:ident => $run:expr;)*
    ) => {
        /// The groups of this part of the kit.
        pub(in $crate::check) const SPECS: &[$crate::check::Spec] = &[$($crate::check::spec::Spec {
            id: stringify!($id),
            algorithm: $algorithm,
            source: $source,
            needs: $needs,
            pace: $crate::check::Pace::$pace,
            run: $run,
        }),*];

        #[doc(hidden)]
        #[macro_export]
        macro_rules! $tests {
            ($d provider:expr, $d options:expr) => {
                $(
                    #[test]
                    fn $id() {
                        $crate::check::test_group(
                            &$d provider,
                            &$d options,
                            stringify!($id),
                        );
                    }
                )*
            };
        }
    };
}
pub(super) use group_table;
