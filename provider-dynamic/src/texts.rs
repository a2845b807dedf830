//! Short texts of plug-ins, kept for the life of the process.
//!
//! The trait's errors hold `&'static str`, but a plug-in's texts go away with its library. So each
//! text is copied once and kept, whichever plug-in it came from and however often. A plug-in that
//! makes its texts up cannot fill the memory: their number and length are bounded.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// Longest text kept, in bytes. A reason is a few words.
pub(crate) const MAX_LEN: usize = 200;

/// Most texts kept. The backends of this project have under a hundred each; all of them together
/// cost 100 KiB at most.
const MAX_TEXTS: usize = 512;

static TEXTS: Texts = Texts::new(MAX_TEXTS);

/// The text for good, or `None` when it is too long or there are too many others.
pub(crate) fn keep(text: &str) -> Option<&'static str> {
    TEXTS.keep(text)
}

struct Texts {
    kept: Mutex<BTreeSet<&'static str>>,
    most: usize,
}

impl Texts {
    const fn new(most: usize) -> Self {
        Self { kept: Mutex::new(BTreeSet::new()), most }
    }

    fn keep(&self, text: &str) -> Option<&'static str> {
        // Nothing below panics between two changes, so a poisoned set is a good one.
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get(text) {
            return Some(known);
        }
        if text.len() > MAX_LEN || kept.len() >= self.most {
            return None;
        }
        let text: &'static str = Box::leak(text.into());
        kept.insert(text);
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once() {
        let texts = Texts::new(2);
        let first = texts.keep("out of memory").unwrap();
        let again = texts.keep(&String::from("out of memory")).unwrap();
        assert_eq!(first, "out of memory");
        assert!(std::ptr::eq(first, again));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let texts = Texts::new(2);
        assert_eq!(texts.keep(&"x".repeat(MAX_LEN + 1)), None);
        assert!(texts.keep("one").is_some() && texts.keep("two").is_some());
        assert_eq!(texts.keep("three"), None);
        assert_eq!(texts.keep("two"), Some("two"));
    }
}
