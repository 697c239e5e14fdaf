//! Special-purpose addresses, from the first to the last and not one further.

use connectory::connect::egress::address::is_public;
use proptest::prelude::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// First, last, and the public neighbours before and after, where they are public.
const BLOCKS: &[(&str, &str, Option<&str>, Option<&str>)] = &[
    ("0.0.0.0", "0.255.255.255", None, Some("1.0.0.0")),
    (
        "10.0.0.0",
        "10.255.255.255",
        Some("9.255.255.255"),
        Some("11.0.0.0"),
    ),
    (
        "100.64.0.0",
        "100.127.255.255",
        Some("100.63.255.255"),
        Some("100.128.0.0"),
    ),
    (
        "127.0.0.0",
        "127.255.255.255",
        Some("126.255.255.255"),
        Some("128.0.0.0"),
    ),
    (
        "168.63.129.16",
        "168.63.129.16",
        Some("168.63.129.15"),
        Some("168.63.129.17"),
    ),
    (
        "169.254.0.0",
        "169.254.255.255",
        Some("169.253.255.255"),
        Some("169.255.0.0"),
    ),
    (
        "172.16.0.0",
        "172.31.255.255",
        Some("172.15.255.255"),
        Some("172.32.0.0"),
    ),
    (
        "192.0.0.0",
        "192.0.0.255",
        Some("191.255.255.255"),
        Some("192.0.1.0"),
    ),
    (
        "192.0.2.0",
        "192.0.2.255",
        Some("192.0.1.255"),
        Some("192.0.3.0"),
    ),
    (
        "192.31.196.0",
        "192.31.196.255",
        Some("192.31.195.255"),
        Some("192.31.197.0"),
    ),
    (
        "192.52.193.0",
        "192.52.193.255",
        Some("192.52.192.255"),
        Some("192.52.194.0"),
    ),
    (
        "192.88.99.0",
        "192.88.99.255",
        Some("192.88.98.255"),
        Some("192.88.100.0"),
    ),
    (
        "192.168.0.0",
        "192.168.255.255",
        Some("192.167.255.255"),
        Some("192.169.0.0"),
    ),
    (
        "192.175.48.0",
        "192.175.48.255",
        Some("192.175.47.255"),
        Some("192.175.49.0"),
    ),
    (
        "198.18.0.0",
        "198.19.255.255",
        Some("198.17.255.255"),
        Some("198.20.0.0"),
    ),
    (
        "198.51.100.0",
        "198.51.100.255",
        Some("198.51.99.255"),
        Some("198.51.101.0"),
    ),
    (
        "203.0.113.0",
        "203.0.113.255",
        Some("203.0.112.255"),
        Some("203.0.114.0"),
    ),
    (
        "224.0.0.0",
        "239.255.255.255",
        Some("223.255.255.255"),
        None,
    ),
    ("240.0.0.0", "255.255.255.255", None, None),
    // Unspecified, loopback, compatible with IPv4.
    ("::", "::fffe:ffff:ffff", None, None),
    // NAT64 of a network's own.
    (
        "64:ff9b:1::",
        "64:ff9b:1:ffff:ffff:ffff:ffff:ffff",
        None,
        None,
    ),
    ("100::", "100::ffff:ffff:ffff:ffff", None, None),
    (
        "64:ff9b::1:0:0",
        "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        None,
        Some("2000::"),
    ),
    (
        "2001::",
        "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff",
        Some("2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        Some("2001:200::"),
    ),
    (
        "2001:db8::",
        "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
        Some("2001:db7:ffff:ffff:ffff:ffff:ffff:ffff"),
        Some("2001:db9::"),
    ),
    (
        "2002::",
        "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        Some("2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        Some("2003::"),
    ),
    (
        "2620:4f:8000::",
        "2620:4f:8000:ffff:ffff:ffff:ffff:ffff",
        Some("2620:4f:7fff:ffff:ffff:ffff:ffff:ffff"),
        Some("2620:4f:8001::"),
    ),
    (
        "3fff::",
        "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
        Some("3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        Some("3fff:1000::"),
    ),
    (
        "4000::",
        "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        Some("3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"),
        None,
    ),
    // Within the last: segment routing, unique local, link-local, site-local, multicast.
    (
        "5f00::",
        "5f00:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        None,
        None,
    ),
    (
        "fc00::",
        "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        None,
        None,
    ),
    (
        "fe80::",
        "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        None,
        None,
    ),
    (
        "fec0::",
        "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
        None,
        None,
    ),
    ("ff00::", "ff02::1", None, None),
];

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap_or_else(|e| panic!("{text}: {e}"))
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_bits().into(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// Addresses of IPv6 that stand for one of IPv4.
fn forms(address: Ipv4Addr) -> [IpAddr; 2] {
    let nat64 = Ipv6Addr::from_bits((0x64_ff9b << 96) | u128::from(address.to_bits()));
    [address.to_ipv6_mapped().into(), nat64.into()]
}

#[test]
fn a_block_is_refused_from_its_first_to_its_last_address_and_no_further() {
    for (first, last, before, after) in BLOCKS {
        for inside in [first, last] {
            assert!(!is_public(ip(inside)), "{inside} is in a block");
        }
        for outside in [before, after].into_iter().flatten() {
            assert!(is_public(ip(outside)), "{outside} is in no block");
        }
    }
}

#[test]
fn well_known_public_addresses_are_public() {
    for public in [
        "1.1.1.1",
        "8.8.8.8",
        "9.9.9.9",
        "100.0.0.1",
        "172.67.1.1",
        "2606:4700::1111",
    ] {
        assert!(is_public(ip(public)), "{public}");
    }
}

#[test]
fn each_metadata_address_of_a_cloud_is_refused() {
    let known = [
        "169.254.169.254",
        "169.254.170.2",
        "168.63.129.16",
        "100.100.100.200",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
        "::ffff:169.254.169.254",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::169.254.169.254",
        "2002:a9fe:a9fe::",
        "::169.254.169.254",
    ];
    for address in known {
        assert!(!is_public(ip(address)), "{address}");
    }
}

proptest! {
    #[test]
    fn any_address_of_a_block_is_refused(block in 0..BLOCKS.len(), offset: u128) {
        let (first, last, ..) = BLOCKS[block];
        let (low, high) = (bits(ip(first)), bits(ip(last)));
        let inside = low + offset % (high - low + 1);
        match u32::try_from(inside) {
            Ok(inside) if ip(first).is_ipv4() => {
                let inside = Ipv4Addr::from_bits(inside);
                prop_assert!(!is_public(inside.into()), "{inside}");
                for form in forms(inside) {
                    prop_assert!(!is_public(form), "{form} stands for {inside}");
                }
            }
            _ => {
                let inside = Ipv6Addr::from_bits(inside);
                prop_assert!(!is_public(inside.into()), "{inside}");
            }
        }
    }

    #[test]
    fn an_address_that_stands_for_another_is_judged_as_that(number: u32) {
        let address = Ipv4Addr::from_bits(number);
        for form in forms(address) {
            prop_assert_eq!(is_public(form), is_public(address.into()), "{} for {}", form, address);
        }
    }

    #[test]
    fn an_address_of_6to4_teredo_or_the_compatible_form_is_refused_whatever_it_holds(number: u32, low: u128) {
        let inside = u128::from(number);
        let low_80 = low & ((1 << 80) - 1);
        for address in [(0x2002 << 112) | (inside << 80) | low_80, (0x2001_0000 << 96) | (low & ((1 << 96) - 1)), inside] {
            let address = Ipv6Addr::from_bits(address);
            prop_assert!(!is_public(address.into()), "{}", address);
        }
    }
}
