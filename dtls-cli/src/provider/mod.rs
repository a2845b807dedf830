//! Whose cryptography: the options that choose it, the same in every command.

mod backend;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use dtls13::core::crypto::{CipherSuite, CryptoProvider, NamedGroup};
use dtls13::provider;

use crate::failure::Failure;
use backend::{Built, FipsModule};

pub(crate) use backend::Backend;

/// The heading of these options in the help.
const HEADING: &str = "Provider";

/// One provider.
#[derive(Args, Debug)]
pub(crate) struct One {
    /// Whose cryptography to use: rustcrypto, openssl, openssl-fips or botan, as far as this
    /// program was built with them [default: rustcrypto]
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    #[arg(value_parser = Backend::from_name, conflicts_with = "plugin")]
    provider: Option<Backend>,
    /// Use the provider in this shared library, which becomes a part of this program: load only
    /// what you trust.
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    plugin: Option<PathBuf>,
    #[command(flatten)]
    fips: FipsMode,
}

/// Any number of providers.
#[derive(Args, Debug)]
pub(crate) struct Several {
    /// A provider: rustcrypto, openssl, openssl-fips or botan, as far as this program was built
    /// with them; may be given several times.
    #[arg(long, value_name = "NAME", help_heading = HEADING)]
    #[arg(value_parser = Backend::from_name)]
    provider: Vec<Backend>,
    /// The provider in this shared library, which becomes a part of this program: load only what
    /// you trust. May be given several times.
    #[arg(long, value_name = "FILE", help_heading = HEADING)]
    plugin: Vec<PathBuf>,
    #[command(flatten)]
    fips: FipsMode,
}

/// FIPS mode, which is OpenSSL's.
#[derive(Args, Debug)]
struct FipsMode {
    /// Have everything from a FIPS module: --provider openssl --fips is the same as
    /// --provider openssl-fips.
    #[arg(id = "fips", long = "fips", help_heading = HEADING)]
    on: bool,
    /// The FIPS module: the shared library itself.
    #[arg(id = "fips_module", long = "fips-module", value_name = "FILE", help_heading = HEADING)]
    #[arg(requires = "fips_config")]
    module: Option<PathBuf>,
    /// What `openssl fipsinstall` wrote when the module was installed: fipsmodule.cnf.
    #[arg(id = "fips_config", long = "fips-config", value_name = "FILE", help_heading = HEADING)]
    #[arg(requires = "fips_module")]
    config: Option<PathBuf>,
    /// The number of the certificate under which this module is validated. To give it is to
    /// attest that; no program can find it out.
    #[arg(id = "fips_certificate", long = "fips-certificate", value_name = "NUMBER", help_heading = HEADING)]
    #[arg(requires = "fips_module")]
    certificate: Option<String>,
}

/// A provider and how it was asked for.
#[derive(Clone, Debug)]
pub(crate) struct Chosen {
    /// Its name on the command line, or `plugin`.
    pub(crate) name: String,
    /// The shared library it was loaded from.
    pub(crate) file: Option<PathBuf>,
    pub(crate) provider: Arc<dyn CryptoProvider>,
}

impl One {
    /// RustCrypto where nothing is said.
    pub(crate) fn provider(&self) -> Result<Arc<dyn CryptoProvider>, Failure> {
        let (named, plugins) = (self.provider.as_slice(), self.plugin.as_slice());
        let chosen = choose(named, plugins, &self.fips, default)?;
        chosen.into_iter().next().map(|chosen| chosen.provider).ok_or_else(nothing)
    }
}

impl Several {
    /// RustCrypto where nothing is said.
    pub(crate) fn providers(&self) -> Result<Vec<Chosen>, Failure> {
        choose(&self.provider, &self.plugin, &self.fips, default)
    }

    /// Where nothing is said all that this program was built with; FIPS mode only with a module.
    pub(crate) fn or_all(&self) -> Result<Vec<Chosen>, Failure> {
        let all = |fips: &FipsMode| {
            let with_fips = fips.is_asked_for();
            let kept = |backend: &Backend| with_fips || *backend != Backend::OpenSslFips;
            Ok(Backend::built().filter(kept).collect())
        };
        let chosen = choose(&self.provider, &self.plugin, &self.fips, all)?;
        if chosen.is_empty() { Err(nothing()) } else { Ok(chosen) }
    }
}

impl FipsMode {
    fn is_asked_for(&self) -> bool {
        self.on || self.module.is_some()
    }

    fn module(&self) -> Option<FipsModule> {
        let (module, config) = (self.module.clone()?, self.config.clone()?);
        Some(FipsModule { module, config, certificate: self.certificate.clone() })
    }
}

/// What is used when nothing is said.
fn default(fips: &FipsMode) -> Result<Vec<Backend>, Failure> {
    if fips.is_asked_for() {
        return Ok(Vec::new());
    }
    match Backend::built().find(|backend| *backend == Backend::RustCrypto) {
        Some(backend) => Ok(vec![backend]),
        None => Err(nothing()),
    }
}

fn nothing() -> Failure {
    Failure::Usage(format!("no provider was chosen; {Built}: give --provider NAME"))
}

/// The providers that were named, in that order, then the plug-ins; or else those of `unsaid`.
fn choose(
    named: &[Backend],
    plugins: &[PathBuf],
    fips: &FipsMode,
    unsaid: impl FnOnce(&FipsMode) -> Result<Vec<Backend>, Failure>,
) -> Result<Vec<Chosen>, Failure> {
    let mut backends = named.to_vec();
    if named.is_empty() && plugins.is_empty() {
        backends = unsaid(fips)?;
    } else if fips.on {
        let in_fips_mode = |backend| match backend {
            Backend::OpenSsl => Backend::OpenSslFips,
            other => other,
        };
        backends = backends.into_iter().map(in_fips_mode).collect();
    }
    if fips.is_asked_for() && !backends.contains(&Backend::OpenSslFips) {
        let option = if fips.on { "--fips" } else { "--fips-module" };
        let text = format!("{option} goes with --provider openssl-fips, or openssl and --fips");
        return Err(Failure::Usage(text));
    }
    let module = fips.module();
    let backends = backends.into_iter().map(|backend| {
        let provider = backend.make(module.as_ref())?;
        Ok(Chosen { name: backend.name().to_owned(), file: None, provider })
    });
    let plugins = plugins.iter().enumerate().map(|(index, file)| {
        let name = if index == 0 { "plugin".to_owned() } else { format!("plugin-{}", index + 1) };
        Ok(Chosen { name, file: Some(file.clone()), provider: load(file)? })
    });
    backends.chain(plugins).collect()
}

fn load(file: &Path) -> Result<Arc<dyn CryptoProvider>, Failure> {
    provider::plugin(file).map_err(|error| Failure::Usage(error.to_string()))
}

/// Says which of these groups and suites the provider lacks, and what it has instead.
pub(crate) fn require(
    provider: &dyn CryptoProvider,
    groups: &[NamedGroup],
    suites: &[CipherSuite],
) -> Result<(), Failure> {
    let has = provider.capabilities();
    let lacks = |what: &str, offered: Vec<String>| {
        Failure::Usage(format!(
            "the provider {} does not offer {what}, only {}",
            has.name,
            offered.join(", ")
        ))
    };
    if let Some(group) = groups.iter().find(|group| !has.has_group(**group)) {
        let offered = has.groups.iter().map(|offered| offered.id.to_string());
        return Err(lacks(&group.to_string(), offered.collect()));
    }
    if let Some(suite) = suites.iter().find(|suite| !has.has_suite(**suite)) {
        let offered = has.cipher_suites.iter().map(|offered| offered.id.to_string());
        return Err(lacks(&suite.to_string(), offered.collect()));
    }
    Ok(())
}
