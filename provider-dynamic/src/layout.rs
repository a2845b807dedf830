//! Holds `abi` and the numbers of the trait to `dtls_crypto_provider.h`: a C compiler says where
//! each field stands and what each constant is.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::mem::{align_of, offset_of, size_of};
use std::path::Path;
use std::process::Command;

use dtls_crypto_api::{
    AeadAlgorithm, CryptoError, Curve, FipsStatus, HashAlgorithm, IV_LEN, KeyKind, MAX_SECRET_LEN,
    SAMPLE_LEN, SignatureAlgorithm,
};

use crate::abi;

/// A C expression and its value here.
type Facts = Vec<(String, u64)>;

fn layout(facts: &mut Facts, name: &str, size: usize, align: usize, fields: &[(&str, usize)]) {
    let mut add = |expression, value| facts.push((expression, value as u64));
    add(format!("sizeof(dtls_crypto_{name})"), size);
    // C99 has no alignof; an offset behind a char says the same.
    add(format!("offsetof(struct {{ char c; dtls_crypto_{name} s; }}, s)"), align);
    for (field, offset) in fields {
        add(format!("offsetof(dtls_crypto_{name}, {field})"), *offset);
    }
}

macro_rules! layouts {
    ($facts:ident: $($type:ident = $name:ident { $($field:ident),* };)*) => {$({
        // Every field has to be named, or this does not compile.
        let _ = |all: &abi::$type| { let abi::$type { $($field: _),* } = all; };
        let fields = [$((stringify!($field), offset_of!(abi::$type, $field))),*];
        let name = stringify!($name);
        layout(&mut $facts, name, size_of::<abi::$type>(), align_of::<abi::$type>(), &fields);
    })*};
}

fn structs() -> Facts {
    let mut facts = Facts::new();
    layouts! { facts:
        Bytes = bytes { data, len };
        Buffer = buffer { data, len };
        Text = text { data, len };
        Numbers = numbers { data, len };
        Offers = offers { data, len };
        Details = details { data, len };
        Outcome = result { error, reason_len, reason };
        Offer = offer { id, fips, borrowed_from };
        Detail = detail { name, value };
        Capabilities = capabilities {
            name, version, details, cipher_suites, groups, kem_halves, verify, sign, generate
        };
    }
    let (size, align) = (size_of::<abi::Table>(), align_of::<abi::Table>());
    layout(&mut facts, "table", size, align, abi::OFFSETS);
    let head = [
        ("abi_version", offset_of!(abi::Table, abi_version)),
        ("struct_size", offset_of!(abi::Table, struct_size)),
    ];
    layout(&mut facts, "table", size, align, &head);
    facts
}

fn constants() -> BTreeMap<&'static str, u64> {
    use Curve::{P256, P384, P521};
    use HashAlgorithm::{Sha256, Sha384, Sha512};
    let ecdsa = |curve, hash| SignatureAlgorithm::Ecdsa(curve, hash).number();
    let constants = [
        ("ABI_VERSION", abi::ABI_VERSION),
        ("HASH_SHA256", Sha256.number()),
        ("HASH_SHA384", Sha384.number()),
        ("HASH_SHA512", Sha512.number()),
        ("AEAD_AES_128_GCM", AeadAlgorithm::Aes128Gcm.number()),
        ("AEAD_AES_256_GCM", AeadAlgorithm::Aes256Gcm.number()),
        ("AEAD_AES_128_CCM", AeadAlgorithm::Aes128Ccm.number()),
        ("AEAD_AES_128_CCM_8", AeadAlgorithm::Aes128Ccm8.number()),
        ("AEAD_CHACHA20_POLY1305", AeadAlgorithm::ChaCha20Poly1305.number()),
        ("ECDSA_SECP256R1_SHA384", ecdsa(P256, Sha384)),
        ("ECDSA_SECP256R1_SHA512", ecdsa(P256, Sha512)),
        ("ECDSA_SECP384R1_SHA256", ecdsa(P384, Sha256)),
        ("ECDSA_SECP384R1_SHA512", ecdsa(P384, Sha512)),
        ("ECDSA_SECP521R1_SHA256", ecdsa(P521, Sha256)),
        ("ECDSA_SECP521R1_SHA384", ecdsa(P521, Sha384)),
        ("KEY_RSA(3072)", KeyKind::Rsa(3072).number()),
        ("DER_PKCS8", abi::der::PKCS8),
        ("DER_SEC1", abi::der::SEC1),
        ("DER_PKCS1", abi::der::PKCS1),
        ("FIPS_NONE", FipsStatus::None.number()),
        ("FIPS_APPROVED_MODE", FipsStatus::ApprovedMode.number()),
        ("FIPS_ATTESTED_VALIDATED", FipsStatus::AttestedValidated.number()),
        ("OK", abi::Outcome::OK.error),
        ("ERROR_UNSUPPORTED", CryptoError::Unsupported("").number()),
        ("ERROR_BAD_RECORD", CryptoError::BadRecord.number()),
        ("ERROR_BAD_SIGNATURE", CryptoError::BadSignature.number()),
        ("ERROR_BAD_KEY_SHARE", CryptoError::BadKeyShare.number()),
        ("ERROR_BAD_PRIVATE_KEY", CryptoError::BadPrivateKey("").number()),
        ("ERROR_BAD_PUBLIC_KEY", CryptoError::BadPublicKey.number()),
        ("ERROR_BAD_ENVELOPE", CryptoError::BadEnvelope.number()),
        ("ERROR_BAD_LENGTH", CryptoError::BadLength("").number()),
        ("ERROR_RECORD_NUMBER_REUSED", CryptoError::RecordNumberReused.number()),
        ("ERROR_RANDOM_FAILED", CryptoError::RandomFailed.number()),
        ("ERROR_SELF_TEST_FAILED", CryptoError::SelfTestFailed("").number()),
        ("ERROR_BACKEND", CryptoError::Backend("").number()),
        ("MAX_SECRET", MAX_SECRET_LEN as u32),
        ("IV", IV_LEN as u32),
        ("SAMPLE", SAMPLE_LEN as u32),
        // The trait has these as the lengths of arrays.
        ("MASK", 2),
        ("LABEL_PREFIX", dtls_crypto_api::DTLS13_PREFIX.len() as u32),
        ("ENVELOPE_KEY", 32),
    ];
    constants.into_iter().map(|(name, value)| (name, value.into())).collect()
}

fn headers() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../dtls-crypto-api/c")
}

/// What a C compiler makes of the expressions.
fn ask_c(facts: &Facts) -> Vec<u64> {
    let mut program = String::from("#include <dtls_crypto_provider.h>\n#include <stdio.h>\n");
    program += "int main(void) {\n";
    for (expression, _) in facts {
        writeln!(program, "printf(\"%llu\\n\", (unsigned long long)({expression}));").unwrap();
    }
    program += "return 0; }\n";

    let folder = std::env::temp_dir().join(format!("dtls-layout-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (source, binary) = (folder.join("layout.c"), folder.join("layout"));
    std::fs::write(&source, program).unwrap();
    let compiler = std::env::var_os("CC").unwrap_or_else(|| "cc".into());
    let compiled = Command::new(compiler)
        .args(["-std=c99", "-Wall", "-Wextra", "-Werror", "-I"])
        .arg(headers())
        .arg("-o")
        .args([&binary, &source])
        .output()
        .unwrap_or_else(|error| panic!("this test needs a C compiler: {error}"));
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
    let output = Command::new(&binary).output().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let output = String::from_utf8(output.stdout).unwrap();
    output.lines().map(|line| line.parse().unwrap()).collect()
}

#[test]
fn every_field_stands_where_the_header_puts_it_and_every_number_is_the_headers() {
    let mut facts = structs();
    let constants = constants();
    facts.extend(constants.iter().map(|(name, value)| (format!("DTLS_CRYPTO_{name}"), *value)));
    let answers = ask_c(&facts);
    assert_eq!(answers.len(), facts.len());
    for ((expression, here), in_c) in facts.iter().zip(answers) {
        assert_eq!(*here, in_c, "{expression}");
    }
}

#[test]
fn no_number_of_the_header_is_left_out() {
    let header = std::fs::read_to_string(headers().join("dtls_crypto_provider.h")).unwrap();
    let names = header.lines().filter_map(|line| line.strip_prefix("#define DTLS_CRYPTO_"));
    let constants = constants();
    let mut seen = 0;
    for line in names {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        match name {
            "PROVIDER_H" | "EXPORT" => {}
            "PLUGIN_SYMBOL" => assert_eq!(value, format!("{:?}", abi::SYMBOL.to_str().unwrap())),
            "KEY_RSA(modulus_bits)" => seen += 1,
            _ => {
                assert!(constants.contains_key(name), "{name}");
                seen += 1;
            }
        }
    }
    assert_eq!(seen, constants.len());
}
