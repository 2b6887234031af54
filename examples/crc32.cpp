// CRC-32 bit by bit, without tables. The first call is the check value that CRC catalogues give.

#include <cstdint>

// @jit  uint32_t crc32(const uint8_t *bytes, size_t count)
// @call ("123456789", 9) => 0xcbf43926
// @call ([0; 4], 4)      => 0x2144df1c
// @call ("", 0)          => 0
constexpr std::uint8_t crc32_code[] = {
    0x83, 0xc8, 0xff,              // or $-1, %eax
    0x48, 0x85, 0xf6,              // test %rsi, %rsi
    0x74, 0x1c,                    // je done
    0x32, 0x07,                    // next: xor (%rdi), %al
    0x48, 0xff, 0xc7,              // inc %rdi
    0xb9, 0x08, 0x00, 0x00, 0x00,  // mov $8, %ecx
    0xd1, 0xe8,                    // bit: shr $1, %eax
    0x73, 0x05,                    // jnc skip
    0x35, 0x20, 0x83, 0xb8, 0xed,  // xor $0xedb88320, %eax
    0xff, 0xc9,                    // skip: dec %ecx
    0x75, 0xf3,                    // jne bit
    0x48, 0xff, 0xce,              // dec %rsi
    0x75, 0xe4,                    // jne next
    0xf7, 0xd0,                    // done: not %eax
    0xc3,                          // ret
};
