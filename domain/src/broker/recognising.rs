//! What a pane is taken for: whose program is in front of it, and what that shows. Pure.

use crate::agent_in_front::AgentInFront;
use crate::backend::Backend;
use crate::placement::Pane;
use crate::ports::PaneView;
use crate::process::AgentProcess;
use crate::program::Programs;
use crate::screen::{self, Reading, Screen, ScreenState};

/// Reads a pane as that of the agent that is found to be in front of it. What is drawn by anything else is `unknown`,
/// whatever it looks like.
pub(crate) fn recognise(
    programs: &Programs,
    on_record: Backend,
    known: Option<&AgentProcess>,
    pane: &Pane,
    view: &PaneView,
) -> (AgentInFront, Backend, Reading) {
    let in_front = AgentInFront::classify(programs, &view.foreground, pane.pid, known);
    let backend = in_front.backend_or(on_record);
    let reading = read(programs, backend, &view.screen);
    let reading = match &in_front {
        AgentInFront::Proven { .. } => reading,
        AgentInFront::NotProven(_) => Reading {
            state: ScreenState::Unknown,
            composer: None,
            question: None,
            rule: "its agent is not in front".to_owned(),
            ..reading
        },
    };
    (in_front, backend, reading)
}

/// Reads a screen that a program draws. Of a program of which nothing is known every screen is unknown, whatever it looks like.
pub(crate) fn read(programs: &Programs, backend: Backend, screen: &Screen) -> Reading {
    match programs.find(backend) {
        Some(program) => screen::read(&program.patterns, screen),
        None => Reading {
            state: ScreenState::Unknown,
            composer: None,
            scrolled: false,
            working: false,
            question: None,
            rule: "nothing is known of its program".to_owned(),
            rows: 0..0,
        },
    }
}
