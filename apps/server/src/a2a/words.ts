/** `security_scan` as people write it: “Security scan”. */
export function sentence(name: string): string {
  const text = name.replaceAll(/[_-]+/g, ' ');
  return text.charAt(0).toUpperCase() + text.slice(1);
}
