//! The client's address: the hop that CloudFront wrote, which is the only way in (ADR 11).

use std::net::IpAddr;

use super::ApiRequest;

impl ApiRequest {
    /// The client's address, for limits: of an IPv6 address the network, since a client that has one address has all of
    /// it.
    ///
    /// A request that did not come through CloudFront never gets here ([`crate::origin::Origin`]), so the hop that
    /// CloudFront appended is believed; what the viewer wrote stands before it.
    pub fn client(&self) -> String {
        network(self.edge_hop().as_deref().unwrap_or(&self.source_ip))
    }

    /// The last hop that is not the gateway's own: CloudFront appends the viewer's address, the gateway CloudFront's.
    ///
    /// What the viewer wrote before it may be any bytes.
    fn edge_hop(&self) -> Option<String> {
        let hops = self.headers.get_all("x-forwarded-for").iter().next_back()?;
        let hops = String::from_utf8_lossy(hops.as_bytes());
        let mut hops = hops.rsplit(',').map(str::trim);
        let last = hops.next().filter(|hop| !hop.is_empty())?;
        match hops.next() {
            Some(before) if last == self.source_ip => Some(before.to_owned()),
            _ => Some(last.to_owned()),
        }
    }
}

fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V4(address)) => address.to_string(),
        Ok(IpAddr::V6(address)) => match address.to_ipv4_mapped() {
            Some(mapped) => mapped.to_string(),
            None => {
                let [a, b, c, d, ..] = address.segments();
                format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
            }
        },
        Err(_) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use lambda_http::Request;
    use serde_json::json;

    use super::*;

    fn client(forwarded: Option<&str>, source: &str) -> String {
        let mut event: serde_json::Value =
            serde_json::from_str(include_str!("../../../../events/sign-in/session.json")).unwrap();
        event["requestContext"]["http"]["sourceIp"] = json!(source);
        event["headers"]["x-forwarded-for"] = json!(forwarded.unwrap_or_default());
        let request: Request = lambda_http::request::from_str(&event.to_string()).unwrap();
        ApiRequest::read(request).unwrap().client()
    }

    #[test]
    fn only_what_the_edge_wrote_is_believed() {
        let edge = "198.51.100.1";
        let cases = [
            (Some("203.0.113.9"), "203.0.113.9"),
            (Some("203.0.113.9, 198.51.100.1"), "203.0.113.9"),
            // What the viewer wrote stands before what CloudFront appends.
            (Some("10.0.0.1, 203.0.113.9"), "203.0.113.9"),
            (Some("Forlì, 203.0.113.9"), "203.0.113.9"),
            (Some("10.0.0.1, 203.0.113.9, 198.51.100.1"), "203.0.113.9"),
            (None, edge),
        ];
        for (forwarded, wanted) in cases {
            assert_eq!(client(forwarded, edge), wanted, "{forwarded:?}");
        }
    }

    #[test]
    fn a_network_of_ipv6_is_one_client() {
        let seen = |address| client(Some(address), "198.51.100.1");
        assert_eq!(seen("2001:db8:1:2:3:4:5:6"), seen("2001:db8:1:2:ffff::1"));
        assert_ne!(seen("2001:db8:1:2::1"), seen("2001:db8:1:3::1"));
        assert_eq!(seen("::ffff:203.0.113.9"), "203.0.113.9");
        assert_eq!(seen("nowhere"), "");
    }
}
