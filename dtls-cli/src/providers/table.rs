//! Surveys for people: what each provider is, then what they offer side by side, in 80 columns.

use std::fmt::Write as _;

use super::measure::RECORD_LEN;
use super::survey::{Item, Survey};

/// Columns of a terminal that nobody has made wider.
const WIDTH: usize = 80;
/// The longest name, `TLS_CHACHA20_POLY1305_SHA256`.
const NAME_WIDTH: usize = 28;
/// `openssl-fips` and a space before it.
const CELL_WIDTH: usize = 13;
/// As many as have room side by side.
const SIDE_BY_SIDE: usize = (WIDTH - NAME_WIDTH) / CELL_WIDTH;

pub(super) fn text(surveys: &[Survey]) -> String {
    let mut out = String::new();
    for survey in surveys {
        about(&mut out, survey);
    }
    for surveys in surveys.chunks(SIDE_BY_SIDE) {
        side_by_side(&mut out, surveys);
    }
    borrowed(&mut out, surveys);
    if cfg!(debug_assertions) {
        out.push_str("This program is built without optimisation; its costs say little.\n");
    }
    out
}

fn about(out: &mut String, survey: &Survey) {
    let Survey { name, own_name, file, version, fips, .. } = survey;
    // Writing to a String does not fail.
    let _ = if name == own_name {
        writeln!(out, "{name}")
    } else {
        writeln!(out, "{name}: {own_name}")
    };
    let file = file.as_ref().map(|file| ("file", file.display().to_string()));
    let details = survey.details.iter().map(|(name, value)| (name.as_str(), value.clone()));
    let facts: Vec<(&str, String)> = [("version", version.clone()), ("FIPS", fips.clone())]
        .into_iter()
        .chain(file)
        .chain(details)
        .collect();
    let width = facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
    for (name, value) in facts {
        fact(out, &format!("{name:<width$}"), &value);
    }
    out.push('\n');
}

/// `name  value`, the value in as many lines as it needs.
fn fact(out: &mut String, name: &str, value: &str) {
    let mut line = format!("  {name}  ");
    let indent = line.chars().count();
    let mut is_empty = true;
    for word in value.split_whitespace() {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            line = " ".repeat(indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

fn side_by_side(out: &mut String, surveys: &[Survey]) {
    let columns =
        |of: &dyn Fn(&Survey) -> String| -> Vec<String> { surveys.iter().map(of).collect() };
    let names = columns(&|survey| survey.name.clone());
    row(out, "", &names);

    row(out, &format!("ns to seal {RECORD_LEN} bytes"), &[]);
    for name in union(surveys, |survey| survey.suites.iter().map(|suite| &suite.item)) {
        let cost = |survey: &Survey| {
            let suite = survey.suites.iter().find(|suite| suite.item.name == name);
            suite.map(|suite| marked(&suite.seal_ns.to_string(), &suite.item)).unwrap_or_default()
        };
        row(out, name, &columns(&cost));
    }

    offered(out, "key exchange", surveys, |survey| &survey.groups);
    offered(out, "ML-KEM alone, if asked for", surveys, |survey| &survey.kem_halves);

    row(out, "\nsignatures: makes, verifies or both", &[]);
    for name in union(surveys, |survey| survey.sign.iter().chain(&survey.verify)) {
        let can = |survey: &Survey| {
            let find = |list: &'_ [Item]| list.iter().find(|item| item.name == name).cloned();
            match (find(&survey.sign), find(&survey.verify)) {
                (Some(item), Some(_)) => marked("both", &item),
                (Some(item), None) => marked("makes", &item),
                (None, Some(item)) => marked("verifies", &item),
                (None, None) => String::new(),
            }
        };
        row(out, name, &columns(&can));
    }

    offered(out, "keys it makes", surveys, |survey| &survey.keys);
    out.push('\n');
}

fn offered(
    out: &mut String,
    title: &str,
    surveys: &[Survey],
    list: impl Fn(&Survey) -> &Vec<Item>,
) {
    let names = union(surveys, |survey| list(survey).iter());
    if !names.is_empty() {
        row(out, &format!("\n{title}"), &[]);
    }
    for name in names {
        let cell = |survey: &Survey| {
            let item = list(survey).iter().find(|item| item.name == name);
            item.map(|item| marked("yes", item)).unwrap_or_default()
        };
        row(out, name, &surveys.iter().map(cell).collect::<Vec<_>>());
    }
}

/// The names in the first provider's order, then what only the others have.
fn union<'a, I: Iterator<Item = &'a Item>>(
    surveys: &'a [Survey],
    list: impl Fn(&'a Survey) -> I,
) -> Vec<&'a str> {
    let mut names: Vec<&str> = Vec::new();
    for item in surveys.iter().flat_map(list) {
        if !names.contains(&item.name.as_str()) {
            names.push(&item.name);
        }
    }
    names
}

/// With a star where a part is borrowed; what that means stands below the table.
fn marked(cell: &str, item: &Item) -> String {
    let star = if item.borrowed_from.is_some() { "*" } else { "" };
    format!("{star}{cell}")
}

fn row(out: &mut String, name: &str, cells: &[String]) {
    let mut line = format!("{name:<NAME_WIDTH$}");
    for cell in cells {
        let cell = if cell.is_empty() { "-" } else { cell };
        let _ = write!(line, "{cell:>CELL_WIDTH$}");
    }
    let _ = writeln!(out, "{}", line.trim_end());
}

/// What the stars mean.
fn borrowed(out: &mut String, surveys: &[Survey]) {
    for survey in surveys {
        let mut libraries: Vec<(&str, Vec<&str>)> = Vec::new();
        for item in survey.items() {
            let Some(library) = item.borrowed_from else { continue };
            match libraries.iter_mut().find(|(known, _)| *known == library) {
                Some((_, names)) if names.contains(&item.name.as_str()) => {}
                Some((_, names)) => names.push(&item.name),
                None => libraries.push((library, vec![&item.name])),
            }
        }
        for (library, names) in libraries {
            let text = format!("a part is borrowed from {library}: {}", names.join(", "));
            fact(out, &format!("* {}", survey.name), &text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::survey::Suite;
    use super::*;

    fn item(name: &str, borrowed_from: Option<&'static str>) -> Item {
        Item { name: name.to_owned(), fips: "none".to_owned(), borrowed_from }
    }

    fn survey(name: &str) -> Survey {
        let list = |names: &[&str]| names.iter().map(|name| item(name, None)).collect();
        let suite = |name, borrowed| Suite { item: item(name, borrowed), seal_ns: 32740 };
        Survey {
            name: name.to_owned(),
            own_name: "openssl".to_owned(),
            file: None,
            version: "1.0".to_owned(),
            fips: "approved mode, attested as validated".to_owned(),
            details: vec![("CPU features".to_owned(), "aes avx2 ".repeat(30))],
            suites: vec![
                suite("TLS_AES_128_GCM_SHA256", None),
                suite("TLS_CHACHA20_POLY1305_SHA256", Some("chacha20")),
            ],
            groups: list(&["X25519", "P-256"]),
            kem_halves: list(&["MLKEM768"]),
            verify: list(&["ed25519", "rsa_pss_rsae_sha256"]),
            sign: list(&["ed25519"]),
            keys: list(&["Ed25519"]),
        }
    }

    #[test]
    fn no_line_is_longer_than_a_terminal_is_wide() {
        let names = ["rustcrypto", "openssl", "openssl-fips", "botan", "plugin", "plugin-2"];
        let text = text(&names.map(survey));
        for line in text.lines() {
            assert!(line.chars().count() <= WIDTH, "{line}");
        }
        assert_eq!(text.lines().filter(|line| line.contains("openssl-fips")).count(), 3, "{text}");
    }

    #[test]
    fn what_one_provider_lacks_is_a_dash_in_its_column() {
        let mut poor = survey("poor");
        poor.groups.remove(0);
        poor.sign.clear();
        poor.kem_halves.clear();
        assert!(!text(&[poor.clone()]).contains("ML-KEM alone"));
        let text = text(&[survey("rich"), poor]);
        let cells = |name: &str| -> Vec<String> {
            let line = text.lines().find(|line| line.starts_with(name));
            let line = line.unwrap_or_else(|| panic!("{name} in {text}"));
            line[NAME_WIDTH..]
                .split("  ")
                .map(|s| s.trim().to_owned())
                .filter(|s| !s.is_empty())
                .collect()
        };
        assert_eq!(cells("X25519"), ["yes", "-"]);
        assert_eq!(cells("P-256"), ["yes", "yes"]);
        assert_eq!(cells("ed25519"), ["both", "verifies"]);
        assert_eq!(cells("rsa_pss_rsae_sha256"), ["verifies", "verifies"]);
        assert_eq!(cells("TLS_CHACHA20_POLY1305_SHA256"), ["*32740", "*32740"]);
        let note = "a part is borrowed from chacha20: TLS_CHACHA20_POLY1305_SHA256";
        assert_eq!(text.matches(note).count(), 2, "{text}");
    }
}
