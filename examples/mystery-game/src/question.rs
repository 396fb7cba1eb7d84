//! What was asked: the intent of a line and what it is about.

mod reading;

pub use reading::{is_question, normalised, read};

use crate::content::Content;
use crate::ids::{NpcId, ObjectId, PlaceId, TimeId};
use serde::{Deserialize, Serialize};
use std::fmt;

/// The kinds of questions that the game tells apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Intent {
    WhereWas,
    WhenWas,
    DidYouSee,
    DidYouHaveAccess,
    DidYouDo,
    WhoHadAccess,
    WhoWasWith,
    WhatDoYouKnowAbout,
    MetaRepeat,
    UnclassifiedAmbiguous,
}

impl Intent {
    /// All of them, in the order of the rules.
    pub const ALL: [Self; 10] = [
        Self::WhereWas,
        Self::WhenWas,
        Self::DidYouSee,
        Self::DidYouHaveAccess,
        Self::DidYouDo,
        Self::WhoHadAccess,
        Self::WhoWasWith,
        Self::WhatDoYouKnowAbout,
        Self::MetaRepeat,
        Self::UnclassifiedAmbiguous,
    ];

    /// The name in transcripts and content files.
    pub fn name(self) -> &'static str {
        match self {
            Self::WhereWas => "WHERE_WAS",
            Self::WhenWas => "WHEN_WAS",
            Self::DidYouSee => "DID_YOU_SEE",
            Self::DidYouHaveAccess => "DID_YOU_HAVE_ACCESS",
            Self::DidYouDo => "DID_YOU_DO",
            Self::WhoHadAccess => "WHO_HAD_ACCESS",
            Self::WhoWasWith => "WHO_WAS_WITH",
            Self::WhatDoYouKnowAbout => "WHAT_DO_YOU_KNOW_ABOUT",
            Self::MetaRepeat => "META_REPEAT",
            Self::UnclassifiedAmbiguous => "UNCLASSIFIED_AMBIGUOUS",
        }
    }
}

impl fmt::Display for Intent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// An intent and what it is about. `None` leaves a side open ("did you see
/// anyone?"), it does not exclude anything.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Question {
    pub intent: Intent,
    pub who: Option<NpcId>,
    pub place: Option<PlaceId>,
    pub object: Option<ObjectId>,
    pub when: Option<TimeId>,
}

/// What a question still lacks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gap {
    Place,
    Time,
}

impl Question {
    /// A question about nothing in particular.
    pub fn new(intent: Intent) -> Self {
        Self { intent, who: None, place: None, object: None, when: None }
    }

    /// The side that has to be named before the question can be put.
    pub fn gap(&self) -> Option<Gap> {
        match self.intent {
            Intent::WhereWas if self.object.is_none() && self.when.is_none() => Some(Gap::Time),
            Intent::WhoHadAccess | Intent::DidYouHaveAccess if self.place.is_none() => Some(Gap::Place),
            _ => None,
        }
    }

    /// What the question is about, as the transcript shows it:
    /// `who=NICK_VALE when=T2100`, or `-` when it is about nothing in particular.
    pub fn surface(&self) -> String {
        let sides = [
            ("who", self.who.as_ref().map(NpcId::as_str)),
            ("where", self.place.as_ref().map(PlaceId::as_str)),
            ("object", self.object.as_ref().map(ObjectId::as_str)),
            ("when", self.when.as_ref().map(TimeId::as_str)),
        ];
        let named: Vec<String> =
            sides.iter().filter_map(|(side, id)| id.map(|id| format!("{side}={id}"))).collect();
        if named.is_empty() { "-".to_owned() } else { named.join(" ") }
    }

    /// Intent and surface: the same for the same question, whoever is asked.
    pub fn key(&self) -> String {
        format!("{} {}", self.intent, self.surface())
    }

    /// Whether one of the two asks for what the other asks for as well. An open
    /// side meets any other: "did you see anyone?" covers "did you see Nick?".
    pub fn overlaps(&self, other: &Self) -> bool {
        self.intent == other.intent
            && meets(&self.who, &other.who)
            && meets(&self.place, &other.place)
            && meets(&self.object, &other.object)
            && meets(&self.when, &other.when)
    }

    /// A question about access to a thing is one about the place where it is kept.
    fn about_access(mut self, content: &Content) -> Self {
        let access = matches!(self.intent, Intent::WhoHadAccess | Intent::DidYouHaveAccess);
        if let (true, None, Some(object)) = (access, &self.place, &self.object) {
            self.place = Some(content.object(object).kept_in.clone());
            self.object = None;
        }
        self
    }
}

fn meets<T: PartialEq>(one: &Option<T>, other: &Option<T>) -> bool {
    one.is_none() || other.is_none() || one == other
}
