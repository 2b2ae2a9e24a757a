import type { Metadata } from "next";
import { ToolCatalogue } from "../../../features/tools/tool-catalogue.tsx";

export const metadata: Metadata = { title: "Tools" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <ToolCatalogue />;
}
