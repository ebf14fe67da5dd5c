//! The address of an endpoint, read strictly: one way to write each host, so that what is checked is what is called.
//!
//! Browsers read `0x7f.1`, `127.1` and `2130706433` as addresses too (WHATWG URL, "ends in a number"); here a host
//! whose last label is a number must be four plain decimal numbers, or it is refused.

use crate::record::hash;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// How it is spoken to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// Over TLS.
    Https,
    /// In the clear.
    Http,
}

impl Scheme {
    /// As an address begins.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Https => "https",
            Self::Http => "http",
        }
    }

    /// The port where none is written.
    pub const fn port(self) -> u16 {
        match self {
            Self::Https => 443,
            Self::Http => 80,
        }
    }
}

/// Whom to speak to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Host {
    /// A name, in lower case.
    Name(String),
    /// An address in plain.
    Address(IpAddr),
}

/// An address that events can be sent to. Its path may be a secret, so a debug print shows the origin only.
#[derive(Clone, PartialEq, Eq)]
pub struct EndpointUrl {
    scheme: Scheme,
    host: Host,
    port: u16,
    target: String,
}

/// Why an address was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UrlError {
    /// Longer than allowed.
    #[error("must be at most {} bytes long", EndpointUrl::BYTES_MAX)]
    TooLong,
    /// Not an address of the web.
    #[error("must begin with https:// and a host")]
    Scheme,
    /// A name and password in it.
    #[error("must not hold a user name or password")]
    UserInfo,
    /// The host is no name and no address, or one written in an odd form.
    #[error(
        "the host must be a plain name such as hooks.example.com, four decimal numbers, or an IPv6 address in brackets; \
         write international names in their xn-- form"
    )]
    Host,
    /// The port is no port.
    #[error("the port must be a number from 1 to 65535")]
    Port,
    /// The path or query has characters that must be percent-encoded, or there is a fragment.
    #[error(
        "path and query must be visible ASCII characters without #, \", <, >, \\, ^, `, {{, | and }}; percent-encode them"
    )]
    Target,
}

impl EndpointUrl {
    /// The longest address. Unit: bytes.
    pub const BYTES_MAX: usize = 2048;

    /// Takes an address after checking its form.
    ///
    /// # Errors
    /// [`UrlError`] says what does not fit.
    pub fn parse(text: &str) -> Result<Self, UrlError> {
        if text.len() > Self::BYTES_MAX {
            return Err(UrlError::TooLong);
        }
        let (scheme, rest) = text.split_once("://").ok_or(UrlError::Scheme)?;
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "https" => Scheme::Https,
            "http" => Scheme::Http,
            _ => return Err(UrlError::Scheme),
        };
        let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
        let (authority, target) = rest.split_at(end);
        if authority.contains('@') {
            return Err(UrlError::UserInfo);
        }
        let (host, port) = split_port(authority)?;
        let port = match port {
            Some(port) => port_of(port)?,
            None => scheme.port(),
        };
        let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
        let fits = |byte: u8| byte.is_ascii_graphic() && !b"#\"<>\\^`{|}".contains(&byte);
        if !target.bytes().all(fits) {
            return Err(UrlError::Target);
        }
        Ok(Self { scheme, host: host_of(host)?, port, target })
    }

    /// How it is spoken to.
    pub const fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// Whom to speak to.
    pub const fn host(&self) -> &Host {
        &self.host
    }

    /// On which port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Path and query, as they are sent.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Host, and the port where it is not the usual one.
    pub fn authority(&self) -> String {
        let host = match &self.host {
            Host::Name(name) => name.clone(),
            Host::Address(IpAddr::V4(address)) => address.to_string(),
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
        };
        if self.port == self.scheme.port() { host } else { format!("{host}:{}", self.port) }
    }

    /// Scheme, host and port: what may be shown of it.
    pub fn origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.authority())
    }

    /// SHA-256 of the whole address, in hexadecimal.
    pub fn fingerprint(&self) -> String {
        hash(self.reveal().as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// The whole address. Who shows it may show a secret.
    pub fn reveal(&self) -> String {
        format!("{}{}", self.origin(), self.target)
    }
}

impl fmt::Debug for EndpointUrl {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "EndpointUrl({}/…)", self.origin())
    }
}

/// Host and port of an authority.
fn split_port(authority: &str) -> Result<(&str, Option<&str>), UrlError> {
    if let Some(inside) = authority.strip_prefix('[') {
        let (address, rest) = inside.split_once(']').ok_or(UrlError::Host)?;
        let end = address.len() + 2;
        return match rest.strip_prefix(':') {
            Some(port) => Ok((&authority[..end], Some(port))),
            None if rest.is_empty() => Ok((authority, None)),
            None => Err(UrlError::Host),
        };
    }
    Ok(match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    })
}

fn port_of(text: &str) -> Result<u16, UrlError> {
    let plain = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
    text.parse().ok().filter(|_| plain).ok_or(UrlError::Port)
}

fn host_of(text: &str) -> Result<Host, UrlError> {
    if let Some(inside) = text.strip_prefix('[').and_then(|inside| inside.strip_suffix(']')) {
        let address: Ipv6Addr = inside.parse().map_err(|_| UrlError::Host)?;
        return Ok(Host::Address(address.into()));
    }
    let name = text.to_ascii_lowercase();
    let labels: Vec<&str> = name.split('.').collect();
    let fits = |label: &&str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.len() > 253 || !labels.iter().all(fits) {
        return Err(UrlError::Host);
    }
    let last = labels.last().copied().unwrap_or_default();
    let is_number = last.bytes().all(|byte| byte.is_ascii_digit())
        || last.strip_prefix("0x").is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()));
    if !is_number {
        return Ok(Host::Name(name));
    }
    // The standard library takes four decimal numbers without leading zeros, and nothing else.
    let address: Ipv4Addr = name.parse().map_err(|_| UrlError::Host)?;
    Ok(Host::Address(address.into()))
}
