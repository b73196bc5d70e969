//! What the figures were measured on.

use std::fs;
use std::process::Command;

use crate::{Outcome, root};

/// Says, in one sentence part, the date, commit, machine and versions.
pub(crate) fn description() -> Outcome<String> {
    let cores = std::thread::available_parallelism()?;
    let changed = if told("git", &["status", "--porcelain", "--untracked-files=no", "--", ":!docs"])?.is_empty() {
        ""
    } else {
        " with changes"
    };
    Ok(format!(
        "{} UTC at commit {}{changed}; {cores} cores of {}, {} GiB, load {}; Linux {}, {}, SQLite {}",
        told("date", &["-u", "+%F %H:%M"])?,
        told("git", &["rev-parse", "--short=10", "HEAD"])?,
        processor()?,
        memory()?,
        load()?,
        told("uname", &["-r"])?,
        told("rustc", &["--version"])?,
        rusqlite::version()
    ))
}

fn told(program: &str, arguments: &[&str]) -> Outcome<String> {
    let output = Command::new(program).args(arguments).current_dir(root()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn processor() -> Outcome<String> {
    let text = fs::read_to_string("/proc/cpuinfo")?;
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    Ok(model.map_or("an unnamed processor", |(_, name)| name).to_owned())
}

fn memory() -> Outcome<u64> {
    let text = fs::read_to_string("/proc/meminfo")?;
    let kibibytes = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    let kibibytes: u64 = kibibytes.ok_or("/proc/meminfo has no MemTotal")?.parse()?;
    Ok(kibibytes.div_ceil(1 << 20))
}

/// Says how busy the machine is with this and with everything else.
fn load() -> Outcome<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').next().unwrap_or_default().to_owned())
}
