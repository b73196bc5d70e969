//! Typing into whatever program has a pane.

use std::time::Duration;

use async_trait::async_trait;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{EnterCondition, Front, Look, Multiplexer, MultiplexerError, TypingCondition};

/// Types as a person does, who takes what is in front for what they mean.
#[async_trait]
pub trait Hands: Multiplexer {
    /// Returns the program that has a pane; none in particular when the pane is not there.
    async fn front(&self, pane: &Pane) -> Front {
        match self.look(pane).await {
            Ok(Look::Seen(view)) => view.front,
            _ => Front::default(),
        }
    }

    /// Pastes a text.
    ///
    /// # Errors
    /// As [`PaneIo::paste`].
    async fn paste_now(&self, pane: &Pane, text: &str) -> Result<(), MultiplexerError> {
        self.paste(pane, &self.front(pane).await, &TypingCondition::default(), text).await.map(drop)
    }

    /// Types a text.
    ///
    /// # Errors
    /// As [`PaneIo::type_keys`].
    async fn type_now(&self, pane: &Pane, text: &str) -> Result<(), MultiplexerError> {
        self.type_keys(pane, &self.front(pane).await, &TypingCondition::default(), text).await.map(drop)
    }

    /// Presses Enter where a text shows, and returns whether it did.
    ///
    /// # Errors
    /// As [`PaneIo::submit_if_shown`].
    async fn enter_where(&self, pane: &Pane, shown: &str) -> Result<bool, MultiplexerError> {
        self.submit_if_shown(pane, &self.front(pane).await, &EnterCondition::shows(shown)).await
    }

    /// Types a text if no person has just pressed a key, and returns whether it did.
    ///
    /// # Errors
    /// As [`PaneIo::type_keys`].
    async fn type_untouched(&self, pane: &Pane, text: &str) -> Result<bool, MultiplexerError> {
        let condition = TypingCondition { untouched: true, ..TypingCondition::default() };
        self.type_keys(pane, &self.front(pane).await, &condition, text).await
    }

    /// As [`Hands::enter_where`], if no person has just pressed a key.
    ///
    /// # Errors
    /// As [`PaneIo::submit_if_shown`].
    async fn enter_untouched(&self, pane: &Pane, shown: &str) -> Result<bool, MultiplexerError> {
        let condition = EnterCondition { untouched: true, ..EnterCondition::shows(shown) };
        self.submit_if_shown(pane, &self.front(pane).await, &condition).await
    }

    /// Presses Enter as soon as no person's key keeps it away.
    ///
    /// # Panics
    /// When one does for long.
    async fn enter_when_untouched(&self, pane: &Pane, shown: &str) {
        for _ in 0..200 {
            if self.enter_untouched(pane, shown).await.expect("an answer") {
                return;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        panic!("a key keeps Enter away for ever");
    }
}

impl<M: Multiplexer + ?Sized> Hands for M {}
