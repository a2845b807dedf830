//! `dtls-matrix`: the handshake matrix over the providers this program was built with.
//!
//! ```text
//! --provider NAME     only this one; once for each
//! --plugin FILE       a provider in a shared library beside them; once for each
//! --fips-module FILE  the FIPS module for openssl-fips, with
//! --fips-config FILE  its configuration
//! --list              print the cells, play none
//! --cell NAME         only this cell: client/server/suite/group/scheme
//! --seed N            of the simulated links (1)
//! --udp               over real UDP: cells that try each suite, group and scheme
//! --all               every cell, with --udp too
//! --threads N         cells at a time (as many as there are processors)
//! --json FILE         write the report there too
//! ```
//!
//! Without `--udp` every cell is played. The exit status is 1 when a cell fails, 2 when the
//! arguments make no sense.

use std::fmt::Write;
use std::num::NonZero;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use dtls_conformance::matrix::{self, Cover, Options, Player, Transport};
use dtls_crypto_api::CryptoProvider;
use lexopt::{Arg, ValueExt};

type Failure = Box<dyn std::error::Error>;

/// A provider and what it is called here.
type Named = (String, Arc<dyn CryptoProvider>);

fn main() -> ExitCode {
    match Arguments::read().and_then(|arguments| arguments.run()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("dtls-matrix: {error}");
            ExitCode::from(2)
        }
    }
}

#[derive(Default)]
struct Arguments {
    only: Vec<String>,
    plugins: Vec<PathBuf>,
    fips_module: Option<PathBuf>,
    fips_config: Option<PathBuf>,
    list: bool,
    cell: Option<String>,
    udp: bool,
    all: bool,
    json: Option<PathBuf>,
    seed: Option<u64>,
    threads: Option<NonZero<usize>>,
}

impl Arguments {
    fn read() -> Result<Self, Failure> {
        let mut read = Self::default();
        let mut args = lexopt::Parser::from_env();
        while let Some(arg) = args.next()? {
            match arg {
                Arg::Long("provider") => read.only.push(args.value()?.string()?),
                Arg::Long("plugin") => read.plugins.push(args.value()?.into()),
                Arg::Long("fips-module") => read.fips_module = Some(args.value()?.into()),
                Arg::Long("fips-config") => read.fips_config = Some(args.value()?.into()),
                Arg::Long("list") => read.list = true,
                Arg::Long("cell") => read.cell = Some(args.value()?.string()?),
                Arg::Long("udp") => read.udp = true,
                Arg::Long("all") => read.all = true,
                Arg::Long("json") => read.json = Some(args.value()?.into()),
                Arg::Long("seed") => read.seed = Some(args.value()?.parse()?),
                Arg::Long("threads") => read.threads = Some(args.value()?.parse()?),
                other => return Err(other.unexpected().into()),
            }
        }
        Ok(read)
    }

    fn run(&self) -> Result<bool, Failure> {
        let players = self.players()?;
        let cells = if let Some(name) = &self.cell {
            vec![matrix::find(&players, name)?]
        } else {
            let mut cells = matrix::cells(&players);
            if self.udp && !self.all {
                cells = matrix::covering(&cells, Cover::Values);
            }
            cells.extend(matrix::refusals(&players));
            cells
        };
        if self.list {
            for cell in &cells {
                println!("{cell}");
            }
            return Ok(true);
        }
        let default = Options::default();
        let options = Options {
            seed: self.seed.unwrap_or(default.seed),
            transport: if self.udp { Transport::Udp } else { Transport::Simulated },
            threads: self.threads.unwrap_or(default.threads),
            command: self.command(),
        };
        let report = matrix::run(&cells, &options);
        print!("{}", report.text());
        if let Some(file) = &self.json {
            std::fs::write(file, report.json())
                .map_err(|error| format!("cannot write {}: {error}", file.display()))?;
        }
        Ok(report.is_success())
    }

    /// The command that starts this program again with these providers.
    fn command(&self) -> String {
        let mut command = format!(
            "cargo run -p dtls-conformance --no-default-features --features {} --bin dtls-matrix --",
            FEATURES.join(",")
        );
        for (option, files) in [
            ("--plugin", &self.plugins[..]),
            ("--fips-module", self.fips_module.as_slice()),
            ("--fips-config", self.fips_config.as_slice()),
        ] {
            for file in files {
                let _ = write!(command, " {option} {}", file.display());
            }
        }
        command
    }

    fn players(&self) -> Result<Vec<Player>, Failure> {
        let mut players = Player::named(self.providers()?);
        let names: Vec<_> = players.iter().map(|player| player.name().to_owned()).collect();
        if let Some(unknown) = self.only.iter().find(|name| !names.contains(name)) {
            return Err(format!(
                "there is no provider {unknown:?} in this program, only {}",
                names.join(", ")
            )
            .into());
        }
        // A plug-in was asked for by its file.
        let wanted = |name: &str| self.only.iter().any(|only| only == name);
        players.retain(|player| {
            self.only.is_empty() || wanted(player.name()) || player.name().starts_with(PLUGIN)
        });
        if players.is_empty() {
            return Err("this program was built without providers: add --features rustcrypto, \
                        openssl or botan, or name a --plugin"
                .into());
        }
        Ok(players)
    }

    fn providers(&self) -> Result<Vec<Named>, Failure> {
        let mut providers: Vec<Arc<dyn CryptoProvider>> = Vec::new();
        #[cfg(feature = "rustcrypto")]
        providers.push(Arc::new(dtls_provider_rustcrypto::RustCryptoProvider::new()));
        #[cfg(feature = "openssl")]
        providers.push(Arc::new(dtls_provider_openssl::OpenSslProvider::new()));
        self.add_fips(&mut providers)?;
        #[cfg(feature = "botan")]
        providers.push(Arc::new(dtls_provider_botan::BotanProvider::new()));
        let own =
            |provider: Arc<dyn CryptoProvider>| (provider.capabilities().name.clone(), provider);
        let mut named: Vec<_> = providers.into_iter().map(own).collect();
        self.add_plugins(&mut named)?;
        Ok(named)
    }

    #[cfg(feature = "fips")]
    fn add_fips(&self, providers: &mut Vec<Arc<dyn CryptoProvider>>) -> Result<(), Failure> {
        use dtls_provider_openssl::{FipsOptions, OpenSslProvider};
        let (module_path, config_path) = match (&self.fips_module, &self.fips_config) {
            (None, None) => return Ok(()),
            (Some(module), Some(config)) => (module.clone(), config.clone()),
            _ => return Err("--fips-module and --fips-config go together".into()),
        };
        let options = FipsOptions { module_path, config_path, certificate: None };
        providers.push(Arc::new(OpenSslProvider::fips(options)?));
        Ok(())
    }

    #[cfg(not(feature = "fips"))]
    fn add_fips(&self, _providers: &mut Vec<Arc<dyn CryptoProvider>>) -> Result<(), Failure> {
        if self.fips_module.is_some() || self.fips_config.is_some() {
            return Err("this program was built without FIPS: add --features fips".into());
        }
        Ok(())
    }

    #[cfg(feature = "plugin")]
    fn add_plugins(&self, providers: &mut Vec<Named>) -> Result<(), Failure> {
        for file in &self.plugins {
            let provider = dtls_provider_dynamic::DynamicProvider::load(file)?;
            providers.push((PLUGIN.to_owned(), Arc::new(provider)));
        }
        Ok(())
    }

    #[cfg(not(feature = "plugin"))]
    fn add_plugins(&self, _providers: &mut Vec<Named>) -> Result<(), Failure> {
        if !self.plugins.is_empty() {
            return Err("this program was built without plug-ins: add --features plugin".into());
        }
        Ok(())
    }
}

/// What a provider from a shared library is called, whatever it calls itself.
const PLUGIN: &str = "plugin";

/// What this program was built with.
const FEATURES: &[&str] = &[
    #[cfg(feature = "rustcrypto")]
    "rustcrypto",
    #[cfg(feature = "rustcrypto-opt-in")]
    "rustcrypto-opt-in",
    #[cfg(feature = "openssl")]
    "openssl",
    #[cfg(feature = "fips")]
    "fips",
    #[cfg(feature = "botan")]
    "botan",
    #[cfg(feature = "plugin")]
    "plugin",
];
