//! What a [`Counted`](super::Counted) provider has counted.

use std::fmt;
use std::time::Duration;

macro_rules! operations {
    ($($(#[$doc:meta])* $variant:ident = $name:literal;)*) => {
        /// One kind of work a provider does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum Operation {
            $($(#[$doc])* $variant,)*
        }

        impl Operation {
            /// All of them, in the order in which a table shows them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// What it is called.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

operations! {
    /// The provider tested itself.
    SelfTest = "self test";
    /// Random bytes were drawn.
    Random = "random";
    /// A hash was begun.
    Hash = "hash";
    /// HMAC.
    Hmac = "HMAC";
    /// HKDF-Extract.
    HkdfExtract = "HKDF-Extract";
    /// HKDF-Expand.
    HkdfExpand = "HKDF-Expand";
    /// An extract step of the key schedule.
    ScheduleExtract = "schedule extract";
    /// An expand step of the key schedule.
    ScheduleExpand = "schedule expand";
    /// A key to seal records with was made.
    MakeSealKey = "make seal key";
    /// A key to open records with was made.
    MakeOpenKey = "make open key";
    /// A record was sealed.
    Seal = "seal";
    /// A record was opened, or found forged.
    Open = "open";
    /// The mask of a record number was made.
    RecordNumberMask = "record number mask";
    /// A client's key exchange was begun.
    StartKeyExchange = "start key exchange";
    /// A client's key exchange was completed.
    CompleteKeyExchange = "complete key exchange";
    /// A server's key exchange.
    Encapsulate = "encapsulate";
    /// A private key was loaded.
    LoadPrivateKey = "load private key";
    /// A private key was generated.
    GeneratePrivateKey = "generate private key";
    /// A signature was made.
    Sign = "sign";
    /// A signature was verified, or found wrong.
    Verify = "verify";
    /// An envelope key was made.
    MakeEnvelope = "make envelope";
    /// An envelope was sealed.
    EnvelopeSeal = "envelope seal";
    /// An envelope was opened, or found forged.
    EnvelopeOpen = "envelope open";
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The counters of one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct OperationStatistics {
    /// Which.
    pub operation: Operation,
    /// How often it was done, with or without success.
    pub calls: u64,
    /// How often it failed, for whatever reason: a forged record counts too.
    pub failures: u64,
    /// How often it failed because the provider is at fault, and not what it was given.
    pub faults: u64,
    /// The time it took in all; zero where no time is taken.
    pub time: Duration,
}

impl OperationStatistics {
    /// The time of one call on average.
    pub fn mean(&self) -> Duration {
        let nanoseconds = self.time.as_nanos().checked_div(u128::from(self.calls));
        Duration::from_nanos(nanoseconds.unwrap_or_default().try_into().unwrap_or(u64::MAX))
    }
}

/// The counters of a provider at one moment. Shown as a table of what was called at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statistics {
    operations: Vec<OperationStatistics>,
}

impl Statistics {
    pub(super) fn new(operations: Vec<OperationStatistics>) -> Self {
        Self { operations }
    }

    /// Every operation, those never called included.
    pub fn operations(&self) -> &[OperationStatistics] {
        &self.operations
    }

    /// The counters of one operation.
    pub fn get(&self, operation: Operation) -> OperationStatistics {
        let found = self.operations.iter().find(|counted| counted.operation == operation);
        let nothing = OperationStatistics {
            operation,
            calls: 0,
            failures: 0,
            faults: 0,
            time: Duration::ZERO,
        };
        found.copied().unwrap_or(nothing)
    }

    /// Failures of all operations for which the provider is at fault.
    pub fn faults(&self) -> u64 {
        self.operations.iter().map(|counted| counted.faults).sum()
    }

    /// What was counted since an earlier look at the same provider.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let difference = |now: &OperationStatistics| {
            let then = earlier.get(now.operation);
            OperationStatistics {
                operation: now.operation,
                calls: now.calls.saturating_sub(then.calls),
                failures: now.failures.saturating_sub(then.failures),
                faults: now.faults.saturating_sub(then.faults),
                time: now.time.saturating_sub(then.time),
            }
        };
        Self { operations: self.operations.iter().map(difference).collect() }
    }
}

impl fmt::Display for Statistics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:<21} {:>10} {:>8} {:>7} {:>12} {:>12}",
            "operation", "calls", "failed", "faults", "mean", "total"
        )?;
        for counted in self.operations.iter().filter(|counted| counted.calls > 0) {
            let OperationStatistics { operation, calls, failures, faults, time } = counted;
            // Not through `Duration`'s own padding, which some compilers ignore.
            let (mean, total) = (format!("{:.1?}", counted.mean()), format!("{time:.1?}"));
            write!(
                f,
                "\n{operation:<21} {calls:>10} {failures:>8} {faults:>7} {mean:>12} {total:>12}"
            )?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seals(calls: u64, time: Duration) -> Statistics {
        let operation = Operation::Seal;
        Statistics::new(vec![OperationStatistics {
            operation,
            calls,
            failures: 1,
            faults: 1,
            time,
        }])
    }

    #[test]
    fn a_difference_is_what_came_in_between() {
        let earlier = seals(10, Duration::from_micros(10));
        let later = seals(14, Duration::from_micros(30));
        let between = later.since(&earlier).get(Operation::Seal);
        assert_eq!((between.calls, between.failures), (4, 0));
        assert_eq!(between.mean(), Duration::from_micros(5));
    }

    #[test]
    fn the_table_has_a_line_for_each_operation_that_was_called() {
        let mut statistics = seals(2, Duration::from_micros(3));
        statistics.operations.push(statistics.get(Operation::Open));
        let table = statistics.to_string();
        let lines: Vec<Vec<_>> = table.lines().map(|l| l.split_whitespace().collect()).collect();
        assert_eq!(lines[0], ["operation", "calls", "failed", "faults", "mean", "total"]);
        assert_eq!(lines[1], ["seal", "2", "1", "1", "1.5µs", "3.0µs"]);
        assert_eq!(lines.len(), 2);
    }
}
