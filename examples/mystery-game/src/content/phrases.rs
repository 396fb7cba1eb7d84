//! Sentences with placeholders: what people say, what the game says, how it ends.

use super::ContentError;
use serde::Deserialize;

/// `phrases.yaml`
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Phrases {
    pub answers: Answers,
    pub refusals: Vec<String>,
    pub unknowns: Vec<String>,
    pub clarifications: Vec<String>,
    pub narrator: Narrator,
    pub hints: Hints,
    pub help: String,
}

/// Declares a struct of sentences together with the placeholders that each may
/// use, so that the check of the content cannot forget one of them.
macro_rules! sentences {
    ($(#[$doc:meta])* $name:ident: $kind:ty { $($field:ident [$($slot:literal)*],)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct $name {
            $(pub $field: $kind,)+
        }

        impl $name {
            pub(super) fn check(&self, file: &str, field: &str) -> Result<(), ContentError> {
                $(check_slots(file, &format!("{field}.{}", stringify!($field)), &self.$field, &[$($slot),*])?;)+
                Ok(())
            }
        }
    };
}

sentences! {
    /// What people say when they answer, by the kind of fact and who it is about.
    Answers: Vec<String> {
        time_anchor ["when"],
        presence_self ["where" "when"],
        presence_other ["who" "where" "when"],
        witness_self ["who" "where" "when"],
        witness_other ["witness" "who" "where" "when"],
        access_graph ["place" "method" "holders"],
        access_yes ["place" "method"],
        access_no ["place" "method"],
        access_method ["place" "method"],
        object ["object"],
        action_self ["action" "object" "where" "when"],
        action_other ["who" "action" "object" "where" "when"],
        secret_other ["who" "domain" "hint"],
    }
}

sentences! {
    /// What the game itself says.
    Narrator: String {
        nothing_to_repeat [],
        whom [],
        which_person [],
        which_time [],
        which_place [],
        which_question [],
        accuse_whom [],
        menu_prompt [],
        menu_unclear [],
        menu_given_up [],
        menu_left [],
        left ["name"],
        nowhere_back [],
        nobody_listens [],
        try_questions [],
        unknown_command ["command"],
        nothing_heard [],
        notes_empty [],
        notes_title [],
        hint_too_soon [],
        hint_none [],
        weak_case ["name"],
        more [],
        farewell [],
        out_of_lines [],
    }
}

sentences! {
    /// How a hint is put.
    Hints: String {
        here ["target" "question"],
        elsewhere ["target" "question"],
        witness ["when"],
        presence_self ["when"],
        presence_other ["who" "when"],
        time [],
        object [],
        access ["place"],
        action ["object"],
    }
}

sentences! {
    /// How a case ends, and how it is explained.
    Endings: String {
        solved ["accused"],
        unproven ["accused"],
        wrong ["accused" "culprit"],
        what ["object" "when" "where"],
        present ["where" "present"],
        means ["place" "method" "holders"],
        both ["culprit"],
        missing ["culprit"],
        score ["turns" "facts" "hints"],
    }
}

/// One sentence, or several variants of one.
pub(super) trait Sentences {
    fn each(&self) -> &[String];
}

impl Sentences for String {
    fn each(&self) -> &[String] {
        std::slice::from_ref(self)
    }
}

impl Sentences for Vec<String> {
    fn each(&self) -> &[String] {
        self
    }
}

/// At least one sentence, none of them empty, and no placeholder but `allowed`.
pub(super) fn check_slots(
    file: &str,
    field: &str,
    sentences: &impl Sentences,
    allowed: &[&str],
) -> Result<(), ContentError> {
    let fail = |problem| ContentError { file: file.to_owned(), field: field.to_owned(), problem };
    if sentences.each().is_empty() {
        return Err(fail("needs at least one sentence".to_owned()));
    }
    for sentence in sentences.each() {
        if sentence.trim().is_empty() {
            return Err(fail("a sentence must not be empty".to_owned()));
        }
        for slot in slots(sentence) {
            if !allowed.contains(&slot) {
                let known = allowed.join(", ");
                return Err(fail(format!("unknown placeholder {{{slot}}}, known here: [{known}]")));
            }
        }
    }
    Ok(())
}

/// The names in braces.
fn slots(sentence: &str) -> impl Iterator<Item = &str> {
    sentence.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest))
}

/// `template` with its placeholders replaced; the sentence begins with a capital.
pub fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let mut text = template.to_owned();
    for (slot, value) in values {
        text = text.replace(&format!("{{{slot}}}"), value);
    }
    capitalised(&text)
}

/// Sentences in `text` begin with a capital, also where a placeholder stood first.
fn capitalised(text: &str) -> String {
    let mut sentence_starts = true;
    let mut after_stop = false;
    text.chars()
        .map(|c| {
            let starts = sentence_starts && c.is_alphanumeric();
            if c.is_whitespace() {
                sentence_starts |= after_stop;
            } else if c.is_alphanumeric() {
                sentence_starts = false;
            }
            after_stop = matches!(c, '.' | '?' | '!');
            if starts { c.to_ascii_uppercase() } else { c }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_replaced_and_sentences_begin_with_a_capital() {
        let said = fill("{place} is shut? {who} knows.", &[("place", "the archive"), ("who", "he")]);
        assert_eq!(said, "The archive is shut? He knows.");
    }

    #[test]
    fn an_unknown_placeholder_is_named_with_its_field() {
        let error = check_slots("phrases.yaml", "x.y", &"Hi {whom}".to_owned(), &["who"]);
        assert_eq!(
            error.unwrap_err().to_string(),
            "content/phrases.yaml: `x.y`: unknown placeholder {whom}, known here: [who]"
        );
    }
}
