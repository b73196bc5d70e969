//! `cafleet member`

mod capture;
mod create;
mod delete;
mod exec;
mod explain;
mod list;
mod ping;
mod restart;
mod send_input;

use super::context::Context;
use crate::error::CommandError;

#[derive(Debug, clap::Subcommand)]
pub(crate) enum Verb {
    Create(create::Args),
    Delete(delete::Args),
    Restart(restart::Args),
    List(list::Args),
    Capture(capture::Args),
    Explain(explain::Args),
    SendInput(send_input::Args),
    Exec(exec::Args),
    Ping(ping::Args),
}

pub(crate) async fn run(verb: Verb, context: &Context) -> Result<(), CommandError> {
    match verb {
        Verb::Create(args) => create::run(args, context).await,
        Verb::Delete(args) => delete::run(args, context).await,
        Verb::Restart(args) => restart::run(args, context).await,
        Verb::List(args) => list::run(args, context).await,
        Verb::Capture(args) => capture::run(args, context).await,
        Verb::Explain(args) => explain::run(args, context).await,
        Verb::SendInput(args) => send_input::run(args, context).await,
        Verb::Exec(args) => exec::run(args, context).await,
        Verb::Ping(args) => ping::run(args, context).await,
    }
}
