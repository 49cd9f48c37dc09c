//! Who listens at a port, as far as Linux tells (`proc(5)`); elsewhere nobody is known.

use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// The state of a socket that listens, in `/proc/net/tcp`.
const LISTENING: &str = "0A";

/// Who holds the address, such as `process 4711 (otelcol)`; `None` where it cannot be known,
/// as for processes of other users.
pub fn holder_of(address: SocketAddr) -> Option<String> {
    let inodes: Vec<String> = ["/proc/net/tcp", "/proc/net/tcp6"]
        .iter()
        .filter_map(|table| fs::read_to_string(table).ok())
        .flat_map(|table| inodes_in(&table, address))
        .collect();
    let links: Vec<String> = inodes
        .iter()
        .map(|inode| format!("socket:[{inode}]"))
        .collect();
    if links.is_empty() {
        return None;
    }
    let processes = fs::read_dir("/proc").ok()?.flatten();
    let holder = processes
        .filter(|entry| is_number(&entry.file_name().to_string_lossy()))
        .find(|entry| holds(&entry.path(), &links))?;
    let pid = holder.file_name().to_string_lossy().into_owned();
    let name = fs::read_to_string(holder.path().join("comm")).unwrap_or_default();
    match name.trim() {
        "" => Some(format!("process {pid}")),
        name => Some(format!("process {pid} ({name})")),
    }
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether a process has one of the sockets open.
fn holds(process: &Path, links: &[String]) -> bool {
    let Ok(open) = fs::read_dir(process.join("fd")) else {
        return false;
    };
    open.flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok())
        .any(|target| links.iter().any(|link| target == Path::new(link)))
}

/// The sockets of a table that listen where nobody else can listen at the address.
fn inodes_in(table: &str, address: SocketAddr) -> Vec<String> {
    table
        .lines()
        .skip(1)
        .filter_map(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let bound = socket_address(fields.next()?)?;
            let state = fields.nth(1)?;
            let inode = fields.nth(5)?;
            let is_in_the_way = bound.port() == address.port()
                && (bound.ip() == address.ip()
                    || bound.ip().is_unspecified()
                    || address.ip().is_unspecified());
            (state == LISTENING && is_in_the_way).then(|| inode.to_owned())
        })
        .collect()
}

/// An address as the tables write it: words of the host's byte order in hex, `:`, the port.
fn socket_address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let words: Vec<u32> = ip
        .as_bytes()
        .chunks(8)
        .map(|word| u32::from_str_radix(std::str::from_utf8(word).ok()?, 16).ok())
        .collect::<Option<_>>()?;
    let ip: IpAddr = match words.as_slice() {
        [word] => Ipv4Addr::from(word.to_ne_bytes()).into(),
        [a, b, c, d] => {
            let words = [a, b, c, d].map(|word| u32::from_be_bytes(word.to_ne_bytes()));
            let bits = words
                .iter()
                .fold(0_u128, |bits, word| bits << 32 | u128::from(*word));
            Ipv6Addr::from_bits(bits).to_canonical()
        }
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    #[test]
    fn lines_of_the_tables_are_read() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n\
             0: 0100007F:10DD 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 0\n\
             1: 0100007F:10DD 0100007F:9999 01 00000000:00000000 00:00000000 00000000  1000        0 4343 1 0\n\
             2: 0200007F:10DD 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4444 1 0\n\
             3: 00000000000000000000000000000000:10DD 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4545 1 0\n\
             broken\n";
        let found = inodes_in(table, "127.0.0.1:4317".parse().unwrap());
        assert_eq!(found, ["4242", "4545"]);
        assert!(inodes_in(table, "127.0.0.1:4318".parse().unwrap()).is_empty());
        let v6 = socket_address("00000000000000000000000001000000:0050");
        assert_eq!(v6, "[::1]:80".parse().ok());
        let mapped = socket_address("0000000000000000FFFF00000100007F:0050");
        assert_eq!(mapped, "127.0.0.1:80".parse().ok());
    }

    #[test]
    fn a_port_that_this_process_holds_names_it() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let holder = holder_of(address);
        if Path::new("/proc/net/tcp").try_exists().unwrap() {
            let pid = format!("process {} (", std::process::id());
            assert!(holder.is_some_and(|holder| holder.starts_with(&pid)));
        } else {
            assert_eq!(holder, None);
        }
    }
}
