/** A share as people read it: `12.5 %`. */
export function percentOf(share: number): string {
  return `${Math.round(share * 1000) / 10} %`;
}
