//! Reports for programs.

use serde::Serialize;

use super::{Report, Totals};

/// A report and what follows from it, so that nobody has to add up.
#[derive(Serialize)]
struct Summed<'a> {
    /// Whether vectors were tried and none of them failed.
    passes: bool,
    totals: Totals,
    #[serde(flatten)]
    report: &'a Report,
}

/// One report as an object with the fields of [`Report`], and besides `totals` and `passes`;
/// several as an array of such objects.
pub fn json(reports: &[Report]) -> String {
    let summed: Vec<Summed<'_>> = reports
        .iter()
        .map(|report| Summed { passes: report.passed(), totals: report.totals(), report })
        .collect();
    let text = match &summed[..] {
        [only] => serde_json::to_string_pretty(only),
        all => serde_json::to_string_pretty(all),
    };
    // Strings, numbers and lists can always be written.
    text.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::json;
    use crate::report::example;

    #[test]
    fn one_report_is_an_object_and_several_are_an_array() {
        let report = example::report();
        let one: Value = serde_json::from_str(&json(std::slice::from_ref(&report))).unwrap();
        assert_eq!(one["provider"], example::HOSTILE);
        assert_eq!(one["passes"], false);
        assert_eq!(one["totals"]["passed"], 21);
        let groups = one["groups"].as_array().unwrap();
        assert_eq!(groups.len(), report.groups.len());
        assert_eq!(groups[1]["borrowed_from"], "chacha20");
        assert_eq!(groups[0]["skipped"][0]["vectors"], 2);
        let several: Value = serde_json::from_str(&json(&[report.clone(), report])).unwrap();
        assert_eq!(several, Value::Array(vec![one.clone(), one]));
        assert_eq!(json(&[]), "[]");
    }

    #[test]
    fn a_failing_vector_comes_with_its_inputs() {
        let report: Value = serde_json::from_str(&json(&[example::report()])).unwrap();
        let failure = &report["groups"][2]["failures"][0];
        assert_eq!(failure["vector"], "17");
        assert_eq!(failure["inputs"][0]["name"], "key");
        assert_eq!(failure["inputs"][0]["hex"], "00ff10");
    }
}
