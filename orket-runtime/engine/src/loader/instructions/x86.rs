//! x86-64. Instructions have no fixed length, so the bytes of one may also be part of another: every function in which such bytes
//! occur is decoded from its start.

use super::{Functions, Instruction, start};
use iced_x86::{Code, Decoder, DecoderOptions, Instruction as Decoded};

/// The instructions at their addresses. Each function is decoded at most once.
pub(super) fn find(code: &[u8], first: u64, functions: &Functions) -> Vec<(u64, Instruction)> {
    let mut found = Vec::new();
    let mut done = 0;
    for at in candidates(code) {
        if at < done {
            continue;
        }
        let address = first.wrapping_add(at as u64);
        let from = offset(start(address, first, functions), first).max(done);
        done = decode(&code[from..], first.wrapping_add(from as u64), at - from, &mut found) + from;
    }
    found
}

fn offset(address: u64, first: u64) -> usize {
    usize::try_from(address.wrapping_sub(first)).unwrap_or_default()
}

/// Where bytes stand that may be such an instruction, prefixes not counted.
fn candidates(code: &[u8]) -> impl Iterator<Item = usize> {
    let is_one = |pair: &[u8]| match *pair {
        [0x0f, 0x05 | 0x31 | 0x34 | 0xa2 | 0xc7] | [0xcd, 0x80] => true,
        // `rdtscp` has a third byte, among many neighbours that are of no interest.
        [0x0f, 0x01] => true,
        _ => false,
    };
    code.windows(2).enumerate().filter(move |(_, pair)| is_one(pair)).map(|(at, _)| at)
}

/// Decodes up to and with what stands at `until`, and says how far that went.
fn decode(code: &[u8], address: u64, until: usize, found: &mut Vec<(u64, Instruction)>) -> usize {
    let mut decoder = Decoder::with_ip(64, code, address, DecoderOptions::NONE);
    let mut decoded = Decoded::default();
    while decoder.can_decode() && decoder.position() <= until {
        decoder.decode_out(&mut decoded);
        found.extend(kind(&decoded).map(|kind| (decoded.ip(), kind)));
    }
    decoder.position()
}

fn kind(decoded: &Decoded) -> Option<Instruction> {
    Some(match decoded.code() {
        Code::Int_imm8 if decoded.immediate8() == 0x80 => Instruction::Int80,
        Code::Cpuid => Instruction::Cpuid,
        Code::Rdpid_r32 | Code::Rdpid_r64 => Instruction::Rdpid,
        Code::Rdrand_r16 | Code::Rdrand_r32 | Code::Rdrand_r64 => Instruction::Rdrand,
        Code::Rdseed_r16 | Code::Rdseed_r32 | Code::Rdseed_r64 => Instruction::Rdseed,
        Code::Rdtsc => Instruction::Rdtsc,
        Code::Rdtscp => Instruction::Rdtscp,
        Code::Syscall => Instruction::Syscall,
        Code::Sysenter => Instruction::Sysenter,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(code: &[u8], functions: &[u64], expected: &[(u64, Instruction)]) {
        let functions = functions.iter().map(|at| (*at, "f".to_owned())).collect();
        assert_eq!(find(code, 0x1000, &functions), expected);
    }

    #[test]
    fn each_is_found_with_its_prefixes() {
        use Instruction::*;
        check(&[0x0f, 0x05], &[], &[(0x1000, Syscall)]);
        check(&[0x90, 0x0f, 0x34], &[], &[(0x1001, Sysenter)]);
        check(&[0x0f, 0xa2, 0x0f, 0x31], &[], &[(0x1000, Cpuid), (0x1002, Rdtsc)]);
        check(&[0x0f, 0x01, 0xf9], &[], &[(0x1000, Rdtscp)]);
        check(&[0x0f, 0x01, 0xd0], &[], &[]);
        check(&[0x48, 0x0f, 0xc7, 0xf0], &[], &[(0x1000, Rdrand)]);
        check(&[0x66, 0x0f, 0xc7, 0xf8], &[], &[(0x1000, Rdseed)]);
        check(&[0xf3, 0x0f, 0xc7, 0xf8], &[], &[(0x1000, Rdpid)]);
        check(&[0xcd, 0x80], &[], &[(0x1000, Int80)]);
        check(&[0xcd, 0x81], &[], &[]);
    }

    #[test]
    fn bytes_within_another_instruction_are_none() {
        // mov eax, 0x050f; ret
        let code = [0xb8, 0x0f, 0x05, 0x00, 0x00, 0xc3];
        check(&code, &[], &[]);
        check(&code, &[0x1000], &[]);
        // A function that begins there says otherwise.
        check(&code, &[0x1000, 0x1001], &[(0x1001, Instruction::Syscall)]);
    }

    #[test]
    fn many_in_one_function_are_each_found_once() {
        let code = [0x0f, 0x31].repeat(1000);
        assert_eq!(find(&code, 0, &Functions::new()).len(), 1000);
    }
}
