//! What the provider adds to the EVP calls that seal a record: nonce, bounds, the virtual call.

use std::ffi::{CStr, c_int};
use std::hint::black_box;
use std::ptr;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, RecordSecrets};
use dtls_provider_openssl::OpenSslProvider;
use openssl_sys as sys;

/// Length in bytes of the additional data: a record header without a connection ID.
const AAD: [u8; 5] = [0x2f, 0, 7, 4, 0xc0];

/// The same calls as the manual tells, on a context that is kept, and nothing around them.
#[allow(unsafe_code, reason = "the yardstick is the C library itself")]
mod raw {
    use super::{AAD, CStr, c_int, ptr, sys};

    /// A length that the benchmark has chosen, and so a small one.
    fn int(len: usize) -> c_int {
        c_int::try_from(len).unwrap_or(c_int::MAX)
    }

    pub(super) struct Raw(*mut sys::EVP_CIPHER_CTX);

    impl Raw {
        pub(super) fn new(name: &CStr, key: &[u8]) -> Self {
            // SAFETY: valid arguments; the key has the cipher's length.
            unsafe {
                let cipher = sys::EVP_CIPHER_fetch(ptr::null_mut(), name.as_ptr(), ptr::null());
                let context = sys::EVP_CIPHER_CTX_new();
                let (engine, none) = (ptr::null_mut(), ptr::null());
                assert_eq!(sys::EVP_CipherInit_ex(context, cipher, engine, none, none, 1), 1);
                sys::EVP_CIPHER_CTX_ctrl(context, 0x9, 12, ptr::null_mut());
                let key = key.as_ptr();
                assert_eq!(sys::EVP_CipherInit_ex(context, none.cast(), engine, key, none, -1), 1);
                sys::EVP_CIPHER_free(cipher);
                Self(context)
            }
        }

        pub(super) fn seal(&mut self, iv: &[u8; 12], buf: &mut [u8]) {
            let len = buf.len() - 16;
            let (text, mut n) = (buf.as_mut_ptr(), 0);
            // SAFETY: `buf` holds the text and room for the tag.
            unsafe {
                let (same, engine) = (ptr::null(), ptr::null_mut());
                sys::EVP_CipherInit_ex(self.0, same, engine, ptr::null(), iv.as_ptr(), -1);
                let (none, aad_len) = (ptr::null_mut(), int(AAD.len()));
                sys::EVP_CipherUpdate(self.0, none, &raw mut n, AAD.as_ptr(), aad_len);
                sys::EVP_CipherUpdate(self.0, text, &raw mut n, text, int(len));
                sys::EVP_CipherFinal(self.0, text, &raw mut n);
                sys::EVP_CIPHER_CTX_ctrl(self.0, 0x10, 16, text.add(len).cast());
            }
        }
    }

    impl Drop for Raw {
        fn drop(&mut self) {
            // SAFETY: ours, and not used again.
            unsafe { sys::EVP_CIPHER_CTX_free(self.0) }
        }
    }
}

fn seal(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("seal");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for (aead, name) in [
        (AeadAlgorithm::Aes128Gcm, c"AES-128-GCM"),
        (AeadAlgorithm::Aes256Gcm, c"AES-256-GCM"),
        (AeadAlgorithm::ChaCha20Poly1305, c"ChaCha20-Poly1305"),
    ] {
        let key = vec![0x42; aead.key_len()];
        let label = |who: &str| BenchmarkId::new(name.to_str().unwrap_or_default(), who);
        for len in [1200, 16] {
            let mut buf = vec![0x17; len + 16];
            let mut counter = 0_u64;
            let mut raw = raw::Raw::new(name, &key);
            group.bench_function(label(&format!("EVP/{len}")), |bencher| {
                bencher.iter(|| {
                    counter += 1;
                    let mut iv = [0; 12];
                    iv[4..].copy_from_slice(&counter.to_be_bytes());
                    raw.seal(&iv, black_box(&mut buf));
                });
            });
            let secrets = RecordSecrets { aead, key: &key, iv: &[0; 12], record_number_key: &key };
            let mut sealer = OpenSslProvider::new().seal_key(&secrets).expect("a listed AEAD");
            let mut number = 0;
            group.bench_function(label(&format!("provider/{len}")), |bencher| {
                bencher.iter(|| {
                    number += 1;
                    sealer.seal(number, &AAD, black_box(&mut buf)).expect("a fresh number");
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, seal);
criterion_main!(benches);
