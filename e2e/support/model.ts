import { createLlmWireServer } from '@automatos/testing/llm-wire';
import type { LlmWireServer, Reply, WireRecord, WireRequest } from '@automatos/testing/llm-wire';

/** Agent steps of the health review; each asks the model under its own name here. */
export type AgentStep = 'security' | 'code' | 'documentation';

/** Words of its prompt that only this step has. */
const PROMPTS: Record<AgentStep, RegExp> = {
  security: /Examine the security/,
  code: /how hard the code/,
  documentation: /how well it is documented/,
};

/** A model behind a real HTTP server: it asks for every tool that the prompt names, then writes a text piece by piece. */
export interface HeldModel {
  wire: LlmWireServer;
  /** What the model writes for a step when nothing stops it. */
  textOf(step: AgentStep): string;
  /** From now on the text of this step stops before piece `piece`, until {@link release}. */
  hold(step: AgentStep, piece: number): void;
  release(step: AgentStep): void;
  /** Releases everything that is held and forgets the requests so far. */
  reset(): void;
  /** Requests in which the model was to write the text of a step, oldest first. */
  texts(step: AgentStep): WireRecord[];
}

const PIECES = 24;

export async function createHeldModel(folder: string): Promise<HeldModel> {
  const gates = new Map<AgentStep, { piece: number; opened: PromiseWithResolvers<void> }>();
  const wire = await createLlmWireServer({ script: (request) => answer(request) });

  function answer(request: WireRequest): Reply {
    const step = stepOf(request);
    if (request.toolResults === 0) {
      const named = request.tools.filter((tool) => request.userText.includes(tool.name));
      const toolCalls = named.map((tool) => ({ name: tool.name, input: { path: folder } }));
      return { kind: 'answer', toolCalls, usage: { input: 1200, output: 60 } };
    }
    return {
      kind: 'answer',
      text: piecesOf(step),
      usage: { input: 4000, output: 400 },
      beforePiece: async (index) => {
        const gate = gates.get(step);
        if (gate !== undefined && index >= gate.piece) await gate.opened.promise;
      },
    };
  }

  const release = (step: AgentStep) => {
    gates.get(step)?.opened.resolve();
    gates.delete(step);
  };
  return {
    wire,
    textOf: (step) => piecesOf(step).join('').trim(),
    hold: (step, piece) => {
      gates.set(step, { piece, opened: Promise.withResolvers<void>() });
    },
    release,
    reset() {
      for (const step of gates.keys()) release(step);
      wire.records.length = 0;
    },
    texts: (step) =>
      wire.records.filter(
        ({ request }) => request.toolResults > 0 && PROMPTS[step].test(request.userText),
      ),
  };
}

function stepOf({ userText }: WireRequest): AgentStep {
  const steps = Object.keys(PROMPTS) as AgentStep[];
  const step = steps.find((each) => PROMPTS[each].test(userText));
  if (step === undefined) throw new Error(`no step of the health review asks: ${userText}`);
  return step;
}

/** Every piece stands in the text once, so that a lost or a doubled one is seen. */
function piecesOf(step: AgentStep): string[] {
  return Array.from({ length: PIECES }, (_, index) => `${step} piece ${index + 1}; `);
}
