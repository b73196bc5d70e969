//! What the panes showed, so that a fault can be explained afterwards.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use cafleet_tests::environment::pause;

use crate::yard::Yard;

/// Keeps what the pane of each agent shows, each time it has changed, until the fleet has settled.
pub(crate) fn record(yard: &Yard) {
    let mut shown: BTreeMap<i64, String> = BTreeMap::new();
    fs::create_dir_all(yard.screens()).expect("the folder of the screens can be made");
    while yard.is_watched() {
        for (agent, pane) in yard.seats.iter().filter_map(|seat| seat.agent()) {
            let screen = yard.screen(&pane);
            if shown.get(&agent) != Some(&screen) {
                append(&yard.screens().join(agent.to_string()), &yard.clock(), &screen)
                    .expect("the screens can be kept");
                shown.insert(agent, screen);
            }
        }
        pause(Duration::from_secs(1));
    }
}

fn append(file: &Path, clock: &str, screen: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).append(true).open(file)?;
    writeln!(file, "-- {clock}\n{}", screen.trim_end())
}
