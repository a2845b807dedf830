//! The kit against the Botan provider.

use dtls_provider_botan::BotanProvider;

dtls_conformance::provider_tests!(BotanProvider::new());
