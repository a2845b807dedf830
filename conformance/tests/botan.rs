//! The kit against the Botan provider.

use std::sync::Arc;

use dtls_conformance::Options;
use dtls_conformance::check::BotanAccess;
use dtls_provider_botan::BotanProvider;

dtls_conformance::provider_tests!(
    BotanProvider::new(),
    Options { access: Some(Arc::new(BotanAccess)), ..Options::default() }
);
