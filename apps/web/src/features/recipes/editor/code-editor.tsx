'use client';

import { defaultKeymap, indentLess, insertTab } from '@codemirror/commands';
import { yaml } from '@codemirror/lang-yaml';
import {
  HighlightStyle,
  indentOnInput,
  indentUnit,
  syntaxHighlighting,
} from '@codemirror/language';
import { lintGutter, setDiagnostics, type Diagnostic } from '@codemirror/lint';
import { Annotation, EditorSelection, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useEffectEvent, useRef } from 'react';
import { offsetOf, placeOf, type Problem } from './document/problems.ts';
import type { Target } from './editor-context.tsx';

/** Marks changes that come from the document, so that they are not sent back to it. */
const OUTSIDE = Annotation.define<boolean>();

const LOOK = EditorView.theme({
  '&': { fontSize: '0.8125rem', color: 'var(--ink)', backgroundColor: 'var(--surface)' },
  '&.cm-focused': { outline: '2px solid var(--accent)', outlineOffset: '-2px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '1.6' },
  '.cm-content': { padding: '0.75rem 0', caretColor: 'var(--ink)' },
  '.cm-cursor': { borderLeftColor: 'var(--ink)' },
  '.cm-gutters': { backgroundColor: 'var(--sunken)', color: 'var(--ink-soft)', border: 'none' },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'transparent', color: 'var(--ink)' },
  '&.cm-focused .cm-activeLine': {
    backgroundColor: 'color-mix(in srgb, var(--accent-soft) 40%, transparent)',
  },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground':
    {
      backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)',
    },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--bad) 1px',
    textUnderlineOffset: '3px',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--surface)',
    color: 'var(--ink)',
    border: '1px solid var(--line)',
    borderRadius: '0.5rem',
    maxWidth: 'min(36rem, 90vw)',
  },
  '.cm-diagnostic': { borderLeft: '3px solid var(--bad)', fontFamily: 'var(--font-sans)' },
});

const COLOURS = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--accent-strong)' },
  { tag: tags.comment, color: 'var(--ink-soft)', fontStyle: 'italic' },
  { tag: [tags.string, tags.special(tags.string)], color: 'var(--ok)' },
  { tag: [tags.number, tags.bool, tags.null, tags.keyword], color: 'var(--busy)' },
  { tag: [tags.meta, tags.labelName, tags.typeName], color: 'var(--warn)' },
]);

/** End of what is marked: the word at the place, or the rest of its line. */
function toDiagnostic(text: string, problem: Problem): Diagnostic {
  const { line, column } = placeOf(text, problem);
  const from = offsetOf(text, line, column);
  const rest = text.slice(from).split('\n')[0] ?? '';
  const word =
    /^['"]?[\p{L}\p{N}_.-]+|^\{+[^}]*\}*/u.exec(rest)?.[0].length ?? Math.min(1, rest.length);
  return { from, to: from + word, severity: 'error', message: problem.message };
}

/** Where two texts differ, so that the caret stays where it is when a form changes another place. */
function difference(before: string, after: string): { from: number; to: number; insert: string } {
  let head = 0;
  const shorter = Math.min(before.length, after.length);
  while (head < shorter && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail) === after.at(-1 - tail)) tail += 1;
  return { from: head, to: before.length - tail, insert: after.slice(head, after.length - tail) };
}

export interface CodeEditorProps {
  label: string;
  text: string;
  problems: readonly Problem[];
  target: Target | null;
  onText: (text: string) => void;
  onUndo: () => void;
  onRedo: () => void;
}

/** Text editor for YAML with line numbers and marks; its history is that of the document. */
export function CodeEditor({
  label,
  text,
  problems,
  target,
  onText,
  onUndo,
  onRedo,
}: CodeEditorProps) {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const typed = useEffectEvent(onText);
  const undo = useEffectEvent(onUndo);
  const redo = useEffectEvent(onRedo);
  const start = useEffectEvent(() => text);
  // Texts on their way to the document: a late answer to one must not undo what was typed since.
  const sent = useRef<string[]>([]);
  useEffect(() => {
    if (place.current === null) return;
    const run = (action: () => void) => () => {
      action();
      return true;
    };
    const editor = new EditorView({
      parent: place.current,
      state: EditorState.create({
        doc: start(),
        extensions: [
          lineNumbers(),
          lintGutter(),
          drawSelection(),
          highlightActiveLine(),
          highlightActiveLineGutter(),
          indentOnInput(),
          indentUnit.of('  '),
          EditorState.tabSize.of(2),
          EditorView.lineWrapping,
          yaml(),
          syntaxHighlighting(COLOURS),
          keymap.of([
            { key: 'Mod-z', run: run(() => undo()) },
            { key: 'Mod-Shift-z', run: run(() => redo()) },
            { key: 'Mod-y', run: run(() => redo()) },
            { key: 'Tab', run: insertTab, shift: indentLess },
            // Leaves the editor's Tab to the page, for those who have no mouse.
            { key: 'Escape', run: ({ contentDOM }) => (contentDOM.blur(), true) },
            ...defaultKeymap,
          ]),
          EditorView.contentAttributes.of({
            'aria-label': label,
            'aria-description': 'Tab indents. Escape leaves the text.',
            tabindex: '0',
            spellcheck: 'false',
            autocapitalize: 'off',
          }),
          EditorView.updateListener.of((update) => {
            const own = update.transactions.every((each) => each.annotation(OUTSIDE) !== true);
            if (!update.docChanged || !own) return;
            const next = update.state.doc.toString();
            sent.current.push(next);
            typed(next);
          }),
          LOOK,
        ],
      }),
    });
    view.current = editor;
    return () => {
      view.current = null;
      editor.destroy();
    };
  }, [label]);
  useEffect(() => {
    const editor = view.current;
    const before = editor?.state.doc.toString();
    const echo = sent.current.lastIndexOf(text);
    sent.current = echo === -1 ? [] : sent.current.slice(echo + 1);
    if (editor === null || before === undefined || before === text || echo !== -1) return;
    editor.dispatch({ changes: difference(before, text), annotations: OUTSIDE.of(true) });
  }, [text]);
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() !== text) return;
    editor.dispatch(
      setDiagnostics(
        editor.state,
        problems.map((each) => toDiagnostic(text, each)),
      ),
    );
  }, [problems, text]);
  useEffect(() => {
    const editor = view.current;
    if (target === null || editor === null) return;
    const offset = offsetOf(editor.state.doc.toString(), target.line, target.column);
    editor.dispatch({
      selection: EditorSelection.cursor(offset),
      effects: EditorView.scrollIntoView(offset, { y: 'center' }),
    });
    editor.focus();
  }, [target]);
  return <div ref={place} className="overflow-hidden rounded-b-card" />;
}
