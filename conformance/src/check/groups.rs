//! The groups of this kit save those of Wycheproof.

use dtls_crypto_api::AeadAlgorithm::{
    Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes256Gcm, ChaCha20Poly1305,
};

use super::spec::Needs::{Aead, Nothing};
use super::spec::group_table;
use super::{key_schedule, masks, psk, records, trace};

group_table! { $ group_tests
    masks_aes_128_gcm: "AES-128-GCM", "record-number masks", Aead(Aes128Gcm), Quick
        => |tally| masks::masks(tally, Aes128Gcm);
    masks_aes_256_gcm: "AES-256-GCM", "record-number masks", Aead(Aes256Gcm), Quick
        => |tally| masks::masks(tally, Aes256Gcm);
    masks_chacha20: "ChaCha20-Poly1305", "record-number masks", Aead(ChaCha20Poly1305), Quick
        => |tally| masks::masks(tally, ChaCha20Poly1305);
    masks_aes_128_ccm: "AES-128-CCM", "record-number masks", Aead(Aes128Ccm), Quick
        => |tally| masks::masks(tally, Aes128Ccm);
    masks_aes_128_ccm_8: "AES-128-CCM-8", "record-number masks", Aead(Aes128Ccm8), Quick
        => |tally| masks::masks(tally, Aes128Ccm8);
    nonce_chacha20: "ChaCha20-Poly1305", "RFC 9001", Aead(ChaCha20Poly1305), Quick
        => masks::aead_nonce;

    transcript: "transcript", "RFC 8448", Nothing, Quick => key_schedule::transcript;
    key_schedule_tls13: "key schedule", "RFC 8448", Nothing, Quick => key_schedule::tls13;
    key_schedule_dtls13: "key schedule", "DTLS 1.3", Nothing, Quick => key_schedule::dtls13;
    key_schedule_core: "key schedule", "the core's stages", Nothing, Quick => key_schedule::core;
    exporter: "exporter", "DTLS-SRTP", Nothing, Quick => key_schedule::exporter;
    hkdf_labels: "key schedule", "HkdfLabel", Nothing, Quick => key_schedule::hkdf_labels;
    psk_binders: "PSK binders", "RFC 8448", Nothing, Quick => psk::binders;

    record_protection: "records", "every step", Nothing, Quick => records::protection;
    records_sealed: "records", "sealed by the core", Nothing, Quick => records::sealed;
    records_opened: "records", "opened by the core", Nothing, Quick => records::opened;
    recorded_handshake: "handshake", "recorded between foreign peers", Aead(Aes128Gcm), Quick
        => trace::trace;
}
