/** Code, data, jumps and padding in order; their offsets once every jump's length is settled. */
import type { Fixup } from './encode.ts';
import type { Label } from './operands.ts';

/** A jump to a label in its lengths: opcode bytes, which the distance follows (1 byte, or 4). */
export interface Jump {
  readonly kind: 'jump';
  readonly text: string;
  readonly short: readonly number[] | undefined;
  readonly near: readonly number[] | undefined;
  readonly label: Label;
}

export type Item =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly fixup: Fixup | undefined }
  | Jump
  | { readonly kind: 'label'; readonly label: Label }
  | { readonly kind: 'align'; readonly to: number; readonly fill: number }
  | { readonly kind: 'org'; readonly offset: number; readonly fill: number };

/** Where everything stands. */
export interface Layout {
  /** Offset of each item, and at the end the size of it all. */
  readonly offsets: readonly number[];
  readonly near: ReadonlySet<number>;
  readonly labels: ReadonlyMap<Label, number>;
}

const SHORT_SIZE = 1;
const NEAR_SIZE = 4;

function jumpSize(jump: Jump, near: boolean): number {
  const opcode = near ? jump.near : jump.short;
  return (opcode?.length ?? 0) + (near ? NEAR_SIZE : SHORT_SIZE);
}

function sizeOf(item: Item, offset: number, near: boolean): number {
  switch (item.kind) {
    case 'bytes':
      return item.bytes.length;
    case 'jump':
      return jumpSize(item, near);
    case 'label':
      return 0;
    case 'align':
      return (item.to - (offset % item.to)) % item.to;
    case 'org':
      return Math.max(item.offset - offset, 0);
  }
}

/**
 * Settles every jump's length: all start short, those out of reach become near and stay so, until
 * nothing changes. Jumps only grow, so this ends.
 * @throws Error naming a label that is used but not bound, a short jump out of range, an org already passed
 */
export function layOut(items: readonly Item[]): Layout {
  const near = new Set<number>();
  for (const [index, item] of items.entries()) {
    if (item.kind === 'jump' && item.short === undefined) near.add(index);
  }
  for (;;) {
    const layout = place(items, near);
    const before = near.size;
    for (const [index, item] of items.entries()) {
      if (item.kind !== 'jump' || near.has(index) || item.near === undefined) continue;
      if (!fitsShort(distance(layout, index, item))) near.add(index);
    }
    if (near.size === before) {
      check(items, layout);
      return layout;
    }
  }
}

function place(items: readonly Item[], near: ReadonlySet<number>): Layout {
  const offsets: number[] = [];
  const labels = new Map<Label, number>();
  let offset = 0;
  for (const [index, item] of items.entries()) {
    offsets.push(offset);
    if (item.kind === 'label') labels.set(item.label, offset);
    offset += sizeOf(item, offset, near.has(index));
  }
  offsets.push(offset);
  return { offsets, near, labels };
}

/** Offset of a label. @throws Error where it is not bound */
export function labelOffset(
  labels: ReadonlyMap<Label, number>,
  label: Label,
  user: string,
): number {
  const offset = labels.get(label);
  if (offset === undefined) throw new Error(`${user}: the label ${label.name} is not bound`);
  return offset;
}

/** From the end of a jump to its label. */
function distance({ offsets, labels }: Layout, index: number, jump: Jump): number {
  return labelOffset(labels, jump.label, jump.text) - (offsets[index + 1] ?? 0);
}

function fitsShort(value: number): boolean {
  return value >= -128 && value <= 127;
}

function check(items: readonly Item[], layout: Layout): void {
  for (const [index, item] of items.entries()) {
    const offset = layout.offsets[index] ?? 0;
    if (item.kind === 'org' && offset > item.offset) {
      throw new RangeError(`org ${item.offset}: the code is already at offset ${offset}`);
    }
    if (item.kind !== 'jump' || layout.near.has(index)) continue;
    const far = distance(layout, index, item);
    if (!fitsShort(far)) {
      throw new RangeError(
        `${item.text} at offset ${offset}: ${far} bytes are out of a short jump's range (-128 to 127)`,
      );
    }
  }
}

/**
 * Writes all items at their offsets.
 * @param base address of offset 0
 */
export function write(
  items: readonly Item[],
  layout: Layout,
  base: bigint,
): Uint8Array<ArrayBuffer> {
  const { offsets, near, labels } = layout;
  const bytes = new Uint8Array(offsets[items.length] ?? 0);
  const view = new DataView(bytes.buffer);
  for (const [index, item] of items.entries()) {
    const start = offsets[index] ?? 0;
    const end = offsets[index + 1] ?? 0;
    if (item.kind === 'align' || item.kind === 'org') bytes.fill(item.fill, start, end);
    else if (item.kind === 'jump') {
      const far = distance(layout, index, item);
      if (near.has(index)) {
        bytes.set(item.near ?? [], start);
        view.setInt32(end - NEAR_SIZE, far, true);
      } else {
        bytes.set(item.short ?? [], start);
        view.setInt8(end - SHORT_SIZE, far);
      }
    } else if (item.kind === 'bytes') {
      bytes.set(item.bytes, start);
      const { fixup } = item;
      if (fixup === undefined) continue;
      const target = labelOffset(labels, fixup.label, `offset ${start}`) + fixup.addend;
      if (fixup.kind === 'relative') view.setInt32(start + fixup.at, target - end, true);
      else view.setBigUint64(start + fixup.at, base + BigInt(target), true);
    }
  }
  return bytes;
}
