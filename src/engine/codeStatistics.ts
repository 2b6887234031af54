/**
 * How often each byte value stands at each place of an instruction word, in code of several architectures: minus the
 * logarithm to base 2 of its share, rounded to whole bits and held between 1 and 14, as a hexadecimal digit. Counted over all
 * functions of the C, C++ and mathematical libraries of Debian 12 (libc6 2.36, libstdc++6 12; of Arm, RISC-V and 32-bit x86 the
 * packages libc6-*-cross; Arm's hard-float one is Thumb-2), half a byte added to each count.
 */
import type { Architecture } from '../model/architecture.ts';

/** Costs in bits by place (row) and byte value (column). */
export interface ByteStatistics {
  /** Bytes after which the places repeat. */
  readonly period: 1 | 2 | 4;
  /** Bits that a byte costs, at `place * 256 + value`. */
  readonly bits: Uint8Array;
}

function digits(period: 1 | 2 | 4, text: string): () => ByteStatistics {
  let known: ByteStatistics | undefined;
  return () => {
    known ??= {
      period,
      bits: Uint8Array.from(text.replaceAll(/\s/g, ''), (digit) => Number.parseInt(digit, 16)),
    };
    return known;
  };
}

/** Of each architecture that can be told by its bytes; worked out when asked for. */
export const byteStatistics: ReadonlyMap<Architecture, () => ByteStatistics> = new Map<
  Architecture,
  () => ByteStatistics
>([
  [
    'x86_64',
    digits(
      1,
      `
          3688778869aa88a468aa98aa8abbaa878aab69bb88baaa9a88bbaaba88aaa9ba
          86a868a847aa68aa8bb888aa9ab888aa9cca8a6babba9ba8acaa78aa9baa8aa9
          89a676aa94b5a6aa9ccbaaccaccbabcbacccbbccacbbacbbabcbaa9a8a9aaaaa
          6887898788aaaaab8a8aaaaa88a8b9a88aaaaaa967a88a988a87a98889789884
        `,
    ),
  ],
  [
    'x86',
    digits(
      1,
      `
          368868997aaa6aa66aba7aaa7abb7baa7abc4a8c8aca8ccb88cb8ccc89ca8aaa
          8baa589a9cbb7abc8aa868889cb88989accca89c9c8c8cccacaa689aacbc8aa9
          88a566aaa4b486aa8aca8accabccaaccaacbacccacca9cccabcb8a8a8aaa9baa
          78986a9698aaabbb8aaaaccb86a8a7999aabaabb68a86aaa8aaaaa9988988884
        `,
    ),
  ],
  [
    'aarch64',
    digits(
      4,
      `
          4567889a8aaaaabcabb8889a8aaaacc565788aaaaaabaaccabca9aaaaaaaabc6
          66689aaa9aabaacbabbaaaaaaaaaacc856768aaaaaaaaabcacb899aaaaaaacc6
          66888aaaaabbaaccbbb98aaaaaaaacc7678999aaaaabaabbbcbaa8aaaaaaabb8
          5889aaaaaaaaaabbbbbaaa9aaaaaaba84466888889aa9aaaaaa466868788a4c8
          3642576668668a887a878a988a987aa869888ba88aa8aba9aba88aa89ba89ba8
          69889ca9acb9acb9aca6abbaacb6acca8c96acba8b88bc9aaca8acaa8ca58b99
          6a88acaaacaaacaaabaaaccaaccaaccb9ca9bccaacbabcbaabaaccbbacbaacbb
          8a88abaaabaaabbc8caaabba9baaabba8a989baaaaaaaaaa9aaaaaaa8a998875
          246678898aaaaaaaabb6667888888aa88889aba9acbcacaccccbbaacccc8bcd8
          36678887accccdcecddccdeeeeeeee86789aaba8bcddcebcceebccdcbcdcbaaa
          4aacbcccceceeddcceecccccecdeded78abdeedaceeeeebaaeeeeccbacbaa88a
          6a888aaabcccceeeedecceeeeeeeeeeaceeeeeecceeeeeecaeeeeeed8eed6664
          eeeeeeeeeeaaeeeae86c8ee5ee7cee68eeeeeeeeea6eecbce89d779886ee96ee
          eeeeeeeeeec9ee8ae85a4eeeeebeeeeeeeeeeeeeeea8eacae68eeeeeaa9eeeee
          eeeeeeeecec6eeee74886ee4ee8aee8eeeeeeeee644ce8ee79aa68cb75eeecee
          eeeeeeeecec8eeee7868a75eeebeeeeeeeeeeeeeeec6eeee779eeeee63aea8ee
        `,
    ),
  ],
  [
    'arm',
    digits(
      4,
      `
          2444456656676887699969897aaa7a89799a8aaa8aaa8aaa7aa98aaa8aaa8aa8
          8aaa8aaa8aaa8baa8aaa8aba8aaa8aaa8aaa8aaa8aaa8aaa7aaa8aaa8aba8aaa
          8aa98aaa8aaa8baa8aaa9aaa8aba8aaa8aaa8baa8aaa8aaa8aaa8aaa9aaa9baa
          8aaa9aaa9aaa8aaa8aaa9aaa8aaa9aaa8aaa9aaa8aaa9aaa699a9aa88aaa9b98
          278989aaaa8aaaaa489a99abaaaaabba48898aaaaaaaaaaa3788898aaa8aaaaa
          58aaaaaaaaabbba869aaaaababccaaba6abaaaaabccbbcbb69aaabbaacbbbcba
          68aaacbaccccccb97abcbcccbbbbbbab7aaaabababababcc8abbbbbbbcbaabbb
          6aababbccbbbabba6bbbbbbbbbbbbaaa6abbabaababbaaaa8aabccbabbaaa884
          388888888ab7aa9a9aa8aacccde6cedacccceeeeeeeee6e8ecc8eeeeeeeeeeee
          aa98aaabcbcaa8be687678899aaa9eae9ccacccceeeedeea8ccaccdeeeeeeeeb
          68767888aaaa94a67866888aaaaa95a42ccdedceeeeecedebceceeeeeeeed6de
          99a8aaaabbbcb7ceaaaaabbcccccbbde6ceeeedeeeeeeeebaccdceeecde87884
          49a8c9ecae5eeeeeb9a8c9ecce5eeeeeeceaeeeeeeaeeeeeeacaeceeee8cccc9
          accceeeeeeeeeeeeeeeeddeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeea
          cecaedeeee8eeeeebcdaeceeee8eeeeeecececeeeeaeeeeeeccaeaeeee8eeeeb
          cdcbedeeee8eeeeeeeeceeeeee9eeeee424382e56644dec8eeeeeceeeeeeeeea
        `,
    ),
  ],
  [
    'thumb',
    digits(
      2,
      `
          4566666667777888688888887876879868878988888888aa798899998988aaa8
          6888888888999aa689989a9a898888aa8a98aaa99aaaaaa96aaaaaaa88769aa8
          698899998a9989aa89989aaa899999a78a989aaa8aa9aaaa799989a98a9898a8
          8a988a988aaa98aa98978aa99a99a8a89aa8aaa9aaaaaaaa77aa8aa888989aa6
          48868aa999878ba89aaacccaaa988aaa68869aaa78868aa878989aabab88aba8
          7a68584788769ab88bcabacc7ba8acd8688aaabb58879aaaaaaacccb8b78acc9
          78aabccacc88ccd88a889abb9a87aabbacdcdecdaaaaaaa868aaa8dea8aaa8b6
          9ccccdcdcdcbccdc66aa9abc88a999ca8cccaa966687864a4688788658688887
        `,
    ),
  ],
  [
    'riscv64',
    digits(
      2,
      `
          7666666686888888899688a689a889ca9866a868a96caa8aaa88aa88c989ba8a
          a8799888aa7baa8b9a86ba8aa98daa9aaa85a998caaccaa8aaa8cacbc8cec8cb
          96668686989a98ab888589b689b88aca896aa878a97cca88aa87b988c889b99a
          a898a998ba8bba8baa86aa88b99cbaaaaa769887c99ccaa489aa8887a8aba8aa
          4668766678888988688a88888a9a8aaa7a8a9886aaaaabac8baa888789aa8aaa
          68988776999aaaaa8aaa98a8aa9aaaab67a86886a8899aaa88aa7887a8899aaa
          6aa96466978888978aa99886aaaaaaaa7a8aaaa89abbacab8aaa9886a9aaa8a7
          89a8a9a8aaa9aaaa8baaaaa8aaaaaaba79a868a889a97aa96a8a7887898a8988
        `,
    ),
  ],
]);
