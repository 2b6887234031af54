// @jit  int three(void)
// @call () => 4
static const unsigned char three[] = {
    0xb8, 0x03, 0x00, 0x00, 0x00,  // mov $3, %eax
    0xc3,                          // ret
};

// @jit  int crash(void)
// @call ()
static const unsigned char crash[] = {
    0x31, 0xc0,  // xor %eax, %eax
    0x8b, 0x00,  // mov (%rax), %eax
    0xc3,        // ret
};

// @jit  int broken(void)
static const unsigned char broken[] = { 0xb8, MACRO, 0x00, 0x00, 0x00, 0xc3 };
