//! The vectors and edge cases: `dtls conformance` on one provider, with its report in every form.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use crate::process;
use crate::programs::Programs;
use crate::provider::Provider;
use crate::stamp;

/// Vectors by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Vectors {
    pub(super) passed: u64,
    pub(super) failed: u64,
    pub(super) skipped: u64,
    pub(super) not_offered: u64,
    /// Those of `passed` in which a part of the algorithm is another library's.
    pub(super) borrowed: u64,
}

/// Fails when the suite cannot run; what fails in it is counted.
pub(super) fn run(provider: Provider, programs: &Programs) -> anyhow::Result<Vectors> {
    let folder = super::reports()?;
    let file = |extension| folder.join(format!("{}.{extension}", provider.name()));
    let mut command = Command::new(programs.dtls());
    command.arg("conformance").args(provider.arguments(programs)?);
    for form in ["html", "junit", "json"] {
        let extension = if form == "junit" { "xml" } else { form };
        command.arg("--format").arg(form).arg("--output").arg(file(extension));
    }
    let json = file("json");
    // A report from an earlier run must not stand for this one.
    stamp::forget(&json)?;
    let result = process::run(&mut command);
    let vectors = read(&json);
    match (result, vectors) {
        // Its exit status 1 says that vectors failed, which the report says too.
        (Ok(()), Ok(vectors)) => Ok(vectors),
        (Err(_), Ok(vectors)) if vectors.failed > 0 => Ok(vectors),
        (Err(error), _) | (_, Err(error)) => Err(error),
    }
}

fn read(json: &Path) -> anyhow::Result<Vectors> {
    let text =
        fs::read_to_string(json).with_context(|| format!("cannot read {}", json.display()))?;
    let report = serde_json::from_str(&text)?;
    count(&report).with_context(|| format!("{} is no report about one provider", json.display()))
}

fn count(report: &Value) -> Option<Vectors> {
    let mut vectors = Vectors::default();
    for group in report["groups"].as_array()? {
        let passed = group["passed"].as_u64()?;
        vectors.passed += passed;
        vectors.failed += group["failed"].as_u64()?;
        vectors.skipped += untried(&group["skipped"])?;
        vectors.not_offered += untried(&group["not_offered"])?;
        if !group["borrowed_from"].is_null() {
            vectors.borrowed += passed;
        }
    }
    Some(vectors)
}

fn untried(reasons: &Value) -> Option<u64> {
    reasons.as_array()?.iter().map(|reason| reason["vectors"].as_u64()).sum()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Vectors, count};

    #[test]
    fn the_groups_of_a_report_are_added_up() {
        let report = json!({ "groups": [
            { "passed": 5, "failed": 0, "borrowed_from": null, "not_offered": [],
              "skipped": [{ "reason": "a", "vectors": 2 }, { "reason": "b", "vectors": 3 }] },
            { "passed": 7, "failed": 1, "borrowed_from": "chacha20", "skipped": [],
              "not_offered": [{ "reason": "c", "vectors": 1 }] },
        ] });
        let sum = Vectors { passed: 12, failed: 1, skipped: 5, not_offered: 1, borrowed: 7 };
        assert_eq!(count(&report), Some(sum));
    }

    #[test]
    fn a_report_of_another_shape_counts_as_none() {
        assert_eq!(count(&json!([])), None);
        assert_eq!(count(&json!({ "groups": [{ "passed": 5 }] })), None);
    }
}
