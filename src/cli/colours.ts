/** Colours for a terminal, or none. */

export type Colour = 'red' | 'green' | 'yellow' | 'dim' | 'bold';

/** Puts text in a colour. */
export type Paint = (colour: Colour, text: string) => string;

/** Select Graphic Rendition parameters that begin and end each (ECMA-48, 8.3.117). */
const renditions: Readonly<Record<Colour, readonly [begin: number, end: number]>> = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
};

/**
 * Whether output is coloured. `FORCE_COLOR` decides where it is set (`0` and `false` mean no), then a `NO_COLOR` that is not
 * empty (no-color.org), then whether the output is a terminal that can.
 */
export function wantsColours(
  environment: Readonly<Record<string, string | undefined>>,
  isTerminal: boolean,
): boolean {
  const { FORCE_COLOR: force, NO_COLOR: no, TERM: terminal } = environment;
  if (force !== undefined) return force !== '0' && force !== 'false';
  if (no !== undefined && no !== '') return false;
  return isTerminal && terminal !== 'dumb';
}

/** Paints where colours are wanted, and otherwise leaves text as it is. */
export function painter(coloured: boolean): Paint {
  if (!coloured) return (_colour, text) => text;
  return (colour, text) => {
    const [begin, end] = renditions[colour];
    return `\u001b[${begin}m${text}\u001b[${end}m`;
  };
}
