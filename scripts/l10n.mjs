// The strings of the editor's interface, and their translations.
//
//   node scripts/l10n.mjs           says what is missing, superfluous or differs; exit status 1 if anything
//   node scripts/l10n.mjs --write   refreshes l10n/bundle.l10n.json from the sources, and makes the keys of every
//                                   translation those of the original: new ones are empty, to be filled in
//
// What is in the manifest is translated in package.nls.*.json, what is in the sources in l10n/bundle.l10n.*.json.

import fs from 'node:fs';
import path from 'node:path';
import process from 'node:process';

const sources = 'src/extension';
const bundle = 'l10n/bundle.l10n.json';
const manifest = 'package.nls.json';

/** Every language but English: translations of both kinds must be complete. */
const languages = ['de'];

/** What a backslash before these makes, where it is not themselves. */
const escapes = { n: '\n', t: '\t', r: '\r', '\n': '' };

const write = process.argv.includes('--write');
const complaints = [];

const strings = stringsOfSources();
const original = Object.fromEntries(
  [...strings.keys()].sort().map((message) => [message, message]),
);
keep(bundle, original);
for (const language of languages) {
  translate(bundle, `l10n/bundle.l10n.${language}.json`, original);
  translate(manifest, `package.nls.${language}.json`, read(manifest));
}
checkManifestKeys();
for (const complaint of complaints) console.error(complaint);
process.exitCode = complaints.length > 0 ? 1 : 0;

function read(file) {
  return fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
}

function save(file, entries) {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, `${JSON.stringify(entries, undefined, 2)}\n`);
}

/** The original bundle equals what the sources say. */
function keep(file, entries) {
  if (JSON.stringify(read(file)) === JSON.stringify(entries)) return;
  if (write) save(file, entries);
  else complaints.push(`${file} is not current: run "node scripts/l10n.mjs --write"`);
}

/** A translation has the keys of its original, no empty text, and the same placeholders, links and code in each. */
function translate(from, to, entries) {
  const translated = read(to);
  if (write) {
    save(to, Object.fromEntries(Object.keys(entries).map((key) => [key, translated[key] ?? ''])));
  }
  for (const [key, text] of Object.entries(entries)) {
    const given = (write ? read(to) : translated)[key];
    if (given === undefined || given === '') complaints.push(`${to} lacks: ${key}`);
    else if (marksOf(given) !== marksOf(text)) {
      complaints.push(`${to} has other placeholders, code or links than ${from}: ${key}`);
    }
  }
  for (const key of Object.keys(translated)) {
    if (!write && !(key in entries)) complaints.push(`${to} has no use for: ${key}`);
  }
}

/** What a translation must not change: `{0}`, code in backticks (but a lens's words), targets of links and icons. */
function marksOf(text) {
  const marks = text.match(/\{\d+\}|``[^`]*``|`[^`]*`|\]\([^)]*\)|\$\([\w~-]+\)/g) ?? [];
  return JSON.stringify(marks.filter((mark) => !/^`+▶/.test(mark)).sort());
}

/** Every `%key%` of the manifest has a text, and every text a key. */
function checkManifestKeys() {
  const used = new Set(
    [...fs.readFileSync('package.json', 'utf8').matchAll(/"%([\w.-]+)%"/g)].map(([, key]) => key),
  );
  const given = new Set(Object.keys(read(manifest)));
  for (const key of used) if (!given.has(key)) complaints.push(`${manifest} lacks: ${key}`);
  for (const key of given)
    if (!used.has(key)) complaints.push(`${manifest} has no use for: ${key}`);
}

/** The first arguments of all `l10n.t(…)`, each with the places where it stands. */
function stringsOfSources() {
  const found = new Map();
  for (const name of fs.readdirSync(sources, { recursive: true }).map(String).sort()) {
    if (!name.endsWith('.ts')) continue;
    const file = path.join(sources, name);
    const text = fs.readFileSync(file, 'utf8');
    for (const call of text.matchAll(/\bl10n\.t\(/g)) {
      const message = literalAt(text, call.index + call[0].length);
      const line = text.slice(0, call.index).split('\n').length;
      if (message === undefined) {
        complaints.push(`${file}:${line} translates something that is no plain string literal`);
      } else found.set(message, [...(found.get(message) ?? []), `${file}:${line}`]);
    }
  }
  return found;
}

/** The text of the string literals, joined by `+`, that are the whole first argument at a place; else undefined. */
function literalAt(text, start) {
  const piece =
    /\s*(?:'((?:[^'\\\n]|\\[\s\S])*)'|"((?:[^"\\\n]|\\[\s\S])*)"|`((?:[^`\\$]|\\[\s\S])*)`)\s*/y;
  let at = start;
  let message = '';
  for (;;) {
    piece.lastIndex = at;
    const found = piece.exec(text);
    if (!found) return undefined;
    message += unescaped(found[1] ?? found[2] ?? found[3] ?? '');
    at = piece.lastIndex;
    if (text[at] !== '+') break;
    at++;
  }
  return text[at] === ',' || text[at] === ')' ? message : undefined;
}

function unescaped(source) {
  return source.replaceAll(
    /\\(?:u\{([\da-f]+)\}|u([\da-f]{4})|x([\da-f]{2})|([\s\S]))/gi,
    (...parts) => {
      const [, braced, four, two, other] = parts;
      const code = braced ?? four ?? two;
      if (code !== undefined) return String.fromCodePoint(Number.parseInt(code, 16));
      return escapes[other] ?? other;
    },
  );
}
