//! Comparing a provider, and the core on top of it, with the known answers.
//!
//! Each check takes any [`CryptoProvider`] and stops at the first value that differs. What the
//! provider does not offer is listed, never counted as passed.

mod key_schedule;
mod masks;
mod psk;
mod records;
mod trace;

use core::fmt;

use dtls_crypto_api::{AeadAlgorithm, CryptoProvider};

pub use key_schedule::{
    check_core_key_schedule, check_exporter, check_hkdf_labels, check_key_schedule,
    check_transcript,
};
pub use masks::{check_aead_nonce, check_masks};
pub use psk::check_psk_binder;
pub use records::{check_number_reconstruction, check_opened, check_protection, check_sealed};
pub use trace::check_trace;

/// What a check has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Values that agree.
    pub passed: usize,
    /// Vectors that could not be tried, since the provider does not offer what they need.
    pub not_offered: Vec<String>,
}

impl Report {
    fn same(
        &mut self,
        what: impl fmt::Display,
        got: impl AsRef<[u8]>,
        want: &[u8],
    ) -> Result<(), Mismatch> {
        let got = got.as_ref();
        if got == want {
            self.passed += 1;
            return Ok(());
        }
        Err(Mismatch { what: what.to_string(), why: format!("got {got:02x?}, want {want:02x?}") })
    }

    fn holds(&mut self, what: impl fmt::Display, holds: bool) -> Result<(), Mismatch> {
        if holds {
            self.passed += 1;
            return Ok(());
        }
        Err(Mismatch { what: what.to_string(), why: "does not hold".to_owned() })
    }

    /// Whether the provider has a suite with this AEAD; notes it if not.
    fn offered(&mut self, provider: &dyn CryptoProvider, aead: AeadAlgorithm, what: &str) -> bool {
        let suites = &provider.capabilities().cipher_suites;
        let offered = suites.iter().any(|suite| suite.id.aead() == Some(aead));
        if !offered {
            self.not_offered.push(format!("{what} ({aead:?})"));
        }
        offered
    }

    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.not_offered.extend(other.not_offered);
    }
}

/// The first value that differs from its known answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    what: String,
    why: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.what, self.why)
    }
}

impl core::error::Error for Mismatch {}

/// Names the step that failed.
trait During<T> {
    fn during(self, what: impl fmt::Display) -> Result<T, Mismatch>;
}

impl<T, E: fmt::Debug> During<T> for Result<T, E> {
    fn during(self, what: impl fmt::Display) -> Result<T, Mismatch> {
        self.map_err(|error| Mismatch { what: what.to_string(), why: format!("{error:?}") })
    }
}

impl<T> During<T> for Option<T> {
    fn during(self, what: impl fmt::Display) -> Result<T, Mismatch> {
        self.ok_or_else(|| Mismatch { what: what.to_string(), why: "is not there".to_owned() })
    }
}

/// One check.
type Check = fn(&dyn CryptoProvider) -> Result<Report, Mismatch>;

/// Every check there is, with its name.
pub const ALL: &[(&str, Check)] = &[
    ("record number masks", check_masks),
    ("AEAD nonce", check_aead_nonce),
    ("transcript", check_transcript),
    ("key schedule", check_key_schedule),
    ("key schedule of the core", check_core_key_schedule),
    ("exporter", check_exporter),
    ("HkdfLabel", check_hkdf_labels),
    ("PSK binders", check_psk_binder),
    ("record protection", check_protection),
    ("records sealed", check_sealed),
    ("records opened", check_opened),
    ("number reconstruction", check_number_reconstruction),
    ("recorded handshake", check_trace),
];

/// Runs every check.
///
/// # Errors
/// The first value that differs.
pub fn all(provider: &dyn CryptoProvider) -> Result<Report, Mismatch> {
    let mut report = Report::default();
    for (_, check) in ALL {
        report.add(check(provider)?);
    }
    Ok(report)
}
