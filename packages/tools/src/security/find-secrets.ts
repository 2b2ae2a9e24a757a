import type { Finding, Severity } from '@automatos/contracts';
import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import type { SecretLintCoreConfig } from '@secretlint/types';
import { isTest } from '../code/source-language.ts';
import { extensionOf, lineFinder, type TextFile } from '../workspace/scan-files.ts';
import {
  ENV_LINE,
  isEnvFile,
  maskSecret,
  SECRET_PATTERNS,
  type SecretPattern,
} from './secret-patterns.ts';

interface Hit {
  rule: string;
  severity: Severity;
  message: string;
  /** Offsets of the secret in the text. */
  start: number;
  end: number;
}

const FIX =
  'Revoke it at its issuer, move it to the credential store or an environment variable, and remove it from the git history.';
const CONFIG: SecretLintCoreConfig = {
  rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }],
};

/** Secretlint looks at each rule's message id; its text may hold the secret, so only the kind is taken. */
async function hitsOfSecretlint(file: TextFile): Promise<Hit[]> {
  const result = await lintSource({
    source: {
      filePath: `/scan/${file.path}`,
      content: file.text,
      contentType: 'text',
      ext: extensionOf(file.path),
    },
    options: { config: CONFIG, noPhysicFilePath: true, maskSecrets: true },
  });
  return result.messages.map((message) => {
    const kind = message.ruleId.replace(/^.*secretlint-rule-/, '').replaceAll('-', '_');
    return {
      rule: `secret.${kind}`,
      severity: 'critical' as const,
      message: `A secret of kind "${message.messageId}" is stored in the repository.`,
      start: message.range[0],
      end: message.range[1],
    };
  });
}

function hitsOfPattern(pattern: SecretPattern, text: string): Hit[] {
  const hits: Hit[] = [];
  for (const match of text.matchAll(pattern.expression)) {
    const value = match[1] ?? match[0];
    const start = match.index + match[0].lastIndexOf(value);
    const lineStart = text.lastIndexOf('\n', start) + 1;
    const lineEnd = text.indexOf('\n', start);
    const line = text.slice(lineStart, lineEnd === -1 ? undefined : lineEnd);
    if (pattern.accepts?.(value, line.slice(0, 2000)) === false) continue;
    hits.push({
      rule: pattern.rule,
      severity: pattern.severity,
      message: pattern.message,
      start,
      end: start + value.length,
    });
  }
  return hits;
}

/** The secret's line with every secret in it masked, around this hit. */
function evidenceOf(text: string, hit: Hit, all: readonly Hit[]): string {
  const lineStart = text.lastIndexOf('\n', hit.start - 1) + 1;
  const found = text.indexOf('\n', hit.start);
  const lineEnd = found === -1 ? text.length : found;
  let masked = '';
  let at = lineStart;
  for (const other of all) {
    if (other.end <= at || other.start >= lineEnd) continue;
    masked +=
      text.slice(at, Math.max(at, other.start)) + maskSecret(text.slice(other.start, other.end));
    at = other.end;
  }
  if (at < lineEnd) masked += text.slice(at, lineEnd);
  return masked.trim().slice(0, 300);
}

/** Drops hits that lie on the same text as an earlier one; secretlint's, being more specific, come first. */
function withoutOverlaps(hits: readonly Hit[]): Hit[] {
  const kept: Hit[] = [];
  for (const hit of hits) {
    if (!kept.some((other) => hit.start < other.end && other.start < hit.end)) kept.push(hit);
  }
  return kept.toSorted((a, b) => a.start - b.start);
}

/** Makes a function that finds secrets in one file and returns findings with masked evidence. */
export function createSecretFinder(): (file: TextFile) => Promise<Finding[]> {
  return async (file) => {
    const own = [...SECRET_PATTERNS, ...(isEnvFile(file.path) ? [ENV_LINE] : [])].flatMap(
      (pattern) => hitsOfPattern(pattern, file.text),
    );
    const hits = withoutOverlaps([...(await hitsOfSecretlint(file)), ...own]);
    if (hits.length === 0) return [];
    const lineOf = lineFinder(file.text);
    return hits.map((hit) => ({
      rule: hit.rule,
      // Tests hold made-up keys; a guess from a name alone weighs less there.
      severity: hit.rule === 'secret.assigned_literal' && isTest(file.path) ? 'low' : hit.severity,
      message: hit.message,
      location: { path: file.path, line: lineOf(hit.start) },
      evidence: evidenceOf(file.text, hit, hits),
      fix: FIX,
      tool: 'secret_scan',
    }));
  };
}
