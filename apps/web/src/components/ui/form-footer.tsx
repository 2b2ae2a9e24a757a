import { Button } from './button.tsx';
import { ErrorState } from './error-state.tsx';

interface FormFooterProps {
  /** The mutation that the form submits to. */
  save: { isError: boolean; isPending: boolean; error: unknown };
  /** What is said above the buttons when it failed. */
  failure: string;
  /** Of the button that submits. */
  label: string;
  closeLabel?: string;
  onClose: () => void;
}

/** End of a form in a dialog: what went wrong, the way out, and the button that submits. */
export function FormFooter({ save, failure, label, closeLabel, onClose }: FormFooterProps) {
  return (
    <>
      {save.isError ? <ErrorState compact what={failure} error={save.error} /> : null}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{closeLabel ?? 'Cancel'}</Button>
        <Button type="submit" variant="primary" pending={save.isPending}>
          {label}
        </Button>
      </div>
    </>
  );
}
