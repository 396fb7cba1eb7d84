//! Names of the things in a case. They come from the content files and are
//! stable: facts, transcripts and recorded cases cite them.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// The id as it stands in the content files.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(id: &str) -> Self {
                Self(id.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    )+};
}

ids! {
    /// Somebody who can be questioned.
    NpcId,
    /// A place where people can have been.
    PlaceId,
    /// A thing that can go missing.
    ObjectId,
    /// An hour of the evening.
    TimeId,
    /// A means of opening a place.
    MethodId,
    /// Something done to an object.
    DeedId,
    /// A private reason to keep quiet.
    SecretId,
    /// The setting that opens a case.
    SceneId,
    /// A fact of the world, for instance `presence.NICK_VALE.T2100`.
    FactId,
}
