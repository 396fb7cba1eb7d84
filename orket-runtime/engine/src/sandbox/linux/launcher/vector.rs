//! A guest that its parent traces: its start-vector is changed before its first instruction, and where the processor does not tell
//! its counter, that is answered here.
//!
//! The child has asked to be traced. The kernel stops it when it becomes another program, whose stack is complete then, and with
//! every signal.

use crate::kernel::{call, number};
use crate::order::{Change, Entry};
use crate::report;

/// The end of a start-vector.
const AT_NULL: u64 = 0;
/// The entry that is the address of the loader.
const AT_BASE: u64 = 7;
/// More than a loader has, and less than lies between it and the stack.
const LOADER_BYTES: u64 = 1 << 20;
/// The entry that is the address of 16 random bytes.
const AT_RANDOM: u64 = 25;
/// A start-vector has fewer entries than this.
const ENTRIES_MAX: usize = 64;
/// The smallest that a page is: where a stack ends.
const PAGE_BYTES: u64 = 4096;
const SIGTRAP: u64 = 5;
const SIGKILL: u64 = 9;
const SIGSEGV: u64 = 11;
const ENOENT: i64 = -2;
const PTRACE_PEEKDATA: u64 = 2;
const PTRACE_CONT: u64 = 7;
const PTRACE_DETACH: u64 = 17;
const PTRACE_SETOPTIONS: u64 = 0x4200;
const PTRACE_GETREGSET: u64 = 0x4204;
const PTRACE_SETREGSET: u64 = 0x4205;
/// The child dies with who traces it.
const PTRACE_O_EXITKILL: u64 = 1 << 20;
const NT_PRSTATUS: u64 = 1;
/// How many there are, and which of them are the stack pointer and the instruction's address.
#[cfg(target_arch = "x86_64")]
const REGISTERS: usize = 27;
#[cfg(target_arch = "x86_64")]
const STACK_POINTER: usize = 19;
#[cfg(target_arch = "x86_64")]
const INSTRUCTION: usize = 16;
#[cfg(target_arch = "aarch64")]
const REGISTERS: usize = 34;
#[cfg(target_arch = "aarch64")]
const STACK_POINTER: usize = 31;
#[cfg(target_arch = "aarch64")]
const INSTRUCTION: usize = 32;
/// How far the counter has moved each time that it is looked at: a microsecond at 1 GHz.
const TICKS: u64 = 1000;

/// Who traces a child.
pub struct Tracer {
    change: *const Change,
    /// A descriptor that failures are reported to.
    failures: u64,
    /// The error for which the child could not become the guest.
    pub failed: u32,
    /// Whether the child has become the guest.
    has_begun: bool,
    /// Where the guest's loader lies.
    loader: u64,
    /// What the loader has last been told of the counter.
    counter: u64,
}

impl Tracer {
    /// Changes the start-vector of the child that this is used for as `change` says, which may be null for a child that is not traced.
    pub fn new(change: *const Change, failures: u64) -> Self {
        Tracer { change, failures, failed: 0, has_begun: false, loader: 0, counter: 0 }
    }

    /// Lets a stopped child go on, and says whether it was stopped: with the signal that stopped it, unless that is because it has
    /// become the guest or has asked for the counter. A child whose vector cannot be changed goes no further.
    pub unsafe fn attend(&mut self, child: u64, status: u32) -> bool {
        if status & 0xff != 0x7f {
            return false;
        }
        let signal = u64::from(status >> 8);
        unsafe {
            if !self.has_begun && signal == SIGTRAP {
                self.begin(child);
            } else {
                let is_answered = self.has_begun && signal == SIGSEGV && self.count(child);
                trace(PTRACE_CONT, child, 0, if is_answered { 0 } else { signal });
            }
        }
        true
    }

    /// Lets the child begin as the guest.
    unsafe fn begin(&mut self, child: u64) {
        self.has_begun = true;
        unsafe {
            let change = &*self.change;
            let mut done = self.retouch(child, change);
            let stays = change.counts != 0;
            if done == 0 && stays {
                done = trace(PTRACE_SETOPTIONS, child, 0, PTRACE_O_EXITKILL);
            }
            if done == 0 {
                done = trace(if stays { PTRACE_CONT } else { PTRACE_DETACH }, child, 0, 0);
            }
            if done < 0 {
                self.failed = -done as u32;
                report(self.failures as i32, change.step, done);
                call(number::KILL, [child, SIGKILL, 0, 0, 0, 0]);
            }
            call(number::CLOSE, [self.failures, 0, 0, 0, 0, 0]);
        }
    }

    /// Changes the start-vector of a child that has not run yet.
    unsafe fn retouch(&mut self, child: u64, change: &Change) -> i64 {
        unsafe {
            let mut registers = [0; REGISTERS];
            let done = read_registers(child, &mut registers);
            if done < 0 {
                return done;
            }
            let at = register(&mut registers, STACK_POINTER).read() + change.offset;
            let mut vector = [[0; 2]; ENTRIES_MAX];
            let read = read_ahead(child, at, &raw mut vector as u64, size_of_val(&vector) as u64);
            if read < 0 {
                return read;
            }
            let (mut seen, mut random) = (0, 0);
            loop {
                if seen == read as usize / size_of::<[u64; 2]>() {
                    return ENOENT;
                }
                let pair = vector.as_mut_ptr().add(seen);
                seen += 1;
                match (*pair)[0] {
                    AT_NULL => break,
                    AT_BASE => self.loader = (*pair)[1],
                    AT_RANDOM => random = (*pair)[1],
                    _ => alter(pair, change),
                }
            }
            if random == 0 {
                return ENOENT;
            }
            let (bytes, chance) = (seen * size_of::<[u64; 2]>(), size_of_val(&change.random));
            let changed =
                [(&raw const vector as u64, bytes, at), (&raw const change.random as u64, chance, random)];
            let written = copy(number::PROCESS_VM_WRITEV, child, &changed);
            match written {
                all if all == (bytes + chance) as i64 => 0,
                error if error < 0 => error,
                _ => ENOENT,
            }
        }
    }

    /// Answers a loader that has asked for the counter, which it does at every start; says whether it has. The program itself has
    /// that from its own library, as a fault.
    unsafe fn count(&mut self, child: u64) -> bool {
        unsafe {
            let mut registers = [0; REGISTERS];
            let (mut code, read) = (0, read_registers(child, &mut registers));
            let at = register(&mut registers, INSTRUCTION).read();
            if read < 0 || at.wrapping_sub(self.loader) >= LOADER_BYTES || peek(child, at, &mut code) < 0 {
                return false;
            }
            self.counter = self.counter.wrapping_add(TICKS);
            if !answer(&mut registers, code, self.counter) {
                return false;
            }
            let place = [registers.as_ptr() as u64, size_of_val(&registers) as u64];
            trace(PTRACE_SETREGSET, child, NT_PRSTATUS, place.as_ptr() as u64) >= 0
        }
    }
}

/// Does what the instruction would have done, if it is one that asks for the counter.
#[cfg(target_arch = "x86_64")]
unsafe fn answer(registers: &mut [u64; REGISTERS], code: u64, counter: u64) -> bool {
    const RAX: usize = 10;
    const RCX: usize = 11;
    const RDX: usize = 12;
    let (is_plain, is_with_processor) = (code & 0xffff == 0x310f, code & 0xff_ffff == 0xf9_010f);
    if !is_plain && !is_with_processor {
        return false;
    }
    unsafe {
        register(registers, RAX).write(counter & u64::from(u32::MAX));
        register(registers, RDX).write(counter >> 32);
        if is_with_processor {
            register(registers, RCX).write(0);
        }
        *register(registers, INSTRUCTION) += if is_plain { 2 } else { 3 };
    }
    true
}

/// Does what the instruction would have done, if it is one that asks for the counter.
#[cfg(target_arch = "aarch64")]
unsafe fn answer(registers: &mut [u64; REGISTERS], code: u64, counter: u64) -> bool {
    let (what, target) = (code & 0xffff_ffe0, (code & 0x1f) as usize);
    let is_counter = matches!(what, 0xd53b_e020 | 0xd53b_e040 | 0xd53b_e0a0 | 0xd53b_e0c0);
    if is_counter {
        unsafe {
            if target < 31 {
                register(registers, target).write(counter);
            }
            *register(registers, INSTRUCTION) += 4;
        }
    }
    is_counter
}

unsafe fn register(registers: &mut [u64; REGISTERS], which: usize) -> *mut u64 {
    unsafe { registers.as_mut_ptr().add(which) }
}

/// Changes one entry, if that is of a kind that is to be changed.
unsafe fn alter(pair: *mut [u64; 2], change: &Change) {
    unsafe {
        let entry = (&raw const *change).add(1).cast::<Entry>();
        let mut index = 0;
        while index < change.entries {
            let entry = &*entry.add(index as usize);
            if entry.kind == (*pair)[0] {
                *pair = [entry.becomes, (*pair)[1] & entry.keep | entry.set];
                return;
            }
            index += 1;
        }
    }
}

/// Reads memory of a child, at most a page, as far as there is any, and says how much that was. A part is read whole or not at
/// all, so it ends where the memory may end.
unsafe fn read_ahead(child: u64, from: u64, to: u64, bytes: u64) -> i64 {
    let left = PAGE_BYTES - from % PAGE_BYTES;
    let first = if left < bytes { left } else { bytes };
    let parts = [(to, first as usize, from), (to + first, (bytes - first) as usize, from + first)];
    unsafe { copy(number::PROCESS_VM_READV, child, &parts) }
}

/// Copies memory of a child, as many bytes from or to one address here and one there, and says how many in all.
unsafe fn copy<const PARTS: usize>(number: u64, child: u64, parts: &[(u64, usize, u64); PARTS]) -> i64 {
    let (mut here, mut there) = ([[0; 2]; PARTS], [[0; 2]; PARTS]);
    let mut index = 0;
    unsafe {
        while index < PARTS {
            let (own, bytes, foreign) = *parts.as_ptr().add(index);
            *here.as_mut_ptr().add(index) = [own, bytes as u64];
            *there.as_mut_ptr().add(index) = [foreign, bytes as u64];
            index += 1;
        }
        let count = PARTS as u64;
        call(number, [child, here.as_ptr() as u64, count, there.as_ptr() as u64, count, 0])
    }
}

unsafe fn read_registers(child: u64, registers: &mut [u64; REGISTERS]) -> i64 {
    let place = [registers.as_mut_ptr() as u64, size_of_val(registers) as u64];
    unsafe { trace(PTRACE_GETREGSET, child, NT_PRSTATUS, place.as_ptr() as u64) }
}

unsafe fn peek(child: u64, address: u64, word: &mut u64) -> i64 {
    unsafe { trace(PTRACE_PEEKDATA, child, address, &raw mut *word as u64) }
}

unsafe fn trace(request: u64, child: u64, address: u64, data: u64) -> i64 {
    unsafe { call(number::PTRACE, [request, child, address, data, 0, 0]) }
}
