-- The greatest common divisor, as Euclid found it.

module Gcd (code) where

import Data.Word (Word8)

-- @jit  gcd(a: u64, b: u64) -> u64
-- @call (48, 18)     => 6
-- @call (0, 9)       => 9
-- @call (1071, 1029) => 21
code :: [Word8]
code =
  [
    0x48, 0x89, 0xf8,  -- mov %rdi, %rax
    0x48, 0x85, 0xf6,  -- again: test %rsi, %rsi
    0x74, 0x0d,        -- je done
    0x31, 0xd2,        -- xor %edx, %edx
    0x48, 0xf7, 0xf6,  -- div %rsi
    0x48, 0x89, 0xf0,  -- mov %rsi, %rax
    0x48, 0x89, 0xd6,  -- mov %rdx, %rsi
    0xeb, 0xee,        -- jmp again
    0xc3               -- done: ret
  ]
