import { bindRoutes, openAiRoutes } from '@automatos/contracts';
import type { BoundRoute, Call, ChatRequest, ResponseSink } from '@automatos/contracts';
import { findProvider, speaksChatWire } from '@automatos/providers';
import type { ModelRef } from '@automatos/providers';
import { codecChat } from './chat-codec.ts';
import { passedChat } from './chat-passed.ts';
import { runChat } from './chat-run.ts';
import type { Asker, V1Deps } from './deps.ts';
import { embed } from './embeddings.ts';
import { getModel, listModels } from './list-models.ts';
import { assertMayRun, chatTarget } from './model-target.ts';
import { assertOneAnswer, uncarried } from './to-model-call.ts';

/** The OpenAI-compatible endpoint: models through the router, agents and recipes as models. */
export function createOpenAiRoutes(deps: V1Deps): BoundRoute[] {
  return bindRoutes(openAiRoutes, {
    async chat(call) {
      const request = call.body;
      assertOneAnswer(request);
      const asker = askerOf(call);
      const target = await chatTarget(deps, call.workspaceId, request.model);
      if (target.kind !== 'model') {
        assertMayRun(call.principal);
        return { respond: (sink: ResponseSink) => runChat(deps, { asker, request, target }, sink) };
      }
      const chat = { asker, request, ref: target.ref };
      const passes = await mayPass(deps, chat);
      return {
        respond: (sink: ResponseSink) =>
          passes ? passedChat(deps, chat, sink) : codecChat(deps, chat, sink),
      };
    },
    async listModels(call) {
      return { body: { object: 'list' as const, data: await listModels(deps, call) } };
    },
    async getModel(call) {
      return { body: await getModel(deps, call, call.params.model) };
    },
    embeddings: (call) => embed(deps, askerOf(call), call.body),
  });
}

function askerOf(
  call: Pick<Call, 'workspaceId' | 'principal' | 'requestId' | 'signal' | 'headers'>,
): Asker {
  const { workspaceId, principal, requestId, signal, headers } = call;
  const by =
    principal === null
      ? { kind: 'system' as const, id: 'system', name: 'system' }
      : { kind: principal.kind, id: principal.id, name: principal.name };
  return { workspaceId, by, requestId, signal, headers };
}

/** Bytes are passed through where nothing has to look into the answer: no schema to hold it to, no kept answer to take. */
async function mayPass(
  deps: Pick<V1Deps, 'router'>,
  { asker, request, ref }: { asker: Asker; request: ChatRequest; ref: ModelRef },
): Promise<boolean> {
  if (request.response_format?.type === 'json_schema') return false;
  const known = deps.router.settingsOf(asker.workspaceId);
  const { settings } = known instanceof Promise ? await known : known;
  const wanted = asker.headers['x-automatos-cache'];
  const { mode, semantic } = settings.cache;
  const keeps =
    mode === 'always' ||
    semantic !== null ||
    (mode === 'deterministic' && request.temperature === 0);
  const provider = findProvider(ref.provider);
  if (provider === undefined || !speaksChatWire(provider)) return false;
  // A field that only the vendor knows matters more than a kept answer.
  return !keeps || wanted === 'off' || uncarried(request, provider.wire) !== null;
}
