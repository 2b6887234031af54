/** Literals that fit a type, and what a signature's calls may be expected to give. */
import { parameterName, type Signature, type Type } from '../model/signature.ts';
import type { CallShape } from '../source/annotationPlace.ts';

/** A literal: how it is shown, and how it is written, as a snippet. */
export interface Value {
  readonly label: string;
  readonly snippet: string;
}

const asIs = (label: string): Value => ({ label, snippet: label });

const text: Value = { label: '"text"', snippet: '"${1:text}"' };
const zeroes: Value = { label: '[0; 16]', snippet: '[${1:0}; ${2:16}]' };
const list: Value = { label: '[1, 2, 3]', snippet: '[${1:1, 2, 3}]' };
const aligned: Value = {
  label: 'align 16 [0; 64]',
  snippet: 'align ${1:16} [${2:0}; ${3:64}]',
};

/** Arguments for a parameter of the type, the likeliest first. */
export function valuesOf(type: Type): readonly Value[] {
  switch (type.kind) {
    case 'integer': {
      const most = (1n << BigInt(type.signed ? type.bits - 1 : type.bits)) - 1n;
      const values = [asIs('0'), asIs('1'), asIs(`0x${most.toString(16)}`)];
      return type.signed ? [...values, asIs('-1'), asIs(`${-most - 1n}`)] : values;
    }
    case 'float':
      return ['0.0', '1.5', '-0.0', 'inf', '-inf', 'nan'].map(asIs);
    case 'bool':
      return ['true', 'false'].map(asIs);
    case 'string':
      return [text, asIs('null')];
    case 'pointer': {
      const { target } = type;
      const isText = target.kind === 'void' || (target.kind === 'integer' && target.bits === 8);
      return [zeroes, list, ...(isText ? [text] : []), asIs('null'), aligned];
    }
    case 'vector': {
      const lanes = Array.from({ length: type.lanes }, (_, lane) => String(lane + 1));
      const label = `<${lanes.join(', ')}>`;
      return [{ label, snippet: `<\${1:${lanes.join(', ')}}>` }];
    }
    case 'void':
      return [];
  }
}

/** A whole call with a first argument for each parameter, as a snippet. */
export function callTemplate({ kind, signature }: CallShape): string {
  if (kind === 'fragment') return '(${1:rax = 0}) => ${2:rax = 0}';
  let stop = 0;
  const args = signature.parameters.map(({ type }) => {
    const first = valuesOf(type)[0]?.label ?? '0';
    return `\${${++stop}:${first}}`;
  });
  return `(${args.join(', ')})$0`;
}

/** What may follow `=>` besides outcomes. */
export interface Expectations {
  /** The value returned. Plain numbers are left out: typing one is quicker. */
  readonly values: readonly Value[];
  /** What the buffers of parameters hold afterwards. */
  readonly buffers: readonly Value[];
}

export function expectationsOf(signature: Signature): Expectations {
  const { result, parameters } = signature;
  const pointers = parameters.flatMap(({ type }, index) =>
    type.kind === 'pointer' && parameters[index]?.name !== undefined
      ? [{ name: parameterName(signature, index), type }]
      : [],
  );
  const buffers = pointers
    .filter(({ type }) => type.mutable)
    .map(({ name }) => ({ label: `${name} = […]`, snippet: `${name} = [\${1:0}]` }));
  const returned = pointers.map(({ name }) => asIs(name));
  switch (result.kind) {
    case 'float':
      return {
        values: [
          { label: '1.5 +- 1e-6', snippet: '${1:1.5} +- ${2:1e-6}' },
          asIs('nan'),
          asIs('inf'),
        ],
        buffers,
      };
    case 'bool':
      return { values: ['true', 'false'].map(asIs), buffers };
    case 'pointer':
      return { values: [asIs('null'), list, text, ...returned], buffers };
    case 'string':
      return { values: [text, asIs('null'), ...returned], buffers };
    case 'vector':
      return { values: valuesOf(result), buffers };
    case 'integer':
    case 'void':
      return { values: [], buffers };
  }
}
