/** SSE integer (Intel SDM vol. 2). */
export const sseInteger = [
  ['movd', 'xmm, r/m32', '66 0F 6E /r'],
  ['movd', 'r/m32, xmm', '66 0F 7E /r'],
  ['movq', 'xmm, xmm/m64', 'F3 0F 7E /r'],
  ['movq', 'xmm/m64, xmm', '66 0F D6 /r'],
  ['movq', 'xmm, r/m64', '66 REX.W + 0F 6E /r'],
  ['movq', 'r/m64, xmm', '66 REX.W + 0F 7E /r'],
] as const;
