import { Check } from 'lucide-react';
import { cn } from '../../../components/ui/cn.ts';
import { STEPS, STEP_LABELS, type WizardStep } from './agent-draft.ts';

/** The five steps, which one is open, and which have something to mend. */
export function Stepper({
  current,
  reached,
  faulty,
  onGo,
}: {
  current: WizardStep;
  /** Index of the furthest step that was opened. */
  reached: number;
  faulty: ReadonlySet<WizardStep>;
  onGo: (step: WizardStep) => void;
}) {
  const at = STEPS.indexOf(current);
  return (
    <nav aria-label="Steps of the agent" className="mb-8">
      <p className="mb-2 text-sm text-ink-soft sm:hidden">
        Step {at + 1} of {STEPS.length}:{' '}
        <span className="font-medium text-ink">{STEP_LABELS[current]}</span>
      </p>
      <ol className="grid grid-cols-5 gap-1.5 sm:gap-3">
        {STEPS.map((step, index) => {
          const done = index < reached && index !== at;
          return (
            <li key={step}>
              <button
                type="button"
                disabled={index > reached}
                aria-current={index === at ? 'step' : undefined}
                onClick={() => onGo(step)}
                className={cn(
                  'flex w-full flex-col gap-2 border-t-[3px] pt-2.5 pb-1 text-left text-sm disabled:cursor-default',
                  index === at
                    ? 'border-accent font-semibold'
                    : index <= reached
                      ? 'border-accent/50 hover:border-accent'
                      : 'border-line text-ink-soft',
                  faulty.has(step) && 'border-bad',
                )}
              >
                <span className="flex items-center gap-2">
                  <span
                    aria-hidden
                    className={cn(
                      'inline-flex size-6 shrink-0 items-center justify-center rounded-full text-xs tabular-nums',
                      index === at ? 'bg-accent text-on-accent' : 'bg-sunken text-ink-soft',
                    )}
                  >
                    {done ? <Check className="size-3.5" /> : index + 1}
                  </span>
                  <span className="hidden sm:inline">{STEP_LABELS[step]}</span>
                  <span className="sr-only sm:hidden">{STEP_LABELS[step]}</span>
                  {faulty.has(step) ? <span className="sr-only">(something is wrong)</span> : null}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
