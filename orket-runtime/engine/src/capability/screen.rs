//! `screen.render`: panels of text on a screen of 80 by 24, whatever shows it.
//!
//! Invariant: no answer depends on the device, and nothing of a panel can drive a terminal.

use super::console::visible;
use super::{Answered, Call, Reply, arguments, failure, none, unknown_operation};
use orket_contract::code;
use orket_contract::protocol::Failure;
use serde::Deserialize;
use serde_json::json;
use std::io::Write;

/// Columns of the screen.
pub const COLUMNS: usize = 80;
/// Rows of the screen.
pub const ROWS: usize = 24;
/// The most panels of one picture.
const PANELS_MAX: usize = 64;
/// The most bytes of one panel's text (64 KiB).
const TEXT_BYTES_MAX: usize = 64 << 10;

/// What shows a picture: a terminal, or nothing.
pub(crate) struct Screen(pub(crate) Option<Box<dyn Write>>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Render {
    panels: Vec<Panel>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Panel {
    title: String,
    content: String,
    #[serde(default = "full")]
    width: usize,
}

fn full() -> usize {
    COLUMNS
}

impl Screen {
    pub(super) fn call(&mut self, call: &Call) -> Answered {
        match call.op.as_str() {
            "clear" => {
                none(call)?;
                self.show("\x1b[2J\x1b[H");
                Ok(Reply::default())
            }
            "render" => {
                let Render { panels } = arguments(call)?;
                check(&panels)?;
                self.show(&picture(&panels));
                Ok(Reply::default())
            }
            "size" => {
                none(call)?;
                Ok(json!({ "columns": COLUMNS, "rows": ROWS }).into())
            }
            _ => Err(unknown_operation(call)),
        }
    }

    /// A terminal that is gone shows nothing; the run is the same.
    fn show(&mut self, text: &str) {
        if let Some(device) = &mut self.0 {
            let _ = device.write_all(text.as_bytes()).and_then(|()| device.flush());
        }
    }
}

fn check(panels: &[Panel]) -> Result<(), Failure> {
    let fits = |panel: &Panel| {
        (4..=COLUMNS).contains(&panel.width)
            && panel.title.len() <= TEXT_BYTES_MAX
            && panel.content.len() <= TEXT_BYTES_MAX
    };
    if panels.len() <= PANELS_MAX && panels.iter().all(fits) {
        return Ok(());
    }
    let message = format!(
        "`render`: at most {PANELS_MAX} panels of 4 to {COLUMNS} columns and {TEXT_BYTES_MAX} bytes of text"
    );
    Err(failure(code::CAPABILITY_BAD_CALL, message))
}

/// The lines of a picture: panels side by side as long as they fit, else below each other.
fn picture(panels: &[Panel]) -> String {
    let mut rows: Vec<Vec<&Panel>> = Vec::new();
    for panel in panels {
        match rows.last_mut() {
            Some(row) if row.iter().map(|panel| panel.width).sum::<usize>() + panel.width <= COLUMNS => {
                row.push(panel);
            }
            _ => rows.push(vec![panel]),
        }
    }
    rows.iter().flat_map(|row| beside(row)).map(|line| line + "\n").collect()
}

fn beside(row: &[&Panel]) -> Vec<String> {
    let bodies: Vec<Vec<String>> = row.iter().map(|panel| wrapped(&panel.content, panel.width - 4)).collect();
    let height = bodies.iter().map(Vec::len).max().unwrap_or_default();
    let top = row.iter().map(|panel| {
        let title = fitted(&visible(&panel.title).replace(['\n', '\t'], " "), panel.width - 4);
        let title = title.trim_end();
        let line = "─".repeat(panel.width.saturating_sub(4 + title.chars().count()));
        if title.is_empty() { format!("┌──{line}┐") } else { format!("┌ {title} {line}┐") }
    });
    let body = (0..height).map(|at| {
        let line = |(panel, body): (&&Panel, &Vec<String>)| {
            format!("│ {} │", fitted(body.get(at).map_or("", String::as_str), panel.width - 4))
        };
        row.iter().zip(&bodies).map(line).collect::<String>()
    });
    let bottom = row.iter().map(|panel| format!("└{}┘", "─".repeat(panel.width - 2)));
    std::iter::once(top.collect()).chain(body).chain([bottom.collect()]).collect()
}

/// The text in lines of at most `width` characters, broken at spaces where there are any.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    for line in visible(text).replace('\t', "    ").lines() {
        let mut rest: Vec<char> = line.chars().collect();
        while rest.len() > width.max(1) {
            let space = rest[..=width.max(1)].iter().rposition(|c| *c == ' ').filter(|at| *at > 0);
            let mut tail = rest.split_off(space.unwrap_or(width.max(1)));
            lines.push(rest.into_iter().collect());
            if space.is_some() {
                tail.remove(0);
            }
            rest = tail;
        }
        lines.push(rest.into_iter().collect());
    }
    lines
}

/// Exactly so many characters.
fn fitted(text: &str, width: usize) -> String {
    let text: String = text.chars().take(width).collect();
    format!("{text:width$}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn panel(title: &str, content: &str, width: usize) -> Panel {
        Panel { title: title.into(), content: content.into(), width }
    }

    #[test]
    fn panels_stand_side_by_side_as_long_as_they_fit() {
        let panels =
            [panel("Map", "a b", 10), panel("Bag\x1b[2J", "a lamp and a rope", 14), panel("", "x", 79)];
        let expected = "\
┌ Map ───┐┌ Bag\u{fffd}[2J ───┐
│ a b    ││ a lamp and │
│        ││ a rope     │
└────────┘└────────────┘
";
        let drawn = picture(&panels);
        assert!(drawn.starts_with(expected), "{drawn}");
        assert!(drawn.lines().all(|line| line.chars().count() <= COLUMNS), "{drawn}");
        assert!(!drawn.contains('\x1b'));
    }

    #[test]
    fn every_width_holds_any_text() {
        for width in 4..=COLUMNS {
            let text = "wörter und einsehrlangeswortohneeinende\n\n\t ein tab";
            let drawn = picture(&[panel(text, text, width)]);
            assert!(drawn.lines().all(|line| line.chars().count() == width), "{width}\n{drawn}");
        }
        assert!(check(&[panel("", "", 3)]).is_err() && check(&[panel("", "", 81)]).is_err());
    }
}
