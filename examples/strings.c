/* C strings: text in quotes is passed with its NUL, a returned pointer is compared with text. */

/*
 * @jit  size_t strlen(const char *s)
 * @call ("hello") => 5
 * @call ("")      => 0
 */
static const char strlen_code[] =
    "\x31\xc0"          // xor %eax, %eax
    "\x80\x3c\x07\x00"  // next: cmpb $0, (%rdi,%rax)
    "\x74\x05"          // je done
    "\x48\xff\xc0"      // inc %rax
    "\xeb\xf5"          // jmp next
    "\xc3";             // done: ret

/*
 * @jit  char first(const char *s)
 * @call ("JIT") => 'J'
 */
static const char first_code[] =
    "\x0f\xb6\x07"  // movzbl (%rdi), %eax
    "\xc3";         // ret

/*
 * @jit  const char *skip_spaces(const char *s)
 * @call ("   hello") => "hello"
 * @call ("world")    => "world"
 */
static const char skip_spaces_code[] =
    "\x48\x89\xf8"  // mov %rdi, %rax
    "\x80\x38\x20"  // next: cmpb $0x20, (%rax)
    "\x75\x05"      // jne done
    "\x48\xff\xc0"  // inc %rax
    "\xeb\xf6"      // jmp next
    "\xc3";         // done: ret

/*
 * @jit  const char *find(const char *s, char c)
 * @call ("key=value", '=') => "=value"
 * @call ("key", '=')       => null
 */
static const char find_code[] =
    "\x48\x89\xf8"  // mov %rdi, %rax
    "\x40\x38\x30"  // next: cmp %sil, (%rax)
    "\x74\x0c"      // je done
    "\x80\x38\x00"  // cmpb $0, (%rax)
    "\x74\x05"      // je none
    "\x48\xff\xc0"  // inc %rax
    "\xeb\xf1"      // jmp next
    "\x31\xc0"      // none: xor %eax, %eax
    "\xc3";         // done: ret
