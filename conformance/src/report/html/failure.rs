//! Vectors that failed.

use std::fmt::Write as _;

use crate::report::escape::escape;
use crate::report::{Failure, Group};

/// The failures of a group that are kept. The first one is open.
pub(super) fn list(out: &mut String, group: &Group) {
    for (index, failure) in group.failures.iter().enumerate() {
        one(out, failure, index == 0);
    }
    let unseen = group.failures_left_out();
    if unseen > 0 {
        let _ = writeln!(out, "<p class=\"quiet\">{unseen} more failed.</p>");
    }
}

fn one(out: &mut String, failure: &Failure, open: bool) {
    let Failure { vector, comment, inputs, what, got, want } = failure;
    let open = if open { " open" } else { "" };
    let _ = writeln!(
        out,
        "<details class=\"failure\"{open}>\n<summary>{}: {}</summary>",
        escape(vector),
        escape(what)
    );
    if !comment.is_empty() {
        let _ = writeln!(out, "<p>{}</p>", escape(comment));
    }
    out.push_str("<dl class=\"bytes\">\n");
    let results = [("got", got), ("want", want)];
    let inputs = inputs.iter().map(|input| (input.name.as_str(), &input.hex));
    for (name, value) in results.into_iter().chain(inputs) {
        // An empty input is an input too, and should not look forgotten.
        let value = if value.is_empty() { "(empty)".into() } else { escape(value) };
        let _ = writeln!(out, "<dt>{}</dt><dd>{value}</dd>", escape(name));
    }
    out.push_str("</dl>\n</details>\n");
}
