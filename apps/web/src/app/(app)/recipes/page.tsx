import type { Metadata } from 'next';
import { RecipeGallery } from '../../../features/recipes/recipe-gallery.tsx';

export const metadata: Metadata = { title: 'Recipes' };

export default function Page() {
  return <RecipeGallery />;
}
