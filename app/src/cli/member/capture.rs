//! `cafleet member capture`

use crate::cli::arguments::Target;
use crate::cli::context::Context;
use crate::error::CommandError;
use crate::view::CaptureView;

const DEFAULT_LINES: u32 = 30;

/// Show the last lines of a member's pane
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(flatten)]
    target: Target,

    /// How many lines
    #[arg(long, visible_alias = "tail", value_name = "N", default_value_t = DEFAULT_LINES,
          value_parser = clap::value_parser!(u32).range(1..=100_000))]
    lines: u32,

    /// Keep the escape sequences for colours
    #[arg(long)]
    ansi: bool,
}

pub(crate) async fn run(args: Args, context: &Context) -> Result<(), CommandError> {
    let fleet = context.fleet()?;
    context.broker.members.require_multiplexer(fleet).await?;
    let member = args.target.member_id;
    let (content, pane) = context.broker.members.capture(fleet, member, args.lines, args.ansi).await?;
    context.printer.show(&CaptureView { member, pane: &pane, content: &content, lines: args.lines })
}
