//! One case: a world with the words to tell it, fixed before the first turn.

use crate::content::Content;
use crate::dice::SeedDice;
use crate::ids::NpcId;
use crate::world::{Terms, World, generate};

/// A case, ready to be played.
#[derive(Clone, Debug)]
pub struct Case {
    pub content: Content,
    pub seed: u64,
    pub world: World,
    /// SHA-256 of the world, in hex.
    pub digest: String,
}

impl Case {
    /// Compiles the case that belongs to a seed. Plan and run both call this, and
    /// the seed alone decides: no capability is needed.
    pub fn compile(content: Content, seed: u64, terms: Terms) -> Self {
        let world = generate(&content, terms, &mut SeedDice::new(seed));
        let digest = world.digest();
        Self { content, seed, world, digest }
    }

    /// What somebody is called.
    pub fn name(&self, npc: &NpcId) -> &str {
        &self.content.npc(npc).name
    }

    /// The first name, for prompts.
    pub fn first_name(&self, npc: &NpcId) -> &str {
        let name = self.name(npc);
        name.split_whitespace().next().unwrap_or(name)
    }
}

/// Checks how many people are to play; 0 stands for the fewest that make a riddle.
///
/// # Errors
/// Says in words what numbers there can be.
pub fn terms(content: &Content, npcs: usize, hard: bool) -> Result<Terms, String> {
    let fewest = if hard { 5 } else { 4 };
    let most = content.cast.len();
    let game = if hard { "a hard" } else { "a normal" };
    if most < fewest {
        return Err(format!("{game} game needs {fewest} people, content/cast.yaml has {most}"));
    }
    let npcs = if npcs == 0 { fewest } else { npcs };
    if npcs < fewest || npcs > most {
        return Err(format!("npcs is {npcs}; {game} game is played with {fewest} to {most}"));
    }
    Ok(Terms { npcs, hard })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::content;

    fn check(npcs: usize, hard: bool, expected: Result<usize, &str>) {
        let terms = terms(&content(), npcs, hard).map(|terms| terms.npcs);
        assert_eq!(terms, expected.map_err(str::to_owned));
    }

    #[test]
    fn the_number_of_people_is_checked() {
        check(0, false, Ok(4));
        check(0, true, Ok(5));
        check(6, false, Ok(6));
        check(3, false, Err("npcs is 3; a normal game is played with 4 to 6"));
        check(4, true, Err("npcs is 4; a hard game is played with 5 to 6"));
    }
}
