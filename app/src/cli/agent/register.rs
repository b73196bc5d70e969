//! `cafleet agent register`

use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::RegisteredView;

/// Register an agent that has no pane
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Name of the agent
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    name: String,

    /// Description of its role
    #[arg(long, value_name = "TEXT", allow_hyphen_values = true)]
    description: String,

    /// Skills for its agent card
    #[arg(
        long,
        value_name = "JSON ARRAY",
        default_value = "[]",
        allow_hyphen_values = true,
        hide_default_value = true
    )]
    skills: String,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    let skills: Vec<serde_json::Value> = serde_json::from_str(&args.skills)
        .map_err(|error| CommandError::failure("invalid_skills", format!("Invalid JSON in --skills: {error}")))?;
    let skills = serde_json::Value::from(skills).to_string();
    let agent = context.broker.members.register_agent(fleet, args.name, args.description, skills).await?;
    context.printer.show(&RegisteredView(&agent))
}
