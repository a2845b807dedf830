//! The part of the file about records: masks, nonces, protected records, the recorded handshake.

use dtls_crypto_api::{AeadAlgorithm, CipherSuite};
use serde::Deserialize;

use super::Bytes;

/// A record-number mask.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// Where it is from.
    pub name: String,
    /// The cipher that makes it.
    pub cipher: String,
    /// The record-number key.
    pub key: Bytes,
    /// The ciphertext it is made from.
    pub sample: Bytes,
    /// Its first five bytes, as published.
    pub mask_5: Bytes,
    /// All of it.
    pub mask: Bytes,
    /// Number 1 as 16 bits under this mask.
    pub masked_number_16bit_of_0001: Bytes,
    /// Number 1 as 8 bits under this mask.
    pub masked_number_8bit_of_01: Bytes,
    /// ChaCha20: the sample's first bytes.
    pub counter_bytes: Option<Bytes>,
    /// ChaCha20: those bytes as a number.
    pub counter: Option<u32>,
    /// ChaCha20: the sample's other bytes.
    pub nonce: Option<Bytes>,
    /// ChaCha20: the whole block that the mask is the beginning of.
    pub key_stream_block: Option<Bytes>,
}

impl Mask {
    /// The AEADs whose records get their mask from this cipher.
    pub fn aeads(&self) -> &'static [AeadAlgorithm] {
        match self.cipher.as_str() {
            "AES-128-ECB" => {
                &[AeadAlgorithm::Aes128Gcm, AeadAlgorithm::Aes128Ccm, AeadAlgorithm::Aes128Ccm8]
            }
            "AES-256-ECB" => &[AeadAlgorithm::Aes256Gcm],
            "ChaCha20" => &[AeadAlgorithm::ChaCha20Poly1305],
            _ => &[],
        }
    }
}

/// One AEAD operation whose nonce is built as that of a record.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of RFC 5116")]
pub struct AeadNonce {
    pub name: String,
    pub cipher: String,
    pub key: Bytes,
    pub iv: Bytes,
    pub number: u64,
    pub nonce: Bytes,
    pub aad: Bytes,
    pub plaintext: Bytes,
    pub ciphertext: Bytes,
}

/// A protected record with everything it is made from.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Record {
    /// R1 to R9.
    pub name: String,
    /// What it is.
    pub description: String,
    /// Name of the cipher suite.
    pub cipher_suite: String,
    /// Its code point, as text.
    pub cipher_suite_code: String,
    /// The suite's hash.
    pub hash: String,
    /// The epoch.
    pub epoch: u64,
    /// The sequence number.
    pub number: u64,
    /// The traffic secret.
    pub secret: Bytes,
    /// The record key.
    pub key: Bytes,
    /// The IV.
    pub iv: Bytes,
    /// The record-number key.
    pub sn_key: Bytes,
    /// The nonce.
    pub nonce: Bytes,
    /// The connection ID in the header; empty for none.
    pub connection_id: Bytes,
    /// 8 or 16.
    pub number_bits: u8,
    /// Whether the header has a length field.
    pub length_present: bool,
    /// What it carries.
    pub content: Bytes,
    /// The inner content type.
    pub content_type: u8,
    /// Zeros behind the content type.
    pub padding_length: usize,
    /// Content, type and padding.
    pub inner_plaintext: Bytes,
    /// The header before masking.
    pub aad: Bytes,
    /// The encrypted record.
    pub ciphertext: Bytes,
    /// The mask.
    pub mask: Bytes,
    /// The record on the wire.
    pub wire: Bytes,
}

impl Record {
    /// The cipher suite's code point.
    pub fn suite(&self) -> Option<CipherSuite> {
        let digits = self.cipher_suite_code.strip_prefix("0x")?;
        u16::from_str_radix(digits, 16).ok().map(CipherSuite)
    }
}

/// A full number from its low bits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberReconstruction {
    /// The highest number opened so far.
    pub highest: Option<u64>,
    /// 8 or 16.
    pub bits: usize,
    /// The low bits.
    pub wire: u16,
    /// The full number.
    pub number: u64,
}

/// A recorded handshake and the data behind it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names are those of RFC 8446 section 7.1")]
pub struct Trace {
    pub source: String,
    pub copyright: String,
    pub licence: String,
    pub cipher_suite: String,
    pub group: String,
    pub signature_scheme: String,
    pub client_private_key: Bytes,
    pub server_private_key: Bytes,
    pub shared_secret: Bytes,
    pub handshake_secret: Bytes,
    pub main_secret: Bytes,
    pub transcript_hashes: TraceHashes,
    pub client_handshake_traffic_secret: Bytes,
    pub server_handshake_traffic_secret: Bytes,
    pub client_application_traffic_secret_0: Bytes,
    pub server_application_traffic_secret_0: Bytes,
    pub records: Vec<TraceRecord>,
}

/// Hashes of the trace's transcript.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "the names say it")]
pub struct TraceHashes {
    pub client_hello_to_server_hello: Bytes,
    pub client_hello_to_server_finished: Bytes,
}

/// Who sent a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Sender {
    /// The client.
    Client,
    /// The server.
    Server,
}

/// One record of the trace, each in a datagram of its own. Those of epoch 0 have no keys.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in `Record`")]
pub struct TraceRecord {
    pub name: String,
    pub sender: Sender,
    pub epoch: u64,
    pub number: u64,
    pub key: Option<Bytes>,
    pub iv: Option<Bytes>,
    pub sn_key: Option<Bytes>,
    pub mask: Option<Bytes>,
    pub aad: Option<Bytes>,
    pub wire: Bytes,
    pub inner_plaintext: Option<Bytes>,
}
