import { ts } from 'ts-morph';
import { parseAllDocuments } from 'yaml';
import type { Example, ExampleProblem } from './read-examples.ts';

export const SCRIPT_LANGUAGES = new Set([
  'js',
  'javascript',
  'mjs',
  'cjs',
  'jsx',
  'ts',
  'typescript',
  'mts',
  'tsx',
]);

/** Parts that the writer left out on purpose: an ellipsis alone, or a name in angle brackets. */
function isSketch({ text, language }: Example): boolean {
  const ellipsis = text.includes('…') || /(?:^|[\s{[(,:])\.{3}\s*(?:$|[}\]),;"'\n])/m.test(text);
  return ellipsis || (!SCRIPT_LANGUAGES.has(language) && /<[a-z][\w -]*>/.test(text));
}

function withoutComments(text: string): string {
  return text
    .replaceAll(
      /("(?:\\.|[^"\\\n])*")|\/\/[^\n]*/g,
      (_, quoted: string | undefined) => quoted ?? '',
    )
    .replaceAll(
      /("(?:\\.|[^"\\\n])*")|\/\*[\s\S]*?\*\//g,
      (part, quoted: string | undefined) => quoted ?? part.replaceAll(/[^\n]/g, ' '),
    );
}

function parses(text: string): true | Error {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    return error as Error;
  }
}

function checkJson(text: string): { offset: number; why: string } | undefined {
  const bare = withoutComments(text);
  const whole = parses(bare);
  if (whole === true) return undefined;
  const rows = bare.split('\n').filter((row) => row.trim() !== '');
  if (rows.length > 1 && rows.every((row) => parses(row) === true)) return undefined;
  // `"name": value` without the braces around is how documents show a part of a file.
  if (parses(`{${bare}}`) === true) return undefined;
  const at = /line (\d+)/.exec(whole.message)?.[1];
  const position = /position (\d+)/.exec(whole.message)?.[1];
  const offset =
    at !== undefined
      ? Number(at) - 1
      : position === undefined
        ? bare.trimEnd().split('\n').length - 1
        : bare.slice(0, Number(position)).split('\n').length - 1;
  return {
    offset,
    why:
      whole.message.split('\n')[0]?.replace(/\s*(?:in JSON )?(?:at position|\(line).*$/, '') ?? '',
  };
}

function checkYaml(text: string): { offset: number; why: string } | undefined {
  for (const document of parseAllDocuments(text)) {
    const error = document.errors[0];
    if (error !== undefined) {
      const offset = text.slice(0, error.pos[0]).split('\n').length - 1;
      return { offset, why: error.message.split('\n')[0] ?? '' };
    }
  }
  return undefined;
}

function syntaxErrors(text: string, tsx: boolean): readonly ts.Diagnostic[] {
  const { diagnostics = [] } = ts.transpileModule(text, {
    reportDiagnostics: true,
    fileName: tsx ? 'example.tsx' : 'example.ts',
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      jsx: ts.JsxEmit.Preserve,
    },
  });
  // 1000–1999 are errors of syntax; others need types or settings that an example does not have.
  return diagnostics.filter(({ code }) => code >= 1000 && code < 2000);
}

function checkScript({ text, language }: Example): { offset: number; why: string } | undefined {
  const tsx = /x$|^js$|^javascript$/.test(language);
  const first = syntaxErrors(text, tsx);
  if (first.length === 0) return undefined;
  // A part of something is fine where the whole would be too.
  const wholes = [
    `(${text})`,
    `async () => {${text}\n}`,
    `class Example {${text}\n}`,
    `({${text}\n})`,
    `interface Example {${text}\n}`,
  ];
  if (wholes.some((whole) => syntaxErrors(whole, tsx).length === 0)) return undefined;
  const [error] = first;
  return {
    offset: text.slice(0, error?.start ?? 0).split('\n').length - 1,
    why: ts.flattenDiagnosticMessageText(error?.messageText ?? '', ' '),
  };
}

/** Whether the block is what its language says. */
export function checkSyntax(example: Example): ExampleProblem[] {
  const { language, text } = example;
  if (isSketch(example)) return [];
  const wrong =
    language === 'json'
      ? checkJson(text)
      : language === 'yaml' || language === 'yml'
        ? checkYaml(text)
        : SCRIPT_LANGUAGES.has(language)
          ? checkScript(example)
          : undefined;
  if (wrong === undefined) return [];
  return [
    {
      rule: 'docs.example_syntax',
      message: `This ${language} example does not parse: ${wrong.why.replace(/[.:]$/, '')}.`,
      offset: wrong.offset,
      fix: 'Correct it: readers copy it as it is.',
    },
  ];
}
