import type { Metadata } from "next";
import { Settings } from "../../../features/settings/settings.tsx";

export const metadata: Metadata = { title: "Settings" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <Settings />;
}
