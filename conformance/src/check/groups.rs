//! The groups of this kit save those of Wycheproof.

use dtls_crypto_api::AeadAlgorithm::{
    Aes128Ccm, Aes128Ccm8, Aes128Gcm, Aes256Gcm, ChaCha20Poly1305,
};

use dtls_crypto_api::Curve::{P256, P384, P521};
use dtls_crypto_api::HashAlgorithm::{Sha256, Sha384, Sha512};
use dtls_crypto_api::{KeyKind, NamedGroup, SignatureAlgorithm};

use super::spec::Needs::{Aead, Generate, Group, Nothing, Verify};
use super::spec::group_table;
use super::{edge, key_schedule, masks, psk, published, records, trace};

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

    sha_256_fips_180: "SHA-256", "FIPS 180-4", Nothing, Quick
        => |tally| published::hash(tally, Sha256);
    sha_384_fips_180: "SHA-384", "FIPS 180-4", Nothing, Quick
        => |tally| published::hash(tally, Sha384);
    sha_512_fips_180: "SHA-512", "FIPS 180-4", Nothing, Quick
        => |tally| published::hash(tally, Sha512);
    hmac_sha_256_rfc_4231: "HMAC-SHA-256", "RFC 4231", Nothing, Quick
        => |tally| published::hmac(tally, Sha256);
    hmac_sha_384_rfc_4231: "HMAC-SHA-384", "RFC 4231", Nothing, Quick
        => |tally| published::hmac(tally, Sha384);
    hmac_sha_512_rfc_4231: "HMAC-SHA-512", "RFC 4231", Nothing, Quick
        => |tally| published::hmac(tally, Sha512);
    hkdf_sha_256_rfc_5869: "HKDF-SHA-256", "RFC 5869", Nothing, Quick => published::hkdf;
    chacha20_poly1305_rfc_8439: "ChaCha20-Poly1305", "RFC 8439", Aead(ChaCha20Poly1305), Quick
        => published::chacha20_poly1305;
    chacha20_masks_rfc_8439: "ChaCha20", "RFC 8439 key stream as masks", Aead(ChaCha20Poly1305),
        Quick => published::keystream;
    aes_128_ccm_rfc_3610: "AES-128-CCM", "RFC 3610", Aead(Aes128Ccm), Quick => published::rfc_3610;
    aes_128_ccm_8_sp_800_38c: "AES-128-CCM-8", "NIST SP 800-38C", Aead(Aes128Ccm8), Quick
        => published::sp_800_38c;
    x25519_rfc_7748: "X25519", "RFC 7748", Group(NamedGroup::X25519), Quick => published::x25519;
    x448_rfc_7748: "X448", "RFC 7748", Group(NamedGroup::X448), Quick => published::x448;
    x25519_rfc_7748_iterated: "X25519", "RFC 7748, iterated", Group(NamedGroup::X25519), Quick
        => published::iterated_x25519;
    x448_rfc_7748_iterated: "X448", "RFC 7748, iterated", Group(NamedGroup::X448), Quick
        => published::iterated_x448;
    ed25519_rfc_8032: "Ed25519", "RFC 8032", Verify(SignatureAlgorithm::Ed25519), Quick
        => published::ed25519;
    ed448_rfc_8032: "Ed448", "RFC 8032", Verify(SignatureAlgorithm::Ed448), Quick
        => published::ed448;
    ecdsa_p256_rfc_6979: "ECDSA on P-256", "RFC 6979",
        Verify(SignatureAlgorithm::Ecdsa(P256, Sha256)), Quick
        => |tally| published::ecdsa(tally, P256);
    ecdsa_p384_rfc_6979: "ECDSA on P-384", "RFC 6979",
        Verify(SignatureAlgorithm::Ecdsa(P384, Sha384)), Quick
        => |tally| published::ecdsa(tally, P384);
    ecdsa_p521_rfc_6979: "ECDSA on P-521", "RFC 6979",
        Verify(SignatureAlgorithm::Ecdsa(P521, Sha512)), Quick
        => |tally| published::ecdsa(tally, P521);

    hash_forks: "hashes", "forks", Nothing, Quick => edge::forks;
    kdf_edges: "HMAC, HKDF, key schedule", "pieces and limits", Nothing, Quick => edge::kdf;
    record_tags: "records", "damaged", Nothing, Quick => edge::tags;
    record_leftovers: "records", "no plaintext is left", Nothing, Quick => edge::leftovers;
    record_sizes: "records", "every size", Nothing, Quick => edge::record_sizes;
    record_numbers: "records", "numbers and nonces", Nothing, Quick => edge::record_numbers;
    record_masks: "records", "masks", Nothing, Quick => edge::masks;

    key_exchange_fresh: "key exchange", "fresh shares", Nothing, Quick => edge::fresh_shares;
    key_exchange_hybrids: "key exchange", "hybrids and their halves", Nothing, Quick
        => edge::hybrids;
    key_exchange_lengths: "key exchange", "wrong lengths", Nothing, Quick => edge::share_lengths;
    x25519_low_order: "X25519", "points of low order", Group(NamedGroup::X25519), Quick
        => edge::low_order_x25519;
    x448_low_order: "X448", "points of low order", Group(NamedGroup::X448), Quick
        => edge::low_order_x448;
    p256_points: "P-256", "points that are none", Group(NamedGroup::SECP256R1), Quick
        => |tally| edge::curve_points(tally, P256);
    p384_points: "P-384", "points that are none", Group(NamedGroup::SECP384R1), Quick
        => |tally| edge::curve_points(tally, P384);
    p521_points: "P-521", "points that are none", Group(NamedGroup::SECP521R1), Quick
        => |tally| edge::curve_points(tally, P521);

    ecdsa_p256_encodings: "ECDSA on P-256", "other encodings",
        Verify(SignatureAlgorithm::Ecdsa(P256, Sha256)), Quick
        => |tally| edge::ecdsa_encodings(tally, P256);
    ecdsa_p384_encodings: "ECDSA on P-384", "other encodings",
        Verify(SignatureAlgorithm::Ecdsa(P384, Sha384)), Quick
        => |tally| edge::ecdsa_encodings(tally, P384);
    ecdsa_p521_encodings: "ECDSA on P-521", "other encodings",
        Verify(SignatureAlgorithm::Ecdsa(P521, Sha512)), Quick
        => |tally| edge::ecdsa_encodings(tally, P521);
    rsa_pss_rsae_parameters: "RSA-PSS with RSA keys", "other parameters",
        Verify(SignatureAlgorithm::RsaPssRsae(Sha256)), Quick => edge::pss_with_rsa_keys;
    rsa_pss_pss_parameters: "RSA-PSS with PSS keys", "other parameters",
        Verify(SignatureAlgorithm::RsaPssPss(Sha256)), Quick => edge::pss_with_pss_keys;
    keys_of_another_kind: "public keys", "of another kind", Nothing, Quick
        => edge::keys_of_another_kind;
    public_keys_damaged: "public keys", "damaged", Nothing, Quick => edge::damaged_public_keys;
    private_keys_damaged: "private keys", "damaged", Nothing, Quick => edge::private_keys;
    generated_keys: "private keys", "generated", Nothing, Quick => edge::generated_keys;
    generated_rsa_keys: "large RSA keys", "generated", Generate(KeyKind::Rsa(3072)), Slow
        => edge::generated_rsa_keys;

    envelopes: "envelopes", "tickets and cookies", Nothing, Quick => edge::envelopes;
    randomness: "randomness", "draws", Nothing, Quick => edge::randomness;
    failing_randomness: "randomness", "a source that fails", Nothing, Quick
        => edge::failing_source;
    unoffered: "capabilities", "what is not offered", Nothing, Quick => edge::unoffered;
    threads: "everything", "threads", Nothing, Quick => edge::threads;
}
