//! The words of the game: cast, setting, intents, phrases and scenes, read from
//! the YAML materials.
//!
//! A [`Content`] exists only when all five files were read and make sense
//! together, so the rest of the game looks things up without checking again.

mod check;
mod phrases;

pub use phrases::{Answers, Endings, Hints, Narrator, Phrases, fill};

use crate::ids::{DeedId, MethodId, NpcId, ObjectId, PlaceId, SceneId, SecretId, TimeId};
use crate::question::{Intent, normalised};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::fmt;
use std::path::Path;

/// Everything that is read from `content/*.yaml`.
#[derive(Clone, Debug)]
pub struct Content {
    /// `cast.yaml`
    pub cast: Vec<Npc>,
    /// `setting.yaml`
    pub setting: Setting,
    /// `intents.yaml`
    pub intents: Intents,
    /// `phrases.yaml`
    pub phrases: Phrases,
    /// `scenes.yaml`
    pub scenes: Scenes,
}

/// Somebody who can be questioned.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Npc {
    pub id: NpcId,
    pub name: String,
    pub aliases: Vec<String>,
    pub role: String,
    pub greeting: String,
}

/// Where and when the case can happen, and what can go missing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    pub content_version: String,
    pub places: Vec<Place>,
    pub objects: Vec<Object>,
    /// In the order of the evening.
    pub times: Vec<Time>,
    /// What the culprit did.
    pub deed: Named<DeedId>,
    /// What innocent people did with the same objects.
    pub errands: Vec<Named<DeedId>>,
    pub secrets: Vec<Named<SecretId>>,
}

/// A place, and the ways to open it. Each case uses one of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Place {
    pub id: PlaceId,
    pub name: String,
    /// Where somebody was: "in the archive".
    pub at: String,
    pub aliases: Vec<String>,
    pub methods: Vec<Named<MethodId>>,
}

/// A thing that can go missing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    pub id: ObjectId,
    pub name: String,
    pub kept_in: PlaceId,
    pub aliases: Vec<String>,
}

/// An hour of the evening.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Time {
    pub id: TimeId,
    pub name: String,
    pub aliases: Vec<String>,
}

/// An id and what it is called.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Named<Id> {
    pub id: Id,
    pub name: String,
}

/// How questions are recognised.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Intents {
    pub intents: Vec<IntentPhrases>,
    pub suggestions: Suggestions,
}

/// The phrases that give an intent away.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IntentPhrases {
    pub intent: Intent,
    /// Counts only in a line that also names something of the case.
    #[serde(default)]
    pub needs_topic: bool,
    pub phrases: Vec<String>,
}

/// What is offered when a line names something but asks nothing.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestions {
    pub npc: Vec<Suggestion>,
    pub place: Vec<Suggestion>,
    pub object: Vec<Suggestion>,
    pub time: Vec<Suggestion>,
}

/// One question on offer.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suggestion {
    pub intent: Intent,
    pub label: String,
}

/// How a case begins and ends.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scenes {
    pub scenes: Vec<Scene>,
    pub rule: String,
    pub who_title: String,
    pub where_title: String,
    pub how: String,
    pub endings: Endings,
}

/// One opening.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scene {
    pub id: SceneId,
    pub title: String,
    pub opening: String,
}

/// What is wrong with a content file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContentError {
    /// The file, relative to the content folder.
    pub file: String,
    /// The field, for instance `npcs[2].id`; empty when the file as a whole is meant.
    pub field: String,
    pub problem: String,
}

impl fmt::Display for ContentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, field, problem } = self;
        if field.is_empty() {
            write!(f, "content/{file}: {problem}")
        } else {
            write!(f, "content/{file}: `{field}`: {problem}")
        }
    }
}

impl std::error::Error for ContentError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CastFile {
    npcs: Vec<Npc>,
}

impl Content {
    /// Reads and checks the five files below `folder`.
    ///
    /// # Errors
    /// Names the file and the field that cannot be used.
    pub fn load(folder: &Path) -> Result<Self, ContentError> {
        let mut content = Self {
            cast: read::<CastFile>(folder, "cast.yaml")?.npcs,
            setting: read(folder, "setting.yaml")?,
            intents: read(folder, "intents.yaml")?,
            phrases: read(folder, "phrases.yaml")?,
            scenes: read(folder, "scenes.yaml")?,
        };
        check::check(&content)?;
        content.normalise();
        Ok(content)
    }

    /// Brings aliases and phrases into the form in which lines are matched, once.
    fn normalise(&mut self) {
        let setting = &mut self.setting;
        let cast = self.cast.iter_mut().map(|npc| &mut npc.aliases);
        let places = setting.places.iter_mut().map(|place| &mut place.aliases);
        let objects = setting.objects.iter_mut().map(|object| &mut object.aliases);
        let times = setting.times.iter_mut().map(|time| &mut time.aliases);
        let phrases = self.intents.intents.iter_mut().map(|entry| &mut entry.phrases);
        for texts in cast.chain(places).chain(objects).chain(times).chain(phrases) {
            for text in texts {
                *text = normalised(text).join(" ");
            }
        }
    }

    /// The character with this id. Ids in a world come from this content.
    pub fn npc(&self, id: &NpcId) -> &Npc {
        of(&self.cast, |npc| &npc.id == id)
    }

    /// The place with this id.
    pub fn place(&self, id: &PlaceId) -> &Place {
        of(&self.setting.places, |place| &place.id == id)
    }

    /// The object with this id.
    pub fn object(&self, id: &ObjectId) -> &Object {
        of(&self.setting.objects, |object| &object.id == id)
    }

    /// The hour with this id.
    pub fn time(&self, id: &TimeId) -> &Time {
        of(&self.setting.times, |time| &time.id == id)
    }

    /// The scene with this id.
    pub fn scene(&self, id: &SceneId) -> &Scene {
        of(&self.scenes.scenes, |scene| &scene.id == id)
    }

    /// What a way of opening a place is called.
    pub fn method(&self, place: &PlaceId, id: &MethodId) -> &str {
        &of(&self.place(place).methods, |method| &method.id == id).name
    }

    /// What a deed or an errand is called.
    pub fn deed(&self, id: &DeedId) -> &str {
        let mut all = self.setting.errands.iter().chain([&self.setting.deed]);
        &all.find(|deed| &deed.id == id).expect(FROM_CONTENT).name
    }

    /// What a secret hints at.
    pub fn secret(&self, id: &SecretId) -> &str {
        &of(&self.setting.secrets, |secret| &secret.id == id).name
    }
}

const FROM_CONTENT: &str = "ids in a world come from the content it was made of";

fn of<T>(items: &[T], is_it: impl Fn(&T) -> bool) -> &T {
    items.iter().find(|item| is_it(item)).expect(FROM_CONTENT)
}

fn read<T: DeserializeOwned>(folder: &Path, file: &str) -> Result<T, ContentError> {
    let fail = |problem: String| ContentError { file: file.to_owned(), field: String::new(), problem };
    let text = std::fs::read_to_string(folder.join(file)).map_err(|e| fail(e.to_string()))?;
    serde_yaml::from_str(&text).map_err(|e| fail(e.to_string()))
}
