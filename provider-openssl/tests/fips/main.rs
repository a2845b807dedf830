//! FIPS mode, on a real module: `cargo xtask fips` builds one, and without it every test here fails.
//!
//! A module keeps its state once per process: one that has failed its self test stays out of
//! service for everybody in it. nextest gives each test a process of its own; under plain
//! `cargo test` those that may leave a broken module behind start one themselves ([`alone`]).

#[path = "../common/mod.rs"]
mod common;

mod agreement;
mod claims;
mod failures;
mod keys;
mod side_by_side;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use dtls_provider_openssl::{FipsOptions, OpenSslProvider};

/// The module that `cargo xtask fips` built, and what `openssl fipsinstall` wrote about it.
fn installed() -> FipsOptions {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/fips");
    let (module_path, config_path) = (folder.join("fips.so"), folder.join("fipsmodule.cnf"));
    for file in [&module_path, &config_path] {
        assert!(file.is_file(), "{} is not there: run `cargo xtask fips`", file.display());
    }
    FipsOptions { module_path, config_path, certificate: None }
}

fn fips() -> OpenSslProvider {
    OpenSslProvider::fips(installed()).expect("the installed module works")
}

/// A folder for one test, removed afterwards, with a copy of the module and its configuration.
struct Copy {
    folder: PathBuf,
    options: FipsOptions,
}

impl Copy {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("dtls13-fips-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let good = installed();
        let [module_path, config_path] = ["fips.so", "fipsmodule.cnf"].map(|f| folder.join(f));
        fs::copy(good.module_path, &module_path).unwrap();
        fs::copy(good.config_path, &config_path).unwrap();
        Self { folder, options: FipsOptions { module_path, config_path, certificate: None } }
    }

    fn config(&self) -> String {
        fs::read_to_string(&self.options.config_path).unwrap()
    }

    fn set_config(&self, text: impl AsRef<[u8]>) {
        fs::write(&self.options.config_path, text).unwrap();
    }

    fn load(&self) -> Result<OpenSslProvider, dtls_provider_openssl::FipsError> {
        OpenSslProvider::fips(self.options.clone())
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Set in a process that was started for one test.
const STARTED: &str = "DTLS13_FIPS_TEST_ALONE";

/// Runs a test in a process of its own. `test` has to be a closure written in the test itself: its
/// type tells the test's name.
fn alone<F: FnOnce()>(test: F) {
    let nextest = env::var("NEXTEST_EXECUTION_MODE").is_ok_and(|mode| mode == "process-per-test");
    if nextest || env::var_os(STARTED).is_some() {
        return test();
    }
    let name = std::any::type_name::<F>();
    let name = name.trim_start_matches("fips::").trim_end_matches("::{{closure}}");
    let program = env::current_exe().unwrap();
    let run = Command::new(program).args(["--exact", name]).env(STARTED, "1").output().unwrap();
    let told = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success() && told.contains("1 passed"), "{name}: {told}");
}
