//! Reports for build servers: JUnit's XML, a test suite for each provider and a test case for
//! each group.

use std::fmt::Write as _;

use super::escape::escape;
use super::text::{failures_text, untried_text};
use super::{Group, Report, Status};

/// All reports in one document.
pub fn junit(reports: &[Report]) -> String {
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts: Counts = reports.iter().flat_map(|report| &report.groups).collect();
    // Writing to a String does not fail.
    let _ = writeln!(out, "<testsuites name=\"dtls conformance\" {}>", counts.attributes());
    for report in reports {
        suite(&mut out, report);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, report: &Report) {
    let counts: Counts = report.groups.iter().collect();
    let name = escape(&report.provider);
    let _ = writeln!(out, "  <testsuite name=\"{name}\" {}>", counts.attributes());
    out.push_str("    <properties>\n");
    let own = [("version", &report.version), ("FIPS", &report.fips)];
    let details = report.details.iter().map(|(name, value)| (name.as_str(), value));
    for (name, value) in own.into_iter().chain(details) {
        let (name, value) = (escape(name), escape(value));
        let _ = writeln!(out, "      <property name=\"{name}\" value=\"{value}\"/>");
    }
    out.push_str("    </properties>\n");
    for group in &report.groups {
        case(out, &name, group);
    }
    out.push_str("  </testsuite>\n");
}

fn case(out: &mut String, provider: &str, group: &Group) {
    let (title, time) = (escape(&group.title()), seconds(group.milliseconds));
    let class = format!("{provider}.{}", escape(&group.id));
    let _ = write!(out, "    <testcase classname=\"{class}\" name=\"{title}\" time=\"{time}\">");
    let untried = untried_text(group);
    match group.status() {
        Status::Failed => {
            let tried = group.passed + group.failed;
            let text = escape(&failures_text(group));
            let _ = write!(
                out,
                "\n      <failure type=\"vectors\" message=\"{} of {tried} vectors failed\">{text}\
                 </failure>",
                group.failed
            );
        }
        Status::Skipped | Status::NotOffered => {
            let _ = write!(out, "\n      <skipped message=\"{}\"/>", escape(untried.trim()));
        }
        Status::Passed | Status::Borrowed => {}
    }
    let mut said = format!("{} passed\n", group.passed);
    if let (Status::Borrowed, Some(library)) = (group.status(), &group.borrowed_from) {
        let _ = writeln!(said, "in part borrowed from {library}");
    }
    said.push_str(&untried);
    let _ = writeln!(out, "\n      <system-out>{}</system-out>\n    </testcase>", escape(&said));
}

/// What JUnit counts: groups.
#[derive(Default)]
struct Counts {
    tests: usize,
    failures: usize,
    skipped: usize,
    milliseconds: u64,
}

impl<'a> FromIterator<&'a Group> for Counts {
    fn from_iter<I: IntoIterator<Item = &'a Group>>(groups: I) -> Self {
        let mut counts = Self::default();
        for group in groups {
            counts.tests += 1;
            match group.status() {
                Status::Failed => counts.failures += 1,
                Status::Skipped | Status::NotOffered => counts.skipped += 1,
                Status::Passed | Status::Borrowed => {}
            }
            counts.milliseconds += group.milliseconds;
        }
        counts
    }
}

impl Counts {
    fn attributes(&self) -> String {
        let Self { tests, failures, skipped, milliseconds } = self;
        let time = seconds(*milliseconds);
        format!(
            "tests=\"{tests}\" failures=\"{failures}\" errors=\"0\" skipped=\"{skipped}\" \
             time=\"{time}\""
        )
    }
}

fn seconds(milliseconds: u64) -> String {
    format!("{}.{:03}", milliseconds / 1000, milliseconds % 1000)
}

#[cfg(test)]
mod tests {
    use super::junit;
    use crate::report::escape::{escape, markup};
    use crate::report::example;

    #[test]
    fn the_document_is_well_formed_whatever_the_texts_are() {
        let document = junit(&[example::report(), example::report()]);
        let text = markup::text_of(&document);
        assert!(text.contains(&escape(example::HOSTILE)), "{text}");
        assert!(!document.contains("<b "), "{document}");
    }

    #[test]
    fn each_group_is_a_test_case_and_counts_once() {
        let document = junit(&[example::report()]);
        assert_eq!(document.matches("<testcase ").count(), 5);
        assert_eq!(document.matches("<failure ").count(), 1);
        assert_eq!(document.matches("<skipped ").count(), 2);
        let counts = r#"tests="5" failures="1" errors="0" skipped="2" time="7.500""#;
        assert_eq!(document.matches(counts).count(), 2, "{document}");
        assert!(document.contains("message=\"2 of 9 vectors failed\""), "{document}");
    }

    #[test]
    fn a_failing_vector_comes_with_its_inputs() {
        let text = markup::text_of(&junit(&[example::report()]));
        for wanted in ["17", "key: 00ff10", "msg: 61", "got  d0d0", "and 1 more"] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }
}
