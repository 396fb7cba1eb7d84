//! Writes orders: system calls in sequence, with all memory that they point to.

use super::super::Layer;
use super::order::{BASE, BYTES_MAX, FORK, Header, LOAD, NO_SLOT, RECALL, SERVE, SLOTS, STOP, STORE, Step};
use std::borrow::Cow;
use std::ffi::{CStr, CString};
use std::io;

/// Where the memory of an order begins in its image; before it is room for this many steps.
const DATA: usize = 0x8000;
const STEPS_MAX: usize = (DATA - size_of::<Header>()) / size_of::<Step>();
/// Where in an image the number of the descriptor for reports is.
const REPORT: u64 = BASE + std::mem::offset_of!(Header, report) as u64;

/// A result that later calls use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot(u8);

/// An argument.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Number(u64),
    Result(Slot),
}

impl From<Slot> for Value {
    fn from(slot: Slot) -> Self {
        Value::Result(slot)
    }
}
impl From<u64> for Value {
    fn from(number: u64) -> Self {
        Value::Number(number)
    }
}
impl From<u32> for Value {
    fn from(number: u32) -> Self {
        Value::Number(number.into())
    }
}
impl From<i32> for Value {
    fn from(number: i32) -> Self {
        Value::Number(i64::from(number).cast_unsigned())
    }
}

/// What a step is for.
#[derive(Debug, Clone)]
pub(super) struct About {
    /// The layer that it belongs to; without one its failure is no matter of layers.
    pub(super) layer: Option<Layer>,
    /// What is done, for a person.
    pub(super) what: Cow<'static, str>,
}

/// An order in the making.
#[derive(Debug)]
pub(super) struct Script {
    steps: Vec<Step>,
    about: Vec<About>,
    data: Vec<u8>,
    slots: u8,
    layer: Option<Layer>,
    on_error: u8,
}

impl Script {
    pub(super) fn new() -> Self {
        Script {
            steps: Vec::new(),
            about: Vec::new(),
            data: Vec::new(),
            slots: 0,
            layer: None,
            on_error: STOP,
        }
    }

    /// How many steps it has.
    pub(super) fn len(&self) -> usize {
        self.steps.len()
    }

    /// What the steps from here on belong to, and what a failure means.
    pub(super) fn layer(&mut self, layer: impl Into<Option<Layer>>, on_error: u8) {
        (self.layer, self.on_error) = (layer.into(), on_error);
    }

    /// Memory of the order, and its address in the launcher.
    pub(super) fn bytes(&mut self, bytes: &[u8]) -> u64 {
        self.data.resize(self.data.len().next_multiple_of(8), 0);
        let at = BASE + (DATA + self.data.len()) as u64;
        self.data.extend_from_slice(bytes);
        at
    }

    /// Numbers in memory.
    pub(super) fn words(&mut self, words: &[u64]) -> u64 {
        let bytes: Vec<u8> = words.iter().flat_map(|word| word.to_ne_bytes()).collect();
        self.bytes(&bytes)
    }

    /// A text that ends with a null byte.
    pub(super) fn text(&mut self, text: &CStr) -> u64 {
        self.bytes(text.to_bytes_with_nul())
    }

    /// The addresses of texts, and null.
    pub(super) fn texts<'a>(&mut self, texts: impl IntoIterator<Item = &'a CStr>) -> u64 {
        let mut addresses: Vec<u64> = texts.into_iter().map(|text| self.text(text)).collect();
        addresses.push(0);
        self.words(&addresses)
    }

    /// A path, which cannot contain a null byte.
    pub(super) fn path(&mut self, path: &std::path::Path) -> io::Result<u64> {
        let path = CString::new(path.as_os_str().as_encoded_bytes())?;
        Ok(self.text(&path))
    }

    /// One call.
    pub(super) fn call(
        &mut self,
        what: impl Into<Cow<'static, str>>,
        number: libc::c_long,
        arguments: &[Value],
    ) -> &mut Step {
        self.step(what.into(), u32::try_from(number).unwrap_or(u32::MAX), arguments)
    }

    /// One call whose result later calls use.
    pub(super) fn result(
        &mut self,
        what: impl Into<Cow<'static, str>>,
        number: libc::c_long,
        arguments: &[Value],
    ) -> Slot {
        self.kept(what.into(), u32::try_from(number).unwrap_or(u32::MAX), arguments)
    }

    fn kept(&mut self, what: Cow<'static, str>, call: u32, arguments: &[Value]) -> Slot {
        let slot = Slot(self.slots);
        // Too many are refused at the end.
        self.slots = self.slots.saturating_add(1);
        self.step(what, call, arguments).slot = slot.0;
        slot
    }

    /// What follows is done by a child, whose start-vector is changed as the memory at the address `change` says.
    pub(super) fn fork(&mut self, change: u64) {
        self.step("fork".into(), FORK, &[change.into()]);
    }

    /// Copies the first words of the stack, with its address before them, to an address.
    pub(super) fn recall(&mut self, address: u64, words: usize) {
        self.step("recall".into(), RECALL, &[address.into(), (words as u64).into()]);
    }

    /// What follows is done by a child for each message, which `arguments`, of so many bytes, say how to make; `change` as for
    /// [`Script::fork`].
    pub(super) fn serve(&mut self, change: u64, arguments: u64, bytes: usize) {
        self.step("fork for a run".into(), SERVE, &[change.into(), arguments.into(), (bytes as u64).into()]);
    }

    /// The 32 bits at an address.
    pub(super) fn load(&mut self, address: u64) -> Slot {
        self.kept("load".into(), LOAD, &[address.into()])
    }

    /// Writes a result, 32 bits of it, to an address.
    pub(super) fn store(&mut self, value: impl Into<Value>, address: u64) {
        self.step("store".into(), STORE, &[value.into(), address.into()]);
    }

    /// From here on failures are reported to another descriptor.
    pub(super) fn report_to(&mut self, descriptor: i32) {
        self.store(descriptor, REPORT);
    }

    fn step(&mut self, what: Cow<'static, str>, call: u32, arguments: &[Value]) -> &mut Step {
        let mut step = Step {
            call,
            on_error: self.on_error,
            slot: NO_SLOT,
            zero_only: 0,
            skip: 0,
            from_slots: 0,
            arguments: [0; 6],
        };
        for (index, value) in arguments.iter().enumerate() {
            step.arguments[index] = match value {
                Value::Number(number) => *number,
                Value::Result(slot) => {
                    step.from_slots |= 1 << index;
                    slot.0.into()
                }
            };
        }
        self.about.push(About { layer: self.layer, what });
        let at = self.steps.len();
        self.steps.push(step);
        &mut self.steps[at]
    }

    /// The image and what its steps are for. `report` and `status` are descriptors of the launcher.
    pub(super) fn finish(self, report: i32, status: i32) -> io::Result<(Vec<u8>, Vec<About>)> {
        let fits = self.steps.len() <= STEPS_MAX
            && usize::from(self.slots) <= SLOTS
            && DATA + self.data.len() <= BYTES_MAX;
        if !fits {
            return Err(io::Error::other("the confinement names more than an order has room for"));
        }
        let mut image = Vec::with_capacity(DATA + self.data.len());
        image.extend((self.steps.len() as u64).to_ne_bytes());
        image.extend(((DATA + self.data.len()) as u64).to_ne_bytes());
        image.extend(report.to_ne_bytes());
        image.extend(status.to_ne_bytes());
        for step in &self.steps {
            image.extend(step.call.to_ne_bytes());
            image.extend([step.on_error, step.slot, step.zero_only, step.skip]);
            image.extend(step.from_slots.to_ne_bytes());
            image.extend(step.arguments.iter().flat_map(|argument| argument.to_ne_bytes()));
        }
        image.resize(DATA, 0);
        image.extend(self.data);
        Ok((image, self.about))
    }
}

/// The results of a canary's calls, out of the image that it sends back.
pub(super) fn results(image: &[u8], steps: usize) -> Option<Vec<i64>> {
    let first = size_of::<Header>() + std::mem::offset_of!(Step, arguments);
    let result = |step: usize| {
        let bytes = image.get(first + step * size_of::<Step>()..)?.first_chunk()?;
        Some(i64::from_ne_bytes(*bytes))
    };
    (0..steps).map(result).collect()
}

/// What an image has at an address.
pub(super) fn at(image: &[u8], address: u64, bytes: usize) -> Option<&[u8]> {
    let from = usize::try_from(address.checked_sub(BASE)?).ok()?;
    image.get(from..from.checked_add(bytes)?)
}
