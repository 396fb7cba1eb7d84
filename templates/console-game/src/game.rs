//! The game: a guard, whom the player leads, and a thief, who draws lots. Each is a task, and they take turns.

use crate::house::{Direction, Room};
use orket_runtime::capabilities::{Console, RandomStream, Rng};
use orket_runtime::prelude::*;
use orket_runtime::task::{pause, Tasks};
use std::cell::RefCell;

const HELP: &str = "Say north, south, east or west (or n, s, e, w), wait, help or quit.";

/// How a night ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The guard has found the thief.
    Caught,
    /// The moves are used up.
    Dawn,
    /// The player has gone.
    Left,
}

impl Ending {
    /// Its name in the result.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Caught => "caught",
            Self::Dawn => "dawn",
            Self::Left => "left",
        }
    }
}

/// All there is to know of a night.
pub struct Night {
    guard: Room,
    thief: Room,
    moves: u32,
    moves_max: u32,
    ending: Option<Ending>,
    log: String,
}

/// Plays a night to its end.
pub fn play(console: &Console, rng: &Rng, moves_max: u32) -> Result<Night> {
    let night = RefCell::new(Night::begin(&mut rng.stream("places")?, moves_max));
    let mut tasks = Tasks::in_turns();
    tasks.spawn("guard", guard(&night, console));
    tasks.spawn("thief", thief(&night, rng.stream("thief")?));
    tasks.join()?.into_iter().collect::<Result<()>>()?;
    Ok(night.into_inner())
}

/// The guard does what the player says, one move each turn.
async fn guard(night: &RefCell<Night>, console: &Console) -> Result<()> {
    console.write_line(HELP)?;
    while night.borrow().is_going_on() {
        console.write_line(&night.borrow().view())?;
        // At the end of the script, or of the terminal's input, the player has gone.
        let line = console.read_line("> ")?.unwrap_or_else(|| "quit".to_owned());
        match line.trim() {
            "" | "help" => console.write_line(HELP)?,
            "quit" => night.borrow_mut().end(Ending::Left),
            "wait" => night.borrow_mut().guard_stays(),
            word => match Direction::of_word(word) {
                None => console.write_line("That is nothing a guard can do.")?,
                Some(direction) if !night.borrow_mut().guard_goes(direction) => {
                    console.write_line("There is a wall.")?;
                }
                Some(_) => {}
            },
        }
        pause().await;
    }
    console.write_line(night.borrow().farewell())
}

/// The thief moves whenever the guard has.
async fn thief(night: &RefCell<Night>, mut lots: RandomStream) -> Result<()> {
    let mut seen = 0;
    while night.borrow().is_going_on() {
        if night.borrow().moves > seen {
            seen += 1;
            night.borrow_mut().thief_goes(&mut lots);
        }
        pause().await;
    }
    Ok(())
}

impl Night {
    /// The guard stands in the hall, the thief in another room.
    fn begin(places: &mut RandomStream, moves_max: u32) -> Self {
        let guard = Room::HALL;
        let others: Vec<Room> = Room::all().filter(|room| *room != guard).collect();
        let thief = places.pick(&others).copied().unwrap_or(guard);
        let ending = if moves_max == 0 { Some(Ending::Dawn) } else { None };
        Self { guard, thief, moves: 0, moves_max, ending, log: String::new() }
    }

    fn is_going_on(&self) -> bool {
        self.ending.is_none()
    }

    fn end(&mut self, ending: Ending) {
        self.ending = self.ending.or(Some(ending));
    }

    /// Goes through a door; says whether there is one.
    fn guard_goes(&mut self, direction: Direction) -> bool {
        match self.guard.beyond(direction) {
            Some(room) => {
                self.guard = room;
                self.guard_stays();
                true
            }
            None => false,
        }
    }

    /// Ends the guard's move where the guard is.
    fn guard_stays(&mut self) {
        self.moves += 1;
        self.log.push_str(&format!("{} guard {}\n", self.moves, self.guard.name()));
        if self.guard == self.thief {
            self.end(Ending::Caught);
        } else if self.moves >= self.moves_max {
            self.end(Ending::Dawn);
        }
    }

    /// Every third time he stays; else he goes wherever the guard is not.
    fn thief_goes(&mut self, lots: &mut RandomStream) {
        if lots.chance(1, 3) {
            return;
        }
        let doors = Direction::ALL.iter().filter_map(|direction| self.thief.beyond(*direction));
        let free: Vec<Room> = doors.filter(|room| *room != self.guard).collect();
        if let Some(room) = lots.pick(&free) {
            self.thief = *room;
            self.log.push_str(&format!("{} thief {}\n", self.moves, room.name()));
        }
    }

    /// What the guard sees and hears.
    fn view(&self) -> String {
        let doors = Direction::ALL.iter().filter(|direction| self.guard.beyond(**direction).is_some());
        let doors: Vec<&str> = doors.map(|direction| direction.name()).collect();
        let left = self.moves_max - self.moves;
        let (room, doors) = (self.guard.name(), doors.join(", "));
        let heard = match self.guard.bearing(self.thief) {
            Some(bearing) => format!("You hear steps in the {bearing}."),
            None => "All is quiet.".to_owned(),
        };
        format!("You are in the {room}; doors lead {doors}. {heard} {left} moves until dawn.")
    }

    fn farewell(&self) -> &'static str {
        match self.ending() {
            Ending::Caught => "There he is! The thief gives up.",
            Ending::Dawn => "Dawn. The thief is gone, and so is the silver.",
            Ending::Left => "You go home. The thief stays.",
        }
    }

    /// How it has ended.
    pub fn ending(&self) -> Ending {
        self.ending.unwrap_or(Ending::Left)
    }

    /// How many moves the guard has made.
    pub fn moves(&self) -> u32 {
        self.moves
    }

    /// A line for each move.
    pub fn log(&self) -> &str {
        &self.log
    }
}
