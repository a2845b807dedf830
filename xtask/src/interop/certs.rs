//! The certificates of the matrix, made by the `openssl` command: a program that is neither of the
//! two peers, so that a certificate both accept is not a mistake both share.
//!
//! Under `target/peers/certs/`: `ca.pem` holds every root; each identity is `NAME.pem` (leaf first,
//! then its intermediates) and `NAME.key.pem` (PKCS#8).

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, SystemTime};

use anyhow::Context;

use crate::process;
use crate::workspace;

/// The name every server certificate is for.
pub(super) const SERVER_NAME: &str = "localhost";

/// Certificates live 30 days and are made anew after seven, so that none expires in use.
const DAYS: &str = "30";
const KEPT: Duration = Duration::from_hours(7 * 24);

/// Intermediates of the long chain. With RSA-4096 keys each is about 1.4 kB.
const INTERMEDIATES: usize = 4;

/// A chain in DER that is longer than this is what the matrix calls long.
const LONG_CHAIN: usize = 6 * 1024;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum KeyType {
    EcdsaP256,
    Rsa2048,
    Ed25519,
}

impl KeyType {
    pub(super) const ALL: [Self; 3] = [Self::EcdsaP256, Self::Rsa2048, Self::Ed25519];

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ecdsa",
            Self::Rsa2048 => "rsa",
            Self::Ed25519 => "ed25519",
        }
    }

    /// The TLS 1.3 signature scheme of such a key.
    pub(super) fn scheme(self) -> &'static str {
        match self {
            Self::EcdsaP256 => "ecdsa_secp256r1_sha256",
            Self::Rsa2048 => "rsa_pss_rsae_sha256",
            Self::Ed25519 => "ed25519",
        }
    }

    fn genpkey(self) -> &'static [&'static str] {
        match self {
            Self::EcdsaP256 => &["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"],
            Self::Rsa2048 => &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
            Self::Ed25519 => &["-algorithm", "ED25519"],
        }
    }
}

/// The finished folder.
pub(super) struct Certs(PathBuf);

impl Certs {
    pub(super) fn roots(&self) -> PathBuf {
        self.0.join("ca.pem")
    }

    /// A root that signed nothing the peers show.
    pub(super) fn strange_root(&self) -> PathBuf {
        self.0.join("strange-root.pem")
    }

    pub(super) fn server(&self, key: KeyType, long_chain: bool) -> Identity {
        self.identity(if long_chain { "long-server" } else { "server" }, key)
    }

    pub(super) fn client(&self, key: KeyType, long_chain: bool) -> Identity {
        self.identity(if long_chain { "long-client" } else { "client" }, key)
    }

    fn identity(&self, prefix: &str, key: KeyType) -> Identity {
        let name = format!("{prefix}-{}", key.name());
        Identity {
            chain: self.0.join(format!("{name}.pem")),
            key: self.0.join(format!("{name}.key.pem")),
        }
    }
}

pub(super) struct Identity {
    pub(super) chain: PathBuf,
    pub(super) key: PathBuf,
}

/// Makes all of them, unless they are there and young enough.
pub(super) fn make() -> anyhow::Result<Certs> {
    let folder = workspace::kept("peers").join("certs");
    let stamp = folder.join("stamp");
    if is_young(&stamp) {
        return Ok(Certs(folder));
    }
    println!("interop: making certificates");
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let issuer = Issuer { folder: &folder };

    issuer.root("root", KeyType::EcdsaP256.genpkey())?;
    issuer.root("strange-root", KeyType::EcdsaP256.genpkey())?;
    for key in KeyType::ALL {
        issuer.leaf(&format!("server-{}", key.name()), key, Role::Server, "root", &[])?;
        issuer.leaf(&format!("client-{}", key.name()), key, Role::Client, "root", &[])?;
    }

    let rsa_4096: &[&str] = &["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:4096"];
    issuer.root("long-root", rsa_4096)?;
    let mut chain: Vec<String> = Vec::new();
    for number in 0..INTERMEDIATES {
        let parent = chain.last().map_or("long-root", String::as_str).to_owned();
        let name = format!("intermediate-{number}");
        issuer.intermediate(&name, rsa_4096, &parent)?;
        chain.push(name);
    }
    let parent = chain.last().expect("there are intermediates").clone();
    let above: Vec<String> = chain.into_iter().rev().collect();
    for key in KeyType::ALL {
        for (prefix, role) in [("long-server", Role::Server), ("long-client", Role::Client)] {
            let name = format!("{prefix}-{}", key.name());
            issuer.leaf(&name, key, role, &parent, &above)?;
            issuer.check_length(&name)?;
        }
    }
    let roots = issuer.read("root")? + &issuer.read("long-root")?;
    fs::write(folder.join("ca.pem"), roots)?;
    fs::write(stamp, "")?;
    Ok(Certs(folder))
}

fn is_young(stamp: &Path) -> bool {
    fs::metadata(stamp)
        .and_then(|meta| meta.modified())
        .is_ok_and(|made| SystemTime::now().duration_since(made).is_ok_and(|age| age < KEPT))
}

#[derive(Clone, Copy)]
enum Role {
    Server,
    Client,
}

struct Issuer<'a> {
    folder: &'a Path,
}

impl Issuer<'_> {
    fn root(&self, name: &str, genpkey: &[&str]) -> anyhow::Result<()> {
        self.key(name, genpkey)?;
        let key = format!("{name}.key.pem");
        let subject = format!("/CN=dtls13 interop {name}");
        let pem = format!("{name}.pem");
        self.openssl(&[
            "req",
            "-x509",
            "-new",
            "-key",
            &key,
            "-sha256",
            "-days",
            DAYS,
            "-subj",
            &subject,
            "-addext",
            "keyUsage=critical,keyCertSign,cRLSign",
            "-out",
            &pem,
        ])
    }

    fn intermediate(&self, name: &str, genpkey: &[&str], parent: &str) -> anyhow::Result<()> {
        self.key(name, genpkey)?;
        let extensions = "basicConstraints=critical,CA:true\nkeyUsage=critical,keyCertSign,cRLSign\n\
                          subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n";
        self.sign(name, parent, extensions)
    }

    /// A leaf, with the certificates of `above` appended to its file.
    fn leaf(
        &self,
        name: &str,
        key: KeyType,
        role: Role,
        parent: &str,
        above: &[String],
    ) -> anyhow::Result<()> {
        self.key(name, key.genpkey())?;
        let usage = match role {
            Role::Server => format!(
                "extendedKeyUsage=serverAuth\nsubjectAltName=DNS:{SERVER_NAME},IP:127.0.0.1\n"
            ),
            Role::Client => {
                "extendedKeyUsage=clientAuth\nsubjectAltName=DNS:client.test\n".to_owned()
            }
        };
        let extensions = format!(
            "basicConstraints=critical,CA:false\nkeyUsage=critical,digitalSignature\n\
             subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n{usage}"
        );
        self.sign(name, parent, &extensions)?;
        let mut chain = self.read(name)?;
        for certificate in above {
            chain += &self.read(certificate)?;
        }
        fs::write(self.folder.join(format!("{name}.pem")), chain)?;
        Ok(())
    }

    fn key(&self, name: &str, genpkey: &[&str]) -> anyhow::Result<()> {
        let out = format!("{name}.key.pem");
        self.openssl(&[&["genpkey", "-quiet", "-out", &out], genpkey].concat())
    }

    fn sign(&self, name: &str, parent: &str, extensions: &str) -> anyhow::Result<()> {
        let request = format!("{name}.csr");
        let extension_file = format!("{name}.ext");
        fs::write(self.folder.join(&extension_file), extensions)?;
        let key = format!("{name}.key.pem");
        let subject = format!("/CN=dtls13 interop {name}");
        self.openssl(&["req", "-new", "-key", &key, "-subj", &subject, "-out", &request])?;
        let (ca, ca_key) = (format!("{parent}.pem"), format!("{parent}.key.pem"));
        let pem = format!("{name}.pem");
        self.openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &ca,
            "-CAkey",
            &ca_key,
            "-CAcreateserial",
            "-sha256",
            "-days",
            DAYS,
            "-extfile",
            &extension_file,
            "-out",
            &pem,
        ])
    }

    /// The long chains have to be long in what goes over the wire, which is DER, not base64.
    fn check_length(&self, name: &str) -> anyhow::Result<()> {
        let pem = self.read(name)?;
        let base64: usize =
            pem.lines().filter(|line| !line.starts_with("-----")).map(str::len).sum();
        let der = base64 / 4 * 3;
        anyhow::ensure!(der > LONG_CHAIN, "the chain of {name} has only {der} bytes");
        Ok(())
    }

    fn read(&self, name: &str) -> anyhow::Result<String> {
        let path = self.folder.join(format!("{name}.pem"));
        fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))
    }

    fn openssl(&self, args: &[&str]) -> anyhow::Result<()> {
        process::output(Command::new("openssl").args(args).current_dir(self.folder)).map(drop)
    }
}
