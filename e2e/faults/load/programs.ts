/** Kinds of code that the load sends. */
export const kinds = ['quick', 'slow', 'long', 'failing', 'suicidal', 'large', 'poison'] as const;
export type Kind = (typeof kinds)[number];

export interface Expectation {
  status: 'completed' | 'failed';
  reason: string;
  /** What its stdout has, in bytes; null where that says nothing. */
  stdoutBytes: number | null;
}

const largeOutputBytes = 200_000;

/** Of a hundred tasks; what is missing to a hundred is quick. */
export type Shares = Record<Exclude<Kind, 'quick'>, number>;

/** Some outlast a lease, so that it has to be renewed. */
export const shares: Shares = {
  failing: 10,
  suicidal: 5,
  poison: 1,
  large: 2,
  slow: 15,
  long: 3,
};

/** How a task of this kind must end. Poison is the checker's own matter: it ends by how often its worker was killed. */
export function expectationOf(kind: Exclude<Kind, 'poison'>): Expectation {
  switch (kind) {
    case 'quick':
    case 'slow':
    case 'long':
      return { status: 'completed', reason: 'ok', stdoutBytes: null };
    case 'large':
      return { status: 'completed', reason: 'ok', stdoutBytes: largeOutputBytes };
    case 'failing':
      return { status: 'failed', reason: 'uncaught_error', stdoutBytes: null };
    case 'suicidal':
      return { status: 'failed', reason: 'signal', stdoutBytes: null };
  }
}

/** What a program prints first: whose it is, and which attempt it believes to be. */
export function firstLine(key: string, attempt: number): string {
  return `${key} ${attempt}`;
}

/** The code of one task. It notes in the ledger that it runs, that it still does, and that it has come to its end. */
export function programOf(kind: Kind, key: string, lastsMs: number, ledgerFile: string): string {
  const file = JSON.stringify(ledgerFile);
  return `import { appendFileSync } from 'node:fs';
const id = crypto.randomUUID();
const attempt = process.env.RUNFLEET_ATTEMPT;
const note = (what) => appendFileSync(${file}, \`${key} \${attempt} \${id} \${what} \${Date.now()}\\n\`);
note('start');
console.log('${key} ' + attempt);
${bodyOf(kind, lastsMs)}`;
}

function bodyOf(kind: Kind, lastsMs: number): string {
  switch (kind) {
    case 'quick':
      return `note('end');`;
    case 'failing':
      return `note('end');\nthrow new RangeError('as it was told');`;
    case 'suicidal':
      return `note('end');\nprocess.kill(process.pid, 'SIGKILL');`;
    case 'large':
      return `process.stdout.write('x'.repeat(${largeOutputBytes}));\nnote('end');`;
    case 'slow':
    case 'long':
    case 'poison':
      return `const until = performance.now() + ${Math.round(lastsMs)};
while (performance.now() < until) {
  await new Promise((resolve) => setTimeout(resolve, 200));
  note('alive');
}
note('end');`;
  }
}
