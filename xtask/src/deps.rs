//! `cargo xtask deps`: the dependency rules. The protocol core depends on the crypto API and on
//! nothing else, so that no cipher, socket or clock can slip into it; and every dependency of every
//! crate has its reason in `docs/dependencies.md`.

use std::collections::BTreeSet;
use std::fs;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::process::{self, cargo};
use crate::workspace;

const CORE: &str = "dtls-core";
const ALLOWED: &[&str] = &["dtls-crypto-api"];
const REASONS: &str = "docs/dependencies.md";

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    check()
}

pub(crate) fn check() -> anyhow::Result<()> {
    core_stands_alone()?;
    every_dependency_has_a_reason()
}

fn core_stands_alone() -> anyhow::Result<()> {
    let mut tree = cargo(&["tree", "-p", CORE, "-e", "normal", "--depth", "1", "--prefix", "none"]);
    let tree = process::output(tree.args(["--all-features", "--format", "{p}"]))?;
    let forbidden = forbidden(&tree);
    if !forbidden.is_empty() {
        let allowed = ALLOWED.join(", ");
        bail!("{CORE} must depend on {allowed} alone, but names {}", forbidden.join(", "));
    }
    println!("{CORE} depends on {} alone", ALLOWED.join(", "));
    Ok(())
}

fn every_dependency_has_a_reason() -> anyhow::Result<()> {
    let metadata =
        process::output(&mut cargo(&["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata = serde_json::from_str(&metadata)?;
    let reasons = fs::read_to_string(workspace::root().join(REASONS))
        .with_context(|| format!("cannot read {REASONS}"))?;
    let missing = without_reason(&metadata, &reasons);
    if !missing.is_empty() {
        bail!(
            "say in {REASONS} why we have {}",
            missing.into_iter().collect::<Vec<_>>().join(", ")
        );
    }
    println!("every dependency has its reason in {REASONS}");
    Ok(())
}

/// Dependencies from outside the workspace that the text does not name in backquotes.
fn without_reason(metadata: &Value, reasons: &str) -> BTreeSet<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .flat_map(|package| package["dependencies"].as_array().into_iter().flatten())
        .filter(|dependency| dependency["path"].is_null())
        .filter_map(|dependency| dependency["name"].as_str())
        .filter(|name| !reasons.contains(&format!("`{name}`")))
        .map(str::to_owned)
        .collect()
}

/// What `cargo tree --depth 1 --prefix none` lists below the package itself and is not allowed.
fn forbidden(tree: &str) -> Vec<&str> {
    tree.lines()
        .skip(1)
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| !ALLOWED.contains(name))
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{forbidden, without_reason};

    #[test]
    fn the_api_alone_is_allowed() {
        assert!(forbidden("dtls-core v0.1.0 (/a)\ndtls-crypto-api v0.1.0 (/b)\n").is_empty());
    }

    #[test]
    fn anything_else_is_named() {
        let tree = "dtls-core v0.1.0 (/a)\ndtls-crypto-api v0.1.0 (/b)\nlog v0.4.0\n";
        assert_eq!(forbidden(tree), ["log"]);
    }

    #[test]
    fn a_dependency_without_a_reason_is_named_and_one_of_ours_needs_none() {
        let metadata = json!({ "packages": [{ "dependencies": [
            { "name": "log" },
            { "name": "zeroize" },
            { "name": "dtls-core", "path": "/a" },
        ] }] });
        let missing = without_reason(&metadata, "| `zeroize` | wipes |");
        assert_eq!(missing.into_iter().collect::<Vec<_>>(), ["log"]);
    }
}
