import { editYaml, parseYaml, type SyntaxProblem } from './yaml-edit.ts';
import type { Edit, Json } from './json-edit.ts';

/** The one state behind form, YAML and graph: a text, what it last meant, and what it was before. Pure. */

interface Content {
  text: string;
  /** Of the last text that could be read; what form and graph show. */
  value: Json;
  /** Empty when `text` can be read, and then `value` is its value. */
  problems: readonly SyntaxProblem[];
}

export interface RecipeDocument extends Content {
  /** As it was saved last, or opened. */
  savedText: string;
  past: readonly Content[];
  future: readonly Content[];
  /** What the last change was about and when, so that the letters of one word are undone together. */
  last: { about: string; atMs: number } | null;
}

export type DocumentAction =
  /** Edits of a form or the graph; refused while the text cannot be read. */
  | { kind: 'edit'; edits: readonly Edit[]; about: string; atMs: number }
  /** What was typed into the text. */
  | { kind: 'type'; text: string; atMs: number }
  /** The whole text replaced at once: an applied suggestion, another version. */
  | { kind: 'replace'; text: string }
  | { kind: 'undo' }
  | { kind: 'redo' }
  /** `text` is what the server holds now. */
  | { kind: 'saved'; text: string };

const PAST_MAX = 200;
/** Changes of one place that follow each other faster than this are one step of the history. */
const TOGETHER_MS = 1_000;

function read(text: string, before: Json): Content {
  const parsed = parseYaml(text);
  return 'value' in parsed
    ? { text, value: parsed.value, problems: [] }
    : { text, value: before, problems: parsed.problems };
}

export function openDocument(text: string): RecipeDocument {
  return { ...read(text, null), savedText: text, past: [], future: [], last: null };
}

export function isChanged(document: RecipeDocument): boolean {
  return document.text !== document.savedText;
}

function contentOf({ text, value, problems }: RecipeDocument): Content {
  return { text, value, problems };
}

function changed(
  document: RecipeDocument,
  text: string,
  last: RecipeDocument['last'],
): RecipeDocument {
  if (text === document.text) return document;
  const together =
    last !== null &&
    document.last !== null &&
    document.last.about === last.about &&
    last.atMs - document.last.atMs < TOGETHER_MS;
  const past = together ? document.past : [...document.past, contentOf(document)].slice(-PAST_MAX);
  return { ...document, ...read(text, document.value), past, future: [], last };
}

export function reduceDocument(document: RecipeDocument, action: DocumentAction): RecipeDocument {
  switch (action.kind) {
    case 'edit': {
      if (document.problems.length > 0) return document;
      const text = action.edits.reduce(editYaml, document.text);
      return changed(document, text, { about: action.about, atMs: action.atMs });
    }
    case 'type':
      return changed(document, action.text, { about: 'text', atMs: action.atMs });
    case 'replace':
      return changed(document, action.text, null);
    case 'undo': {
      const before = document.past.at(-1);
      if (before === undefined) return document;
      const future = [contentOf(document), ...document.future];
      return { ...document, ...before, past: document.past.slice(0, -1), future, last: null };
    }
    case 'redo': {
      const [next, ...future] = document.future;
      if (next === undefined) return document;
      return {
        ...document,
        ...next,
        past: [...document.past, contentOf(document)],
        future,
        last: null,
      };
    }
    case 'saved':
      return { ...document, savedText: action.text, last: null };
  }
}
