'use client';

import { useState, type FormEvent } from 'react';
import { Dialog } from '../../components/ui/dialog.tsx';
import { Field } from '../../components/ui/field.tsx';
import { FormFooter } from '../../components/ui/form-footer.tsx';
import { Textarea } from '../../components/ui/input.tsx';

/** A step that needs a sentence, which stays with the request. */
export function ReasonDialog({
  title,
  description,
  label,
  action,
  required,
  save,
  onSave,
  onClose,
}: {
  title: string;
  description: string;
  label: string;
  action: string;
  required: boolean;
  save: { isError: boolean; isPending: boolean; error: unknown };
  onSave: (text: string) => void;
  onClose: () => void;
}) {
  const [text, setText] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave(text.trim());
  };
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title={title}
      description={description}
    >
      <form noValidate className="grid gap-5" onSubmit={submit}>
        <Field label={label} optional={!required}>
          {(control) => (
            <Textarea
              control={control}
              rows={3}
              maxLength={1000}
              value={text}
              onChange={({ target }) => setText(target.value)}
            />
          )}
        </Field>
        <FormFooter save={save} failure="That did not work" label={action} onClose={onClose} />
      </form>
    </Dialog>
  );
}
