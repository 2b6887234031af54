// @jit     void forever(void)
// @timeout 60s
// @call    ()
static const unsigned char forever[] = {
    0xeb, 0xfe,  // again: jmp again
};

// @jit  long identity(long n)
// @call (7) => 7
static const unsigned char identity[] = { 0x48, 0x89, 0xf8, 0xc3 };
