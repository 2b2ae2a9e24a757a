"use client";

import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "next-themes";
import { useSyncExternalStore } from "react";
import { cn } from "../../components/ui/cn.ts";
import { Section } from "../../components/ui/card.tsx";
import { PageHeader } from "../../components/ui/page-header.tsx";
import { useMay, useSession } from "../session/use-session.ts";
import { ApiKeys } from "./api-keys.tsx";

const THEMES = [
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
  { value: "system", label: "As the system", icon: Monitor },
];

const never = () => () => {};

function Appearance() {
  const { theme, setTheme } = useTheme();
  // The choice lives in this browser, so the server cannot know it.
  const inBrowser = useSyncExternalStore(never, () => true, () => false);
  return (
    <Section title="Appearance">
      <fieldset className="p-5">
        <legend className="sr-only">Theme</legend>
        <div className="grid gap-2 sm:flex">
          {THEMES.map(({ value, label, icon: Icon }) => {
            const checked = inBrowser && theme === value;
            return (
              <label
                key={value}
                className={cn(
                  "inline-flex min-h-11 cursor-pointer items-center gap-2.5 rounded-lg border px-4 text-sm font-medium has-focus-visible:outline-2 has-focus-visible:outline-offset-2 has-focus-visible:outline-accent",
                  checked ? "border-accent bg-accent-soft text-accent-strong" : "border-line-strong/60 hover:bg-sunken",
                )}
              >
                <input
                  type="radio"
                  name="theme"
                  value={value}
                  checked={checked}
                  onChange={() => setTheme(value)}
                  className="sr-only"
                />
                <Icon aria-hidden className="size-4" />
                {label}
              </label>
            );
          })}
        </div>
      </fieldset>
    </Section>
  );
}

function Profile() {
  const session = useSession().data;
  if (session === undefined) return null;
  const facts = [
    ["Name", session.principal.name],
    ["E-mail", session.user?.email ?? "–"],
    ["Workspace", session.workspace.name],
    ["Role", session.workspace.role],
  ];
  return (
    <Section title="You">
      <dl className="divide-y divide-line text-sm">
        {facts.map(([label, value]) => (
          <div key={label} className="flex justify-between gap-4 px-5 py-3">
            <dt className="text-ink-soft">{label}</dt>
            <dd className="text-right font-medium wrap-anywhere">{value}</dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}

export function Settings() {
  const mayRead = useMay("keys:read");
  return (
    <>
      <PageHeader title="Settings" lead="Your account, how this looks, and keys for programs." />
      <div className="grid max-w-3xl grid-cols-1 gap-8">
        <Profile />
        <Appearance />
        {mayRead ? <ApiKeys /> : null}
      </div>
    </>
  );
}
