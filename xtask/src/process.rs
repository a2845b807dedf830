//! Running other programs: every command line is shown before it runs, so that anybody can repeat it.

use std::env;
use std::ffi::OsString;
use std::fs::File;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;

use anyhow::{Context, bail};

use crate::workspace;

/// A `cargo` command in the workspace root, with the cargo that runs xtask.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let program = env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(program);
    command.args(args).current_dir(workspace::root());
    command
}

/// Runs with the terminal's own output; an exit code other than 0 is an error.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<()> {
    let line = show(command);
    eprintln!("$ {line}");
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Runs and returns what stands on its standard output; an exit code other than 0 is an error.
pub(crate) fn output(command: &mut Command) -> anyhow::Result<String> {
    let line = show(command);
    let output = command.output().with_context(|| format!("cannot start `{line}`"))?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` failed ({})\n{}", output.status, stderr.trim_end());
    }
    String::from_utf8(output.stdout).with_context(|| format!("`{line}` did not print UTF-8"))
}

/// Runs with the output appended to a file, since a build says thousands of lines; they are needed
/// only when it fails.
pub(crate) fn logged(command: &mut Command, log: &Path) -> anyhow::Result<()> {
    let file = append(log)?;
    let command = command.stdout(file.try_clone()?).stderr(file);
    run(command).with_context(|| format!("see {}", log.display()))
}

/// Runs, returns what stands on its standard output, and appends the rest to a file.
pub(crate) fn output_with_log(command: &mut Command, log: &Path) -> anyhow::Result<String> {
    eprintln!("$ {}", show(command));
    output(command.stderr(append(log)?)).with_context(|| format!("see {}", log.display()))
}

fn append(log: &Path) -> anyhow::Result<File> {
    let file = File::options().create(true).append(true).open(log);
    file.with_context(|| format!("cannot write {}", log.display()))
}

/// How many compilers a foreign build may run at a time.
pub(crate) fn jobs() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Whether the command can be started and exits with 0. Its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Whether a program of that name can be found.
pub(crate) fn installed(program: &str) -> bool {
    env::var_os("PATH")
        .is_some_and(|path| env::split_paths(&path).any(|folder| folder.join(program).is_file()))
}

/// The command as somebody would type it.
pub(crate) fn show(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    // `cargo` sets CARGO to its full path, which says nothing.
    let mut line = program.rsplit('/').next().unwrap_or(&program).to_owned();
    for arg in command.get_args() {
        let arg = arg.to_string_lossy();
        line.push(' ');
        if arg.contains([' ', '"', '$', '*']) {
            line.push('\'');
            line.push_str(&arg);
            line.push('\'');
        } else {
            line.push_str(&arg);
        }
    }
    line
}
