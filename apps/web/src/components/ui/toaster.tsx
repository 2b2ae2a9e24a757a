"use client";

import { useTheme } from "next-themes";
import { Toaster as Sonner } from "sonner";

/** Place where short messages appear; call `toast` of sonner to send one. */
export function Toaster() {
  const { resolvedTheme } = useTheme();
  return (
    <Sonner
      theme={resolvedTheme === "dark" ? "dark" : "light"}
      position="bottom-right"
      mobileOffset={{ bottom: 80 }}
      toastOptions={{
        style: {
          background: "var(--surface)",
          color: "var(--ink)",
          borderColor: "var(--line)",
        },
      }}
    />
  );
}
