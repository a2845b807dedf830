//! Key logs in the NSS format, for Wireshark and its like. Only for debugging: who has the log
//! reads every connection in it.

use std::fmt;
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use crate::Error;

/// Takes the secrets of connections. Nothing is logged unless a configuration is given one.
pub trait KeyLog: fmt::Debug + Send + Sync {
    /// Takes one secret: `label` as in the NSS key log format, `client_random` names the
    /// connection.
    fn log(&self, label: &str, client_random: &[u8; 32], secret: &[u8]);
}

/// A key log in a file, one line a secret.
#[derive(Debug)]
pub(crate) struct KeyLogFile(Mutex<File>);

impl KeyLogFile {
    /// Opens the file to append to it, and makes it if need be.
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        Ok(Self(Mutex::new(options.open(path)?)))
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8; 32], secret: &[u8]) {
        let line = line(label, client_random, secret);
        let mut file = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be written must not end a connection.
        let _ = file.write_all(line.as_bytes());
    }
}

fn line(label: &str, client_random: &[u8], secret: &[u8]) -> String {
    let mut line =
        String::with_capacity(label.len() + 2 * (client_random.len() + secret.len()) + 3);
    line.push_str(label);
    for bytes in [client_random, secret] {
        line.push(' ');
        line.extend(bytes.iter().map(|byte| format!("{byte:02x}")));
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_line_has_label_random_and_secret() {
        assert_eq!(super::line("L", &[1, 0xab], &[0xff]), "L 01ab ff\n");
    }
}
