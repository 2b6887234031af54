// Counts the bits that are set, twice: with the instruction made for it, and with a loop for
// processors that lack it. Both must agree.

package examples

// @jit  popcount(n: u64) -> u32
// @call (0)                  => 0
// @call (0b1011)             => 3
// @call (0xffffffffffffffff) => 64
var popcount = []byte{
	0xf3, 0x48, 0x0f, 0xb8, 0xc7, // popcnt %rdi, %rax
	0xc3, // ret
}

// @jit  popcount_loop(n: u64) -> u32
// @call (0)                  => 0
// @call (0b1011)             => 3
// @call (0xffffffffffffffff) => 64
var popcountLoop = []byte{
	0x31, 0xc0, // xor %eax, %eax
	0x48, 0x85, 0xff, // test %rdi, %rdi
	0x74, 0x0b, // je done
	0xff, 0xc0, // again: inc %eax
	0x48, 0x8d, 0x4f, 0xff, // lea -1(%rdi), %rcx
	0x48, 0x21, 0xcf, // and %rcx, %rdi
	0x75, 0xf5, // jne again
	0xc3, // done: ret
}
