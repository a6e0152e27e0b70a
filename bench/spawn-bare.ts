import { spawn } from 'node:child_process';

/**
 * `spawn('node', [file])` and nothing else: the same Node as the workers', the same small environment, its output read
 * to the end. It is what a task costs at the least, when each has a fresh process.
 *
 * @returns when it had ended, in milliseconds since 1970
 */
export async function spawnBare(file: string): Promise<number> {
  const child = spawn(process.execPath, [file], {
    env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.resume();
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code !== 0 || output !== '4\n') throw new Error(`the bare child ended with ${code} and ${output}`);
  return Date.now();
}
