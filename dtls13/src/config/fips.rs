//! How far a configuration is covered by FIPS validation: the least of all it may come to use.

use dtls_core::CommonConfig;
use dtls_core::crypto::{FipsStatus, Offered};

use crate::credential::CertifiedKey;

/// What both roles have in common, and our own key. Chains judged by trust anchors may be signed
/// in any way the provider verifies, listed in the configuration or not, so all of those count. And
/// secrets that are written to a log are protected by nothing.
pub(super) fn status(
    common: &CommonConfig,
    judges_chains: bool,
    credential: Option<&CertifiedKey>,
) -> FipsStatus {
    if common.key_log {
        return FipsStatus::None;
    }
    let has = common.provider.capabilities();
    let suites = common.cipher_suites.iter().map(|suite| of(&has.cipher_suites, suite));
    let groups =
        common.groups.iter().map(|group| of(&has.groups, group).max(of(&has.kem_halves, group)));
    let schemes = common.signature_schemes.iter().chain(&common.signature_schemes_cert);
    let schemes = schemes.map(|scheme| match scheme.algorithm() {
        Some(algorithm) => of(&has.verify, &algorithm),
        None => FipsStatus::None,
    });
    let chains = has.verify.iter().filter(|_| judges_chains).map(|offered| offered.fips);
    let key = credential.map(CertifiedKey::fips);
    suites.chain(groups).chain(schemes).chain(chains).chain(key).min().unwrap_or_default()
}

/// The status of one of the things a provider offers; none if it does not.
fn of<T: PartialEq>(offered: &[Offered<T>], id: &T) -> FipsStatus {
    offered.iter().find(|offered| offered.id == *id).map_or(FipsStatus::None, |found| found.fips)
}
