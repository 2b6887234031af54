// @jit (u32) -> u32
// @call (6) => 7
const code = [_]u8{ 0x8d, 0x47, 0x01, 0xc3 };
