import { once } from 'node:events';
import { connect as connectTcp, isIP } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import type { UsedCredential } from '../use-credentials.ts';
import { failed, passed, textOf } from './outcome.ts';
import type { Access, Outcome } from './outcome.ts';

const LINE_BYTES_MAX = 64 * 1024;

/** Logs in over TLS, says NOOP and leaves; no secret is sent before the server proved who it is. */
export async function testSmtp(
  access: Access,
  { fields, secrets }: UsedCredential,
): Promise<Outcome> {
  const host = textOf(fields, 'host');
  const port = Number(fields['port']);
  const address = await access.resolve(host, port);
  const tls: ConnectionOptions = {
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(access.certificates === undefined ? {} : { ca: [...access.certificates] }),
  };
  const startsPlain = fields['tls'] === 'starttls';
  let socket: Socket = startsPlain
    ? connectTcp({ host: address, port })
    : connectTls({ ...tls, host: address, port });
  const cut = () => socket.destroy(new Error('the test was ended'));
  access.signal.addEventListener('abort', cut, { once: true });
  try {
    let session = createSession(socket);
    await once(socket, startsPlain ? 'connect' : 'secureConnect', { signal: access.signal });
    if ((await session.read()).code !== 220) return failed('refused', 'The server wants no mail.');
    if (startsPlain) {
      await session.say('EHLO automatos');
      if ((await session.say('STARTTLS')).code !== 220)
        return failed('no_starttls', 'The server offers no STARTTLS; the password was not sent.');
      session.end();
      socket = connectTls({ ...tls, socket });
      await once(socket, 'secureConnect', { signal: access.signal });
      session = createSession(socket);
    }
    return await logIn(session, textOf(fields, 'username'), textOf(secrets, 'password'));
  } finally {
    access.signal.removeEventListener('abort', cut);
    socket.destroy();
  }
}

type Session = ReturnType<typeof createSession>;

async function logIn(session: Session, user: string, password: string): Promise<Outcome> {
  const hello = await session.say('EHLO automatos');
  const ways = /^AUTH[ =](.*)$/im.exec(hello.text)?.[1]?.toUpperCase().split(/\s+/) ?? [];
  const encode = (text: string) => Buffer.from(text).toString('base64');
  let answer;
  if (ways.includes('PLAIN'))
    answer = await session.say(`AUTH PLAIN ${encode(`\0${user}\0${password}`)}`);
  else if (ways.includes('LOGIN')) {
    await session.say('AUTH LOGIN');
    await session.say(encode(user));
    answer = await session.say(encode(password));
  } else return failed('no_login', 'The server offers neither AUTH PLAIN nor AUTH LOGIN.');
  if (answer.code === 235) {
    const alive = await session.say('NOOP');
    await session.say('QUIT');
    if (alive.code === 250) return passed('The mail server accepts the login.');
    return failed('refused', `The server took the login and then said ${alive.code}.`);
  }
  if (answer.code >= 400 && answer.code < 500)
    return failed('later', `The server asks to come again later (${answer.code}).`);
  return failed('login_refused', `The mail server refused the login (${answer.code}).`);
}

interface SmtpAnswer {
  code: number;
  /** Its lines without codes. */
  text: string;
}

function createSession(socket: Socket) {
  let buffer = '';
  const onData = (chunk: Buffer) => void (buffer += chunk.toString('latin1'));
  socket.on('data', onData);
  const ended = new Promise<never>((_, reject) => {
    socket.once('error', reject);
    socket.once('close', () => reject(new Error('the server closed the connection')));
  });
  ended.catch(() => undefined); // whoever waits hears of it

  function take(): SmtpAnswer | null {
    const end = /^(\d{3})(?: .*)?\r?\n/m.exec(buffer);
    if (end === null) {
      if (buffer.length > LINE_BYTES_MAX) throw new Error('the answer has no end');
      return null;
    }
    const whole = buffer.slice(0, end.index + end[0].length);
    buffer = buffer.slice(whole.length);
    return { code: Number(end[1]), text: whole.replaceAll(/^\d{3}[ -]?/gm, '') };
  }

  async function read(): Promise<SmtpAnswer> {
    for (;;) {
      const answer = take();
      if (answer !== null) return answer;
      await Promise.race([once(socket, 'data'), ended]);
    }
  }

  return {
    read,
    say(line: string): Promise<SmtpAnswer> {
      socket.write(`${line}\r\n`);
      return read();
    },
    /** What came in clear before TLS counts no more. */
    end() {
      socket.off('data', onData);
      buffer = '';
    },
  };
}
