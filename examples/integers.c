// Integers of every width. What is narrower than a register is passed and shown as its C type says.

#include <stdint.h>

// Signed bytes wrap: there is no 128.
// @jit  int8_t negate(int8_t n)
// @call (127)  => -127
// @call (-128) => -128
static const uint8_t negate_code[] = {
    0x89, 0xf8,  // mov %edi, %eax
    0xf7, 0xd8,  // neg %eax
    0xc3,        // ret
};

// Unsigned bytes go up to 255, and their sum fits because it is made in 32 bits.
// @jit  uint8_t average(uint8_t a, uint8_t b)
// @call (200, 100) => 150
// @call (255, 255) => 255
static const uint8_t average_code[] = {
    0x40, 0x0f, 0xb6, 0xc7,  // movzbl %dil, %eax
    0x40, 0x0f, 0xb6, 0xce,  // movzbl %sil, %ecx
    0x01, 0xc8,              // add %ecx, %eax
    0xd1, 0xe8,              // shr $1, %eax
    0xc3,                    // ret
};

// @jit  uint16_t swap_bytes(uint16_t n)
// @call (0x1234) => 0x3412
// @call (255)    => 65280
static const uint8_t swap_bytes_code[] = {
    0x89, 0xf8,              // mov %edi, %eax
    0x66, 0xc1, 0xc0, 0x08,  // rol $8, %ax
    0xc3,                    // ret
};

// @jit  bool is_even(uint32_t n)
// @call (7)          => false
// @call (0xfffffffe) => true
static const uint8_t is_even_code[] = {
    0x40, 0xf6, 0xc7, 0x01,  // test $1, %dil
    0x0f, 0x94, 0xc0,        // sete %al
    0xc3,                    // ret
};

// Fibonacci hashing: all 64 bits count.
// @jit  uint64_t hash(uint64_t key)
// @call (1) => 0x9e3779b97f4a7c15
// @call (2) => 0x3c6ef372fe94f82a
static const uint8_t hash_code[] = {
    0x48, 0xb8, 0x15, 0x7c, 0x4a, 0x7f, 0xb9, 0x79, 0x37, 0x9e,  // movabs $0x9e3779b97f4a7c15, %rax
    0x48, 0x0f, 0xaf, 0xc7,                                      // imul %rdi, %rax
    0xc3,                                                        // ret
};

// Six integers travel in registers, the seventh and the eighth on the stack.
// @jit  int sum(int a, int b, int c, int d, int e, int f, int g, int h)
// @call (1, 2, 3, 4, 5, 6, 7, 8) => 36
// @call (10000000, 2000000, 300000, 40000, 5000, 600, 70, 8) => 12345678
static const uint8_t sum_code[] = {
    0x8d, 0x04, 0x37,        // lea (%rdi,%rsi), %eax
    0x01, 0xd0,              // add %edx, %eax
    0x01, 0xc8,              // add %ecx, %eax
    0x44, 0x01, 0xc0,        // add %r8d, %eax
    0x44, 0x01, 0xc8,        // add %r9d, %eax
    0x03, 0x44, 0x24, 0x08,  // add 8(%rsp), %eax
    0x03, 0x44, 0x24, 0x10,  // add 16(%rsp), %eax
    0xc3,                    // ret
};
