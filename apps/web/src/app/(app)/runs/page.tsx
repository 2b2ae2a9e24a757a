import type { Metadata } from "next";
import { RunList } from "../../../features/runs/run-list.tsx";

export const metadata: Metadata = { title: "Runs" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <RunList />;
}
