import type { IsolationLevel } from '@runfleet/shared/model/outcome.ts';
import { detectProcess, detectSandbox, tryCanaries } from '../../executor/isolation/detect.ts';
import type { Isolation } from '../../executor/isolation/isolation.ts';
import { failed, ok, warning, type Finding } from '../finding.ts';

/**
 * Which levels can be had here, as programs found that tried to get out, and by what each is done. Takes about a second.
 *
 * @param required the level that the worker must have
 */
export async function checkIsolation(required: IsolationLevel): Promise<Finding[]> {
  return [await checkSandbox(required), await checkProcess(required)];
}

async function checkSandbox(required: IsolationLevel): Promise<Finding> {
  const item = 'isolation.sandbox';
  const detected = await detectSandbox();
  if (detected.isolation !== null) {
    return ok(
      item,
      `every wall held; ${partsOf(detected.isolation)}`,
      'code that nobody has reviewed may run here',
    );
  }
  const { missing, remedy } = detected;
  return required === 'sandbox'
    ? failed(item, missing, 'workers do not start here, but for --isolation process', remedy)
    : warning(item, missing, 'code that nobody has reviewed must not run here', remedy);
}

async function checkProcess(required: IsolationLevel): Promise<Finding> {
  const item = 'isolation.process';
  const isolation = detectProcess();
  const results = await tryCanaries(isolation);
  const held = results.filter(({ escape }) => escape === null).map(({ wall }) => wall);
  const open = results.filter(({ escape }) => escape !== null).map(({ wall }) => wall);
  const found = `held: ${listOf(held)}; open: ${listOf(open)}; ${partsOf(isolation)}`;
  if (required === 'process') {
    const means =
      'a task reaches what is open with the rights of the worker, so only trusted code should run here';
    return warning(item, found, means, 'runfleet worker --isolation sandbox, on Linux');
  }
  return ok(item, found, 'not in use: the worker asks for the sandbox');
}

function partsOf({ parts }: Isolation): string {
  return Object.entries(parts)
    .map(([part, how]) => `${part}: ${how}`)
    .join('; ');
}

function listOf(words: string[]): string {
  return words.length === 0 ? 'nothing' : words.join(', ');
}
