'use client';

import { getRecipe, type Recipe } from '@automatos/sdk';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useApi } from '../../../components/api-context.ts';
import { Button } from '../../../components/ui/button.tsx';
import { Dialog } from '../../../components/ui/dialog.tsx';
import { DiffView } from '../../../components/ui/diff-view.tsx';
import { ErrorState } from '../../../components/ui/error-state.tsx';
import { SkeletonList } from '../../../components/ui/skeleton.tsx';
import { lineDiff } from '../../../lib/line-diff.ts';

/** Somebody else saved meanwhile: shows theirs against mine, and leaves the choice. */
export function ConflictDialog({
  base,
  text,
  pending,
  onClose,
  onOverwrite,
  onTake,
}: {
  base: Recipe;
  text: string;
  pending: boolean;
  onClose: () => void;
  onOverwrite: (version: number) => void;
  onTake: (theirs: Recipe) => void;
}) {
  const client = useApi();
  const current = useQuery({
    queryKey: ['recipes', 'conflict', base.id],
    queryFn: async ({ signal }) =>
      (await getRecipe({ client, path: { recipe_id: base.id }, signal })).data,
    staleTime: 0,
  });
  const theirs = current.data;
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onClose())}
      title="This recipe was changed meanwhile"
      description={
        theirs === undefined
          ? 'Nothing was saved. Reading what is stored now…'
          : `You began with version ${base.version}; version ${theirs.version} is stored now. Nothing was saved. Lines with − are theirs, lines with + are yours.`
      }
    >
      {current.isError ? (
        <ErrorState
          what="The stored version could not be read"
          error={current.error}
          onRetry={() => void current.refetch()}
        />
      ) : theirs === undefined ? (
        <SkeletonList label="stored version" rows={1} height="h-40" />
      ) : (
        <div className="grid gap-4">
          <DiffView
            compact
            label="Stored version against yours"
            lines={lineDiff(theirs.yaml, text)}
          />
          <div className="flex flex-wrap justify-end gap-2">
            <Button onClick={onClose}>Go on editing</Button>
            <Button onClick={() => onTake(theirs)}>Take theirs</Button>
            <Button variant="danger" pending={pending} onClick={() => onOverwrite(theirs.version)}>
              Save mine on top
            </Button>
          </div>
        </div>
      )}
    </Dialog>
  );
}

export function LeaveDialog({
  wanted,
  onStay,
  onLeave,
}: {
  wanted: string;
  onStay: () => void;
  onLeave: () => void;
}) {
  const router = useRouter();
  return (
    <Dialog
      open
      onOpenChange={(open) => (open ? undefined : onStay())}
      title="Leave without saving?"
      description="Your changes to this recipe are not saved."
    >
      <div className="flex flex-wrap justify-end gap-2">
        <Button onClick={onStay}>Go on editing</Button>
        <Button
          variant="danger"
          onClick={() => {
            onLeave();
            router.push(wanted);
          }}
        >
          Discard changes
        </Button>
      </div>
    </Dialog>
  );
}
