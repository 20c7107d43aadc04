//! Whose program listens at a port of this machine: any user could listen there and pretend to be MPD.
//!
//! A daemon on this machine is believed if its socket belongs to this user, to the account "mpd" or to root (socket units).

use std::fs;
use std::net::SocketAddr;

/// Whether the program at this address is believed; those of other machines are, for the user has named them.
pub(super) fn is_trusted(address: &SocketAddr) -> bool {
    let own = rustix::process::geteuid();
    if !address.ip().to_canonical().is_loopback() || own.is_root() {
        return true;
    }
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let tables = ["/proc/net/tcp", "/proc/net/tcp6"].map(|table| fs::read_to_string(table).unwrap_or_default());
    let mut owners =
        tables.iter().flat_map(|table| table.lines()).filter_map(|line| listener_owner(line, address.port()));
    owners.any(|owner| owner == 0 || owner == own.as_raw() || Some(owner) == account_id(&accounts, "mpd"))
}

/// The owner of a socket that listens at this port, from a line of `/proc/net/tcp`.
fn listener_owner(line: &str, port: u16) -> Option<u32> {
    // sl local_address rem_address st tx_queue:rx_queue tr:tm->when retrnsmt uid
    const LISTENS: &str = "0A";
    let words: Vec<_> = line.split_whitespace().take(8).collect();
    let (_, local) = words.get(1)?.rsplit_once(':')?;
    let listens = words.get(3) == Some(&LISTENS) && u16::from_str_radix(local, 16) == Ok(port);
    if listens { words.get(7)?.parse().ok() } else { None }
}

/// The id of an account, from the text of `/etc/passwd`.
fn account_id(accounts: &str, name: &str) -> Option<u32> {
    let line = accounts.lines().find(|line| line.split(':').next() == Some(name))?;
    line.split(':').nth(2)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_listening_socket_is_read() {
        let listens =
            "   0: 0100007F:19C8 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1001        0 12345 1";
        let talks = listens.replace(" 0A ", " 01 ");
        assert_eq!(listener_owner(listens, 6600), Some(1001));
        assert_eq!((listener_owner(listens, 6601), listener_owner(&talks, 6600)), (None, None));
    }

    #[test]
    fn a_socket_of_this_process_is_found_in_the_tables_of_the_kernel() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let table = fs::read_to_string("/proc/net/tcp").unwrap();
        let owner = table.lines().find_map(|line| listener_owner(line, port));
        assert_eq!(owner, Some(rustix::process::geteuid().as_raw()));
    }

    #[test]
    fn the_account_of_mpd_is_found() {
        let accounts = "root:x:0:0::/root:/bin/sh\nmpd:x:118:29::/var/lib/mpd:/usr/sbin/nologin\n";
        assert_eq!((account_id(accounts, "mpd"), account_id(accounts, "mp")), (Some(118), None));
    }
}
