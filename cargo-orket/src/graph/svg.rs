//! A drawing as SVG: boxes, curves and text, without anything that is fetched or run.

use super::layout::{HEIGHT, Layout, layout};
use super::web::Web;
use super::{Drawing, Step, line};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The colours and fonts, for a picture of its own and for a page around it.
pub(crate) const STYLE: &str = include_str!("graph.css");

/// Room around the whole and between its parts.
const MARGIN: f64 = 24.0;
/// The width of one character of the font.
const CHAR: f64 = 7.25;
/// The size of a step, and the room to the next.
const STEP: (f64, f64) = (212.0, 62.0);
/// The height of a step where none has parameters.
const STEP_LOW: f64 = 46.0;
const STEP_GAP: (f64, f64) = (36.0, 30.0);
/// How many steps stand in a row.
const ROW: usize = 4;
/// How many characters of a label are shown in a step and in a node.
const STEP_CHARS: usize = 26;
const NODE_CHARS: usize = 36;
/// How many characters of what is cut are shown when one points at it.
const POINTED_CHARS: usize = 400;
/// How many colours there are.
const COLOURS: usize = 8;
/// How many kinds are explained.
const LEGEND_MAX: usize = 12;

/// The picture of a drawing; one that stands alone brings its style.
pub(crate) fn svg(drawing: &Drawing, alone: bool) -> String {
    let mut canvas = Canvas::default();
    canvas.text(0.0, 14.0, "title", &line(&drawing.title, 80));
    canvas.text(0.0, 32.0, "soft", &line(&drawing.about, 110));
    let mut top = canvas.flow(drawing, 52.0);
    if !drawing.capabilities.is_empty() {
        top = canvas.capabilities(&drawing.capabilities, top + 18.0);
    }
    if let Some(web) = &drawing.web {
        canvas.web(web, top + 18.0);
    }
    canvas.finish(&drawing.title, alone)
}

/// Marks so far, and how far they reach.
#[derive(Default)]
struct Canvas {
    marks: String,
    size: (f64, f64),
}

impl Canvas {
    fn mark(&mut self, mark: &str) {
        self.marks.push_str(mark);
        self.marks.push('\n');
    }

    fn reach(&mut self, x: f64, y: f64) {
        self.size = (self.size.0.max(x), self.size.1.max(y));
    }

    fn text(&mut self, x: f64, y: f64, class: &str, text: &str) {
        let wide = if class == "title" { 9.7 } else { CHAR };
        self.reach(x + text.chars().count() as f64 * wide, y + 4.0);
        self.mark(&format!("<text x=\"{}\" y=\"{}\" class=\"{class}\">{}</text>", n(x), n(y), escaped(text)));
    }

    fn cell(&mut self, cell: &Cell<'_>) {
        let ((x, y), (width, height)) = (cell.at, cell.size);
        self.reach(x + width, y + height);
        self.mark(&format!("<g><title>{}</title>", escaped(&line(cell.whole, POINTED_CHARS))));
        self.mark(&format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"{}\" class=\"box {}\"/>",
            n(x),
            n(y),
            n(width),
            n(height),
            cell.round,
            cell.class
        ));
        for (at, (class, text)) in cell.lines.iter().enumerate() {
            self.text(x + 10.0, y + 16.0 + 17.0 * at as f64, class, text);
        }
        self.mark("</g>");
    }

    fn edge(&mut self, path: &str, class: &str) {
        self.mark(&format!("<path d=\"{path}\" class=\"edge {class}\" marker-end=\"url(#tip)\"/>"));
    }

    /// Input, steps and end in rows; where the next part may begin.
    fn flow(&mut self, drawing: &Drawing, top: f64) -> f64 {
        let low = drawing.steps.iter().all(|step| step.params.is_empty());
        let size = (STEP.0, if low { STEP_LOW } else { STEP.1 });
        let place = |at: usize| {
            let (column, row) = (at % ROW, at / ROW);
            (column as f64 * (size.0 + STEP_GAP.0), top + row as f64 * (size.1 + STEP_GAP.1))
        };
        let count = drawing.steps.len() + 1 + usize::from(drawing.end.is_some());
        for at in 0..count {
            let shown = match (at.checked_sub(1), &drawing.end) {
                (None, _) => Shown::end_of("start", "input", &drawing.input),
                (Some(step), end) => match (drawing.steps.get(step), end) {
                    (Some(found), _) => Shown::step(step, found),
                    (None, end) => Shown::end_of("end", "ended", end.as_deref().unwrap_or_default()),
                },
            };
            let lines: Vec<(&str, &str)> =
                shown.lines.iter().map(|(class, text)| (*class, text.as_str())).collect();
            self.cell(&Cell {
                at: place(at),
                size,
                class: shown.class,
                round: shown.round,
                lines: &lines,
                whole: &shown.whole,
            });
            if at > 0 {
                self.arrow(place(at - 1), place(at), size);
            }
        }
        place(count - 1).1 + size.1
    }

    /// From a box to the next one: to the right, or down to the beginning of the next row.
    fn arrow(&mut self, from: (f64, f64), to: (f64, f64), size: (f64, f64)) {
        let path = if from.1 == to.1 {
            format!("M{} {}H{}", n(from.0 + size.0), n(from.1 + size.1 / 2.0), n(to.0 - 2.0))
        } else {
            let between = to.1 - STEP_GAP.1 / 2.0;
            let down = format!("M{} {}V{}", n(from.0 + size.0 / 2.0), n(from.1 + size.1), n(between));
            format!("{down}H{}V{}", n(to.0 + size.0 / 2.0), n(to.1 - 2.0))
        };
        self.edge(&path, "flow");
    }

    /// What the steps may use, in a row of its own.
    fn capabilities(&mut self, names: &[String], top: f64) -> f64 {
        self.text(0.0, top + 12.0, "head", "may use");
        let (mut x, mut y) = (0.0, top + 22.0);
        for name in names {
            let shown = line(name, NODE_CHARS);
            let width = shown.chars().count() as f64 * CHAR + 20.0;
            if x > 0.0 && x + width > row_width() {
                (x, y) = (0.0, y + HEIGHT + 8.0);
            }
            let size = (width, HEIGHT);
            self.cell(&Cell {
                at: (x, y),
                size,
                class: "may",
                round: 12.0,
                lines: &[("", &shown)],
                whole: name,
            });
            x += width + 8.0;
        }
        y + HEIGHT
    }

    /// The author's own graph.
    fn web(&mut self, web: &Web, top: f64) {
        let labels: Vec<String> = web.nodes.iter().map(|node| line(&node.label, NODE_CHARS)).collect();
        let widths: Vec<f64> =
            labels.iter().map(|label| label.chars().count() as f64 * CHAR + 20.0).collect();
        self.text(0.0, top + 12.0, "head", "the author's graph");
        let top = self.legend(web, top + 30.0) + 14.0;
        let laid = layout(web, &widths, row_width());
        let colours = Colours::of(web);
        for (at, edge) in web.edges.iter().enumerate() {
            let path = curve(&laid, at, (edge.from, edge.to), &widths, top);
            self.edge(&path, &format!("web {}", colours.edge(&edge.kind)));
        }
        for (at, node) in web.nodes.iter().enumerate() {
            let ((x, y), size) = (laid.at[at], (widths[at], HEIGHT));
            let class = format!("node {}", colours.node(&node.kind));
            let whole = if node.kind.is_empty() {
                node.label.clone()
            } else {
                format!("{} ({})", node.label, node.kind)
            };
            self.cell(&Cell {
                at: (x, top + y),
                size,
                class: &class,
                round: 4.0,
                lines: &[("", &labels[at])],
                whole: &whole,
            });
        }
        if web.left_out != (0, 0) {
            self.text(0.0, top + laid.size.1 + 20.0, "soft", &web.rest());
        }
    }

    /// Which colour stands for which kind.
    fn legend(&mut self, web: &Web, top: f64) -> f64 {
        let (mut x, colours) = (0.0, Colours::of(web));
        let nodes = colours.nodes.iter().map(|kind| (true, *kind, colours.node(kind)));
        let edges = colours.edges.iter().map(|kind| (false, *kind, colours.edge(kind)));
        let all: Vec<(bool, &str, String)> = nodes.chain(edges).take(LEGEND_MAX).collect();
        for (is_node, kind, class) in all {
            let (at, y) = (n(x), n(top - 10.0));
            self.mark(&if is_node {
                format!(
                    "<rect x=\"{at}\" y=\"{y}\" width=\"12\" height=\"12\" rx=\"3\" class=\"box {class}\"/>"
                )
            } else {
                format!("<path d=\"M{at} {}h14\" class=\"edge {class}\"/>", n(top - 4.0))
            });
            let shown = line(kind, 24);
            self.text(x + 18.0, top, "soft", &shown);
            x += 34.0 + shown.chars().count() as f64 * CHAR;
        }
        if x > 0.0 { top } else { top - 18.0 }
    }

    fn finish(self, title: &str, alone: bool) -> String {
        let (width, height) = (self.size.0 + 2.0 * MARGIN, self.size.1 + 2.0 * MARGIN);
        let style = if alone { format!("<style>\n{STYLE}</style>\n") } else { String::new() };
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"graph\" role=\"img\" width=\"{w}\" height=\"{h}\" \
             viewBox=\"0 0 {w} {h}\">\n<title>{title}</title>\n{style}\
             <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"7\" refY=\"4\" markerWidth=\"7\" markerHeight=\"7\" \
             orient=\"auto\"><path d=\"M0 0.5L8 4L0 7.5z\" class=\"tip\"/></marker></defs>\n\
             <rect width=\"{w}\" height=\"{h}\" class=\"paper\"/>\n<g transform=\"translate({m} {m})\">\n{marks}</g>\n</svg>\n",
            w = n(width),
            h = n(height),
            m = n(MARGIN),
            title = escaped(&line(title, POINTED_CHARS)),
            marks = self.marks,
        )
    }
}

fn row_width() -> f64 {
    ROW as f64 * (STEP.0 + STEP_GAP.0) - STEP_GAP.0
}

/// A box with lines of text; what was cut of them shows when one points at it.
struct Cell<'a> {
    at: (f64, f64),
    size: (f64, f64),
    class: &'a str,
    round: f64,
    /// Each with its class.
    lines: &'a [(&'a str, &'a str)],
    whole: &'a str,
}

/// What stands in a box of the flow.
struct Shown {
    class: &'static str,
    round: f64,
    lines: Vec<(&'static str, String)>,
    whole: String,
}

impl Shown {
    fn end_of(class: &'static str, head: &str, text: &str) -> Self {
        let lines = vec![("head", head.to_owned()), ("", line(text, STEP_CHARS))];
        Self { class, round: 20.0, lines, whole: text.to_owned() }
    }

    fn step(number: usize, step: &Step) -> Self {
        let head = line(&format!("{} {}", number + 1, step.op), STEP_CHARS);
        let lines = vec![
            ("head", head),
            ("", line(&step.target, STEP_CHARS)),
            ("soft", line(&step.params, STEP_CHARS)),
        ];
        Self {
            class: "step",
            round: 6.0,
            lines,
            whole: format!("{} {} {}", step.op, step.target, step.params),
        }
    }
}

/// Which colour stands for which kind: those of nodes first, then those of edges.
struct Colours<'a> {
    nodes: BTreeSet<&'a str>,
    edges: BTreeSet<&'a str>,
}

impl<'a> Colours<'a> {
    fn of(web: &'a Web) -> Self {
        Self { nodes: web.node_kinds(), edges: web.edge_kinds() }
    }

    fn node(&self, kind: &str) -> String {
        class(&self.nodes, kind, 0)
    }

    fn edge(&self, kind: &str) -> String {
        class(&self.edges, kind, self.nodes.len())
    }
}

fn class(kinds: &BTreeSet<&str>, kind: &str, from: usize) -> String {
    let at = kinds.iter().position(|known| *known == kind);
    at.map(|at| format!("k{}", (from + at) % COLOURS)).unwrap_or_default()
}

/// A smooth line from box to box, through the places that were kept free for it.
fn curve(laid: &Layout, edge: usize, (from, to): (usize, usize), widths: &[f64], top: f64) -> String {
    let side = |node: usize, right: bool| {
        let (x, y) = laid.at[node];
        (if right { x + widths[node] + 1.0 } else { x - 1.0 }, top + y + HEIGHT / 2.0)
    };
    if from == to {
        let (x, y) = side(from, true);
        return format!("M{} {}c24 -16 24 16 0 6", n(x), n(y - 4.0));
    }
    let backward = laid.backward[edge];
    let mut points = vec![side(from, !backward)];
    points.extend(laid.bends[edge].iter().map(|(x, y)| (*x, top + y)));
    // Backward edges arrive a little lower, so that both directions can be told apart.
    let (x, y) = side(to, backward);
    points.push((x, if backward { y + 5.0 } else { y }));
    let mut path = format!("M{} {}", n(points[0].0), n(points[0].1));
    for pair in points.windows(2) {
        let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
        let middle = (ax + bx) / 2.0;
        write!(path, "C{} {} {} {} {} {}", n(middle), n(ay), n(middle), n(by), n(bx), n(by))
            .expect("a string grows");
    }
    path
}

/// A number with at most one digit after the point.
fn n(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Text that is nothing but text in XML and HTML.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}
