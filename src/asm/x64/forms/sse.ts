/** SSE floating point (Intel SDM vol. 2). */
export const sse = [
  ['movups', 'xmm, xmm/m128', '0F 10 /r'],
  ['movups', 'xmm/m128, xmm', '0F 11 /r'],
  ['movaps', 'xmm, xmm/m128', '0F 28 /r'],
  ['movaps', 'xmm/m128, xmm', '0F 29 /r'],
] as const;
