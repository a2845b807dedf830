//! What the kit has to say about a provider: one [`Report`] each, made of one [`Group`] per
//! algorithm and source of vectors, and the forms it can be printed in.
//!
//! A vector is counted once, as exactly one of passed, failed, skipped and not offered. A group
//! that looked at nothing has failed.

mod escape;
#[cfg(test)]
mod example;
mod format;
mod html;
mod json;
mod junit;
mod text;

use std::fmt;

use serde::Serialize;

pub use format::Format;
pub use html::html;
pub use json::json;
pub use junit::junit;
pub use text::{group_text, text};

/// How many failing vectors of one group are kept with their inputs. All are counted; the first
/// few tell what is wrong.
pub const MAX_FAILURES_KEPT: usize = 8;

/// How many bytes of one input are written out; of a longer one only the beginning is shown.
pub const MAX_BYTES_SHOWN: usize = 2048;

/// Everything that was found out about one provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The provider's short name.
    pub provider: String,
    /// The version of the library behind it, as it reports itself.
    pub version: String,
    /// Its FIPS status, in words.
    pub fips: String,
    /// What else the provider says about itself: name and value.
    pub details: Vec<(String, String)>,
    /// The groups, in the order in which they ran.
    pub groups: Vec<Group>,
}

/// The vectors of one algorithm from one source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Group {
    /// A name fit for a test function: `aes_128_gcm_wycheproof`.
    pub id: String,
    /// What was tested: `AES-128-GCM`, `X25519`, `key schedule`.
    pub algorithm: String,
    /// Where the vectors are from: `Wycheproof`, `RFC 7748`, `edge cases`.
    pub source: String,
    /// The library that a part of this algorithm is borrowed from.
    pub borrowed_from: Option<String>,
    /// Vectors whose answer was the right one.
    pub passed: usize,
    /// Vectors whose answer was not.
    pub failed: usize,
    /// The first [`MAX_FAILURES_KEPT`] of those.
    pub failures: Vec<Failure>,
    /// Vectors that were not tried although the provider offers the algorithm, by reason.
    pub skipped: Vec<Untried>,
    /// What could not be tried because the provider does not offer it. A whole algorithm that is
    /// missing counts as one, since nobody has looked how many vectors there are.
    pub not_offered: Vec<Untried>,
    /// How long the group took.
    pub milliseconds: u64,
}

/// Vectors that were not tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Untried {
    /// Why.
    pub reason: String,
    /// How many.
    pub vectors: usize,
}

/// A vector whose answer was not the right one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// The vector's name or number.
    pub vector: String,
    /// What its author says about it.
    pub comment: String,
    /// What went in, in hexadecimal.
    pub inputs: Vec<Input>,
    /// The step that went wrong.
    pub what: String,
    /// What came out: hexadecimal, or an error in words.
    pub got: String,
    /// What should have.
    pub want: String,
}

/// One input of a vector.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Input {
    /// Its name: `key`, `nonce`, ….
    pub name: String,
    /// Its bytes in hexadecimal, cut after [`MAX_BYTES_SHOWN`].
    pub hex: String,
}

/// What became of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// At least one vector failed.
    Failed,
    /// Every vector that was tried passed.
    Passed,
    /// As above, and a part of the algorithm belongs to another library.
    Borrowed,
    /// No vector was tried, each for a stated reason.
    Skipped,
    /// The provider does not offer it.
    NotOffered,
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Failed => "FAILED",
            Self::Passed => "passed",
            Self::Borrowed => "borrowed",
            Self::Skipped => "skipped",
            Self::NotOffered => "not offered",
        })
    }
}

/// Vectors by what became of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Right answers.
    pub passed: usize,
    /// Wrong answers.
    pub failed: usize,
    /// Not tried for a stated reason.
    pub skipped: usize,
    /// Not tried because the provider does not offer the algorithm.
    pub not_offered: usize,
}

impl Totals {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.not_offered += other.not_offered;
    }
}

impl fmt::Display for Totals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { passed, failed, skipped, not_offered } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped, {not_offered} not offered")
    }
}

impl Group {
    /// `AES-128-GCM / Wycheproof`.
    pub fn title(&self) -> String {
        format!("{} / {}", self.algorithm, self.source)
    }

    /// What became of it.
    pub fn status(&self) -> Status {
        if self.failed > 0 {
            Status::Failed
        } else if self.passed > 0 && self.borrowed_from.is_some() {
            Status::Borrowed
        } else if self.passed > 0 {
            Status::Passed
        } else if !self.skipped.is_empty() {
            Status::Skipped
        } else {
            Status::NotOffered
        }
    }

    /// How many vectors failed beyond those in [`Self::failures`].
    pub fn failures_left_out(&self) -> usize {
        self.failed.saturating_sub(self.failures.len())
    }

    /// Its vectors by what became of them.
    pub fn totals(&self) -> Totals {
        let sum = |untried: &[Untried]| untried.iter().map(|untried| untried.vectors).sum();
        Totals {
            passed: self.passed,
            failed: self.failed,
            skipped: sum(&self.skipped),
            not_offered: sum(&self.not_offered),
        }
    }
}

impl Report {
    /// All vectors by what became of them.
    pub fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.groups.iter().for_each(|group| totals.add(group.totals()));
        totals
    }

    /// Whether vectors were tried and none of them failed.
    pub fn passed(&self) -> bool {
        self.totals().passed > 0 && self.failed_groups().next().is_none()
    }

    /// The groups in which a vector failed.
    pub fn failed_groups(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.status() == Status::Failed)
    }

    /// The group with this id.
    pub fn group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id == id)
    }
}

/// Bytes in hexadecimal, cut after [`MAX_BYTES_SHOWN`].
pub fn hex(bytes: &[u8]) -> String {
    use fmt::Write as _;
    let shown = bytes.get(..MAX_BYTES_SHOWN).unwrap_or(bytes);
    let mut text = String::with_capacity(shown.len() * 2);
    for byte in shown {
        // Writing to a String does not fail.
        let _ = write!(text, "{byte:02x}");
    }
    if shown.len() < bytes.len() {
        let _ = write!(text, "… ({} bytes)", bytes.len());
    }
    text
}
