//! Choosing providers, showing them and holding them to the conformance kit, as users do it.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;

fn dtls(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_dtls")).args(args).output().expect("the program starts")
}

fn error_of(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Standard output of a run that has to succeed.
fn printed(args: &[&str]) -> String {
    let output = dtls(args);
    assert!(output.status.success(), "{args:?}: {}", error_of(&output));
    String::from_utf8(output.stdout).expect("text")
}

/// A file for this test alone.
fn file(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name)
}

const DEMO: &[&str] = &["demo", "--count", "50"];

#[test]
fn a_provider_that_cannot_be_had_has_exit_status_2_and_says_why() {
    let no_plugin = file("no-plugin.so");
    fs::write(&no_plugin, "not a shared library").expect("a file");
    let no_plugin = no_plugin.to_str().expect("a name");
    let mut cases = vec![
        (vec!["--provider", "ring"], "no such provider"),
        (vec!["--plugin", "/no/such/plugin.so"], "/no/such/plugin.so"),
        (vec!["--plugin", no_plugin], "no-plugin.so"),
        (vec!["--fips-module", "fips.so"], "--fips-config"),
        (vec!["--plugin", no_plugin, "--fips"], "--provider openssl-fips"),
    ];
    for (name, is_built, feature) in [
        ("rustcrypto", cfg!(feature = "rustcrypto"), "`rustcrypto`"),
        ("openssl", cfg!(feature = "openssl"), "`openssl-vendored`"),
        ("openssl-fips", cfg!(feature = "fips"), "`fips`"),
        ("botan", cfg!(feature = "botan"), "`botan-vendored`"),
    ] {
        if !is_built {
            cases.push((vec!["--provider", name], feature));
        }
    }
    if cfg!(feature = "fips") {
        cases.push((vec!["--provider", "openssl-fips"], "--fips-module"));
        let missing = ["--provider", "openssl", "--fips", "--fips-module", "/no/such/fips.so"];
        cases.push(([&missing[..], &["--fips-config", "fipsmodule.cnf"]].concat(), "/no/such"));
    }
    for (args, wanted) in cases {
        for command in [DEMO, &["providers"], &["conformance", "--only", "RFC 8448"]] {
            let output = dtls(&[command, &args].concat());
            let error = error_of(&output);
            assert_eq!(output.status.code(), Some(2), "{command:?} {args:?}: {error}");
            assert!(error.contains(wanted), "{command:?} {args:?}: {error}");
        }
    }
}

#[test]
fn every_provider_that_is_built_in_can_be_asked_for_by_name() {
    if !cfg!(any(feature = "rustcrypto", feature = "openssl", feature = "botan")) {
        let output = dtls(&["providers"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(error_of(&output).contains("without backends"));
        return;
    }
    let report = printed(&["providers", "--json"]);
    let report: Value = serde_json::from_str(&report).expect("one object");
    for provider in report["providers"].as_array().expect("a list") {
        let name = provider["name"].as_str().expect("a name");
        let demo = printed(&[DEMO, &["--provider", name]].concat());
        let line = format!("provider          {name} ");
        assert!(demo.lines().any(|shown| shown.starts_with(&line)), "{demo}");
        let alone = printed(&["providers", "--json", "--provider", name]);
        let alone: Value = serde_json::from_str(&alone).expect("one object");
        assert_eq!(alone["providers"].as_array().map(Vec::len), Some(1));
        assert_eq!(alone["providers"][0]["groups"], provider["groups"]);
    }
}

#[test]
#[cfg(feature = "rustcrypto")]
fn nothing_said_means_rustcrypto() {
    let object: Value =
        serde_json::from_str(&printed(&["demo", "--json", "--count", "50"])).expect("one object");
    assert_eq!(object["provider"], "rustcrypto");
}

#[test]
#[cfg(not(feature = "rustcrypto"))]
fn nothing_said_without_rustcrypto_is_wrong_usage() {
    for command in [DEMO, &["conformance"]] {
        let output = dtls(command);
        let error = error_of(&output);
        assert_eq!(output.status.code(), Some(2), "{command:?}: {error}");
        assert!(error.contains("--provider NAME"), "{command:?}: {error}");
    }
}

#[test]
#[cfg(feature = "rustcrypto")]
fn a_survey_names_what_is_offered_and_what_it_costs() {
    let survey = printed(&["providers", "--json", "--provider", "rustcrypto"]);
    let survey: Value = serde_json::from_str(&survey).expect("one object");
    let provider = &survey["providers"][0];
    let names = |list: &str| -> Vec<&str> {
        let list = provider[list].as_array().expect("a list");
        list.iter().map(|entry| entry["name"].as_str().expect("a name")).collect()
    };
    assert_eq!(names("suites")[0], "TLS_AES_128_GCM_SHA256");
    assert_eq!(names("suites").len(), 5);
    assert!(names("groups").contains(&"X25519MLKEM768"));
    assert!(names("sign").contains(&"ecdsa_secp256r1_sha256"));
    assert!(names("verify").contains(&"rsa_pkcs1_sha256"));
    assert!(names("keys").contains(&"ECDSA P-256"));
    for suite in provider["suites"].as_array().expect("a list") {
        assert!(suite["seal_ns"].as_u64().expect("a number") > 0, "{suite}");
    }
    let table = printed(&["providers"]);
    assert!(table.contains("TLS_CHACHA20_POLY1305_SHA256"), "{table}");
}

#[test]
#[cfg(feature = "rustcrypto")]
fn what_a_provider_lacks_is_refused_with_what_it_has() {
    let args = ["client", "127.0.0.1:1", "--insecure", "--group", "MLKEM512"];
    let output = dtls(&args);
    assert_eq!(output.status.code(), Some(2));
    let error = error_of(&output);
    assert!(error.contains("does not offer MLKEM512") && error.contains("P-256"), "{error}");
}

#[test]
#[cfg(feature = "rustcrypto")]
fn the_kit_reports_in_every_form_it_is_asked_for() {
    let (html, junit) = (file("report.html"), file("report.xml"));
    let report = printed(&[
        "conformance",
        "--only",
        "RFC 8448",
        "--format",
        "html",
        "--output",
        html.to_str().expect("a name"),
        "--format",
        "json",
        "--format",
        "junit",
        "--output",
        junit.to_str().expect("a name"),
    ]);
    let report: Value = serde_json::from_str(&report).expect("one report");
    assert!(report["totals"]["passed"].as_u64().expect("a number") > 0);
    assert_eq!(report["totals"]["failed"], 0);
    let groups = report["groups"].as_array().expect("a list");
    assert!(groups.iter().all(|group| group["source"] == "RFC 8448"), "{report}");
    let read = |path| fs::read_to_string(path).expect("a report");
    assert!(read(html).contains("key schedule"));
    assert_eq!(read(junit).matches("<testcase ").count(), groups.len());
}

#[test]
fn a_word_that_no_group_has_is_wrong_usage() {
    let output = dtls(&["conformance", "--only", "RFC 1149"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error_of(&output).contains("RFC 1149"));
}

#[test]
#[cfg(feature = "rustcrypto")]
fn a_report_that_cannot_be_written_is_known_before_the_kit_runs() {
    let output = dtls(&["conformance", "--output", "/no/such/folder/report.txt"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(error_of(&output).contains("/no/such/folder"));
}
