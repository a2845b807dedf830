//! Keys and signatures that somebody else made: `data/foreign.txt`.

use std::collections::HashMap;

use super::Bytes;

/// What every signature of the file is over.
pub const FOREIGN_MESSAGE: &[u8] = b"A message signed by somebody else.";

/// The file's entries by name: `p256.spki`, `rsa2048.pkcs8`, `rsae_sha256.sig`, ….
#[derive(Debug)]
pub struct Foreign(HashMap<&'static str, Bytes>);

impl Foreign {
    /// Reads the file, which is part of the program.
    ///
    /// # Panics
    /// Never with the file as it was published.
    pub fn load() -> Self {
        let lines = include_str!("../../data/foreign.txt").lines();
        let entries = lines.filter(|line| !line.starts_with('#')).map(|line| {
            let entry = line.split_once(' ');
            let entry = entry.and_then(|(name, hex)| Some((name, Bytes::from_hex(hex)?)));
            entry.unwrap_or_else(|| panic!("data/foreign.txt: {line}"))
        });
        Self(entries.collect())
    }

    /// The entry of this name.
    ///
    /// # Panics
    /// When there is none.
    pub fn get(&self, name: &str) -> &[u8] {
        self.0.get(name).unwrap_or_else(|| panic!("data/foreign.txt has no {name}"))
    }
}
