//! A game in progress: a state machine with lines in and lines out.
//!
//! It reads nothing and writes nothing itself. Every line is consumed and leads to
//! a [`Beat`]; the end of the input is a line too (`None`) and ends the game. So
//! any input stream ends, whatever it holds.

mod command;
mod dialogue;
mod ending;
mod menu;
mod nudge;

pub use ending::{Ending, Outcome};
pub use menu::MENU_PATIENCE;

use crate::case::Case;
use crate::chime::Chime;
use crate::content::fill;
use crate::dice::Dice;
use crate::hint::Hints;
use crate::ids::NpcId;
use crate::notebook::Notebook;
use crate::prose::wrap;
use crate::question::{Question, is_question};
use crate::record::Turn;
use command::Command;
use menu::{Menu, Reply, Then};

/// What one line of input brings about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beat {
    /// Lines to show, none wider than [`crate::prose::COLUMNS`].
    pub lines: Vec<String>,
    /// A sound to play, if any.
    pub chime: Option<Chime>,
}

impl Beat {
    fn of(text: &str) -> Self {
        let mut beat = Self::default();
        beat.say(text);
        beat
    }

    fn say(&mut self, text: &str) {
        self.lines.extend(wrap(text));
    }
}

/// A game in progress.
pub struct Session<'a> {
    case: &'a Case,
    listener: Option<NpcId>,
    menu: Option<Menu>,
    notebook: Notebook,
    turns: Vec<Turn>,
    asked: Vec<Question>,
    hints: Hints,
    /// Turns since something new was heard.
    stalled: usize,
    /// Who was accused once without a case against them.
    warned: Option<NpcId>,
    ending: Option<Ending>,
}

impl<'a> Session<'a> {
    /// A game at its very beginning.
    pub fn new(case: &'a Case) -> Self {
        Self {
            case,
            listener: None,
            menu: None,
            notebook: Notebook::default(),
            turns: Vec::new(),
            asked: Vec::new(),
            hints: Hints::default(),
            stalled: 0,
            warned: None,
            ending: None,
        }
    }

    /// The scene, the rule, who is there.
    pub fn open(&self) -> Beat {
        let scenes = &self.case.content.scenes;
        let scene = self.case.content.scene(&self.case.world.scene);
        let mut beat = Beat::of(&scene.title.to_uppercase());
        for text in ["", &scene.opening, "", &scenes.rule, ""] {
            beat.say(if text.is_empty() { "\n" } else { text });
        }
        beat.lines.extend(self.who_is_here().lines);
        beat.say(&scenes.how);
        beat
    }

    /// What to show before the next line is read.
    pub fn prompt(&self) -> String {
        match (&self.menu, &self.listener) {
            (Some(_), _) => "? ".to_owned(),
            (None, Some(npc)) => format!("{}> ", self.case.first_name(npc)),
            (None, None) => "> ".to_owned(),
        }
    }

    /// How it ended; `None` while it goes on.
    pub fn ending(&self) -> Option<&Ending> {
        self.ending.as_ref()
    }

    /// Whether a choice is being waited for.
    pub fn is_choosing(&self) -> bool {
        self.menu.is_some()
    }

    /// The questions put so far.
    pub fn turns(&self) -> &[Turn] {
        &self.turns
    }

    /// What was found out so far.
    pub fn notebook(&self) -> &Notebook {
        &self.notebook
    }

    /// The hints so far.
    pub fn hints(&self) -> &Hints {
        &self.hints
    }

    /// Takes the next line; `None` is the end of the input.
    pub fn hear(&mut self, line: Option<&str>, dice: &mut dyn Dice) -> Beat {
        let narrator = &self.case.content.phrases.narrator;
        if self.ending.is_some() {
            return Beat::default();
        }
        match line.map(str::trim) {
            None => self.leave(Ending::OutOfLines, &narrator.out_of_lines),
            Some(line) if self.menu.is_some() => self.choose(line, dice),
            Some("") => Beat::of(&narrator.nothing_heard),
            Some(line) => self.obey(line, dice),
        }
    }

    fn obey(&mut self, line: &str, dice: &mut dyn Dice) -> Beat {
        let phrases = &self.case.content.phrases;
        match Command::parse(line) {
            Some(Command::Help) => Beat::of(&phrases.help),
            Some(Command::Who) => self.who_is_here(),
            Some(Command::Notes) => self.read_notes(),
            Some(Command::Hint) => self.ask_for_hint(),
            Some(Command::Back) => self.step_back(),
            Some(Command::Quit) => self.leave(Ending::Quit, &phrases.narrator.farewell),
            Some(Command::Talk(name)) => self.find_person(&name, Then::Talk),
            Some(Command::Accuse(name)) => self.find_person(&name, Then::Accuse),
            Some(Command::Unknown(command)) => {
                Beat::of(&fill(&phrases.narrator.unknown_command, &[("command", &command)]))
            }
            None => self.converse(line, dice),
        }
    }

    /// A line while a menu is open: a choice, a way out, or another matter.
    fn choose(&mut self, line: &str, dice: &mut dyn Dice) -> Beat {
        let phrases = &self.case.content.phrases;
        let Some(mut menu) = self.menu.take() else {
            return self.obey(line, dice);
        };
        let question = is_question(line, &self.case.content, &self.case.world.npcs);
        let text = match menu.hear(line, question) {
            Reply::Chosen(then) => return self.follow(then, dice),
            Reply::Elsewhere => return self.obey(line, dice),
            Reply::Quit => return self.leave(Ending::Quit, &phrases.narrator.farewell),
            Reply::Back => return Beat::of(&phrases.narrator.menu_left),
            Reply::GivenUp => return Beat::of(&phrases.narrator.menu_given_up),
            Reply::Help => &phrases.help,
            Reply::Unclear => &phrases.narrator.menu_unclear,
        };
        let mut beat = Beat::of(text);
        menu.show(&mut beat);
        self.menu = Some(menu);
        beat
    }

    fn follow(&mut self, then: Then, dice: &mut dyn Dice) -> Beat {
        match then {
            Then::Talk(npc) => self.turn_to(npc),
            Then::Accuse(npc) => self.accuse(npc),
            Then::AskPerson(npc, line) => {
                let mut beat = self.turn_to(npc.clone());
                let answer = self.ask_line(&npc, &line, dice);
                beat.lines.extend(answer.lines);
                beat.chime = answer.chime;
                beat
            }
            Then::Ask(npc, question, line) => self.ask(&npc, question, &line, dice),
        }
    }

    fn offer(&mut self, menu: Menu) -> Beat {
        let mut beat = Beat::default();
        menu.show(&mut beat);
        beat.say(&self.case.content.phrases.narrator.menu_prompt);
        self.menu = Some(menu);
        beat
    }

    /// Goes on with the one person whom `name` fits, or asks which one is meant.
    fn find_person(&mut self, name: &str, then: fn(NpcId) -> Then) -> Beat {
        let narrator = &self.case.content.phrases.narrator;
        let found = command::people(name, &self.case.content, &self.case.world.npcs);
        let accusing = matches!(then(self.case.world.npcs[0].clone()), Then::Accuse(_));
        match found.as_slice() {
            [only] if accusing => self.accuse(only.clone()),
            [only] => self.turn_to(only.clone()),
            [] if accusing => self.offer(self.people_menu(&narrator.accuse_whom, &[], then)),
            [] => self.offer(self.people_menu(&narrator.whom, &[], then)),
            several => self.offer(self.people_menu(&narrator.which_person, several, then)),
        }
    }

    /// A menu of `people`, or of everybody when there are none.
    fn people_menu(&self, title: &str, people: &[NpcId], then: impl Fn(NpcId) -> Then) -> Menu {
        let people = if people.is_empty() { &self.case.world.npcs } else { people };
        let mut menu = Menu::new(title);
        for npc in people {
            let person = self.case.content.npc(npc);
            let label = format!("{}, {}", person.name, person.role);
            menu.add(label, &person.aliases, then(npc.clone()));
        }
        menu
    }

    fn who_is_here(&self) -> Beat {
        let content = &self.case.content;
        let mut beat = Beat::of(&content.scenes.who_title);
        for (at, npc) in self.case.world.npcs.iter().enumerate() {
            let person = content.npc(npc);
            beat.say(&format!("  {}) {}, {}", at + 1, person.name, person.role));
        }
        let setting = &content.setting;
        let names = |names: Vec<&str>| names.join(", ");
        let places = names(setting.places.iter().map(|x| x.name.as_str()).collect());
        let times = names(setting.times.iter().map(|x| x.name.as_str()).collect());
        let objects = names(setting.objects.iter().map(|x| x.name.as_str()).collect());
        let values = [("places", &*places), ("times", &*times), ("objects", &*objects)];
        beat.say(&fill(&content.scenes.where_title, &values));
        beat
    }

    fn read_notes(&self) -> Beat {
        let narrator = &self.case.content.phrases.narrator;
        if self.notebook.statements().is_empty() {
            return Beat::of(&narrator.notes_empty);
        }
        let mut beat = Beat::of(&narrator.notes_title);
        for statement in self.notebook.statements() {
            beat.say(&format!("  {statement}"));
        }
        beat
    }

    fn turn_to(&mut self, npc: NpcId) -> Beat {
        let beat = Beat::of(&self.case.content.npc(&npc).greeting);
        self.listener = Some(npc);
        beat
    }

    fn step_back(&mut self) -> Beat {
        let narrator = &self.case.content.phrases.narrator;
        match self.listener.take() {
            Some(npc) => Beat::of(&fill(&narrator.left, &[("name", self.case.name(&npc))])),
            None => Beat::of(&narrator.nowhere_back),
        }
    }
}
