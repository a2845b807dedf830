//! The least that each provider has to count. A count that shrinks fails: tests that nobody runs
//! any more look exactly like tests that pass.
//!
//! The numbers are a little below what was counted with the oldest libraries that are supported. Who
//! adds vectors raises them; who lowers one says why in the commit.

use crate::provider::Provider;

/// Passed, of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Floor {
    pub(super) vectors: u64,
    /// With all providers of the same build at the other end.
    pub(super) handshakes: u64,
    pub(super) wolfssl: u64,
}

pub(super) const fn of(provider: Provider) -> Floor {
    let (vectors, handshakes, wolfssl) = match provider {
        // With what only a way into the provider reaches.
        Provider::RustCrypto => (26_800, 3100, 182),
        Provider::OpenSsl | Provider::Plugin => (20_900, 2200, 148),
        Provider::OpenSslFips => (16_600, 950, 77),
        Provider::Botan => (22_900, 3100, 182),
        Provider::OpenSslVendored => (22_900, 800, 182),
        Provider::OpenSslVendoredFips => (16_600, 310, 77),
    };
    Floor { vectors, handshakes, wolfssl }
}
