// A whole deployment on this machine: one `local` per file of stories, in memory, on a port of its own.
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const repository = fileURLToPath(new URL('../../../', import.meta.url));

/** The tenant that `local` gives its operator. */
const OPERATOR = '00000000-0000-4000-8000-000000000001';

/**
 * An answer of the API or of one of the routes that only `local` has.
 * @typedef {{ status: number, body: any }} Answer
 */

export class Deployment {
  /** @type {import('node:child_process').ChildProcess | null} */
  #process;

  /** @param {string} base @param {import('node:child_process').ChildProcess | null} running */
  constructor(base, running) {
    /** The origin, without a slash. */
    this.base = base;
    this.#process = running;
  }

  /** Starts `local`, or uses the one that `LOCAL` names. */
  static async start() {
    const already = process.env.LOCAL;
    if (already) return new Deployment(already.replace(/\/$/, ''), null);
    // By cargo, which builds it where that is due and then becomes it; started by itself, it would not know the toolchain.
    const running = spawn('cargo', ['run', '--locked', '--package', 'local', '--', '--port', '0', '--no-schedule', '--log', 'warn'], {
      cwd: repository,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    // Kept, and shown only where it does not start: every invocation writes a line.
    let words = '';
    running.stderr.setEncoding('utf8').on('data', (text) => { words = (words + text).slice(-20_000); });
    const base = await new Promise((resolve, reject) => {
      createInterface({ input: running.stdout }).on('line', (line) => {
        const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
        if (found) resolve(found[0]);
      });
      running.once('error', reject);
      running.once('exit', (code) => reject(new Error(`local ended with ${code} before it listened:\n${words}`)));
    });
    return new Deployment(base, running);
  }

  async stop() {
    const running = this.#process;
    if (!running || running.exitCode !== null) return;
    const ended = new Promise((resolve) => running.once('exit', resolve));
    running.kill('SIGTERM');
    await ended;
  }

  /**
   * Asks, and answers whatever comes.
   * @param {string} method @param {string} path @param {unknown} [body] @param {string} [token]
   * @returns {Promise<Answer>}
   */
  async ask(method, path, body, token) {
    /** @type {Record<string, string>} */
    const headers = { 'content-type': 'application/json' };
    if (token) headers.authorization = `Bearer ${token}`;
    const answer = await fetch(this.base + path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text ? JSON.parse(text) : null };
  }

  /**
   * Asks, and fails unless it was done.
   * @param {string} method @param {string} path @param {unknown} [body] @param {string} [token]
   */
  async done(method, path, body, token) {
    const answer = await this.ask(method, path, body, token);
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** @param {object} claims @returns {Promise<string>} an access token */
  async token(claims) {
    return (await this.done('POST', '/_local/token', claims)).access_token;
  }

  /** Registers a partner, or changes it. @param {string} tenant @param {object} profile */
  async register(tenant, profile) {
    const operator = await this.token({ tenantId: OPERATOR, roles: ['Operator'] });
    return this.done('PUT', `/v1/partners/${tenant}`, profile, operator);
  }

  /** Every mail to that address, newest first. @param {string} address @returns {Promise<any[]>} */
  async mailTo(address) {
    const { items } = await this.done('GET', '/_local/mail');
    return items.filter((/** @type {{to: string | string[]}} */ mail) => [mail.to].flat().includes(address));
  }

  /** What the mail service does next, once. @param {'reject' | 'timeout' | null} next */
  async mailFails(next) {
    await this.done('POST', '/_local/mail/failure', { next });
  }

  /** Plays what SES reports of a mail. @param {object} event */
  async mailEvent(event) {
    await this.done('POST', '/_local/mail/event', event);
  }

  /** What goes wrong between functions and table. @param {'throttle' | 'error' | 'lost' | null} kind @param {object} [more] */
  async storeFails(kind, more) {
    await this.done('POST', '/_local/store/fault', kind ? { kind, rate: 1, ...more } : { kind });
  }

  /** Moves the clock of the whole deployment on. @param {number} days */
  async pass(days) {
    const { now } = await this.done('GET', '/_local/clock');
    const later = new Date(Date.parse(now) + days * 24 * 60 * 60 * 1000);
    await this.done('PUT', '/_local/clock', { now: later.toISOString() });
  }

  /** What a story changed for everybody is as it was. */
  async calm() {
    await this.done('DELETE', '/_local/clock');
    await this.storeFails(null);
    await this.mailFails(null);
  }
}
