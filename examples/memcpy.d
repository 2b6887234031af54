/// Copies bytes. The call gives two arrays, and says what comes back and what stands there then.
module examples.memcpy;

// @jit  void *memcpy(void *target, const void *source, size_t count)
// @call ([0; 4], [1, 2, 3, 4], 4) => target, target = [1, 2, 3, 4]
// @call ([9, 9, 9], "ab", 2)      => target, target = ['a', 'b', 9]
immutable ubyte[] memcpyCode = [
    0x48, 0x89, 0xf8,  // mov %rdi, %rax
    0x48, 0x89, 0xd1,  // mov %rdx, %rcx
    0xf3, 0xa4,        // rep movsb
    0xc3,              // ret
];
