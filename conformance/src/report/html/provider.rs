//! One provider's part of the page.

use std::fmt::Write as _;

use super::failure;
use crate::report::escape::escape;
use crate::report::{Group, Report, Status, Totals};

pub(super) fn section(out: &mut String, index: usize, report: &Report) {
    let Report { provider, version, fips, details, groups } = report;
    let _ = writeln!(
        out,
        "<section>\n<h2 id=\"p{index}\">{} <small>{}</small></h2>\n<dl class=\"facts\">\n\
         <dt>FIPS</dt><dd>{}</dd>",
        escape(provider),
        escape(version),
        escape(fips)
    );
    for (name, value) in details {
        let _ = writeln!(out, "<dt>{}</dt><dd>{}</dd>", escape(name), escape(value));
    }
    out.push_str("</dl>\n<ul class=\"totals\">\n");
    for (class, count, word) in counted(report.totals()) {
        let _ = writeln!(out, "<li class=\"{class}\"><strong>{count}</strong> {word}</li>");
    }
    out.push_str("</ul>\n");
    for algorithm in algorithms(groups) {
        algorithm.write(out, index);
    }
    out.push_str("</section>\n");
}

/// Where a link to this group leads. An id from elsewhere may hold what no link may.
pub(super) fn group_anchor(provider: usize, group: &Group) -> String {
    let id: String = group.id.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
    format!("p{provider}-{id}")
}

/// All groups about one algorithm.
struct Algorithm<'a> {
    name: &'a str,
    groups: Vec<&'a Group>,
}

/// In the order in which they first come.
fn algorithms(groups: &[Group]) -> Vec<Algorithm<'_>> {
    let mut found: Vec<Algorithm<'_>> = Vec::new();
    for group in groups {
        match found.iter_mut().find(|algorithm| algorithm.name == group.algorithm) {
            Some(algorithm) => algorithm.groups.push(group),
            None => found.push(Algorithm { name: &group.algorithm, groups: vec![group] }),
        }
    }
    found
}

impl Algorithm<'_> {
    /// The first of these that one of the groups has.
    fn status(&self) -> Status {
        let order = [Status::Failed, Status::Borrowed, Status::Passed, Status::Skipped];
        let has = |status: &Status| self.groups.iter().any(|group| group.status() == *status);
        order.into_iter().find(has).unwrap_or(Status::NotOffered)
    }

    fn totals(&self) -> Totals {
        let mut totals = Totals::default();
        self.groups.iter().for_each(|group| totals.add(group.totals()));
        totals
    }

    fn write(&self, out: &mut String, provider: usize) {
        let (class, word) = words(self.status());
        let open = if self.status() == Status::Failed { " open" } else { "" };
        let counts = counted(self.totals())
            .filter(|(_, count, _)| *count > 0)
            .map(|(_, count, word)| format!("{count} {word}"))
            .collect::<Vec<_>>()
            .join(", ");
        let _ = writeln!(
            out,
            "<details{open}>\n<summary class=\"algorithm\"><span class=\"name\">{}</span>\
             <span class=\"chip {class}\">{word}</span><span class=\"counts\">{counts}</span>\
             </summary>",
            escape(self.name)
        );
        for group in &self.groups {
            write_group(out, provider, group);
        }
        out.push_str("</details>\n");
    }
}

fn write_group(out: &mut String, provider: usize, group: &Group) {
    let anchor = group_anchor(provider, group);
    let _ = writeln!(
        out,
        "<div class=\"group\" id=\"{anchor}\">\n<h3>{}</h3>\n<ul>\n<li>{} passed</li>",
        escape(&group.source),
        group.passed
    );
    if group.failed > 0 {
        let _ = writeln!(out, "<li class=\"failed\">{} failed</li>", group.failed);
    }
    if let (Status::Borrowed, Some(library)) = (group.status(), &group.borrowed_from) {
        let _ = writeln!(out, "<li>in part borrowed from {}</li>", escape(library));
    }
    for (what, untried) in [("skipped", &group.skipped), ("not offered", &group.not_offered)] {
        for untried in untried {
            let reason = escape(&untried.reason);
            let _ = writeln!(out, "<li class=\"quiet\">{} {what}: {reason}</li>", untried.vectors);
        }
    }
    out.push_str("</ul>\n");
    failure::list(out, group);
    out.push_str("</div>\n");
}

/// Class in the style, count and word.
fn counted(totals: Totals) -> impl Iterator<Item = (&'static str, usize, &'static str)> {
    let Totals { passed, failed, skipped, not_offered } = totals;
    [
        (Status::Passed, passed),
        (Status::Failed, failed),
        (Status::Skipped, skipped),
        (Status::NotOffered, not_offered),
    ]
    .into_iter()
    .map(|(status, count)| {
        let (class, word) = words(status);
        // A zero is nothing to colour.
        (if count > 0 { class } else { "none" }, count, word)
    })
}

/// Class in the style, and word.
const fn words(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Failed => ("failed", "failed"),
        Status::Passed => ("passed", "passed"),
        Status::Borrowed => ("borrowed", "borrowed"),
        Status::Skipped => ("skipped", "skipped"),
        Status::NotOffered => ("absent", "not offered"),
    }
}
