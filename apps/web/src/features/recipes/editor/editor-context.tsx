'use client';

import { createContext, use, useMemo, useReducer, useState, type ReactNode } from 'react';
import { useSearchParam } from '../../../lib/use-search-param.ts';
import type { Edit } from './document/json-edit.ts';
import { placeOf, withSuggestion, type Problem } from './document/problems.ts';
import {
  openDocument,
  reduceDocument,
  type DocumentAction,
  type RecipeDocument,
} from './document/recipe-document.ts';
import {
  allSteps,
  stepOfPointer,
  stepTree,
  type StepItem,
  type StepList,
} from './document/step-tree.ts';
import { useProblems } from './use-problems.ts';

export const VIEWS = ['form', 'yaml', 'graph'] as const;
export type View = (typeof VIEWS)[number];
/** Parts of the form that are not steps. */
export const SECTIONS = ['about', 'inputs', 'outputs', 'settings'] as const;
export type SectionName = (typeof SECTIONS)[number];

/** Something the reader is led to; a new object each time, so that the same place can be asked for twice. */
export interface Target {
  pointer: string;
  line: number;
  column: number;
}

export interface Editor {
  document: RecipeDocument;
  tree: StepList;
  steps: StepItem[];
  /** Form and graph only show while the text cannot be read. */
  broken: boolean;
  problems: readonly Problem[];
  checking: boolean;
  view: View;
  setView: (view: View) => void;
  /** A section or the pointer of a step. */
  selected: string;
  select: (what: string) => void;
  step: StepItem | null;
  target: Target | null;
  /** Leads to a problem in the view that is open. */
  reveal: (problem: Problem, view?: View) => void;
  edit: (edits: readonly Edit[], about: string) => void;
  /** Null when the suggestion cannot be applied. */
  suggested: (problem: Problem) => (() => void) | null;
  dispatch: (action: DocumentAction) => void;
}

const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = use(EditorContext);
  if (editor === null) throw new Error('useEditor needs EditorProvider around it');
  return editor;
}

function sectionOf(pointer: string): SectionName {
  const [, head] = pointer.split('/');
  if (head === 'inputs' || head === 'outputs') return head;
  return head === 'execution' || head === 'budget' || head === 'quality_threshold'
    ? 'settings'
    : 'about';
}

/** Holds the one document behind the three views. */
export function EditorProvider({ text, children }: { text: string; children: ReactNode }) {
  const [document, dispatch] = useReducer(reduceDocument, text, openDocument);
  const [shown, setShown] = useSearchParam('view');
  const [selected, select] = useState<string>('about');
  const [target, setTarget] = useState<Target | null>(null);
  const tree = useMemo(() => stepTree(document.value), [document.value]);
  const steps = useMemo(() => allSteps(tree), [tree]);
  const { problems, checking } = useProblems(document);
  const view = VIEWS.find((each) => each === shown) ?? 'form';
  const setView = (next: View) => setShown(next === 'form' ? null : next);
  const reveal = (problem: Problem, wanted: View = view) => {
    // What cannot be read has no place but in the text.
    const next = document.problems.length > 0 ? 'yaml' : wanted;
    if (next !== view) setView(next);
    select(stepOfPointer(steps, problem.pointer)?.pointer ?? sectionOf(problem.pointer));
    setTarget({ pointer: problem.pointer, ...placeOf(document.text, problem) });
  };
  const suggested = (problem: Problem) => {
    const next = withSuggestion(document.text, problem);
    return next === null ? null : () => dispatch({ kind: 'replace', text: next });
  };
  const editor: Editor = {
    document,
    tree,
    steps,
    broken: document.problems.length > 0,
    problems,
    checking,
    view,
    setView,
    selected,
    select,
    step: steps.find(({ pointer }) => pointer === selected) ?? null,
    target,
    reveal,
    edit: (edits, about) => dispatch({ kind: 'edit', edits, about, atMs: Date.now() }),
    suggested,
    dispatch,
  };
  return <EditorContext value={editor}>{children}</EditorContext>;
}
