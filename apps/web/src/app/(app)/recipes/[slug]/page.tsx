import type { Metadata } from 'next';
import { RecipeDetail } from '../../../../features/recipes/recipe-detail.tsx';

export const metadata: Metadata = { title: 'Recipe' };

export default async function Page({ params }: { params: Promise<{ slug: string }> }) {
  const { slug } = await params;
  return <RecipeDetail slug={slug} />;
}
