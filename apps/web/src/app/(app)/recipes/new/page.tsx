import type { Metadata } from 'next';
import { NewRecipe } from '../../../../features/recipes/editor/recipe-editor.tsx';

export const metadata: Metadata = { title: 'New recipe' };

export default function Page() {
  return <NewRecipe />;
}
