//! What the integration tests share.

#![allow(dead_code, reason = "each test crate uses its part")]

use dtls_provider_botan::BotanProvider;

/// Bytes from hex; blanks and line ends are skipped.
pub(crate) fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(16)).collect();
    assert!(digits.len().is_multiple_of(2), "an odd number of hex digits");
    digits.chunks(2).map(|pair| (pair[0] * 16 + pair[1]) as u8).collect()
}

pub(crate) fn provider() -> BotanProvider {
    BotanProvider::new()
}
