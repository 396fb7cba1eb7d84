//! What can be true in a case: the typed facts.
//!
//! A fact is a statement with an explicit kind. Everything that anybody says in
//! the game is one of these; there is no free text that could claim more.

use crate::ids::{DeedId, FactId, MethodId, NpcId, ObjectId, PlaceId, SecretId, TimeId};
use serde::{Deserialize, Serialize};

/// A true statement about the evening.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Fact {
    /// The hour at which it happened.
    TimeAnchor { time: TimeId },
    /// Somebody was somewhere.
    Presence {
        who: NpcId,
        #[serde(rename = "where")]
        place: PlaceId,
        when: TimeId,
    },
    /// Somebody saw somebody else.
    Witness {
        witness: NpcId,
        who: NpcId,
        #[serde(rename = "where")]
        place: PlaceId,
        when: TimeId,
    },
    /// What it takes to open a place. Who has it stands in the access graph.
    AccessMethod {
        #[serde(rename = "where")]
        place: PlaceId,
        method: MethodId,
    },
    /// What is missing.
    Object { object: ObjectId },
    /// Somebody did something with an object.
    Action {
        who: NpcId,
        action: DeedId,
        object: ObjectId,
        when: TimeId,
        #[serde(rename = "where")]
        place: PlaceId,
    },
    /// Somebody has a private reason to keep quiet about a place.
    Secret { npc: NpcId, domain: PlaceId, hint: SecretId },
}

impl Fact {
    /// The name under which the fact is cited.
    pub fn id(&self) -> FactId {
        let id = match self {
            Self::TimeAnchor { time } => format!("time_anchor.{time}"),
            Self::Presence { who, when, .. } => format!("presence.{who}.{when}"),
            Self::Witness { witness, who, when, .. } => format!("witness.{witness}.{who}.{when}"),
            Self::AccessMethod { place, .. } => format!("access_method.{place}"),
            Self::Object { object } => format!("object.{object}"),
            Self::Action { who, object, .. } => format!("action.{who}.{object}"),
            Self::Secret { npc, .. } => format!("secret.{npc}"),
        };
        FactId::from(id.as_str())
    }

    /// Who was or did something.
    pub fn who(&self) -> Option<&NpcId> {
        match self {
            Self::Presence { who, .. } | Self::Witness { who, .. } | Self::Action { who, .. } => Some(who),
            _ => None,
        }
    }

    /// Whom the fact is about: `who`, or the one who has the secret.
    pub fn subject(&self) -> Option<&NpcId> {
        match self {
            Self::Secret { npc, .. } => Some(npc),
            other => other.who(),
        }
    }

    /// Who saw it, where the fact is something seen.
    pub fn witness(&self) -> Option<&NpcId> {
        match self {
            Self::Witness { witness, .. } => Some(witness),
            _ => None,
        }
    }

    /// Where it was.
    pub fn place(&self) -> Option<&PlaceId> {
        match self {
            Self::Presence { place, .. }
            | Self::Witness { place, .. }
            | Self::AccessMethod { place, .. }
            | Self::Action { place, .. } => Some(place),
            _ => None,
        }
    }

    /// Which place the fact touches: `where`, or the domain of a secret.
    pub fn domain(&self) -> Option<&PlaceId> {
        match self {
            Self::Secret { domain, .. } => Some(domain),
            other => other.place(),
        }
    }

    /// When it was.
    pub fn when(&self) -> Option<&TimeId> {
        match self {
            Self::TimeAnchor { time } => Some(time),
            Self::Presence { when, .. } | Self::Witness { when, .. } | Self::Action { when, .. } => {
                Some(when)
            }
            _ => None,
        }
    }

    /// The thing it is about.
    pub fn object(&self) -> Option<&ObjectId> {
        match self {
            Self::Object { object } | Self::Action { object, .. } => Some(object),
            _ => None,
        }
    }
}
