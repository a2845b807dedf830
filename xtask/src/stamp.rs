//! Stamps: small files that say what a slow build was made from, so that it is made again only when
//! that has changed.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::Path;

use anyhow::Context;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Build {
    Fresh,
    Cached,
}

/// Runs `build` unless the stamp file already says exactly `stamp`. A build that fails or is ended
/// half-way leaves no stamp. Who comes while another thread or process builds waits for it.
pub(crate) fn up_to_date(
    file: &Path,
    stamp: &str,
    build: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<Build> {
    let lock = file.with_extension("lock");
    let lock = File::create(&lock).with_context(|| format!("cannot create {}", lock.display()))?;
    // Held until it is closed, at the end of this function.
    lock.lock().context("cannot lock a stamp")?;
    if fs::read_to_string(file).is_ok_and(|found| found == stamp) {
        return Ok(Build::Cached);
    }
    forget(file)?;
    build()?;
    fs::write(file, stamp).with_context(|| format!("cannot write {}", file.display()))?;
    Ok(Build::Fresh)
}

/// Removes a stamp, so that the next build is made whatever it says.
pub(crate) fn forget(file: &Path) -> anyhow::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", file.display()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;
    use std::{env, fs, process, thread};

    use anyhow::bail;

    use super::{Build, forget, up_to_date};

    /// A folder for one test, removed afterwards.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let folder = env::temp_dir().join(format!("dtls13-{name}-{}", process::id()));
            fs::create_dir_all(&folder).unwrap();
            Self(folder)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn a_build_is_made_once_per_stamp_and_again_after_a_failure() {
        let folder = Folder::new("stamp");
        let file = folder.0.join("stamp");
        assert_eq!(up_to_date(&file, "one", || Ok(())).unwrap(), Build::Fresh);
        let unwanted = || -> anyhow::Result<()> { bail!("built again") };
        assert_eq!(up_to_date(&file, "one", unwanted).unwrap(), Build::Cached);
        assert!(up_to_date(&file, "two", unwanted).is_err());
        assert_eq!(up_to_date(&file, "one", || Ok(())).unwrap(), Build::Fresh);
        forget(&file).unwrap();
        assert_eq!(up_to_date(&file, "one", || Ok(())).unwrap(), Build::Fresh);
    }

    #[test]
    fn two_threads_that_want_the_same_build_it_once() {
        let folder = Folder::new("stamp-threads");
        let file = folder.0.join("stamp");
        let built = AtomicUsize::new(0);
        let build = || {
            thread::sleep(Duration::from_millis(50));
            built.fetch_add(1, Ordering::SeqCst);
            Ok(())
        };
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| up_to_date(&file, "same", build).unwrap());
            }
        });
        assert_eq!(built.into_inner(), 1);
    }
}
