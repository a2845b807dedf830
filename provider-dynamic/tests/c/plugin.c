/*
 * A plug-in in C that has one toy hash and nothing else, for the tests of the loader. It watches
 * its host: an object that is not given back before the provider ends the process.
 *
 * Defining one of these makes it wrong in one way: WRONG_VERSION, NO_TABLE, SHORT_TABLE,
 * NULL_FUNCTION, NEW_FAILS, NEW_FAILS_STRANGELY, NEW_GIVES_NOTHING, NO_CAPABILITIES,
 * BAD_CAPABILITIES, NO_SYMBOL, UNDEFINED_SYMBOL; LONGER_TABLE is right and from the future.
 */
#include "dtls_crypto_provider.h"

#include <stdlib.h>
#include <string.h>

#define HASH_LEN 32

struct dtls_crypto_provider {
    int objects; /* that are not given back */
};

struct dtls_crypto_hash {
    struct dtls_crypto_provider *provider;
    uint8_t sum[HASH_LEN];
    size_t fed;
};

static dtls_crypto_result failed(uint32_t error, const char *reason) {
    dtls_crypto_result result;
    result.error = error;
    result.reason_len = (uint32_t)strlen(reason);
    result.reason = reason;
    return result;
}

static dtls_crypto_result ok(void) { return failed(DTLS_CRYPTO_OK, ""); }
static dtls_crypto_result no(void) { return failed(DTLS_CRYPTO_ERROR_UNSUPPORTED, "all but a hash"); }

static void bytes_free(dtls_crypto_buffer bytes) { (void)bytes; }

static dtls_crypto_result provider_new(dtls_crypto_provider **out) {
#if defined(NEW_FAILS)
    (void)out;
    return failed(DTLS_CRYPTO_ERROR_BACKEND, "the token is not plugged in");
#elif defined(NEW_FAILS_STRANGELY)
    (void)out;
    return failed(77u, "a number of its own");
#elif defined(NEW_GIVES_NOTHING)
    (void)out;
    return ok();
#else
    *out = calloc(1, sizeof(dtls_crypto_provider));
    return *out ? ok() : failed(DTLS_CRYPTO_ERROR_BACKEND, "out of memory");
#endif
}

static void provider_free(dtls_crypto_provider *provider) {
    if (provider->objects != 0) {
        abort();
    }
    free(provider);
}

static const char NAME[] = "toy";
#if defined(BAD_CAPABILITIES)
static const dtls_crypto_offer GROUPS[] = {{0x10000u, DTLS_CRYPTO_FIPS_NONE, {NULL, 0}}};
#else
static const dtls_crypto_offer GROUPS[] = {{0x6a6au, DTLS_CRYPTO_FIPS_NONE, {"elsewhere", 9}}};
#endif
static const dtls_crypto_capabilities CAPABILITIES = {
    {NAME, sizeof(NAME) - 1}, {"1.0", 3}, {NULL, 0}, {NULL, 0}, {GROUPS, 1},
    {NULL, 0},                {NULL, 0},  {NULL, 0}, {NULL, 0},
};

static const dtls_crypto_capabilities *capabilities(const dtls_crypto_provider *provider) {
    (void)provider;
#if defined(NO_CAPABILITIES)
    return NULL;
#else
    return &CAPABILITIES;
#endif
}

static dtls_crypto_result self_test(const dtls_crypto_provider *provider) {
    (void)provider;
    return ok();
}

static dtls_crypto_result random_bytes(const dtls_crypto_provider *provider,
                                       dtls_crypto_buffer out) {
    (void)provider, (void)out;
    return failed(DTLS_CRYPTO_ERROR_RANDOM_FAILED, "");
}

static dtls_crypto_result hash_copy(struct dtls_crypto_provider *provider,
                                    const dtls_crypto_hash *from, dtls_crypto_hash **out) {
    dtls_crypto_hash *hash = calloc(1, sizeof(*hash));
    if (!hash) {
        return failed(DTLS_CRYPTO_ERROR_BACKEND, "out of memory");
    }
    if (from) {
        *hash = *from;
    }
    hash->provider = provider;
    provider->objects++;
    *out = hash;
    return ok();
}

static dtls_crypto_result hash_new(const dtls_crypto_provider *provider, uint32_t hash,
                                   dtls_crypto_hash **out) {
    if (hash != DTLS_CRYPTO_HASH_SHA256) {
        return no();
    }
    return hash_copy((dtls_crypto_provider *)provider, NULL, out);
}

/* A sum, which tests can foretell. */
static void hash_update(dtls_crypto_hash *hash, dtls_crypto_bytes data) {
    size_t i;
    for (i = 0; i < data.len; i++) {
        hash->sum[hash->fed++ % HASH_LEN] += data.data[i];
    }
}

static dtls_crypto_result hash_fork(const dtls_crypto_hash *hash, dtls_crypto_hash **out) {
    return hash_copy(hash->provider, hash, out);
}

static void hash_free(dtls_crypto_hash *hash) {
    hash->provider->objects--;
    free(hash);
}

static dtls_crypto_result hash_finish(dtls_crypto_hash *hash, dtls_crypto_buffer out) {
    int right = out.len == HASH_LEN;
    if (right) {
        memcpy(out.data, hash->sum, HASH_LEN);
    }
    hash_free(hash);
    return right ? ok() : failed(DTLS_CRYPTO_ERROR_BAD_LENGTH, "output");
}

static dtls_crypto_result hmac(const dtls_crypto_provider *provider, uint32_t hash,
                               dtls_crypto_bytes key, const dtls_crypto_bytes *data,
                               size_t data_len, dtls_crypto_buffer out) {
    (void)provider, (void)hash, (void)key, (void)data, (void)data_len, (void)out;
    return no();
}

static dtls_crypto_result hkdf_extract(const dtls_crypto_provider *provider, uint32_t hash,
                                       dtls_crypto_bytes salt, dtls_crypto_bytes ikm,
                                       dtls_crypto_buffer out) {
    (void)provider, (void)hash, (void)salt, (void)ikm, (void)out;
    return no();
}

static dtls_crypto_result schedule_extract(const dtls_crypto_provider *provider, uint32_t hash,
                                           const uint8_t *prefix,
                                           const dtls_crypto_bytes *previous,
                                           const dtls_crypto_bytes *input,
                                           dtls_crypto_buffer out) {
    (void)provider, (void)hash, (void)prefix, (void)previous, (void)input, (void)out;
    return no();
}

static dtls_crypto_result schedule_expand(const dtls_crypto_provider *provider, uint32_t hash,
                                          dtls_crypto_bytes secret, const uint8_t *prefix,
                                          dtls_crypto_bytes label, dtls_crypto_bytes context,
                                          dtls_crypto_buffer out) {
    (void)provider, (void)hash, (void)secret, (void)prefix, (void)label, (void)context, (void)out;
    return no();
}

static dtls_crypto_result seal_key_new(const dtls_crypto_provider *provider, uint32_t aead,
                                       dtls_crypto_bytes key, const uint8_t *iv,
                                       dtls_crypto_bytes record_number_key,
                                       dtls_crypto_seal_key **out) {
    (void)provider, (void)aead, (void)key, (void)iv, (void)record_number_key, (void)out;
    return no();
}

static dtls_crypto_result seal(dtls_crypto_seal_key *key, uint64_t number, dtls_crypto_bytes aad,
                               dtls_crypto_buffer record) {
    (void)key, (void)number, (void)aad, (void)record;
    return no();
}

static dtls_crypto_result seal_mask(dtls_crypto_seal_key *key, const uint8_t *sample,
                                    uint8_t *mask) {
    (void)key, (void)sample, (void)mask;
    return no();
}

static void seal_key_free(dtls_crypto_seal_key *key) { (void)key; }

static dtls_crypto_result open_key_new(const dtls_crypto_provider *provider, uint32_t aead,
                                       dtls_crypto_bytes key, const uint8_t *iv,
                                       dtls_crypto_bytes record_number_key,
                                       dtls_crypto_open_key **out) {
    (void)provider, (void)aead, (void)key, (void)iv, (void)record_number_key, (void)out;
    return no();
}

static dtls_crypto_result open_record(dtls_crypto_open_key *key, uint64_t number,
                                      dtls_crypto_bytes aad, dtls_crypto_buffer record) {
    (void)key, (void)number, (void)aad, (void)record;
    return no();
}

static dtls_crypto_result open_mask(dtls_crypto_open_key *key, const uint8_t *sample,
                                    uint8_t *mask) {
    (void)key, (void)sample, (void)mask;
    return no();
}

static void open_key_free(dtls_crypto_open_key *key) { (void)key; }

static dtls_crypto_result key_exchange_new(const dtls_crypto_provider *provider, uint32_t group,
                                           dtls_crypto_key_exchange **out) {
    (void)provider, (void)group, (void)out;
    return no();
}

static dtls_crypto_bytes key_exchange_share(const dtls_crypto_key_exchange *key_exchange) {
    dtls_crypto_bytes nothing = {NULL, 0};
    (void)key_exchange;
    return nothing;
}

static dtls_crypto_result key_exchange_complete(dtls_crypto_key_exchange *key_exchange,
                                                dtls_crypto_bytes peer_share,
                                                dtls_crypto_buffer secret, size_t *secret_len) {
    (void)key_exchange, (void)peer_share, (void)secret, (void)secret_len;
    return no();
}

static void key_exchange_free(dtls_crypto_key_exchange *key_exchange) { (void)key_exchange; }

static dtls_crypto_result encapsulate(const dtls_crypto_provider *provider, uint32_t group,
                                      dtls_crypto_bytes peer_share, dtls_crypto_buffer *share,
                                      dtls_crypto_buffer secret, size_t *secret_len) {
    (void)provider, (void)group, (void)peer_share, (void)share, (void)secret, (void)secret_len;
    return no();
}

static dtls_crypto_result signing_key_load(const dtls_crypto_provider *provider, uint32_t format,
                                           dtls_crypto_bytes der, dtls_crypto_signing_key **out) {
    (void)provider, (void)format, (void)der, (void)out;
    return no();
}

static dtls_crypto_result signing_key_generate(const dtls_crypto_provider *provider, uint32_t kind,
                                               dtls_crypto_buffer *pkcs8,
                                               dtls_crypto_signing_key **out) {
    (void)provider, (void)kind, (void)pkcs8, (void)out;
    return no();
}

static dtls_crypto_numbers signing_key_algorithms(const dtls_crypto_signing_key *key) {
    dtls_crypto_numbers nothing = {NULL, 0};
    (void)key;
    return nothing;
}

static dtls_crypto_bytes signing_key_public(const dtls_crypto_signing_key *key) {
    dtls_crypto_bytes nothing = {NULL, 0};
    (void)key;
    return nothing;
}

static dtls_crypto_result sign(const dtls_crypto_signing_key *key, uint32_t algorithm,
                               dtls_crypto_bytes message, dtls_crypto_buffer *signature) {
    (void)key, (void)algorithm, (void)message, (void)signature;
    return no();
}

static void signing_key_free(dtls_crypto_signing_key *key) { (void)key; }

static dtls_crypto_result verify(const dtls_crypto_provider *provider, uint32_t algorithm,
                                 dtls_crypto_bytes public_key, dtls_crypto_bytes message,
                                 dtls_crypto_bytes signature) {
    (void)provider, (void)algorithm, (void)public_key, (void)message, (void)signature;
    return no();
}

static dtls_crypto_result envelope_new(const dtls_crypto_provider *provider, const uint8_t *key,
                                       dtls_crypto_envelope **out) {
    (void)provider, (void)key, (void)out;
    return no();
}

static dtls_crypto_result envelope_change(const dtls_crypto_envelope *envelope,
                                          dtls_crypto_bytes aad, dtls_crypto_bytes in,
                                          dtls_crypto_buffer *out) {
    (void)envelope, (void)aad, (void)in, (void)out;
    return no();
}

static void envelope_free(dtls_crypto_envelope *envelope) { (void)envelope; }

/* A later host knows what stands behind the table of this version. */
static const struct {
    dtls_crypto_table table;
    void (*later)(void);
} LIBRARY = {
    {
#if defined(WRONG_VERSION)
        DTLS_CRYPTO_ABI_VERSION + 1,
#else
        DTLS_CRYPTO_ABI_VERSION,
#endif
#if defined(SHORT_TABLE)
        (uint32_t)offsetof(dtls_crypto_table, envelope_free),
#elif defined(LONGER_TABLE)
        sizeof(LIBRARY),
#else
        sizeof(dtls_crypto_table),
#endif
        bytes_free, provider_new, provider_free, capabilities, self_test, random_bytes, hash_new,
        hash_update, hash_fork, hash_finish, hash_free, hmac, hkdf_extract,
        hmac, /* hkdf_expand takes the same */
        schedule_extract, schedule_expand, seal_key_new, seal, seal_mask, seal_key_free,
        open_key_new, open_record, open_mask, open_key_free, key_exchange_new, key_exchange_share,
        key_exchange_complete, key_exchange_free, encapsulate, signing_key_load,
        signing_key_generate, signing_key_algorithms, signing_key_public, sign, signing_key_free,
#if defined(NULL_FUNCTION)
        NULL,
#else
        verify,
#endif
        envelope_new, envelope_change, envelope_change, envelope_free},
    NULL,
};

#if defined(NO_SYMBOL)
const dtls_crypto_table *another_name(uint32_t abi_version);
#define dtls_crypto_plugin another_name
#endif

#if defined(UNDEFINED_SYMBOL)
uint32_t a_function_of_no_library(uint32_t abi_version);
#else
#define a_function_of_no_library(abi_version) (abi_version)
#endif

const dtls_crypto_table *dtls_crypto_plugin(uint32_t abi_version) {
    (void)a_function_of_no_library(abi_version);
#if defined(NO_TABLE)
    return NULL;
#else
    return &LIBRARY.table;
#endif
}
