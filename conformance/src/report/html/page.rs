//! The frame of the page.

use std::fmt::Write as _;

use super::provider;
use crate::report::escape::escape;
use crate::report::{Report, Totals};

const STYLE: &str = include_str!("style.css");

/// All reports in one page.
pub fn html(reports: &[Report]) -> String {
    let mut out = String::new();
    // Writing to a String does not fail.
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escape(&title(reports))
    );
    out.push_str("<h1>DTLS 1.3 provider conformance</h1>\n");
    verdict(&mut out, reports);
    if reports.len() > 1 {
        overview(&mut out, reports);
    }
    failed(&mut out, reports);
    for (index, report) in reports.iter().enumerate() {
        provider::section(&mut out, index, report);
    }
    out.push_str(WORDS);
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn title(reports: &[Report]) -> String {
    let names: Vec<&str> = reports.iter().map(|report| report.provider.as_str()).collect();
    format!("Conformance: {}", names.join(", "))
}

/// One sentence about everything.
fn verdict(out: &mut String, reports: &[Report]) {
    let failed: usize = reports.iter().map(|report| report.totals().failed).sum();
    let untried = reports.iter().find(|report| report.totals().passed == 0);
    let (class, text) = match (failed, untried) {
        (1, _) => ("failed", String::from("1 vector failed.")),
        (1.., _) => ("failed", format!("{failed} vectors failed.")),
        (0, Some(report)) => {
            ("skipped", format!("Nothing was tried of {}.", escape(&report.provider)))
        }
        (0, None) if reports.is_empty() => ("skipped", String::from("Nothing was tried.")),
        (0, None) => ("passed", String::from("No vector failed.")),
    };
    let _ = writeln!(out, "<p class=\"verdict {class}\">{text}</p>");
}

/// A line for each provider.
fn overview(out: &mut String, reports: &[Report]) {
    out.push_str(
        "<table>\n<thead><tr><th>provider</th><th>passed</th><th>failed</th><th>skipped</th>\
         <th>not offered</th></tr></thead>\n<tbody>\n",
    );
    for (index, report) in reports.iter().enumerate() {
        let Totals { passed, failed, skipped, not_offered } = report.totals();
        let class = if failed > 0 { "failed" } else { "none" };
        let _ = writeln!(
            out,
            "<tr><th><a href=\"#p{index}\">{}</a></th><td>{passed}</td>\
             <td class=\"{class}\">{failed}</td><td>{skipped}</td><td>{not_offered}</td></tr>",
            escape(&report.provider)
        );
    }
    out.push_str("</tbody>\n</table>\n");
}

/// Links to the groups in which a vector failed.
fn failed(out: &mut String, reports: &[Report]) {
    if reports.iter().all(|report| report.failed_groups().next().is_none()) {
        return;
    }
    out.push_str("<h2>What failed</h2>\n<ul class=\"links\">\n");
    for (index, report) in reports.iter().enumerate() {
        for group in report.failed_groups() {
            let _ = writeln!(
                out,
                "<li><a href=\"#{}\">{}: {}</a> <span class=\"quiet\">{} of {}</span></li>",
                provider::group_anchor(index, group),
                escape(&report.provider),
                escape(&group.title()),
                group.failed,
                group.passed + group.failed
            );
        }
    }
    out.push_str("</ul>\n");
}

const WORDS: &str = "\
<details class=\"words\">
<summary>What the words mean</summary>
<dl>
<dt>passed</dt><dd>The answer was the right one. A vector counts once.</dd>
<dt>failed</dt><dd>The answer was wrong, or there was none.</dd>
<dt>borrowed</dt><dd>Passed, and a part of the algorithm is another library's.</dd>
<dt>skipped</dt><dd>Not tried although the algorithm is offered, for the reason given. Never counted \
as passed.</dd>
<dt>not offered</dt><dd>The provider has no such algorithm. One that is missing as a whole counts as \
one.</dd>
</dl>
</details>
";
