import type { ChosenIsolation } from './parts/choose-isolation.ts';
import type { StackPorts } from './ports.ts';
import type { Stack } from './stack.ts';

/** What runs where, and what to try. */
export function screen(stack: Stack, ports: StackPorts): string {
  const count = (kind: string) => stack.parts().filter((part) => part.name.startsWith(kind)).length;
  const services =
    ports.edge === 3000 ? '' : `DATABASE_URL=${stack.databaseUrl} REDIS_URL=${stack.redisUrl} `;
  const isolation = stack.isolation.level === 'sandbox' ? '' : ` --isolation ${stack.isolation.level}`;
  const example = `{"code":"console.log(2+2)","prompt":"math test"}`;
  return `
  Runfleet is up.

    edge       ${stack.edgeUrl}   the API, in workerd; no key is needed on loopback
    gateway    ${stack.gatewayUrl}   Upstash's REST and Neon's SQL over HTTP
    postgres   ${stack.databaseUrl}
    redis      ${stack.redisUrl}
    workers    ${count('worker')}, and ${count('recorder')} recorder; the cron fires every 5 s
    isolation  ${isolationLine(stack.isolation)}
    logs       .runfleet/logs/

  Try:

    curl -X POST ${stack.edgeUrl}/tasks -H "Content-Type: application/json" -d '${example}'
    curl ${stack.edgeUrl}/tasks/{task-id}
    curl ${stack.edgeUrl}/workers

  One more worker: ${services}npx runfleet worker --id worker-${count('worker') + 1}${isolation}
  Ctrl-C stops everything.
`;
}

function isolationLine({ level, shortfall }: ChosenIsolation): string {
  if (level === 'sandbox')
    return 'sandbox: namespaces, a root and a system-call filter of its own for each task';
  const risk = 'process: each task runs as your user, on your network, behind the permission model of Node';
  if (shortfall === null) return risk;
  const remedy = shortfall.remedy === null ? '' : `; for the sandbox: ${shortfall.remedy}`;
  return `${risk}, since ${shortfall.why}${remedy}`;
}
