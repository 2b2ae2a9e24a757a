/** How far a vendor was proven, in words that claim no more than was done. */
export interface Evidence {
  label: string;
  text: string;
  tried: boolean;
}

const EVIDENCE: Record<string, Evidence> = {
  live: { label: 'Proven', text: 'Tested as it runs here.', tried: true },
  'contract-fake': {
    label: 'Tried over the wire against a local server',
    text: "A local server that speaks this vendor's documented format was called over HTTP; the vendor itself was not.",
    tried: true,
  },
  documented: {
    label: 'Documented, not tried',
    text: "Built by the vendor's documentation; nothing was called.",
    tried: false,
  },
};

export function evidenceOf(evidence: string): Evidence {
  return EVIDENCE[evidence] ?? { label: evidence, text: '', tried: false };
}
