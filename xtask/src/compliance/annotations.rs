//! Finds the ids that tests name: `/// req: 9147-4.5.1-02` directly above a test function.
//!
//! The list may hold several ids, parted by commas or blanks, and go on in the following comment
//! lines as long as these begin with an id. Prose behind the ids begins with a parenthesis or a dash.

use super::requirements::is_id_shaped;
use super::tokens::{Kind, Place, Token, tokens};

/// An id somebody wrote, and what it was written on.
#[derive(Debug, PartialEq)]
pub(super) struct Annotation<'a> {
    pub(super) id: &'a str,
    pub(super) line: usize,
    pub(super) standing: Standing,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Standing {
    /// On a test: it counts.
    Test,
    /// On a test marked `#[ignore]`, which proves nothing until somebody runs it.
    Ignored,
    /// Among tests, but not directly above one.
    Astray,
    /// In product code, beside the line that meets the requirement.
    Cited,
}

/// What makes a function a test, by the last part of the attribute's path.
const TEST_ATTRIBUTES: &[&str] = &["test", "rstest", "proptest", "test_case", "apply"];

/// All annotations of a file. `test_file`: it belongs to a test target or module as a whole.
pub(super) fn annotations(source: &str, test_file: bool) -> Vec<Annotation<'_>> {
    let tokens = tokens(source);
    let mut scan = Scan {
        tokens: &tokens,
        frames: vec![Frame { tests: test_file, ..Frame::default() }],
        opening: None,
        pending: Vec::new(),
        attributes: Vec::new(),
        listing: false,
        found: Vec::new(),
    };
    for index in 0..tokens.len() {
        scan.token(index);
    }
    scan.flush(None);
    scan.found
}

/// What the code between two brackets belongs to.
#[derive(Clone, Copy, Default)]
struct Frame {
    /// A `#[cfg(test)]` module or a file of tests.
    tests: bool,
    /// Inside `proptest! { … }`, where every function is a test.
    proptest: bool,
    /// Inside a function.
    body: bool,
}

/// What begins at a token, with the bracket that opens its contents.
enum Item<'a> {
    Function { opens: Option<usize> },
    Module { opens: usize },
    Macro { name: &'a str, opens: usize },
}

struct Scan<'s, 'a> {
    tokens: &'s [Token<'a>],
    frames: Vec<Frame>,
    /// The next bracket that begins something of its own kind.
    opening: Option<(usize, Frame)>,
    /// Ids of the comment block that ends right here, with their lines.
    pending: Vec<(&'a str, usize, Place)>,
    /// Attributes of the item to come.
    attributes: Vec<&'a str>,
    /// The last comment line held ids, so that the next may go on.
    listing: bool,
    found: Vec<Annotation<'a>>,
}

impl<'a> Scan<'_, 'a> {
    fn token(&mut self, index: usize) {
        let token = &self.tokens[index];
        let previous = index.checked_sub(1).map(|index| &self.tokens[index]);
        if previous.is_some_and(|previous| token.first_line > previous.last_line + 1) {
            self.end_of_block();
        }
        match token.kind {
            Kind::Comment { text, place } => {
                let trailing = previous.is_some_and(|previous| {
                    let code =
                        !matches!(previous.kind, Kind::Attribute { .. } | Kind::Comment { .. });
                    code && previous.last_line == token.first_line
                });
                self.comment(text, token.first_line, if trailing { Place::Around } else { place });
            }
            Kind::Attribute { content, inner } => {
                self.listing = false;
                if !inner {
                    self.attributes.push(content);
                } else if is_cfg_test(content) {
                    self.top().tests = true;
                }
            }
            _ => self.code(index),
        }
    }

    fn comment(&mut self, text: &'a str, line: usize, place: Place) {
        let list = match text.strip_prefix("req:") {
            Some(list) => list,
            None if self.listing && ids(text).next().is_some_and(is_id_shaped) => text,
            None => {
                self.listing = false;
                return;
            }
        };
        self.listing = true;
        for id in ids(list) {
            if place == Place::Around {
                self.record(id, line, false, false);
            } else {
                self.pending.push((id, line, place));
            }
        }
    }

    /// After a blank line an ordinary comment speaks of nothing below it; a doc comment still does.
    fn end_of_block(&mut self) {
        self.listing = false;
        let (kept, lost) = self.pending.drain(..).partition(|&(_, _, place)| place == Place::Item);
        self.pending = kept;
        let lost: Vec<_> = lost;
        for (id, line, _) in lost {
            self.record(id, line, false, false);
        }
    }

    fn code(&mut self, index: usize) {
        self.listing = false;
        let item = self.item(index);
        let frame = *self.top();
        if self.opening.is_none_or(|(opens, _)| opens < index) {
            self.opening = match item {
                Some(Item::Function { opens }) => {
                    let tests = frame.tests || self.has_test_attribute();
                    opens.map(|opens| (opens, Frame { body: true, tests, ..frame }))
                }
                Some(Item::Module { opens }) => {
                    let tests = frame.tests || self.attributes.iter().any(|a| is_cfg_test(a));
                    Some((opens, Frame { tests, ..frame }))
                }
                Some(Item::Macro { name, opens }) => {
                    let proptest = frame.proptest || name == "proptest";
                    Some((opens, Frame { proptest, ..frame }))
                }
                None => self.opening,
            };
        }
        self.flush(item.as_ref());
        match self.tokens[index].kind {
            Kind::Open(_) => {
                let own = self.opening.filter(|&(opens, _)| opens == index);
                self.frames.push(own.map_or(frame, |(_, own)| own));
            }
            Kind::Close if self.frames.len() > 1 => {
                self.frames.pop();
            }
            _ => {}
        }
    }

    /// Decides on the ids above the code that begins here.
    fn flush(&mut self, item: Option<&Item<'_>>) {
        let frame = *self.top();
        let attributed = self.has_test_attribute();
        let counts = !frame.body
            && match item {
                Some(Item::Function { .. }) => attributed || frame.proptest || frame.tests,
                // A macro among tests writes tests.
                Some(Item::Macro { .. }) => frame.tests,
                _ => false,
            };
        let ignored = self.attributes.iter().any(|a| last_of_path(a) == "ignore");
        for (id, line, _) in std::mem::take(&mut self.pending) {
            self.record(id, line, counts, ignored);
        }
        self.attributes.clear();
    }

    fn has_test_attribute(&self) -> bool {
        self.attributes.iter().any(|a| TEST_ATTRIBUTES.contains(&last_of_path(a)))
    }

    fn record(&mut self, id: &'a str, line: usize, counts: bool, ignored: bool) {
        let among_tests = self.top().tests || self.top().proptest;
        let standing = match (counts, ignored) {
            (true, false) => Standing::Test,
            (true, true) => Standing::Ignored,
            (false, _) if among_tests => Standing::Astray,
            (false, _) => Standing::Cited,
        };
        self.found.push(Annotation { id, line, standing });
    }

    fn item(&self, index: usize) -> Option<Item<'a>> {
        let mut at = index;
        while let Some(Kind::Word("pub" | "async" | "unsafe" | "const" | "extern")) = self.kind(at)
        {
            at += 1;
            match self.kind(at) {
                Some(Kind::Open('(')) => at = self.closing(at) + 1,
                Some(Kind::Other('"')) => at += 1,
                _ => {}
            }
        }
        match (self.kind(at)?, self.kind(at + 1)?) {
            (Kind::Word("fn"), Kind::Word(_)) => Some(Item::Function { opens: self.body(at) }),
            (Kind::Word("mod"), Kind::Word(_)) => {
                let opens = at + 2;
                (self.kind(opens) == Some(&Kind::Open('{'))).then_some(Item::Module { opens })
            }
            (&Kind::Word(name), Kind::Other('!')) => {
                let opens = at + 2;
                matches!(self.kind(opens), Some(Kind::Open(_)))
                    .then_some(Item::Macro { name, opens })
            }
            _ => None,
        }
    }

    /// The brace that opens the body of the function at `at`, unless it is only declared.
    fn body(&self, mut at: usize) -> Option<usize> {
        loop {
            match self.kind(at)? {
                Kind::Open('{') => return Some(at),
                Kind::Open(_) => at = self.closing(at) + 1,
                Kind::Other(';') | Kind::Close => return None,
                _ => at += 1,
            }
        }
    }

    /// The bracket that closes the one at `open`, or the end.
    fn closing(&self, open: usize) -> usize {
        let mut depth = 0;
        for (at, token) in self.tokens.iter().enumerate().skip(open) {
            match token.kind {
                Kind::Open(_) => depth += 1,
                Kind::Close => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at;
            }
        }
        self.tokens.len()
    }

    fn kind(&self, at: usize) -> Option<&Kind<'a>> {
        self.tokens.get(at).map(|token| &token.kind)
    }

    fn top(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("the file's own frame is never popped")
    }
}

/// The words of a list up to the first that does not begin like an id.
fn ids(list: &str) -> impl Iterator<Item = &str> {
    list.split([' ', '\t', ','])
        .filter(|word| !word.is_empty())
        .take_while(|word| word.starts_with(|c: char| c.is_ascii_alphanumeric()))
        .map(|word| word.trim_end_matches(['.', ';']))
}

/// `test` of `tokio::test(flavor = "multi_thread")`.
fn last_of_path(attribute: &str) -> &str {
    let part = |c: char| c == ':' || c == '_' || c.is_alphanumeric();
    let path = &attribute[..attribute.find(|c| !part(c)).unwrap_or(attribute.len())];
    path.rsplit("::").next().unwrap_or(path)
}

/// Whether `cfg(test)` or a combination that holds in tests only.
fn is_cfg_test(attribute: &str) -> bool {
    let compact: String = attribute.chars().filter(|c| !c.is_whitespace()).collect();
    let mut parts = compact.split("test").peekable();
    let mut found = false;
    while let (Some(before), Some(after)) = (parts.next(), parts.peek()) {
        let whole = before.ends_with(['(', ',']) && after.starts_with([')', ',']);
        found |= whole && !before.ends_with("not(");
    }
    found && compact.starts_with("cfg(")
}

#[cfg(test)]
mod tests {
    use super::{Standing, annotations, is_cfg_test, last_of_path};

    fn standings(source: &str) -> Vec<(&str, Standing)> {
        annotations(source, false).into_iter().map(|a| (a.id, a.standing)).collect()
    }

    fn standing(source: &str) -> Standing {
        let found = annotations(source, false);
        assert_eq!(found.len(), 1, "{source}");
        found[0].standing
    }

    #[test]
    fn an_id_above_a_test_function_counts() {
        for source in [
            "/// req: 9147-4-01\n#[test]\nfn a() {}",
            "// req: 9147-4-01\n#[test]\nfn a() {}",
            "/** req: 9147-4-01 */\n#[test]\nfn a() {}",
            "#[test]\n/// req: 9147-4-01\nfn a() {}",
            "/// Why.\n///\n/// req: 9147-4-01\n/// More.\n#[rstest]\n#[case(\"{\")]\nfn a() {}",
            "/// req: 9147-4-01\n#[tokio::test(flavor = \"x\")]\npub(crate) async fn a() {}",
            "proptest! {\n #![proptest_config(x)]\n /// req: 9147-4-01\n fn a(x in 0..1) {} }",
            "#[cfg(all(test, unix))]\npub mod tests {\n // req: 9147-4-01\n fn a() {} }",
            "mod a { #![cfg(test)]\n /// req: 9147-4-01\n fn a() {} }",
            "#[cfg(test)] mod tests {\n /// req: 9147-4-01\n every_provider! { a } }",
        ] {
            assert_eq!(standing(source), Standing::Test, "{source}");
        }
    }

    #[test]
    fn an_id_elsewhere_does_not_count() {
        for source in [
            "/// req: 9147-4-01\nfn a() {}",
            "// req: 9147-4-01\nlet x = 1;",
            "//! req: 9147-4-01\n#[test]\nfn a() {}",
            "// req: 9147-4-01\n\n#[test]\nfn a() {}",
            "const A: u8 = 1; // req: 9147-4-01\n#[test]\nfn a() {}",
            "#[cfg(test)]\nmod tests { }\n/// req: 9147-4-01\nfn a() {}",
            "#[cfg(not(test))]\nmod a {\n /// req: 9147-4-01\n fn a() {} }",
            "// req: 9147-4-01",
        ] {
            assert_eq!(standing(source), Standing::Cited, "{source}");
        }
    }

    #[test]
    fn among_tests_an_id_off_its_function_is_astray() {
        for source in [
            "#[test]\nfn a() {\n // req: 9147-4-01\n b(); }",
            "#[cfg(test)] mod tests {\n #[test] fn a() {\n // req: 9147-4-01\n assert!(b); } }",
            "#[cfg(test)] mod tests {\n // req: 9147-4-01\n use a; }",
            "#[cfg(test)] mod tests {\n // req: 9147-4-01\n\n #[test] fn a() {} }",
        ] {
            assert_eq!(standing(source), Standing::Astray, "{source}");
        }
    }

    #[test]
    fn a_test_nobody_runs_does_not_count() {
        let source = "/// req: 9147-4-01\n#[test]\n#[ignore = \"slow\"]\nfn a() {}";
        assert_eq!(standing(source), Standing::Ignored);
    }

    #[test]
    fn a_file_of_tests_is_one_as_a_whole() {
        let source = "/// req: 9147-4-01\nfn a() {}";
        assert_eq!(annotations(source, true)[0].standing, Standing::Test);
    }

    #[test]
    fn lists_take_commas_blanks_and_further_lines() {
        let source = "\
            /// req: 9147-4-01, 9147-4-02 8446-E.5-01,\n\
            ///      9147-4-03 (as a sender)\n\
            /// 9147-4-04.\n\
            /// prose 9147-4-05\n\
            /// req: ecdhe-mlkem-4.1-06\n\
            #[test]\nfn a() {}";
        let ids: Vec<_> = standings(source).into_iter().map(|(id, _)| id).collect();
        let expected = [
            "9147-4-01",
            "9147-4-02",
            "8446-E.5-01",
            "9147-4-03",
            "9147-4-04",
            "ecdhe-mlkem-4.1-06",
        ];
        assert_eq!(ids, expected);
    }

    #[test]
    fn what_begins_like_an_id_is_taken_for_one_so_that_typos_show() {
        assert_eq!(standings("// req: 9147-4-1").len(), 1);
        assert_eq!(standings("// req: 9147-4-01 and").len(), 2);
    }

    #[test]
    fn an_annotation_inside_a_literal_is_none() {
        assert!(
            standings("const A: &str = \"\n// req: 9147-4-01\n#[test] fn a() {}\";").is_empty()
        );
    }

    #[test]
    fn an_annotation_belongs_to_the_next_function_only() {
        let source =
            "/// req: 9147-4-01\n#[test] fn a() {}\nfn b() {}\n/// req: 9147-4-02\nfn c() {}";
        let expected = [("9147-4-01", Standing::Test), ("9147-4-02", Standing::Cited)];
        assert_eq!(standings(source), expected);
    }

    #[test]
    fn attributes_are_read_by_path_and_condition() {
        assert_eq!(last_of_path("tokio::test(a)"), "test");
        assert_eq!(last_of_path("ignore = \"slow\""), "ignore");
        assert!(is_cfg_test("cfg(test)") && is_cfg_test("cfg(any( test , fuzzing))"));
        assert!(!is_cfg_test("cfg(not(test))") && !is_cfg_test("cfg(feature = \"test\")"));
        assert!(!is_cfg_test("cfg(testing)") && !is_cfg_test("doc(test)"));
    }
}
