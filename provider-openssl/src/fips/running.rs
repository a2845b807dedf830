//! The modules that run in this process, so that none is harmed by being loaded again.
//!
//! A module has one state per process, whatever library contexts it is loaded into. While it runs it
//! accepts any configuration, and finds out that the checksum in it is wrong only at its next self
//! test: then it is out of service for everybody. So a running module is loaded again only with the
//! configuration that it runs with.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::{fs, io};

use super::config::ModuleConfig;
use crate::ffi::Library;

struct Running {
    file: File,
    config: ModuleConfig,
    library: Weak<Library>,
}

/// Held while a module is loaded, so that no two are at once.
static RUNNING: Mutex<Vec<Running>> = Mutex::new(Vec::new());

/// Loads the module in this file by calling `load`; `None` if it runs with another configuration.
pub(super) fn load<E>(
    file: File,
    config: ModuleConfig,
    load: impl FnOnce(&ModuleConfig) -> Result<Library, E>,
) -> Option<Result<Arc<Library>, E>> {
    // Whoever panicked with the lock held left nothing half-done behind.
    let mut all = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
    all.retain(|running| running.library.strong_count() > 0);
    if all.iter().any(|running| running.file == file && running.config != config) {
        return None;
    }
    let loaded = load(&config).map(Arc::new);
    if let Ok(library) = &loaded {
        all.push(Running { file, config, library: Arc::downgrade(library) });
    }
    Some(loaded)
}

/// What makes two paths lead to the same loaded library: the file itself.
#[cfg(unix)]
pub(super) type File = (u64, u64);

#[cfg(unix)]
pub(super) fn identity(module: &Path) -> io::Result<File> {
    use std::os::unix::fs::MetadataExt as _;
    let file = fs::metadata(module)?;
    Ok((file.dev(), file.ino()))
}

#[cfg(not(unix))]
pub(super) type File = std::path::PathBuf;

#[cfg(not(unix))]
pub(super) fn identity(module: &Path) -> io::Result<File> {
    fs::canonicalize(module)
}
