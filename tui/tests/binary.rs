//! The binary itself answers. That this test is here makes `cargo test --workspace` build it with
//! everything else, for the end-to-end tests.

use std::process::Command;

#[test]
fn the_binary_says_its_version() {
    let output = Command::new(env!("CARGO_BIN_EXE_spanwalk"))
        .arg("--version")
        .output()
        .unwrap();
    assert!(output.status.success());
    let expected = format!("spanwalk {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}
