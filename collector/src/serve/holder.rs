//! Which process holds an address, as far as the system tells.

use std::net::SocketAddr;

/// The program and process id that listen on the port, such as `jaeger (process 4711)`.
/// `None` where the system does not say.
#[cfg(target_os = "linux")]
pub(super) fn of(address: SocketAddr) -> Option<String> {
    linux::of(address)
}

/// The program and process id that listen on the port: not known on this system.
#[cfg(not(target_os = "linux"))]
pub(super) fn of(_address: SocketAddr) -> Option<String> {
    None
}

/// Reads `/proc`: the tables of sockets, then the descriptors of processes (proc(5)).
#[cfg(target_os = "linux")]
mod linux {
    use std::fs;
    use std::net::SocketAddr;
    use std::path::Path;

    /// The state of a socket that listens.
    const LISTEN: &str = "0A";

    pub(super) fn of(address: SocketAddr) -> Option<String> {
        let inode = ["/proc/net/tcp", "/proc/net/tcp6"]
            .iter()
            .filter_map(|table| fs::read_to_string(table).ok())
            .find_map(|table| inode(&table, address.port()))?;
        let wanted = format!("socket:[{inode}]");
        fs::read_dir("/proc")
            .ok()?
            .filter_map(Result::ok)
            .filter(|entry| {
                let name = entry.file_name();
                name.to_string_lossy()
                    .bytes()
                    .all(|byte| byte.is_ascii_digit())
            })
            .find(|process| holds(&process.path(), &wanted))
            .map(|process| {
                let name = fs::read_to_string(process.path().join("comm")).unwrap_or_default();
                let pid = process.file_name();
                format!("{} (process {})", name.trim(), pid.to_string_lossy())
            })
    }

    /// The inode of the socket that listens on the port, out of a table of sockets.
    pub(super) fn inode(table: &str, port: u16) -> Option<u64> {
        let port = format!(":{port:04X}");
        table.lines().skip(1).find_map(|line| {
            let mut fields = line.split_whitespace().skip(1);
            let is_port = fields.next()?.ends_with(&port);
            let is_listening = fields.nth(1)? == LISTEN;
            let inode = fields.nth(5)?.parse().ok()?;
            (is_port && is_listening).then_some(inode)
        })
    }

    /// Whether a process has a descriptor of this name.
    fn holds(process: &Path, wanted: &str) -> bool {
        // What belongs to others cannot be looked into.
        let Ok(descriptors) = fs::read_dir(process.join("fd")) else {
            return false;
        };
        descriptors
            .filter_map(Result::ok)
            .filter_map(|descriptor| fs::read_link(descriptor.path()).ok())
            .any(|target| target.to_string_lossy() == wanted)
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn a_socket_of_our_own_is_found() {
        let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let holder = of(socket.local_addr().unwrap()).unwrap();
        assert!(
            holder.contains(&format!("process {}", std::process::id())),
            "{holder}"
        );
    }

    #[test]
    fn sockets_that_do_not_listen_hold_no_port() {
        let table = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:10DD 0100007F:C350 01 00000000:00000000 00:00000000 00000000     0        0 77 1\n   1: 0100007F:10DD 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 78 1\n";
        assert_eq!(linux::inode(table, 0x10DD), Some(78));
        assert_eq!(linux::inode(table, 80), None);
    }
}
