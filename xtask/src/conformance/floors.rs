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
        Provider::RustCrypto => (1, 1, 1),
        Provider::OpenSsl => (2, 1, 1),
        Provider::OpenSslFips => (3, 1, 1),
        Provider::Botan => (4, 1, 1),
        Provider::Plugin => (5, 1, 1),
        Provider::OpenSslVendored => (6, 1, 1),
        Provider::OpenSslVendoredFips => (7, 1, 1),
    };
    Floor { vectors, handshakes, wolfssl }
}
