//! Makes what a difference shows with smaller, as long as it still shows.

use serde_json::Value;

/// What a run is asked for with, as far as it can be made smaller.
#[derive(Debug, Clone, PartialEq)]
pub struct Matter {
    /// The input.
    pub input: Value,
    /// What `kv` starts from.
    pub kv: Value,
    /// The lines of the console.
    pub script: Vec<String>,
}

impl Matter {
    /// How large it is, in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let lines: usize = self.script.iter().map(|line| line.len() + 1).sum();
        self.input.to_string().len() + self.kv.to_string().len() + lines
    }
}

/// The smallest that was found for which `shows` is still true, and how often that was asked: at most `asked_max` times.
///
/// # Errors
/// Those of `shows`.
pub fn reduce<E>(
    matter: Matter,
    asked_max: usize,
    shows: &dyn Fn(&Matter) -> Result<bool, E>,
) -> Result<(Matter, usize), E> {
    let mut reduction = Reduction { matter, asked: 0, asked_max, shows };
    loop {
        let before = reduction.matter.bytes();
        reduction.script()?;
        reduction.values(|matter| &mut matter.input)?;
        reduction.values(|matter| &mut matter.kv)?;
        if reduction.matter.bytes() == before || reduction.asked >= asked_max {
            return Ok((reduction.matter, reduction.asked));
        }
    }
}

struct Reduction<'a, E> {
    matter: Matter,
    asked: usize,
    asked_max: usize,
    shows: &'a dyn Fn(&Matter) -> Result<bool, E>,
}

impl<E> Reduction<'_, E> {
    /// Takes a smaller one, if it shows the difference as well.
    fn try_out(&mut self, matter: Matter) -> Result<bool, E> {
        if self.asked >= self.asked_max || matter.bytes() >= self.matter.bytes() {
            return Ok(false);
        }
        self.asked += 1;
        let shows = (self.shows)(&matter)?;
        if shows {
            self.matter = matter;
        }
        Ok(shows)
    }

    /// Leaves out lines, many at once first.
    fn script(&mut self) -> Result<(), E> {
        let mut size = self.matter.script.len();
        while size > 0 {
            let mut at = 0;
            while at < self.matter.script.len() {
                let mut less = self.matter.clone();
                less.script.drain(at..(at + size).min(less.script.len()));
                if !self.try_out(less)? {
                    at += size;
                }
            }
            size /= 2;
        }
        Ok(())
    }

    /// Makes every part of a value smaller, the outermost first.
    fn values(&mut self, part: fn(&mut Matter) -> &mut Value) -> Result<(), E> {
        let mut at = 0;
        loop {
            let pointers = pointers(part(&mut self.matter.clone()));
            let Some(pointer) = pointers.get(at) else { return Ok(()) };
            at += 1;
            let Some(value) = part(&mut self.matter.clone()).pointer(pointer).cloned() else { continue };
            for smaller in smaller(&value) {
                let mut less = self.matter.clone();
                if let Some(place) = part(&mut less).pointer_mut(pointer) {
                    *place = smaller;
                }
                if self.try_out(less)? {
                    // The same place once more: it may become smaller still.
                    at -= 1;
                    break;
                }
            }
        }
    }
}

/// The places of all parts of a value, the whole first.
fn pointers(value: &Value) -> Vec<String> {
    let escaped = |key: &String| key.replace('~', "~0").replace('/', "~1");
    let (mut all, mut at) = (vec![String::new()], 0);
    while let Some(pointer) = all.get(at).cloned() {
        at += 1;
        match value.pointer(&pointer) {
            Some(Value::Object(entries)) => {
                all.extend(entries.keys().map(|key| format!("{pointer}/{}", escaped(key))));
            }
            Some(Value::Array(items)) => {
                all.extend((0..items.len()).map(|index| format!("{pointer}/{index}")));
            }
            _ => {}
        }
    }
    all
}

/// How many keys of an object are left out one by one.
const KEYS_MAX: usize = 64;

/// What a value could be instead, the smallest first.
fn smaller(value: &Value) -> Vec<Value> {
    match value {
        Value::Object(entries) => {
            let without = |key: &String| {
                let mut less = entries.clone();
                less.remove(key);
                Value::Object(less)
            };
            let none = (entries.len() > 1).then(|| Value::Object(serde_json::Map::new()));
            none.into_iter().chain(entries.keys().take(KEYS_MAX).map(without)).collect()
        }
        Value::Array(items) => {
            let half = items.len() / 2;
            let halves = [&items[..0], &items[..half], &items[half..]].map(|part| Value::from(part.to_vec()));
            let without = |at: usize| {
                let mut less = items.clone();
                less.remove(at);
                Value::from(less)
            };
            halves.into_iter().chain((0..items.len().min(64)).map(without)).collect()
        }
        Value::String(text) => {
            let half = text.floor_char_boundary(text.len() / 2);
            let parts = ["", &text[..half], &text[half..]];
            parts.into_iter().map(Value::from).collect()
        }
        Value::Number(number) => {
            let halved = number.as_i64().map(|number| Value::from(number / 2));
            std::iter::once(Value::from(0)).chain(halved).collect()
        }
        Value::Bool(_) | Value::Null => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use std::convert::Infallible;

    fn matter() -> Matter {
        Matter {
            input: json!({ "a/b": [1, 2, { "wanted": 4711, "other": "x" }], "text": "long and needless", "n": 5 }),
            kv: json!({ "space": { "one": { "value": 1 }, "two": { "value": 2 } } }),
            script: (0..40).map(|line| format!("line {line}")).collect(),
        }
    }

    fn check(asked_max: usize, shows: impl Fn(&Matter) -> bool) -> (Matter, usize) {
        let shows = |matter: &Matter| Ok::<_, Infallible>(shows(matter));
        reduce(matter(), asked_max, &shows).unwrap_or_else(|never| match never {})
    }

    #[test]
    fn only_what_is_needed_stays() {
        let needs = |matter: &Matter| {
            let wanted = matter.input.to_string().contains("wanted");
            wanted
                && matter.script.iter().any(|line| line == "line 23")
                && matter.kv["space"]["two"].is_object()
        };
        let (found, asked) = check(1000, needs);
        assert_eq!(found.input, json!({ "a/b": [{ "wanted": 0 }] }));
        assert_eq!(found.kv, json!({ "space": { "two": {} } }));
        assert_eq!(found.script, ["line 23"]);
        assert!(asked < 120, "{asked}");
    }

    #[test]
    fn nothing_is_asked_more_often_than_allowed_and_what_always_shows_becomes_nothing() {
        assert_eq!(check(7, |_| false).1, 7);
        let (found, _) = check(1000, |_| true);
        assert_eq!(found, Matter { input: json!({}), kv: json!({}), script: vec![] });
    }
}
