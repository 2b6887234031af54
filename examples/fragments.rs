// A fragment is no function: it starts with the registers that it is given, and its registers are its result.

// @fragment
// @call (rax = 40, rcx = 2)             => rax = 42, cf = 0
// @call (rax = 0xffffffffffffffff, rcx = 1) => rax = 0, cf = 1, zf = 1
const ADD: [u8; 3] = [
    0x48, 0x01, 0xc8, // add %rcx, %rax
];

// @fragment
// @call (eax = 7, ebx = 9) => eax = 9, ebx = 7
const SWAP: [u8; 6] = [
    0x31, 0xd8, // xor %ebx, %eax
    0x31, 0xc3, // xor %eax, %ebx
    0x31, 0xd8, // xor %ebx, %eax
];
