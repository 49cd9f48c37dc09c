//! Keeps web pages of other hosts out.
//!
//! A page from anywhere may let its own host name point to 127.0.0.1 and then read, through the
//! browser of somebody who looks at it, what listens there (DNS rebinding). The browser then
//! names the page's host in `Host`, and for calls that change something in `Origin`. So only
//! those hosts are answered that no page can make its own: addresses; `localhost`, which
//! browsers never look up; names without a dot and names below `.local` and `.internal`, as
//! containers have them, which nobody can register. An origin must be the
//! host itself, or this machine.

use std::net::{IpAddr, Ipv4Addr};

use axum::Router;
use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Uri, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};

use super::problem::{ApiError, shown};

/// Answers 403 where a request names a host that could be that of a foreign page, or comes
/// from a page of neither the host that it names nor this machine.
pub fn guard_host(router: Router) -> Router {
    router.layer(from_fn(guard))
}

async fn guard(request: Request, next: Next) -> Response {
    match check(request.uri(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    }
}

fn check(uri: &Uri, headers: &HeaderMap) -> Result<(), ApiError> {
    // HTTP/2 names the host in the URI, HTTP/1 in one header; where both do, both count.
    let mut named = None;
    if let Some(authority) = uri.authority() {
        named = Some(authority.as_str().to_owned());
        is_own(authority.as_str())
            .then_some(())
            .ok_or_else(|| foreign(format!("the host {}", shown(authority.as_str()))))?;
    }
    let mut hosts = headers.get_all(header::HOST).iter();
    if let Some(host) = hosts.next() {
        if hosts.next().is_some() {
            return Err(foreign("several hosts".to_owned()));
        }
        let text = String::from_utf8_lossy(host.as_bytes());
        is_own(&text)
            .then_some(())
            .ok_or_else(|| foreign(format!("the host {}", shown(&text))))?;
        named.get_or_insert_with(|| text.into_owned());
    }
    let Some(named) = named else {
        return Err(foreign("no host".to_owned()));
    };
    for origin in headers.get_all(header::ORIGIN) {
        let text = String::from_utf8_lossy(origin.as_bytes());
        let host = text
            .strip_prefix("http://")
            .or_else(|| text.strip_prefix("https://"));
        if !host.is_some_and(|host| host.eq_ignore_ascii_case(&named) || is_loopback(host)) {
            return Err(foreign(format!("the origin {}", shown(&text))));
        }
    }
    Ok(())
}

fn foreign(named: String) -> ApiError {
    ApiError::ForeignHost { named }
}

/// Whether the host is this machine itself, whose pages may ask through a proxy of theirs.
fn is_loopback(authority: &str) -> bool {
    let Ok(parsed) = authority.parse::<Authority>() else {
        return false;
    };
    let host = parsed.host();
    host.parse::<Ipv4Addr>().is_ok_and(|it| it.is_loopback())
        || host == "[::1]"
        || host.eq_ignore_ascii_case("localhost")
}

/// Whether the host, with or without a port, is one that no page can make its own.
fn is_own(authority: &str) -> bool {
    let Ok(parsed) = authority.parse::<Authority>() else {
        return false;
    };
    // Neither header has a user name.
    if authority.contains('@') {
        return false;
    }
    let host = parsed.host();
    let bare = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
        .unwrap_or(host);
    if bare.parse::<IpAddr>().is_ok() {
        return true;
    }
    let name = host.strip_suffix('.').unwrap_or(host).to_ascii_lowercase();
    let is_of_nobody = [".localhost", ".local", ".internal"]
        .iter()
        .any(|ending| name.ends_with(ending));
    is_of_nobody || (!name.is_empty() && !name.contains('.'))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    fn verdict(uri: &str, headers: &[(&str, &str)]) -> Result<(), String> {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(()).unwrap();
        check(request.uri(), request.headers()).map_err(|error| error.to_string())
    }

    #[test]
    fn addresses_and_localhost_are_answered() {
        for host in [
            "127.0.0.1",
            "127.0.0.1:4320",
            "[::1]:4320",
            "[::1]",
            "192.168.0.7:1",
            "localhost",
            "LocalHost:4320",
            "localhost.",
            "shop.localhost:80",
            "collector:4318",
            "collector.shop.svc.cluster.local:4318",
        ] {
            assert_eq!(verdict("/", &[("host", host)]), Ok(()), "{host}");
            let origin = format!("http://{host}");
            let headers = [("host", host), ("origin", origin.as_str())];
            assert_eq!(verdict("/", &headers), Ok(()), "{host}");
            let uri = format!("http://{host}/");
            assert_eq!(verdict(&uri, &[]), Ok(()), "{host}");
        }
    }

    #[test]
    fn other_hosts_are_refused_by_name() {
        for host in [
            "evil.example",
            "evil.example:4320",
            "localhost.evil.example",
            "evil.notlocal",
            "127.0.0.1.evil.example",
            "127.0.0.1@evil.example",
            "evil.example@127.0.0.1",
            "",
            "[::1",
        ] {
            let told = verdict("/", &[("host", host)]).unwrap_err();
            assert!(told.contains(host) && told.contains("localhost"), "{told}");
        }
        assert!(verdict("/", &[]).is_err());
        assert!(verdict("/", &[("host", "localhost"), ("host", "localhost")]).is_err());
        assert!(verdict("http://evil.example/", &[("host", "localhost")]).is_err());
    }

    #[test]
    fn pages_of_other_hosts_are_refused_although_they_name_this_one() {
        for origin in [
            "http://evil.example",
            "https://evil.example:4320",
            "null",
            "",
            "file://localhost",
            "chrome-extension://localhost",
            "http://localhost.evil.example",
            "http://192.0.2.1",
            "http://127.0.0.1@evil.example",
            "http://localhost.",
        ] {
            let headers = [("host", "127.0.0.1:4320"), ("origin", origin)];
            let told = verdict("/", &headers).unwrap_err();
            assert!(told.contains("origin"), "{told}");
        }
    }
}
