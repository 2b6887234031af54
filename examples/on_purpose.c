// Code that fails on purpose, each time in another way. A failure that is expected is a success.

// Nothing is mapped at address 0.
// @jit  int read_null(void)
// @call () => fault SIGSEGV
static const unsigned char read_null_code[] = {
    0x31, 0xc0,  // xor %eax, %eax
    0x8b, 0x00,  // mov (%rax), %eax
    0xc3,        // ret
};

// @jit  int divide(int a, int b)
// @call (7, 2) => 3
// @call (7, 0) => fault SIGFPE
static const unsigned char divide_code[] = {
    0x89, 0xf8,  // mov %edi, %eax
    0x99,        // cltd
    0xf7, 0xfe,  // idiv %esi
    0xc3,        // ret
};

// @jit  void undefined(void)
// @call () => fault SIGILL
static const unsigned char undefined_code[] = {
    0x0f, 0x0b,  // ud2
};

// @jit  void breakpoint(void)
// @call () => fault SIGTRAP
static const unsigned char breakpoint_code[] = {
    0xcc,  // int3
    0xc3,  // ret
};

// @jit     void forever(void)
// @timeout 200ms
// @call    () => timeout
static const unsigned char forever_code[] = {
    0xeb, 0xfe,  // again: jmp again
};
