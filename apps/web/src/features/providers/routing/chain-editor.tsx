'use client';

import { ArrowDown, ArrowUp, GripVertical, Plus, Trash2, TriangleAlert } from 'lucide-react';
import { useId, useState } from 'react';
import { Button, IconButton } from '../../../components/ui/button.tsx';
import { cn } from '../../../components/ui/cn.ts';
import { NumberField } from '../../../components/ui/number-field.tsx';
import { moveItem } from '../../../lib/sortable.ts';
import { useSortable } from '../../../lib/use-sortable.ts';
import { ModelRefFields } from '../model-ref-fields.tsx';
import { useProviders } from '../provider-queries.ts';
import { refText, type ModelRef } from '../provider-types.ts';

export interface ChainRow extends ModelRef {
  weight?: number;
}

/** Why calls pass over a candidate, if they do. */
function useCandidateNote(): (provider: string) => string | null {
  const providers = useProviders().data;
  return (id) => {
    const provider = providers?.find((each) => each.id === id);
    if (providers === undefined) return null;
    if (provider === undefined) return 'Unknown provider';
    if (!provider.usable) return 'Not in this version';
    return provider.configured ? null : 'Not configured, passed over';
  };
}

/** Adds a candidate at the end. */
function AddRow({ onAdd }: { onAdd: (ref: ModelRef) => void }) {
  const [ref, setRef] = useState<ModelRef>({ provider: '', model: '' });
  const complete = ref.provider !== '' && ref.model.trim() !== '';
  return (
    <div className="grid gap-3 rounded-lg border border-dashed border-line-strong/60 p-3 lg:grid-cols-[1fr_auto] lg:items-end">
      <ModelRefFields value={ref} onChange={setRef} />
      <Button
        disabled={!complete}
        onClick={() => {
          onAdd({ provider: ref.provider, model: ref.model.trim() });
          setRef({ provider: '', model: '' });
        }}
      >
        <Plus aria-hidden className="size-4" /> Add
      </Button>
    </div>
  );
}

/** A list of candidates in order: dragged by mouse or finger, moved by arrow keys or buttons. */
export function ChainEditor({
  label,
  rows,
  onChange,
  weighted = false,
  problems = {},
  pointer,
  max,
  empty,
}: {
  label: string;
  rows: readonly ChainRow[];
  onChange: (rows: ChainRow[]) => void;
  /** Shows the weight of each row. */
  weighted?: boolean;
  problems?: Readonly<Record<string, string>>;
  /** Where the rows stand in what is saved, e.g. `/chain`. */
  pointer: string;
  max: number;
  empty: string;
}) {
  const noteOf = useCandidateNote();
  const [said, setSaid] = useState('');
  const help = useId();
  const total = rows.reduce((sum, { weight }) => sum + (weight ?? 1), 0);
  const move = (from: number, to: number) => {
    const row = rows[from];
    onChange(moveItem(rows, from, to));
    if (row !== undefined) setSaid(`${refText(row)} is now at place ${to + 1} of ${rows.length}.`);
  };
  const { list, handle, style, draggedIndex } = useSortable(rows.length, move);
  // The same model may stand there twice; its count tells the rows apart and goes along when they move.
  const keys = rows.map(
    (row, index) =>
      `${refText(row)} ${rows.slice(0, index).filter((each) => refText(each) === refText(row)).length}`,
  );
  return (
    <div className="grid gap-3">
      <p id={help} className="sr-only">
        Drag it, or press the up and down arrow keys to move it.
      </p>
      <p aria-live="polite" className="sr-only">
        {said}
      </p>
      {rows.length === 0 ? <p className="text-sm text-ink-soft">{empty}</p> : null}
      <ol ref={list} aria-label={label} className={cn('grid gap-2', rows.length === 0 && 'hidden')}>
        {rows.map((row, index) => {
          const name = refText(row);
          const note = noteOf(row.provider);
          const wrong = Object.entries(problems).filter(
            ([place]) =>
              place === `${pointer}/${index}` || place.startsWith(`${pointer}/${index}/`),
          );
          return (
            <li
              key={keys[index]}
              style={style(index)}
              className={cn(
                'flex flex-wrap items-center gap-x-2 gap-y-1 rounded-lg border bg-surface py-1 pr-1 pl-1',
                draggedIndex === index ? 'border-accent shadow-card' : 'border-line',
                wrong.length > 0 && 'border-bad',
              )}
            >
              <button
                type="button"
                aria-label={`Move ${name}`}
                aria-describedby={help}
                className="inline-flex size-10 shrink-0 touch-none items-center justify-center rounded-lg text-ink-soft hover:bg-sunken active:cursor-grabbing [cursor:grab!important]"
                {...handle(index)}
              >
                <GripVertical aria-hidden className="size-5" />
              </button>
              <span aria-hidden className="w-5 text-sm text-ink-soft tabular-nums">
                {index + 1}.
              </span>
              <span className="min-w-0 flex-1 basis-40 py-1">
                <span className="block font-mono text-[0.8125rem] wrap-anywhere">{name}</span>
                {note === null ? null : (
                  <span className="flex items-center gap-1 text-xs text-warn">
                    <TriangleAlert aria-hidden className="size-3.5 shrink-0" /> {note}
                  </span>
                )}
              </span>
              <span className="ml-auto flex items-center">
                {weighted ? (
                  <span className="mr-1 flex items-center gap-2">
                    <span className="w-20">
                      <NumberField
                        hideLabel
                        label={`Weight of ${name}`}
                        value={row.weight ?? 1}
                        onChange={(weight) =>
                          onChange(
                            rows.map((each, at) =>
                              at === index ? { ...each, weight: weight ?? Number.NaN } : each,
                            ),
                          )
                        }
                      />
                    </span>
                    <span className="w-11 text-right text-xs text-ink-soft tabular-nums">
                      {Number.isFinite(total) && total > 0
                        ? `${Math.round(((row.weight ?? 1) / total) * 100)} %`
                        : '–'}
                    </span>
                  </span>
                ) : null}
                <IconButton
                  label={`Move ${name} up`}
                  disabled={index === 0}
                  onClick={() => move(index, index - 1)}
                >
                  <ArrowUp aria-hidden className="size-4" />
                </IconButton>
                <IconButton
                  label={`Move ${name} down`}
                  disabled={index === rows.length - 1}
                  onClick={() => move(index, index + 1)}
                >
                  <ArrowDown aria-hidden className="size-4" />
                </IconButton>
                <IconButton
                  label={`Remove ${name}`}
                  onClick={() => {
                    onChange(rows.filter((_row, at) => at !== index));
                    setSaid(`${name} is removed.`);
                  }}
                >
                  <Trash2 aria-hidden className="size-4" />
                </IconButton>
              </span>
              {wrong.map(([place, message]) => (
                <p
                  key={place}
                  role="alert"
                  className="w-full px-3 pb-1 text-[0.8125rem] font-medium text-bad"
                >
                  {message}
                </p>
              ))}
            </li>
          );
        })}
      </ol>
      {rows.length < max ? (
        <AddRow onAdd={(ref) => onChange([...rows, weighted ? { ...ref, weight: 1 } : ref])} />
      ) : (
        <p className="text-sm text-ink-soft">At most {max} candidates.</p>
      )}
    </div>
  );
}
