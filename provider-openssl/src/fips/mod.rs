//! FIPS mode: OpenSSL with nothing in reach but a FIPS module's approved algorithms.
//!
//! The module is loaded into a library context of its own, by a configuration that is made here
//! from the deployer's; the process's default context is not touched and never fallen back to.

mod config;
mod error;
mod running;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use dtls_crypto_api::{Detail, FipsStatus};

pub use error::FipsError;

use crate::ffi::{Failed, Library, ModuleFacts};
use config::ModuleConfig;

/// Which FIPS module to use.
#[derive(Clone, Debug)]
pub struct FipsOptions {
    /// The module: the shared library itself, `fips.so`, `fips.dylib` or `fips.dll`.
    pub module_path: PathBuf,
    /// What `openssl fipsinstall` wrote when this module was installed, usually called
    /// `fipsmodule.cnf`. It holds the module's checksum. An `openssl.cnf` that includes such a file
    /// is not taken: what else stands in it would be in force, too.
    pub config_path: PathBuf,
    /// The number of the certificate under which exactly this module is validated and deployed as
    /// its security policy says. To give it is to attest that; the program cannot find it out.
    pub certificate: Option<String>,
}

/// A module that is loaded, has passed its self test and is all there is.
pub(crate) struct Module {
    pub(crate) library: Arc<Library>,
    pub(crate) status: FipsStatus,
    pub(crate) details: Vec<Detail>,
    /// Whether EdDSA is approved in it.
    pub(crate) approves_eddsa: bool,
}

impl Module {
    pub(crate) fn load(options: &FipsOptions) -> Result<Self, FipsError> {
        if let Some(certificate) = options.certificate.as_deref() {
            // It is shown to people, who are to believe it.
            let blank = certificate.trim().is_empty();
            if blank || certificate.contains(char::is_control) {
                return Err(FipsError::CertificateUnusable { certificate: certificate.to_owned() });
            }
        }
        let (module, file) = existing(&options.module_path)?;
        let config = ModuleConfig::read(&options.config_path)?;
        let load = |config: &ModuleConfig| loaded(&module, config, options);
        // A module may leave its tests out when it is loaded, if the configuration says that they
        // were run when it was installed. Here they are run each time.
        let test = |library: &Library| {
            library.module_self_test().map_err(|Failed| self_test_failed(&module, options))
        };
        let library = running::library(file, config, load, test).ok_or_else(|| {
            FipsError::RunsDifferently {
                module: module.clone(),
                config: options.config_path.clone(),
            }
        })??;
        let facts = library.module_facts().filter(|facts| facts.running);
        let facts = facts.ok_or_else(|| self_test_failed(&module, options))?;
        let status = match options.certificate {
            Some(_) => FipsStatus::AttestedValidated,
            None => FipsStatus::ApprovedMode,
        };
        Ok(Self {
            library,
            status,
            details: details(&facts, &module, options.certificate.as_deref()),
            approves_eddsa: approves_eddsa(&facts.version),
        })
    }
}

/// Loads the module into a library context of its own.
fn loaded(
    module: &Path,
    config: &ModuleConfig,
    options: &FipsOptions,
) -> Result<Library, FipsError> {
    let library = Library::with_module(&config.describing(module)?).map_err(|reasons| {
        FipsError::not_loaded(module, &options.config_path, config.has_checksum, reasons)
    })?;
    let no_module = |Failed| FipsError::NotAFipsModule { module: module.to_owned() };
    library.is_approved().map_err(no_module)?;
    Ok(library)
}

fn self_test_failed(module: &Path, options: &FipsOptions) -> FipsError {
    FipsError::SelfTestFailed {
        module: module.to_owned(),
        config: options.config_path.clone(),
        reason: String::from("its own tests do not pass"),
    }
}

/// The absolute path of a module that exists, and the file itself.
fn existing(module: &Path) -> Result<(PathBuf, running::File), FipsError> {
    let unreadable = |reason: std::io::Error| FipsError::ModuleUnreadable {
        module: module.to_owned(),
        reason: reason.to_string(),
    };
    if !fs::metadata(module).map_err(unreadable)?.is_file() {
        return Err(unreadable(std::io::Error::other("it is not a file")));
    }
    let file = running::identity(module).map_err(unreadable)?;
    Ok((std::path::absolute(module).map_err(unreadable)?, file))
}

fn details(facts: &ModuleFacts, module: &Path, certificate: Option<&str>) -> Vec<Detail> {
    let mut details = vec![
        Detail::new("FIPS module", format!("{} {}", facts.name, facts.version)),
        Detail::new("FIPS module file", module.display().to_string()),
    ];
    if let Some(certificate) = certificate {
        details.push(Detail::new("FIPS certificate (attested)", certificate));
    }
    details
}

/// EdDSA came into FIPS 186 with its fifth edition of 2023. Modules before 3.5 either mark it as not
/// approved or were made to an earlier edition.
fn approves_eddsa(version: &str) -> bool {
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    (numbers.next(), numbers.next()) >= (Some(3), Some(5))
}

#[cfg(test)]
mod tests {
    use super::approves_eddsa;

    #[test]
    fn eddsa_is_approved_from_3_5_on() {
        for (version, approved) in
            [("3.0.9", false), ("3.1.2", false), ("3.4.9", false), ("3.5.0", true), ("4.0.1", true)]
        {
            assert_eq!(approves_eddsa(version), approved, "{version}");
        }
        assert!(!approves_eddsa("unknown"));
    }
}
