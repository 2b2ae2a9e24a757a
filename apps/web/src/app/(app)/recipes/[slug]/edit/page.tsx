import type { Metadata } from 'next';
import { EditRecipe } from '../../../../../features/recipes/editor/recipe-editor.tsx';

export const metadata: Metadata = { title: 'Edit recipe' };

export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  return <EditRecipe slug={slug} />;
}
