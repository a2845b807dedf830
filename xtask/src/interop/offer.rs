//! What our side has to offer with a provider, as `dtls providers --json` says it. A cell that needs
//! more is shown as not offered, never as passed.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

use super::cells::{Cell, GROUPS, Role, SUITES};
use super::certs::KeyType;
use super::peers::{Direction, Side};
use crate::process;

/// Names as the command line and the report have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    groups: BTreeSet<String>,
    suites: BTreeSet<String>,
    sign: BTreeSet<String>,
    verify: BTreeSet<String>,
}

impl Offer {
    /// Asks `dtls`; the arguments choose the provider.
    pub(super) fn ask(dtls: &Path, arguments: &[OsString]) -> anyhow::Result<Self> {
        let mut command = Command::new(dtls);
        command.args(["providers", "--json"]).args(arguments);
        let text = process::output(&mut command)?;
        Self::parse(&text).with_context(|| format!("of `{}`", process::show(&command)))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let report: Value = serde_json::from_str(text)?;
        let Some([provider]) = report["providers"].as_array().map(Vec::as_slice) else {
            bail!("the report is not about exactly one provider");
        };
        let names = |field: &str| -> anyhow::Result<BTreeSet<String>> {
            let list = provider[field].as_array();
            let list = list.with_context(|| format!("the report has no list `{field}`"))?;
            list.iter()
                .map(|entry| entry["name"].as_str().map(str::to_owned))
                .collect::<Option<_>>()
                .with_context(|| format!("an entry of `{field}` has no name"))
        };
        Ok(Self {
            groups: names("groups")?,
            suites: names("suites")?,
            sign: names("sign")?,
            verify: names("verify")?,
        })
    }

    /// All that the matrix can ask for.
    pub(super) fn everything() -> Self {
        let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let schemes = KeyType::ALL.map(KeyType::scheme);
        Self {
            groups: owned(&GROUPS),
            suites: owned(&SUITES),
            sign: owned(&schemes),
            verify: owned(&schemes),
        }
    }

    pub(super) fn has_group(&self, group: &str) -> bool {
        self.groups.contains(group)
    }

    /// The first thing our side of a cell needs and the provider does not offer.
    pub(super) fn lacks(&self, cell: &Cell, direction: Direction) -> Option<&'static str> {
        let ours = [Role::Client, Role::Server]
            .into_iter()
            .filter(|role| direction.side(*role) == Side::Ours);
        ours.flat_map(|role| self.lacks_as(cell, role)).next()
    }

    fn lacks_as(&self, cell: &Cell, role: Role) -> impl Iterator<Item = &'static str> {
        let server_key = Some(cell.server_key);
        let (groups, suite, own, peers) = match role {
            Role::Client => (&cell.client_groups, cell.client_suite, cell.client_key, server_key),
            Role::Server => (&cell.server_groups, cell.server_suite, server_key, cell.client_key),
        };
        let group = groups.iter().copied().filter(|name| !self.groups.contains(*name));
        let suite = Some(suite).into_iter().filter(|name| !self.suites.contains(*name));
        let missing = |key: Option<KeyType>, offered: &BTreeSet<String>| {
            key.map(KeyType::scheme).filter(|scheme| !offered.contains(*scheme))
        };
        let sign = missing(own, &self.sign);
        let verify = missing(peers, &self.verify);
        group.chain(suite).chain(sign).chain(verify).collect::<Vec<_>>().into_iter()
    }
}

#[cfg(test)]
mod tests {
    use super::super::cells::{Base, all};
    use super::*;

    impl Offer {
        pub(in super::super) fn without_group(mut self, group: &str) -> Self {
            assert!(self.groups.remove(group));
            self
        }
    }

    fn report(groups: &str) -> String {
        format!(
            r#"{{"providers":[{{"name":"openssl-fips","groups":[{groups}],
               "suites":[{{"name":"TLS_AES_128_GCM_SHA256"}}],
               "sign":[{{"name":"ecdsa_secp256r1_sha256"}}],
               "verify":[{{"name":"ecdsa_secp256r1_sha256"}},{{"name":"ed25519"}}]}}]}}"#
        )
    }

    fn cell(name: &str) -> Cell {
        let cells = all(Base::of(&Offer::everything()), 1);
        cells.into_iter().find(|cell| cell.name == name).unwrap()
    }

    #[test]
    fn a_report_without_a_list_or_a_name_is_an_error() {
        assert!(Offer::parse(&report(r#"{"name":"P-256"}"#)).unwrap().has_group("P-256"));
        assert!(Offer::parse(&report(r#"{"id":23}"#)).is_err());
        assert!(Offer::parse(r#"{"providers":[{"groups":[]}]}"#).is_err());
        assert!(Offer::parse(r#"{"providers":[]}"#).is_err());
    }

    #[test]
    fn who_offers_everything_plays_every_cell() {
        let everything = Offer::everything();
        for cell in all(Base::of(&everything), 1) {
            for direction in [Direction::OursToWolf, Direction::WolfToOurs] {
                assert_eq!(everything.lacks(&cell, direction), None, "{}", cell.name);
            }
        }
    }

    #[test]
    fn a_cell_that_needs_more_names_what() {
        let offer = Offer::parse(&report(r#"{"name":"P-256"}"#)).unwrap();
        let plain = |rest: &str| cell(&format!("plain/{rest}"));
        let (client, server) = (Direction::OursToWolf, Direction::WolfToOurs);
        let lacks = |rest, direction| offer.lacks(&plain(rest), direction);
        assert_eq!(lacks("P-256/AES_128_GCM/ecdsa", client), None);
        assert_eq!(lacks("X25519/AES_128_GCM/ecdsa", client), Some("X25519"));
        assert_eq!(lacks("P-256/AES_256_GCM/ecdsa", server), Some("TLS_AES_256_GCM_SHA384"));
        // It can judge such a signature, but not make one.
        assert_eq!(lacks("P-256/AES_128_GCM/ed25519", client), None);
        assert_eq!(lacks("P-256/AES_128_GCM/ed25519", server), Some("ed25519"));
    }
}
