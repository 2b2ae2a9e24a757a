'use client';

import { Card } from '../../../components/ui/card.tsx';
import { CopyButton } from '../../../components/ui/code-block.tsx';
import { CodeEditor } from './code-editor.tsx';
import { useEditor } from './editor-context.tsx';

export function YamlView() {
  const { document, problems, target, dispatch } = useEditor();
  return (
    <Card className="overflow-hidden">
      <div className="flex items-center justify-between gap-3 border-b border-line px-4 py-2.5">
        <p className="text-sm text-ink-soft">
          The recipe as it is stored. Comments stay when a form changes it.
        </p>
        <CopyButton text={document.text} label="Copy YAML" />
      </div>
      <div className="[&_.cm-editor]:max-h-[72dvh] [&_.cm-editor]:min-h-72">
        <CodeEditor
          label="Recipe as YAML"
          text={document.text}
          problems={problems}
          target={target}
          onText={(text) => dispatch({ kind: 'type', text, atMs: Date.now() })}
          onUndo={() => dispatch({ kind: 'undo' })}
          onRedo={() => dispatch({ kind: 'redo' })}
        />
      </div>
    </Card>
  );
}
