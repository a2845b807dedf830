//! `cargo xtask features`: every documented combination of `dtls13`'s features compiles, alone and
//! together. Features only add, so what compiles alone and all together mostly compiles in between;
//! the list says the combinations that somebody will choose.

use crate::botan;
use crate::process::{self, cargo};
use crate::vendored;

/// Always with `--no-default-features`.
const COMBINATIONS: &[&str] = &[
    // No backend: the user brings one.
    "",
    "blocking",
    "tokio",
    "blocking,tokio",
    // Each alone.
    "rustcrypto",
    "rsa-signing",
    "openssl",
    "fips",
    "botan",
    "plugin",
    "webpki-roots",
    "native-roots",
    // The default, and what a server or a device may take.
    "rustcrypto,blocking",
    "rustcrypto,tokio",
    "openssl,tokio",
    "openssl,fips,blocking",
    "botan,tokio",
    // To choose between at run time.
    "rustcrypto,openssl,blocking",
    "openssl,botan,blocking",
    "rustcrypto,openssl,fips,botan,plugin,blocking,tokio,webpki-roots,native-roots",
    // From source.
    "openssl-vendored",
    "openssl-vendored,fips,tokio",
    "botan-vendored",
    "rustcrypto,openssl-vendored,fips,botan-vendored,plugin,blocking",
];

pub(crate) fn run(args: lexopt::Parser) -> anyhow::Result<()> {
    crate::no_options(args)?;
    check()
}

pub(crate) fn check() -> anyhow::Result<()> {
    botan::build()?;
    for features in COMBINATIONS {
        let mut check = cargo(&["clippy", "--quiet", "-p", "dtls13", "--no-default-features"]);
        check.args(["--features", features]);
        if features.contains("vendored") {
            check = vendored::in_folder(check);
            check.arg("--release");
        }
        // Clippy rather than check, for its way to make warnings errors: something is unused.
        process::run(check.args(["--", "-D", "warnings"]))?;
    }
    println!("features: {} combinations compile", COMBINATIONS.len());
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::process::{self, cargo};

    use super::COMBINATIONS;

    #[test]
    fn every_feature_of_the_crate_is_in_some_combination() {
        let mut metadata = cargo(&["metadata", "--no-deps", "--format-version", "1"]);
        let metadata = process::output(&mut metadata).unwrap();
        let metadata: serde_json::Value = serde_json::from_str(&metadata).unwrap();
        let packages = metadata["packages"].as_array().unwrap();
        let dtls13 = packages.iter().find(|package| package["name"] == "dtls13").unwrap();
        let features: BTreeSet<&str> = dtls13["features"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .filter(|feature| *feature != "default")
            .collect();
        let tried: BTreeSet<&str> = COMBINATIONS
            .iter()
            .flat_map(|features| features.split(','))
            .filter(|feature| !feature.is_empty())
            .collect();
        assert_eq!(tried, features);
    }
}
