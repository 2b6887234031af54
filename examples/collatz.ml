(* How many steps the Collatz sequence takes from a number to 1. *)

(* @jit  collatz(n: u64) -> u64
   @call (1)  => 0
   @call (6)  => 8
   @call (27) => 111 *)
let collatz = [|
  0x31; 0xc0;                    (* xor %eax, %eax *)
  0x48; 0x83; 0xff; 0x01;        (* again: cmp $1, %rdi *)
  0x74; 0x15;                    (* je done *)
  0x48; 0xff; 0xc0;              (* inc %rax *)
  0x40; 0xf6; 0xc7; 0x01;        (* test $1, %dil *)
  0x75; 0x05;                    (* jne odd *)
  0x48; 0xd1; 0xef;              (* shr $1, %rdi *)
  0xeb; 0xec;                    (* jmp again *)
  0x48; 0x8d; 0x7c; 0x7f; 0x01;  (* odd: lea 1(%rdi,%rdi,2), %rdi *)
  0xeb; 0xe5;                    (* jmp again *)
  0xc3;                          (* done: ret *)
|]
