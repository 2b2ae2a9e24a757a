import type { Metadata } from "next";
import { RecipeGallery } from "../../../features/recipes/recipe-gallery.tsx";

export const metadata: Metadata = { title: "Recipes" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <RecipeGallery />;
}
