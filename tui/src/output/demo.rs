//! Where the demo answers.

use super::{Line, Look};

/// What people want to know of a demo that runs.
#[derive(Debug, Clone, Copy)]
pub struct Addresses<'a> {
    /// Where the shop answers.
    pub gateway: &'a str,
    /// Where the collector answers.
    pub api: &'a str,
    /// Where data are kept.
    pub data_dir: &'a str,
}

/// The addresses, and how to look.
pub fn lines(addresses: &Addresses<'_>, look: &Look) -> Vec<Line> {
    let pair = |name: &str, value: &str| {
        let name = format!("  {name:<12}");
        Line::new().text(&name, look.theme.dim()).plain(value)
    };
    let mut lines = vec![Line::new().text("the demo runs", look.theme.strong())];
    lines.extend([
        pair("shop", addresses.gateway),
        pair("collector", addresses.api),
        pair("data", addresses.data_dir),
        Line::new(),
        Line::of(&format!(
            "look at it with `spanwalk --collector {}`; Ctrl-C ends it",
            addresses.api
        )),
    ]);
    lines
}

#[cfg(test)]
mod tests {
    use super::super::fixture;
    use super::*;

    #[test]
    fn a_demo_without_a_screen_says_where_to_look() {
        let addresses = Addresses {
            gateway: "http://127.0.0.1:8080",
            api: "http://127.0.0.1:4320",
            data_dir: "/cache/demo",
        };
        let text = fixture::plain(lines(&addresses, &fixture::look(None)));
        insta::assert_snapshot!(text, @r"
        the demo runs
          shop        http://127.0.0.1:8080
          collector   http://127.0.0.1:4320
          data        /cache/demo

        look at it with `spanwalk --collector http://127.0.0.1:4320`; Ctrl-C ends it
        ");
    }
}
