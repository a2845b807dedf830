//! What the integration tests share.

#![allow(dead_code, reason = "each test crate uses its part")]

use dtls_provider_openssl::OpenSslProvider;

/// Bytes from hex; blanks and line ends are skipped.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of hex digits");
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

/// Bytes from hex, of a length known beforehand.
pub(crate) fn hex_array<const N: usize>(text: &str) -> [u8; N] {
    hex(text).try_into().expect("the right number of hex digits")
}

pub(crate) fn provider() -> OpenSslProvider {
    OpenSslProvider::new()
}

/// The value on the line that begins so, of a file of `NAME VALUE` lines.
pub(crate) fn line<'a>(file: &'a str, name: &str) -> &'a str {
    let value = file.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name}"))
}
