//! What came of each provider, as one table.

use std::fmt;
use std::time::Duration;

use super::floors::{self, Floor};
use super::matrix::Handshakes;
use super::suite::Vectors;
use crate::interop;
use crate::provider::Provider;

/// A provider's results; `None` where something could not be run.
#[derive(Debug)]
pub(super) struct Row {
    pub(super) provider: Provider,
    pub(super) vectors: Option<Vectors>,
    pub(super) handshakes: Option<Handshakes>,
    pub(super) wolfssl: Option<interop::Totals>,
    pub(super) demo: Option<Duration>,
    problems: Vec<String>,
}

impl Row {
    pub(super) const fn new(provider: Provider) -> Self {
        Self {
            provider,
            vectors: None,
            handshakes: None,
            wolfssl: None,
            demo: None,
            problems: Vec::new(),
        }
    }

    /// The result; where there is none, the reason is kept.
    pub(super) fn note<T>(&mut self, result: anyhow::Result<T>) -> Option<T> {
        result.inspect_err(|error| self.problem(error)).ok()
    }

    pub(super) fn problem(&mut self, error: &anyhow::Error) {
        self.problems.push(format!("{error:#}"));
    }

    pub(super) fn failed(&self) -> bool {
        !self.problems.is_empty()
    }

    /// Holds the counts against what each has to be. `complete` is false when not every provider
    /// took part, so that there were fewer handshakes.
    pub(super) fn judge(&mut self, complete: bool) {
        self.judge_by(floors::of(self.provider), complete);
    }

    fn judge_by(&mut self, floor: Floor, complete: bool) {
        let mut counts = Vec::new();
        if let Some(vectors) = self.vectors {
            counts.push(("vectors", vectors.failed, vectors.passed, floor.vectors));
        }
        if let Some(handshakes) = self.handshakes {
            let floor = if complete { floor.handshakes } else { 0 };
            counts.push(("handshakes", handshakes.failed, handshakes.passed, floor));
        }
        if let Some(wolfssl) = self.wolfssl {
            let (failed, passed) = (wolfssl.failed as u64, wolfssl.passed as u64);
            counts.push(("handshakes with wolfSSL", failed, passed, floor.wolfssl));
        }
        for (what, failed, passed, floor) in counts {
            if failed > 0 {
                self.problems.push(format!("{failed} {what} failed"));
            }
            if passed < floor {
                self.problems.push(format!(
                    "only {passed} {what} passed, and it were {floor} before: some are no longer run"
                ));
            }
        }
    }
}

/// What stands in a column.
type Column = (&'static str, fn(&Row) -> Option<String>);

const COLUMNS: &[Column] = &[
    ("passed", |row| Some(row.vectors?.passed.to_string())),
    ("failed", |row| Some(row.vectors?.failed.to_string())),
    ("skipped", |row| Some(row.vectors?.skipped.to_string())),
    ("not offered", |row| Some(row.vectors?.not_offered.to_string())),
    ("borrowed", |row| Some(row.vectors?.borrowed.to_string())),
    ("handshakes", |row| row.handshakes.map(|n| of(n.passed, n.failed))),
    ("wolfSSL", |row| row.wolfssl.map(|n| of(n.passed as u64, n.failed as u64))),
    ("demo", |row| row.demo.map(|time| format!("{:.1} s", time.as_secs_f64()))),
];

/// As wide as the longest name of a provider.
const NAME: usize = 23;

/// `12`, or `11/12` when one failed.
fn of(passed: u64, failed: u64) -> String {
    if failed == 0 { passed.to_string() } else { format!("{passed}/{}", passed + failed) }
}

/// The rows below each other, then what is wrong with whom.
pub(super) struct Table<'a>(pub(super) &'a [Row]);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:NAME$}", "vectors:")?;
        for (heading, _) in COLUMNS {
            write!(f, " {heading:>11}")?;
        }
        for row in self.0 {
            write!(f, "\n{:NAME$}", row.provider.name())?;
            for (_, value) in COLUMNS {
                write!(f, " {:>11}", value(row).as_deref().unwrap_or("NOT RUN"))?;
            }
            write!(f, "  {}", if row.failed() { "FAILED" } else { "ok" })?;
        }
        for row in self.0 {
            for problem in &row.problems {
                write!(f, "\n{}: {problem}", row.provider.name())?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use anyhow::anyhow;

    use super::*;

    const FLOOR: Floor = Floor { vectors: 100, handshakes: 10, wolfssl: 5 };

    fn row(vectors: u64, handshakes: u64, wolfssl: usize) -> Row {
        let mut row = Row::new(Provider::Botan);
        row.vectors = Some(Vectors { passed: vectors, ..Vectors::default() });
        row.handshakes = Some(Handshakes { passed: handshakes, failed: 0 });
        row.wolfssl = Some(interop::Totals { passed: wolfssl, ..interop::Totals::default() });
        row
    }

    fn judged(mut row: Row, complete: bool) -> Row {
        row.judge_by(FLOOR, complete);
        row
    }

    #[test]
    fn a_count_below_its_floor_fails() {
        assert!(!judged(row(100, 10, 5), true).failed());
        assert!(judged(row(99, 10, 5), true).failed());
        assert!(judged(row(100, 9, 5), true).failed());
        assert!(judged(row(100, 10, 4), true).failed());
    }

    #[test]
    fn handshakes_with_providers_that_did_not_take_part_are_not_missed() {
        assert!(!judged(row(100, 1, 5), false).failed());
        assert!(judged(row(99, 1, 5), false).failed());
    }

    #[test]
    fn one_failure_fails_whatever_the_counts() {
        let mut row = row(1000, 1000, 1000);
        row.handshakes = Some(Handshakes { passed: 1000, failed: 1 });
        let row = judged(row, true);
        assert!(row.failed());
        assert!(Table(&[row]).to_string().contains("1000/1001"));
    }

    #[test]
    fn what_could_not_run_is_shown_with_its_reason() {
        let mut row = row(100, 10, 5);
        row.demo = row.note(Err(anyhow!("no such program")));
        let row = judged(row, true);
        assert!(row.failed());
        let text = Table(&[row]).to_string();
        assert!(text.contains("NOT RUN") && text.contains("botan: no such program"), "{text}");
    }
}
