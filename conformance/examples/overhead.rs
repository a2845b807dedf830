//! What the core adds to the bare calls of the provider, in two ways.
//!
//! Without arguments: rounds of bare calls and rounds through a connection take turns, so that
//! what disturbs the machine disturbs both, and the medians are compared.
//!
//! With `seal|open bare|connection SIZE COUNT`: that much of one kind and nothing else, to be
//! counted by `valgrind --tool=callgrind`. Two runs with different counts, subtracted, leave
//! nothing but the records.

use std::hint::black_box;
use std::time::Instant;

use dtls_conformance::load::{Bare, Through};
use dtls_crypto_api::CipherSuite;

const SUITE: CipherSuite = CipherSuite::TLS_AES_128_GCM_SHA256;
const ROUNDS: usize = 400;
const RECORDS: u32 = 64;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        [] => compare(),
        [what, which, size, count] => match (size.parse(), count.parse()) {
            (Ok(size), Ok(count)) => only(what, which, size, count),
            _ => usage(),
        },
        _ => usage(),
    }
}

fn usage() -> ! {
    eprintln!("usage: overhead [seal|open bare|connection SIZE COUNT]");
    std::process::exit(2)
}

fn only(what: &str, which: &str, size: usize, count: u64) {
    match (what, which) {
        ("seal", "bare") => {
            let mut bare = Bare::new(SUITE, size);
            (0..count).for_each(|_| bare.seal());
        }
        ("seal", "connection") => {
            let mut through = Through::new(SUITE, size);
            (0..count).for_each(|_| through.seal());
        }
        // Opening needs records to open: the figures of `seal` are to be taken off.
        ("open", "bare") => {
            let mut bare = Bare::new(SUITE, size);
            (0..count).for_each(|_| {
                let mut batch = bare.seal_batch(1);
                bare.open_batch(&mut batch);
            });
        }
        ("open", "connection") => {
            let mut through = Through::new(SUITE, size);
            (0..count).for_each(|_| {
                let mut batch = through.seal_batch(1);
                through.open_batch(&mut batch);
            });
        }
        _ => usage(),
    }
}

/// Nanoseconds per record of one round.
fn round<T>(state: &mut T, run: impl FnOnce(&mut T)) -> f64 {
    let start = Instant::now();
    run(state);
    start.elapsed().as_secs_f64() * 1e9 / f64::from(RECORDS)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn compare() {
    println!("{:>6} {:>18} {:>18} {:>18}", "", "seal ns", "open ns", "both");
    println!(
        "{:>6} {:>9}{:>9} {:>9}{:>9} {:>9}{:>9}",
        "bytes", "bare", "conn", "bare", "conn", "ratio", "excess"
    );
    for size in [64, 1200, 16 << 10] {
        let mut bare = Bare::new(SUITE, size);
        let mut through = Through::new(SUITE, size);
        let [mut seal_bare, mut seal_conn, mut open_bare, mut open_conn] =
            [const { Vec::<f64>::new() }; 4];
        for _ in 0..ROUNDS {
            seal_bare.push(round(&mut bare, |b| (0..RECORDS).for_each(|_| b.seal())));
            seal_conn.push(round(&mut through, |t| (0..RECORDS).for_each(|_| t.seal())));
            let mut batch = bare.seal_batch(RECORDS.into());
            open_bare.push(round(&mut bare, |b| b.open_batch(black_box(&mut batch))));
            let mut batch = through.seal_batch(RECORDS.into());
            open_conn.push(round(&mut through, |t| t.open_batch(black_box(&mut batch))));
        }
        let [seal_bare, seal_conn, open_bare, open_conn] =
            [seal_bare, seal_conn, open_bare, open_conn].map(median);
        let (bare, conn) = (seal_bare + open_bare, seal_conn + open_conn);
        println!(
            "{size:>6} {seal_bare:>9.0}{seal_conn:>9.0} {open_bare:>9.0}{open_conn:>9.0} {:>9.3}{:>8.0} ns",
            conn / bare,
            conn - bare
        );
    }
}
