# Bytes as GNU assembler directives, for instructions that an assembler does not know yet, or must
# not choose itself.

        .text

        .globl  distance
# @jit  distance(a: i64, b: i64) -> i64
# @call (3, 10) => 7
# @call (10, 3) => 7
distance:
        .byte   0x48, 0x89, 0xf8  # mov %rdi, %rax
        .byte   0x48, 0x29, 0xf0  # sub %rsi, %rax
        .byte   0x7d, 0x03        # jge done
        .byte   0x48, 0xf7, 0xd8  # neg %rax
        .byte   0xc3              # done: ret

        .globl  odd_bytes
# A constant reads best as one word.
# @jit  odd_bytes(n: u64) -> u64
# @call (0x1122334455667788) => 0x0022004400660088
odd_bytes:
        .byte   0x48, 0xb8        # what follows goes into %rax
        .quad   0x00ff00ff00ff00ff
        .byte   0x48, 0x21, 0xf8  # and %rdi, %rax
        .byte   0xc3              # ret
