//! What the servers of some panes say of them.

use tracing::debug;

use crate::placement::{Pane, ServerId};
use crate::ports::TaggedPane;

use super::{Members, PaneState};

/// The panes of some servers; none of a server that did not say.
#[derive(Debug, Default)]
pub(crate) struct Roll(Vec<(ServerId, Option<Vec<TaggedPane>>)>);

impl Members {
    /// Asks the servers of these panes, each once, unless `roll` has the answer.
    pub(crate) async fn complete<'a>(&self, mut roll: Roll, panes: impl IntoIterator<Item = &'a Pane>) -> Roll {
        for pane in panes {
            if roll.of(pane).is_none() {
                let answer = self.multiplexer.list(pane).await;
                if let Err(error) = &answer {
                    debug!(server = pane.server.socket, %error, "a multiplexer did not list its panes");
                }
                roll.add(pane, answer.ok());
            }
        }
        roll
    }
}

impl Roll {
    /// Adds what the server of `pane` has answered.
    pub(crate) fn add(&mut self, pane: &Pane, answer: Option<Vec<TaggedPane>>) {
        self.0.push((pane.server.clone(), answer));
    }

    fn of(&self, pane: &Pane) -> Option<&Option<Vec<TaggedPane>>> {
        self.0.iter().find(|(server, _)| *server == pane.server).map(|(_, answer)| answer)
    }

    /// Returns whether a pane is there. Only its own server can say that it is not.
    pub(crate) fn state(&self, pane: Option<&Pane>) -> PaneState {
        let Some(pane) = pane else { return PaneState::Pending };
        match self.of(pane) {
            Some(Some(panes)) if panes.iter().any(|tagged| tagged.pane.is_same(pane)) => PaneState::Alive,
            Some(Some(_)) => PaneState::Gone,
            Some(None) | None => PaneState::Unknown,
        }
    }

    /// Returns the pane with a mark, if one of the servers has it.
    pub(crate) fn tagged(&self, tag: &str) -> Option<&Pane> {
        let mut panes = self.0.iter().filter_map(|(_, answer)| answer.as_ref()).flatten();
        panes.find(|tagged| tagged.tag.as_deref() == Some(tag)).map(|tagged| &tagged.pane)
    }

    /// Returns the panes that have a mark, with it.
    pub(super) fn all_tagged(&self) -> impl Iterator<Item = (&Pane, &str)> {
        let panes = self.0.iter().filter_map(|(_, answer)| answer.as_ref()).flatten();
        panes.filter_map(|tagged| Some((&tagged.pane, tagged.tag.as_deref()?)))
    }

    /// Returns `true` if every server has said what it has.
    pub(super) fn is_complete(&self) -> bool {
        self.0.iter().all(|(_, answer)| answer.is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PaneId;
    use crate::placement::MultiplexerKind;

    fn pane(server: u32, id: &str) -> Pane {
        Pane {
            multiplexer: MultiplexerKind::Tmux,
            server: ServerId { socket: "/s".to_owned(), pid: server, started: 1, namespace: None },
            session: "main".to_owned(),
            window: "@1".to_owned(),
            id: PaneId::new(id),
            pid: 7,
        }
    }

    #[test]
    fn only_its_own_server_says_that_a_pane_is_gone() {
        let mut roll = Roll::default();
        roll.add(&pane(1, "%0"), Some(vec![TaggedPane { pane: pane(1, "%0"), tag: Some("1-3".to_owned()) }]));
        roll.add(&pane(2, "%0"), None);
        let state = |server, id| roll.state(Some(&pane(server, id)));
        assert_eq!([state(1, "%0"), state(1, "%1")], [PaneState::Alive, PaneState::Gone]);
        assert_eq!([state(2, "%0"), state(3, "%0")], [PaneState::Unknown; 2], "it did not say, or was not asked");
        assert_eq!(roll.state(None), PaneState::Pending);
        assert_eq!(roll.tagged("1-3"), Some(&pane(1, "%0")));
        assert!(!roll.is_complete());
    }
}
