//! What a backend calls where its library has nothing of its own: the key schedule's two steps in
//! terms of plain HKDF (RFC 8446 7.1), and a self test.

use crate::code_points::HashAlgorithm;
use crate::error::CryptoError;
use crate::label::Label;
use crate::provider::CryptoProvider;
use crate::secret::Secret;

pub use crate::self_test::self_test;

/// `HKDF-Expand-Label`: fills `out` from `secret`.
///
/// # Errors
/// [`CryptoError::BadLength`] for a label over 249, a context over 255 or an output over 65535
/// bytes; what the provider's HKDF returns otherwise.
pub fn schedule_expand<P: CryptoProvider + ?Sized>(
    provider: &P,
    algorithm: HashAlgorithm,
    secret: &Secret,
    label: &Label<'_>,
    out: &mut [u8],
) -> Result<(), CryptoError> {
    let too_long = |_| CryptoError::BadLength("HkdfLabel");
    let out_len = u16::try_from(out.len()).map_err(too_long)?.to_be_bytes();
    let label_len = u8::try_from(label.prefix.len() + label.label.len()).map_err(too_long)?;
    let context_len = u8::try_from(label.context.len()).map_err(too_long)?;
    provider.hkdf_expand(
        algorithm,
        secret,
        &[&out_len, &[label_len], label.prefix, label.label, &[context_len], label.context],
        out,
    )
}

/// One extract step: salts with `Derive-Secret(previous, "derived", "")`.
///
/// # Errors
/// What the provider's hash and HKDF return.
pub fn schedule_extract<P: CryptoProvider + ?Sized>(
    provider: &P,
    algorithm: HashAlgorithm,
    prefix: &[u8; 6],
    previous: Option<&Secret>,
    input: Option<&[u8]>,
) -> Result<Secret, CryptoError> {
    let zeros = [0_u8; 64];
    let zeros = zeros.get(..algorithm.output_len()).unwrap_or(&zeros);
    let input = input.unwrap_or(zeros);
    let Some(previous) = previous else {
        return provider.hkdf_extract(algorithm, zeros, input);
    };
    let empty_hash = provider.hash(algorithm)?.finish();
    let mut salt =
        Secret::zeros(algorithm.output_len()).ok_or(CryptoError::BadLength("hash output"))?;
    let label = Label { prefix, label: b"derived", context: empty_hash.as_ref() };
    provider.schedule_expand(algorithm, previous, &label, salt.as_mut())?;
    provider.hkdf_extract(algorithm, salt.expose(), input)
}
