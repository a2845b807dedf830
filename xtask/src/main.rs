//! The workshop: everything a developer or CI runs beyond `cargo build`, as `cargo xtask COMMAND`.
//!
//! One file per command. A command takes the rest of the command line and either does its work or
//! says what went wrong; the exit code is 0, 1 (something failed) or 2 (wrong usage).

mod bench;
mod botan;
mod carried;
mod ci;
mod compliance;
mod conformance;
mod deps;
mod embedded;
mod features;
mod fips;
mod fuzz;
mod interop;
mod lint;
mod prepare;
mod process;
mod programs;
mod provider;
mod setup;
mod stamp;
mod test;
mod vendored;
mod workspace;

use std::process::ExitCode;

const USAGE: &str = "\
usage: cargo xtask COMMAND

  setup                 install what the other commands need and this machine lacks
  prepare               build all that comes from foreign source, before something needs it
  test                  all tests and doc tests of the workspace
  lint                  fmt, clippy, doc and deny
  deps                  the dependency rule: dtls-core depends on dtls-crypto-api alone
  embedded              the no_std crates build for a microcontroller
  ci [--keep-going]     everything that has to hold before a change lands
  botan                 build Botan 3 for the feature `botan`, under target/botan
  features              every documented combination of dtls13's features compiles
  fips                  build OpenSSL's FIPS module for the tests, under target/fips
  interop wolfssl       handshakes with wolfSSL over real UDP; see --help
  compliance [--check] [--missing] [--area A]
                        which requirements of the RFCs have a test that names them
  conformance           everything on every provider, and one table; see --help
  bench [ARGS]          the benchmarks; ARGS go to criterion
  fuzz [--iterations N] [--seconds N] [--seed N]
                        random and damaged input against every state
";

fn main() -> ExitCode {
    let mut args = lexopt::Parser::from_env();
    let command = match args.next() {
        Ok(Some(lexopt::Arg::Value(command))) => command.to_string_lossy().into_owned(),
        Ok(Some(lexopt::Arg::Long("help") | lexopt::Arg::Short('h'))) => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        _ => return wrong_usage("a command is needed"),
    };
    let result = match command.as_str() {
        "prepare" => prepare::run(args),
        "setup" => setup::run(args),
        "test" => test::run(args),
        "lint" => lint::run(args),
        "conformance" => conformance::run(args),
        "deps" => deps::run(args),
        "embedded" => embedded::run(args),
        "ci" => ci::run(args),
        "botan" => botan::run(args),
        "features" => features::run(args),
        "fips" => fips::run(args),
        "interop" => interop::run(args),
        "compliance" => compliance::run(args),
        "bench" => bench::run(args),
        "fuzz" => fuzz::run(args),
        other => return wrong_usage(&format!("there is no command `{other}`")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if error.is::<lexopt::Error>() => wrong_usage(&format!("{error:#}")),
        Err(error) => {
            eprintln!("xtask {command}: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn wrong_usage(what: &str) -> ExitCode {
    eprintln!("xtask: {what}\n\n{USAGE}");
    ExitCode::from(2)
}

/// For commands without options: anything that follows is wrong.
fn no_options(mut args: lexopt::Parser) -> anyhow::Result<()> {
    match args.next()? {
        None => Ok(()),
        Some(other) => Err(other.unexpected().into()),
    }
}
