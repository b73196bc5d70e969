//! Fleets.

use cafleet_domain::broker::{FleetRemoval, Inhabitant, OpenPanes};
use cafleet_domain::fleet::{FleetDetail, FleetSummary};
use cafleet_domain::id::FleetId;
use cafleet_domain::placement::Pane;
use cafleet_domain::text::one_line;
use serde_json::{Value, json};

use super::agent_panes::pane_name;
use super::members::{left_processes, with_processes};
use super::placement::placement_json;
use super::{View, labelled, table};

const LABEL_WIDTH: usize = 18;

/// A new fleet.
pub(crate) struct FleetCreatedView<'a> {
    pub(crate) detail: &'a FleetDetail,
    pub(crate) full: bool,
}

impl View for FleetCreatedView<'_> {
    fn text(&self) -> String {
        let FleetDetail { fleet, administrator, .. } = self.detail;
        if self.full {
            block(self.detail)
        } else {
            format!("{} director={} admin={administrator}", fleet.id, fleet.director)
        }
    }

    fn json(&self) -> Value {
        fleet_json(self.detail)
    }
}

/// A fleet, live or deleted.
pub(crate) struct FleetShownView<'a>(pub(crate) &'a FleetDetail);

impl View for FleetShownView<'_> {
    fn text(&self) -> String {
        let block = block(self.0);
        match self.0.fleet.deleted_at {
            Some(time) => format!("{block}\n{}", labelled(LABEL_WIDTH, &[("deleted_at", time.to_string())])),
            None => block,
        }
    }

    fn json(&self) -> Value {
        let mut value = fleet_json(self.0);
        value["deleted_at"] = self.0.fleet.deleted_at.map(|time| time.to_string()).into();
        value
    }
}

fn block(detail: &FleetDetail) -> String {
    let FleetDetail { fleet, placement, administrator, director } = detail;
    let pane = placement.as_ref().and_then(|placement| placement.pane.as_ref());
    let place = pane.map(|Pane { session, window, id, .. }| format!("{session}:{window}:{id}"));
    let lines = labelled(
        LABEL_WIDTH,
        &[
            ("label", fleet.label.clone().unwrap_or_default()),
            ("created_at", fleet.created_at.to_string()),
            ("director_name", director.name.clone()),
            ("pane", place.unwrap_or_default()),
            ("administrator", administrator.to_string()),
        ],
    );
    format!("{}\n{}\n{lines}", fleet.id, fleet.director)
}

fn fleet_json(detail: &FleetDetail) -> Value {
    let FleetDetail { fleet, placement, administrator, director } = detail;
    json!({
        "fleet_id": fleet.id.get(),
        "label": fleet.label,
        "created_at": fleet.created_at.to_string(),
        "administrator_agent_id": administrator.get(),
        "director": {
            "agent_id": director.id.get(),
            "name": director.name,
            "description": director.description,
            "registered_at": director.registered_at.to_string(),
            "placement": placement.as_ref().map(placement_json),
        },
    })
}

/// The live fleets.
pub(crate) struct FleetListView<'a>(pub(crate) &'a [FleetSummary]);

impl View for FleetListView<'_> {
    fn text(&self) -> String {
        if self.0.is_empty() {
            return "No fleets found.".to_owned();
        }
        let header = ["FLEET_ID", "DIRECTOR", "LABEL", "AGENTS", "CREATED_AT"].map(str::to_owned).to_vec();
        let rows = self.0.iter().map(|FleetSummary { fleet, agent_count }| {
            vec![
                fleet.id.to_string(),
                fleet.director.to_string(),
                fleet.label.clone().unwrap_or_default(),
                agent_count.to_string(),
                fleet.created_at.to_string(),
            ]
        });
        table::aligned(&std::iter::once(header).chain(rows).collect::<Vec<_>>()).join("\n")
    }

    fn json(&self) -> Value {
        let rows = self.0.iter().map(|FleetSummary { fleet, agent_count }| {
            json!({
                "fleet_id": fleet.id.get(),
                "director_agent_id": fleet.director.get(),
                "label": fleet.label,
                "created_at": fleet.created_at.to_string(),
                "agent_count": agent_count,
            })
        });
        rows.collect()
    }
}

/// A deleted fleet.
pub(crate) struct FleetDeletedView<'a> {
    pub(crate) fleet: FleetId,
    pub(crate) removal: &'a FleetRemoval,
}

impl FleetDeletedView<'_> {
    /// Says how the panes that go on are reached and ended.
    pub(crate) fn notes(&self, panes: OpenPanes) -> Vec<String> {
        let notes = self.removal.left.iter().filter_map(|found| {
            let Inhabitant { agent, name, pane, is_persons_own, unreachable } = found;
            let (name, pane) = (one_line(name), pane.as_ref()?);
            if *is_persons_own {
                let told = format!("{name} keeps running in pane {}, which was opened by hand.", pane.id);
                return (panes == OpenPanes::Close).then_some(told);
            }
            let may = if unreachable.is_some() { "may keep running" } else { "keeps running" };
            let place = pane_name(pane);
            Some(format!(
                "{name} (agent {agent}) {may} in pane {place}: see it with 'cafleet pane attach {place}', end it with \
                 'cafleet pane close {place}'."
            ))
        });
        notes.chain(left_processes(&self.removal.processes)).collect()
    }
}

impl View for FleetDeletedView<'_> {
    fn text(&self) -> String {
        format!("Deleted fleet {}. Deregistered {} agents.", self.fleet, self.removal.deregistered)
    }

    fn json(&self) -> Value {
        let FleetRemoval { deregistered, closed, left, processes } = self.removal;
        let panes = |inhabitants: &[Inhabitant]| -> Value {
            let ours = inhabitants.iter().filter(|found| !found.is_persons_own);
            let panes = ours.filter_map(|found| {
                let pane = found.pane.as_ref()?;
                Some(json!({"agent_id": found.agent.get(), "name": found.name, "pane": pane_name(pane)}))
            });
            panes.collect()
        };
        let deleted = json!({
            "fleet_id": self.fleet.get(),
            "deregistered_count": deregistered,
            "closed_panes": panes(closed),
            "left_panes": panes(left),
        });
        with_processes(deleted, processes)
    }
}
