## Fibonacci numbers by recursion. The code calls itself and keeps a register on the stack.

# @jit  fib(n: u64) -> u64
# @call (0)  => 0
# @call (1)  => 1
# @call (10) => 55
# @call (20) => 6765
const fib* = [
  byte 0x48, 0x89, 0xf8,         # fib: mov %rdi, %rax
  0x48, 0x83, 0xff, 0x02,        # cmp $2, %rdi
  0x72, 0x1b,                    # jb done
  0x53,                          # push %rbx
  0x57,                          # push %rdi
  0x48, 0xff, 0xcf,              # dec %rdi
  0xe8, 0xed, 0xff, 0xff, 0xff,  # call fib
  0x48, 0x89, 0xc3,              # mov %rax, %rbx
  0x5f,                          # pop %rdi
  0x48, 0x83, 0xef, 0x02,        # sub $2, %rdi
  0xe8, 0xe0, 0xff, 0xff, 0xff,  # call fib
  0x48, 0x01, 0xd8,              # add %rbx, %rax
  0x5b,                          # pop %rbx
  0xc3,                          # done: ret
]
