/** Fenced code in Markdown, each part to be read in its own language. */
import type { Span } from '../model/text.ts';
import { languageOf, type Language } from './languages.ts';

export interface Fence {
  /** The code between the fences. */
  readonly span: Span;
  readonly language: Language;
}

/** Whether only the fences of such a text are code. */
export function isMarkdown(languageId: string): boolean {
  return /^(?:markdown|mdx|rmarkdown|quarto)$/i.test(languageId);
}

const opening = /^[ \t>]*(`{3,}|~{3,})[ \t]*(?:\{\.?|\.)?([^\s`{},]*)[^`\n]*$/;

/** The fenced code blocks of a Markdown text. An open fence reaches to the end. */
export function markdownFences(text: string): Fence[] {
  const fences: Fence[] = [];
  let open: { sign: string; start: number; language: Language } | undefined;
  let at = 0;
  while (at < text.length) {
    const newline = text.indexOf('\n', at);
    const stop = newline < 0 ? text.length : newline;
    const next = newline < 0 ? text.length : newline + 1;
    // Only a line that begins with blanks and a fence matters; look at its start first.
    const head = text.slice(at, Math.min(stop, at + 400)).replace(/\r$/, '');
    if (open) {
      const close = /^[ \t>]*(`{3,}|~{3,})[ \t]*$/.exec(head)?.[1];
      if (close !== undefined && close.startsWith(open.sign)) {
        fences.push({ span: { start: open.start, end: at }, language: open.language });
        open = undefined;
      }
    } else {
      const found = opening.exec(head);
      if (found)
        open = { sign: found[1] ?? '```', start: next, language: languageOf(found[2] || '*') };
    }
    at = next;
  }
  if (open && open.start < text.length) {
    fences.push({ span: { start: open.start, end: text.length }, language: open.language });
  }
  return fences;
}
