//! From a line of text to a question: whole-word matching against the phrases and
//! aliases of the content. No guessing: what matches nothing is ambiguous.

use super::{Intent, Question};
use crate::content::Content;
use crate::ids::{NpcId, ObjectId, PlaceId, TimeId};

/// The words of `text`, lower case. Only letters, digits and the colon of an
/// hour count; everything else separates.
pub fn normalised(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphanumeric() && c != ':')
        .map(|word| word.trim_matches(':'))
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// What a line names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Mentions {
    who: Option<NpcId>,
    place: Option<PlaceId>,
    object: Option<ObjectId>,
    when: Option<TimeId>,
}

impl Mentions {
    /// Finds the first of each sort. `cast` are the people of this case.
    fn of(words: &[String], content: &Content, cast: &[NpcId]) -> Self {
        let setting = &content.setting;
        let here = content.cast.iter().filter(|npc| cast.contains(&npc.id));
        let object = earliest(words, setting.objects.iter(), |o| &o.aliases);
        let place = earliest(words, setting.places.iter(), |p| &p.aliases);
        // "the boardroom feed" names the feed, and not also the boardroom.
        let place = place.filter(|place| !object.is_some_and(|object| inside(*place, object)));
        Self {
            who: earliest(words, here, |npc| &npc.aliases).map(|(npc, _)| npc.id.clone()),
            place: place.map(|(place, _)| place.id.clone()),
            object: object.map(|(object, _)| object.id.clone()),
            when: earliest(words, setting.times.iter(), |time| &time.aliases)
                .map(|(time, _)| time.id.clone()),
        }
    }

    /// Whether nothing is named.
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Where an alias stands in a line: first word and length.
type Span = (usize, usize);

fn inside<A, B>((_, inner): (A, Span), (_, outer): (B, Span)) -> bool {
    inner.0 >= outer.0 && inner.0 + inner.1 <= outer.0 + outer.1
}

/// The item that is named first; of two at the same word, the longer name.
fn earliest<'a, T>(
    words: &[String],
    items: impl Iterator<Item = &'a T>,
    aliases: impl Fn(&T) -> &Vec<String>,
) -> Option<(&'a T, Span)> {
    let mut best: Option<(&T, Span)> = None;
    for item in items {
        for alias in aliases(item) {
            let Some(span) = find(words, alias) else {
                continue;
            };
            let better =
                best.is_none_or(|(_, (at, length))| span.0 < at || (span.0 == at && span.1 > length));
            if better {
                best = Some((item, span));
            }
        }
    }
    best
}

/// Where `phrase` stands in `words`. Phrases and aliases come normalised.
fn find(words: &[String], phrase: &str) -> Option<Span> {
    let length = phrase.split(' ').count();
    words.windows(length).position(|window| window.iter().eq(phrase.split(' '))).map(|at| (at, length))
}

/// Reads `line` as a question put to `listener`.
///
/// Always yields a question; what cannot be classified, or asks where nobody in
/// particular was, is [`Intent::UnclassifiedAmbiguous`].
pub fn read(line: &str, listener: &NpcId, content: &Content, cast: &[NpcId]) -> Question {
    let words = normalised(line);
    let mentions = Mentions::of(&words, content, cast);
    let intent = classify(&words, content, !mentions.is_empty());
    let mut question = Question {
        intent,
        who: mentions.who,
        place: mentions.place,
        object: mentions.object,
        when: mentions.when,
    };
    let addressed = words.iter().any(|w| matches!(w.as_str(), "you" | "your"));
    let whereabouts = matches!(intent, Intent::WhereWas | Intent::WhenWas);
    if whereabouts && addressed && question.who.is_none() {
        question.who = Some(listener.clone());
    }
    if intent == Intent::WhereWas {
        match (&question.who, &question.object) {
            (None, None) => question.intent = Intent::UnclassifiedAmbiguous,
            // "Where was Nick when the drive went?" asks after Nick.
            (Some(_), Some(_)) => question.object = None,
            _ => {}
        }
    }
    question.about_access(content)
}

/// Whether `line` asks something that is understood.
pub fn is_question(line: &str, content: &Content, cast: &[NpcId]) -> bool {
    let words = normalised(line);
    let named = !Mentions::of(&words, content, cast).is_empty();
    classify(&words, content, named) != Intent::UnclassifiedAmbiguous
}

/// The intent that the words give away; `named` when they also name something.
fn classify(words: &[String], content: &Content, named: bool) -> Intent {
    let mut entries = content.intents.intents.iter().filter(|entry| named || !entry.needs_topic);
    entries
        .find(|entry| entry.phrases.iter().any(|p| find(words, p).is_some()))
        .map_or(Intent::UnclassifiedAmbiguous, |entry| entry.intent)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::content;

    fn check(line: &str, key: &str) {
        let content = content();
        let cast: Vec<NpcId> = content.cast.iter().map(|npc| npc.id.clone()).collect();
        let question = read(line, &NpcId::from("GABE_ROURKE"), &content, &cast);
        assert_eq!(question.key(), key, "for {line:?}");
    }

    #[test]
    fn natural_questions_are_understood() {
        check("Where was Nick at 9?", "WHERE_WAS who=NICK_VALE when=T2100");
        check("where were you at 21:00", "WHERE_WAS who=GABE_ROURKE when=T2100");
        check("did you see anyone?", "DID_YOU_SEE -");
        check("who had access to the archive?", "WHO_HAD_ACCESS where=ARCHIVE");
        check("Could you open the boardroom?", "DID_YOU_HAVE_ACCESS where=BOARDROOM");
        check("who was with you at ten", "WHO_WAS_WITH when=T2200");
        check("did you take the drive", "DID_YOU_DO object=AUDIT_DRIVE");
        check("when did it happen?", "WHEN_WAS -");
        check("tell me about Victor Slate", "WHAT_DO_YOU_KNOW_ABOUT who=VICTOR_SLATE");
        check("say that again, please", "META_REPEAT -");
    }

    #[test]
    fn the_feed_of_the_boardroom_is_not_the_boardroom() {
        check("tell me about the boardroom feed", "WHAT_DO_YOU_KNOW_ABOUT object=BOARDROOM_FEED");
    }

    #[test]
    fn access_to_a_thing_is_access_to_its_place() {
        check("who had access to the audit drive", "WHO_HAD_ACCESS where=ARCHIVE");
    }

    #[test]
    fn what_is_no_question_is_ambiguous() {
        check("the archive!", "UNCLASSIFIED_AMBIGUOUS where=ARCHIVE");
        check("lovely weather", "UNCLASSIFIED_AMBIGUOUS -");
        check("tell me about the weather", "UNCLASSIFIED_AMBIGUOUS -");
        check("where?", "UNCLASSIFIED_AMBIGUOUS -");
    }
}
