static const unsigned char add[] = {
    0x48, 0x8d, 0x04, 0x37,  // lea (%rdi,%rsi), %rax
    0xc3,                    // ret
};

// @jit long twice(long n)
static const unsigned char twice[] = { 0x48, 0x8d, 0x04, 0x3f, 0xc3 };
