//! What the domain's errors say to whom: the one table of what is added for those who type commands, and of what the page
//! says instead.

use cafleet_domain::broker::{BrokerError, Refusal};
use cafleet_domain::keystroke::InvalidKeystroke;

/// What the API says where there is no such fleet.
pub(crate) const NO_FLEET: &str = "Fleet not found";

/// What the API says where the fleet has no such agent.
pub(crate) const NO_AGENT: &str = "Agent not found";

/// What the API says where the fleet has no such message.
pub(crate) const NO_MESSAGE: &str = "Message not found";

/// What the API says of an agent that the monitor does not wake.
pub(crate) const NOT_ENROLLED: &str = "Agent not enrolled";

/// What the API says of a sender that cannot be one.
pub(crate) const NO_SENDER: &str = "from_agent not in fleet";

/// What the API says of an agent that cannot be shown.
pub(crate) const NO_PANE: &str = "the agent has no pane";

/// The refusals without a value of their own for which the command line has a command.
const ADVISED: [Refusal; 9] = [
    Refusal::Asking,
    Refusal::RestUnproven,
    Refusal::Unrecognised,
    Refusal::NotAsking,
    Refusal::NoSuchChoice,
    Refusal::TakesText,
    Refusal::NoTextAnswer,
    Refusal::QuestionChanged,
    Refusal::StillAsking,
];

/// How an error of the domain is put.
enum Wording {
    /// As the domain says it.
    Same,
    /// With this behind it.
    Then(String),
    /// By these words alone.
    Instead(String),
}

use Wording::{Instead, Same, Then};

impl Wording {
    fn of(self, error: &BrokerError) -> String {
        match self {
            Same => error.to_string(),
            Then(advice) => format!("{error}{advice}"),
            Instead(words) => words,
        }
    }
}

/// Says why a use case was not carried out, to somebody who types commands.
pub(crate) fn on_command_line(error: &BrokerError) -> String {
    wordings(error).0.of(error)
}

/// Says why a use case was not carried out, to a client of the API or somebody on the page.
pub(crate) fn on_page(error: &BrokerError) -> String {
    wordings(error).1.of(error)
}

/// Adds the command that helps to a refusal in words, as deliveries and events of the monitor keep it, for somebody who
/// types commands.
pub(crate) fn advised(reason: &str) -> String {
    let known = ADVISED.iter().find(|refusal| refusal.to_string() == reason);
    format!("{reason}{}", known.map(advice).unwrap_or_default())
}

/// Returns how an error is put on the command line, and how on the page.
fn wordings(error: &BrokerError) -> (Wording, Wording) {
    let then = |advice: &str| (Then(advice.to_owned()), Same);
    let command_line = |words: &str| (Instead(words.to_owned()), Same);
    let page = |words: &str| (Same, Instead(words.to_owned()));
    match error {
        BrokerError::FleetNotFound(_) | BrokerError::FleetDeleted(_) | BrokerError::MonitorFleetNotFound(_) => {
            page(NO_FLEET)
        }
        BrokerError::AgentNotFound(_) | BrokerError::RecipientNotActive(_) => page(NO_AGENT),
        BrokerError::TaskNotFound(_) => page(NO_MESSAGE),
        BrokerError::NotEnrolled { .. } => page(NOT_ENROLLED),
        BrokerError::NotInFleet { .. } | BrokerError::SenderLeft(_) => page(NO_SENDER),
        BrokerError::PendingPlacement { .. } => page(NO_PANE),
        BrokerError::NoPlacement(_) => (Then(" via `cafleet member create`.".to_owned()), Instead(NO_PANE.to_owned())),
        BrokerError::PaneGone { agent, .. } => {
            let advice = format!(
                "; start it again with 'cafleet member restart --member-id {agent}', or remove it with \
                 'cafleet member delete --member-id {agent}'"
            );
            (Then(advice), Instead(NO_PANE.to_owned()))
        }
        BrokerError::Refused { refusal, .. } => then(&advice(refusal)),
        BrokerError::InvalidKeystroke(InvalidKeystroke::ShellShortcut) => command_line(
            "--freetext may not start with '!' — that triggers the coding agent's shell-execution shortcut. Use \
             'cafleet member exec' for shell dispatch instead.",
        ),
        BrokerError::OtherFleet(_) => {
            then("; check CAFLEET_DATABASE_URL and XDG_DATA_HOME, and run 'cafleet fleet list'")
        }
        BrokerError::FleetOutsideMultiplexer => command_line("cafleet fleet create must be run inside a tmux session"),
        BrokerError::MoveOutsideMultiplexer => command_line(
            "cafleet fleet move must be run in the Director's new pane, inside tmux or an embedded terminal",
        ),
        BrokerError::MemberOutsideMultiplexer => {
            command_line("cafleet member commands must be run inside a tmux session")
        }
        BrokerError::SpawnUnsettled { fleet, agent, cause } => {
            let cause = on_command_line(cause);
            let left = format!("cleanup of member {agent} is incomplete");
            (Instead(format!("{cause}; {left}; run 'cafleet --fleet-id {fleet} member list' to complete it")), Same)
        }
        error => then(&next_command(error)),
    }
}

/// Returns what follows an error about fleets, Directors and their panes on the command line; nothing for any other.
fn next_command(error: &BrokerError) -> String {
    let advice = match error {
        BrokerError::DirectorStays => "; use 'cafleet fleet delete' instead",
        BrokerError::AgentInhabits(_) => "; end it with 'cafleet member delete', or add --leave to leave it running",
        BrokerError::PaneTaken { fleet, .. } => {
            return format!(
                ": use that fleet, delete it with 'cafleet fleet delete {fleet}', or create another one for this pane with --again"
            );
        }
        BrokerError::PaneTakenElsewhere { .. } => {
            ": use that fleet, delete it there, or create another one for this pane with --again"
        }
        BrokerError::DirectorPaneGone(_) => "; run 'cafleet fleet move' in the pane in which the Director runs now",
        BrokerError::DirectorMoves(_) => "; run 'cafleet fleet move' in the pane in which it runs now",
        BrokerError::MemberLives { agent, .. } => {
            return format!(
                "; look at it with 'cafleet attach --member-id {agent}', or add --force to end what runs there first"
            );
        }
        BrokerError::PaneInhabited { .. } => {
            "; run 'cafleet fleet move' in another one, or add --force if that agent is the Director of both fleets"
        }
        BrokerError::DirectorLives { .. } => "; end it there first, or add --force to leave it there without its fleet",
        BrokerError::DirectorUnreachable { .. } => "; add --force to move it anyway",
        BrokerError::PaneReplaced(_) => "; see 'cafleet member list --director'",
        _ => "",
    };
    advice.to_owned()
}

/// Returns what follows a refusal on the command line; nothing where no command helps.
fn advice(refusal: &Refusal) -> String {
    let advice = match refusal {
        Refusal::Asking => "; answer it with 'cafleet member send-input' or in its pane",
        Refusal::RestUnproven => "; 'cafleet member explain' says what would prove that it is at rest",
        Refusal::Unrecognised => "; look at it with 'cafleet member capture'",
        Refusal::NotAsking => "; look at its pane with 'cafleet member capture'",
        Refusal::NoSuchChoice => "; look at the question with 'cafleet member capture'",
        Refusal::NeedsLabel(label) => return format!(", with --answer '{label}'"),
        Refusal::TakesText => "; give it with --freetext",
        Refusal::NoTextAnswer => "; choose one with --choice or --answer",
        Refusal::QuestionChanged => ", look at it with 'cafleet member explain'",
        Refusal::StillAsking => "; look at it with 'cafleet member capture' and answer again",
        _ => "",
    };
    advice.to_owned()
}

#[cfg(test)]
mod tests {
    use cafleet_domain::id::{AgentId, FleetId, PaneId};
    use cafleet_domain::ports::MultiplexerError;

    use super::*;

    fn gone() -> BrokerError {
        BrokerError::PaneGone { agent: AgentId::try_from(3).expect("an id"), pane: PaneId::new("%7") }
    }

    #[test]
    fn each_reader_is_told_what_helps_there() {
        assert_eq!(gone().to_string(), "pane %7 of agent 3 is gone");
        let typed = "pane %7 of agent 3 is gone; start it again with 'cafleet member restart --member-id 3', or remove it with \
                     'cafleet member delete --member-id 3'";
        assert_eq!(on_command_line(&gone()), typed);
        assert_eq!(on_page(&gone()), NO_PANE);
    }

    #[test]
    fn who_types_commands_is_told_the_command_that_helps() {
        let (fleet, agent) = (FleetId::try_from(1).expect("an id"), AgentId::try_from(3).expect("an id"));
        let pane = PaneId::new("%0");
        let taken = BrokerError::PaneTaken { pane: pane.clone(), agent, fleet };
        let elsewhere = BrokerError::PaneTakenElsewhere { pane: pane.clone(), store: "/x/cafleet.db".to_owned() };
        let lives = BrokerError::DirectorLives { fleet, pane: pane.clone() };
        let unreachable =
            BrokerError::DirectorUnreachable { fleet, error: MultiplexerError::Unreachable("no socket".to_owned()) };
        let label = Refusal::NeedsLabel("Yes, always".to_owned());
        let asks = |refusal: Refusal| BrokerError::Refused { agent, refusal };
        for (error, typed) in [
            (
                taken,
                "pane %0 already belongs to agent 3 of fleet 1: use that fleet, delete it with 'cafleet fleet delete 1', or create \
                 another one for this pane with --again",
            ),
            (
                elsewhere,
                "pane %0 already belongs to an agent of another database (/x/cafleet.db): use that fleet, delete it there, or \
                 create another one for this pane with --again",
            ),
            (
                lives,
                "the Director of fleet 1 still runs, or may still run, in pane %0; end it there first, or add --force to leave it there \
                 without its fleet",
            ),
            (
                unreachable,
                "cannot tell whether the Director of fleet 1 still runs in its pane: no socket; add --force to move it anyway",
            ),
            (
                BrokerError::PaneInhabited { pane, agent, fleet },
                "pane %0 belongs to agent 3 of fleet 1; run 'cafleet fleet move' in another one, or add --force if that agent is \
                 the Director of both fleets",
            ),
            (
                BrokerError::PaneReplaced(agent),
                "another process has just given agent 3 a different pane; see 'cafleet member list --director'",
            ),
            (
                BrokerError::NoPlacement(agent),
                "agent 3 has no placement row; it was not spawned via `cafleet member create`.",
            ),
            (
                asks(label),
                "member 3 would change its mode with this answer; choose it by its label, with --answer 'Yes, always'",
            ),
            (
                asks(Refusal::RestUnproven),
                "member 3 may be in a turn that its screen does not show; 'cafleet member explain' says what would prove that it \
                 is at rest",
            ),
            (
                asks(Refusal::Unrecognised),
                "member 3 has a screen that is not recognised; look at it with 'cafleet member capture'",
            ),
        ] {
            assert_eq!(on_command_line(&error), typed);
        }
    }

    #[test]
    fn what_is_said_of_a_cause_is_said_in_the_words_of_the_same_reader() {
        let fleet = FleetId::try_from(1).expect("an id");
        let agent = AgentId::try_from(3).expect("an id");
        let error = BrokerError::SpawnUnsettled { fleet, agent, cause: Box::new(gone()) };
        let typed = on_command_line(&error);
        assert!(typed.starts_with(&format!("{}; cleanup of", on_command_line(&gone()))), "{typed}");
        assert!(typed.ends_with("run 'cafleet --fleet-id 1 member list' to complete it"), "{typed}");
    }

    #[test]
    fn every_refusal_that_is_kept_as_a_text_finds_its_command_again() {
        for refusal in ADVISED {
            let reason = refusal.to_string();
            assert_eq!(advised(&reason), format!("{reason}{}", advice(&refusal)));
            assert!(!advice(&refusal).is_empty(), "{reason}");
        }
        for reason in ["has ended; only its last screen is left", "is asking a question; answer it with something", ""]
        {
            assert_eq!(advised(reason), reason);
        }
    }
}
