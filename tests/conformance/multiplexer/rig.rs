//! What the contract needs of an implementation beside the port.

use std::cell::RefCell;
use std::collections::HashMap;

use cafleet_adapters::pty::{PtyMultiplexer, PtyOptions};
use cafleet_adapters::tmux::TmuxMultiplexer;
use cafleet_adapters::tmux::TmuxOptions;
use cafleet_domain::placement::Pane;
use cafleet_domain::ports::{Deaf, Multiplexer, SpawnRequest};
use cafleet_tests::doubles::FakeMultiplexer;
use cafleet_tests::private_pty::PrivatePty;
use cafleet_tests::private_tmux::PrivateTmux;

/// An implementation in a world that the test controls.
pub(super) trait Rig {
    /// The port, called from inside.
    fn port(&self) -> &dyn Multiplexer;
    /// The port, called from outside.
    fn outside(&self) -> Box<dyn Multiplexer>;
    /// The mark on the pane of the caller.
    fn callers_tag(&self) -> Option<String> {
        None
    }
    /// A request for a program that shows `listening` and then whatever it reads.
    fn listener(&self) -> SpawnRequest;
    /// Waits until the program of [`Rig::listener`] listens.
    fn wait_until_listening(&self, pane: &Pane);
    /// Waits until the listener has read exactly `expected` (a paste without its brackets), and fails otherwise.
    fn assert_received(&self, pane: &Pane, expected: &str);
    /// Puts the pane in a mode that takes its keys, where there are such modes.
    fn enter_mode(&self, _pane: &Pane) {
        unreachable!("there are no modes here");
    }
    /// Ends that mode.
    fn leave_mode(&self, _pane: &Pane) {
        unreachable!("there are no modes here");
    }
    /// Ends the program and leaves its last screen, where that can be.
    fn end_program(&self, _pane: &Pane) {
        unreachable!("a pane goes with its program here");
    }
    /// Replaces the server by one where every pane's name belongs to a stranger.
    fn restart(&self);
    /// Asserts that the stranger with this pane's name was given nothing.
    fn assert_stranger_untouched(&self, pane: &Pane);
    /// Ends the server.
    fn stop(&self);
}

/// The real adapter on a private server.
pub(super) struct TmuxRig {
    pub(super) server: PrivateTmux,
    port: TmuxMultiplexer,
    files: RefCell<HashMap<String, String>>,
    count: RefCell<u32>,
}

impl TmuxRig {
    pub(super) async fn new() -> Self {
        let server = PrivateTmux::start();
        let port = server.multiplexer();
        Self { server, port, files: RefCell::default(), count: RefCell::default() }
    }
}

impl Rig for TmuxRig {
    fn port(&self) -> &dyn Multiplexer {
        &self.port
    }

    fn outside(&self) -> Box<dyn Multiplexer> {
        Box::new(TmuxMultiplexer::new(TmuxOptions::default()))
    }

    fn listener(&self) -> SpawnRequest {
        *self.count.borrow_mut() += 1;
        self.server.recorder("bracketed", &format!("heard-{}", self.count.borrow()), &[])
    }

    fn wait_until_listening(&self, pane: &Pane) {
        self.server.wait_for(pane, "listening");
        let newest = format!("heard-{}", self.count.borrow());
        self.files.borrow_mut().entry(pane.id.to_string()).or_insert(newest);
    }

    fn assert_received(&self, pane: &Pane, expected: &str) {
        let files = self.files.borrow();
        let file = &files[pane.id.as_str()];
        let heard = || {
            let text = String::from_utf8_lossy(&self.server.recorded(file)).into_owned();
            text.replace("\u{1b}[200~", "").replace("\u{1b}[201~", "")
        };
        self.server.until(&format!("{expected:?}, not {:?}", heard()), || (heard() == expected).then_some(()));
    }

    fn enter_mode(&self, pane: &Pane) {
        self.server.tmux(&["copy-mode", "-t", pane.id.as_str()]);
    }

    fn leave_mode(&self, pane: &Pane) {
        self.server.tmux(&["copy-mode", "-q", "-t", pane.id.as_str()]);
    }

    fn end_program(&self, pane: &Pane) {
        self.server.tmux(&["set-option", "-p", "-t", pane.id.as_str(), "remain-on-exit", "on"]);
        self.server.tmux(&["run-shell", &format!("kill {}", pane.pid)]);
        self.server
            .until("the program to end", || (self.server.show(pane.id.as_str(), "#{pane_dead}") == "1").then_some(()));
    }

    fn restart(&self) {
        self.server.kill_server();
        self.server.boot("sh");
        let stranger = format!("exec sh -c 'cat > {}'", self.server.file("stranger").display());
        self.server.tmux(&["split-window", "-d", "-t", "%0", &stranger]);
    }

    fn assert_stranger_untouched(&self, pane: &Pane) {
        let id = pane.id.as_str();
        assert_eq!(self.server.show(id, "#{pane_dead}"), "0", "the stranger lives");
        // Enter, so that a line discipline hands over what was typed before
        self.server.tmux(&["send-keys", "-t", id, "mine", "Enter"]);
        let heard = self.server.until("the stranger's line", || {
            let heard = self.server.recorded("stranger");
            heard.ends_with(b"\n").then_some(heard)
        });
        assert_eq!(String::from_utf8_lossy(&heard), "mine\n");
    }

    fn stop(&self) {
        self.server.kill_server();
    }
}

/// The embedded terminals, with a daemon of the test's own.
pub(super) struct PtyRig {
    server: PrivatePty,
    port: PtyMultiplexer,
    files: RefCell<HashMap<String, String>>,
    count: RefCell<u32>,
}

impl PtyRig {
    pub(super) async fn new() -> Self {
        let server = PrivatePty::start().await;
        let port = server.multiplexer();
        Self { server, port, files: RefCell::default(), count: RefCell::default() }
    }
}

impl Rig for PtyRig {
    fn port(&self) -> &dyn Multiplexer {
        &self.port
    }

    fn outside(&self) -> Box<dyn Multiplexer> {
        Box::new(PtyMultiplexer::new(PtyOptions::default()))
    }

    fn callers_tag(&self) -> Option<String> {
        Some("director".to_owned())
    }

    fn listener(&self) -> SpawnRequest {
        *self.count.borrow_mut() += 1;
        self.server.recorder("bracketed", &format!("heard-{}", self.count.borrow()), &[])
    }

    fn wait_until_listening(&self, pane: &Pane) {
        self.server.wait_for(pane, "listening");
        let newest = format!("heard-{}", self.count.borrow());
        self.files.borrow_mut().entry(pane.id.to_string()).or_insert(newest);
    }

    fn assert_received(&self, pane: &Pane, expected: &str) {
        let files = self.files.borrow();
        let file = &files[pane.id.as_str()];
        let heard = || {
            let text = String::from_utf8_lossy(&self.server.recorded(file)).into_owned();
            text.replace("\u{1b}[200~", "").replace("\u{1b}[201~", "")
        };
        self.server.until(&format!("{expected:?}, not {:?}", heard()), || (heard() == expected).then_some(()));
    }

    fn restart(&self) {
        self.server.stop();
        let stranger = format!("exec cat > {}", self.server.file("stranger").display());
        self.server.open(&["/bin/sh"]);
        self.server.open(&["/bin/sh", "-c", &stranger]);
    }

    fn assert_stranger_untouched(&self, pane: &Pane) {
        let stranger = self.server.pane(pane.id.as_str());
        // Enter, so that a line discipline hands over what was typed before
        self.server.tell(&stranger, "mine");
        let heard = self.server.until("the stranger's line", || {
            let heard = self.server.recorded("stranger");
            heard.ends_with(b"\n").then_some(heard)
        });
        assert_eq!(String::from_utf8_lossy(&heard), "mine\n");
    }

    fn stop(&self) {
        self.server.stop();
    }
}

/// The fake.
pub(super) struct FakeRig(FakeMultiplexer);

impl FakeRig {
    pub(super) async fn new() -> Self {
        let fake = FakeMultiplexer::inside();
        fake.lose_program("/nonexistent/program");
        Self(fake)
    }
}

impl Rig for FakeRig {
    fn port(&self) -> &dyn Multiplexer {
        &self.0
    }

    fn outside(&self) -> Box<dyn Multiplexer> {
        Box::new(FakeMultiplexer::outside())
    }

    fn listener(&self) -> SpawnRequest {
        SpawnRequest {
            beside: self.0.pane("%0").expect("the director").pane,
            argv: vec!["/bin/listener".to_owned(), "--now".to_owned()],
            directory: "/".into(),
            tag: "recorder".to_owned(),
        }
    }

    fn wait_until_listening(&self, pane: &Pane) {
        self.0.change(pane.id.as_str(), |pane| {
            pane.paint(|composer| {
                cafleet_tests::doubles::fake_multiplexer::screen_of(&format!("listening\n{composer}\n\n"))
            });
        });
    }

    fn assert_received(&self, pane: &Pane, expected: &str) {
        assert_eq!(self.0.pane(pane.id.as_str()).expect("the pane").received, expected);
    }

    fn enter_mode(&self, pane: &Pane) {
        self.0.change(pane.id.as_str(), |pane| pane.deaf = Some(Deaf::CopyMode));
    }

    fn leave_mode(&self, pane: &Pane) {
        self.0.change(pane.id.as_str(), |pane| pane.deaf = None);
    }

    fn end_program(&self, pane: &Pane) {
        self.0.change(pane.id.as_str(), |pane| pane.dead = true);
    }

    fn restart(&self) {
        self.0.restart();
    }

    fn assert_stranger_untouched(&self, pane: &Pane) {
        let stranger = self.0.pane(pane.id.as_str()).expect("the stranger lives");
        assert_eq!(stranger.received, "");
    }

    fn stop(&self) {
        self.0.stop();
    }
}

/// Returns the panes of the server that `pane` belongs to.
pub(super) async fn listed(port: &dyn Multiplexer, pane: &Pane) -> Vec<Pane> {
    port.list(pane).await.unwrap().into_iter().map(|tagged| tagged.pane).collect()
}
