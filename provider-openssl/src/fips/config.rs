//! From the deployer's `fipsmodule.cnf` to a configuration that describes the module and nothing
//! else.

use core::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::FipsError;

/// What tells a section apart that configures a FIPS module: its checksum.
const CHECKSUM: &str = "module-mac";

/// Checks that a module in its approved mode must make. They are on when nothing is said.
const REQUIRED_CHECKS: [&str; 2] = ["security-checks", "conditional-errors"];

/// Settings that say how the module is to be loaded. That is ours to say.
const HOW_TO_LOAD: [&str; 4] = ["activate", "module", "identity", "soft_load"];

/// The settings of one module.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ModuleConfig {
    settings: Vec<(String, String)>,
    /// Whether the module's checksum is among them.
    pub(super) has_checksum: bool,
}

impl ModuleConfig {
    pub(super) fn read(path: &Path) -> Result<Self, FipsError> {
        let text = fs::read_to_string(path).map_err(|reason| FipsError::ConfigUnreadable {
            config: path.to_owned(),
            reason: reason.to_string(),
        })?;
        Self::parse(&text, path)
    }

    /// Takes the section with the checksum, or the only one there is: vendors that keep the
    /// checksum inside the module write a section without.
    fn parse(text: &str, path: &Path) -> Result<Self, FipsError> {
        let mut sections = sections(text);
        let with_checksum = sections.iter().position(|section| has(section, CHECKSUM));
        let found = match (with_checksum, sections.len()) {
            (Some(at), _) => at,
            (None, 1) if has(&sections[0], "activate") => 0,
            _ => return Err(FipsError::ConfigWithoutModule { config: path.to_owned() }),
        };
        let mut settings = sections.swap_remove(found);
        for (name, value) in &settings {
            if !is_plain(name, value) {
                return Err(FipsError::ConfigUnusable {
                    config: path.to_owned(),
                    setting: format!("{name} = {value}"),
                });
            }
            if REQUIRED_CHECKS.contains(&name.as_str()) && !is_on(value) {
                return Err(FipsError::ConfigWeakened {
                    config: path.to_owned(),
                    setting: format!("{name} = {value}"),
                });
            }
        }
        settings.retain(|(name, _)| !HOW_TO_LOAD.contains(&name.as_str()));
        Ok(Self { settings, has_checksum: with_checksum.is_some() })
    }

    /// The configuration of a library context into which this module is then loaded. Beside it
    /// there is the `base` provider, which encodes and decodes keys and has no cryptography.
    pub(super) fn describing(&self, module: &Path) -> Result<String, FipsError> {
        let path =
            escaped(module).ok_or_else(|| FipsError::PathUnusable { module: module.into() })?;
        let mut text = format!(
            "openssl_conf = init\n\
             [init]\nproviders = providers\n\
             [providers]\nfips = fips\nbase = base\n\
             [base]\nactivate = 1\n\
             [fips]\nmodule = {path}\n"
        );
        for (name, value) in &self.settings {
            let _infallible = writeln!(text, "{name} = {value}");
        }
        Ok(text)
    }
}

type Section = Vec<(String, String)>;

fn has(section: &Section, name: &str) -> bool {
    section.iter().any(|(known, _)| known == name)
}

/// Whether a setting says something about its own section only, and says the same when it is written
/// again. Names with colons reach into other sections, those with a dot in front are directives; in
/// values there are variables, quotes, and lines that go on.
fn is_plain(name: &str, value: &str) -> bool {
    let of_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    let of_value = |c: char| matches!(c, ' '..='~') && !"\\$'\"`".contains(c);
    !name.is_empty() && name.chars().all(of_name) && value.chars().all(of_value)
}

/// As OpenSSL 3.2 and later read a switch; earlier ones read numbers only.
fn is_on(value: &str) -> bool {
    let on = ["1", "yes", "true", "on"];
    on.iter().any(|word| value.eq_ignore_ascii_case(word))
}

/// The sections of a file in the form of config(5), without the nameless first one.
fn sections(text: &str) -> Vec<Section> {
    let mut sections = Vec::new();
    for line in text.lines() {
        let line = line.split('#').next().unwrap_or_default().trim();
        if line.starts_with('[') && line.ends_with(']') {
            sections.push(Section::new());
        } else if let (Some((name, value)), Some(section)) =
            (line.split_once('='), sections.last_mut())
        {
            section.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }
    sections
}

/// A path as a value that OpenSSL reads back unchanged.
fn escaped(path: &Path) -> Option<String> {
    let path = path.to_str()?;
    if path.contains(char::is_control) || path.ends_with(char::is_whitespace) {
        return None;
    }
    let mut escaped = String::with_capacity(path.len());
    for c in path.chars() {
        // What quotes, what expands a variable, what begins a comment.
        if matches!(c, '\\' | '\'' | '"' | '`' | '$' | '#') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    Some(escaped)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use rstest::rstest;

    use super::*;

    const INSTALLED: &str = "[fips_sect]\nactivate = 1\nsecurity-checks = 1\n\
                             module-mac = AB:CD # the module's\n";

    fn parse(text: &str) -> Result<ModuleConfig, FipsError> {
        ModuleConfig::parse(text, Path::new("fipsmodule.cnf"))
    }

    #[test]
    fn the_settings_go_over_and_the_way_to_load_is_ours() {
        let config = parse(&format!("{INSTALLED}module = /elsewhere/fips.so\n")).unwrap();
        assert!(config.has_checksum);
        let text = config.describing(Path::new("/opt/fips 1/it's#$fips.so")).unwrap();
        assert!(text.contains("\nmodule = /opt/fips 1/it\\'s\\#\\$fips.so\n"), "{text}");
        assert!(text.ends_with("security-checks = 1\nmodule-mac = AB:CD\n"), "{text}");
        assert!(!text.contains("elsewhere"));
    }

    #[test]
    fn the_section_with_the_checksum_is_found_among_others() {
        let config = parse(&format!("[other]\nactivate = 1\n{INSTALLED}[more]\nx = 1\n")).unwrap();
        assert_eq!(config.settings.len(), 2);
    }

    #[test]
    fn a_module_that_keeps_its_checksum_itself_needs_none() {
        assert!(!parse("# by the vendor\n[fips_sect]\nactivate = 1\n").unwrap().has_checksum);
    }

    #[rstest]
    #[case("")]
    #[case("activate = 1\nmodule-mac = 00\n")]
    #[case(
        "openssl_conf = init\n.include fipsmodule.cnf\n[init]\nproviders = list\n[list]\nfips = fips_sect\n"
    )]
    #[case("[one]\nactivate = 1\n[two]\nactivate = 1\n")]
    fn a_file_without_a_modules_section_is_refused(#[case] text: &str) {
        let config = PathBuf::from("fipsmodule.cnf");
        assert_eq!(parse(text).unwrap_err(), FipsError::ConfigWithoutModule { config });
    }

    #[rstest]
    #[case("security-checks = 0")]
    #[case("conditional-errors = no")]
    #[case("security-checks = ")]
    fn a_check_that_is_turned_off_is_named(#[case] line: &str) {
        let error = parse(&format!("[fips_sect]\nmodule-mac = 00\n{line}\n")).unwrap_err();
        assert!(error.to_string().contains(line), "{error}");
    }

    #[test]
    fn a_path_that_would_not_be_read_back_is_refused() {
        let config = parse(INSTALLED).unwrap();
        for path in ["/a\nmodule = /b", "/fips.so "] {
            let refused = config.describing(Path::new(path));
            assert!(matches!(refused, Err(FipsError::PathUnusable { .. })));
        }
    }

    #[rstest]
    #[case("fips::security-checks = 0")]
    #[case(".include = /etc/ssl/openssl.cnf")]
    #[case("= 1")]
    #[case("install-version = $ENV::HOME")]
    #[case("install-version = 1\\")]
    #[case("install-version = \"1")]
    #[case("install-version = 1\u{7f}")]
    fn a_setting_that_reaches_beyond_its_section_is_refused(#[case] line: &str) {
        let error = parse(&format!("{INSTALLED}{line}\n")).unwrap_err();
        assert!(matches!(error, FipsError::ConfigUnusable { .. }), "{error}");
    }
}
