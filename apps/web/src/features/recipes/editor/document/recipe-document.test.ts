import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isChanged, openDocument, reduceDocument, type DocumentAction } from './recipe-document.ts';

const TEXT = '# mine\nslug: a\nname: A # here\nsteps: []\n';
const setName = (value: string, atMs: number): DocumentAction => ({
  kind: 'edit',
  edits: [{ kind: 'set', path: ['name'], value }],
  about: '/name',
  atMs,
});

describe('recipe document', () => {
  it('a change in the form shows in the text, and one in the text in the form', () => {
    const formed = reduceDocument(openDocument(TEXT), setName('B', 0));
    expect(formed.text).toBe('# mine\nslug: a\nname: B # here\nsteps: []\n');
    const typed = reduceDocument(formed, { kind: 'type', text: 'slug: b\n', atMs: 0 });
    expect(typed.value).toEqual({ slug: 'b' });
  });

  it('keeps the last readable state for the form while the text is broken, and takes no edits of it', () => {
    const broken = reduceDocument(openDocument(TEXT), { kind: 'type', text: 'slug: [', atMs: 0 });
    expect(broken.problems.length).toBeGreaterThan(0);
    expect(broken.value).toMatchObject({ name: 'A' });
    expect(reduceDocument(broken, setName('B', 0))).toBe(broken);
    const fixed = reduceDocument(broken, { kind: 'type', text: 'slug: c', atMs: 1 });
    expect(fixed).toMatchObject({ problems: [], value: { slug: 'c' } });
  });

  it('undoes the letters of one word together, and what comes later or elsewhere apart', () => {
    const word = [setName('B', 0), setName('Bo', 300), setName('Bob', 900)].reduce(
      reduceDocument,
      openDocument(TEXT),
    );
    const later = reduceDocument(word, setName('Bobby', 5_000));
    const undone = reduceDocument(later, { kind: 'undo' });
    expect(undone.value).toMatchObject({ name: 'Bob' });
    expect(reduceDocument(undone, { kind: 'undo' }).text).toBe(TEXT);
    expect(reduceDocument(undone, { kind: 'redo' }).value).toMatchObject({ name: 'Bobby' });
  });

  it('is changed until it is saved, also when the change goes on meanwhile', () => {
    const one = reduceDocument(openDocument(TEXT), setName('B', 0));
    expect([isChanged(openDocument(TEXT)), isChanged(one)]).toEqual([false, true]);
    const two = reduceDocument(one, setName('C', 10_000));
    expect(isChanged(reduceDocument(two, { kind: 'saved', text: one.text }))).toBe(true);
    expect(isChanged(reduceDocument(one, { kind: 'saved', text: one.text }))).toBe(false);
  });

  it('as many undos as changes lead back to the start, and redos to the end again', () => {
    const action = fc.oneof(
      fc.record({
        kind: fc.constant('type' as const),
        text: fc.constantFrom('a: 1', 'a: [', 'b: 2\n', ''),
        atMs: fc.nat(5_000),
      }),
      fc
        .tuple(fc.string({ maxLength: 4 }), fc.nat(5_000))
        .map(([name, atMs]) => setName(name, atMs)),
    );
    fc.assert(
      fc.property(fc.array(action, { maxLength: 12 }), (actions) => {
        const end = actions.reduce(reduceDocument, openDocument(TEXT));
        let document = end;
        while (document.past.length > 0) document = reduceDocument(document, { kind: 'undo' });
        expect(document).toMatchObject({ text: TEXT, problems: [] });
        while (document.future.length > 0) document = reduceDocument(document, { kind: 'redo' });
        expect([document.text, document.value]).toEqual([end.text, end.value]);
      }),
    );
  });
});
