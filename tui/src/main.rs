//! The `spanwalk` binary.
fn main() -> std::process::ExitCode {
    spanwalk::run()
}
