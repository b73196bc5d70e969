//! Starts the scripted agent: `scripted_agent STYLE CAFLEET [ARGUMENT…]`, the arguments as the launchers build them.

use std::io;

use cafleet_demo::scripted_agent::{ScriptedAgentArgs, run};

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or_else(|| io::Error::other(format!("{what} is missing")));
    let style = next("the style")?.parse().map_err(io::Error::other)?;
    let cafleet = next("the path of cafleet")?.into();
    run(ScriptedAgentArgs { style, cafleet, arguments: arguments.collect() })
}
