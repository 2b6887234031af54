/** As much of JSON Schema as docs/run.schema.json uses. Strict: keys that it does not describe are errors. */
import { readFileSync } from 'node:fs';

type Fields = Readonly<Record<string, unknown>>;

const root = asRecord(JSON.parse(readFileSync('docs/run.schema.json', 'utf8')));

/** What is wrong with a document, each with its place; empty if all is well. */
export function schemaErrors(document: unknown): string[] {
  return errorsOf(document, root, '$');
}

const keywords: ReadonlySet<string> = new Set([
  '$schema',
  '$defs',
  '$ref',
  'title',
  'type',
  'const',
  'enum',
  'anyOf',
  'required',
  'properties',
  'additionalProperties',
  'items',
  'pattern',
  'minimum',
  'minLength',
]);

function errorsOf(value: unknown, schema: Fields, at: string): string[] {
  for (const keyword of Object.keys(schema)) {
    if (!keywords.has(keyword)) throw new Error(`the validator does not know "${keyword}"`);
  }
  const {
    $ref: reference,
    type,
    const: constant,
    enum: values,
    anyOf,
    pattern,
    minimum,
    minLength,
  } = schema;
  if (typeof reference === 'string') return errorsOf(value, definition(reference), at);
  const wrong = (what: string): string[] => [`${at}: ${JSON.stringify(value)} is not ${what}`];
  if (Array.isArray(anyOf)) {
    const all = anyOf.map((one) => errorsOf(value, asRecord(one), at));
    return all.some((errors) => errors.length === 0) ? [] : all.flat();
  }
  if (constant !== undefined && value !== constant) return wrong(String(constant));
  if (Array.isArray(values) && !values.includes(value)) return wrong(`one of ${values.join(', ')}`);
  if (type !== undefined && ![type].flat().includes(typeOf(value))) return wrong(String(type));
  if (typeof value === 'string') {
    if (typeof pattern === 'string' && !new RegExp(pattern, 'u').test(value)) return wrong(pattern);
    if (typeof minLength === 'number' && value.length < minLength) return wrong('long enough');
  }
  if (typeof value === 'number' && typeof minimum === 'number' && value < minimum) {
    return wrong(`at least ${minimum}`);
  }
  if (Array.isArray(value)) {
    const items = asRecord(schema['items']);
    return value.flatMap((item, index) => errorsOf(item, items, `${at}[${index}]`));
  }
  return typeof value === 'object' && value !== null
    ? objectErrors(asRecord(value), schema, at)
    : [];
}

function objectErrors(value: Fields, schema: Fields, at: string): string[] {
  const properties = asRecord(schema['properties'] ?? {});
  const { additionalProperties: others, required } = schema;
  const missing = Array.isArray(required) ? required.filter((key) => !(String(key) in value)) : [];
  return [
    ...missing.map((key) => `${at}: ${String(key)} is missing`),
    ...Object.entries(value).flatMap(([key, item]) => {
      const described = properties[key] ?? others;
      if (described === undefined) return [`${at}: ${key} is not described`];
      return errorsOf(item, asRecord(described), `${at}.${key}`);
    }),
  ];
}

function definition(reference: string): Fields {
  const name = /^#\/\$defs\/(\w+)$/.exec(reference)?.[1] ?? '';
  return asRecord(asRecord(root['$defs'])[name]);
}

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'array';
  return Number.isInteger(value) ? 'integer' : typeof value;
}

function asRecord(value: unknown): Fields {
  if (typeof value !== 'object' || value === null) throw new Error(`${String(value)} is no object`);
  return Object.fromEntries(Object.entries(value));
}
