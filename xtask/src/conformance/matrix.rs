//! Handshakes between all providers of a build: `dtls-matrix`, every cell on the simulated link and
//! a sample over real UDP.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;
use serde_json::Value;

use crate::process;
use crate::programs::Programs;
use crate::provider::Provider;
use crate::stamp;

/// Handshakes in which a provider was at one end at least.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Handshakes {
    /// As they should be: connected, or refused where one side has no means.
    pub(super) passed: u64,
    pub(super) failed: u64,
}

/// The counts of each of the providers, in their order.
pub(super) fn run(providers: &[Provider], programs: &Programs) -> anyhow::Result<Vec<Handshakes>> {
    let mut counts = vec![Handshakes::default(); providers.len()];
    for (transport, arguments) in [("simulated", &[][..]), ("udp", &["--udp"][..])] {
        let json = format!("handshakes-{}-{transport}.json", programs.libraries().name());
        let json = super::reports()?.join(json);
        stamp::forget(&json)?;
        let mut command = Command::new(programs.matrix());
        command.args(arguments).arg("--json").arg(&json);
        for argument in providers.iter().map(|provider| provider.arguments(programs)) {
            command.args(argument?);
        }
        let result = process::run(&mut command);
        let text = fs::read_to_string(&json);
        let report = match (result, text) {
            // Its exit status says that a cell failed, which the report says too.
            (_, Ok(text)) => serde_json::from_str(&text)?,
            (Err(error), _) => return Err(error),
            (Ok(()), Err(error)) => return Err(error).with_context(|| cannot_read(&json)),
        };
        for (provider, counts) in providers.iter().zip(&mut counts) {
            let more = count(&report, provider.own_name()).with_context(|| cannot_read(&json))?;
            counts.passed += more.passed;
            counts.failed += more.failed;
        }
    }
    Ok(counts)
}

fn cannot_read(json: &Path) -> String {
    format!("cannot read {} as a report about handshakes", json.display())
}

/// The cells with this name at either end.
fn count(report: &Value, name: &str) -> Option<Handshakes> {
    let mut counts = Handshakes::default();
    for cell in report["cells"].as_array()? {
        if cell["client"].as_str()? == name || cell["server"].as_str()? == name {
            let failed = !cell.get("failure")?.is_null();
            *(if failed { &mut counts.failed } else { &mut counts.passed }) += 1;
        }
    }
    Some(counts)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Handshakes, count};

    #[test]
    fn a_cell_counts_once_for_each_of_its_two_providers() {
        let report = json!({ "cells": [
            { "client": "botan", "server": "botan", "failure": null },
            { "client": "botan", "server": "openssl", "failure": "no common group" },
            { "client": "openssl", "server": "openssl", "failure": null },
        ] });
        assert_eq!(count(&report, "botan"), Some(Handshakes { passed: 1, failed: 1 }));
        assert_eq!(count(&report, "openssl"), Some(Handshakes { passed: 1, failed: 1 }));
        assert_eq!(count(&report, "rustcrypto"), Some(Handshakes::default()));
        assert_eq!(count(&json!({}), "botan"), None);
    }
}
