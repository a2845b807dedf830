/*
 * The C form of the trait CryptoProvider of the crate dtls-crypto-api: what a shared library
 * offers to serve a DTLS 1.3 (RFC 9147) stack with cryptography. Version 1.
 *
 * A plug-in exports one function, dtls_crypto_plugin. Everything else goes through the table of
 * functions that it returns. "Host" is the program that loads the plug-in. What each function has
 * to compute is written at the trait; here stands how it is called.
 *
 * THE RULES
 *
 * Versions. abi_version and struct_size are the first two fields of the table in every version
 *   there will ever be. Within one version functions are only ever added at the table's end, and
 *   numbers only ever added to a list; a host takes a table that is longer than it knows, and
 *   passes over entries of a capability list whose id it does not know. Any other change, to a
 *   struct below for one, is a new version.
 *
 * Pointers. No function of the table is NULL. No pointer is NULL unless it is said below that it
 *   may be. The data of a slice (dtls_crypto_bytes, _buffer, _text, and the lists) may be
 *   anything when its length is 0, and must then not be read. All bytes of a buffer are
 *   initialised. A buffer overlaps nothing else in the same call.
 *
 * Ownership. What a function is given it may use until it returns, and copies what it needs
 *   longer. An object (an opaque pointer, written through `out` on success alone) belongs to the
 *   host, which gives it back exactly once: to the _free function of its kind, or to hash_finish
 *   or key_exchange_complete, which take the object and free it, also when they fail. The host
 *   frees the provider last, after every object made with it, and unloads the library after
 *   that. Bytes returned through `dtls_crypto_buffer *` belong to the host and go back to
 *   bytes_free; on failure nothing was returned and nothing is freed. Slices returned by value
 *   belong to the object that was asked and stay valid and unchanged as long as it. No side ever
 *   frees memory that the other allocated by other means.
 *
 * Secrets. A plug-in wipes keys and secrets before it frees their memory, in bytes_free too.
 *
 * Threads. The host may call from any thread. dtls_crypto_provider, dtls_crypto_signing_key and
 *   dtls_crypto_envelope are used by several threads at once; every other object by one at a
 *   time, not always the same one. The plug-in must not leave threads running when the provider
 *   has been freed, and must not unload itself.
 *
 * Errors. dtls_crypto_result says 0 or one of the DTLS_CRYPTO_ERROR_ numbers. The reason is a few
 *   words of English in UTF-8, constant and valid as long as the library is loaded. A host keeps
 *   the texts that it has seen, up to 200 bytes each and a bounded number of them, and replaces
 *   others by one of its own; so make no texts up at run time. What a failed call leaves in its
 *   output buffers is not used. A failed `open` leaves no plaintext there.
 *
 * Unwinding. No exception, panic or longjmp leaves a function, in either direction. A plug-in that
 *   catches one of its own answers with DTLS_CRYPTO_ERROR_BACKEND.
 *
 * Trust. A plug-in runs inside the host with all its rights, as any shared library does. The host
 *   checks what comes back, which finds mistakes; it is no protection from malice.
 */
#ifndef DTLS_CRYPTO_PROVIDER_H
#define DTLS_CRYPTO_PROVIDER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define DTLS_CRYPTO_ABI_VERSION 1u

/* ---- Numbers ------------------------------------------------------------------------------- */

/* Hashes: as in TLS 1.2 (RFC 5246 7.4.1.4.1). */
#define DTLS_CRYPTO_HASH_SHA256 4u /* 32 bytes */
#define DTLS_CRYPTO_HASH_SHA384 5u /* 48 bytes */
#define DTLS_CRYPTO_HASH_SHA512 6u /* 64 bytes */

/* AEADs: as in IANA's registry of AEAD algorithms (RFC 5116 6). */
#define DTLS_CRYPTO_AEAD_AES_128_GCM 1u        /* key 16, tag 16 bytes */
#define DTLS_CRYPTO_AEAD_AES_256_GCM 2u        /* key 32, tag 16 bytes */
#define DTLS_CRYPTO_AEAD_AES_128_CCM 3u        /* key 16, tag 16 bytes */
#define DTLS_CRYPTO_AEAD_AES_128_CCM_8 18u     /* key 16, tag 8 bytes */
#define DTLS_CRYPTO_AEAD_CHACHA20_POLY1305 29u /* key 32, tag 16 bytes */

/* Cipher suites and groups are TLS code points: 0x1301 is TLS_AES_128_GCM_SHA256, 0x001d is
 * X25519, 0x11ec is X25519MLKEM768, and so on for all of them. */

/* Signature algorithms: the TLS signature scheme where there is one (0x0804 is
 * rsa_pss_rsae_sha256), otherwise one of these, which certificate chains hold. They are
 * 0x10000 | hash << 8 | group of the curve. */
#define DTLS_CRYPTO_ECDSA_SECP256R1_SHA384 0x10517u
#define DTLS_CRYPTO_ECDSA_SECP256R1_SHA512 0x10617u
#define DTLS_CRYPTO_ECDSA_SECP384R1_SHA256 0x10418u
#define DTLS_CRYPTO_ECDSA_SECP384R1_SHA512 0x10618u
#define DTLS_CRYPTO_ECDSA_SECP521R1_SHA256 0x10419u
#define DTLS_CRYPTO_ECDSA_SECP521R1_SHA384 0x10519u

/* Kinds of keys to generate: the group of the curve for ECDSA; the signature scheme for Ed25519,
 * Ed448 and ML-DSA; this for RSA. */
#define DTLS_CRYPTO_KEY_RSA(modulus_bits) (0x10000u + (modulus_bits))

/* Encodings of private keys, all DER. */
#define DTLS_CRYPTO_DER_PKCS8 1u
#define DTLS_CRYPTO_DER_SEC1 2u
#define DTLS_CRYPTO_DER_PKCS1 3u

/* FIPS status of an algorithm. */
#define DTLS_CRYPTO_FIPS_NONE 0u
#define DTLS_CRYPTO_FIPS_APPROVED_MODE 1u
#define DTLS_CRYPTO_FIPS_ATTESTED_VALIDATED 2u

/* Errors. Those marked * come with a reason; another's reason is not read. */
#define DTLS_CRYPTO_OK 0u
#define DTLS_CRYPTO_ERROR_UNSUPPORTED 1u           /* * not offered by this provider */
#define DTLS_CRYPTO_ERROR_BAD_RECORD 2u            /* the record does not authenticate */
#define DTLS_CRYPTO_ERROR_BAD_SIGNATURE 3u         /* the signature does not verify */
#define DTLS_CRYPTO_ERROR_BAD_KEY_SHARE 4u         /* the peer's share is malformed */
#define DTLS_CRYPTO_ERROR_BAD_PRIVATE_KEY 5u       /* * not decoded, or contradictory */
#define DTLS_CRYPTO_ERROR_BAD_PUBLIC_KEY 6u        /* not decoded, or of another kind */
#define DTLS_CRYPTO_ERROR_BAD_ENVELOPE 7u          /* the envelope does not open */
#define DTLS_CRYPTO_ERROR_BAD_LENGTH 8u            /* * a slice of an impossible length */
#define DTLS_CRYPTO_ERROR_RECORD_NUMBER_REUSED 9u  /* not above the last number sealed */
#define DTLS_CRYPTO_ERROR_RANDOM_FAILED 10u        /* the source of randomness failed */
#define DTLS_CRYPTO_ERROR_SELF_TEST_FAILED 11u     /* * this part is broken */
#define DTLS_CRYPTO_ERROR_BACKEND 12u              /* * the library failed on its own account */

/* Lengths in bytes. */
#define DTLS_CRYPTO_MAX_SECRET 80u /* the longest shared secret */
#define DTLS_CRYPTO_IV 12u
#define DTLS_CRYPTO_SAMPLE 16u
#define DTLS_CRYPTO_MASK 2u
#define DTLS_CRYPTO_LABEL_PREFIX 6u
#define DTLS_CRYPTO_ENVELOPE_KEY 32u

/* ---- Plain structs ------------------------------------------------------------------------- */

/* Bytes to read. */
typedef struct dtls_crypto_bytes {
    const uint8_t *data;
    size_t len;
} dtls_crypto_bytes;

/* Bytes to write, or to read and write. */
typedef struct dtls_crypto_buffer {
    uint8_t *data;
    size_t len;
} dtls_crypto_buffer;

/* Text in UTF-8, without a final zero. */
typedef struct dtls_crypto_text {
    const char *data;
    size_t len;
} dtls_crypto_text;

/* How a call ended. */
typedef struct dtls_crypto_result {
    uint32_t error;      /* DTLS_CRYPTO_OK or an error number */
    uint32_t reason_len; /* 0 on success */
    const char *reason;  /* may be NULL when reason_len is 0 */
} dtls_crypto_result;

/* A list of numbers. */
typedef struct dtls_crypto_numbers {
    const uint32_t *data;
    size_t len;
} dtls_crypto_numbers;

/* One thing a provider offers. */
typedef struct dtls_crypto_offer {
    uint32_t id;                    /* a number of the kind the list is of */
    uint32_t fips;                  /* its FIPS status */
    dtls_crypto_text borrowed_from; /* the library that a part is borrowed from, or empty */
} dtls_crypto_offer;

/* What a provider offers of one kind, in its order of preference. */
typedef struct dtls_crypto_offers {
    const dtls_crypto_offer *data;
    size_t len;
} dtls_crypto_offers;

/* A fact about the library that is shown to people. */
typedef struct dtls_crypto_detail {
    dtls_crypto_text name;
    dtls_crypto_text value;
} dtls_crypto_detail;

/* Facts about the library. */
typedef struct dtls_crypto_details {
    const dtls_crypto_detail *data;
    size_t len;
} dtls_crypto_details;

/* What a provider can do: at most 256 entries in a list, at most 4096 bytes in a text (200 in
 * borrowed_from). */
typedef struct dtls_crypto_capabilities {
    dtls_crypto_text name;    /* "openssl", for example */
    dtls_crypto_text version; /* as the library reports itself */
    dtls_crypto_details details;
    dtls_crypto_offers cipher_suites;
    dtls_crypto_offers groups;     /* fit for a handshake, hybrids included */
    dtls_crypto_offers kem_halves; /* bare ML-KEM */
    dtls_crypto_offers verify;     /* signature algorithms */
    dtls_crypto_offers sign;       /* signature algorithms */
    dtls_crypto_offers generate;   /* kinds of keys */
} dtls_crypto_capabilities;

/* ---- Objects ------------------------------------------------------------------------------- */

typedef struct dtls_crypto_provider dtls_crypto_provider;
typedef struct dtls_crypto_hash dtls_crypto_hash;
typedef struct dtls_crypto_seal_key dtls_crypto_seal_key;
typedef struct dtls_crypto_open_key dtls_crypto_open_key;
typedef struct dtls_crypto_key_exchange dtls_crypto_key_exchange;
typedef struct dtls_crypto_signing_key dtls_crypto_signing_key;
typedef struct dtls_crypto_envelope dtls_crypto_envelope;

/* ---- The table ----------------------------------------------------------------------------- */

/*
 * Parameters named `hash`, `aead`, `group`, `algorithm`, `kind` and `format` are numbers of the
 * lists above. A number that the provider does not offer or does not know is answered with
 * DTLS_CRYPTO_ERROR_UNSUPPORTED.
 */
typedef struct dtls_crypto_table {
    uint32_t abi_version; /* DTLS_CRYPTO_ABI_VERSION */
    uint32_t struct_size; /* sizeof(dtls_crypto_table) */

    /* Gives back bytes that the plug-in returned. */
    void (*bytes_free)(dtls_crypto_buffer bytes);

    /* Loads what the provider needs. The host makes one for each time it loads the plug-in. */
    dtls_crypto_result (*provider_new)(dtls_crypto_provider **out);
    void (*provider_free)(dtls_crypto_provider *provider);
    /* Belongs to the provider. Asked once, after provider_new. */
    const dtls_crypto_capabilities *(*capabilities)(const dtls_crypto_provider *provider);
    dtls_crypto_result (*self_test)(const dtls_crypto_provider *provider);
    /* Fills all of `out`. */
    dtls_crypto_result (*random)(const dtls_crypto_provider *provider, dtls_crypto_buffer out);

    /* A hash that was begun can fail only when memory is out or the library is out of service.
     * hash_update reports that through the hash_finish or hash_fork that follows it. The host has
     * no way to go on then, and stops the operation it is in by a panic. */
    dtls_crypto_result (*hash_new)(const dtls_crypto_provider *provider, uint32_t hash,
                                   dtls_crypto_hash **out);
    void (*hash_update)(dtls_crypto_hash *hash, dtls_crypto_bytes data);
    /* An independent copy. */
    dtls_crypto_result (*hash_fork)(const dtls_crypto_hash *hash, dtls_crypto_hash **out);
    /* `out` is as long as the hash. Frees `hash`. */
    dtls_crypto_result (*hash_finish)(dtls_crypto_hash *hash, dtls_crypto_buffer out);
    void (*hash_free)(dtls_crypto_hash *hash);

    /* `out` is as long as the hash. `data` are `data_len` pieces, one after the other. */
    dtls_crypto_result (*hmac)(const dtls_crypto_provider *provider, uint32_t hash,
                               dtls_crypto_bytes key, const dtls_crypto_bytes *data,
                               size_t data_len, dtls_crypto_buffer out);
    /* `out` is as long as the hash. */
    dtls_crypto_result (*hkdf_extract)(const dtls_crypto_provider *provider, uint32_t hash,
                                       dtls_crypto_bytes salt, dtls_crypto_bytes ikm,
                                       dtls_crypto_buffer out);
    /* Fills all of `out`. `info` are `info_len` pieces, one after the other. */
    dtls_crypto_result (*hkdf_expand)(const dtls_crypto_provider *provider, uint32_t hash,
                                      dtls_crypto_bytes prk, const dtls_crypto_bytes *info,
                                      size_t info_len, dtls_crypto_buffer out);
    /* One extract step of the TLS 1.3 key schedule. `prefix` is DTLS_CRYPTO_LABEL_PREFIX bytes.
     * `previous` and `input` may be NULL. `out` is as long as the hash. */
    dtls_crypto_result (*schedule_extract)(const dtls_crypto_provider *provider, uint32_t hash,
                                           const uint8_t *prefix,
                                           const dtls_crypto_bytes *previous,
                                           const dtls_crypto_bytes *input,
                                           dtls_crypto_buffer out);
    /* HKDF-Expand-Label. Fills all of `out`. */
    dtls_crypto_result (*schedule_expand)(const dtls_crypto_provider *provider, uint32_t hash,
                                          dtls_crypto_bytes secret, const uint8_t *prefix,
                                          dtls_crypto_bytes label, dtls_crypto_bytes context,
                                          dtls_crypto_buffer out);

    /* Record protection. `iv` is DTLS_CRYPTO_IV bytes; the nonce of a record is `iv` XOR its
     * number, left-padded. */
    dtls_crypto_result (*seal_key_new)(const dtls_crypto_provider *provider, uint32_t aead,
                                       dtls_crypto_bytes key, const uint8_t *iv,
                                       dtls_crypto_bytes record_number_key,
                                       dtls_crypto_seal_key **out);
    /* `record` is the inner plaintext and room for the tag, both written. */
    dtls_crypto_result (*seal)(dtls_crypto_seal_key *key, uint64_t number, dtls_crypto_bytes aad,
                               dtls_crypto_buffer record);
    /* `sample` is DTLS_CRYPTO_SAMPLE bytes, `mask` DTLS_CRYPTO_MASK. */
    dtls_crypto_result (*seal_mask)(dtls_crypto_seal_key *key, const uint8_t *sample,
                                    uint8_t *mask);
    void (*seal_key_free)(dtls_crypto_seal_key *key);

    dtls_crypto_result (*open_key_new)(const dtls_crypto_provider *provider, uint32_t aead,
                                       dtls_crypto_bytes key, const uint8_t *iv,
                                       dtls_crypto_bytes record_number_key,
                                       dtls_crypto_open_key **out);
    /* On success `record` begins with the plaintext, which is as long as `record` less the tag. */
    dtls_crypto_result (*open)(dtls_crypto_open_key *key, uint64_t number, dtls_crypto_bytes aad,
                               dtls_crypto_buffer record);
    dtls_crypto_result (*open_mask)(dtls_crypto_open_key *key, const uint8_t *sample,
                                    uint8_t *mask);
    void (*open_key_free)(dtls_crypto_open_key *key);

    /* The client's side of a key exchange. */
    dtls_crypto_result (*key_exchange_new)(const dtls_crypto_provider *provider, uint32_t group,
                                           dtls_crypto_key_exchange **out);
    /* The share to send. Belongs to the key exchange. */
    dtls_crypto_bytes (*key_exchange_share)(const dtls_crypto_key_exchange *key_exchange);
    /* `secret` has room for DTLS_CRYPTO_MAX_SECRET bytes, `*secret_len` becomes the number of
     * them that are used. Frees `key_exchange`. */
    dtls_crypto_result (*key_exchange_complete)(dtls_crypto_key_exchange *key_exchange,
                                                dtls_crypto_bytes peer_share,
                                                dtls_crypto_buffer secret, size_t *secret_len);
    void (*key_exchange_free)(dtls_crypto_key_exchange *key_exchange);
    /* The server's side, in one step. */
    dtls_crypto_result (*encapsulate)(const dtls_crypto_provider *provider, uint32_t group,
                                      dtls_crypto_bytes peer_share, dtls_crypto_buffer *share,
                                      dtls_crypto_buffer secret, size_t *secret_len);

    dtls_crypto_result (*signing_key_load)(const dtls_crypto_provider *provider, uint32_t format,
                                           dtls_crypto_bytes der, dtls_crypto_signing_key **out);
    /* `pkcs8` becomes the key in DER, `out` the same key. */
    dtls_crypto_result (*signing_key_generate)(const dtls_crypto_provider *provider, uint32_t kind,
                                               dtls_crypto_buffer *pkcs8,
                                               dtls_crypto_signing_key **out);
    /* What the key can make, best first. Belongs to the key. */
    dtls_crypto_numbers (*signing_key_algorithms)(const dtls_crypto_signing_key *key);
    /* The public key as a DER SubjectPublicKeyInfo. Belongs to the key. */
    dtls_crypto_bytes (*signing_key_public)(const dtls_crypto_signing_key *key);
    /* Signs the message, not its hash. */
    dtls_crypto_result (*sign)(const dtls_crypto_signing_key *key, uint32_t algorithm,
                               dtls_crypto_bytes message, dtls_crypto_buffer *signature);
    void (*signing_key_free)(dtls_crypto_signing_key *key);
    /* `public_key` is a DER SubjectPublicKeyInfo. */
    dtls_crypto_result (*verify)(const dtls_crypto_provider *provider, uint32_t algorithm,
                                 dtls_crypto_bytes public_key, dtls_crypto_bytes message,
                                 dtls_crypto_bytes signature);

    /* `key` is DTLS_CRYPTO_ENVELOPE_KEY bytes. */
    dtls_crypto_result (*envelope_new)(const dtls_crypto_provider *provider, const uint8_t *key,
                                       dtls_crypto_envelope **out);
    /* `sealed` becomes at most 256 bytes longer than `plaintext`. */
    dtls_crypto_result (*envelope_seal)(const dtls_crypto_envelope *envelope,
                                        dtls_crypto_bytes aad, dtls_crypto_bytes plaintext,
                                        dtls_crypto_buffer *sealed);
    /* `plaintext` becomes no longer than `sealed`. */
    dtls_crypto_result (*envelope_open)(const dtls_crypto_envelope *envelope,
                                        dtls_crypto_bytes aad, dtls_crypto_bytes sealed,
                                        dtls_crypto_buffer *plaintext);
    void (*envelope_free)(dtls_crypto_envelope *envelope);
} dtls_crypto_table;

/* ---- The one exported function ------------------------------------------------------------- */

#define DTLS_CRYPTO_PLUGIN_SYMBOL "dtls_crypto_plugin"

#if defined(_WIN32)
#define DTLS_CRYPTO_EXPORT __declspec(dllexport)
#elif defined(__GNUC__)
#define DTLS_CRYPTO_EXPORT __attribute__((visibility("default")))
#else
#define DTLS_CRYPTO_EXPORT
#endif

/* `abi_version` is the version that the host wants. A plug-in that has it answers with the table
 * of that version, any other with one of a version that it has, which the host will refuse by its
 * abi_version. The table is constant and valid as long as the library is loaded. The answer is
 * never NULL. */
DTLS_CRYPTO_EXPORT const dtls_crypto_table *dtls_crypto_plugin(uint32_t abi_version);

/* Its type, for hosts. */
typedef const dtls_crypto_table *(*dtls_crypto_plugin_fn)(uint32_t abi_version);

#ifdef __cplusplus
}
#endif

#endif
