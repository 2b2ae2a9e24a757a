import { extensionOf } from '../workspace/scan-files.ts';

const LANGUAGES: Readonly<Record<string, string>> = {
  '.ts': 'TypeScript',
  '.tsx': 'TypeScript',
  '.mts': 'TypeScript',
  '.cts': 'TypeScript',
  '.js': 'JavaScript',
  '.jsx': 'JavaScript',
  '.mjs': 'JavaScript',
  '.cjs': 'JavaScript',
  '.py': 'Python',
  '.sh': 'Shell',
  '.bash': 'Shell',
  '.go': 'Go',
  '.rs': 'Rust',
  '.java': 'Java',
  '.kt': 'Kotlin',
  '.c': 'C',
  '.h': 'C',
  '.cc': 'C++',
  '.cpp': 'C++',
  '.hpp': 'C++',
  '.cs': 'C#',
  '.rb': 'Ruby',
  '.php': 'PHP',
  '.swift': 'Swift',
  '.scala': 'Scala',
  '.sql': 'SQL',
  '.css': 'CSS',
  '.scss': 'CSS',
  '.html': 'HTML',
  '.vue': 'Vue',
  '.svelte': 'Svelte',
  '.md': 'Markdown',
  '.json': 'JSON',
  '.yaml': 'YAML',
  '.yml': 'YAML',
  '.toml': 'TOML',
};
const NOT_CODE = new Set(['Markdown', 'JSON', 'YAML', 'TOML', 'HTML', 'CSS']);

/** Name of the language by extension, or undefined. */
export function languageOf(path: string): string | undefined {
  return LANGUAGES[extensionOf(path)];
}

export function isProgram(path: string): boolean {
  const language = languageOf(path);
  return language !== undefined && !NOT_CODE.has(language);
}

export function isScript(path: string): boolean {
  return /\.[cm]?[jt]sx?$/.test(path);
}

export function isTest(path: string): boolean {
  return /(?:^|\/)(?:tests?|__tests__|spec|e2e|fixtures?)\/|\.(?:test|spec)\.[^/]+$|(?:^|\/)test_[^/]+\.py$|_test\.py$/.test(
    path,
  );
}
