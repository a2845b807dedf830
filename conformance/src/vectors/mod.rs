//! The known answers of `data/`, typed: here those of `vectors.json`. `data/README.md` says where
//! each is from.

mod bytes;
mod foreign;
mod handshake;
mod published;
mod records;

use serde::Deserialize;

pub use bytes::Bytes;
pub use foreign::{FOREIGN_MESSAGE, Foreign};
pub use handshake::{
    Exporter, HkdfLabel, KeySchedule, KeySchedules, Messages, PrefixedBinder, PskBinder,
    Rfc8448Handshake, TranscriptHashes,
};
pub use published::{
    AeadAnswer, EcdsaAnswer, EcdsaAnswers, EcdsaKey, EddsaAnswer, ExchangeAnswer, HashAnswer,
    HkdfAnswer, HmacAnswer, IteratedAnswer, KeystreamAnswer, Published, published,
};
pub use records::{
    AeadNonce, Mask, NumberReconstruction, Record, Sender, Trace, TraceHashes, TraceRecord,
};

/// Everything the file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vectors {
    /// Record-number masks.
    pub record_number_masks: Vec<Mask>,
    /// A nonce and what the AEAD makes with it.
    pub aead_nonce: AeadNonce,
    /// The handshake of RFC 8448 section 3.
    pub rfc8448_handshake: Rfc8448Handshake,
    /// 60 bytes for DTLS-SRTP, exported from the schedule under the DTLS 1.3 prefix.
    pub exporter_dtls_srtp: Exporter,
    /// The schedule over that handshake.
    pub key_schedule: KeySchedules,
    /// Encodings of `HkdfLabel`.
    pub hkdf_labels: Vec<HkdfLabel>,
    /// The resumption of RFC 8448 section 4.
    pub psk_binder: PskBinder,
    /// Protected records.
    pub records: Vec<Record>,
    /// Numbers rebuilt from their low bits.
    pub number_reconstruction: Vec<NumberReconstruction>,
    /// A recorded handshake between two foreign peers.
    pub trace: Trace,
}

/// Reads the file, which is part of the program.
///
/// # Panics
/// Never with the file as it was published; a field that nothing here reads is refused.
pub fn load() -> Vectors {
    match serde_json::from_str(include_str!("../../data/vectors.json")) {
        Ok(vectors) => vectors,
        Err(error) => panic!("data/vectors.json: {error}"),
    }
}
