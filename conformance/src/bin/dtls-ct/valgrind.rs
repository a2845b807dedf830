//! Running a case under memcheck, and reading what it reports.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::Command;

/// Frames of a stack that are looked at: more than lie between a provider's innermost function and
/// the case, inlined ones included.
const CALLERS: usize = 60;

/// One place in the program where a secret decided something.
#[derive(Clone, Debug)]
pub(crate) struct Finding {
    /// What it decided: a branch, an address, what the kernel gets.
    pub(crate) kind: Kind,
    /// Innermost first.
    pub(crate) stack: Vec<Frame>,
    /// How often.
    pub(crate) times: u64,
}

/// What a secret decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Whether a jump is taken.
    Branch,
    /// Where something is read or written.
    Index,
    /// Another report of memcheck's, by its name.
    Other(String),
}

impl core::fmt::Display for Kind {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Branch => f.write_str("branch"),
            Self::Index => f.write_str("index"),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}

/// One function on the stack.
#[derive(Clone, Debug, Default)]
pub(crate) struct Frame {
    /// The program or shared library.
    pub(crate) object: String,
    /// The function, as far as it is known.
    pub(crate) function: String,
    /// Directory and file, empty without debug information.
    pub(crate) path: String,
    /// The line.
    pub(crate) line: String,
}

/// What came of running a case.
pub(crate) struct Outcome {
    /// What memcheck reports.
    pub(crate) findings: Vec<Finding>,
    /// Why the case itself failed.
    pub(crate) failure: Option<String>,
}

/// Fails with what to do when there is no valgrind.
///
/// # Errors
/// What is missing.
pub(crate) fn version() -> Result<String, String> {
    let output = Command::new("valgrind").arg("--version").output().map_err(|error| {
        format!("cannot run valgrind ({error}): install the package valgrind, 3.19 or newer")
    })?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

/// Runs this program again under memcheck with these arguments.
///
/// # Errors
/// When valgrind cannot be started or says nothing that can be read.
pub(crate) fn run(name: &str, arguments: &[String]) -> Result<Outcome, String> {
    let program = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let file = report_file(name);
    let output = Command::new("valgrind")
        .args(["--tool=memcheck", "--leak-check=no", "--error-limit=no", "--xml=yes"])
        .arg(format!("--num-callers={CALLERS}"))
        .arg(format!("--xml-file={}", file.display()))
        .arg(program)
        .args(arguments)
        .output()
        .map_err(|error| format!("cannot run valgrind: {error}"))?;
    let xml = std::fs::read_to_string(&file)
        .map_err(|error| format!("valgrind left no report in {}: {error}", file.display()))?;
    // It is only in the way if it stays.
    let _ = std::fs::remove_file(&file);
    if !xml.contains("</valgrindoutput>") {
        return Err(format!(
            "valgrind did not finish: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        ));
    }
    let failure = (!output.status.success())
        .then(|| String::from_utf8_lossy(&output.stderr).trim().to_owned());
    Ok(Outcome { findings: read(&xml), failure })
}

fn report_file(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("dtls-ct-{}-{name}.xml", std::process::id()))
}

/// The errors in memcheck's report (protocol 4), which has an element a line.
fn read(xml: &str) -> Vec<Finding> {
    let mut findings: Vec<(String, Finding)> = Vec::new();
    let mut times: HashMap<String, u64> = HashMap::new();
    let (mut in_error, mut stacks, mut count) = (false, 0, 0);
    for line in xml.lines().map(str::trim) {
        if line == "<error>" {
            in_error = true;
            stacks = 0;
            let finding = Finding { kind: Kind::Other(String::new()), stack: Vec::new(), times: 1 };
            findings.push((String::new(), finding));
        } else if line == "</error>" {
            in_error = false;
        } else if line == "<stack>" {
            stacks += 1;
        } else if let Some(value) = element(line, "count") {
            count = value.parse().unwrap_or(1);
        } else if let (false, Some(unique)) = (in_error, element(line, "unique")) {
            times.insert(unique, count);
        }
        let Some((unique, finding)) = findings.last_mut().filter(|_| in_error) else { continue };
        if let Some(value) = element(line, "unique") {
            *unique = value;
        } else if let Some(value) = element(line, "kind") {
            finding.kind = match value.as_str() {
                "UninitCondition" => Kind::Branch,
                "UninitValue" => Kind::Index,
                _ => Kind::Other(value),
            };
        } else if stacks == 1 {
            // A second stack tells where memory came from.
            in_frame(line, &mut finding.stack);
        }
    }
    let with_times = |(unique, finding): (String, Finding)| {
        let times = times.get(&unique).copied().unwrap_or(finding.times);
        Finding { times, ..finding }
    };
    findings.into_iter().map(with_times).collect()
}

fn in_frame(line: &str, stack: &mut Vec<Frame>) {
    if line == "<frame>" {
        stack.push(Frame::default());
    }
    let Some(frame) = stack.last_mut() else { return };
    if let Some(value) = element(line, "obj") {
        frame.object = value;
    } else if let Some(value) = element(line, "fn") {
        frame.function = value;
    } else if let Some(value) = element(line, "dir") {
        frame.path = value;
    } else if let Some(value) = element(line, "file") {
        frame.path = format!("{}/{value}", frame.path);
    } else if let Some(value) = element(line, "line") {
        frame.line = value;
    }
}

/// The text of `<name>text</name>`.
fn element(line: &str, name: &str) -> Option<String> {
    let text = line.strip_prefix('<')?.strip_prefix(name)?.strip_prefix('>')?;
    let text = text.strip_suffix('>')?.strip_suffix(name)?.strip_suffix("</")?;
    Some(text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))
}
