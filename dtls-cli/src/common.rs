//! Options, files and limits that server and client have in common.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use dtls13::core::crypto::{CipherSuite, NamedGroup};

use crate::failure::Failure;
use crate::provider::One;

/// Options of both roles.
#[derive(Args, Debug)]
pub(crate) struct Common {
    /// Application protocol (ALPN), best first; may be given several times.
    #[arg(long, value_name = "PROTOCOL")]
    pub(crate) alpn: Vec<String>,
    /// Key exchange group, best first; may be given several times. Names: X25519MLKEM768, X25519,
    /// P-256, P-384, P-521, X448, SecP256r1MLKEM768, SecP384r1MLKEM1024 [default: all that the
    /// provider offers, in its order]
    #[arg(long, value_name = "NAME", value_parser = group)]
    pub(crate) group: Vec<NamedGroup>,
    /// Cipher suite, best first; may be given several times [default: all that the
    /// provider offers but TLS_AES_128_CCM_8_SHA256]
    #[arg(long, value_name = "NAME", value_parser = suite)]
    pub(crate) suite: Vec<CipherSuite>,
    /// Largest datagram to send, in bytes of UDP payload [default: 1232]
    #[arg(long, value_name = "BYTES")]
    pub(crate) mtu: Option<usize>,
    /// Append the connections' secrets to this file (NSS key log format, for Wireshark). Who has
    /// the file reads the connections.
    #[arg(long, value_name = "FILE")]
    pub(crate) keylog: Option<PathBuf>,
    /// End the whole run after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub(crate) timeout: Option<u64>,
    /// Print one JSON object about the connection at the end, and nothing else.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) provider: One,
}

fn group(name: &str) -> Result<NamedGroup, String> {
    NamedGroup::from_name(name).ok_or_else(|| unknown("group", name, NamedGroup::KNOWN))
}

fn suite(name: &str) -> Result<CipherSuite, String> {
    CipherSuite::from_name(name).ok_or_else(|| unknown("cipher suite", name, CipherSuite::KNOWN))
}

fn unknown(kind: &str, name: &str, known: &[impl ToString]) -> String {
    let known: Vec<_> = known.iter().map(ToString::to_string).collect();
    format!("no {kind} has the name {name}; there are {}", known.join(", "))
}

/// Reads a file, or says which one cannot be read.
pub(crate) fn read(what: &str, path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| {
        Failure::Usage(format!("cannot read the {what} file {}: {error}", path.display()))
    })
}

/// Says which file is wrong, in which way, and what to do.
pub(crate) fn bad_file(what: &str, path: &Path, error: &dtls13::Error) -> Failure {
    use dtls13::Error as E;
    let hint = match error {
        E::KeyMismatch => "; give the key that the certificate was made for",
        E::NoCertificate => "; it should have a section BEGIN CERTIFICATE",
        E::NoPrivateKey => {
            "; it should have a section BEGIN PRIVATE KEY, and an encrypted key has to be \
             decrypted first (openssl pkey)"
        }
        E::BadPem => "; it should be PEM text",
        _ => "",
    };
    Failure::Usage(format!("the {what} file {}: {error}{hint}", path.display()))
}

/// When the whole run has to be over.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limit(Option<Instant>);

impl Limit {
    pub(crate) fn new(seconds: Option<u64>) -> Self {
        Self(seconds.and_then(|seconds| Instant::now().checked_add(Duration::from_secs(seconds))))
    }

    /// The time left, and at most `most`.
    pub(crate) fn left(self, most: Duration) -> Duration {
        self.0.map_or(most, |at| at.saturating_duration_since(Instant::now()).min(most))
    }

    pub(crate) fn is_over(self) -> bool {
        self.0.is_some_and(|at| at <= Instant::now())
    }
}

/// Applies the options of both roles to either role's configuration.
macro_rules! apply_common {
    ($config:expr, $args:expr, $limit:expr) => {{
        let (args, limit): (&$crate::common::Common, $crate::common::Limit) = ($args, $limit);
        let config = $config;
        $crate::provider::require(config.provider().as_ref(), &args.group, &args.suite)?;
        let mut config = config.alpn(args.alpn.iter().map(String::as_str))?;
        if !args.group.is_empty() {
            config = config.groups(&args.group)?;
        }
        if !args.suite.is_empty() {
            config = config.cipher_suites(&args.suite)?;
        }
        if let Some(mtu) = args.mtu {
            config = config.mtu(mtu)?;
        }
        if let Some(path) = &args.keylog {
            config = config.key_log_file(path).map_err(|error| {
                $crate::failure::Failure::Usage(format!(
                    "cannot write the key log file {}: {error}",
                    path.display()
                ))
            })?;
        }
        let mut timers = dtls13::TimerConfig::default();
        timers.handshake_timeout = limit.left(timers.handshake_timeout);
        config.timers(timers)
    }};
}
pub(crate) use apply_common;
