'use client';

import { useMemo } from 'react';
import { useMedia } from '../../../lib/use-media.ts';
import { useWidth } from '../../../lib/use-width.ts';
import { drawRecipe, frameHeight } from '../editor/document/graph.ts';
import type { Json } from '../editor/document/json-edit.ts';
import type { StepList } from '../editor/document/step-tree.ts';
import { GraphCanvas } from '../editor/graph-canvas.tsx';

const HEIGHTS = [160, 460] as const;
const NONE = new Map<string, number>();

/** The steps as a graph to look at. */
export function RecipePicture({ definition, tree }: { definition: Json; tree: StepList }) {
  const [ref, width] = useWidth();
  const direction = useMedia('(max-width: 639px)') ? 'down' : 'right';
  const picture = useMemo(
    () => drawRecipe(definition, tree, direction),
    [definition, tree, direction],
  );
  return (
    <div
      ref={ref}
      className="overflow-hidden rounded-t-card"
      style={{ height: frameHeight(picture, width, HEIGHTS) }}
    >
      {width === null ? null : (
        <GraphCanvas
          picture={picture}
          direction={direction}
          selected=""
          problems={NONE}
          connectable={false}
        />
      )}
    </div>
  );
}
