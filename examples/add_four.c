/* Adds four to a number. The annotation may be a C prototype, and may stand in a block comment. */

/*
 * @jit  long add_four(long n)
 * @call (4)  => 8
 * @call (-1) => 3
 */
static const unsigned char add_four_code[] = {
    0x48, 0x89, 0xf8,        /* mov %rdi, %rax */
    0x48, 0x83, 0xc0, 0x04,  /* add $4, %rax */
    0xc3,                    /* ret */
};
