//! Addresses and networks: `ip('10.0.0.1')`, `cidr('10.0.0.0/8')`.
//!
//! As on the API server, an IPv6 address may neither have a zone nor wrap an IPv4 one.

use std::net::IpAddr;

use cel::common::types::{CelBool, CelInt, CelString};
use cel::{DeclarationError, Env, ExecutionError};

use super::opaque::opaque;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Ip(IpAddr);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Cidr {
    address: IpAddr,
    length: u8,
}

opaque!(Ip, "net.IP");
opaque!(Cidr, "net.CIDR");

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    cel::add_overload!(env, fn ip: (CelString) -> Result<Ip>)?;
    cel::add_overload!(env, fn is_ip: (CelString) -> CelBool, name = "isIP")?;
    cel::add_overload!(env, fn is_canonical: (CelString) -> Result<CelBool>, name = "ip.isCanonical")?;
    cel::add_overload!(env, fn ip_text: (Ip) -> CelString, name = "string")?;
    cel::add_member_overload!(env, fn family: (Ip) -> CelInt)?;
    cel::add_member_overload!(env, fn is_unspecified: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_loopback: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_link_local_multicast: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_link_local_unicast: (Ip) -> CelBool)?;
    cel::add_member_overload!(env, fn is_global_unicast: (Ip) -> CelBool)?;
    cel::add_overload!(env, fn cidr: (CelString) -> Result<Cidr>)?;
    cel::add_overload!(env, fn is_cidr: (CelString) -> CelBool, name = "isCIDR")?;
    cel::add_overload!(env, fn cidr_text: (Cidr) -> CelString, name = "string")?;
    cel::add_member_overload!(env, fn contains_ip: (Cidr, Ip) -> CelBool, name = "containsIP")?;
    cel::add_member_overload!(env, fn contains_ip_text: (Cidr, CelString) -> Result<CelBool>, name = "containsIP")?;
    cel::add_member_overload!(env, fn contains_cidr: (Cidr, Cidr) -> CelBool, name = "containsCIDR")?;
    cel::add_member_overload!(env, fn contains_cidr_text: (Cidr, CelString) -> Result<CelBool>, name = "containsCIDR")?;
    cel::add_member_overload!(env, fn address_of: (Cidr) -> Ip, name = "ip")?;
    cel::add_member_overload!(env, fn masked: (Cidr) -> Cidr)?;
    cel::add_member_overload!(env, fn prefix_length: (Cidr) -> CelInt)
}

impl Ip {
    pub(super) fn parse(text: &str) -> Result<Ip, String> {
        address(text).map(Ip)
    }
}

fn address(text: &str) -> Result<IpAddr, String> {
    if let Some((_, zone)) = text.split_once('%') {
        return Err(if zone.is_empty() {
            format!("IP Address {text:?} parse error during conversion from string")
        } else {
            format!("IP address {text:?} with zone value is not allowed")
        });
    }
    match text.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) if address.to_ipv4_mapped().is_some() => {
            Err(format!("IPv4-mapped IPv6 address {text:?} is not allowed"))
        }
        Ok(address) => Ok(address),
        Err(_) => Err(format!("IP Address {text:?} parse error during conversion from string")),
    }
}

impl Cidr {
    pub(super) fn parse(text: &str) -> Result<Cidr, String> {
        let broken =
            || format!("network address parse error during conversion from string: {text:?}");
        let (start, length) = text.rsplit_once('/').ok_or_else(broken)?;
        let address = address(start)?;
        let plain = length == "0" || !length.starts_with(['0', '+']);
        match length.parse::<u8>() {
            Ok(length) if plain && u32::from(length) <= width(address) => {
                Ok(Cidr { address, length })
            }
            _ => Err(broken()),
        }
    }

    /// How long its addresses are.
    pub(super) fn bytes(self) -> usize {
        if self.address.is_ipv4() { 4 } else { 16 }
    }

    fn has(self, address: IpAddr) -> bool {
        width(self.address) == width(address)
            && cut(self.address, self.length) == cut(address, self.length)
    }
}

fn width(address: IpAddr) -> u32 {
    match address {
        IpAddr::V4(_) => 32,
        IpAddr::V6(_) => 128,
    }
}

/// The address with nothing but its first `length` bits.
fn cut(address: IpAddr, length: u8) -> IpAddr {
    let length = u32::from(length);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - length).unwrap_or(0);
            IpAddr::V4((u32::from(address) & mask).into())
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - length).unwrap_or(0);
            IpAddr::V6((u128::from(address) & mask).into())
        }
    }
}

fn ip(text: &CelString<'_>) -> Result<Ip, ExecutionError> {
    Ip::parse(text.inner()).map_err(|message| ExecutionError::function_error("ip", message))
}

fn is_ip(text: &CelString<'_>) -> CelBool {
    CelBool::from(Ip::parse(text.inner()).is_ok())
}

fn is_canonical(text: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(CelBool::from(ip(text)?.0.to_string() == text.inner()))
}

fn ip_text(one: &Ip) -> CelString<'static> {
    CelString::from(one.0.to_string())
}

fn family(one: &Ip) -> CelInt {
    CelInt::from(if one.0.is_ipv4() { 4 } else { 6 })
}

fn is_unspecified(one: &Ip) -> CelBool {
    CelBool::from(one.0.is_unspecified())
}

fn is_loopback(one: &Ip) -> CelBool {
    CelBool::from(one.0.is_loopback())
}

fn is_link_local_multicast(one: &Ip) -> CelBool {
    CelBool::from(match one.0 {
        IpAddr::V4(address) => address.octets()[..3] == [224, 0, 0],
        IpAddr::V6(address) => address.segments()[0] & 0xff0f == 0xff02,
    })
}

fn link_local(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => address.is_link_local(),
        IpAddr::V6(address) => address.segments()[0] & 0xffc0 == 0xfe80,
    }
}

fn is_link_local_unicast(one: &Ip) -> CelBool {
    CelBool::from(link_local(one.0))
}

/// Go's idea of it: private addresses are global too.
fn is_global_unicast(one: &Ip) -> CelBool {
    let special = one.0.is_unspecified()
        || one.0.is_loopback()
        || one.0.is_multicast()
        || link_local(one.0)
        || matches!(one.0, IpAddr::V4(address) if address.is_broadcast());
    CelBool::from(!special)
}

fn cidr(text: &CelString<'_>) -> Result<Cidr, ExecutionError> {
    Cidr::parse(text.inner()).map_err(|message| ExecutionError::function_error("cidr", message))
}

fn is_cidr(text: &CelString<'_>) -> CelBool {
    CelBool::from(Cidr::parse(text.inner()).is_ok())
}

fn cidr_text(one: &Cidr) -> CelString<'static> {
    CelString::from(format!("{}/{}", one.address, one.length))
}

fn contains_ip(one: &Cidr, other: &Ip) -> CelBool {
    CelBool::from(one.has(other.0))
}

fn contains_ip_text(one: &Cidr, other: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(contains_ip(one, &ip(other)?))
}

fn contains_cidr(one: &Cidr, other: &Cidr) -> CelBool {
    CelBool::from(one.length <= other.length && one.has(other.address))
}

fn contains_cidr_text(one: &Cidr, other: &CelString<'_>) -> Result<CelBool, ExecutionError> {
    Ok(contains_cidr(one, &cidr(other)?))
}

fn address_of(one: &Cidr) -> Ip {
    Ip(one.address)
}

fn masked(one: &Cidr) -> Cidr {
    Cidr { address: cut(one.address, one.length), length: one.length }
}

fn prefix_length(one: &Cidr) -> CelInt {
    CelInt::from(i64::from(one.length))
}
