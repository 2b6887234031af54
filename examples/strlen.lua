-- The length of a string, with the instruction that scans for a byte. The code is a Lua string.

-- @jit  strlen(s: &CStr) -> usize
-- @call ("")          => 0
-- @call ("hello")     => 5
-- @call ("tab\there") => 8
local code =
  "\x31\xc0" ..          -- xor %eax, %eax
  "\x48\x83\xc9\xff" ..  -- or $-1, %rcx
  "\xf2\xae" ..          -- repne scasb
  "\x48\xf7\xd1" ..      -- not %rcx
  "\x48\x8d\x41\xff" ..  -- lea -1(%rcx), %rax
  "\xc3"                 -- ret

return code
