'use client';

import { Field } from '../../../components/ui/field.tsx';
import { Select } from '../../../components/ui/input.tsx';
import { NumberField } from '../../../components/ui/number-field.tsx';
import { ModelRefFields } from '../../providers/model-ref-fields.tsx';
import { ChainEditor } from '../../providers/routing/chain-editor.tsx';
import type { AgentDraft } from './agent-draft.ts';
import type { StepProps } from './step-props.ts';

const FALLBACKS_MAX = 10;
const MICROS = 1_000_000;

/** With which model it thinks, and what ends a turn. */
export function ModelStep({ draft, change, problems }: StepProps) {
  const { model, limits } = draft;
  const setModel = (changes: Partial<AgentDraft['model']>) =>
    change({ model: { ...model, ...changes } });
  const setLimits = (changes: Partial<AgentDraft['limits']>) =>
    change({ limits: { ...limits, ...changes } });
  const limit = (
    name: keyof AgentDraft['limits'],
    label: string,
    { unit, scale }: { unit?: string; scale?: number } = {},
  ) => (
    <NumberField
      label={label}
      unit={unit}
      scale={scale}
      value={limits[name]}
      error={problems[`/limits/${name}`]}
      onChange={(value) => setLimits({ [name]: value ?? Number.NaN })}
    />
  );
  return (
    <div className="grid gap-7">
      <ModelRefFields
        anyModel
        noProvider="The platform's default"
        noModel="the provider's default"
        value={{ provider: model.provider ?? '', model: model.model ?? '' }}
        onChange={({ provider, model: name }) =>
          setModel({
            provider: provider === '' ? null : provider,
            model: name.trim() === '' ? null : name.trim(),
          })
        }
        errors={{ provider: problems['/model/provider'], model: problems['/model/model'] }}
      />
      <fieldset className="min-w-0">
        <legend className="mb-1.5 text-sm font-medium">Fallbacks</legend>
        <ChainEditor
          label="Fallbacks of the agent"
          rows={model.fallbacks ?? []}
          onChange={(rows) =>
            setModel({
              fallbacks: rows.map(({ provider, model: name }) => ({ provider, model: name })),
            })
          }
          problems={problems}
          pointer="/model/fallbacks"
          max={FALLBACKS_MAX}
          empty="None: the workspace's chain comes right after the agent's own model."
        />
      </fieldset>
      <div className="grid gap-5 sm:grid-cols-3">
        <NumberField
          label="Temperature"
          help="0 repeats itself, 2 wanders."
          value={model.temperature}
          error={problems['/model/temperature']}
          onChange={(value) => setModel({ temperature: value ?? Number.NaN })}
        />
        <NumberField
          label="Top p"
          help="Share of likely words it chooses from."
          value={model.top_p}
          error={problems['/model/top_p']}
          onChange={(value) => setModel({ top_p: value ?? Number.NaN })}
        />
        <NumberField
          label="Tokens per answer"
          value={model.max_tokens}
          error={problems['/model/max_tokens']}
          onChange={(value) => setModel({ max_tokens: value ?? Number.NaN })}
        />
      </div>
      <fieldset>
        <legend className="mb-3 text-sm font-medium">
          Limits of one turn{' '}
          <span className="font-normal text-ink-soft">
            – each of them ends it as “limit reached”, never as a success
          </span>
        </legend>
        <div className="grid gap-5 sm:grid-cols-3">
          {limit('max_iterations', 'Iterations')}
          {limit('max_tool_calls', 'Tool calls')}
          {limit('max_total_tokens', 'Tokens')}
          {limit('max_duration_ms', 'Time', { unit: 'seconds', scale: 1000 })}
          <NumberField
            label="Cost"
            optional
            unit="dollars"
            scale={MICROS}
            placeholder="no limit"
            value={limits.max_cost_micros}
            error={problems['/limits/max_cost_micros']}
            onChange={(value) => setLimits({ max_cost_micros: value })}
          />
        </div>
      </fieldset>
      <div className="grid gap-5 sm:grid-cols-3">
        <NumberField
          label="Turns at once"
          help="Further ones wait for a place."
          value={draft.concurrency_limit}
          error={problems['/concurrency_limit']}
          onChange={(value) => change({ concurrency_limit: value ?? Number.NaN })}
        />
        <Field label="Priority" help="Among runs that wait." error={problems['/priority']}>
          {(control) => (
            <Select
              control={control}
              value={draft.priority}
              onChange={({ target }) =>
                change({ priority: target.value as AgentDraft['priority'] })
              }
            >
              <option value="high">High</option>
              <option value="normal">Normal</option>
              <option value="low">Low</option>
            </Select>
          )}
        </Field>
      </div>
    </div>
  );
}
