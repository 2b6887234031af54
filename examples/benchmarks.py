"""What calls take: `jit-bytes bench examples/benchmarks.py`, or click "Benchmark".

Two ways to multiply by ten, and two long chains in which every instruction waits for the one before: processors take 3
cycles for a multiplication (imul), and more for a division (div).
"""

# @jit times_ten_imul(n: i64) -> i64  @bench
# @call (7) => 70
TIMES_TEN_IMUL = bytes([
    0x48, 0x6B, 0xC7, 0x0A,  # imul rax, rdi, 10
    0xC3,  # ret
])

# @jit times_ten_lea(n: i64) -> i64  @bench
# @call (7) => 70
TIMES_TEN_LEA = bytes([
    0x48, 0x8D, 0x04, 0xBF,  # lea rax, [rdi + rdi * 4]
    0x48, 0x01, 0xC0,  # add rax, rax
    0xC3,  # ret
])

# @jit multiply_chain(n: i64) -> i64  @bench
# @call (3)
MULTIPLY_CHAIN = (
    b"\x48\x89\xf8"  # mov rax, rdi
    + b"\x48\x0f\xaf\xc0" * 64  # imul rax, rax
    + b"\xc3"  # ret
)

# @jit divide_chain(n: i64) -> i64  @bench
# @call (3)
DIVIDE_CHAIN = (
    b"\x48\x89\xf8"  # mov rax, rdi
    + b"\xb9\x03\x00\x00\x00"  # mov ecx, 3
    + b"\x31\xd2\x48\xf7\xf1" * 64  # xor edx, edx; div rcx
    + b"\xc3"  # ret
)
