//! `cargo xtask deps`: the dependency rule. The protocol core depends on the crypto API and on
//! nothing else, so that no cipher, socket or clock can slip into it.

use anyhow::bail;

use crate::process::{self, cargo};

const CORE: &str = "dtls-core";
const ALLOWED: &[&str] = &["dtls-crypto-api"];

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    check()
}

pub(crate) fn check() -> anyhow::Result<()> {
    let mut tree = cargo(&["tree", "-p", CORE, "-e", "normal", "--depth", "1", "--prefix", "none"]);
    let tree = process::output(tree.args(["--all-features", "--format", "{p}"]))?;
    let forbidden = forbidden(&tree);
    if !forbidden.is_empty() {
        bail!(
            "{CORE} must depend on {} alone, but names {}",
            ALLOWED.join(", "),
            forbidden.join(", ")
        );
    }
    println!("{CORE} depends on {} alone", ALLOWED.join(", "));
    Ok(())
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
    use super::forbidden;

    #[test]
    fn the_api_alone_is_allowed() {
        assert!(forbidden("dtls-core v0.1.0 (/a)\ndtls-crypto-api v0.1.0 (/b)\n").is_empty());
    }

    #[test]
    fn anything_else_is_named() {
        let tree = "dtls-core v0.1.0 (/a)\ndtls-crypto-api v0.1.0 (/b)\nlog v0.4.0\n";
        assert_eq!(forbidden(tree), ["log"]);
    }
}
