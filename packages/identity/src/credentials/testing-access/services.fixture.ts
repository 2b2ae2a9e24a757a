import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttp } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { createServer as createTcp } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket, createServer as createTls } from 'node:tls';

/** A key and a certificate for `localhost` that nobody vouches for. */
export function selfSigned(): { key: string; cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'automatos-cert-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  try {
    execFileSync(
      'openssl',
      `req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost -keyout ${key} -out ${cert}`.split(
        ' ',
      ),
      { stdio: 'ignore' },
    );
    return { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export interface Asked {
  method: string;
  path: string;
  headers: IncomingHttpHeaders;
  body: string;
}
export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** An HTTP service that answers as it is told and remembers what it was asked. */
export async function startService(answer: (asked: Asked) => Answer) {
  const asked: Asked[] = [];
  const server = createHttp((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      const one = {
        method: request.method ?? '',
        path: request.url ?? '',
        headers: request.headers,
        body,
      };
      asked.push(one);
      const said = answer(one);
      response.writeHead(said.status, { 'content-type': 'application/json', ...said.headers });
      response.end(said.body === undefined ? undefined : JSON.stringify(said.body));
    });
  });
  const port = await listen(server);
  return { url: `http://127.0.0.1:${port}`, asked, close: () => close(server) };
}

export interface SmtpOptions {
  key: string;
  cert: string;
  tls: 'implicit' | 'starttls' | 'none';
  ways: string;
  user: string;
  password: string;
}

/** A mail server up to the login; repeats in its refusals what it was given, as a careless one might. */
export async function startSmtp(options: SmtpOptions) {
  const heard: string[] = [];
  const talk = (socket: Socket, secure: boolean) => {
    let step: 'command' | 'user' | 'password' = 'command';
    let user = '';
    const say = (line: string) => socket.write(`${line}\r\n`);
    const judge = (name: string, password: string) => {
      const isRight = name === options.user && password === options.password;
      say(isRight ? '235 2.7.0 welcome' : `535 5.7.8 wrong: ${name} ${password}`);
    };
    socket.on('error', () => undefined); // clients that distrust us go away
    socket.on('data', (chunk) => {
      for (const line of String(chunk)
        .split('\r\n')
        .filter((one) => one !== '')) {
        heard.push(`${secure ? 'tls' : 'clear'} ${line}`);
        const decoded = Buffer.from(line.split(' ').at(-1) ?? '', 'base64').toString();
        if (step === 'user') [user, step] = [decoded, 'password'];
        if (line.startsWith('EHLO'))
          say(
            `250-localhost\r\n250-${secure ? `AUTH ${options.ways}` : options.tls === 'starttls' ? 'STARTTLS' : 'SIZE 1'}\r\n250 HELP`,
          );
        else if (line === 'STARTTLS' && options.tls === 'starttls') {
          say('220 go');
          socket.removeAllListeners('data');
          const upgraded = new TLSSocket(socket, {
            isServer: true,
            key: options.key,
            cert: options.cert,
          });
          talk(upgraded, true);
          return;
        } else if (line.startsWith('AUTH PLAIN')) {
          const [, name = '', password = ''] = decoded.split('\0');
          judge(name, password);
        } else if (line === 'AUTH LOGIN') {
          step = 'user';
          say('334 VXNlcm5hbWU6');
        } else if (step === 'password' && user !== decoded) {
          step = 'command';
          judge(user, decoded);
        } else if (step === 'password') say('334 UGFzc3dvcmQ6');
        else if (line === 'NOOP') say('250 still here');
        else if (line === 'QUIT') say('221 bye');
        else say('502 unknown');
      }
    });
  };
  const greet = (socket: Socket, secure: boolean) => {
    socket.write('220 localhost ESMTP\r\n');
    talk(socket, secure);
  };
  const server =
    options.tls === 'implicit'
      ? createTls({ key: options.key, cert: options.cert }, (socket) => greet(socket, true))
      : createTcp((socket) => greet(socket, false));
  server.on('tlsClientError', () => undefined); // a client that distrusts our certificate
  return { port: await listen(server), heard, close: () => close(server) };
}

/** The PostgreSQL protocol up to the first answer, with a password in clear. */
export async function startPostgres(password: string) {
  const message = (type: string, body: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeInt32BE(body.length + 4);
    return Buffer.concat([Buffer.from(type), length, body]);
  };
  const failure = (code: string, text: string) =>
    message('E', Buffer.from(`SFATAL\0VFATAL\0C${code}\0M${text}\0\0`));
  const ready = message('Z', Buffer.from('I'));
  const server = createTcp((socket) => {
    let started = false;
    socket.on('error', () => undefined); // clients leave without a word
    socket.on('data', (chunk) => {
      if (!started) {
        started = true;
        socket.write(message('R', Buffer.from([0, 0, 0, 3])));
        return;
      }
      const type = String.fromCharCode(chunk[0] ?? 0);
      const text = chunk.subarray(5, -1).toString();
      if (type === 'p' && text === password)
        socket.write(Buffer.concat([message('R', Buffer.alloc(4)), ready]));
      else if (type === 'p') socket.end(failure('28P01', `wrong password ${text}`));
      else if (type === 'Q')
        socket.write(Buffer.concat([message('C', Buffer.from('SELECT 1\0')), ready]));
    });
  });
  return { port: await listen(server), close: () => close(server) };
}

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

const close = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    (server as unknown as { closeAllConnections?: () => void }).closeAllConnections?.();
  });
