//! The server.

use std::net::SocketAddr;

use serde_json::{Value, json};

use super::View;

/// Where the server can be asked.
pub(crate) struct ServingView {
    pub(crate) address: SocketAddr,
}

impl View for ServingView {
    fn text(&self) -> String {
        format!("Serving on http://{}", self.address)
    }

    fn json(&self) -> Value {
        json!({
            "url": format!("http://{}", self.address),
            "host": self.address.ip().to_string(),
            "port": self.address.port(),
        })
    }
}
