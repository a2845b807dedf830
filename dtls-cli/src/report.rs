//! What `--json` prints at the end of a server or client.

use dtls13::blocking::Connection;
use serde_json::{Value, json};

/// What is known about a connection when it is over.
#[derive(Clone, Debug, Default)]
pub(crate) struct Report {
    pub(crate) cipher_suite: Option<String>,
    pub(crate) group: Option<String>,
    pub(crate) signature_scheme: Option<String>,
    pub(crate) client_cert: bool,
    pub(crate) alpn: Option<String>,
    pub(crate) datagrams: u64,
    pub(crate) peer_closed: bool,
    pub(crate) error: Option<String>,
}

impl Report {
    /// What the handshake agreed on.
    pub(crate) fn agreed(&mut self, connection: &Connection) {
        let summary = connection.summary();
        self.cipher_suite = Some(summary.cipher_suite.to_string());
        self.group = Some(summary.group.to_string());
        self.signature_scheme = Some(summary.server_scheme.to_string());
        self.client_cert = summary.client_scheme.is_some();
        self.alpn = summary.alpn.map(|name| String::from_utf8_lossy(&name).into_owned());
    }

    pub(crate) fn to_json(&self) -> Value {
        json!({
            "version": self.cipher_suite.as_ref().map(|_| "DTLS 1.3"),
            "cipher_suite": self.cipher_suite,
            "group": self.group,
            "signature_scheme": self.signature_scheme,
            "client_cert": self.client_cert,
            "alpn": self.alpn,
            "datagrams": self.datagrams,
            "peer_closed": self.peer_closed,
            "error": self.error,
        })
    }

    /// One line for people.
    pub(crate) fn agreed_line(&self) -> String {
        let part = |value: &Option<String>| value.clone().unwrap_or_default();
        let mut line = format!(
            "DTLS 1.3, {}, {}, {}",
            part(&self.cipher_suite),
            part(&self.group),
            part(&self.signature_scheme)
        );
        if let Some(alpn) = &self.alpn {
            line.push_str(", ALPN ");
            line.push_str(alpn);
        }
        if self.client_cert {
            line.push_str(", client certificate");
        }
        line
    }
}
