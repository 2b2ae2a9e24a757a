import type { RunComparison } from '@automatos/sdk';
import { SeverityBadge } from '../../../components/status/severity.tsx';
import { Section } from '../../../components/ui/card.tsx';
import { plural } from '../../../lib/format.ts';

type Findings = RunComparison['findings'];

function Side({ title, total, items }: { title: string; total: number; items: Findings['items'] }) {
  return (
    <Section title={`${title} (${total})`} className="min-w-0">
      {total === 0 ? (
        <p className="px-5 py-4 text-sm text-ink-soft">None.</p>
      ) : (
        <>
          <ul className="divide-y divide-line">
            {items.map((item) => (
              <li
                key={`${item.rule}${item.path}${item.line}${item.title}`}
                className="flex items-start gap-3 px-5 py-3 text-sm"
              >
                <SeverityBadge severity={item.severity} />
                <span className="min-w-0">
                  <span className="wrap-anywhere">{item.title}</span>
                  <span className="block font-mono text-xs text-ink-soft wrap-anywhere">
                    {item.rule}
                    {item.path === null
                      ? ''
                      : `, ${item.path}${item.line === null ? '' : `:${item.line}`}`}
                  </span>
                </span>
              </li>
            ))}
          </ul>
          {items.length < total ? (
            <p className="border-t border-line px-5 py-3 text-sm text-ink-soft">
              {plural(total - items.length, 'more finding')} in the run itself.
            </p>
          ) : null}
        </>
      )}
    </Section>
  );
}

/** Findings that only one of the runs has. */
export function ComparedFindings({ findings }: { findings: Findings }) {
  const { only_left, only_right, both, items } = findings;
  return (
    <div>
      <div className="grid grid-cols-1 gap-8 xl:grid-cols-2">
        <Side
          title="Findings only left"
          total={only_left}
          items={items.filter((item) => item.side === 'left')}
        />
        <Side
          title="Findings only right"
          total={only_right}
          items={items.filter((item) => item.side === 'right')}
        />
      </div>
      <p className="mt-3 text-sm text-ink-soft">{plural(both, 'finding')} in both.</p>
    </div>
  );
}
