// docs/reference.md: tables of commands, settings and colours, from package.json and package.nls.json.
//
//   node scripts/docs.mjs           writes it
//   node scripts/docs.mjs --check   exit status 1 if it is not current

import fs from 'node:fs';
import process from 'node:process';
import * as prettier from 'prettier';

const file = 'docs/reference.md';
const manifest = JSON.parse(fs.readFileSync('package.json', 'utf8'));
const words = JSON.parse(fs.readFileSync('package.nls.json', 'utf8'));

/** Whose setting it is, in words. */
const scopes = {
  application: "the user's own",
  machine: "the user's own",
  'machine-overridable': 'user, workspace',
  window: 'user, workspace',
  resource: 'user, workspace, folder',
  'language-overridable': 'user, workspace, folder, language',
};

const options = await prettier.resolveConfig(file);
const text = await prettier.format(reference(), { ...options, filepath: file });
if (process.argv.includes('--check')) {
  const current = fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '';
  if (current !== text) {
    console.error(`${file} is not current: run "node scripts/docs.mjs"`);
    process.exitCode = 1;
  }
} else fs.writeFileSync(file, text);

function reference() {
  const { commands, configuration, colors } = manifest.contributes;
  return `<!-- Made by scripts/docs.mjs from package.json and package.nls.json. -->

# Reference

Commands, settings and colours of the extension. The annotations have a reference of their own:
[annotations.md](annotations.md).

## Commands

All stand in the command palette under **${said(commands[0].category)}**. Any of them can have a key: "Preferences: Open
Keyboard Shortcuts".

${table(
  ['command', 'name', 'keys'],
  commands.map(({ command, title }) => [said(title), code(command), keysOf(command)]),
)}

## Settings

Where a setting is said to be the user's own, a workspace cannot change it.

${table(['setting', 'default', 'values', 'meaning', 'where'], settingsOf(configuration).map(settingRow))}

## Colours

To be changed by a theme, or in \`workbench.colorCustomizations\`.

${table(
  ['colour', 'dark', 'light', 'high contrast', 'high contrast light', 'meaning'],
  colors.map(({ id, description, defaults }) => [
    code(id),
    code(defaults.dark),
    code(defaults.light),
    code(defaults.highContrast),
    code(defaults.highContrastLight),
    said(description),
  ]),
)}
`;
}

/** The text that a \`%key%\` stands for, or the text itself. */
function said(value) {
  const key = /^%(.+)%$/.exec(value)?.[1];
  const text = key === undefined ? value : words[key];
  if (text === undefined) throw new Error(`package.nls.json lacks ${key}`);
  return text;
}

/** The settings of all sections, in the order in which the editor shows them. */
function settingsOf(configuration) {
  const sections = Array.isArray(configuration) ? configuration : [configuration];
  return sections
    .flatMap(({ properties }) => Object.entries(properties))
    .sort(([a, one], [b, other]) => (one.order ?? 0) - (other.order ?? 0) || a.localeCompare(b));
}

function settingRow([name, setting]) {
  const { description, markdownDescription, enum: values, enumDescriptions } = setting;
  const meanings = (values ?? []).flatMap((value, index) => {
    const meaning = enumDescriptions?.[index];
    return meaning === undefined ? [] : [`${code(value)}: ${said(meaning)}`];
  });
  return [
    code(name),
    code(JSON.stringify(setting.default)),
    valuesOf(setting),
    [said(markdownDescription ?? description), ...meanings].join('<br>'),
    scopes[setting.scope ?? 'window'] ?? setting.scope,
  ];
}

function valuesOf({ type, enum: values, minimum, maximum }) {
  if (values) return values.map(code).join(', ');
  const bounds = minimum === undefined ? '' : ` ${minimum}–${maximum ?? '…'}`;
  return [type].flat().join(' or ') + bounds;
}

function keysOf(command) {
  const bindings = (manifest.contributes.keybindings ?? []).filter(
    (binding) => binding.command === command,
  );
  return bindings.map(({ key }) => code(key)).join(', ');
}

function code(text) {
  return `\`${text}\``;
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}
