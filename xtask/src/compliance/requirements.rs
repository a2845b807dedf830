//! The list of requirements and the list of those no test can check, as the two tables in
//! `conformance/data` have them.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail, ensure};

/// One row of `requirements.tsv`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Requirement {
    pub(super) id: String,
    pub(super) class: Class,
    pub(super) level: String,
    pub(super) area: String,
    pub(super) text: String,
    pub(super) behaviour: String,
}

/// How binding a requirement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Class {
    /// MUST, SHALL and what follows from a format or an algorithm.
    Must,
    /// SHOULD and RECOMMENDED.
    Should,
    /// MAY: permissions, which are not counted.
    May,
}

/// Errata and the revision of RFC 9147: each of their rows is held like a MUST, since they mend
/// what implementations of the published text got wrong.
const REVISION: &str = "9147bis-";

const HEADER: &str = "id\tlevel\tsection\tactor\tarea\trequirement\tbad_input_behaviour";

pub(super) fn parse(table: &str) -> anyhow::Result<Vec<Requirement>> {
    let mut lines = table.lines();
    ensure!(lines.next() == Some(HEADER), "the first line must name the seven columns");
    let mut ids = BTreeSet::new();
    let mut requirements = Vec::new();
    for line in lines {
        let columns: Vec<&str> = line.split('\t').collect();
        let &[id, level, _section, _actor, area, text, behaviour] = columns.as_slice() else {
            bail!("not seven columns: `{line}`");
        };
        ensure!(is_id_shaped(id), "`{id}` does not end with a section and a two-digit number");
        ensure!(ids.insert(id), "{id} stands there twice");
        requirements.push(Requirement {
            id: id.to_owned(),
            class: class(id, level).with_context(|| format!("{id}: level `{level}` is unknown"))?,
            level: level.to_owned(),
            area: area.to_owned(),
            text: text.to_owned(),
            behaviour: behaviour.to_owned(),
        });
    }
    Ok(requirements)
}

fn class(id: &str, level: &str) -> Option<Class> {
    let class = match level {
        "MUST" | "MUST NOT" | "SHALL" | "SHALL NOT" | "REQUIRED" | "WIRE" => Class::Must,
        "SHOULD" | "SHOULD NOT" | "RECOMMENDED" | "NOT RECOMMENDED" => Class::Should,
        "MAY" | "OPTIONAL" => Class::May,
        _ => return None,
    };
    Some(if id.starts_with(REVISION) { Class::Must } else { class })
}

/// Ids without a possible test, with the reason.
pub(super) fn parse_untestable(
    table: &str,
    known: &[Requirement],
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut lines = table.lines();
    ensure!(lines.next() == Some("id\treason"), "the first line must name the two columns");
    let mut reasons = BTreeMap::new();
    for line in lines {
        let (id, reason) = line.split_once('\t').with_context(|| format!("no tab: `{line}`"))?;
        ensure!(!reason.trim().is_empty(), "{id} has no reason");
        ensure!(known.iter().any(|row| row.id == id), "{id} is no requirement");
        let before = reasons.insert(id.to_owned(), reason.to_owned());
        ensure!(before.is_none(), "{id} stands there twice");
    }
    Ok(reasons)
}

/// Whether a word looks like `9147-4.5.1-02`: two hyphens at least, two digits behind the last.
pub(super) fn is_id_shaped(word: &str) -> bool {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '.' || c == '-';
    word.rsplit_once('-').is_some_and(|(rule, number)| {
        let digits = number.len() == 2 && number.bytes().all(|b| b.is_ascii_digit());
        digits && rule.contains('-') && rule.chars().all(allowed)
    })
}

#[cfg(test)]
mod tests {
    use super::{Class, HEADER, class, is_id_shaped, parse, parse_untestable};

    #[test]
    fn the_project_s_own_tables_are_well_formed() {
        let requirements = include_str!("../../../conformance/data/requirements.tsv");
        let untestable = include_str!("../../../conformance/data/untestable.tsv");
        let requirements = parse(requirements).unwrap();
        assert_eq!(requirements.len(), 497);
        parse_untestable(untestable, &requirements).unwrap();
    }

    #[test]
    fn levels_fall_into_classes() {
        assert_eq!(class("9147-4-01", "WIRE"), Some(Class::Must));
        assert_eq!(class("9147-4-01", "NOT RECOMMENDED"), Some(Class::Should));
        assert_eq!(class("9147-4-01", "MAY"), Some(Class::May));
        assert_eq!(class("9147bis-4-01", "MAY"), Some(Class::Must));
        assert_eq!(class("9147-4-01", "MIGHT"), None);
    }

    #[test]
    fn ids_are_recognised_by_their_shape() {
        assert!(
            ["9147-4-01", "8446-E.5-02", "9147bis-7.1-01", "ecdhe-mlkem-4.1-06", "9147-C-01"]
                .into_iter()
                .all(is_id_shaped)
        );
        assert!(
            !["9147-01", "9147-4-1", "re-transmit", "see", "9147-4-0x"]
                .into_iter()
                .any(is_id_shaped)
        );
    }

    #[test]
    fn a_row_that_repeats_an_id_is_refused() {
        let row = "9147-4-01\tMUST\t4\tboth\trecord\tText\t-";
        assert!(parse(&format!("{HEADER}\n{row}\n")).is_ok());
        assert!(parse(&format!("{HEADER}\n{row}\n{row}\n")).is_err());
    }

    #[test]
    fn a_reason_must_be_given_and_its_id_must_exist() {
        let rows =
            parse(&format!("{HEADER}\n9147-4-01\tMUST\t4\tboth\trecord\tText\t-\n")).unwrap();
        assert!(parse_untestable("id\treason\n9147-4-01\tbecause\n", &rows).is_ok());
        assert!(parse_untestable("id\treason\n9147-4-01\t\n", &rows).is_err());
        assert!(parse_untestable("id\treason\n9147-4-02\tbecause\n", &rows).is_err());
    }
}
