fn main() {
    // @jit  add_four(n: i64) -> i64
    // @call (4)  => 8
    // @call (-1) => 3
    let code = [
        0x48, 0x89, 0xf8,        // mov %rdi, %rax
        0x48, 0x83, 0xc0, 0x04,  // add $4, %rax
        0xc3,                    // ret
    ];
}

// @jit two() -> i32
const TWO: &[u8] = &[0xb8, 2, 0, 0, 0, 0xc3];
