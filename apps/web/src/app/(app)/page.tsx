import type { Metadata } from "next";
import { Dashboard } from "../../features/dashboard/dashboard.tsx";

export const metadata: Metadata = { title: "Dashboard" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <Dashboard />;
}
