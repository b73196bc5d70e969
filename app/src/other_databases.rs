//! Other databases of this user, for what their processes have left in a pane.

use std::path::Path;

use async_trait::async_trait;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::OtherStores;

use crate::composition::{Adapters, database_place};
use crate::settings::Settings;

/// Opens databases by their paths.
#[derive(Debug)]
pub(crate) struct OtherDatabases {
    settings: Settings,
}

impl OtherDatabases {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

#[async_trait]
impl OtherStores for OtherDatabases {
    async fn finish_in_pane(&self, store: &str, pane: &Pane) -> Result<(), String> {
        // none is made where there is none any more
        if !Path::new(store).is_file() {
            return Err(format!("there is no database {store}"));
        }
        let settings = Settings { database_url: database_place(store), ..self.settings.clone() };
        let adapters = Adapters::new(&settings).map_err(|error| error.to_string())?;
        let finished = adapters.lone_broker(&settings).finish_in_pane(pane, None).await;
        finished.map_err(|error| error.to_string())
    }
}
