//! Reports for people: one page of HTML with nothing beside it, no script and no font to load,
//! that reads on a phone as well as on a desk, and in the dark.
//!
//! ```text
//!   page       the frame, the table of all providers, what failed
//!   provider   one provider: its facts, its totals, a line for each algorithm
//!   failure    a vector that failed, with everything that went in
//! ```

mod failure;
mod page;
mod provider;

pub use page::html;

#[cfg(test)]
mod tests {
    use super::html;
    use crate::report::escape::{escape, markup};
    use crate::report::{Report, example};

    fn page() -> String {
        html(&[example::report(), example::report()])
    }

    #[test]
    fn the_page_is_well_formed_whatever_the_texts_are() {
        let page = page();
        let text = markup::text_of(&page);
        assert!(text.contains(&escape(example::HOSTILE)), "{text}");
        assert!(!page.contains("<b id"), "{page}");
        markup::text_of(&html(&[]));
    }

    #[test]
    fn nothing_is_loaded_and_nothing_runs() {
        let page = page();
        for outside in ["src=", "url(", "@import", "<link", "<script", "http:", "https:"] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.contains("name=\"viewport\""));
        assert!(page.contains("prefers-color-scheme: dark"));
    }

    #[test]
    fn a_failing_vector_comes_with_its_inputs() {
        let text = markup::text_of(&page());
        for wanted in ["17", "00ff10", "msg", "d0d0", "1 more failed"] {
            assert!(text.contains(wanted), "{wanted} in {text}");
        }
    }

    #[test]
    fn every_algorithm_has_one_line_with_its_status() {
        let page = html(&[example::report()]);
        let lines: Vec<&str> =
            page.lines().filter(|line| line.contains("<summary class=")).collect();
        let wanted = [
            ("AES", "failed", "17 passed, 2 failed, 2 skipped"),
            ("ChaCha", "borrowed", "4 passed"),
            ("RSA", "skipped", "3 skipped"),
            ("X448", "not offered", "1 not offered"),
        ];
        assert_eq!(lines.len(), wanted.len(), "{page}");
        for (line, (algorithm, status, counts)) in lines.iter().zip(wanted) {
            for part in [algorithm, status, counts] {
                assert!(line.contains(&format!(">{part}<")), "{part} in {line}");
            }
        }
    }

    #[test]
    fn a_link_to_what_failed_leads_there() {
        let page = page();
        let targets: Vec<&str> =
            page.split("href=\"#").skip(1).map(|rest| rest.split_once('"').unwrap().0).collect();
        assert!(!targets.is_empty());
        for target in targets {
            assert_eq!(page.matches(&format!("id=\"{target}\"")).count(), 1, "{target}");
        }
    }

    #[test]
    fn the_verdict_stands_at_the_top() {
        let verdict = |reports: &[Report]| {
            let page = html(reports);
            let text = markup::text_of(&page[page.find("<body>").unwrap()..page.len() - 8]);
            text.lines().take(4).collect::<Vec<_>>().join(" ")
        };
        assert!(verdict(&[example::report()]).contains("2 vectors failed"));
        let mut good = example::report();
        good.groups.remove(2);
        assert!(verdict(std::slice::from_ref(&good)).contains("No vector failed"));
        good.groups.clear();
        assert!(verdict(&[good]).contains("Nothing was tried"));
    }
}
