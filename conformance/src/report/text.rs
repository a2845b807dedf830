//! Reports for a terminal and for a test's output.

use std::fmt::Write as _;

use super::{Failure, Group, Report, Status};

/// One line per group, failures with their inputs below them, and the totals, which are printed
/// so that a shrinking count is seen.
pub fn text(reports: &[Report]) -> String {
    let mut out = String::new();
    for report in reports {
        out.push_str(&provider_text(report));
    }
    out
}

fn provider_text(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = writeln!(out, "{} {} (FIPS: {})", report.provider, report.version, report.fips);
    for (name, value) in &report.details {
        let _ = writeln!(out, "  {name}: {value}");
    }
    for group in &report.groups {
        out.push_str(&group_text(group));
    }
    let _ = writeln!(out, "  {} groups: {}\n", report.groups.len(), report.totals());
    out
}

/// One group: its line, why vectors were not tried, and what failed.
pub fn group_text(group: &Group) -> String {
    let mut out = String::new();
    let _ = write!(out, "  {:<11}  {}: {} passed", group.status(), group.title(), group.passed);
    if group.failed > 0 {
        let _ = write!(out, ", {} failed", group.failed);
    }
    if let (Status::Borrowed, Some(library)) = (group.status(), &group.borrowed_from) {
        let _ = write!(out, ", in part borrowed from {library}");
    }
    out.push('\n');
    for line in untried_text(group).lines() {
        let _ = writeln!(out, "               {line}");
    }
    for line in failures_text(group).lines() {
        let _ = writeln!(out, "      {line}");
    }
    out
}

/// What was not tried and why, a line each.
pub(super) fn untried_text(group: &Group) -> String {
    let mut out = String::new();
    for (what, untried) in [("skipped", &group.skipped), ("not offered", &group.not_offered)] {
        for untried in untried {
            let _ = writeln!(out, "{} {what}: {}", untried.vectors, untried.reason);
        }
    }
    out
}

/// What failed, with its inputs.
pub(super) fn failures_text(group: &Group) -> String {
    let mut out = String::new();
    for failure in &group.failures {
        failure_text(&mut out, failure);
    }
    let unseen = group.failures_left_out();
    if unseen > 0 {
        let _ = writeln!(out, "and {unseen} more");
    }
    out
}

fn failure_text(out: &mut String, failure: &Failure) {
    let Failure { vector, comment, inputs, what, got, want } = failure;
    let _ = write!(out, "{vector}");
    if !comment.is_empty() {
        let _ = write!(out, " ({comment})");
    }
    let _ = writeln!(out, "\n  {what}\n    got  {got}\n    want {want}");
    for input in inputs {
        let _ = writeln!(out, "  {}: {}", input.name, input.hex);
    }
}

#[cfg(test)]
mod tests {
    use super::text;
    use crate::report::example;

    #[test]
    fn a_failing_vector_stands_below_its_group_with_its_inputs() {
        let text = text(&[example::report()]);
        let lines: Vec<&str> = text.lines().collect();
        let at = |wanted: &str| {
            let found = lines.iter().position(|line| line.starts_with(wanted));
            found.unwrap_or_else(|| panic!("{wanted} in {text}"))
        };
        let group = at("  FAILED       AES / RFC 3610: 7 passed, 2 failed");
        let vector = at("      17 (");
        let input = at("        key: 00ff10");
        let total = at("  5 groups: 21 passed, 2 failed, 5 skipped, 1 not offered");
        assert!(group < vector && vector < input && input < total, "{text}");
        assert!(lines.contains(&"      and 1 more"), "{text}");
    }
}
