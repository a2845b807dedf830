//! The header is C99 and C++, without a warning.

mod common;

use std::process::Command;

use common::{compiler, headers, run};
use rstest::rstest;

fn check(compiler: &mut Command, flags: &[&str]) {
    let header = headers().join("dtls_crypto_provider.h");
    let warnings = ["-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fsyntax-only", "-include"];
    run(compiler.args(flags).args(warnings).arg(header).args(["-"]));
}

#[rstest]
#[case("c99")]
#[case("c11")]
fn the_header_is_c(#[case] standard: &str) {
    check(&mut compiler(), &["-xc", &format!("-std={standard}")]);
}

#[test]
fn the_header_is_cpp() {
    let cpp = std::env::var_os("CXX").unwrap_or_else(|| "c++".into());
    check(&mut Command::new(cpp), &["-xc++", "-std=c++11"]);
}
