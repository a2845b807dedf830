//! What the provider adds to the EVP calls that seal a record: nonce, bounds, the virtual call. It
//! may be a tenth at most, and the benchmark fails if it is more.

use std::ffi::{CStr, c_int};
use std::hint::black_box;
use std::ptr;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use dtls_crypto_api::{AeadAlgorithm, CryptoProvider, RecordSecrets, SealKey};
use dtls_provider_openssl::OpenSslProvider;
use openssl_sys as sys;
use raw::Raw;

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

/// The AEADs, each with the name OpenSSL has for it.
const AEADS: [(AeadAlgorithm, &CStr); 3] = [
    (AeadAlgorithm::Aes128Gcm, c"AES-128-GCM"),
    (AeadAlgorithm::Aes256Gcm, c"AES-256-GCM"),
    (AeadAlgorithm::ChaCha20Poly1305, c"ChaCha20-Poly1305"),
];

/// One record sealed in each way per call, under a nonce of its own.
struct Pair {
    raw: Raw,
    sealer: Box<dyn SealKey>,
    number: u64,
    buf: Vec<u8>,
}

impl Pair {
    fn new(aead: AeadAlgorithm, name: &CStr, len: usize) -> Self {
        let key = vec![0x42; aead.key_len()];
        let secrets = RecordSecrets { aead, key: &key, iv: &[0; 12], record_number_key: &key };
        let sealer = OpenSslProvider::new().seal_key(&secrets).expect("a listed AEAD");
        Self { raw: Raw::new(name, &key), sealer, number: 0, buf: vec![0x17; len + 16] }
    }

    fn raw(&mut self) {
        self.number += 1;
        let mut iv = [0; 12];
        iv[4..].copy_from_slice(&self.number.to_be_bytes());
        self.raw.seal(&iv, black_box(&mut self.buf));
    }

    fn provider(&mut self) {
        self.number += 1;
        self.sealer.seal(self.number, &AAD, black_box(&mut self.buf)).expect("a fresh number");
    }
}

fn seal(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("seal");
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(3));
    for (aead, name) in AEADS {
        let label = |who: &str| BenchmarkId::new(name.to_str().unwrap_or_default(), who);
        for len in [1200, 16] {
            let mut pair = Pair::new(aead, name, len);
            group.bench_function(label(&format!("EVP/{len}")), |b| b.iter(|| pair.raw()));
            group.bench_function(label(&format!("provider/{len}")), |b| b.iter(|| pair.provider()));
        }
    }
    group.finish();
}

/// What the provider may cost above the EVP calls, at 1200 bytes.
const BUDGET: f64 = 1.10;

/// Holds the provider to its budget. The two take turns in short rounds and the best round of each
/// counts, so that whatever else the machine does falls on both or on neither.
fn budget(_: &mut Criterion) {
    const ROUNDS: usize = 2000;
    const RECORDS: u32 = 100;
    fn round(mut seal: impl FnMut()) -> Duration {
        let start = Instant::now();
        (0..RECORDS).for_each(|_| seal());
        start.elapsed() / RECORDS
    }
    for (aead, name) in AEADS {
        let mut pair = Pair::new(aead, name, 1200);
        let (mut raw, mut provider) = (Duration::MAX, Duration::MAX);
        for _ in 0..ROUNDS {
            raw = raw.min(round(|| pair.raw()));
            provider = provider.min(round(|| pair.provider()));
        }
        let ratio = provider.as_secs_f64() / raw.as_secs_f64();
        println!("budget/{name:?}/1200: EVP {raw:?}, provider {provider:?}, {ratio:.3} of it");
        assert!(ratio <= BUDGET, "{name:?}: more than {BUDGET} of the EVP calls");
    }
}

criterion_group!(benches, seal, budget);
criterion_main!(benches);
