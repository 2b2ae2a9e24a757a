import type { Metadata } from "next";
import { AgentRoster } from "../../../features/agents/agent-roster.tsx";

export const metadata: Metadata = { title: "Agents" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <AgentRoster />;
}
