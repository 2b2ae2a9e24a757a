-- What kind of call a usage row stands for, who asked, and whether the answer was kept from an earlier one.

ALTER TABLE llm_usage ADD COLUMN kind text NOT NULL DEFAULT 'chat' CHECK (kind IN ('chat','embedding','rerank'));
ALTER TABLE llm_usage ADD COLUMN source text NOT NULL DEFAULT 'run'
  CHECK (source IN ('run','api','judge','trial','platform'));
ALTER TABLE llm_usage ADD COLUMN cache text NOT NULL DEFAULT 'off'
  CHECK (cache IN ('off','miss','hit','semantic','shared'));
