//! `cargo xtask compliance`: which requirements of the RFCs have a test that names them.
//!
//! Reads `conformance/data/requirements.tsv`, looks through the comments of every Rust file for
//! `req:` lists above tests, and counts per area. What the counting means is written in
//! `conformance/data/README.md`.

mod annotations;
mod requirements;
mod tokens;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::workspace;
use annotations::{Standing, annotations};
use requirements::{Class, Requirement, parse, parse_untestable};

/// The areas `--check` holds to [`FLOOR_PERCENT`]: the handshake with certificates and the record
/// layer, without which nothing else stands.
const HELD_AREAS: &[&str] = &[
    "hello",
    "hrr-cookie",
    "auth",
    "handshake-framing",
    "fragmentation",
    "ack",
    "retransmit-timer",
    "record",
    "recnum-encryption",
    "replay",
    "epoch",
    "alerts",
    "close",
    "version-negotiation",
];

/// A few rows of these areas belong to features beyond them, such as PSK; hence not 100.
const FLOOR_PERCENT: usize = 95;

#[derive(Default)]
struct Options {
    check: bool,
    missing: bool,
    areas: Vec<String>,
}

pub(crate) fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut options = Options::default();
    while let Some(arg) = args.next()? {
        match arg {
            lexopt::Arg::Long("check") => options.check = true,
            lexopt::Arg::Long("missing") => options.missing = true,
            lexopt::Arg::Long("area") => {
                options.areas.push(lexopt::ValueExt::string(args.value()?)?);
            }
            other => return Err(other.unexpected().into()),
        }
    }
    let data = workspace::root().join("conformance").join("data");
    let requirements = table(&data.join("requirements.tsv"), parse)?;
    let untestable =
        table(&data.join("untestable.tsv"), |text| parse_untestable(text, &requirements))?;
    let survey = Survey::of(&rust_files(workspace::root())?, &requirements)?;
    let report = Report { requirements: &requirements, untestable: &untestable, survey: &survey };
    print!("{}", report.text(&options)?);
    if options.check {
        let low = report.low(&options);
        if !low.is_empty() {
            bail!("under {FLOOR_PERCENT} % of their MUSTs: {}", low.join(", "));
        }
    }
    Ok(())
}

fn table<T>(path: &Path, parse: impl Fn(&str) -> anyhow::Result<T>) -> anyhow::Result<T> {
    let text =
        fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    parse(&text).with_context(|| format!("{}", path.display()))
}

/// Paths below `root`, in order, with their contents.
fn rust_files(root: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
    let mut files = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("cannot list {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let (name, path, kind) = (entry.file_name(), entry.path(), entry.file_type()?);
            let name = name.to_string_lossy();
            if kind.is_dir() && name != "target" && !name.starts_with('.') {
                folders.push(path);
            } else if kind.is_file() && name.ends_with(".rs") {
                let text = fs::read_to_string(&path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                files.push((path.strip_prefix(root).unwrap_or(&path).to_owned(), text));
            }
        }
    }
    files.sort();
    Ok(files)
}

/// Whether the file as a whole is tests: it lies below a `tests` folder or is a `tests.rs`, which
/// by custom its parent declares with `#[cfg(test)]`.
fn is_test_file(path: &Path) -> bool {
    path.iter().any(|part| part == "tests" || part == "tests.rs")
}

/// What the annotations of the whole tree say.
#[derive(Debug, Default)]
struct Survey {
    tested: BTreeSet<String>,
    /// Ids beside product code.
    cited: usize,
    /// Annotations in tests that do not count, as `file:line: id: why`.
    astray: Vec<String>,
}

impl Survey {
    fn of(files: &[(PathBuf, String)], requirements: &[Requirement]) -> anyhow::Result<Self> {
        let known: BTreeSet<&str> = requirements.iter().map(|row| row.id.as_str()).collect();
        let mut survey = Self::default();
        let mut unknown = String::new();
        for (path, text) in files {
            for annotation in annotations(text, is_test_file(path)) {
                let id = annotation.id;
                let place = format!("{}:{}: {id}", path.display(), annotation.line);
                if !known.contains(id) {
                    write!(unknown, "\n  {place}")?;
                    continue;
                }
                match annotation.standing {
                    Standing::Test => {
                        survey.tested.insert(id.to_owned());
                    }
                    Standing::Cited => survey.cited += 1,
                    Standing::Astray => {
                        survey.astray.push(format!("{place}: not directly above a test"));
                    }
                    Standing::Ignored => {
                        survey.astray.push(format!("{place}: the test is ignored"));
                    }
                }
            }
        }
        if !unknown.is_empty() {
            bail!("tests name requirements that do not exist:{unknown}");
        }
        Ok(survey)
    }
}

/// How many rows of one area and class are covered, and how.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    total: usize,
    tested: usize,
    reasoned: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.total += other.total;
        self.tested += other.tested;
        self.reasoned += other.reasoned;
    }

    fn missing(self) -> usize {
        self.total - self.tested - self.reasoned
    }

    fn is_low(self) -> bool {
        (self.tested + self.reasoned) * 100 < self.total * FLOOR_PERCENT
    }

    fn columns(self) -> String {
        let Self { total, tested, reasoned } = self;
        let missing = self.missing();
        // Rounded up, so that 0 means nothing is missing.
        let percent = if total == 0 { 0 } else { (missing * 100).div_ceil(total) };
        format!("{total:>6}{tested:>8}{reasoned:>10}{missing:>9}{percent:>4} %")
    }
}

struct Report<'a> {
    requirements: &'a [Requirement],
    untestable: &'a BTreeMap<String, String>,
    survey: &'a Survey,
}

impl Report<'_> {
    fn text(&self, options: &Options) -> anyhow::Result<String> {
        let mut areas: Vec<&str> = self.requirements.iter().map(|row| row.area.as_str()).collect();
        areas.sort_unstable();
        areas.dedup();
        for area in &options.areas {
            if !areas.contains(&area.as_str()) {
                bail!("there is no area `{area}`; there are {}", areas.join(", "));
            }
        }
        areas.retain(|area| options.shows(area));

        let columns = " total  tested  reasoned  missing     ";
        let mut out = format!("{:<22}{:<43}{}\n", "", " MUST", " SHOULD");
        writeln!(out, "{:<22}{columns}    {}", "area (* held)", columns.trim_end())?;
        let mut totals = [Tally::default(); 2];
        for area in &areas {
            let tallies = [self.tally(area, Class::Must), self.tally(area, Class::Should)];
            totals.iter_mut().zip(tallies).for_each(|(total, tally)| total.add(tally));
            let held = if HELD_AREAS.contains(area) { "*" } else { "" };
            let [must, should] = tallies.map(Tally::columns);
            writeln!(out, "{:<22}{must}    {should}", format!("{area} {held}"))?;
        }
        let [must, should] = totals.map(Tally::columns);
        writeln!(out, "{:<22}{must}    {should}", "all")?;

        self.write_missing(&mut out, &areas, options)?;
        self.write_remarks(&mut out)?;
        Ok(out)
    }

    /// Unasked the MUSTs of the areas held; with `--area` those of the area, with `--missing` the
    /// SHOULDs too, and both for every area shown.
    fn write_missing(
        &self,
        out: &mut String,
        areas: &[&str],
        options: &Options,
    ) -> anyhow::Result<()> {
        let narrowed = options.missing || !options.areas.is_empty();
        for &area in areas.iter().filter(|area| narrowed || HELD_AREAS.contains(area)) {
            let missing = self.requirements.iter().filter(|row| {
                let wanted = match row.class {
                    Class::Must => true,
                    Class::Should => options.missing,
                    Class::May => false,
                };
                wanted && row.area == area && !self.is_tested(row) && !self.is_reasoned(row)
            });
            for (number, row) in missing.enumerate() {
                if number == 0 {
                    writeln!(out, "\nno test in {area}:")?;
                }
                write!(out, "  {:<19} {:<9} {}", row.id, row.level, row.text)?;
                match row.behaviour.as_str() {
                    "-" => writeln!(out)?,
                    behaviour => writeln!(out, " [{behaviour}]")?,
                }
            }
        }
        Ok(())
    }

    fn write_remarks(&self, out: &mut String) -> anyhow::Result<()> {
        if self.survey.cited > 0 {
            writeln!(
                out,
                "\n{} ids stand beside product code and are not counted",
                self.survey.cited
            )?;
        }
        if !self.survey.astray.is_empty() {
            writeln!(out, "\nnot counted:\n  {}", self.survey.astray.join("\n  "))?;
        }
        for id in self.untestable.keys().filter(|id| self.survey.tested.contains(*id)) {
            writeln!(out, "\n{id} has a test: take it out of untestable.tsv")?;
        }
        Ok(())
    }

    fn tally(&self, area: &str, class: Class) -> Tally {
        let mut tally = Tally::default();
        for row in self.requirements.iter().filter(|row| row.area == area && row.class == class) {
            tally.total += 1;
            if self.is_tested(row) {
                tally.tested += 1;
            } else if self.is_reasoned(row) {
                tally.reasoned += 1;
            }
        }
        tally
    }

    fn is_tested(&self, row: &Requirement) -> bool {
        self.survey.tested.contains(&row.id)
    }

    fn is_reasoned(&self, row: &Requirement) -> bool {
        self.untestable.contains_key(&row.id)
    }

    /// The held areas under the floor, among those shown.
    fn low(&self, options: &Options) -> Vec<&'static str> {
        let held = HELD_AREAS.iter().copied().filter(|area| options.shows(area));
        held.filter(|area| self.tally(area, Class::Must).is_low()).collect()
    }
}

impl Options {
    fn shows(&self, area: &str) -> bool {
        self.areas.is_empty() || self.areas.iter().any(|wanted| wanted == area)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROWS: &str = "\
id\tlevel\tsection\tactor\tarea\trequirement\tbad_input_behaviour
9147-4-01\tMUST\t4\tboth\trecord\tFirst\tdrop
9147-4-02\tWIRE\t4\tboth\trecord\tSecond\t-
9147-4-03\tSHOULD\t4\tboth\trecord\tThird\t-
9147-4-04\tMAY\t4\tboth\trecord\tFourth\t-
9147bis-4-01\tMAY\t4\tboth\trecord\tFifth\t-
9147-9-01\tMUST\t9\tboth\tcid\tSixth\t-
";

    fn survey(files: &[(&str, &str)]) -> anyhow::Result<Survey> {
        let files: Vec<_> =
            files.iter().map(|&(path, text)| (PathBuf::from(path), text.to_owned())).collect();
        Survey::of(&files, &parse(ROWS)?)
    }

    fn with_report<T>(survey: &Survey, untestable: &str, look: impl Fn(&Report<'_>) -> T) -> T {
        let requirements = parse(ROWS).unwrap();
        let untestable = parse_untestable(untestable, &requirements).unwrap();
        look(&Report { requirements: &requirements, untestable: &untestable, survey })
    }

    #[test]
    fn tests_and_reasons_are_counted_per_class() {
        let survey = survey(&[
            ("a/src/lib.rs", "/// req: 9147-4-01 9147-4-03\n#[test] fn a() {}"),
            ("a/src/b.rs", "// req: 9147-4-02\nfn a() {}"),
        ])
        .unwrap();
        with_report(&survey, "id\treason\n9147bis-4-01\ta permission\n", |report| {
            let must = Tally { total: 3, tested: 1, reasoned: 1 };
            let should = Tally { total: 1, tested: 1, reasoned: 0 };
            assert_eq!(report.tally("record", Class::Must), must);
            assert_eq!(report.tally("record", Class::Should), should);
            assert_eq!(report.low(&Options::default()), ["record"]);
            let text = report.text(&Options::default()).unwrap();
            assert!(text.contains("9147-4-02           WIRE      Second\n"), "{text}");
            assert!(!text.contains("First") && !text.contains("Sixth"), "{text}");
            assert!(text.contains("1 ids stand beside product code"), "{text}");
        });
    }

    #[test]
    fn options_widen_and_narrow_the_list() {
        let survey = Survey::default();
        with_report(&survey, "id\treason\n", |report| {
            let listed = |missing, areas: &[&str]| {
                let areas = areas.iter().map(|&area| area.to_owned()).collect();
                report.text(&Options { missing, areas, check: false }).unwrap()
            };
            assert!(listed(false, &[]).contains("First [drop]"));
            assert!(!listed(false, &[]).contains("Third"));
            assert!(listed(true, &[]).contains("Third") && listed(true, &[]).contains("Sixth"));
            assert!(listed(false, &["cid"]).contains("Sixth"));
            assert!(!listed(false, &["cid"]).contains("record"));
            let wrong = Options { areas: vec!["rekord".to_owned()], ..Options::default() };
            assert!(report.text(&wrong).is_err());
        });
    }

    #[test]
    fn an_unknown_id_is_an_error_wherever_it_stands() {
        let error = survey(&[("a/src/lib.rs", "\n// req: 9147-4-01, 9147-4-99\nfn a() {}")]);
        assert!(error.unwrap_err().to_string().contains("a/src/lib.rs:2: 9147-4-99"));
    }

    #[test]
    fn files_below_tests_are_tests() {
        let plain = "// req: 9147-4-01\nfn a() {}";
        for (path, tested) in [
            ("a/tests/b/c.rs", 1),
            ("a/src/b/tests.rs", 1),
            ("a/src/contests.rs", 0),
            ("a/benches/b.rs", 0),
        ] {
            assert_eq!(survey(&[(path, plain)]).unwrap().tested.len(), tested, "{path}");
        }
    }

    #[test]
    fn the_floor_is_met_exactly() {
        let tally = |tested| Tally { total: 20, tested, reasoned: 0 };
        assert!(tally(18).is_low() && !tally(19).is_low());
        assert!(!Tally::default().is_low());
    }

    #[test]
    fn the_tree_is_read_without_build_output_and_hidden_folders() {
        let root = std::env::temp_dir().join(format!("xtask-compliance-{}", std::process::id()));
        for path in ["a/src/lib.rs", "a/target/b.rs", ".hidden/c.rs", "a/tests/d.rs", "a/e.txt"] {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let files = rust_files(&root);
        fs::remove_dir_all(&root).unwrap();
        let paths: Vec<_> = files.unwrap().into_iter().map(|(path, _)| path).collect();
        assert_eq!(paths, [Path::new("a/src/lib.rs"), Path::new("a/tests/d.rs")]);
    }

    #[test]
    fn every_held_area_exists() {
        let rows = parse(include_str!("../../conformance/data/requirements.tsv")).unwrap();
        for area in HELD_AREAS {
            assert!(rows.iter().any(|row| row.area == *area), "{area}");
        }
    }
}
