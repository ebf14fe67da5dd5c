//! Where a request comes from, as far as it tells one place from another.

use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// The longest description of a program that is kept. Unit: characters.
const AGENT_CHARS_MAX: usize = 200;

/// A program and its network.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// What the program says of itself, for people to recognise it.
    pub agent: String,
    /// Its network: the first 24 bits of an IPv4 address, the first 48 of an IPv6 one. Addresses change inside of these
    /// all the time, by themselves.
    pub network: String,
}

impl Place {
    /// The place of a request.
    pub fn of(agent: Option<&str>, address: Option<IpAddr>) -> Self {
        let agent = agent.unwrap_or_default().chars().take(AGENT_CHARS_MAX).collect();
        Self { agent, network: address.map(network).unwrap_or_default() }
    }
}

/// The network that an address is of.
pub fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.0/24")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}::/48")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_a_network_are_one_place_and_others_are_not() {
        let network = |text: &str| network(text.parse().unwrap());
        assert_eq!(network("192.0.2.7"), network("192.0.2.250"));
        assert_eq!(network("::ffff:192.0.2.7"), network("192.0.2.9"));
        assert_ne!(network("192.0.2.7"), network("192.0.3.7"));
        assert_eq!(network("2001:db8:1:2::3"), network("2001:db8:1:ffff::"));
        assert_ne!(network("2001:db8:1::"), network("2001:db8:2::"));
    }
}
