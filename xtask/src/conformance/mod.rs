//! `cargo xtask conformance`: everything that holds a provider to the same standard, on every
//! provider, and one table at the end.
//!
//! ```text
//!   suite          the vectors and edge cases: `dtls conformance`, with its reports
//!   matrix         handshakes between all providers: `dtls-matrix`
//!   demo           `dtls demo`, once each
//!   constant_time  our code on secrets under valgrind: `dtls-ct`
//!   floors         the least each has to count
//!   summary        the table
//! ```
//!
//! Besides, the handshakes with wolfSSL that take no time ([`interop`]), and the tests of the
//! OpenSSL provider on the OpenSSL that cargo builds. The reports are under `target/conformance/`.

mod constant_time;
mod demo;
mod floors;
mod matrix;
mod suite;
mod summary;

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, bail};
use lexopt::{Arg, ValueExt};

use crate::process::{self, cargo};
use crate::programs::{Libraries, Programs};
use crate::provider::Provider;
use crate::{fips, interop, vendored, workspace};
use summary::{Row, Table};

const USAGE: &str = "\
usage: cargo xtask conformance [options]

  --provider P   only this provider, and its handshakes with itself; may be given several times
";

pub(crate) fn run(mut args: lexopt::Parser) -> anyhow::Result<()> {
    let mut providers = Vec::new();
    while let Some(arg) = args.next()? {
        match arg {
            Arg::Long("provider") => {
                providers.push(Provider::from_name(&args.value()?.string()?)?);
            }
            Arg::Long("help") | Arg::Short('h') => {
                print!("{USAGE}");
                return Ok(());
            }
            other => return Err(other.unexpected().into()),
        }
    }
    if providers.is_empty() {
        all()?;
        // With the installed libraries they are a part of `cargo xtask test`.
        return installed_tests();
    }
    check(&providers)
}

/// Every provider, with everything.
pub(crate) fn all() -> anyhow::Result<()> {
    check(&Provider::ALL)?;
    vendored_tests()
}

/// Where the reports go.
fn reports() -> anyhow::Result<PathBuf> {
    let folder = workspace::kept("conformance");
    fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
    Ok(folder)
}

/// Goes through to the end whatever fails, since the table is about all of them.
fn check(providers: &[Provider]) -> anyhow::Result<()> {
    let mut rows = Vec::new();
    for libraries in Libraries::ALL {
        let here: Vec<Provider> =
            providers.iter().copied().filter(|p| p.libraries() == libraries).collect();
        if here.is_empty() {
            continue;
        }
        let programs = Programs::build(libraries)?;
        let mut rows_here: Vec<Row> = here.iter().map(|provider| Row::new(*provider)).collect();
        for row in &mut rows_here {
            println!("\n---- {} ----", row.provider.name());
            row.vectors = row.note(suite::run(row.provider, &programs));
            row.wolfssl = row.note(interop::wolfssl_quick(row.provider, &programs));
            row.demo = row.note(demo::run(row.provider, &programs));
        }
        println!("\n---- handshakes between providers ----");
        match matrix::run(&here, &programs) {
            Ok(counts) => {
                for (row, counts) in rows_here.iter_mut().zip(counts) {
                    row.handshakes = Some(counts);
                }
            }
            Err(error) => to_all(&mut rows_here, &error),
        }
        println!("\n---- constant time ----");
        if let Err(error) = constant_time::run(&here, &programs) {
            to_all(&mut rows_here, &error);
        }
        rows.extend(rows_here);
    }
    let complete = Provider::ALL.iter().all(|provider| providers.contains(provider));
    for row in &mut rows {
        row.judge(complete);
    }
    println!("\n{}", Table(&rows));
    let failed: Vec<&str> =
        rows.iter().filter(|row| row.failed()).map(|row| row.provider.name()).collect();
    if !failed.is_empty() {
        bail!("these providers do not hold: {}", failed.join(", "));
    }
    println!("reports: {}", reports()?.display());
    Ok(())
}

fn to_all(rows: &mut [Row], problem: &anyhow::Error) {
    for row in rows {
        row.problem(problem);
    }
}

/// The OpenSSL provider's own tests, on the OpenSSL that cargo builds.
fn vendored_tests() -> anyhow::Result<()> {
    fips::build()?;
    let tests = cargo(&["nextest", "run", "--cargo-profile", "release"]);
    let mut tests = vendored::in_folder(tests);
    process::run(tests.args(["-p", "dtls-provider-openssl", "--features", "vendored,fips-tests"]))
}

fn installed_tests() -> anyhow::Result<()> {
    let mut tests = cargo(&["nextest", "run", "-p", "dtls-provider-rustcrypto"]);
    tests.args(["-p", "dtls-provider-openssl", "-p", "dtls-provider-botan"]);
    process::run(tests.args(["--features", "dtls-provider-openssl/fips-tests"]))
}
