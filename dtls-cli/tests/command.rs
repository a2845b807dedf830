//! The program as users call it: what it prints, and its exit status.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

fn dtls(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dtls")).args(args).output().expect("the program starts")
}

fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_demo_prints_one_object_and_nothing_else() {
    let output = dtls(&["demo", "--json", "--count", "300", "--size", "500"]);
    assert!(output.status.success(), "{}", error_of(&output));
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    let keys: Vec<_> = object.as_object().expect("an object").keys().cloned().collect();
    let wanted = "provider protocol cipher_suite group signature_scheme handshake_ms \
                  datagrams_echoed bytes_echoed throughput_mbps fips x25519_only_client";
    assert_eq!(keys.join(" "), wanted);
    assert_eq!(object["protocol"], "DTLS 1.3");
    assert_eq!(object["bytes_echoed"], 300 * 500);
}

#[test]
fn the_demo_gets_through_a_bad_link() {
    let bad = ["--drop", "0.2", "--reorder", "--duplicate", "--mtu", "700", "--seed", "7"];
    let output = dtls(&[&["demo", "--count", "200"][..], &bad].concat());
    assert!(output.status.success(), "{}", error_of(&output));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("lost by the link"), "{text}");
}

#[test]
fn wrong_usage_has_exit_status_2_and_names_the_thing() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let garbled = folder.join("garbled.pem");
    fs::write(&garbled, "-----BEGIN CERTIFICATE-----\n!!!!\n").expect("a file");
    let garbled = garbled.to_str().expect("a name");
    let listen = ["server", "--listen", "127.0.0.1:0"];
    let cases = [
        ([&listen[..], &["--cert", "/no/such/file", "--key", "k"]].concat(), "/no/such/file"),
        ([&listen[..], &["--cert", garbled, "--key", garbled]].concat(), "garbled.pem"),
        (vec!["client", "nowhere"], "HOST:PORT"),
        (vec!["client", "127.0.0.1:1", "--pin", "12"], "64 hexadecimal digits"),
        (vec!["client", "127.0.0.1:1", "--group", "P-999"], "X25519MLKEM768"),
        (vec!["demo", "--drop", "2"], "--drop"),
    ];
    for (args, wanted) in cases {
        let output = dtls(&args);
        let error = error_of(&output);
        assert_eq!(output.status.code(), Some(2), "{args:?}: {error}");
        assert!(error.contains(wanted), "{args:?}: {error}");
    }
}

#[test]
fn a_silent_server_has_exit_status_1() {
    let silent = std::net::UdpSocket::bind("127.0.0.1:0").expect("a port");
    let address = silent.local_addr().expect("an address").to_string();
    let output = dtls(&["client", &address, "--insecure", "--timeout", "1", "--json"]);
    assert_eq!(output.status.code(), Some(1));
    let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one object");
    assert!(object["error"].is_string() && object["version"].is_null());
}
