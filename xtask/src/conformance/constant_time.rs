//! Evidence for constant time: `dtls-ct` under valgrind, on the providers that it was built with.

use std::process::Command;

use crate::process;
use crate::programs::Programs;
use crate::provider::Provider;

/// A FIPS module, a plug-in and an OpenSSL from source are reached through the same code of ours as
/// the system's OpenSSL.
const WATCHED: [Provider; 3] = [Provider::RustCrypto, Provider::OpenSsl, Provider::Botan];

/// Does nothing where none of the providers is watched.
pub(super) fn run(providers: &[Provider], programs: &Programs) -> anyhow::Result<()> {
    let mut command = Command::new(programs.constant_time());
    let watched: Vec<_> = providers.iter().filter(|provider| WATCHED.contains(provider)).collect();
    if watched.is_empty() {
        return Ok(());
    }
    for provider in watched {
        command.args(["--provider", provider.own_name()]);
    }
    process::run(&mut command)
}
