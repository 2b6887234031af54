; Bytes as NASM writes them, with hexadecimal suffixes and repeats, and Intel syntax beside them.

        bits    64
        section .text

        global  sum_to
; @jit  sum_to(n: u64) -> u64
; @call (0)   => 0
; @call (4)   => 10
; @call (100) => 5050
sum_to:
        db      31h, 0C0h         ; xor eax, eax
        db      48h, 85h, 0FFh    ; test rdi, rdi
        db      74h, 11h          ; jz done
        times 9 db 90h            ; align the loop to 16 bytes
        db      48h, 01h, 0F8h    ; again: add rax, rdi
        db      48h, 0FFh, 0CFh   ; dec rdi
        db      75h, 0F8h         ; jnz again
        db      0C3h              ; done: ret
