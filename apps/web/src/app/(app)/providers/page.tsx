import type { Metadata } from "next";
import { ProviderList } from "../../../features/providers/provider-list.tsx";

export const metadata: Metadata = { title: "Providers" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <ProviderList />;
}
