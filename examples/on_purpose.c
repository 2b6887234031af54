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

// Bytes may not start other programs, nor make any other system call.
// @jit  void start_shell(void)
// @call () => blocked execve
static const unsigned char start_shell_code[] = {
    0x48, 0x8d, 0x3d, 0x0c, 0x00, 0x00, 0x00,  // lea 12(%rip), %rdi
    0x31, 0xf6,                                // xor %esi, %esi
    0x31, 0xd2,                                // xor %edx, %edx
    0xb8, 0x3b, 0x00, 0x00, 0x00,              // mov $59, %eax
    0x0f, 0x05,                                // syscall
    0xc3,                                      // ret
    // @data +0x13
    '/', 'b', 'i', 'n', '/', 's', 'h', 0,
};

// @jit  void leave(int status)
// @call (3) => exited 3
static const unsigned char leave_code[] = {
    0xb8, 0xe7, 0x00, 0x00, 0x00,  // mov $231, %eax
    0x0f, 0x05,                    // syscall
};

// The return was forgotten.
// @jit  long run_off(long n)
// @call (4) => end
static const unsigned char run_off_code[] = {
    0x48, 0x8d, 0x47, 0x04,  // lea 4(%rdi), %rax
};

// A function must leave %rbx as it was.
// @jit  void clobber(void)
// @call () => abi rbx
static const unsigned char clobber_code[] = {
    0x31, 0xdb,  // xor %ebx, %ebx
    0xc3,        // ret
};

// The instruction that faults is known: here it is the second one, at byte 4.
// @jit  int third(const int *numbers)
// @call ([1, 2, 3]) => 3
// @call ([1, 2])    => fault SIGSEGV at +4
static const unsigned char third_code[] = {
    0x48, 0x8d, 0x47, 0x04,  // lea 4(%rdi), %rax
    0x8b, 0x40, 0x04,        // mov 4(%rax), %eax
    0xc3,                    // ret
};
