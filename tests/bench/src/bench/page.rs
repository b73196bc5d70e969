//! The page in a browser, on a real server: measured by `tests/webui/figures.spec.ts`.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::report::Table;
use crate::{Outcome, Plan, root};

/// Lets Playwright measure, and makes a table of what it writes: a row for each line, cells separated by tabs.
pub(crate) fn measure(plan: &Plan) -> Outcome<Table> {
    let folder = TempDir::new()?;
    let figures = folder.path().join("figures");
    for line in [&["npm", "ci", "--no-audit", "--no-fund"][..], &["npx", "playwright", "test", "figures"]] {
        let [program, arguments @ ..] = line else { return Err("no command".into()) };
        let mut command = Command::new(program);
        command.args(arguments).current_dir(root().join("tests/webui"));
        command.env("CAFLEET_BIN", &plan.cafleet).env("FIGURES", &figures);
        if !command.status()?.success() {
            return Err(format!("{} failed; tests/install installs what it needs", line.join(" ")).into());
        }
    }
    let mut table = Table::new(&["What", "median", "p95", "most"]);
    for line in fs::read_to_string(&figures)?.lines() {
        table.row(line.split('\t').map(str::to_owned).collect());
    }
    table.note("Chromium without a window or a graphics card, on the same cores as the server.".to_owned());
    Ok(table)
}
