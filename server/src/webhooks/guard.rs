//! Where a webhook may not go: loopback, private networks, link-local and metadata addresses, this machine (promise S6).
//!
//! An address is public when no registry says otherwise: what is not known to be public is refused.
//! Source: IANA's registries of special-purpose IPv4 and IPv6 addresses (RFC 6890), as of 2026.

use docket_core::webhook::EndpointUrl;
use docket_core::webhook::address::{Host, Scheme};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Blocks of IPv4 addresses that are not public: first address and length of the prefix.
const NOT_PUBLIC_V4: [([u8; 4], u32); 19] = [
    // "This network": Linux takes 0.0.0.0 for itself.
    ([0, 0, 0, 0], 8),
    ([10, 0, 0, 0], 8),
    // Shared by providers behind their translation; some clouds keep metadata here.
    ([100, 64, 0, 0], 10),
    ([127, 0, 0, 0], 8),
    // A public address by which Azure serves its machines, and only them.
    ([168, 63, 129, 16], 32),
    // Link-local; the metadata of most clouds is at 169.254.169.254.
    ([169, 254, 0, 0], 16),
    ([172, 16, 0, 0], 12),
    // Protocol assignments; Oracle keeps metadata here.
    ([192, 0, 0, 0], 24),
    // Documentation.
    ([192, 0, 2, 0], 24),
    ([192, 31, 196, 0], 24),
    ([192, 52, 193, 0], 24),
    // Relays of 6to4.
    ([192, 88, 99, 0], 24),
    ([192, 168, 0, 0], 16),
    ([192, 175, 48, 0], 24),
    // Benchmarks.
    ([198, 18, 0, 0], 15),
    ([198, 51, 100, 0], 24),
    ([203, 0, 113, 0], 24),
    // Multicast.
    ([224, 0, 0, 0], 4),
    // Reserved, and broadcast.
    ([240, 0, 0, 0], 4),
];

/// Blocks inside 2000::/3 that are not public. Everything outside of it is not public either: loopback, IPv4 in IPv6
/// (mapped, compatible and NAT64), unique-local, link-local and multicast addresses among them.
const NOT_PUBLIC_V6: [([u16; 3], u32); 4] = [
    // Protocol assignments: Teredo, which carries IPv4 addresses, and others.
    ([0x2001, 0, 0], 23),
    // Documentation.
    ([0x2001, 0xdb8, 0], 32),
    // 6to4, which carries IPv4 addresses.
    ([0x2002, 0, 0], 16),
    // Documentation.
    ([0x3fff, 0, 0], 20),
];

/// Ports of 1024 and above at which something else than HTTP listens (Fetch standard, "port blocking").
const BAD_PORTS: [u16; 19] = [
    1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
    6697, 10080,
];

/// Why an address of an endpoint is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotAllowed {
    /// It is not encrypted.
    #[error("must begin with https://")]
    Plain,
    /// Something else than a receiver of webhooks listens at this port.
    #[error("the port must be 443, or one of 1024 and above at which nothing else than HTTP listens")]
    Port,
    /// A name without a dot is one of this machine or of its network.
    #[error("the host must be a full name, such as hooks.example.com")]
    LocalName,
    /// The host is written as an address that is not public.
    #[error("the address must be a public one")]
    NotPublic,
}

/// Who may be spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    /// Public addresses, over TLS.
    PublicOnly,
    /// Whoever it is: for development and tests.
    Anywhere,
}

impl Guard {
    /// Whether an address of an endpoint can be taken, as far as that shows without looking up its name.
    ///
    /// # Errors
    /// [`NotAllowed`] says why not.
    pub fn check(self, url: &EndpointUrl) -> Result<(), NotAllowed> {
        if self == Self::Anywhere {
            return Ok(());
        }
        if url.scheme() != Scheme::Https {
            return Err(NotAllowed::Plain);
        }
        let port = url.port();
        if port != Scheme::Https.port() && (port < 1024 || BAD_PORTS.contains(&port)) {
            return Err(NotAllowed::Port);
        }
        match url.host() {
            Host::Name(name) if !name.contains('.') || name.ends_with(".localhost") => {
                Err(NotAllowed::LocalName)
            }
            Host::Address(address) if !is_public(*address) => Err(NotAllowed::NotPublic),
            Host::Name(_) | Host::Address(_) => Ok(()),
        }
    }

    /// Whether an address may be connected to; `is_own` tells whether it is one of this machine.
    pub fn allows(self, address: IpAddr, is_own: impl FnOnce(IpAddr) -> bool) -> bool {
        self == Self::Anywhere || (is_public(address) && !is_own(address))
    }
}

/// Whether an address is of the public internet.
fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !NOT_PUBLIC_V4.iter().any(|(first, length)| is_in_v4(address, Ipv4Addr::from(*first), *length))
        }
        IpAddr::V6(address) => {
            let [a, .., e, f, _, _] = address.segments();
            // Global unicast, and no IPv4 address of a site inside (ISATAP).
            a & 0xe000 == 0x2000
                && !(e & 0xfcff == 0 && f == 0x5efe)
                && !NOT_PUBLIC_V6.iter().any(|(first, length)| is_in_v6(address, *first, *length))
        }
    }
}

fn is_in_v4(address: Ipv4Addr, first: Ipv4Addr, length: u32) -> bool {
    (address.to_bits() ^ first.to_bits()) >> (32 - length) == 0
}

fn is_in_v6(address: Ipv6Addr, first: [u16; 3], length: u32) -> bool {
    let first = Ipv6Addr::new(first[0], first[1], first[2], 0, 0, 0, 0, 0);
    (address.to_bits() ^ first.to_bits()) >> (128 - length) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_block_ends_where_it_ends() {
        let v4 = |text: &str| is_public(text.parse().unwrap());
        for (first, length) in NOT_PUBLIC_V4 {
            let first = Ipv4Addr::from(first).to_bits();
            let last = first | (u64::from(u32::MAX) >> length) as u32;
            assert!(!is_public(Ipv4Addr::from_bits(first).into()), "{first:x}");
            assert!(!is_public(Ipv4Addr::from_bits(last).into()), "{last:x}");
        }
        for public in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.0.3.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "8.8.8.8",
            "93.184.215.14",
        ] {
            assert!(v4(public), "{public}");
        }
    }

    #[test]
    fn whatever_is_inside_or_is_called_otherwise_is_not_public() {
        for inside in [
            "127.0.0.1",
            "127.255.255.254",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.100.100.200",
            "192.0.0.192",
            "224.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:8.8.8.8",
            "::127.0.0.1",
            "::8.8.8.8",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "100::1",
            "fc00::1",
            "fd00:ec2::254",
            "fd20:ce::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:db8::1",
            "2001:2::1",
            "2001:20::1",
            "2002:7f00:1::",
            "3fff::1",
            "5f00::1",
            "2a00:1450:4001::5efe:7f00:1",
            "2a00:1450:4001:800:200:5efe:a00:1",
            "4000::1",
        ] {
            assert!(!is_public(inside.parse().unwrap()), "{inside}");
        }
        for public in ["2a00:1450:4001:800::200e", "2606:4700::1111", "2001:4860:4860::8888", "2003::1"] {
            assert!(is_public(public.parse().unwrap()), "{public}");
        }
    }

    #[test]
    fn an_own_address_is_refused_although_it_is_public() {
        let address = "8.8.8.8".parse().unwrap();
        assert!(Guard::PublicOnly.allows(address, |_| false));
        assert!(!Guard::PublicOnly.allows(address, |_| true));
        assert!(Guard::Anywhere.allows("127.0.0.1".parse().unwrap(), |_| true));
    }

    #[test]
    fn an_address_that_shows_where_it_leads_is_refused_at_once() {
        let check = |text: &str| Guard::PublicOnly.check(&EndpointUrl::parse(text).unwrap());
        for (text, error) in [
            ("http://hooks.example.com/", NotAllowed::Plain),
            ("https://hooks.example.com:80/", NotAllowed::Port),
            ("https://hooks.example.com:22/", NotAllowed::Port),
            ("https://hooks.example.com:1023/", NotAllowed::Port),
            ("https://hooks.example.com:6667/", NotAllowed::Port),
            ("https://localhost/", NotAllowed::LocalName),
            ("https://a.localhost/", NotAllowed::LocalName),
            ("https://intranet/", NotAllowed::LocalName),
            ("https://127.0.0.1/", NotAllowed::NotPublic),
            ("https://[::1]/", NotAllowed::NotPublic),
            ("https://[::ffff:10.0.0.1]/", NotAllowed::NotPublic),
            ("https://169.254.169.254/latest/meta-data", NotAllowed::NotPublic),
        ] {
            assert_eq!(check(text), Err(error), "{text}");
        }
        for text in ["https://hooks.example.com/", "https://hooks.example.com:8443/", "https://8.8.8.8:1024/"]
        {
            assert_eq!(check(text), Ok(()), "{text}");
        }
        let local = EndpointUrl::parse("http://localhost:6667/").unwrap();
        assert_eq!(Guard::Anywhere.check(&local), Ok(()));
    }
}
