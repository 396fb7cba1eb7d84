//! Do the five files make sense, each alone and all together?

use super::phrases::check_slots;
use super::{Content, ContentError, Intents, Npc, Phrases, Place, Scenes, Setting, Suggestion};
use crate::question::Intent;
use crate::question::normalised;
use std::collections::BTreeSet;
use std::fmt::Display;

/// Characters that every case can count on.
const CAST_MIN: usize = 4;
/// So many secrets can be at play in one case.
const SECRETS_MIN: usize = 3;

type Check = Result<(), ContentError>;

/// # Errors
/// The first thing that is wrong, with file and field.
pub(super) fn check(content: &Content) -> Check {
    cast(&content.cast)?;
    setting(&content.setting)?;
    intents(&content.intents)?;
    phrases(&content.phrases)?;
    scenes(&content.scenes)
}

fn cast(cast: &[Npc]) -> Check {
    const FILE: &str = "cast.yaml";
    at_least(FILE, "npcs", cast.len(), CAST_MIN)?;
    unique(FILE, "npcs", cast.iter().map(|npc| &npc.id))?;
    for (at, npc) in cast.iter().enumerate() {
        let field = format!("npcs[{at}]");
        filled(FILE, &format!("{field}.name"), &npc.name)?;
        filled(FILE, &format!("{field}.role"), &npc.role)?;
        filled(FILE, &format!("{field}.greeting"), &npc.greeting)?;
        aliases(FILE, &field, &npc.aliases)?;
    }
    Ok(())
}

fn setting(setting: &Setting) -> Check {
    const FILE: &str = "setting.yaml";
    filled(FILE, "content_version", &setting.content_version)?;
    at_least(FILE, "places", setting.places.len(), 2)?;
    at_least(FILE, "objects", setting.objects.len(), 2)?;
    at_least(FILE, "times", setting.times.len(), 2)?;
    at_least(FILE, "errands", setting.errands.len(), 1)?;
    at_least(FILE, "secrets", setting.secrets.len(), SECRETS_MIN)?;
    unique(FILE, "places", setting.places.iter().map(|x| &x.id))?;
    unique(FILE, "objects", setting.objects.iter().map(|x| &x.id))?;
    unique(FILE, "times", setting.times.iter().map(|x| &x.id))?;
    unique(FILE, "secrets", setting.secrets.iter().map(|x| &x.id))?;
    let deeds = setting.errands.iter().chain([&setting.deed]);
    unique(FILE, "errands", deeds.map(|x| &x.id))?;
    for (at, place) in setting.places.iter().enumerate() {
        check_place(FILE, &format!("places[{at}]"), place)?;
    }
    for (at, object) in setting.objects.iter().enumerate() {
        let field = format!("objects[{at}]");
        aliases(FILE, &field, &object.aliases)?;
        if !setting.places.iter().any(|p| p.id == object.kept_in) {
            let problem = format!("there is no place `{}`", object.kept_in);
            return Err(error(FILE, &format!("{field}.kept_in"), problem));
        }
    }
    for (at, time) in setting.times.iter().enumerate() {
        aliases(FILE, &format!("times[{at}]"), &time.aliases)?;
    }
    Ok(())
}

fn check_place(file: &str, field: &str, place: &Place) -> Check {
    filled(file, &format!("{field}.name"), &place.name)?;
    filled(file, &format!("{field}.at"), &place.at)?;
    aliases(file, field, &place.aliases)?;
    let methods = format!("{field}.methods");
    at_least(file, &methods, place.methods.len(), 1)?;
    unique(file, &methods, place.methods.iter().map(|x| &x.id))
}

fn intents(intents: &Intents) -> Check {
    const FILE: &str = "intents.yaml";
    for intent in Intent::ALL {
        let known = intents.intents.iter().any(|entry| entry.intent == intent);
        if intent != Intent::UnclassifiedAmbiguous && !known {
            return Err(error(FILE, "intents", format!("{intent} is missing")));
        }
    }
    for (at, entry) in intents.intents.iter().enumerate() {
        let field = format!("intents[{at}].phrases");
        at_least(FILE, &field, entry.phrases.len(), 1)?;
        for phrase in &entry.phrases {
            filled(FILE, &field, &normalised(phrase).join(" "))?;
        }
    }
    let offered: [(&str, &[Suggestion]); 4] = [
        ("npc", &intents.suggestions.npc),
        ("place", &intents.suggestions.place),
        ("object", &intents.suggestions.object),
        ("time", &intents.suggestions.time),
    ];
    for (topic, suggestions) in offered {
        let field = format!("suggestions.{topic}");
        at_least(FILE, &field, suggestions.len(), 1)?;
        for suggestion in suggestions {
            check_slots(FILE, &field, &suggestion.label, &["name"])?;
        }
    }
    Ok(())
}

fn phrases(phrases: &Phrases) -> Check {
    const FILE: &str = "phrases.yaml";
    phrases.answers.check(FILE, "answers")?;
    phrases.narrator.check(FILE, "narrator")?;
    phrases.hints.check(FILE, "hints")?;
    check_slots(FILE, "refusals", &phrases.refusals, &[])?;
    check_slots(FILE, "unknowns", &phrases.unknowns, &[])?;
    check_slots(FILE, "clarifications", &phrases.clarifications, &[])?;
    check_slots(FILE, "help", &phrases.help, &[])
}

fn scenes(scenes: &Scenes) -> Check {
    const FILE: &str = "scenes.yaml";
    at_least(FILE, "scenes", scenes.scenes.len(), 1)?;
    unique(FILE, "scenes", scenes.scenes.iter().map(|x| &x.id))?;
    for (at, scene) in scenes.scenes.iter().enumerate() {
        filled(FILE, &format!("scenes[{at}].title"), &scene.title)?;
        filled(FILE, &format!("scenes[{at}].opening"), &scene.opening)?;
    }
    check_slots(FILE, "rule", &scenes.rule, &[])?;
    check_slots(FILE, "where_title", &scenes.where_title, &["places", "times", "objects"])?;
    scenes.endings.check(FILE, "endings")
}

fn error(file: &str, field: &str, problem: String) -> ContentError {
    ContentError { file: file.to_owned(), field: field.to_owned(), problem }
}

fn at_least(file: &str, field: &str, count: usize, min: usize) -> Check {
    if count < min {
        let problem = format!("needs at least {min} entries, has {count}");
        return Err(error(file, field, problem));
    }
    Ok(())
}

fn filled(file: &str, field: &str, text: &str) -> Check {
    if text.trim().is_empty() {
        return Err(error(file, field, "must not be empty".to_owned()));
    }
    Ok(())
}

fn aliases(file: &str, field: &str, aliases: &[String]) -> Check {
    let field = format!("{field}.aliases");
    at_least(file, &field, aliases.len(), 1)?;
    for alias in aliases {
        filled(file, &field, &normalised(alias).join(" "))?;
    }
    Ok(())
}

fn unique<Id: Ord + Display>(file: &str, field: &str, ids: impl Iterator<Item = Id>) -> Check {
    let mut seen = BTreeSet::new();
    for id in ids {
        let problem = format!("`{id}` is there twice");
        if !seen.insert(id) {
            return Err(error(file, field, problem));
        }
    }
    Ok(())
}
