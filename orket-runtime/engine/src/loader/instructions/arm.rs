//! aarch64, where every instruction has four bytes.

use super::{Functions, Instruction};

/// Bits that are looked at, what they are, and which instruction that is. The last five bits name a register.
const TABLE: [(u32, u32, Instruction); 7] = [
    (!0, 0xd400_0001, Instruction::Syscall),
    (!0x1f, 0xd53b_e020, Instruction::Rdtsc),
    (!0x1f, 0xd53b_e040, Instruction::Rdtsc),
    (!0x1f, 0xd53b_e0a0, Instruction::Rdtsc),
    (!0x1f, 0xd53b_e0c0, Instruction::Rdtsc),
    (!0x1f, 0xd53b_2400, Instruction::Rdrand),
    (!0x1f, 0xd53b_2420, Instruction::Rdseed),
];

/// The instructions at their addresses.
pub(super) fn find(code: &[u8], first: u64, _: &Functions) -> Vec<(u64, Instruction)> {
    let words = code.chunks_exact(4).zip((0_u64..).step_by(4));
    let one = |(word, at): (&[u8], u64)| {
        let word = u32::from_le_bytes(*word.first_chunk()?);
        let (_, _, kind) = TABLE.iter().find(|(mask, bits, _)| word & mask == *bits)?;
        Some((first.wrapping_add(at), *kind))
    };
    words.filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_found_whatever_its_register() {
        use Instruction::*;
        // nop; svc #0; mrs x3, cntvct_el0; mrs x0, rndr; mrs x30, rndrrs; mrs x1, tpidr_el0; svc #1
        let words: [u32; 7] =
            [0xd503_201f, 0xd400_0001, 0xd53b_e043, 0xd53b_2400, 0xd53b_243e, 0xd53b_d041, 0xd400_0021];
        let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        let found = find(&code, 0x1000, &Functions::new());
        assert_eq!(found, [(0x1004, Syscall), (0x1008, Rdtsc), (0x100c, Rdrand), (0x1010, Rdseed)]);
    }
}
