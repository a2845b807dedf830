//! The part of the file about handshakes: messages, secrets, labels, binders.

use serde::Deserialize;

use super::Bytes;

/// A TLS 1.3 handshake, message by message with its four-byte header.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rfc8448Handshake {
    /// Name of the cipher suite.
    pub cipher_suite: String,
    /// Name of the group.
    pub group: String,
    /// The messages.
    pub messages: Messages,
    /// The client's X25519 key.
    pub client_private_key: Bytes,
    /// Its public half.
    pub client_public_key: Bytes,
    /// The server's X25519 key.
    pub server_private_key: Bytes,
    /// Its public half.
    pub server_public_key: Bytes,
    /// What the two agree on.
    pub shared_secret: Bytes,
    /// The transcript at three points.
    pub transcript_hashes: TranscriptHashes,
}

/// Handshake messages in their order.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "each is the message of its name")]
pub struct Messages {
    pub client_hello: Bytes,
    pub server_hello: Bytes,
    pub encrypted_extensions: Bytes,
    pub certificate: Bytes,
    pub certificate_verify: Bytes,
    pub server_finished: Bytes,
    pub client_finished: Bytes,
}

impl Messages {
    /// The messages in the order in which they enter the transcript.
    pub fn in_order(&self) -> [&Bytes; 7] {
        [
            &self.client_hello,
            &self.server_hello,
            &self.encrypted_extensions,
            &self.certificate,
            &self.certificate_verify,
            &self.server_finished,
            &self.client_finished,
        ]
    }
}

/// Hashes of the transcript from ClientHello to the named message.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct TranscriptHashes {
    pub client_hello_to_server_hello: Bytes,
    pub client_hello_to_server_finished: Bytes,
    pub client_hello_to_client_finished: Bytes,
}

/// Exported keying material.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exporter {
    /// The exporter's label.
    pub label: String,
    /// Its context.
    pub context: Bytes,
    /// How many bytes.
    pub length: usize,
    /// The bytes.
    pub output: Bytes,
}

/// One schedule under two prefixes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeySchedules {
    /// Nonce of the ticket whose PSK is derived.
    pub ticket_nonce: Bytes,
    /// Under the prefix of TLS 1.3.
    pub tls13: KeySchedule,
    /// Under the prefix of DTLS 1.3.
    pub dtls13: KeySchedule,
}

/// Every value of the schedule of RFC 8446 section 7.1.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the RFC's")]
pub struct KeySchedule {
    pub early_secret: Bytes,
    pub derived_1: Bytes,
    pub handshake_secret: Bytes,
    pub client_handshake_traffic_secret: Bytes,
    pub server_handshake_traffic_secret: Bytes,
    pub derived_2: Bytes,
    pub main_secret: Bytes,
    pub client_application_traffic_secret_0: Bytes,
    pub server_application_traffic_secret_0: Bytes,
    pub exporter_secret: Bytes,
    pub resumption_secret: Bytes,
    pub client_finished_key: Bytes,
    pub server_finished_key: Bytes,
    pub server_verify_data: Bytes,
    pub client_verify_data: Bytes,
    pub client_handshake_key: Bytes,
    pub client_handshake_iv: Bytes,
    pub client_handshake_sn_key: Option<Bytes>,
    pub server_handshake_key: Bytes,
    pub server_handshake_iv: Bytes,
    pub server_handshake_sn_key: Option<Bytes>,
    pub client_application_key: Bytes,
    pub client_application_iv: Bytes,
    pub client_application_sn_key: Option<Bytes>,
    pub server_application_key: Bytes,
    pub server_application_iv: Bytes,
    pub server_application_sn_key: Option<Bytes>,
    pub server_application_traffic_secret_1: Bytes,
    pub ticket_psk: Bytes,
}

/// One `HkdfLabel` under the prefix of DTLS 1.3.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HkdfLabel {
    /// The label without its prefix.
    pub label: String,
    /// Length of the output in bytes.
    pub length: usize,
    /// The context.
    pub context: Bytes,
    /// The encoding.
    pub encoding: Bytes,
}

/// A resumption ClientHello and the values that depend on its PSK.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PskBinder {
    /// Name of the cipher suite.
    pub cipher_suite: String,
    /// The message up to the identities.
    pub truncated_client_hello: Bytes,
    /// The lengths in front of the binder.
    pub binders_prefix: Bytes,
    /// Nonce of the ticket.
    pub ticket_nonce: Bytes,
    /// The PSK.
    pub psk: Bytes,
    /// Hash of the truncated message.
    pub binder_hash: Bytes,
    /// Hash of the message with the binder of the `tls13` part.
    pub full_client_hello_hash: Bytes,
    /// The early secret of the PSK; no label enters it.
    pub early_secret: Bytes,
    /// Under the prefix of TLS 1.3.
    pub tls13: PrefixedBinder,
    /// Under the prefix of DTLS 1.3.
    pub dtls13: PrefixedBinder,
}

/// What follows from a PSK under one prefix.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are the RFC's")]
pub struct PrefixedBinder {
    pub resumption_binder_key: Bytes,
    pub finished_key: Bytes,
    pub binder: Bytes,
    /// The same with the label of an external PSK.
    pub external_binder: Option<Bytes>,
    /// The same with the label of an imported PSK.
    pub imported_binder: Option<Bytes>,
    pub client_early_traffic_secret: Bytes,
}
