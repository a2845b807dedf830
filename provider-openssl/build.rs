//! Refuses to build against anything that is not OpenSSL 3 or later, in words that help.
//!
//! Where no OpenSSL is found at all, the build of `openssl-sys` ends before this is reached: its
//! message names the packages `libssl-dev` and `openssl-devel`, Homebrew's `openssl`, and the
//! variable `OPENSSL_DIR`.

/// The version number as `openssl-sys` read it from the headers, in hexadecimal; set for OpenSSL
/// and for nothing else.
const VERSION: &str = "DEP_OPENSSL_VERSION_NUMBER";

/// OpenSSL 3.0.0.
const OLDEST: u64 = 0x3000_0000;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-env-changed={VERSION}");
    let version = std::env::var(VERSION).ok();
    let number = version.as_deref().and_then(|text| u64::from_str_radix(text, 16).ok());
    if number.is_some_and(|number| number >= OLDEST) {
        return;
    }
    let found = match number {
        Some(number) => format!("OpenSSL {}.{}", number >> 28, number >> 20 & 0xff),
        None => String::from("a library that is not OpenSSL (LibreSSL, BoringSSL or AWS-LC)"),
    };
    eprintln!(
        "
dtls-provider-openssl needs OpenSSL 3.0 or later, and found {found}.

Install the development files of OpenSSL 3:
    Debian, Ubuntu:  apt install libssl-dev pkg-config
    Fedora, RHEL:    dnf install openssl-devel pkgconf
    Alpine:          apk add openssl-dev pkgconf
    macOS:           brew install openssl@3
or point the variable OPENSSL_DIR at an installation of it,
or build it from source: enable the feature `vendored` of dtls-provider-openssl, which dtls13 calls
`openssl-vendored`.
"
    );
    std::process::exit(1);
}
