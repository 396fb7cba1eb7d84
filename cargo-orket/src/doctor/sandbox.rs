//! The layers of the sandbox, as a guest that was really started shows them.

use super::Line;
use orket_engine::sandbox::{self, Attempt, Error, Layer, LayerStatus, Profile, Showing, Trial};

const GROUP: &str = "sandbox";
const MISSING: &str = "mend the layers below that are missing";

/// Starts a guest that tries what no guest may do.
pub(super) fn try_out() -> Result<Trial, Error> {
    sandbox::trial::try_out()
}

pub(super) fn lines(trial: &Result<Trial, Error>) -> Vec<Line> {
    match trial {
        Ok(trial) => {
            let layers = trial.layers.iter().map(|status| tried(status, trial));
            std::iter::once(profile(trial.profile)).chain(layers).collect()
        }
        Err(error) => untried(error),
    }
}

/// What the layers of a guest that ran are together.
fn profile(profile: Option<Profile>) -> Line {
    let Some(profile) = profile else {
        return Line::problem(GROUP, "profile", "none: a layer is missing that each of them needs", MISSING);
    };
    let means = match profile {
        Profile::Full => "namespaces and Landlock, neither of which relies on the other",
        Profile::Landlock => "Landlock without namespaces",
        Profile::Namespaces => "namespaces without Landlock",
    };
    Line::ok(GROUP, "profile", format!("{profile}: {means}"))
}

/// A layer of a guest that ran.
fn tried(status: &LayerStatus, trial: &Trial) -> Line {
    let (name, fix) = (status.layer.name(), status.layer.remedy());
    let attempts: Vec<&Attempt> = trial.of(status.layer).collect();
    if let Some(broken) = attempts.iter().find(|attempt| attempt.showing() == Showing::Broken) {
        let found = match broken.allowed {
            true => format!("a guest could not {}: {}", broken.name, answer(broken)),
            false => format!("a guest could {}", broken.name),
        };
        return Line::problem(GROUP, name, found, fix);
    }
    let shown: Vec<&str> = refused(&attempts, Showing::Holds);
    let line = match (status.is_enforced(), shown.as_slice()) {
        (true, []) => Line::ok(GROUP, name, "in force, as the start says; nothing here can show it"),
        (true, shown) => Line::ok(GROUP, name, format!("in force; a guest could not {}", shown.join(", "))),
        (false, []) => Line::note(GROUP, name, "missing").fixed_by(fix),
        (false, shown) => {
            let found = format!("missing; a guest could not {} all the same", shown.join(", "));
            Line::note(GROUP, name, found).fixed_by(fix)
        }
    };
    let hidden = refused(&attempts, Showing::Nothing);
    match hidden.as_slice() {
        [] => line,
        hidden => Line {
            found: format!(
                "{} (not shown, because this process cannot, either: {})",
                line.found,
                hidden.join(", ")
            ),
            ..line
        },
    }
}

fn refused<'a>(attempts: &[&'a Attempt], showing: Showing) -> Vec<&'a str> {
    let those = attempts.iter().filter(|attempt| !attempt.allowed && attempt.showing() == showing);
    those.map(|attempt| attempt.name.as_str()).collect()
}

fn answer(attempt: &Attempt) -> &str {
    match &attempt.inside {
        sandbox::Outcome::Done => "done",
        sandbox::Outcome::Refused(answer) => answer,
    }
}

/// No guest could be started: what the kernel says of each layer, and what stopped it.
fn untried(error: &Error) -> Vec<Line> {
    let mut lines: Vec<Line> = sandbox::probe().iter().map(asked).collect();
    let fix = match error {
        Error::Unavailable { remedy, .. } => remedy,
        _ => "`cargo orket explain sandbox.failed` says more",
    };
    let shown = crate::error::described(error);
    match error {
        Error::Unavailable { layer, .. } if lines.iter().any(|line| line.name == layer.name()) => {
            let line = lines.iter_mut().find(|line| line.name == layer.name()).expect("it was found");
            *line = Line::problem(GROUP, layer.name(), shown, fix);
        }
        _ => lines.push(Line::problem(GROUP, "trial", shown, fix)),
    }
    lines
}

/// A layer that only the kernel was asked for: nothing was proven, so it is never `ok`.
fn asked(status: &LayerStatus) -> Line {
    let layer: Layer = status.layer;
    match &status.state {
        sandbox::State::Enforced => {
            Line::note(GROUP, layer.name(), "the kernel has it; not tried, because no guest could be started")
        }
        sandbox::State::Missing { message, .. } if layer.is_required() => {
            Line::problem(GROUP, layer.name(), format!("missing: {message}"), layer.remedy())
        }
        sandbox::State::Missing { message, .. } => {
            Line::note(GROUP, layer.name(), format!("missing: {message}")).fixed_by(layer.remedy())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::State;
    use orket_engine::sandbox::Outcome;

    fn line(state: sandbox::State, inside: Outcome, outside: Outcome) -> Line {
        let status = LayerStatus { layer: Layer::Files, state };
        let name = "read /etc/passwd".to_owned();
        let attempt = Attempt { name, layer: Layer::Files, allowed: false, inside, outside };
        let trial = Trial { layers: vec![status], profile: None, attempts: vec![attempt] };
        lines(&Ok(trial)).remove(1)
    }

    #[test]
    fn no_layer_is_ok_that_a_guest_got_through() {
        let refused = || Outcome::Refused("denied".to_owned());
        let missing = || sandbox::State::Missing { errno: 38, message: "x".to_owned() };
        assert_eq!(line(sandbox::State::Enforced, refused(), Outcome::Done).state, State::Ok);
        let broken = line(sandbox::State::Enforced, Outcome::Done, Outcome::Done);
        assert_eq!((broken.state, broken.found.as_str()), (State::Problem, "a guest could read /etc/passwd"));
        assert_eq!(line(missing(), Outcome::Done, Outcome::Done).state, State::Problem);
        assert_eq!(line(missing(), refused(), Outcome::Done).state, State::Note);
        assert!(
            line(sandbox::State::Enforced, refused(), refused()).found.contains("nothing here can show it")
        );
    }

    #[test]
    fn without_a_guest_nothing_is_ok() {
        let error = Error::UnsupportedPlatform { platform: "plan9".to_owned() };
        let lines = lines(&Err(error));
        assert!(lines.iter().all(|line| line.state != State::Ok));
        let last = lines.last().expect("what stopped it");
        assert_eq!((last.name.as_str(), last.state), ("trial", State::Problem));
    }
}
