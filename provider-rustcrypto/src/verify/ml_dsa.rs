//! ML-DSA verification (FIPS 204, RFC 9881), only with the feature `ml-dsa`.

use dtls_crypto_api::{CryptoError, SignatureAlgorithm};
use ml_dsa::{MlDsa44, MlDsa65, MlDsa87, MlDsaParams, Signature, VerifyingKey};
use pkcs8::spki::AssociatedAlgorithmIdentifier;
use spki::SubjectPublicKeyInfoRef;
use spki::der::AnyRef;

/// One parameter set.
pub(crate) trait ParameterSet:
    MlDsaParams + AssociatedAlgorithmIdentifier<Params = AnyRef<'static>> + Send + Sync + 'static
{
    const ALGORITHMS: &'static [SignatureAlgorithm];
}

impl ParameterSet for MlDsa44 {
    const ALGORITHMS: &'static [SignatureAlgorithm] = &[SignatureAlgorithm::MlDsa44];
}

impl ParameterSet for MlDsa65 {
    const ALGORITHMS: &'static [SignatureAlgorithm] = &[SignatureAlgorithm::MlDsa65];
}

impl ParameterSet for MlDsa87 {
    const ALGORITHMS: &'static [SignatureAlgorithm] = &[SignatureAlgorithm::MlDsa87];
}

pub(super) fn verify<P: ParameterSet>(
    key: SubjectPublicKeyInfoRef<'_>,
    message: &[u8],
    signature: &[u8],
) -> Result<(), CryptoError> {
    // Checks the OID, that the parameters are absent (RFC 9881 2), and the length.
    let key = VerifyingKey::<P>::try_from(key).map_err(|_| CryptoError::BadPublicKey)?;
    let signature = Signature::<P>::try_from(signature).map_err(|_| CryptoError::BadSignature)?;
    if key.verify_with_context(message, &[], &signature) {
        Ok(())
    } else {
        Err(CryptoError::BadSignature)
    }
}
