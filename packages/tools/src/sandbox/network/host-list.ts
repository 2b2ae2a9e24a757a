const WEB_PORTS: readonly number[] = [80, 443];

/** True when the list names the host: itself, or by `*.` one below it; on ports 80 and 443 unless the entry names another. */
export function isListed(list: readonly string[], host: string, port: number): boolean {
  const wanted = host.toLowerCase().replace(/\.$/, '');
  return list.some((entry) => {
    const [name = '', ownPort] = entry.toLowerCase().split(':');
    const portFits = ownPort === undefined ? WEB_PORTS.includes(port) : Number(ownPort) === port;
    if (!portFits) return false;
    return name.startsWith('*.') ? wanted.endsWith(name.slice(1)) : wanted === name;
  });
}
