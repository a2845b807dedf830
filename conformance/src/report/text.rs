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
    for (what, untried) in [("skipped", &group.skipped), ("not offered", &group.not_offered)] {
        for untried in untried {
            let _ = writeln!(out, "               {} {what}: {}", untried.vectors, untried.reason);
        }
    }
    for failure in &group.failures {
        failure_text(&mut out, failure);
    }
    let unseen = group.failed - group.failures.len();
    if unseen > 0 {
        let _ = writeln!(out, "      and {unseen} more");
    }
    out
}

fn failure_text(out: &mut String, failure: &Failure) {
    let Failure { vector, comment, inputs, what, got, want } = failure;
    let _ = write!(out, "      {vector}");
    if !comment.is_empty() {
        let _ = write!(out, " ({comment})");
    }
    let _ = writeln!(out, "\n        {what}\n          got  {got}\n          want {want}");
    for input in inputs {
        let _ = writeln!(out, "        {}: {}", input.name, input.hex);
    }
}
