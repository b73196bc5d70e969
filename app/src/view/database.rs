//! The database.

use std::path::Path;

use cafleet_domain::ports::{Prepared, Purged, Restored};
use serde_json::{Value, json};

use super::View;

/// What `db init` did.
pub(crate) struct InitView<'a>(pub(crate) &'a Prepared);

impl View for InitView<'_> {
    fn text(&self) -> String {
        match self.0 {
            Prepared::Created => "created".to_owned(),
            Prepared::AtHead => "already at head".to_owned(),
            Prepared::Upgraded { from, to, backup } => {
                format!("upgraded {from} -> {to}\nbackup: {}", backup.display())
            }
        }
    }

    fn json(&self) -> Value {
        match self.0 {
            Prepared::Created => json!({"status": "created"}),
            Prepared::AtHead => json!({"status": "already at head"}),
            Prepared::Upgraded { from, to, backup } => {
                json!({"status": "upgraded", "from": from, "to": to, "backup": backup.display().to_string()})
            }
        }
    }
}

/// What `db check` found.
pub(crate) struct CheckView<'a>(pub(crate) &'a [String]);

impl View for CheckView<'_> {
    fn text(&self) -> String {
        if self.0.is_empty() { "ok".to_owned() } else { self.0.join("\n") }
    }

    fn json(&self) -> Value {
        json!({"ok": self.0.is_empty(), "findings": self.0})
    }
}

/// A copy that `db backup` made.
pub(crate) struct BackupView<'a>(pub(crate) &'a Path);

impl View for BackupView<'_> {
    fn text(&self) -> String {
        format!("Backup written to {}.", self.0.display())
    }

    fn json(&self) -> Value {
        json!({"backup": self.0.display().to_string()})
    }
}

/// What `db restore` did.
pub(crate) struct RestoreView<'a> {
    pub(crate) from: &'a Path,
    pub(crate) to: &'a str,
    pub(crate) restored: &'a Restored,
}

impl View for RestoreView<'_> {
    fn text(&self) -> String {
        let Restored { schema, newest, kept } = self.restored;
        let mut lines = vec![format!("Restored {} from {}.", self.to, self.from.display())];
        lines.extend(kept.as_ref().map(|kept| format!("The database that was there is now {}.", kept.display())));
        if schema < newest {
            lines.push(format!("Its schema is at {schema}, this cafleet needs {newest}; run 'cafleet db init'."));
        }
        lines.join("\n")
    }

    fn json(&self) -> Value {
        let Restored { schema, newest, kept } = self.restored;
        json!({
            "database": self.to,
            "from": self.from.display().to_string(),
            "kept": kept.as_ref().map(|kept| kept.display().to_string()),
            "schema": schema,
            "needs_upgrade": schema < newest,
        })
    }
}

/// What `db purge` dropped, or would drop.
pub(crate) struct PurgeView {
    pub(crate) purged: Purged,
    pub(crate) dry_run: bool,
}

impl View for PurgeView {
    fn text(&self) -> String {
        let Purged { fleets, agents, tasks, deliveries } = self.purged;
        let verb = if self.dry_run { "Would drop" } else { "Dropped" };
        format!("{verb} {fleets} fleets, {agents} agents, {tasks} messages, {deliveries} deliveries.")
    }

    fn json(&self) -> Value {
        let Purged { fleets, agents, tasks, deliveries } = self.purged;
        json!({"dry_run": self.dry_run, "fleets": fleets, "agents": agents, "tasks": tasks, "deliveries": deliveries})
    }
}
