import { relatedStems } from './related-words.ts';
import { stemsOf } from './words.ts';

/** A tool that may serve a task. */
export interface ToolSuggestion {
  tool: string;
  /** Comparable within one answer only. */
  score: number;
  /** Words of the task that led to it, strongest first. */
  because: string[];
}

/** What is known of a tool for ranking it. */
export interface RankableTool {
  name: string;
  title: string;
  description: string;
  group: string;
  keywords?: readonly string[];
  /** Names and descriptions of its arguments. */
  argumentsText?: string;
}

/** How calls of a tool ended in a workspace. */
export interface ToolRecordOfCalls {
  calls: number;
  successes: number;
}

export interface RankOptions {
  limit: number;
  /** Names to choose from; all without it. */
  only?: ReadonlySet<string>;
  history?: ReadonlyMap<string, ToolRecordOfCalls>;
}

export interface ToolRanking {
  /** Best first; equal scores by name. Tools with nothing in common with the task are left out. */
  rank(task: string, options: RankOptions): ToolSuggestion[];
}

/** How often a field's words count beside those of the description. */
const FIELD_WEIGHTS = { name: 3, title: 2, keywords: 3, description: 1, group: 1, arguments: 0.4 };
const RELATED_WEIGHT = 0.55;
/** BM25: how fast repetition stops to count, and how much long texts are held back. */
const K1 = 1.2;
const B = 0.6;
/** Calls that an even record stands for, so that few calls decide nothing. */
const PRIOR_CALLS = 10;
/** From a tool that always failed to one that never did. */
const HISTORY_SPAN = 0.3;
const TASK_CHARS_MAX = 4000;

interface Posting {
  index: number;
  weight: number;
}

/** Builds the index over a set of tools once; ranking looks only at tools that share a word with the task. */
export function createToolRanking(tools: readonly RankableTool[]): ToolRanking {
  const postings = new Map<string, Posting[]>();
  const lengths = tools.map((tool, index) => addTool(postings, tool, index));
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, lengths.length);

  function wordScores(word: string, boost: number, scores: Map<number, Map<string, number>>): void {
    const list = postings.get(word);
    if (list === undefined) return;
    const rarity = Math.log(1 + (tools.length - list.length + 0.5) / (list.length + 0.5));
    for (const { index, weight } of list) {
      const held = 1 - B + (B * (lengths[index] ?? mean)) / mean;
      const score = (boost * rarity * weight * (K1 + 1)) / (weight + K1 * held);
      const words = scores.get(index) ?? new Map<string, number>();
      words.set(word, (words.get(word) ?? 0) + score);
      scores.set(index, words);
    }
  }

  return {
    rank(task, { limit, only, history }) {
      const scores = new Map<number, Map<string, number>>();
      for (const [word, boost] of queryOf(task)) wordScores(word, boost, scores);
      const found: ToolSuggestion[] = [];
      for (const [index, words] of scores) {
        const name = tools[index]?.name ?? '';
        if (only !== undefined && !only.has(name)) continue;
        const sum = [...words.values()].reduce((total, score) => total + score, 0);
        found.push({
          tool: name,
          score: sum * trust(history?.get(name)),
          because: [...words]
            .toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
            .slice(0, 4)
            .map(([word]) => word),
        });
      }
      return found
        .toSorted((a, b) => b.score - a.score || (a.tool < b.tool ? -1 : 1))
        .slice(0, limit);
    },
  };
}

/** Returns the weighted length of the tool's text. */
function addTool(postings: Map<string, Posting[]>, tool: RankableTool, index: number): number {
  const weights = new Map<string, number>();
  const add = (text: string, weight: number) => {
    for (const word of stemsOf(text)) weights.set(word, (weights.get(word) ?? 0) + weight);
  };
  add(tool.name, FIELD_WEIGHTS.name);
  add(tool.title, FIELD_WEIGHTS.title);
  add((tool.keywords ?? []).join(' '), FIELD_WEIGHTS.keywords);
  add(tool.description, FIELD_WEIGHTS.description);
  add(tool.group, FIELD_WEIGHTS.group);
  add(tool.argumentsText ?? '', FIELD_WEIGHTS.arguments);
  let length = 0;
  for (const [word, weight] of weights) {
    length += weight;
    const list = postings.get(word) ?? [];
    list.push({ index, weight });
    postings.set(word, list);
  }
  return length;
}

/** Words of the task, and with less weight what is meant by other words for the same. */
function queryOf(task: string): Map<string, number> {
  const words = new Map<string, number>();
  const own = stemsOf(task.slice(0, TASK_CHARS_MAX));
  for (const word of own) words.set(word, 1);
  for (const word of own) {
    for (const related of relatedStems(word))
      if (!words.has(related)) words.set(related, RELATED_WEIGHT);
  }
  return words;
}

/** 1 for a tool without a record; more for one that works here, less for one that fails here. */
function trust(record: ToolRecordOfCalls | undefined): number {
  if (record === undefined || record.calls === 0) return 1;
  const rate = (record.successes + PRIOR_CALLS / 2) / (record.calls + PRIOR_CALLS);
  return 1 + HISTORY_SPAN * (rate - 0.5);
}
