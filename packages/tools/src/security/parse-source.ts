import bash from '@ast-grep/lang-bash';
import python from '@ast-grep/lang-python';
import { Lang, parse, registerDynamicLanguage } from '@ast-grep/napi';
import type { SastLanguage } from './sast-rule.ts';

const PARSER: Readonly<Record<SastLanguage, string>> = {
  javascript: Lang.JavaScript,
  typescript: Lang.TypeScript,
  tsx: Lang.Tsx,
  python: 'python',
  bash: 'bash',
};

let registered = false;
/** The parser keeps its languages per process: once is enough. */
function registerLanguages(): void {
  if (registered) return;
  registerDynamicLanguage({ python, bash } as never);
  registered = true;
}

/** Root of the syntax tree of a text; broken code gives what could be read. */
export function parseSource(language: SastLanguage, text: string) {
  registerLanguages();
  return parse(PARSER[language], text).root();
}
