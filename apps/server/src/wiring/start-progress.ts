/** Tells a waiting person what the start is doing, and where to go at the end. */
export interface StartProgress {
  step(message: string): void;
  done(result: { pages: string | undefined; api: string | undefined; signInOff: boolean }): void;
}

const WARNING = [
  '',
  '  ! Sign-in is OFF (REQUIRE_AUTH=false): every person and every program on this machine is the operator.',
  '  ! Set REQUIRE_AUTH=true, or remove the setting, to close it.',
];

export function createStartProgress(options: { interactive: boolean }): StartProgress {
  const startedAt = performance.now();
  const write = (text: string) => process.stderr.write(text);
  const seconds = () => ((performance.now() - startedAt) / 1000).toFixed(1);
  return {
    step(message) {
      write(options.interactive ? `\r\u001b[2K· ${message} …` : `${message} …\n`);
    },
    done({ pages, api, signInOff }) {
      const lines = [
        `Automatos is ready (${seconds()} s)`,
        ...(pages === undefined ? [] : [`  Open     ${pages}`]),
        ...(api === undefined ? [] : [`  API      ${api}  (documentation: ${api}/docs)`]),
        '  Stop     Ctrl-C',
        ...(signInOff ? WARNING : []),
      ];
      write(`${options.interactive ? '\r\u001b[2K' : ''}${lines.join('\n')}\n`);
    },
  };
}
