/** Hovers on annotations: what a tag means, and the registers in which a signature's parameters arrive. */
import process from 'node:process';
import * as vscode from 'vscode';
import { signaturePlaces, type SignaturePlaces } from '../engine/parameterPlaces.ts';
import { formatSignature } from '../model/signature.ts';
import type { AnnotationShape } from '../source/annotationPlace.ts';
import { placeAt } from './annotationPlaces.ts';
import { timed } from './callbackTimes.ts';
import { tagDocumentation } from './tagWords.ts';

/** A line without one of our tags, or a very long one, is no annotation. */
const anyTag = /@[a-z]+/;
const longestLine = 2000;

export function registerAnnotationHover(): vscode.Disposable {
  return vscode.languages.registerHoverProvider('*', {
    provideHover: timed(
      'annotation hover',
      (document: vscode.TextDocument, position: vscode.Position) => {
        const { text } = document.lineAt(position.line);
        if (text.length > longestLine || !anyTag.test(text)) return undefined;
        // The place behind the character under the mouse, so that a tag's first one counts as inside.
        const place = placeAt(
          document,
          position.translate(0, position.character < text.length ? 1 : 0),
        );
        if (!place?.tag) return undefined;
        const { tag, annotation, from } = place;
        // In a comment without an annotation of ours these words may be somebody else's.
        const ours = annotation !== undefined || tag.name === 'more' || tag.name === 'call';
        if (!ours) return undefined;
        const inName = tag.inName || tag.before === '';
        const signature = annotation && tag.name === 'jit' ? signatureText(annotation) : undefined;
        const meaning = inName ? tagDocumentation(`@${tag.name}`) : undefined;
        const texts = [signature, meaning].filter((one) => one !== undefined);
        if (texts.length === 0) return undefined;
        const start = document.positionAt(from + tag.start);
        const end = inName ? start.translate(0, tag.name.length + 1) : undefined;
        return new vscode.Hover(texts, end && new vscode.Range(start, end));
      },
    ),
  });
}

/** A signature with the place of each parameter and of the result. */
function signatureText({ signature, architecture, abi }: AnnotationShape): vscode.MarkdownString {
  const text = new vscode.MarkdownString();
  text.appendCodeblock(formatSignature(signature), 'rust');
  const windows = process.platform === 'win32';
  const places = signaturePlaces(signature, architecture, abi, windows);
  if (places) text.appendMarkdown(placesText(places));
  return text;
}

/** One line a parameter: `n: i64` in `rdi`. Also read aloud well, unlike a table. */
function placesText({ convention, parameters, result }: SignaturePlaces): string {
  const lines = parameters.map(({ name, type, place, byReference }) => {
    const what = `\`${name}: ${type}\``;
    return byReference
      ? vscode.l10n.t('{0} at the address in {1}', what, `\`${place}\``)
      : vscode.l10n.t('{0} in {1}', what, `\`${place}\``);
  });
  if (result)
    lines.push(vscode.l10n.t('result {0} in {1}', `\`${result.type}\``, `\`${result.place}\``));
  lines.push(vscode.l10n.t('calling convention {0}', `\`${convention}\``));
  return lines.join('  \n');
}
