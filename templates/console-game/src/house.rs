//! The house: nine rooms, three by three, with a door in every wall between two of them.

/// How many rooms stand in a row, and in a column.
const SIDE: usize = 3;

const NAMES: [&str; SIDE * SIDE] =
    ["library", "gallery", "tower", "kitchen", "hall", "chapel", "cellar", "garden room", "stable"];

/// A room, counted row by row from the north-west.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room(usize);

/// Where a door leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Up on the map.
    North,
    /// Down.
    South,
    /// To the right.
    East,
    /// To the left.
    West,
}

impl Direction {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::North, Self::South, Self::East, Self::West];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::North => "north",
            Self::South => "south",
            Self::East => "east",
            Self::West => "west",
        }
    }

    /// The one that a word names, whole or by its first letter.
    pub fn of_word(word: &str) -> Option<Self> {
        let word = word.to_ascii_lowercase();
        let is_meant = |direction: &&Self| word == direction.name() || word == direction.name()[..1];
        Self::ALL.iter().find(is_meant).copied()
    }
}

impl Room {
    /// The room in the middle.
    pub const HALL: Self = Self(SIDE * SIDE / 2);

    /// All rooms.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..NAMES.len()).map(Self)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        NAMES[self.0]
    }

    /// The room behind the door in that direction.
    pub fn beyond(self, direction: Direction) -> Option<Self> {
        let (row, column) = (self.0 / SIDE, self.0 % SIDE);
        match direction {
            Direction::North if row > 0 => Some(Self(self.0 - SIDE)),
            Direction::South if row + 1 < SIDE => Some(Self(self.0 + SIDE)),
            Direction::East if column + 1 < SIDE => Some(Self(self.0 + 1)),
            Direction::West if column > 0 => Some(Self(self.0 - 1)),
            _ => None,
        }
    }

    /// Where another room lies from here, such as `north-east`; nowhere if it is this one.
    pub fn bearing(self, other: Self) -> Option<String> {
        let side = |less: &'static str, more: &'static str, a: usize, b: usize| match b.cmp(&a) {
            std::cmp::Ordering::Less => Some(less),
            std::cmp::Ordering::Equal => None,
            std::cmp::Ordering::Greater => Some(more),
        };
        let rows = side("north", "south", self.0 / SIDE, other.0 / SIDE);
        let columns = side("west", "east", self.0 % SIDE, other.0 % SIDE);
        match (rows, columns) {
            (Some(row), Some(column)) => Some(format!("{row}-{column}")),
            (Some(one), None) | (None, Some(one)) => Some(one.to_owned()),
            (None, None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_door_leads_back() {
        let opposite = |direction| match direction {
            Direction::North => Direction::South,
            Direction::South => Direction::North,
            Direction::East => Direction::West,
            Direction::West => Direction::East,
        };
        let mut doors = 0;
        for room in Room::all() {
            for direction in Direction::ALL.iter().copied() {
                if let Some(next) = room.beyond(direction) {
                    assert_eq!(next.beyond(opposite(direction)), Some(room));
                    doors += 1;
                }
            }
        }
        assert_eq!(doors, 24);
    }

    #[test]
    fn steps_are_heard_from_where_they_are() {
        let corner = Room::HALL.beyond(Direction::North).and_then(|room| room.beyond(Direction::East));
        assert_eq!(Room::HALL.bearing(corner.unwrap()).as_deref(), Some("north-east"));
        assert_eq!(corner.unwrap().bearing(Room::HALL).as_deref(), Some("south-west"));
        assert_eq!(Room::HALL.bearing(Room::HALL), None);
    }

    #[test]
    fn a_direction_has_a_name_and_a_letter() {
        assert_eq!(Direction::of_word("North"), Some(Direction::North));
        assert_eq!(Direction::of_word("w"), Some(Direction::West));
        assert_eq!(Direction::of_word("up"), None);
    }
}
