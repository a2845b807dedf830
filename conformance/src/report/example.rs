//! A report for the tests of the forms: one group of every status, and texts that mean something
//! in JSON, XML and HTML.

use super::{Failure, Group, Input, Report, Untried};

/// Stands wherever a report has a text of somebody else's.
pub(super) const HOSTILE: &str = "<b id=\"x\">&amp;'</b>\n\0";

fn group(algorithm: &str, source: &str, passed: usize) -> Group {
    Group {
        id: format!("{algorithm}_{source}").to_lowercase(),
        algorithm: algorithm.to_owned(),
        source: source.to_owned(),
        passed,
        milliseconds: 1500,
        ..Group::default()
    }
}

fn untried(reason: &str, vectors: usize) -> Vec<Untried> {
    vec![Untried { reason: reason.to_owned(), vectors }]
}

pub(super) fn report() -> Report {
    let failure = Failure {
        vector: "17".to_owned(),
        comment: HOSTILE.to_owned(),
        inputs: vec![
            Input { name: "key".to_owned(), hex: "00ff10".to_owned() },
            Input { name: "msg".to_owned(), hex: "61".to_owned() },
        ],
        what: "ciphertext".to_owned(),
        got: "d0d0".to_owned(),
        want: HOSTILE.to_owned(),
    };
    Report {
        provider: HOSTILE.to_owned(),
        version: "1.2".to_owned(),
        fips: "none".to_owned(),
        details: vec![("CPU features".to_owned(), HOSTILE.to_owned())],
        groups: vec![
            Group { skipped: untried(HOSTILE, 2), ..group("AES", "Wycheproof", 10) },
            Group { borrowed_from: Some("chacha20".to_owned()), ..group("ChaCha", "masks", 4) },
            // One more failed than is kept.
            Group { failed: 2, failures: vec![failure], ..group("AES", "RFC 3610", 7) },
            Group { skipped: untried("takes too long", 3), ..group("RSA", "keys", 0) },
            Group { not_offered: untried("X448", 1), ..group("X448", "RFC 7748", 0) },
        ],
    }
}
