import type { Metadata } from "next";
import { SignUpForm } from "../../../features/auth/sign-up-form.tsx";

export const metadata: Metadata = { title: "Sign up" };

// oxlint-disable-next-line import/no-default-export -- Next reads the default export
export default function Page() {
  return <SignUpForm />;
}
