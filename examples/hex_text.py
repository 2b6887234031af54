"""Machine code as text: hex digits, escapes and base64 are bytes too."""

import base64

# @jit  add(a: f64, b: f64) -> f64
# @call (1.5, 2.25) => 3.75
ADD = bytes.fromhex("f2 0f 58 c1  c3")

# @jit  maximum(a: i64, b: i64) -> i64
# @call (3, 7)   => 7
# @call (-3, -7) => -3
MAXIMUM = bytes.fromhex(
    "4889f8"    # mov %rdi, %rax
    "4839f0"    # cmp %rsi, %rax
    "480f4cc6"  # cmovl %rsi, %rax
    "c3"        # ret
)

# @jit  negate(n: i64) -> i64
# @call (42) => -42
NEGATE = "4889f848f7d8c3"

# @jit  swap(n: u64) -> u64
# @call (0x0102030405060708) => 0x0807060504030201
SWAP = b"\x48\x89\xf8\x48\x0f\xc8\xc3"

# @jit  add_four(n: i64) -> i64
# @call (4) => 8
ADD_FOUR = base64.b64decode("SIn4SIPABMM=")
