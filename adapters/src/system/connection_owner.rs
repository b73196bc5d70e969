//! Whose a TCP connection is.

use std::io;
use std::net::{IpAddr, SocketAddr};

use netlink_packet_core::{NLM_F_REQUEST, NetlinkHeader, NetlinkMessage, NetlinkPayload};
use netlink_packet_sock_diag::SockDiagMessage;
use netlink_packet_sock_diag::constants::{AF_INET, AF_INET6, IPPROTO_TCP};
use netlink_packet_sock_diag::inet::{ExtensionFlags, InetRequest, SocketId, StateFlags};
use netlink_sys::protocols::NETLINK_SOCK_DIAG;
use netlink_sys::{Socket, SocketAddr as KernelAddress};

/// Who holds the other end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ConnectionOwner {
    /// A user of this machine.
    User(u32),
    /// Somebody on another machine.
    Elsewhere,
    /// It comes from this machine, and its holder is not to be found: the end is in another network namespace, or closed.
    Unknown,
}

/// Asks the kernel whose connections are. Keeps its way there, for a process may be out of descriptors when it is to ask.
#[derive(Debug, Default)]
pub struct ConnectionOwners(Option<Socket>);

impl ConnectionOwners {
    /// Opens the way; where that fails, it is tried again with the first question.
    #[must_use]
    pub fn open() -> Self {
        Self(Socket::new(NETLINK_SOCK_DIAG).ok())
    }

    /// Returns who holds the end at `peer` of a connection whose other end, at `local`, this process holds.
    pub fn owner(&mut self, peer: SocketAddr, local: SocketAddr) -> ConnectionOwner {
        let asked = self.0.take().map_or_else(|| Socket::new(NETLINK_SOCK_DIAG), Ok).and_then(|socket| {
            let holder = holder(&socket, peer, local)?;
            // after an error, the next answer might be to another question
            self.0 = Some(socket);
            Ok(holder)
        });
        match asked {
            // an end that was closed belongs to no process any more, and counts as root's
            Ok(Some((user, inode))) if inode != 0 => ConnectionOwner::User(user),
            Ok(None) if !peer.ip().to_canonical().is_loopback() => ConnectionOwner::Elsewhere,
            Ok(_) | Err(_) => ConnectionOwner::Unknown,
        }
    }
}

/// Asks the kernel for user and inode of the socket at `peer` (sock_diag(7)); none when this machine has none.
fn holder(socket: &Socket, peer: SocketAddr, local: SocketAddr) -> io::Result<Option<(u32, u32)>> {
    let (source, destination) = (peer.ip().to_canonical(), local.ip().to_canonical());
    let (family, id) = match source {
        IpAddr::V4(_) => (AF_INET, SocketId::new_v4()),
        IpAddr::V6(_) => (AF_INET6, SocketId::new_v6()),
    };
    let socket_id = SocketId {
        source_port: peer.port(),
        destination_port: local.port(),
        source_address: source,
        destination_address: destination,
        // of any, for nobody knows it
        cookie: [0xff; 8],
        ..id
    };
    let (extensions, states) = (ExtensionFlags::empty(), StateFlags::all());
    let request = InetRequest { family, protocol: IPPROTO_TCP, extensions, states, socket_id };
    let mut header = NetlinkHeader::default();
    header.flags = NLM_F_REQUEST;
    let mut message = NetlinkMessage::new(header, SockDiagMessage::InetRequest(request).into());
    message.finalize();
    let mut bytes = vec![0; message.buffer_len()];
    message.serialize(&mut bytes);
    let kernel = KernelAddress::new(0, 0);
    socket.send_to(&bytes, &kernel, 0)?;
    let (answer, _) = socket.recv_from_full()?;
    match NetlinkMessage::<SockDiagMessage>::deserialize(&answer).map_err(io::Error::other)?.payload {
        NetlinkPayload::InnerMessage(SockDiagMessage::InetResponse(found)) => {
            Ok(Some((found.header.uid, found.header.inode)))
        }
        NetlinkPayload::Error(error) if error.to_io().kind() == io::ErrorKind::NotFound => Ok(None),
        other => Err(io::Error::other(format!("{other:?}"))),
    }
}

#[cfg(test)]
mod tests {
    use std::net::{TcpListener, TcpStream};

    use super::*;

    #[test]
    fn a_connection_of_ones_own_is_found_in_either_family() {
        for address in ["127.0.0.1:0", "[::1]:0", "[::]:0"] {
            let Ok(listener) = TcpListener::bind(address) else { continue };
            let port = listener.local_addr().expect("an address").port();
            for host in ["127.0.0.1", "::1"] {
                let Ok(_client) = TcpStream::connect((host, port)) else { continue };
                let (stream, peer) = listener.accept().expect("a client");
                let owner = ConnectionOwners::open().owner(peer, stream.local_addr().expect("an address"));
                assert_eq!(owner, ConnectionOwner::User(rustix::process::getuid().as_raw()), "{address} {host}");
            }
        }
    }

    #[test]
    fn an_end_that_was_closed_belongs_to_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let client = TcpStream::connect(listener.local_addr().expect("an address")).expect("a connection");
        let (stream, peer) = listener.accept().expect("a client");
        drop(client);
        assert_eq!(
            ConnectionOwners::open().owner(peer, stream.local_addr().expect("an address")),
            ConnectionOwner::Unknown
        );
    }

    #[test]
    fn what_is_not_found_is_unknown_here_and_elsewhere_there() {
        let address = |text: &str| text.parse().expect("an address");
        let mut owners = ConnectionOwners::default();
        let mut owner = |peer, local| owners.owner(address(peer), address(local));
        assert_eq!(owner("127.0.0.1:1", "127.0.0.1:2"), ConnectionOwner::Unknown);
        assert_eq!(owner("[::ffff:127.0.0.1]:1", "[::1]:2"), ConnectionOwner::Unknown);
        assert_eq!(owner("192.0.2.1:1", "127.0.0.1:2"), ConnectionOwner::Elsewhere);
    }
}
