//! Records of application data through a connection, next to the bare calls to the provider that
//! each of them needs: AEAD and mask. The difference is what the core costs.

use std::hint::black_box;
use std::time::{Duration, Instant};

use criterion::measurement::WallTime;
use criterion::{
    BenchmarkGroup, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main,
};
use dtls_conformance::load::{Bare, Through};
use dtls_crypto_api::CipherSuite;

const SIZES: [usize; 3] = [64, 1200, 16 << 10];

const SUITES: [CipherSuite; 2] =
    [CipherSuite::TLS_AES_128_GCM_SHA256, CipherSuite::TLS_CHACHA20_POLY1305_SHA256];

/// Records sealed, then opened in one go: few enough to stay in the cache.
const BATCH: u64 = 8;

fn group<'c>(c: &'c mut Criterion, what: &str, suite: CipherSuite) -> BenchmarkGroup<'c, WallTime> {
    let mut group = c.benchmark_group(format!("{what}/{}", suite.name().unwrap_or_default()));
    // Short of the number of records after which a key is replaced.
    group.warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(2));
    group
}

fn seal(c: &mut Criterion) {
    for suite in SUITES {
        let mut group = group(c, "seal", suite);
        for size in SIZES {
            group.throughput(Throughput::Bytes(size as u64));
            let mut bare = Bare::new(suite, size);
            group.bench_function(BenchmarkId::new("bare", size), |b| b.iter(|| bare.seal()));
            let mut through = Through::new(suite, size);
            group.bench_function(BenchmarkId::new("connection", size), |b| {
                b.iter(|| through.seal());
            });
        }
    }
}

fn open(c: &mut Criterion) {
    for suite in SUITES {
        let mut group = group(c, "open", suite);
        for size in SIZES {
            group.throughput(Throughput::Bytes(size as u64));
            let mut bare = Bare::new(suite, size);
            group.bench_function(BenchmarkId::new("bare", size), |b| {
                b.iter_custom(|count| {
                    in_batches(count, &mut bare, Bare::seal_batch, |bare, batch| {
                        bare.open_batch(batch);
                    })
                });
            });
            let mut through = Through::new(suite, size);
            group.bench_function(BenchmarkId::new("connection", size), |b| {
                b.iter_custom(|count| {
                    in_batches(count, &mut through, Through::seal_batch, |through, batch| {
                        through.open_batch(batch);
                    })
                });
            });
        }
    }
}

/// The time it takes to open `count` records, without the time to make them.
fn in_batches<T, B>(
    count: u64,
    state: &mut T,
    make: impl Fn(&mut T, u64) -> B,
    open: impl Fn(&mut T, &mut B),
) -> Duration {
    let mut taken = Duration::ZERO;
    let mut left = count;
    while left > 0 {
        let some = left.min(BATCH);
        let mut batch = make(state, some);
        let start = Instant::now();
        open(state, black_box(&mut batch));
        taken += start.elapsed();
        left -= some;
    }
    taken
}

criterion_group!(benches, seal, open);
criterion_main!(benches);
