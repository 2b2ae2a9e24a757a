import type { Metadata } from "next";
import { SignInForm } from "../../../features/auth/sign-in-form.tsx";

export const metadata: Metadata = { title: "Sign in" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <SignInForm />;
}
