//! Declarations of OpenSSL 3.0 functions that `openssl-sys` does not have, after the manual.

use core::ffi::{c_char, c_int, c_long, c_uint, c_ulong, c_void};

use openssl_sys::{
    BIO, CONF, CONF_METHOD, EVP_CIPHER, EVP_KDF, EVP_MAC, EVP_MD, EVP_MD_CTX, EVP_PKEY,
    EVP_PKEY_CTX, EVP_SIGNATURE, OSSL_LIB_CTX, OSSL_PARAM, OSSL_PROVIDER,
};

/// The methods behind the key types, key exchanges and KEMs: fetched only to see whether they are
/// there and whose they are.
pub(super) enum KeyManagement {}
pub(super) enum KeyExchange {}
pub(super) enum KeyEncapsulation {}
/// A random generator and its method.
pub(super) enum Random {}
pub(super) enum RandomMethod {}

unsafe extern "C" {
    pub(super) fn RAND_bytes_ex(
        ctx: *mut OSSL_LIB_CTX,
        buf: *mut u8,
        num: usize,
        strength: c_uint,
    ) -> c_int;

    pub(super) fn EVP_KEYMGMT_fetch(
        ctx: *mut OSSL_LIB_CTX,
        algorithm: *const c_char,
        properties: *const c_char,
    ) -> *mut KeyManagement;
    pub(super) fn EVP_KEYMGMT_free(keymgmt: *mut KeyManagement);
    pub(super) fn EVP_KEYEXCH_fetch(
        ctx: *mut OSSL_LIB_CTX,
        algorithm: *const c_char,
        properties: *const c_char,
    ) -> *mut KeyExchange;
    pub(super) fn EVP_KEYEXCH_free(exchange: *mut KeyExchange);
    pub(super) fn EVP_KEM_fetch(
        ctx: *mut OSSL_LIB_CTX,
        algorithm: *const c_char,
        properties: *const c_char,
    ) -> *mut KeyEncapsulation;
    pub(super) fn EVP_KEM_free(kem: *mut KeyEncapsulation);

    pub(super) fn EVP_PKEY_CTX_new_from_pkey(
        libctx: *mut OSSL_LIB_CTX,
        pkey: *mut EVP_PKEY,
        propquery: *const c_char,
    ) -> *mut EVP_PKEY_CTX;
    pub(super) fn EVP_DigestSignInit_ex(
        ctx: *mut EVP_MD_CTX,
        pctx: *mut *mut EVP_PKEY_CTX,
        mdname: *const c_char,
        libctx: *mut OSSL_LIB_CTX,
        props: *const c_char,
        pkey: *mut EVP_PKEY,
        params: *const OSSL_PARAM,
    ) -> c_int;
    pub(super) fn EVP_DigestVerifyInit_ex(
        ctx: *mut EVP_MD_CTX,
        pctx: *mut *mut EVP_PKEY_CTX,
        mdname: *const c_char,
        libctx: *mut OSSL_LIB_CTX,
        props: *const c_char,
        pkey: *mut EVP_PKEY,
        params: *const OSSL_PARAM,
    ) -> c_int;
    pub(super) fn NCONF_new_ex(libctx: *mut OSSL_LIB_CTX, method: *mut CONF_METHOD) -> *mut CONF;
    pub(super) fn NCONF_load_bio(conf: *mut CONF, bio: *mut BIO, line: *mut c_long) -> c_int;
    pub(super) fn CONF_modules_load(
        conf: *const CONF,
        appname: *const c_char,
        flags: c_ulong,
    ) -> c_int;

    pub(super) fn OSSL_PROVIDER_get_params(
        provider: *const OSSL_PROVIDER,
        params: *mut OSSL_PARAM,
    ) -> c_int;
    pub(super) fn OSSL_PROVIDER_self_test(provider: *const OSSL_PROVIDER) -> c_int;

    pub(super) fn EVP_MD_get0_provider(md: *const EVP_MD) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_CIPHER_get0_provider(cipher: *const EVP_CIPHER) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_MAC_get0_provider(mac: *const EVP_MAC) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_KDF_get0_provider(kdf: *const EVP_KDF) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_KEYMGMT_get0_provider(key: *const KeyManagement) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_KEYEXCH_get0_provider(exchange: *const KeyExchange) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_KEM_get0_provider(kem: *const KeyEncapsulation) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_SIGNATURE_get0_provider(
        signature: *const EVP_SIGNATURE,
    ) -> *const OSSL_PROVIDER;
    pub(super) fn EVP_PKEY_get0_provider(key: *const EVP_PKEY) -> *const OSSL_PROVIDER;
    pub(super) fn RAND_get0_public(libctx: *mut OSSL_LIB_CTX) -> *mut Random;
    pub(super) fn EVP_RAND_CTX_get0_rand(ctx: *mut Random) -> *mut RandomMethod;
    pub(super) fn EVP_RAND_get0_provider(rand: *const RandomMethod) -> *const OSSL_PROVIDER;

    pub(super) fn CRYPTO_clear_free(ptr: *mut c_void, num: usize, file: *const c_char, line: c_int);
}
