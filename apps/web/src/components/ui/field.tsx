import { useId, type ReactNode } from 'react';

export interface FieldControl {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
}

/** Label, help and error of one input, tied together; the input itself comes from `children`. */
export function Field({
  label,
  help,
  error,
  optional = false,
  children,
}: {
  label: string;
  help?: ReactNode;
  error?: string | undefined;
  optional?: boolean;
  children: (control: FieldControl) => ReactNode;
}) {
  const id = useId();
  const describedBy = [
    help === undefined ? '' : `${id}-help`,
    error === undefined ? '' : `${id}-error`,
  ]
    .filter(Boolean)
    .join(' ');
  return (
    <div>
      <label
        htmlFor={id}
        className="mb-1.5 flex items-baseline justify-between gap-3 text-sm font-medium"
      >
        {label}
        {optional ? <span className="text-xs font-normal text-ink-soft">optional</span> : null}
      </label>
      {children({ id, describedBy: describedBy || undefined, invalid: error !== undefined })}
      {help === undefined ? null : (
        <p id={`${id}-help`} className="mt-1.5 text-[0.8125rem] text-ink-soft">
          {help}
        </p>
      )}
      {error === undefined ? null : (
        <p id={`${id}-error`} role="alert" className="mt-1.5 text-[0.8125rem] font-medium text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
