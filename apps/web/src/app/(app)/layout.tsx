import type { ReactNode } from "react";
import { AppShell } from "../../components/shell/app-shell.tsx";

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function AppLayout({ children }: { children: ReactNode }) {
  return <AppShell>{children}</AppShell>;
}
