//! The network as webhooks use it: names, connections, and which addresses are this machine's own.

use async_trait::async_trait;
use std::io;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use tokio::net::TcpStream;

/// Names and connections; another one in tests.
#[async_trait]
pub trait Network: Send + Sync + 'static {
    /// Every address of a name, as of now.
    ///
    /// # Errors
    /// What the system says when the name cannot be looked up.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;

    /// A connection to exactly this address.
    ///
    /// # Errors
    /// What the system says when there is none.
    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream>;

    /// Whether an address is one of this machine.
    fn is_own(&self, address: IpAddr) -> bool;
}

/// The machine's network. No proxy is asked, whatever the environment says.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNetwork;

#[async_trait]
impl Network for SystemNetwork {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }

    async fn connect(&self, address: SocketAddr) -> io::Result<TcpStream> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn is_own(&self, address: IpAddr) -> bool {
        // Only an address of one of the machine's interfaces can be bound to. Nothing is sent by it.
        UdpSocket::bind((address, 0)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_addresses_of_this_machine_are_its_own_and_no_others() {
        assert!(SystemNetwork.is_own("127.0.0.1".parse().unwrap()));
        assert!(!SystemNetwork.is_own("192.0.2.1".parse().unwrap()));
    }
}
