//! What of this processor the RustCrypto and dalek crates make use of. They look for it
//! themselves when the program runs; here it is looked for once more, to be shown.

use alloc::string::String;
use alloc::vec::Vec;

/// Pairs of a feature's name and whether this processor has it.
macro_rules! detected {
    ($is_detected:ident: $($name:tt),*) => {
        &[$(($name, std::arch::$is_detected!($name))),*]
    };
}

/// The names, in the compiler's words: `aes, pclmulqdq, avx2`.
pub(crate) fn features() -> String {
    // AES, the multiplication of GCM, ChaCha20 and Curve25519, SHA-2.
    #[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
    let all: &[(&str, bool)] = detected!(is_x86_feature_detected: "aes", "vaes", "avx512f", "pclmulqdq", "sse2", "avx2", "sha");
    #[cfg(target_arch = "aarch64")]
    let all: &[(&str, bool)] =
        detected!(is_aarch64_feature_detected: "aes", "pmull", "neon", "sha2", "sha3");
    #[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
    let all: &[(&str, bool)] = &[];

    let found: Vec<&str> = all.iter().filter(|(_, found)| *found).map(|(name, _)| *name).collect();
    if found.is_empty() { String::from("none") } else { found.join(", ") }
}

#[cfg(test)]
mod tests {
    #[test]
    #[cfg(target_arch = "x86_64")]
    fn what_every_such_processor_has_is_found() {
        let features = super::features();
        assert!(features.split(", ").any(|name| name == "sse2"), "{features}");
    }
}
