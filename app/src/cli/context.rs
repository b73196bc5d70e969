//! What every command works with.

use cafleet_domain::backend::Backend;
use cafleet_domain::broker::Broker;
use cafleet_domain::fleet::FleetRef;
use cafleet_domain::id::FleetId;
use cafleet_domain::ports::BackendLauncher;

use crate::composition::Adapters;
use crate::error::CommandError;
use crate::printer::Printer;
use crate::settings::Settings;
use crate::setup::Places;

/// The use cases, the settings, and where output goes.
pub(crate) struct Context {
    pub(crate) broker: Broker,
    pub(crate) adapters: Adapters,
    pub(crate) settings: Settings,
    pub(crate) printer: Printer,
    fleet: Option<FleetRef>,
}

impl Context {
    pub(crate) fn new(settings: Settings, fleet: Option<FleetRef>, printer: Printer) -> Result<Self, CommandError> {
        let adapters = Adapters::new(&settings)?;
        Ok(Self { broker: adapters.broker(&settings), adapters, settings, printer, fleet })
    }

    /// Returns where setup puts what the agents need.
    pub(crate) fn places(&self) -> Places {
        let preset = self.adapters.launcher(Backend::OPENCODE).and_then(BackendLauncher::preset);
        Places {
            home: self.settings.home.clone(),
            claude_config_dir: self.settings.claude_config_dir.clone(),
            codex_home: self.settings.codex_home.clone(),
            opencode_preset: preset.map(|preset| (preset.file, preset.content)).unwrap_or_default(),
            data: self.settings.data_home.join("cafleet"),
        }
    }

    /// Makes sure that a fleet that was named with its key is of this database.
    pub(crate) async fn check_fleet_key(&self) -> Result<(), CommandError> {
        if let Some(named) = self.fleet {
            self.broker.fleets.resolve(named).await?;
        }
        Ok(())
    }

    /// Returns the fleet that was named, where it is one; none when none was named.
    pub(crate) async fn named_fleet(&self) -> Result<Option<FleetId>, CommandError> {
        match self.fleet {
            Some(named) => Ok(Some(self.broker.fleets.show(named.id).await?.fleet.id)),
            None => Ok(None),
        }
    }

    /// Returns the fleet that the command is about.
    pub(crate) fn fleet(&self) -> Result<FleetId, CommandError> {
        self.fleet.map(|named| named.id).ok_or_else(|| {
            CommandError::usage(
                "--fleet-id <int> is required for this subcommand. \
                 Create a fleet with 'cafleet fleet create' and pass its id.",
            )
        })
    }
}
