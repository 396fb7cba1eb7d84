//! Answers that stand in a file: one JSON value per line, given in order.

use serde_json::Value;

/// The most answers of one script.
const ANSWERS_MAX: usize = 100_000;

/// Scripted answers: texts, or objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Script {
    answers: Vec<Value>,
    given: usize,
}

impl Script {
    /// Reads a script.
    ///
    /// # Errors
    /// The line that is neither a JSON text nor an object, counted from 1.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut answers = Vec::new();
        for (number, line) in (1..).zip(text.lines()).filter(|(_, line)| !line.trim().is_empty()) {
            match serde_json::from_str(line) {
                Ok(answer @ (Value::String(_) | Value::Object(_))) if answers.len() < ANSWERS_MAX => {
                    answers.push(answer);
                }
                Ok(Value::String(_) | Value::Object(_)) => {
                    return Err(format!("line {number}: a script has at most {ANSWERS_MAX} answers"));
                }
                Ok(_) => return Err(format!("line {number}: an answer is a JSON text or object")),
                Err(error) => return Err(format!("line {number}: {error}")),
            }
        }
        Ok(Self { answers, given: 0 })
    }

    /// The next answer.
    pub(super) fn next(&mut self) -> Result<Value, String> {
        let answer = self.answers.get(self.given).cloned();
        self.given += 1;
        answer.ok_or_else(|| format!("the script has {} answers and no more", self.answers.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn answers_are_given_in_order_and_end() {
        let mut script = Script::parse("\"a\"\n\n{\"text\":\"b\"}\n").expect("a script");
        assert_eq!(script.next(), Ok(json!("a")));
        assert_eq!(script.next(), Ok(json!({ "text": "b" })));
        assert!(script.next().expect_err("the end").contains("2 answers"));
        assert!(Script::parse("\"a\"\n7\n").expect_err("a number").starts_with("line 2"));
        assert!(Script::parse("{").expect_err("half").starts_with("line 1"));
    }
}
